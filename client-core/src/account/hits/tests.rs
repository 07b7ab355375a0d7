use erc_protocol::{
    Block, Member, MemberState, MessageId, MessageType, Poll, Rev, RoomRole, Seq, Timestamp,
    UserRev,
    api::search::{Coverage, SearchHit},
    poll::NewPoll,
};

use super::*;
use crate::cache::{blocks, members, messages, schema};

const ME: UserId = UserId(1);
const ROOM: RoomId = RoomId(5);

fn asked(written: &str) -> Asked {
    Asked::new(&Clock::system(), written, None, 50).unwrap()
}

fn message(id: i64, content: &str) -> Message {
    Message {
        message_id: MessageId(id),
        chat_room_id: ROOM,
        sender_id: UserId(2),
        sender_name: "Ada".into(),
        content: content.into(),
        message_type: MessageType::Text,
        created_at: Timestamp(1_700_000_000_000 + id * 1_000),
        seq: Seq(id),
        rev: Rev(id),
        client_id: erc_protocol::ClientId(uuid::Uuid::from_u128(id.unsigned_abs().into())),
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        deleted_rev: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        expiry: None,
        edited_at: None,
        deleted_at: None,
    }
}

/// A store with these messages in one room.
fn held(texts: &[&str]) -> Connection {
    let conn = schema::open_in_memory();
    conn.execute(
        "INSERT INTO rooms (room_id, state, role, read_seq, first_visible_seq, user_rev, room_rev,
             name) VALUES (5, 'joined', 'member', 0, 1, 1, 1, 'Größe')",
        [],
    )
    .unwrap();
    for (id, text) in (1..).zip(texts) {
        messages::put(&conn, &message(id, text)).unwrap();
    }
    let member = Member {
        user_id: UserId(2),
        username: "ada".into(),
        display_name: "Áda L.".into(),
        role: RoomRole::Member,
        state: MemberState::Joined,
        rev: Rev(1),
        joined_at: Timestamp(0),
        muted_until: None,
    };
    members::put(&conn, ROOM, &member).unwrap();
    conn
}

fn ids(hits: &[Hit]) -> Vec<i64> {
    hits.iter().map(|hit| hit.message_id.0).collect()
}

#[test]
fn what_is_held_is_searched_as_on_the_server() {
    let conn = held(&[
        "Un café?",
        "昨日、日本語を勉強した",
        "we meet at six",
        "cafe https://a.b",
    ]);
    for (written, expected) in [
        ("cafe", vec![4, 1]),
        ("CAFÉ -https", vec![1]),
        ("日本", vec![2]),
        ("eet", vec![3]),
        ("\"meet at\"", vec![3]),
        ("has:link", vec![4]),
        ("from:ada cafe", vec![4, 1]),
        ("from:\"ada l.\" eet", vec![3]),
        ("from:me", vec![]),
        ("from:nobody", vec![]),
        ("in:grosse eet", vec![3]),
        ("in:elsewhere eet", vec![]),
        ("on:2023-11-14", vec![4, 3, 2, 1]),
        ("before:2023-11-14", vec![]),
        ("", vec![]),
    ] {
        let hits = asked(written).here(&conn, ME).unwrap();
        assert_eq!(ids(&hits), expected, "{written}");
    }
    let wrong = Asked::new(&Clock::system(), "x form:ada", None, 5).unwrap_err();
    assert!(wrong.to_string().contains("at character 3"), "{wrong}");
}

#[test]
fn a_poll_is_found_as_one_by_its_question_and_its_options() {
    let conn = held(&["tea for all"]);
    let new = NewPoll {
        options: vec!["black".into(), "green".into()],
        ..NewPoll::default()
    };
    let poll = Poll::new("Which tea?", &new).unwrap();
    let row = Message {
        poll: Some(poll.clone()),
        message_type: MessageType::Poll,
        ..message(2, &poll.text())
    };
    messages::put(&conn, &row).unwrap();
    for (written, expected) in [
        ("has:poll", vec![2]),
        ("green", vec![2]),
        ("tea", vec![2, 1]),
        ("tea -has:poll", vec![1]),
    ] {
        let hits = asked(written).here(&conn, ME).unwrap();
        assert_eq!(ids(&hits), expected, "{written}");
    }
}

