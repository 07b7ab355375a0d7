//! Threads in the terminal: into one and back, answering in it, lists of them, addresses of messages.

use erc::{
    command::{Answer, Command, ThreadOpening},
    state::{
        Effect,
        picker::{Entry, Pick, Purpose},
    },
};
use erc_client_core::{
    SafeText,
    protocol::{MessageId, Seq},
    view::{DraftView, Item, MessageView, OpenedRoom, ThreadBadge, Timeline, Update, Whereabouts},
};

use crate::stage::{GENERAL, Stage, message};

const THREAD: MessageId = MessageId(7);

fn badge(unread: i64, mentions: i64) -> ThreadBadge {
    ThreadBadge {
        replies: 12,
        last: "12:04".into(),
        following: true,
        unread,
        mentions,
    }
}

fn reply(seq: i64, text: &str) -> MessageView {
    MessageView {
        thread_id: Some(THREAD),
        ..message(seq, 3, "Ada", text)
    }
}

/// A thread with its root and two replies, of which one is new.
fn opening() -> ThreadOpening {
    let rows = vec![
        message(7, 7, "You", "see you all at six"),
        reply(20, "I may be late"),
        reply(21, "so may I"),
    ];
    ThreadOpening {
        opened: OpenedRoom {
            read_seq: Seq(20),
            unread: 1,
        },
        follows: true,
        timeline: Timeline {
            items: rows.into_iter().map(Item::Message).collect(),
            from_seq: Some(Seq(7)),
            to_seq: Some(Seq(21)),
            at_start: true,
            at_end: true,
        },
        draft: DraftView {
            text: "half a th".into(),
            ..DraftView::default()
        },
    }
}

/// The newest message has a thread, and it is open.
fn in_thread() -> Stage {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> t");
    assert!(matches!(
        stage.asked.pop(),
        Some(Command::OpenThread {
            room: GENERAL,
            thread: THREAD,
            ..
        })
    ));
    stage.answer(Answer::ThreadOpened {
        room: GENERAL,
        thread: THREAD,
        result: Ok(Box::new(opening())),
    });
    stage
}

#[test]
fn a_root_says_how_many_replies_there_are_and_how_many_are_new() {
    let mut stage = Stage::furnished(100, 30);
    let last = stage.messages.len() - 1;
    for (unread, expected) in [
        (0, "12 replies, last 12:04"),
        (2, "12 replies, last 12:04, 2 new"),
    ] {
        stage.messages[last].thread = Some(badge(unread, 0));
        stage.update(Update::Timeline(GENERAL));
        let screen = stage.screen();
        assert!(screen.contains(expected), "{screen}");
    }
    stage.messages[last] = reply(7, "shown in both");
    stage.messages[last].also_in_room = true;
    stage.update(Update::Timeline(GENERAL));
    assert!(stage.screen().contains("in a thread"));
}

#[test]
fn t_goes_into_a_thread_with_its_own_draft_and_marks_and_back() {
    let mut stage = in_thread();
    let screen = stage.screen();
    assert!(screen.contains("thread in"), "{screen}");
    assert!(screen.contains("so may I") && screen.contains("half a th"));
    assert!(!screen.contains("Shall we meet"), "only the thread");
    let is_mark = |command: &Command| {
        matches!(
            command,
            Command::MarkThreadRead {
                thread: THREAD,
                seq: Seq(21),
                ..
            }
        )
    };
    assert!(stage.asked.iter().any(is_mark), "{:?}", stage.asked);
    stage.write("ought");
    stage.press("<enter>");
    let sent = stage.asked.iter().find_map(|command| match command {
        Command::SendInThread {
            thread,
            text,
            also_in_room,
            ..
        } => Some((*thread, text.clone(), *also_in_room)),
        _ => None,
    });
    assert_eq!(sent, Some((THREAD, "half a thought".into(), false)));
    stage.press("alt-r");
    stage.write("for all");
    stage.press("<enter>");
    let also = |command: &Command| {
        matches!(
            command,
            Command::SendInThread {
                also_in_room: true,
                ..
            }
        )
    };
    assert!(stage.asked.iter().any(also));
    stage.press("<esc> t");
    let screen = stage.screen();
    assert!(screen.contains("Shall we meet"), "{screen}");
    assert!(!screen.contains("so may I"));
}

