//! How polls are shown.

use erc_protocol::{Poll, poll::NewPoll};

use super::*;

fn asked(anonymous: bool, hidden: bool) -> Message {
    let new = NewPoll {
        options: vec!["Tea".into(), "Coffee".into()],
        multiple: true,
        anonymous,
        hidden,
        closes_at: Some(Timestamp(NOON + MINUTE)),
    };
    let mut poll = Poll::new("What?", &new).unwrap();
    poll.tally(&[(ADA, vec![0, 1]), (ME, vec![0])]);
    Message {
        message_type: MessageType::Poll,
        content: poll.text(),
        poll: Some(poll),
        ..row(1, ADA, NOON)
    }
}

fn shown(row: Message, pending: Vec<Entry>, setting: &Setting) -> MessageView {
    let source = Source {
        rows: vec![row],
        pending,
        ..Source::default()
    };
    let items = merge::build(&source, setting).items;
    let message = items.into_iter().find_map(|item| match item {
        Item::Message(view) => Some(view),
        _ => None,
    });
    message.expect("the row is shown")
}

fn chose(options: &str) -> Entry {
    Entry {
        sender: Some(ADA),
        client_id: Some(id(1)),
        message_id: Some(MessageId(101)),
        content: options.to_owned(),
        ..entry(Kind::Vote, 9, State::Queued)
    }
}

type Seen<'a> = (Option<i64>, Option<u8>, bool, Vec<&'a str>);

fn seen(view: &MessageView) -> Vec<Seen<'_>> {
    let options = view.poll.iter().flat_map(|poll| &poll.options);
    let one = options.map(|one| {
        let names = one.names.iter().map(SafeText::as_str).collect();
        (one.votes, one.percent, one.own, names)
    });
    one.collect()
}

fn mine(options: &[u8]) -> Setting {
    Setting {
        votes: HashMap::from([(MessageId(101), options.to_vec())]),
        ..setting()
    }
}

#[test]
fn a_vote_is_counted_at_once_and_once() {
    let view = shown(asked(false, false), vec![], &mine(&[0]));
    assert_eq!(
        seen(&view),
        [
            (Some(2), Some(100), true, vec!["Ada", "Me"]),
            (Some(1), Some(50), false, vec!["Ada"])
        ]
    );
    let view = shown(asked(false, false), vec![chose("1")], &mine(&[0]));
    assert_eq!(
        seen(&view),
        [
            (Some(1), Some(50), false, vec!["Ada"]),
            (Some(2), Some(100), true, vec!["Ada", "Me"])
        ]
    );
    let view = shown(asked(false, false), vec![chose("")], &mine(&[0]));
    assert_eq!(view.poll.as_ref().unwrap().voters, 1);
    assert_eq!(seen(&view)[0], (Some(1), Some(100), false, vec!["Ada"]));
    // The same that the server has counts no second time.
    let view = shown(asked(false, false), vec![chose("0")], &mine(&[0]));
    assert_eq!(seen(&view)[0].0, Some(2));
}

#[test]
fn what_is_hidden_is_not_counted_and_who_is_anonymous_is_not_named() {
    let view = shown(asked(false, true), vec![chose("1")], &mine(&[0]));
    assert_eq!(seen(&view)[1], (None, None, true, vec![]));
    let view = shown(asked(true, false), vec![chose("1")], &mine(&[0]));
    assert_eq!(seen(&view)[1], (Some(2), Some(100), true, vec![]));
    let shunned = Setting {
        blocked: HashSet::from([ADA]),
        ..mine(&[0])
    };
    let view = shown(asked(false, false), vec![], &shunned);
    assert_eq!(
        seen(&view)[0],
        (Some(2), Some(100), true, vec!["Me"]),
        "who is blocked is counted and not named"
    );
}

#[test]
fn one_votes_until_it_is_over() {
    let at = |now| Setting {
        now: Timestamp(now),
        ..mine(&[])
    };
    let open = shown(asked(false, false), vec![], &at(NOON)).poll.unwrap();
    assert!(open.can_vote && !open.can_close && !open.closed);
    let over = shown(asked(false, false), vec![], &at(NOON + MINUTE));
    let poll = over.poll.as_ref().unwrap();
    assert!(!poll.can_vote && poll.closed && !over.can_edit);
    let moderator = Setting {
        can: vec![Capability::DeleteOthers],
        ..at(NOON)
    };
    let poll = shown(asked(false, false), vec![], &moderator).poll.unwrap();
    assert!(poll.can_close && !poll.can_vote, "who may react may vote");
    let close = Entry {
        kind: Kind::ClosePoll,
        ..chose("")
    };
    let closing = shown(asked(false, false), vec![close], &at(NOON));
    assert!(closing.poll.unwrap().closed);
}

#[test]
fn a_poll_that_was_not_sent_yet_is_shown_as_one() {
    let mut send = entry(Kind::Send, 1, State::Queued);
    send.content = "What?".to_owned();
    send.poll = Some(NewPoll {
        options: vec!["Tea".into(), "Coffee".into()],
        ..NewPoll::default()
    });
    let source = Source {
        pending: vec![send],
        at_end: true,
        ..Source::default()
    };
    let items = merge::build(&source, &setting()).items;
    let Some(Item::Message(view)) = items.last() else {
        panic!("it is shown: {items:?}");
    };
    let poll = view.poll.as_ref().unwrap();
    assert_eq!(poll.options.len(), 2);
    assert!(!poll.can_vote);
    assert_eq!(view.text.as_str(), "Poll: What?\n1. Tea\n2. Coffee");
    assert_eq!(view.editable().as_str(), "What?");
}
