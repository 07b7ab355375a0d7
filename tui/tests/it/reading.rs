//! The reading position, and what being seen leads to.

use erc::{command::Command, event::Event};
use erc_client_core::{
    SafeText,
    protocol::{MessageId, Seq},
    view::{Quote, Update},
};

use crate::stage::{ADA, GENERAL, Stage, message};

#[test]
fn new_messages_do_not_move_what_one_reads() {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.press("<pageup> <pageup>");
    let line = stage.line_of("message 260").expect("it is in sight");
    stage.arrive(&["new 1", "new 2\nof two lines", "new 3"]);
    assert_eq!(stage.line_of("message 260"), Some(line));
    assert!(stage.line_of("new 3").is_none());
    assert!(stage.line_of("newest (").is_some(), "{}", stage.screen());
}

#[test]
fn edits_above_do_not_move_what_one_reads() {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.press("<pageup> <pageup>");
    let line = stage.line_of("message 260").unwrap();
    let long = "an edit that made a short message into a long one ".repeat(6);
    stage.messages[239].text = SafeText::block(&long);
    stage.update(Update::Timeline(GENERAL));
    assert_eq!(stage.line_of("message 260"), Some(line));
}

#[test]
fn a_hole_filled_above_does_not_move_what_one_reads() {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.hole = Some((200, 262));
    stage.update(Update::Timeline(GENERAL));
    stage.press("<pageup> <pageup>");
    let line = stage.line_of("message 266").unwrap();
    stage.hole = None;
    stage.update(Update::Timeline(GENERAL));
    assert_eq!(
        stage.line_of("message 266"),
        Some(line),
        "{}",
        stage.screen()
    );
}

#[test]
fn at_the_newest_message_one_stays_with_it() {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.arrive(&["hello"]);
    assert!(stage.line_of("hello").is_some());
    assert!(stage.line_of("newest").is_none());
}

#[test]
fn another_width_keeps_the_place() {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.press("<pageup> <pageup>");
    assert!(stage.line_of("message 260").is_some());
    stage.resize(140, 30);
    assert!(stage.line_of("message 260").is_some(), "{}", stage.screen());
    stage.resize(60, 16);
    let screen = stage.screen();
    let shown = |n: i64| screen.contains(&format!("message {n} "));
    assert!((250..=275).any(shown), "{screen}");
}

#[test]
fn a_message_wraps_to_the_width() {
    let mut stage = Stage::furnished(160, 40);
    let one = stage.line_of("that has always worked so far").unwrap();
    assert_eq!(stage.line_of("I bring the big pot"), Some(one));
    stage.resize(60, 30);
    let screen = stage.screen();
    assert!(screen.contains("I bring the big pot"));
    assert!(!screen.contains("I bring the big pot, and whoever comes late washes up"));
    assert!(
        screen.lines().all(|l| erc::wrap::width(l) == 60),
        "{screen}"
    );
}

#[test]
fn scrolling_up_loads_older_messages_to_the_beginning() {
    let mut stage = Stage::long(80, 24, 1_000, 0);
    for _ in 0..120 {
        stage.press("<pageup>");
    }
    assert!(stage.line_of("message 1 ").is_some(), "{}", stage.screen());
    for _ in 0..140 {
        stage.press("<pagedown>");
    }
    assert!(
        stage.line_of("message 1000").is_some(),
        "{}",
        stage.screen()
    );
}

#[test]
fn holes_in_sight_are_asked_for_once() {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.hole = Some((285, 295));
    stage.update(Update::Timeline(GENERAL));
    stage.update(Update::Timeline(GENERAL));
    let fills = |stage: &Stage| {
        stage
            .asked
            .iter()
            .filter(|c| {
                matches!(
                    c,
                    Command::Fill {
                        from: Seq(285),
                        to: Seq(295),
                        ..
                    }
                )
            })
            .count()
    };
    assert_eq!(fills(&stage), 1);
    stage.offline();
    stage.connect();
    assert_eq!(fills(&stage), 2, "what a cut link swallowed is asked again");
}

#[test]
fn what_is_seen_is_read_and_only_that() {
    let marks = |stage: &Stage| -> Vec<i64> {
        stage
            .asked
            .iter()
            .filter_map(|c| match c {
                Command::MarkRead { seq, .. } => Some(seq.0),
                _ => None,
            })
            .collect()
    };
    let mut stage = Stage::long(80, 24, 300, 100);
    let first = marks(&stage);
    assert_eq!(first.len(), 1);
    assert!((200..250).contains(&first[0]), "{first:?}");
    assert!(stage.line_of("100 new").is_some(), "{}", stage.screen());
    stage.press("<esc> G");
    assert_eq!(marks(&stage).last(), Some(&300));
    stage.event(Event::Focus(false));
    stage.arrive(&["while away"]);
    assert_eq!(marks(&stage).last(), Some(&300), "nobody looks");
    stage.event(Event::Focus(true));
    assert_eq!(marks(&stage).last(), Some(&301));
}

#[test]
fn the_selection_is_kept_in_sight() {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.press("<esc>");
    for n in (250..300).rev() {
        stage.press("k");
        let line = stage.line_of(&format!("message {n}"));
        let screen = stage.screen();
        let line = screen.lines().nth(line.expect("it is in sight")).unwrap();
        assert!(line.contains('▸'), "{n}: {line}");
    }
}

