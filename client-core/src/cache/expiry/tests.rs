use erc_protocol::{
    ClientId, Expiry, MemberState, Message, MessageId, MessageType, Rev, RoomId, RoomRole, Seq,
    Timestamp, UserId, UserRev,
    search::{Named, Now, Query},
    sync::UserRoom,
};
use proptest::prelude::*;
use rusqlite::Connection;
use uuid::Uuid;

use super::{clear, next};
use crate::{
    cache::{messages, outbox, rooms, schema::open_in_memory, search},
    outbox::compose::{self, Author},
    timeline::load,
    unread,
    view::Window,
};

const ROOM: RoomId = RoomId(1);
const ME: UserId = UserId(1);
const BO: UserId = UserId(2);

fn row(seq: i64, goes: Option<i64>) -> Message {
    Message {
        message_id: MessageId(100 + seq),
        chat_room_id: ROOM,
        sender_id: if seq % 3 == 0 { ME } else { BO },
        sender_name: "Bo".to_owned(),
        content: format!("secret number {seq}"),
        message_type: MessageType::Text,
        created_at: Timestamp(seq),
        seq: Seq(seq),
        rev: Rev(seq),
        client_id: ClientId(Uuid::from_u128(u128::try_from(seq).unwrap())),
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        mentions: vec![ME],
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        expiry: goes.map(|at| Expiry {
            at: Some(Timestamp(at)),
            after_read_s: None,
        }),
        edited_at: None,
        deleted_at: None,
        deleted_rev: None,
    }
}

/// A room with a message for each of these, at places from 1.
fn held(goes: &[Option<i64>]) -> Connection {
    let conn = open_in_memory();
    let mine = UserRoom {
        room_id: ROOM,
        state: MemberState::Joined,
        role: RoomRole::Member,
        read_seq: Seq(0),
        marked_unread: false,
        muted_until: None,
        level: erc_protocol::Level::Usual,
        hushed_until: None,
        request: erc_protocol::RequestState::None,
        first_visible_seq: Seq(1),
        user_rev: UserRev(1),
    };
    rooms::put_mine(&conn, &mine).unwrap();
    for (seq, goes) in (1..).zip(goes) {
        messages::put(&conn, &row(seq, *goes)).unwrap();
    }
    conn
}

fn clear_all(conn: &Connection, now: i64) {
    while next(conn).unwrap().is_some_and(|next| next.0 <= now) {
        assert!(!clear(conn, Timestamp(now)).unwrap().is_empty());
    }
}

fn found(conn: &Connection, text: &str, now: i64) -> usize {
    let time = Now {
        time: Timestamp(now),
        offset_minutes: 0,
    };
    let query = Query::parse(text, time).unwrap();
    let sought = search::Sought {
        query: &query,
        named: &Named::default(),
        room: None,
        now: Timestamp(now),
    };
    search::find(conn, &sought, 99).unwrap().len()
}

fn shown(conn: &Connection, now: i64) -> Vec<i64> {
    let room = rooms::get(conn, ROOM).unwrap().unwrap();
    let window = Window::Newest { count: 99 };
    let source = load::source(conn, &room, window, Timestamp(now)).unwrap();
    source.rows.iter().map(|row| row.seq.0).collect()
}

#[test]
fn what_is_over_is_neither_shown_nor_found_nor_kept_before_the_server_says_so() {
    let conn = held(&[None, Some(50), Some(90), None]);
    assert_eq!(next(&conn).unwrap(), Some(Timestamp(50)));
    assert_eq!(shown(&conn, 49), [1, 2, 3, 4]);
    assert_eq!(found(&conn, "secret", 49), 4);
    // Before anything was cleared.
    assert_eq!(shown(&conn, 50), [1, 3, 4]);
    assert_eq!(found(&conn, "secret", 50), 3);
    clear_all(&conn, 50);
    assert_eq!(next(&conn).unwrap(), Some(Timestamp(90)));
    // Whatever a clock that is put back says, the content is gone.
    assert_eq!(found(&conn, "secret", 0), 3);
    let kept = messages::at(&conn, ROOM, Seq(2)).unwrap().unwrap();
    assert_eq!((kept.content.as_str(), kept.is_deleted()), ("", false));
    // What counts is the server's to say: place, sender and mentions are still there.
    let room = rooms::get(&conn, ROOM).unwrap().unwrap();
    assert_eq!(unread::of_room(&conn, ME, &room).unwrap().count, 3);
    let gone = Message {
        content: String::new(),
        mentions: Vec::new(),
        rev: Rev(50),
        deleted_at: Some(Timestamp(50)),
        ..row(2, Some(50))
    };
    assert!(messages::put(&conn, &gone).unwrap());
    assert_eq!(unread::of_room(&conn, ME, &room).unwrap().count, 2);
    assert_eq!(shown(&conn, 0), [1, 3, 4]);
}

#[test]
fn what_waits_to_be_done_to_it_goes_with_it() {
    let conn = held(&[None, None, Some(50)]);
    let author = |id| Author {
        me: ME,
        now: Timestamp(0),
        op_id: ClientId(Uuid::from_u128(id)),
    };
    let own = row(3, None).client_id;
    compose::edit(&conn, author(900), ROOM, own, "another secret".into()).unwrap();
    compose::send(
        &conn,
        author(901),
        ROOM,
        "stays".into(),
        compose::Answer::default(),
    )
    .unwrap();
    clear_all(&conn, 50);
    let left = outbox::of_room(&conn, ROOM).unwrap();
    let left: Vec<_> = left.iter().map(|entry| entry.content.as_str()).collect();
    assert_eq!(left, ["stays"]);
}

#[test]
fn many_that_have_gone_are_not_looked_at_for_the_first_frame() {
    let conn = held(&[None]);
    for seq in 2..=20_000 {
        let gone = Message {
            content: String::new(),
            deleted_at: Some(Timestamp(seq)),
            ..row(seq, Some(seq))
        };
        messages::put(&conn, &gone).unwrap();
    }
    let steps = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&steps);
    conn.progress_handler(
        100,
        Some(move || {
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            false
        }),
    );
    let end = Seq(i64::MAX);
    let rows = messages::shown_up_to(&conn, ROOM, end, 50, Timestamp(0)).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(steps.load(std::sync::atomic::Ordering::Relaxed) < 50);
}

proptest! {
    /// Whatever the clock does, jumps ahead or back, nothing that was over by it once is left.
    #[test]
    fn nothing_is_left_of_what_was_over_by_any_clock_that_was_looked_at(
        goes in proptest::collection::vec(proptest::option::of(1_i64..100), 1..40),
        clocks in proptest::collection::vec(0_i64..120, 1..8),
    ) {
        let conn = held(&goes);
        let mut latest = i64::MIN;
        for now in clocks {
            clear_all(&conn, now);
            latest = latest.max(now);
            for (seq, goes) in (1..).zip(&goes) {
                let row = messages::at(&conn, ROOM, Seq(seq)).unwrap().unwrap();
                let is_over = goes.is_some_and(|goes| goes <= latest);
                prop_assert_eq!(row.content.is_empty(), is_over);
            }
            let whole = goes.iter().filter(|goes| goes.is_none_or(|goes| goes > latest));
            prop_assert_eq!(found(&conn, "secret", 0), whole.count());
        }
    }
}
