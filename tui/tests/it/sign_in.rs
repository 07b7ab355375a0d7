//! The first screen.

use erc::command::{Answer, Command};
use erc_client_core::{
    SafeText,
    protocol::{ServerRole, UserId},
    view::{AccountInfo, Me},
};

use crate::stage::Stage;

fn filled() -> Stage {
    let mut stage = Stage::signed_out(80, 24);
    stage.write("chat.example.org");
    stage.press("<enter>");
    stage.write("ada");
    stage.press("<enter>");
    stage.write("secret word");
    stage
}

#[test]
fn enter_goes_from_field_to_field_and_then_signs_in() {
    let mut stage = filled();
    stage.press("<enter>");
    let credentials = stage.asked.iter().find_map(|c| match c {
        Command::SignIn(credentials) => Some(credentials),
        _ => None,
    });
    let credentials = credentials.expect("it signs in");
    assert_eq!(credentials.server, "chat.example.org");
    assert_eq!(credentials.username, "ada");
    assert_eq!(credentials.password, "secret word");
    assert!(credentials.sign_up.is_none());
    assert!(!format!("{credentials:?}").contains("secret"));
}

#[test]
fn the_password_is_never_on_the_screen() {
    let mut stage = filled();
    let screen = stage.screen();
    assert!(!screen.contains("secret") && screen.contains("***********"));
}

#[test]
fn a_refusal_keeps_what_was_typed() {
    let mut stage = filled();
    stage.press("<enter>");
    stage.answer(Answer::SignedIn(Err(SafeText::line("wrong password"))));
    let screen = stage.screen();
    assert!(screen.contains("wrong password") && screen.contains("ada"));
    stage.press("<enter>");
    let tries = stage
        .asked
        .iter()
        .filter(|c| matches!(c, Command::SignIn(_)));
    assert_eq!(tries.count(), 2);
}

#[test]
fn signing_in_opens_the_chat() {
    let mut stage = filled();
    stage.press("<enter>");
    let info = AccountInfo {
        key: "ada@chat".into(),
        server_url: "https://chat.example.org".into(),
        username: SafeText::line("ada"),
        display_name: SafeText::line("Ada"),
        user_id: UserId(3),
    };
    let me = Me {
        id: UserId(3),
        username: SafeText::line("ada"),
        display_name: SafeText::line("Ada"),
        role: ServerRole::Member,
    };
    stage.answer(Answer::SignedIn(Ok(Box::new((info, me)))));
    assert!(stage.asked.iter().any(|c| matches!(c, Command::Start)));
    assert!(stage.state.chat().is_some());
}

#[test]
fn signing_up_checks_before_it_asks() {
    let mut stage = filled();
    stage.press("ctrl-t ctrl-u");
    stage.write("short");
    stage.press("<enter>");
    assert!(stage.screen().contains("too short"));
    assert!(!stage.asked.iter().any(|c| matches!(c, Command::SignIn(_))));
}
