//! Text of other people, at its worst.

use erc_client_core::{
    SafeText,
    protocol::validate::is_deceptive,
    view::{Delivery, Update},
};

use crate::stage::{GENERAL, Stage, message};

const HOSTILE: &str =
    "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}txt\u{2066}\u{200b}\u{feff}\0\u{8}\r\u{7f}z";

#[test]
fn nothing_of_a_message_a_name_or_a_reason_is_drawn_raw() {
    for (width, height) in [(60, 16), (100, 30)] {
        let mut stage = Stage::furnished(width, height);
        for room in &mut stage.rooms {
            room.name = SafeText::line(HOSTILE);
            room.topic = SafeText::line(HOSTILE);
        }
        let mut hostile = message(1, 3, HOSTILE, HOSTILE);
        hostile.time = HOSTILE.to_owned();
        hostile.delivery = Delivery::Failed {
            reason: SafeText::line(HOSTILE),
        };
        stage.messages = vec![hostile, message(2, 4, "Bo", "plain")];
        stage.update(Update::Everything);
        stage.update(Update::Typing {
            room_id: GENERAL,
            names: vec![SafeText::line(HOSTILE)],
        });
        for keys in ["<esc>", "m", "ctrl-k", "<esc>", "k", "d", "n", "r"] {
            stage.press(keys);
            let screen = stage.screen();
            let raw = screen.chars().find(|c| *c != '\n' && is_deceptive(*c));
            assert_eq!(raw, None, "{screen:?}");
        }
    }
}

#[test]
fn a_tower_of_combining_marks_stays_in_its_line() {
    let tower = format!("z{}", "\u{301}".repeat(200));
    let mut stage = Stage::furnished(80, 24);
    stage.messages = vec![message(1, 3, "Ada", &tower), message(2, 4, "Bo", "plain")];
    stage.update(Update::Everything);
    let marks = stage.screen().chars().filter(|c| *c == '\u{301}').count();
    assert!(marks < 10, "{marks}");
}

#[test]
fn wide_and_joined_signs_keep_the_frame_straight() {
    let mut stage = Stage::furnished(80, 24);
    stage.messages = vec![
        message(
            1,
            3,
            "日本語の名前です",
            "漢字かな交じり文".repeat(12).as_str(),
        ),
        message(
            2,
            4,
            "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧",
            "🇩🇪🇫🇷🇯🇵👍🏽 e\u{301}e\u{301}".repeat(9).as_str(),
        ),
    ];
    stage.update(Update::Everything);
    let screen = stage.screen();
    for line in screen.lines() {
        assert_eq!(erc::wrap::width(line), 80, "{line}");
    }
    let edges = screen.lines().skip(1).take(20);
    assert!(
        edges
            .into_iter()
            .all(|l| l.ends_with('│') || l.ends_with('┤')),
        "{screen}"
    );
}
