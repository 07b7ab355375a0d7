//! What follows the user from device to device: drafts, and what rings.

use erc::{
    command::{Answer, Command, Hush, ThreadOpening},
    event::Event,
};
use erc_client_core::{
    SafeText,
    protocol::{ClientId, Level, MessageId, Seq, Timestamp},
    view::{AsideView, AttentionView, DraftView, OpenedRoom, Quote, Timeline, Update, Written},
};

use crate::stage::{GENERAL, Stage};

fn name(number: u128) -> ClientId {
    format!("00000000-0000-0000-0000-{number:012}")
        .parse()
        .unwrap()
}

fn draft(text: &str, number: u128) -> DraftView {
    DraftView {
        text: text.into(),
        version: Some(name(number)),
        ..DraftView::default()
    }
}

fn composer(stage: &Stage) -> String {
    let open = stage.state.chat().and_then(|chat| chat.open.as_ref());
    open.unwrap().composer.input.text()
}

fn saved(stage: &Stage) -> Vec<Written> {
    let saved = stage.asked.iter().filter_map(|command| match command {
        Command::SaveDraft { written, .. } => Some(written.clone()),
        _ => None,
    });
    saved.collect()
}

#[test]
fn a_text_of_another_device_is_shown_but_not_under_the_hands() {
    let mut stage = Stage::furnished(80, 24);
    stage.draft = draft("from the phone", 1);
    stage.update(Update::Draft(GENERAL));
    assert_eq!(composer(&stage), "from the phone");
    stage.write("!");
    stage.event(Event::Pause);
    assert_eq!(saved(&stage)[0].base, Some(name(1)), "it goes on from that");
    stage.answer(Answer::DraftSaved {
        room: GENERAL,
        thread: None,
        version: Some(name(2)),
    });

    stage.draft = draft("again from the phone", 3);
    stage.update(Update::Draft(GENERAL));
    assert_eq!(composer(&stage), "from the phone!", "somebody writes here");
    stage.write("?");
    stage.event(Event::Pause);
    assert_eq!(saved(&stage)[1].base, Some(name(2)), "what was seen");
    stage.event(Event::Rest);
    assert_eq!(composer(&stage), "again from the phone");
}

#[test]
fn what_is_typed_in_a_thread_is_the_threads_draft() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> t");
    let thread = stage.asked.iter().find_map(|command| match command {
        Command::OpenThread { thread, .. } => Some(*thread),
        _ => None,
    });
    let opening = ThreadOpening {
        opened: OpenedRoom {
            read_seq: Seq(20),
            unread: 0,
        },
        follows: true,
        timeline: Timeline::default(),
        draft: draft("half", 1),
    };
    stage.answer(Answer::ThreadOpened {
        room: GENERAL,
        thread: thread.unwrap(),
        result: Ok(Box::new(opening)),
    });
    stage.write(" a reply");
    stage.event(Event::Pause);
    let kept = stage.asked.iter().find_map(|command| match command {
        Command::SaveDraft {
            thread, written, ..
        } => Some((*thread, written.text.clone(), written.base)),
        _ => None,
    });
    assert_eq!(kept, Some((thread, "half a reply".into(), Some(name(1)))));
    // What is told of the room's composer is not shown here.
    stage.answer(Answer::DraftSaved {
        room: GENERAL,
        thread,
        version: Some(name(2)),
    });
    stage.event(Event::Rest);
    stage.answer(Answer::Draft {
        room: GENERAL,
        thread: None,
        result: Ok(draft("in the room", 3)),
    });
    assert_eq!(composer(&stage), "half a reply");
    stage.answer(Answer::Draft {
        room: GENERAL,
        thread,
        result: Ok(draft("from the phone", 4)),
    });
    assert_eq!(composer(&stage), "from the phone");
    stage.press("<enter>");
    let sent = stage.asked.iter().find_map(|command| match command {
        Command::SendInThread { text, base, .. } => Some((text.clone(), *base)),
        _ => None,
    });
    assert_eq!(sent, Some(("from the phone".into(), Some(name(4)))));
}

