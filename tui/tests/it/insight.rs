//! Figures on one screen; rooms and oneself into files.

use erc::command::{Answer, Command};
use erc::theme::Glyphs;
use erc_client_core::{
    SafeText,
    export::{ExportFormat, ExportProgress, Exported, Missing},
    protocol::{
        Capability, ServerRole, UserId,
        api::analytics::{ActiveUsers, Totals},
    },
    view::{AnalyticsView, DayView, NumberView, PersonView},
};

use crate::stage::{GENERAL, Stage};

fn moderating(width: u16, height: u16) -> Stage {
    let mut stage = Stage::furnished(width, height);
    stage.rooms[0].can = Capability::ALL.to_vec();
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    stage.asked.clear();
    stage
}

fn line(text: &str) -> SafeText {
    SafeText::line(text)
}

fn number(name: &str, count: i64) -> NumberView {
    NumberView {
        name: line(name),
        count,
    }
}

fn figures(messages: i64) -> Box<AnalyticsView> {
    let hours =
        (0..24).map(|hour| number(&format!("{hour:02}"), if hour == 9 { messages } else { 0 }));
    let days = (1..=30).map(|day| DayView {
        date: line(&format!("2026-01-{day:02}")),
        messages: if messages == 0 { 0 } else { day },
        reactions: 0,
        writers: 2,
        joined: 0,
        members: 5,
    });
    Box::new(AnalyticsView {
        room_id: Some(GENERAL),
        from: line("2026-01-01"),
        to: line("2026-01-30"),
        time_zone: line("Europe/Berlin"),
        behind: 3,
        totals: Totals {
            messages,
            replies: 4,
            answered: 3,
            reactions: 7,
            edited: 2,
            deleted: 1,
            writers: 2,
            members: 5,
            joined: 1,
        },
        active: ActiveUsers {
            daily: 1,
            weekly: 2,
            monthly: 2,
        },
        next_speaker_s: Some(45),
        reply_s: Some(7_200),
        by_type: vec![number("text", messages)],
        by_hour: hours.collect(),
        by_weekday: vec![number("Mon", messages), number("Tue", messages / 2)],
        by_day: days.collect(),
        by_user: vec![PersonView {
            user_id: UserId(3),
            username: line("ada"),
            name: line("Ada"),
            messages,
            replies: 0,
            reactions: 0,
        }],
    })
}

fn answer(stage: &mut Stage, days: u32, result: Result<Box<AnalyticsView>, SafeText>) {
    stage.answer(Answer::Analytics {
        room: Some(GENERAL),
        days,
        result,
    });
}

#[test]
fn figures_are_asked_for_shown_and_asked_for_over_another_time() {
    let mut stage = moderating(100, 40);
    stage.write("/analytics");
    stage.press("<enter>");
    assert!(stage.screen().contains("asking the server"));
    let asked = stage.asked.pop();
    assert!(
        matches!(
            asked,
            Some(Command::Analytics {
                room: Some(GENERAL),
                days: 30
            })
        ),
        "{asked:?}"
    );
    answer(&mut stage, 30, Ok(figures(40)));
    let screen = stage.screen();
    for shown in [
        "messages 40",
        "replies 4",
        "3 changes are not counted yet",
        "people who wrote 2  of 5",
        "next came within 45 s",
        "replies came within 2 h",
        "2026-01-01 to 2026-01-30 Europe/Berlin",
        "▁",
        "Mon",
        "█",
    ] {
        assert!(screen.contains(shown), "{shown} in\n{screen}");
    }
    stage.press("l");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::Analytics { days: 90, .. })),
        "{asked:?}"
    );
    // What comes late is of another time.
    answer(&mut stage, 30, Ok(figures(41)));
    assert!(stage.screen().contains("asking the server"));
    answer(
        &mut stage,
        90,
        Err(line("can't reach the server: no route")),
    );
    assert!(stage.screen().contains("no route"));
    stage.press("h");
    answer(&mut stage, 30, Ok(figures(0)));
    assert!(stage.screen().contains("nobody wrote in this time"));
    stage.press("<esc>");
    assert!(!stage.screen().contains("figures of this room"));
    assert!(
        stage
            .asked
            .iter()
            .all(|c| !matches!(c, Command::Send { .. }))
    );
}