#[test]
fn o_goes_to_the_message_that_was_answered_and_loads_it() {
    let mut stage = Stage::long(80, 24, 1_000, 0);
    stage.messages[999].reply = Some(Quote {
        message_id: MessageId(10),
        seq: Some(Seq(10)),
        thread_id: None,
        sender: SafeText::line("Ada"),
        text: SafeText::line("message 10"),
        deleted: false,
        known: true,
    });
    stage.update(Update::Timeline(GENERAL));
    stage.press("<esc> o");
    let screen = stage.screen();
    let line = screen.lines().find(|l| l.contains("message 10 ")).unwrap();
    assert!(line.contains('▸'), "{screen}");
    stage.press("G");
    assert!(
        stage.line_of("message 1000").is_some(),
        "{}",
        stage.screen()
    );
}

/// Reads the newest, which answers message 150; places 50 to 260 are not here.
fn before_a_hole() -> Stage {
    let mut stage = Stage::long(80, 24, 300, 0);
    stage.hole = Some((50, 260));
    stage.messages[299].reply = Some(Quote {
        message_id: MessageId(150),
        seq: Some(Seq(150)),
        thread_id: None,
        sender: SafeText::line("Ada"),
        text: SafeText::line("message 150"),
        deleted: false,
        known: true,
    });
    stage.update(Update::Timeline(GENERAL));
    stage.press("<esc>");
    stage.asked.clear();
    stage
}

fn asked_for(stage: &mut Stage) -> Vec<(i64, i64)> {
    let asked = stage.asked.drain(..).filter_map(|command| match command {
        Command::Fill { from, to, .. } => Some((from.0, to.0)),
        _ => None,
    });
    asked.collect()
}

fn selected(stage: &Stage) -> Option<Seq> {
    let open = stage.state.chat().unwrap().open.as_ref().unwrap();
    open.selected_message().and_then(|message| message.seq)
}

#[test]
fn what_is_not_here_is_asked_for_around_the_place_and_gone_to_when_it_is() {
    let mut stage = before_a_hole();
    stage.press("o");
    assert_eq!(asked_for(&mut stage), [(125, 224)]);
    assert_ne!(selected(&stage), Some(Seq(150)));
    // Of the hole, what was asked for has come.
    stage.hole = Some((225, 260));
    stage.update(Update::Timeline(GENERAL));
    assert_eq!(selected(&stage), Some(Seq(150)));
    let screen = stage.screen();
    assert!(screen.contains("message 151 "), "{screen}");
}

#[test]
fn whoever_moves_on_by_themselves_is_not_taken_away_later() {
    let mut stage = before_a_hole();
    stage.press("o <pageup>");
    stage.hole = None;
    stage.update(Update::Timeline(GENERAL));
    assert_ne!(selected(&stage), Some(Seq(150)));
}

#[test]
fn without_a_link_the_next_message_that_is_here_has_to_do() {
    let mut stage = before_a_hole();
    stage.offline();
    stage.press("o");
    assert_eq!(selected(&stage), Some(Seq(261)));
}

#[test]
fn a_room_opens_where_the_unread_begin_though_they_are_not_here() {
    let mut stage = Stage::long(80, 24, 300, 0);
    (stage.read, stage.hole) = (Seq(40), Some((41, 250)));
    stage.press("ctrl-n ctrl-p");
    assert_eq!(asked_for(&mut stage), [(41, 140)]);
    let marks = |stage: &Stage| {
        let is_mark = |command: &&Command| matches!(command, Command::MarkRead { .. });
        stage.asked.iter().filter(is_mark).count()
    };
    assert_eq!(marks(&stage), 0, "nothing unread was seen");
    stage.hole = Some((141, 250));
    stage.update(Update::Timeline(GENERAL));
    let screen = stage.screen();
    assert!(screen.contains("message 41 "), "{screen}");
    let read = stage.asked.iter().find_map(|command| match command {
        Command::MarkRead { seq, .. } => Some(seq.0),
        _ => None,
    });
    assert!(read.is_some_and(|seq| (41..80).contains(&seq)), "{read:?}");
}

#[test]
fn u_goes_to_the_next_room_with_something_unread() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("<esc> u");
    assert!(stage.line_of("▸#design").is_some());
    stage.press("<esc> u");
    let open = stage.state.chat().unwrap().open.as_ref().map(|o| o.id);
    assert_eq!(open, Some(ADA));
}

#[test]
fn answers_for_a_room_that_was_left_change_nothing() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("ctrl-n");
    let before = stage.screen();
    stage.answer(erc::command::Answer::Timeline {
        room: GENERAL,
        result: Err(SafeText::line("late")),
    });
    assert_eq!(stage.screen(), before);
}

#[test]
fn a_room_that_is_gone_is_left() {
    let mut stage = Stage::furnished(80, 24);
    stage.rooms.remove(0);
    stage.update(Update::Rooms);
    let chat = stage.state.chat().unwrap();
    assert!(chat.open.as_ref().is_some_and(|o| o.id != GENERAL));
}

#[test]
fn s_uncovers_what_is_hidden_in_the_selected_message_only() {
    let mut stage = Stage::furnished(80, 24);
    stage.messages = vec![
        message(1, 3, "Ada", "the ||butler|| did"),
        message(2, 4, "Bo", "and the ||gardener|| too"),
        message(3, 4, "Bo", "nothing here"),
    ];
    stage.update(Update::Everything);
    let covered = stage.screen();
    assert!(covered.contains("the ▒▒▒▒▒▒ did"), "{covered}");
    stage.press("<esc> s");
    assert!(stage.screen().contains("nothing is hidden in this message"));
    stage.press("k s");
    let screen = stage.screen();
    assert!(screen.contains("and the gardener too"), "{screen}");
    assert!(!screen.contains("butler"), "{screen}");
    stage.press("s");
    assert!(!stage.screen().contains("gardener"));
}
