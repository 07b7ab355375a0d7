use erc_protocol::{
    Draft, ErrorBody, ErrorCode, Level, MemberState, MessageId, RoomId, RoomRole, Seq, Timestamp,
    UserId, UserRev, draft::Aside, limit, sync::UserRoom,
};

use super::*;
use crate::{
    cache::schema::open_in_memory,
    outbox::{
        compose::{self, Answer},
        settle,
    },
};

const ME: UserId = UserId(1);
const ROOM: RoomId = RoomId(1);
const COMPOSER: Key = (ROOM, None);

fn name(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

fn author(number: u128) -> Author {
    Author {
        me: ME,
        now: Timestamp(0),
        op_id: name(number),
    }
}

fn conn() -> Connection {
    let conn = open_in_memory();
    let mine = UserRoom {
        room_id: ROOM,
        state: MemberState::Joined,
        role: RoomRole::Member,
        read_seq: Seq(0),
        first_visible_seq: Seq(1),
        marked_unread: false,
        muted_until: None,
        level: Level::Usual,
        hushed_until: None,
        request: erc_protocol::RequestState::None,
        user_rev: UserRev(1),
    };
    rooms::put_mine(&conn, &mine).unwrap();
    conn
}

/// What is typed, by somebody who sees what stands there.
fn typed(conn: &Connection, text: &str, number: u128) -> Option<ClientId> {
    let base = drafts::get(conn, COMPOSER).unwrap().map(|row| row.version);
    let written = Written {
        base,
        ..Written::new(text)
    };
    write(conn, author(number), COMPOSER, &written).unwrap().0
}

/// What stood in the composer of the room, or of a thread, is sent.
fn send(conn: &Connection, thread: Option<MessageId>, number: u128, base: Option<ClientId>) {
    let to = Answer {
        thread_id: thread,
        ..Answer::default()
    };
    compose::send_draft(conn, author(number), ROOM, "hello".into(), to, base).unwrap();
}

fn waiting(conn: &Connection) -> Vec<Entry> {
    outbox::of_room(conn, ROOM).unwrap()
}

/// What would go now goes on the wire.
fn pump(conn: &Connection) -> Vec<Entry> {
    settle::begun(conn, &outbox::heads(conn).unwrap()).unwrap()
}

fn row(text: &str, number: u128, rev: i64) -> Draft {
    Draft {
        room_id: ROOM,
        thread_id: None,
        content: text.into(),
        reply_to: None,
        version: name(number),
        updated_at: Timestamp(0),
        aside: Vec::new(),
        user_rev: UserRev(rev),
    }
}

fn shown(conn: &Connection) -> String {
    let row = drafts::get(conn, COMPOSER).unwrap();
    row.map(|row| row.content).unwrap_or_default()
}

#[test]
fn what_is_typed_while_it_waits_is_one_entry() {
    let conn = conn();
    assert_eq!(typed(&conn, "h", 1), Some(name(1)));
    assert_eq!(typed(&conn, "he", 2), Some(name(1)));
    assert_eq!(typed(&conn, "he", 3), Some(name(1)), "nothing changed");
    let entries = waiting(&conn);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].content, "he");
    assert_eq!(shown(&conn), "he");
}

#[test]
fn what_is_typed_behind_one_on_its_way_goes_on_from_that() {
    let conn = conn();
    typed(&conn, "h", 1);
    let out = pump(&conn);
    typed(&conn, "he", 2);
    assert_eq!(pump(&conn)[0].id, out[0].id, "one at a time");
    assert!(settle::draft(&conn, out[0].id, &row("h", 1, 5)).is_ok());
    assert_eq!(shown(&conn), "he", "what was typed since stays");
    let next = pump(&conn);
    assert_eq!(next[0].content, "he");
    assert_eq!(next[0].drafts, [name(1)]);
    settle::draft(&conn, next[0].id, &row("he", 2, 6)).unwrap();
    assert_eq!(waiting(&conn), []);
}

#[test]
fn the_servers_row_takes_the_place_only_of_what_is_not_on_its_way() {
    let conn = conn();
    assert!(drafts::take(&conn, &row("theirs", 7, 3)).unwrap());
    assert_eq!(shown(&conn), "theirs");
    assert!(!drafts::take(&conn, &row("older", 6, 2)).unwrap());
    typed(&conn, "mine", 1);
    let mut told = row("theirs too", 8, 4);
    told.aside.push(Aside {
        version: name(9),
        content: "beside".into(),
        at: Timestamp(0),
    });
    assert!(drafts::take(&conn, &told).unwrap());
    assert_eq!(shown(&conn), "mine");
    let held = drafts::get(&conn, COMPOSER).unwrap().unwrap();
    assert_eq!(held.aside, told.aside);
    assert_eq!(waiting(&conn)[0].drafts, [name(7)], "what was seen");
    // Its answer is lost, and the row tells that it arrived.
    pump(&conn);
    drafts::take(&conn, &row("mine", 1, 5)).unwrap();
    assert_eq!(waiting(&conn), []);
}