#[test]
fn a_small_screen_scrolls_and_ascii_is_enough() {
    let mut stage = moderating(60, 16);
    stage.look.glyphs = Glyphs::of(true);
    stage.write("/analytics");
    stage.press("<enter>");
    answer(&mut stage, 30, Ok(figures(40)));
    assert!(!stage.screen().contains("by person"));
    stage.press("<pagedown> <pagedown> <pagedown> <pagedown>");
    let screen = stage.screen();
    assert!(screen.contains("Ada") && screen.contains('#'), "{screen}");
    assert!(screen.is_ascii() || !screen.contains('█'), "{screen}");
}

#[test]
fn figures_are_for_those_who_look_after_a_room_or_the_server() {
    let mut stage = Stage::furnished(100, 30);
    stage.rooms[0].can = vec![Capability::Send];
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    stage.asked.clear();
    stage.write("/analytics");
    stage.press("<enter>");
    assert!(stage.screen().contains("only moderators see the figures"));
    stage.write("/server-analytics");
    stage.press("<enter>");
    assert!(stage.screen().contains("only admins of the server"));
    assert!(
        !stage
            .asked
            .iter()
            .any(|c| matches!(c, Command::Analytics { .. })),
        "{:?}",
        stage.asked
    );
    let chat = stage.state.chat_mut().unwrap();
    chat.me.role = ServerRole::Admin;
    stage.write("/server-analytics");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::Analytics { room: None, .. })),
        "{asked:?}"
    );
}

fn exported(from_server: bool) -> Exported {
    let missing = if from_server {
        Vec::new()
    } else {
        vec![Missing { from: 3, to: 7 }]
    };
    Exported {
        path: Some(line("/home/you/general.md")),
        messages: 9,
        bytes: 99,
        from_server,
        missing,
    }
}

#[test]
fn a_room_is_exported_with_progress_and_a_way_to_stop() {
    let mut stage = moderating(100, 30);
    stage.write("/export");
    stage.press("<enter>");
    assert!(stage.screen().contains("export this room"));
    stage.press("ctrl-u");
    stage.write("pdf");
    stage.press("<enter>");
    assert!(
        stage
            .screen()
            .contains("a format is html, markdown or json")
    );
    stage.press("ctrl-u");
    stage.write("md");
    stage.press("<tab>");
    stage.write("~/general.md");
    stage.press("<tab> <space> <enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::ExportRoom { room: GENERAL, format: ExportFormat::Markdown, path, force: true }) if path == "~/general.md"),
        "{asked:?}"
    );
    stage.answer(Answer::Exporting(ExportProgress { done: 100, of: 250 }));
    assert!(stage.screen().contains("100 of 250, Esc stops it"));
    stage.press("<esc>");
    assert!(matches!(stage.asked.pop(), Some(Command::StopExport)));
    assert!(!stage.screen().contains("export this room"));
}

#[test]
fn what_was_written_and_what_is_missing_is_said() {
    let mut stage = moderating(100, 30);
    for (result, said) in [
        (Ok(exported(true)), "written: /home/you/general.md"),
        (
            Ok(exported(false)),
            "this machine alone, 5 messages are missing",
        ),
        (Err(line("general.md is there already")), "is there already"),
    ] {
        stage.press("ctrl-k");
        stage.write("export what");
        stage.press("<enter> <enter>");
        assert!(matches!(stage.asked.pop(), Some(Command::ExportMe { .. })));
        stage.answer(Answer::Exported(result));
        assert!(stage.screen().contains(said), "{said}");
        stage.press("<esc>");
    }
}
