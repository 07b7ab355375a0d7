//! Looking after a room: its settings, roles, mutes, bans.

use erc::command::{Answer, Command};
use erc_client_core::{
    SafeText,
    protocol::{Capability, RoomRole, Timestamp, UserId},
    view::UserView,
};

use crate::stage::Stage;

/// #general, looked after by this user, with the members in sight and the second one chosen.
fn ruling() -> Stage {
    let mut stage = Stage::furnished(120, 30);
    stage.rooms[0].role = RoomRole::Owner;
    stage.rooms[0].can = Capability::ALL.to_vec();
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    stage.press("<esc> m j");
    stage.asked.clear();
    stage
}

#[test]
fn a_mute_asks_how_long() {
    let mut stage = ruling();
    stage.press("s");
    stage.write("many");
    stage.press("<enter>");
    assert!(stage.asked.is_empty(), "{:?}", stage.asked);
    assert!(stage.screen().contains("that is no number"));
    stage.press("<backspace> <backspace> <backspace> <backspace>");
    stage.write("5");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(
            asked,
            Some(Command::Mute {
                seconds: Some(300),
                ..
            })
        ),
        "{asked:?}"
    );
}

#[test]
fn a_ban_takes_a_reason_and_may_have_no_end() {
    let mut stage = ruling();
    stage.press("b <tab>");
    stage.write("spam");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::Ban { seconds: None, reason, .. }) if reason == "spam"),
        "{asked:?}"
    );
}

#[test]
fn a_role_is_given_by_its_word() {
    let mut stage = ruling();
    stage.press("p");
    stage.write("x");
    stage.press("<enter>");
    assert!(stage.asked.is_empty(), "{:?}", stage.asked);
    assert!(stage.screen().contains("unknown word"));
}

#[test]
fn bans_are_listed_and_lifted() {
    let mut stage = ruling();
    stage.press("ctrl-k");
    stage.write("who is banned");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(matches!(asked, Some(Command::Bans { .. })), "{asked:?}");
    let eve = UserView {
        user_id: UserId(9),
        username: SafeText::line("eve"),
        name: SafeText::line("Eve"),
    };
    stage.answer(Answer::Users {
        query: String::new(),
        result: Ok(vec![eve]),
    });
    assert!(stage.screen().contains("lift the ban of"));
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(
            asked,
            Some(Command::Unban {
                user: UserId(9),
                ..
            })
        ),
        "{asked:?}"
    );
}

#[test]
fn the_form_of_a_room_changes_only_who_writes_when_that_was_switched() {
    let mut stage = ruling();
    let change = |stage: &mut Stage, keys: &str| {
        stage.press("ctrl-k");
        stage.write("change this room");
        stage.press("<enter>");
        stage.press(keys);
        stage.press("<enter>");
        match stage.asked.pop() {
            Some(Command::ChangeRoom { change, .. }) => *change,
            other => panic!("{other:?}"),
        }
    };
    let same = change(&mut stage, "<tab>");
    assert_eq!((same.slow_mode_s, same.archived), (Some(0), Some(false)));
    assert!(same.permissions.is_empty());
    stage.press("<esc>");
    let closed = change(&mut stage, "<tab> <tab> <tab> <tab> <space>");
    let writers = closed.permissions.get(&Capability::Send);
    assert_eq!(writers, Some(&Some(RoomRole::Moderator)));
}

#[test]
fn who_may_not_write_is_told_why() {
    let mut stage = Stage::furnished(100, 30);
    stage.rooms[0].can_send = false;
    stage.rooms[0].muted_until = Some(Timestamp(1));
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    assert!(stage.screen().contains("you are muted in this room"));
    stage.rooms[0].archived_at = Some(Timestamp(1));
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    assert!(stage.screen().contains("this room is archived"));
}

#[test]
fn who_looks_after_nothing_is_told_so() {
    let mut stage = Stage::furnished(120, 30);
    stage.asked.clear();
    stage.press("<esc> m j b");
    assert!(stage.asked.is_empty());
    assert!(stage.screen().contains("only moderators of the room"));
}