#[test]
fn what_was_put_aside_before_its_answer_came_gives_way_to_the_other_text() {
    let conn = conn();
    typed(&conn, "mine", 1);
    let going = pump(&conn);
    // Another device wrote behind it, and that is told first.
    let other = Draft {
        aside: vec![Aside {
            version: name(1),
            content: "mine".into(),
            at: Timestamp(0),
        }],
        ..row("theirs", 2, 3)
    };
    assert!(drafts::take(&conn, &other).unwrap());
    assert_eq!(shown(&conn), "theirs");
    settle::draft(&conn, going[0].id, &row("mine", 1, 2)).unwrap();
    let held = drafts::get(&conn, COMPOSER).unwrap().unwrap();
    assert_eq!((held.content.as_str(), held.aside.len()), ("theirs", 1));
    assert!(waiting(&conn).is_empty());
}

#[test]
fn a_message_names_the_states_of_its_draft_that_the_server_may_have() {
    let conn = conn();
    drafts::take(&conn, &row("h", 7, 3)).unwrap();
    typed(&conn, "he", 1);
    send(&conn, None, 2, None);
    let entries = waiting(&conn);
    assert_eq!(entries.len(), 1, "what never left is not needed");
    assert_eq!(entries[0].drafts, [name(7)]);
    assert_eq!(shown(&conn), "");
    // What the server tells of before it has the message is not shown again.
    drafts::take(&conn, &row("h", 7, 4)).unwrap();
    assert_eq!(shown(&conn), "");
    // But another device's text is.
    drafts::take(&conn, &row("theirs", 8, 5)).unwrap();
    assert_eq!(shown(&conn), "theirs");
}

#[test]
fn behind_a_message_whose_draft_was_on_its_way_the_draft_is_emptied() {
    let conn = conn();
    typed(&conn, "he", 1);
    pump(&conn);
    send(&conn, None, 2, None);
    let entries = waiting(&conn);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].drafts, [name(1)]);
    assert_eq!(
        (entries[1].kind, entries[1].content.as_str()),
        (Kind::Draft, "")
    );
    assert_eq!(entries[1].drafts, [name(1)]);
    let going: Vec<_> = pump(&conn).into_iter().map(|entry| entry.kind).collect();
    assert_eq!(going, [Kind::Send], "the draft waits for the message");
    outbox::delete(&conn, entries[0].id).unwrap();
    assert_eq!(pump(&conn)[0].kind, Kind::Draft);
}

#[test]
fn a_message_that_is_never_sent_gives_up_its_draft_all_the_same() {
    for is_refused in [false, true] {
        let conn = conn();
        drafts::take(&conn, &row("h", 7, 3)).unwrap();
        send(&conn, None, 2, Some(name(7)));
        if is_refused {
            let entry = pump(&conn).remove(0);
            let error = ErrorBody::new(ErrorCode::Forbidden, "you are muted here");
            settle::refused(&conn, entry.id, &error).unwrap();
        } else {
            compose::delete(&conn, author(3), ROOM, ME, name(2)).unwrap();
        }
        let draft = pump(&conn).remove(0);
        assert_eq!(draft.kind, Kind::Draft, "refused: {is_refused}");
        assert_eq!(
            (draft.content.as_str(), &draft.drafts[..]),
            ("", &[name(7)][..])
        );
    }
}

#[test]
fn what_is_typed_after_a_refused_message_is_not_emptied_with_its_draft() {
    let conn = conn();
    typed(&conn, "he", 1);
    pump(&conn);
    send(&conn, None, 2, None);
    let message = pump(&conn).remove(0);
    let error = ErrorBody::new(ErrorCode::Forbidden, "a word of it is not taken here");
    settle::refused(&conn, message.id, &error).unwrap();
    typed(&conn, "another", 3);
    let mut rev = 5;
    loop {
        let mut going = pump(&conn);
        going.retain(|entry| entry.kind == Kind::Draft);
        let Some(entry) = going.pop() else { break };
        rev += 1;
        let told = Draft {
            version: entry.op_id,
            ..row(&entry.content, 0, rev)
        };
        settle::draft(&conn, entry.id, &told).unwrap();
        assert_eq!(shown(&conn), "another");
    }
    assert!(rev > 6, "the old draft is emptied, and the new one given");
    let row = drafts::get(&conn, COMPOSER).unwrap().unwrap();
    assert_eq!(row.user_rev, UserRev(rev), "the server has it");
}

