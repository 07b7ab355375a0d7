//! Links by which people come into rooms.

use erc::command::{Answer, Command};
use erc::state::Effect;
use erc_client_core::{
    SafeText,
    protocol::{Capability, LinkId, RoomId, Timestamp, limit},
    view::{LinkPreviewView, LinkView, MadeLinkView},
};

use crate::stage::Stage;

const TEXT: &str = "https://chat.example.org/join#AAECAwQFBgcICQoLDA0ODw";

fn inviting() -> Stage {
    let mut stage = Stage::furnished(120, 30);
    stage.rooms[0].can = Capability::ALL.to_vec();
    stage.answer(Answer::Rooms(Ok(stage.rooms.clone())));
    stage.asked.clear();
    stage
}

fn run(stage: &mut Stage, words: &str) {
    stage.press("ctrl-k");
    stage.write(words);
    stage.press("<enter>");
}

fn link() -> LinkView {
    LinkView {
        id: id(),
        made_by: SafeText::line("Ada"),
        created_at: Timestamp(0),
        expires_at: Timestamp(1_767_225_600_000),
        used: 3,
        uses_left: Some(2),
    }
}

fn id() -> LinkId {
    "00000000-0000-4000-8000-000000000007".parse().unwrap()
}

#[test]
fn a_link_is_made_copied_and_shown() {
    let mut stage = inviting();
    run(&mut stage, "invite people by");
    stage.press("<tab>");
    stage.write("5");
    stage.press("<enter>");
    let asked = stage.asked.pop();
    let week = Some(limit::LINK_DEFAULT_S);
    assert!(
        matches!(asked, Some(Command::MakeLink { seconds, uses: Some(5), .. }) if seconds == week),
        "{asked:?}"
    );
    let made = MadeLinkView {
        text: SafeText::line(TEXT),
        link: link(),
    };
    stage.answer(Answer::LinkMade(Ok(made)));
    assert!(stage.screen().contains(TEXT));
    let copied = Effect::Copy(TEXT.to_owned());
    assert!(stage.state.take_effects().contains(&copied));
    stage.press("<enter>");
    assert!(!stage.screen().contains(TEXT), "it closes");
}

#[test]
fn a_link_is_for_a_sensible_time_and_number() {
    let mut stage = inviting();
    run(&mut stage, "invite people by");
    stage.write("777");
    stage.press("<enter>");
    assert!(stage.asked.is_empty(), "{:?}", stage.asked);
    assert!(stage.screen().contains("1 to 365 days"));
}

#[test]
fn links_are_listed_and_taken_back() {
    let mut stage = inviting();
    run(&mut stage, "links into this room");
    assert!(matches!(stage.asked.pop(), Some(Command::Links { .. })));
    stage.answer(Answer::Links(Ok(vec![link()])));
    assert!(stage.screen().contains("3 came, 2 may"));
    stage.press("x");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::RevokeLink { link, .. }) if link == id()),
        "{asked:?}"
    );
    stage.answer(Answer::Links(Ok(Vec::new())));
    assert!(stage.screen().contains("no link leads here"));
}

#[test]
fn a_pasted_link_is_looked_at_and_then_followed() {
    let mut stage = inviting();
    run(&mut stage, "join by a link");
    stage.write(TEXT);
    stage.press("<enter>");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::PreviewLink { link }) if link == TEXT),
        "{asked:?}"
    );
    stage.answer(Answer::Previewed {
        link: TEXT.to_owned(),
        result: Err(SafeText::line("the link is unknown, used up or too old")),
    });
    assert!(stage.screen().contains("used up or too old"));
    stage.press("<enter>");
    let seen = LinkPreviewView {
        room_id: RoomId(5),
        name: SafeText::line("den"),
        topic: SafeText::line("quiet"),
        server_name: SafeText::line("Example"),
        member_count: 3,
    };
    stage.answer(Answer::Previewed {
        link: TEXT.to_owned(),
        result: Ok(seen),
    });
    let screen = stage.screen();
    assert!(screen.contains("den · 3 members · Example") && screen.contains("quiet"));
    stage.asked.clear();
    stage.press("y");
    let asked = stage.asked.pop();
    assert!(
        matches!(&asked, Some(Command::JoinByLink { link }) if link == TEXT),
        "{asked:?}"
    );
}
