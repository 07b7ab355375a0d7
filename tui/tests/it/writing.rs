//! The composer: sending, replying, editing, deleting, drafts, pasting.

use erc::{
    command::{Answer, Command, Unsent},
    event::Event,
    state::Effect,
};
use erc_client_core::{
    SafeText,
    protocol::{Capability, MessageId, attention::Why, limit},
    view::{Delivery, Update},
};

use crate::stage::{GENERAL, Stage, unsent};

fn composer(stage: &Stage) -> String {
    let chat = stage.state.chat().unwrap();
    chat.open.as_ref().unwrap().composer.input.text()
}

fn last_send(stage: &Stage) -> Option<(String, Option<MessageId>)> {
    stage.asked.iter().rev().find_map(|command| match command {
        Command::Send { text, reply_to, .. } => Some((text.clone(), *reply_to)),
        _ => None,
    })
}

#[test]
fn enter_sends_and_alt_enter_breaks_the_line() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("one");
    stage.press("alt-<enter>");
    stage.write("two");
    stage.press("<enter>");
    assert_eq!(last_send(&stage), Some(("one\ntwo".into(), None)));
    assert_eq!(composer(&stage), "");
}

#[test]
fn nothing_is_not_sent() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("   ");
    stage.press("alt-<enter> <enter>");
    assert_eq!(last_send(&stage), None);
}

#[test]
fn a_paste_keeps_its_lines_and_is_not_sent_by_them() {
    let mut stage = Stage::furnished(80, 24);
    stage.event(Event::Paste("a\rb\r\nc\u{1b}[2J".into()));
    assert_eq!(composer(&stage), "a\nb\nc[2J");
    assert_eq!(last_send(&stage), None);
    assert!(stage.screen().contains("left out of the paste"));
}

#[test]
fn a_text_that_is_too_long_is_kept_and_said_so() {
    let mut stage = Stage::furnished(80, 24);
    let long = "x".repeat(limit::MESSAGE_BYTES + 1);
    stage.event(Event::Paste(long.clone()));
    stage.press("<enter>");
    assert_eq!(last_send(&stage), None);
    assert_eq!(composer(&stage), long);
    assert!(stage.screen().contains("at most 16384 are allowed"));
}

#[test]
fn a_reply_names_its_message_and_esc_gives_it_up() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("<esc> k r");
    stage.write("yes");
    stage.press("<enter>");
    assert_eq!(last_send(&stage), Some(("yes".into(), Some(MessageId(6)))));
    stage.press("<esc> k r <esc>");
    stage.write("no");
    stage.press("<enter>");
    assert_eq!(last_send(&stage), Some(("no".into(), None)));
}

#[test]
fn editing_brings_the_text_and_gives_the_draft_back() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("<up>");
    assert_eq!(composer(&stage), "see you all at six");
    stage.press("<esc>");
    stage.write("half a thought");
    stage.press("<esc> e");
    assert_eq!(composer(&stage), "see you all at six");
    stage.write("!");
    stage.press("<enter>");
    assert_eq!(composer(&stage), "half a thought");
    let edited = stage
        .asked
        .iter()
        .any(|c| matches!(c, Command::Edit { text, .. } if text == "see you all at six!"));
    assert!(edited);
}

#[test]
fn only_ones_own_messages_can_be_edited() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("<esc> k e");
    assert_eq!(composer(&stage), "");
    assert!(stage.screen().contains("only its author can edit"));
}

#[test]
fn deleting_asks_first() {
    let deletes = |stage: &Stage| {
        stage
            .asked
            .iter()
            .filter(|c| matches!(c, Command::Delete { .. }))
            .count()
    };
    let mut stage = Stage::furnished(80, 24);
    stage.press("<esc> d n");
    assert_eq!(deletes(&stage), 0);
    stage.press("d y");
    assert_eq!(deletes(&stage), 1);
}

#[test]
fn a_message_that_could_not_be_stored_comes_back() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("precious");
    stage.press("<enter>");
    stage.write("next");
    stage.answer(Answer::Sent {
        room: GENERAL,
        result: Err(Unsent {
            text: "precious".into(),
            reason: SafeText::line("the local store failed: disk full"),
        }),
    });
    assert_eq!(composer(&stage), "precious\nnext");
    assert!(stage.screen().contains("disk full"));
}

#[test]
fn the_draft_is_saved_when_typing_pauses_and_when_the_room_is_left() {
    let drafts = |stage: &Stage| -> Vec<String> {
        stage
            .asked
            .iter()
            .filter_map(|c| match c {
                Command::SaveDraft { room, written, .. } if *room == GENERAL => {
                    Some(written.text.clone())
                }
                _ => None,
            })
            .collect()
    };
    let mut stage = Stage::furnished(80, 24);
    stage.write("ha");
    assert!(drafts(&stage).is_empty());
    stage.event(Event::Pause);
    assert_eq!(drafts(&stage), ["ha"]);
    stage.event(Event::Pause);
    assert_eq!(drafts(&stage).len(), 1, "nothing changed");
    stage.write("lf");
    stage.press("ctrl-n");
    assert_eq!(drafts(&stage), ["ha", "half"]);
    let mut stage = Stage::furnished(80, 24);
    stage.write("bye");
    stage.press("ctrl-q");
    assert_eq!(drafts(&stage), ["bye"]);
}