#[test]
fn what_somebody_said_whom_one_blocks_is_marked_wherever_it_is_found() {
    let conn = held(&["needle here"]);
    let far = SearchHit {
        message: message(9, "needle far away"),
        room_name: "Größe".into(),
        highlights: vec![],
        snippet: (0, 5),
    };
    let answer = || SearchResults {
        hits: vec![far.clone()],
        cursor: None,
        coverage: Coverage {
            complete: true,
            behind: 0,
        },
    };
    let marks = || -> Vec<bool> {
        let found = asked("needle").merge(&conn, ME, Some(answer())).unwrap();
        found.hits.iter().map(|hit| hit.blocked).collect()
    };
    assert_eq!(marks(), [false, false]);
    let mut block = Block {
        user_id: UserId(2),
        username: "ada".into(),
        display_name: "Ada".into(),
        reason: String::new(),
        blocked_at: Some(Timestamp(1)),
        user_rev: UserRev(4),
    };
    blocks::put(&conn, &block).unwrap();
    assert_eq!(marks(), [true, true]);
    block.blocked_at = None;
    blocks::put(&conn, &block).unwrap();
    assert_eq!(marks(), [false, false]);
}

#[test]
fn what_the_server_finds_is_added_once_and_told_apart() {
    let conn = held(&["needle here", "needle on both", "needle newest"]);
    let hit = |id: i64, text: &str| SearchHit {
        message: message(id, text),
        room_name: "Größe".into(),
        highlights: vec![],
        snippet: (0, 5),
    };
    let answer = |cursor: Option<&str>| SearchResults {
        hits: vec![hit(9, "needle far away"), hit(2, "needle on both")],
        cursor: cursor.map(str::to_owned),
        coverage: Coverage {
            complete: true,
            behind: 0,
        },
    };
    let found = asked("needle")
        .merge(&conn, ME, Some(answer(None)))
        .unwrap();
    let reaches = |found: &Found| -> Vec<(i64, FoundIn)> {
        let hits = found.hits.iter();
        hits.map(|hit| (hit.message_id.0, hit.found_in)).collect()
    };
    let expected = [
        (9, FoundIn::OnServer),
        (3, FoundIn::OnlyHere),
        (2, FoundIn::Everywhere),
        (1, FoundIn::OnlyHere),
    ];
    assert_eq!(reaches(&found), expected);
    assert!(found.asked_server && found.complete && !found.more);
    let first = asked("needle")
        .merge(&conn, ME, Some(answer(Some("x"))))
        .unwrap();
    assert_eq!(
        reaches(&first)[3],
        (1, FoundIn::Here),
        "the next page may have it"
    );
    assert!(first.more);
    let alone = asked("needle").merge(&conn, ME, None).unwrap();
    assert_eq!(ids(&alone.hits), [3, 2, 1]);
    assert!(!alone.asked_server && !alone.complete);
}

#[test]
fn an_excerpt_marks_every_word_whatever_its_case() {
    let (text, matches) = excerpt(
        "Shall we meet at six? MÉET me there",
        &asked("meet six").query,
    );
    let marked: Vec<&str> = matches
        .iter()
        .map(|(start, end)| &text.as_str()[*start..*end])
        .collect();
    assert_eq!(marked, ["meet", "six", "MÉET"]);
}

#[test]
fn an_excerpt_of_a_long_message_begins_near_the_match() {
    let content = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
    let (text, matches) = excerpt(&content, &asked("needle").query);
    assert!(text.as_str().starts_with('…'));
    let (start, end) = matches[0];
    assert_eq!(&text.as_str()[start..end], "needle");
}

#[test]
fn matches_fall_on_character_borders_in_any_script() {
    for (content, word) in [
        ("Straße İstanbul ÄÖ", "äö"),
        ("日本語テスト", "語テ"),
        ("a\u{0301}b", "ab"),
        ("x\u{202e}y\u{1b}[31m needle", "needle"),
    ] {
        let (text, matches) = excerpt(content, &asked(word).query);
        assert!(!matches.is_empty(), "{content}");
        for (start, end) in matches {
            assert!(text.as_str().get(start..end).is_some());
        }
    }
}
