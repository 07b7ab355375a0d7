//! Messages that go by themselves: written so, in a room, on the screen.

use erc::command::Command;
use erc_client_core::{
    protocol::{Capability, ExpiryFrom, Lifetime, Timestamp},
    view::Update,
};

use crate::stage::{GENERAL, Stage};

fn sent(stage: &Stage) -> Option<(String, Option<Lifetime>)> {
    stage.asked.iter().rev().find_map(|command| match command {
        Command::Send { text, lifetime, .. } => Some((text.clone(), *lifetime)),
        _ => None,
    })
}

const fn stays(after_s: u32, from: ExpiryFrom) -> Lifetime {
    Lifetime { after_s, from }
}

#[test]
fn a_message_goes_by_itself_by_a_word_or_a_key() {
    let mut stage = Stage::furnished(100, 30);
    stage.write("tea");
    stage.press("alt-x");
    stage.write("1h");
    assert!(
        stage.screen().contains("/expire 1h tea"),
        "{}",
        stage.screen()
    );
    stage.press("<enter>");
    let hour = stays(3_600, ExpiryFrom::Sent);
    assert_eq!(sent(&stage), Some(("tea".to_owned(), Some(hour))));
    stage.write("/expire read 10m once");
    stage.press("<enter>");
    let read = stays(600, ExpiryFrom::Read);
    assert_eq!(sent(&stage), Some(("once".to_owned(), Some(read))));
    stage.write("stays");
    stage.press("<enter>");
    assert_eq!(sent(&stage), Some(("stays".to_owned(), None)));
}

#[test]
fn what_is_not_understood_is_said_and_loses_no_text() {
    let mut stage = Stage::furnished(100, 30);
    for (text, why) in [
        ("/expire soon tea", "For example"),
        ("/expire 1s tea", "seconds"),
        ("/expire 1h", "write the text"),
    ] {
        stage.write(text);
        stage.press("<enter>");
        let screen = stage.screen();
        assert!(screen.contains(why), "{text}: {screen}");
        assert!(screen.contains(text), "{screen}");
        assert_eq!(sent(&stage), None);
        stage.press("ctrl-u");
    }
}

#[test]
fn how_long_messages_stay_in_a_room_is_set_in_a_form_and_stands_in_its_header() {
    let mut stage = Stage::furnished(120, 30);
    stage.rooms[0].can.push(Capability::Manage);
    stage.update(Update::Rooms);
    stage.press("ctrl-k");
    stage.write("how long messages");
    stage.press("<enter>");
    stage.write("7d");
    stage.press("<tab>");
    stage.press("<space>");
    stage.press("<enter>");
    let wanted = stage.asked.iter().find_map(|command| match command {
        Command::SetLifetime { room, lifetime } => Some((*room, *lifetime)),
        _ => None,
    });
    let week = stays(604_800, ExpiryFrom::Read);
    assert_eq!(wanted, Some((GENERAL, Some(week))));
    stage.rooms[0].lifetime = Some(week);
    stage.update(Update::Rooms);
    let screen = stage.screen();
    assert!(
        screen.contains("messages go after 1w of reading"),
        "{screen}"
    );
}

#[test]
fn a_message_says_when_it_goes() {
    let mut stage = Stage::furnished(100, 30);
    if let Some(message) = stage.messages.last_mut() {
        message.expires_at = Some(Timestamp(1_795_521_600_000));
    }
    stage.update(Update::Timeline(GENERAL));
    let screen = stage.screen();
    assert!(screen.contains("24 Nov 12:00"), "{screen}");
    if let Some(message) = stage.messages.last_mut() {
        message.expires_at = None;
        message.lifetime = Some(stays(5_400, ExpiryFrom::Read));
    }
    stage.update(Update::Timeline(GENERAL));
    let screen = stage.screen();
    assert!(screen.contains("1h 30m read"), "{screen}");
}