#[test]
fn the_reply_follows_with_the_draft() {
    let mut stage = Stage::furnished(80, 24);
    stage.draft = DraftView {
        reply: Some(Quote {
            message_id: MessageId(9),
            seq: None,
            thread_id: None,
            sender: SafeText::line("Bo"),
            text: SafeText::line("see you all"),
            deleted: false,
            known: true,
        }),
        ..draft("yes", 1)
    };
    stage.update(Update::Draft(GENERAL));
    let screen = stage.screen();
    assert!(screen.contains("reply to Bo: see you all"), "{screen}");
    stage.write("!");
    stage.event(Event::Pause);
    assert_eq!(saved(&stage)[0].reply_to, Some(MessageId(9)));
}

#[test]
fn what_another_device_had_written_is_taken_or_forgotten() {
    let aside = |number, text: &str| AsideView {
        version: name(number),
        text: SafeText::line(text),
        at: Timestamp(0),
    };
    let mut stage = Stage::furnished(100, 24);
    stage.draft = DraftView {
        aside: vec![aside(1, "good evening"), aside(2, "good night")],
        ..draft("hello", 3)
    };
    stage.update(Update::Draft(GENERAL));
    let screen = stage.screen();
    assert!(screen.contains("written on another device: 2"), "{screen}");
    stage.press("alt-o");
    let screen = stage.screen();
    assert!(screen.contains("good night"), "{screen}");
    stage.press("<enter>");
    assert_eq!(composer(&stage), "hello\ngood evening");
    let last = saved(&stage).pop().unwrap();
    assert_eq!(last.forget, [name(1)]);
    assert_eq!(last.text, "hello\ngood evening");
    stage.press("alt-o ctrl-x");
    let last = saved(&stage).pop().unwrap();
    assert_eq!(last.forget, [name(2)]);
    assert_eq!(composer(&stage), "hello\ngood evening");
    assert!(!stage.screen().contains("another device"));
}

#[test]
fn a_draft_that_stays_here_says_why() {
    let mut stage = Stage::furnished(100, 24);
    stage.draft = DraftView {
        refused: Some(SafeText::line("at most 200 drafts")),
        ..draft("hello", 3)
    };
    stage.update(Update::Draft(GENERAL));
    let screen = stage.screen();
    assert!(
        screen.contains("on this device only: at most 200 drafts"),
        "{screen}"
    );
}

#[test]
fn a_room_is_hushed_and_given_a_level() {
    let mut stage = Stage::furnished(100, 24);
    stage.press("<esc> H");
    let screen = stage.screen();
    assert!(screen.contains("what rings in this room"), "{screen}");
    stage.press("<tab>");
    stage.write("2h");
    stage.press("<enter>");
    let asked = stage.asked.iter().find_map(|command| match command {
        Command::Notify { room, level, hush } => Some((*room, *level, hush.clone())),
        _ => None,
    });
    let until = Some(Hush::Until("2h".into()));
    assert_eq!(asked, Some((GENERAL, Level::Usual, until)));
    stage.answer(Answer::Done(Ok("changed")));
    assert!(!stage.screen().contains("what rings in this room"));

    stage.press("H");
    stage.write("x");
    stage.press("<enter>");
    let screen = stage.screen();
    assert!(
        screen.contains("say usual, all, mentions or none"),
        "{screen}"
    );
}

#[test]
fn keywords_and_quiet_hours_are_changed_in_a_form() {
    let mut stage = Stage::furnished(100, 24);
    stage.press("ctrl-k");
    stage.write("keywords");
    stage.press("<enter>");
    stage.answer(Answer::Attention(Ok(AttentionView {
        who_writes: erc_client_core::protocol::request::WhoWrites::Everybody,
        keywords: vec![SafeText::line("deploy")],
        quiet: SafeText::line("daily 22:00-07:00"),
        time_zone: SafeText::line("Europe/Berlin"),
    })));
    let screen = stage.screen();
    assert!(screen.contains("daily 22:00-07:00"), "{screen}");
    stage.write(", release");
    stage.press("<enter>");
    let asked = stage.asked.iter().find_map(|command| match command {
        Command::SetAttention {
            keywords, quiet, ..
        } => Some((keywords.clone(), quiet.clone())),
        _ => None,
    });
    let (keywords, quiet) = asked.unwrap();
    assert_eq!(keywords, ["deploy", "release"]);
    assert_eq!(quiet, "daily 22:00-07:00");
}
