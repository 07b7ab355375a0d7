//! Requests of strangers: their list, reading one, answering it; waiting for an answer oneself.

use erc::command::{Answer, Command};
use erc_client_core::{
    SafeText,
    protocol::{RequestState, RoomId, RoomKind, Timestamp, UserId},
    view::{Preview, RoomSummary},
};

use crate::stage::Stage;

const EVE: RoomId = RoomId(40);

/// Another direct room with this state.
fn direct(stage: &Stage, id: RoomId, name: &str, request: RequestState) -> RoomSummary {
    RoomSummary {
        id,
        kind: RoomKind::Direct,
        name: SafeText::line(name),
        topic: SafeText::default(),
        peer: Some(UserId(9)),
        request,
        can_send: false,
        can: Vec::new(),
        preview: Some(Preview {
            sender: SafeText::line(name),
            text: SafeText::line("we met at the fair"),
            at: Timestamp(1_795_521_600_000),
            own: false,
        }),
        ..stage.rooms[0].clone()
    }
}

fn asked(width: u16, height: u16) -> Stage {
    let mut stage = Stage::furnished(width, height);
    for (id, name) in [(EVE, "Eve"), (RoomId(41), "Mal")] {
        let room = direct(&stage, id, name, RequestState::Received);
        stage.rooms.push(room);
    }
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    stage.asked.clear();
    stage
}

#[test]
fn requests_stand_in_a_line_above_the_rooms_and_open_as_a_list() {
    let mut stage = asked(100, 30);
    let screen = stage.screen();
    assert!(screen.contains("Requests (2)"), "{screen}");
    assert!(
        !screen.contains("Eve"),
        "in no list but their own: {screen}"
    );
    stage.press("<esc> W");
    insta::assert_snapshot!("requests", stage.screen());
    stage.press("<esc>");
    let fewer: Vec<_> = stage.rooms[..4].to_vec();
    stage.answer(Answer::Rooms(Ok(fewer)));
    stage.press("W");
    let screen = stage.screen();
    assert!(screen.contains("who shares no room with you"), "{screen}");
    assert!(!screen.contains("Requests ("), "{screen}");
}

#[test]
fn a_request_is_read_and_answered_by_a_key() {
    for (key, accept) in [("a", true), ("d", false)] {
        let mut stage = asked(100, 30);
        stage.press("<esc> W <enter>");
        insta::assert_snapshot!("request", stage.screen());
        assert!(
            !stage
                .asked
                .iter()
                .any(|c| matches!(c, Command::MarkRead { .. })),
            "reading it is not told"
        );
        // Writing waits for the answer.
        stage.press("i x");
        assert!(stage.screen().contains("accept it first") || !stage.screen().contains("> x"));
        stage.asked.clear();
        stage.press(key);
        let asked = stage.asked.pop();
        assert!(
            matches!(asked, Some(Command::AnswerRequest { room: EVE, accept: is }) if is == accept),
            "{asked:?}"
        );
    }
}

#[test]
fn who_asks_is_blocked_after_a_question() {
    let mut stage = asked(100, 30);
    stage.press("<esc> W <enter> b");
    let screen = stage.screen();
    assert!(screen.contains("Block this person?"), "{screen}");
    stage.press("n b y");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::Block { user: UserId(9), reason }) if reason.is_empty()),
        "{asked:?}"
    );
}

#[test]
fn who_wrote_to_a_stranger_waits_and_sees_how_many_messages_are_left() {
    let mut stage = Stage::furnished(100, 30);
    let mut room = direct(&stage, RoomId(42), "Cleo", RequestState::Sent);
    room.can_send = true;
    room.messages_left = Some(3);
    stage.rooms = vec![room.clone()];
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    let screen = stage.screen();
    assert!(
        screen.contains("waiting for Cleo to accept; messages left until then: 3"),
        "{screen}"
    );
    room.can_send = false;
    room.messages_left = Some(0);
    stage.rooms = vec![room];
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    let screen = stage.screen();
    assert!(screen.contains("wait until they do"), "{screen}");
}
