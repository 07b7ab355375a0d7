//! Sending later, being reminded.

use erc::{
    command::{Answer, Command, Unsent},
    state::picker::{Entry, Pick, Purpose},
};
use erc_client_core::{
    SafeText,
    protocol::{
        Seq, Timestamp,
        schedule::{ScheduledKind, ScheduledState},
    },
    view::{ScheduledView, Update},
};

use crate::stage::{GENERAL, Stage};

fn scheduled(kind: ScheduledKind, state: ScheduledState) -> ScheduledView {
    ScheduledView {
        client_id: "00000000-0000-0000-0000-000000000007".parse().unwrap(),
        kind,
        room_id: GENERAL,
        room: SafeText::line("general"),
        text: SafeText::line("tea"),
        about: None,
        about_seq: Some(Seq(1)),
        due_at: Timestamp(1_795_521_600_000),
        local_time: None,
        time_zone: None,
        state,
        error: None,
    }
}

fn list(stage: &mut Stage, what: ScheduledView) {
    let entry = Entry {
        label: what.text.clone(),
        hint: what.room.clone(),
        at: Some(what.due_at),
        pick: Pick::Scheduled(Box::new(what)),
    };
    let result = Ok(vec![entry]);
    let purpose = Purpose::Scheduled;
    stage.answer(Answer::Picked { purpose, result });
}

#[test]
fn a_message_is_scheduled_by_a_word_or_a_key_and_comes_back_if_it_is_refused() {
    let mut stage = Stage::furnished(100, 30);
    stage.asked.clear();
    stage.write("tea");
    stage.press("alt-s");
    stage.write("in 2h");
    assert!(
        stage.screen().contains("/schedule in 2h tea"),
        "{}",
        stage.screen()
    );
    stage.press("<enter>");
    let asked = stage.asked.iter().find_map(|command| match command {
        Command::Schedule { room, typed, .. } => Some((*room, typed.clone())),
        _ => None,
    });
    assert_eq!(asked, Some((GENERAL, "in 2h tea".to_owned())));
    assert!(!stage.screen().contains("in 2h tea"));
    let unsent = Unsent {
        text: "/schedule in 2h tea".into(),
        reason: SafeText::line("no network"),
    };
    stage.answer(Answer::Scheduled {
        room: GENERAL,
        result: Err(unsent),
    });
    let screen = stage.screen();
    assert!(screen.contains("/schedule in 2h tea"), "{screen}");
    assert!(screen.contains("no network"), "{screen}");
    stage.press("<enter>");
    stage.answer(Answer::Scheduled {
        room: GENERAL,
        result: Ok(()),
    });
    assert!(stage.screen().contains("kept until its time"));
}

#[test]
fn what_is_scheduled_is_listed_changed_and_cancelled() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> T");
    assert!(matches!(stage.asked.pop(), Some(Command::Scheduled)));
    let what = scheduled(ScheduledKind::Message, ScheduledState::Waiting);
    list(&mut stage, what.clone());
    assert!(
        stage.screen().contains("24 Nov 12:00"),
        "{}",
        stage.screen()
    );
    stage.press("ctrl-x");
    let asked = stage.asked.pop();
    assert!(
        matches!(asked, Some(Command::CancelScheduled { id }) if id == what.client_id),
        "{asked:?}"
    );
    // The list is read again when it changed.
    stage.update(Update::Scheduled);
    assert!(matches!(stage.asked.pop(), Some(Command::Scheduled)));
    stage.press("<enter>");
    stage.write("21:00");
    stage.press("<tab>");
    stage.write(", please");
    stage.press("<enter>");
    let Some(Command::Reschedule { id, text, when }) = stage.asked.pop() else {
        panic!("{:?}", stage.asked)
    };
    assert_eq!((id, text.as_str()), (what.client_id, "tea, please"));
    assert_eq!(when, "21:00");
    stage.answer(Answer::Done(Err(SafeText::line("that is in the past"))));
    assert!(stage.screen().contains("that is in the past"));
    assert!(stage.screen().contains("tea, please"), "nothing is lost");
}

#[test]
fn a_reminder_is_asked_for_rings_and_leads_to_its_message() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> z");
    stage.write("tomorrow 9:00");
    stage.press("<tab>");
    stage.write("call back");
    stage.press("<enter>");
    let Some(Command::Remind { when, note, .. }) = stage.asked.pop() else {
        panic!("{:?}", stage.asked)
    };
    assert_eq!(
        (when.as_str(), note.as_str()),
        ("tomorrow 9:00", "call back")
    );
    stage.answer(Answer::Done(Ok("you will be reminded")));
    let rings = scheduled(ScheduledKind::Reminder, ScheduledState::Due);
    stage.update(Update::TimeHasCome(Box::new(rings.clone())));
    let screen = stage.screen();
    assert!(screen.contains("reminder: tea (general)"), "{screen}");
    stage.press("T");
    list(&mut stage, rings.clone());
    stage.asked.clear();
    stage.press("<enter>");
    let is_put_away = |command: &Command| matches!(command, Command::CancelScheduled { id } if *id == rings.client_id);
    assert!(stage.asked.iter().any(is_put_away), "{:?}", stage.asked);
    let open = stage.state.chat().unwrap().open.as_ref().unwrap();
    assert_eq!(open.selected_message().unwrap().seq, Some(Seq(1)));
}

#[test]
fn what_could_not_be_sent_says_why() {
    let mut stage = Stage::furnished(100, 30);
    let mut refused = scheduled(ScheduledKind::Message, ScheduledState::Refused);
    refused.error = Some(SafeText::line("you are muted here"));
    stage.update(Update::TimeHasCome(Box::new(refused)));
    let screen = stage.screen();
    assert!(
        screen.contains("not sent in general: you are muted here"),
        "{screen}"
    );
}