#[test]
fn a_hole_in_a_thread_is_asked_for_as_the_thread() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> t");
    let mut thread = opening();
    let hole = Item::Hole {
        from: Seq(8),
        to: Seq(19),
    };
    thread.timeline.items.insert(1, hole);
    stage.answer(Answer::ThreadOpened {
        room: GENERAL,
        thread: THREAD,
        result: Ok(Box::new(thread)),
    });
    let fills = |command: &Command| matches!(command, Command::FillThread { thread: THREAD, .. });
    assert!(stage.asked.iter().any(fills), "{:?}", stage.asked);
}

#[test]
fn the_list_of_threads_leads_into_them() {
    let mut stage = Stage::furnished(100, 30);
    stage.write("/threads that");
    stage.press("<enter>");
    assert!(matches!(stage.asked.pop(), Some(Command::Threads)));
    let entry = Entry {
        label: SafeText::line("You: see you all at six"),
        hint: SafeText::line("12 replies · 2 new · general"),
        at: None,
        pick: Pick::Thread {
            room: GENERAL,
            thread: THREAD,
        },
    };
    stage.answer(Answer::Picked {
        purpose: Purpose::Threads,
        result: Ok(vec![entry]),
    });
    assert!(stage.screen().contains("2 new"));
    // What changes meanwhile is read again.
    stage.update(Update::Threads);
    assert!(matches!(stage.asked.pop(), Some(Command::Threads)));
    stage.press("<enter>");
    let opens = |command: &Command| matches!(command, Command::OpenThread { thread: THREAD, .. });
    assert!(stage.asked.iter().any(opens));
}

#[test]
fn one_follows_the_thread_that_is_open_and_no_longer() {
    let mut stage = in_thread();
    stage.press("<esc> F");
    for on in [false, true] {
        let said = stage.asked.iter().rev().find_map(|command| match command {
            Command::FollowThread { thread, on, .. } => Some((*thread, *on)),
            _ => None,
        });
        assert_eq!(said, Some((THREAD, on)));
        stage.press("F");
    }
}

#[test]
fn the_address_of_a_message_is_copied_and_followed() {
    let mut stage = Stage::furnished(100, 30);
    stage.press("<esc> Y");
    assert!(matches!(
        stage.asked.pop(),
        Some(Command::CopyPermalink {
            room: GENERAL,
            message: THREAD
        })
    ));
    let address = "https://chat.example.org/go/1/2";
    stage.answer(Answer::Copied(Ok(address.into())));
    assert!(
        stage
            .state
            .take_effects()
            .contains(&Effect::Copy(address.into()))
    );

    let last = stage.messages.len() - 1;
    stage.messages[last] = message(7, 3, "Ada", &format!("look: {address}"));
    stage.update(Update::Timeline(GENERAL));
    stage.press("G O");
    let Some(Command::FindMessage { link }) = stage.asked.pop() else {
        panic!("{:?}", stage.asked);
    };
    assert_eq!(link.message, MessageId(2));
    stage.answer(Answer::Located(Ok(Whereabouts {
        room_id: GENERAL,
        seq: Seq(2),
        message_id: MessageId(2),
        thread_id: None,
    })));
    let open = stage.state.chat().unwrap().open.as_ref().unwrap();
    assert_eq!(open.selected_message().unwrap().seq, Some(Seq(2)));
    // It may stand in a thread only, or be none of one's business.
    stage.answer(Answer::Located(Ok(Whereabouts {
        room_id: GENERAL,
        seq: Seq(21),
        message_id: MessageId(21),
        thread_id: Some(THREAD),
    })));
    assert!(matches!(
        stage.asked.pop(),
        Some(Command::OpenThread { thread: THREAD, .. })
    ));
    let why = SafeText::line("there is no such message, or you may not see it");
    stage.answer(Answer::Located(Err(why)));
    assert!(stage.screen().contains("you may not see it"));
}

#[test]
fn a_poll_is_asked_in_the_thread_and_in_the_room_if_one_says_so() {
    let mut stage = in_thread();
    stage.press("ctrl-u alt-r");
    stage.write("/poll \"Late?\" yes no");
    stage.press("<enter>");
    let place = |stage: &mut Stage| {
        stage.asked.drain(..).find_map(|command| match command {
            Command::SendPoll { place, .. } => Some((place.thread, place.also_in_room)),
            _ => None,
        })
    };
    assert_eq!(place(&mut stage), Some((Some(THREAD), true)));
    // Said for one answer at a time; by the form it is the same.
    stage.press("alt-p");
    assert!(stage.screen().contains("ask everybody in this thread"));
    stage.write("Late?");
    stage.press("<tab>");
    stage.write("yes | no");
    stage.press("<enter>");
    assert_eq!(place(&mut stage), Some((Some(THREAD), false)));
}