#[test]
fn the_draft_is_there_again() {
    let mut stage = Stage::new(80, 24);
    stage.draft.text = "half a thought".into();
    stage.rooms = Stage::furnished(80, 24).rooms;
    stage.play();
    assert_eq!(composer(&stage), "half a thought");
    stage.write("!");
    assert_eq!(composer(&stage), "half a thought!");
}

#[test]
fn a_refused_message_is_sent_again_or_given_up() {
    let mut stage = Stage::furnished(80, 24);
    let reason = SafeText::line("too often");
    stage
        .messages
        .push(unsent(1, "again?", Delivery::Failed { reason }));
    stage.update(Update::Timeline(GENERAL));
    assert!(stage.screen().contains("too often"));
    stage.press("<esc> R");
    assert!(
        stage
            .asked
            .iter()
            .any(|c| matches!(c, Command::Retry { .. }))
    );
    stage.press("x");
    assert!(
        stage
            .asked
            .iter()
            .any(|c| matches!(c, Command::Discard { .. }))
    );
    stage.answer(Answer::Discarded {
        room: GENERAL,
        result: Ok(Some("again?".into())),
    });
    assert_eq!(composer(&stage), "again?");
}

#[test]
fn copying_goes_to_the_terminals_clipboard() {
    let mut stage = Stage::furnished(80, 24);
    stage.press("<esc> y");
    let effects = stage.state.take_effects();
    assert_eq!(effects, [Effect::Copy("see you all at six".into())]);
}

#[test]
fn typing_is_told_and_told_to_be_over() {
    let mut stage = Stage::furnished(80, 24);
    stage.write("x");
    stage.press("<enter>");
    let told: Vec<bool> = stage
        .asked
        .iter()
        .filter_map(|c| match c {
            Command::SetTyping { typing, .. } => Some(*typing),
            _ => None,
        })
        .collect();
    assert_eq!(told, [true, false]);
}

#[test]
fn a_bell_rings_for_what_rings_where_nobody_looks() {
    let arrived_in = |stage: &mut Stage, room, thread, rings| {
        stage.update(Update::Arrived {
            room_id: room,
            thread_id: thread,
            sender: SafeText::line("Ada"),
            text: SafeText::line("hello"),
            rings,
        });
        stage.state.take_effects().contains(&Effect::Bell)
    };
    let arrived = |stage: &mut Stage, room, rings| arrived_in(stage, room, None, rings);
    let mut stage = Stage::furnished(80, 24);
    let (thread, why) = (Some(MessageId(3)), Some(Why::Thread));
    assert!(
        arrived_in(&mut stage, GENERAL, thread, why),
        "the room doesn't show it"
    );
    assert!(
        !arrived(&mut stage, GENERAL, Some(Why::Mention)),
        "it is seen"
    );
    assert!(arrived(&mut stage, crate::stage::ADA, Some(Why::Level)));
    stage.event(Event::Focus(false));
    assert!(!arrived(&mut stage, GENERAL, None));
    assert!(arrived(&mut stage, GENERAL, Some(Why::Keyword)));
}

#[test]
fn a_server_that_asks_to_wait_is_quoted() {
    let mut stage = Stage::furnished(80, 24);
    stage.update(Update::Paced {
        room_id: GENERAL,
        seconds: 10,
    });
    let screen = stage.screen();
    assert!(screen.contains("asks to wait 10 s"), "{screen}");
}

/// #general with so many members, where this user may call everybody or not.
fn among(members: i64, may: bool) -> Stage {
    let mut stage = Stage::furnished(80, 24);
    stage.rooms[0].member_count = members;
    stage.rooms[0].can = Capability::ALL
        .iter()
        .copied()
        .filter(|what| may || *what != Capability::MentionAll)
        .collect();
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    stage
}

#[test]
fn calling_everybody_in_a_large_room_asks_first() {
    let mut stage = among(limit::CALL_ASKS_MEMBERS, true);
    stage.write("lunch, @here?");
    stage.press("<enter>");
    assert_eq!(last_send(&stage), None);
    assert!(
        stage.screen().contains("calls everybody"),
        "{}",
        stage.screen()
    );
    stage.press("n");
    assert_eq!(composer(&stage), "lunch, @here?", "nothing is lost");
    stage.press("<enter> y");
    assert_eq!(last_send(&stage), Some(("lunch, @here?".into(), None)));
    assert_eq!(composer(&stage), "");
    let mut small = among(limit::CALL_ASKS_MEMBERS - 1, true);
    small.write("@all");
    small.press("<enter>");
    assert_eq!(last_send(&small), Some(("@all".into(), None)));
}

#[test]
fn who_may_not_call_everybody_is_told_before_anything_is_sent() {
    for (mut stage, why) in [
        (among(3, false), "your role here"),
        (
            among(limit::CALLED_MEMBERS + 1, true),
            "at most 1000 members",
        ),
    ] {
        stage.write("@all");
        stage.press("<enter>");
        assert_eq!(last_send(&stage), None);
        assert_eq!(composer(&stage), "@all");
        assert!(stage.screen().contains(why), "{}", stage.screen());
    }
    let mut largest = among(limit::CALLED_MEMBERS, true);
    largest.write("@all");
    largest.press("<enter> y");
    assert_eq!(last_send(&largest), Some(("@all".into(), None)));
}