#[test]
fn what_is_refused_stays_here_and_goes_when_one_is_back() {
    let conn = conn();
    typed(&conn, "h", 1);
    let entry = pump(&conn).remove(0);
    let error = ErrorBody::new(ErrorCode::LimitReached, "too many");
    assert_eq!(settle::refused(&conn, entry.id, &error).unwrap(), None);
    assert_eq!(outbox::parked(&conn).unwrap().len(), 0, "no message failed");
    assert_eq!(pump(&conn), []);
    drafts::take(&conn, &row("theirs", 8, 5)).unwrap();
    assert_eq!(shown(&conn), "h");
    outbox::unpark_drafts(&conn, ROOM).unwrap();
    assert_eq!(pump(&conn).len(), 1);

    let long = "x".repeat(limit::DRAFT_BYTES + 1);
    typed(&conn, &long, 2);
    let last = waiting(&conn).pop().unwrap();
    assert_eq!(last.state, State::Parked);
    typed(&conn, "shorter", 3);
    assert_eq!(waiting(&conn).pop().unwrap().state, State::Queued);
}

#[test]
fn another_database_is_given_what_one_wrote_again() {
    let conn = conn();
    drafts::take(&conn, &row("h", 7, 30)).unwrap();
    drafts::give_again(&conn).unwrap();
    let going = pump(&conn);
    assert_eq!((going[0].content.as_str(), going[0].op_id), ("h", name(7)));
    assert!(going[0].drafts.is_empty());
    settle::draft(&conn, going[0].id, &row("h", 7, 1)).unwrap();
    assert_eq!(waiting(&conn), []);
    assert_eq!(shown(&conn), "h");
}

#[test]
fn texts_of_other_devices_are_forgotten_by_name() {
    let conn = conn();
    let mut told = row("mine", 7, 3);
    for (number, content) in [(8, "one"), (9, "two")] {
        told.aside.push(Aside {
            version: name(number),
            content: content.into(),
            at: Timestamp(0),
        });
    }
    drafts::take(&conn, &told).unwrap();
    let written = Written {
        base: Some(name(7)),
        forget: vec![name(8), name(6)],
        ..Written::new("mine")
    };
    write(&conn, author(1), COMPOSER, &written).unwrap();
    assert_eq!(waiting(&conn)[0].forget, [name(8)]);
    drafts::take(&conn, &told).unwrap();
    let held = drafts::get(&conn, COMPOSER).unwrap().unwrap();
    assert_eq!(held.aside.len(), 1);
    assert_eq!(held.aside[0].content, "two");
}

#[test]
fn a_thread_has_a_composer_of_its_own() {
    let conn = conn();
    let thread = Some(MessageId(9));
    let text = |thread| {
        let row = drafts::get(&conn, (ROOM, thread)).unwrap();
        row.map(|row| row.content)
    };
    typed(&conn, "in the room", 1);
    let written = Written::new("in the thread");
    write(&conn, author(2), (ROOM, thread), &written).unwrap();
    let entries = waiting(&conn);
    assert_eq!(entries.len(), 2, "neither takes the other's place");
    assert_eq!((entries[0].thread_id, entries[1].thread_id), (None, thread));
    assert_eq!(pump(&conn).len(), 1, "one after the other");
    settle::draft(&conn, entries[0].id, &row("in the room", 1, 5)).unwrap();
    let told = Draft {
        thread_id: thread,
        ..row("in the thread", 2, 6)
    };
    assert!(!drafts::take(&conn, &told).unwrap(), "it is shown already");
    assert_eq!(waiting(&conn), [], "its row says that it arrived");

    send(&conn, thread, 3, Some(name(2)));
    let sent = waiting(&conn).remove(0);
    assert_eq!((sent.thread_id, &sent.drafts[..]), (thread, &[name(2)][..]));
    assert_eq!(text(thread).as_deref(), Some(""));
    assert_eq!(text(None).as_deref(), Some("in the room"));
    // All is told afresh, and the thread's is not there any more.
    outbox::delete(&conn, sent.id).unwrap();
    let gone = drafts::keep_only(&conn, &[COMPOSER].into()).unwrap();
    assert_eq!(gone, [ROOM]);
    assert_eq!(
        (text(thread), text(None).as_deref()),
        (None, Some("in the room"))
    );
}
