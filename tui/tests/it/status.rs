//! How present one is, and what one and others say of themselves.

use erc::{
    command::{Answer, Command},
    event::Event,
    state::Effect,
};
use erc_client_core::{
    SafeText,
    protocol::{
        PresenceState, Timestamp,
        api::users::{SetPresenceRequest, SetStatus},
        presence::PresenceChoice,
        schedule::{ScheduledKind, ScheduledState},
    },
    view::{MyPresenceView, ScheduledView, StatusView, Update},
};

use crate::stage::{ADA, Stage};

fn asked(stage: &mut Stage) -> Option<SetPresenceRequest> {
    let found = stage.asked.iter().rev().find_map(|command| match command {
        Command::SetPresence(request) => Some((**request).clone()),
        _ => None,
    });
    stage.asked.clear();
    found
}

fn status(text: &str, emoji: Option<&str>, for_s: Option<u32>) -> SetPresenceRequest {
    SetPresenceRequest {
        status: Some(SetStatus {
            text: text.to_owned(),
            emoji: emoji.map(str::to_owned),
            for_s,
        }),
        ..SetPresenceRequest::default()
    }
}

fn state(state: PresenceState, state_for_s: Option<u32>) -> SetPresenceRequest {
    SetPresenceRequest {
        state: Some(state),
        state_for_s,
        ..SetPresenceRequest::default()
    }
}

fn mine(choice: PresenceChoice) -> MyPresenceView {
    MyPresenceView {
        choice,
        choice_until: None,
        status: Some(StatusView {
            text: SafeText::line("in a meeting"),
            emoji: None,
            until: None,
        }),
        hides_last_seen: false,
    }
}

#[test]
fn words_set_a_status_and_how_present_one_is() {
    let mut stage = Stage::furnished(100, 30);
    for (text, wanted) in [
        ("/status in a meeting", status("in a meeting", None, None)),
        (
            "/status 1h 📅 call",
            status("call", Some("📅"), Some(3_600)),
        ),
        ("/dnd 2h", state(PresenceState::DoNotDisturb, Some(7_200))),
        ("/invisible", state(PresenceState::Offline, None)),
        ("/away", state(PresenceState::Idle, None)),
        ("/online", state(PresenceState::Online, None)),
    ] {
        stage.write(text);
        stage.press("<enter>");
        assert_eq!(asked(&mut stage), Some(wanted), "{text}");
        assert!(!stage.screen().contains(text), "{}", stage.screen());
    }
    for text in ["/dnd soon", "/away 1h", "/status 1h"] {
        stage.write(text);
        stage.press("<enter>");
        assert_eq!(asked(&mut stage), None);
        assert!(stage.screen().contains(text), "{}", stage.screen());
        stage.press("ctrl-u");
    }
    // By itself, a word of the switcher: the form.
    stage.write("/status");
    stage.press("<enter>");
    let screen = stage.screen();
    assert!(screen.contains("What you say of yourself"), "{screen}");
    stage.press("<esc>");
    // Other words are messages.
    stage.write("/statuesque");
    stage.press("<enter>");
    assert_eq!(asked(&mut stage), None);
}

#[test]
fn the_form_has_what_is_so_and_asks_for_what_is_changed() {
    let mut stage = Stage::furnished(100, 34);
    stage.answer(Answer::Presence(Ok(mine(PresenceChoice::DoNotDisturb))));
    stage.press("alt-a");
    let screen = stage.screen();
    assert!(screen.contains("[x] Do not disturb"), "{screen}");
    assert!(screen.contains("in a meeting"), "{screen}");
    for _ in 0..3 {
        stage.press("<tab>");
    }
    stage.press("<space>");
    stage.press("<enter>");
    let request = asked(&mut stage).unwrap();
    assert_eq!(request.state, Some(PresenceState::Online), "it is lifted");
    assert_eq!(request.status.unwrap().text, "in a meeting");
    let refused = Err(SafeText::line("no network"));
    stage.answer(Answer::Done(refused));
    assert!(stage.screen().contains("no network"), "{}", stage.screen());
}

#[test]
fn no_reminder_rings_for_who_does_not_want_to_be_disturbed() {
    let mut stage = Stage::furnished(100, 30);
    let has_come = || {
        Update::TimeHasCome(Box::new(ScheduledView {
            client_id: "00000000-0000-0000-0000-000000000007".parse().unwrap(),
            kind: ScheduledKind::Reminder,
            room_id: ADA,
            room: SafeText::line("Ada"),
            text: SafeText::line("tea"),
            about: None,
            about_seq: None,
            due_at: Timestamp(0),
            local_time: None,
            time_zone: None,
            state: ScheduledState::Due,
            error: None,
        }))
    };
    for (choice, rings) in [
        (PresenceChoice::Automatic, true),
        (PresenceChoice::DoNotDisturb, false),
        (PresenceChoice::Invisible, true),
    ] {
        stage.answer(Answer::Presence(Ok(mine(choice))));
        stage.state.take_effects();
        stage.update(has_come());
        let effects = stage.state.take_effects();
        assert_eq!(effects.contains(&Effect::Bell), rings, "{choice}");
    }
}

#[test]
fn the_server_learns_once_that_nobody_is_there_and_that_somebody_is() {
    let mut stage = Stage::furnished(100, 30);
    let told = |stage: &mut Stage| -> Vec<bool> {
        let asked = std::mem::take(&mut stage.asked);
        let active = asked.into_iter().filter_map(|command| match command {
            Command::SetActive(active) => Some(active),
            _ => None,
        });
        active.collect()
    };
    told(&mut stage);
    stage.event(Event::Idle);
    stage.event(Event::Idle);
    assert_eq!(told(&mut stage), [false]);
    stage.write("ab");
    assert_eq!(told(&mut stage), [true]);
}

#[test]
fn what_people_say_of_themselves_stands_with_their_names() {
    let mut stage = Stage::furnished(140, 30);
    stage.rooms[1].presence = Some(PresenceState::Offline);
    stage.rooms[1].last_seen = Some(Timestamp(1_795_521_600_000));
    stage.rooms[1].status = mine(PresenceChoice::Automatic).status;
    stage.update(Update::Rooms);
    stage.press("ctrl-k");
    stage.write("ada");
    stage.press("<enter>");
    let screen = stage.screen();
    assert!(screen.contains("offline, last here 24 Nov"), "{screen}");
    assert!(screen.contains("in a meeting"), "{screen}");
    stage.answer(Answer::Presence(Ok(mine(PresenceChoice::DoNotDisturb))));
    assert!(stage.screen().contains("⊘"), "{}", stage.screen());
}
