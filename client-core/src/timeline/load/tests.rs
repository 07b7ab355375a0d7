//! Which places each window covers.

use erc_protocol::{
    ClientId, MemberState, Message, MessageId, MessageType, Rev, RoomId, RoomRole, Seq, Timestamp,
    UserId, UserRev,
    sync::{Cursor, UserRoom},
};
use rusqlite::Connection;
use uuid::Uuid;

use super::source;
use crate::{
    cache::{holes, messages, rooms, schema::open_in_memory},
    timeline::Source,
    view::Window,
};

const ROOM: RoomId = RoomId(1);

/// Places 1..=10 and 31..=40 are held, 11..=30 are a hole.
fn room_with_a_hole() -> Connection {
    let conn = open_in_memory();
    let mine = UserRoom {
        room_id: ROOM,
        state: MemberState::Joined,
        role: RoomRole::Member,
        read_seq: Seq(0),
        first_visible_seq: Seq(1),
        marked_unread: false,
        muted_until: None,
        level: erc_protocol::Level::Usual,
        hushed_until: None,
        request: erc_protocol::RequestState::None,
        user_rev: UserRev(1),
    };
    rooms::put_mine(&conn, &mine).unwrap();
    for seq in (1..=10).chain(31..=40) {
        let message = Message {
            message_id: MessageId(seq),
            chat_room_id: ROOM,
            sender_id: UserId(2),
            sender_name: String::new(),
            content: "x".to_owned(),
            message_type: MessageType::Text,
            created_at: Timestamp(seq),
            seq: Seq(seq),
            rev: Rev(seq),
            client_id: ClientId(Uuid::from_u128(u128::try_from(seq).unwrap())),
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
        };
        messages::put(&conn, &message).unwrap();
    }
    holes::add_missing(&conn, ROOM, Seq(1), Seq(40)).unwrap();
    rooms::raise_last(&conn, ROOM, Seq(40), Timestamp(40)).unwrap();
    rooms::set_cursor(
        &conn,
        ROOM,
        Cursor {
            rev: Rev(40),
            seq: Seq(40),
        },
    )
    .unwrap();
    conn
}

fn load(conn: &Connection, window: Window) -> Source {
    let room = rooms::get(conn, ROOM).unwrap().unwrap();
    source(conn, &room, window, Timestamp(0)).unwrap()
}

fn places(source: &Source) -> Vec<i64> {
    source.rows.iter().map(|row| row.seq.0).collect()
}

#[test]
fn the_newest_window_shows_the_hole_that_it_touches() {
    let conn = room_with_a_hole();
    let source = load(&conn, Window::Newest { count: 10 });
    assert_eq!(places(&source), (31..=40).collect::<Vec<_>>());
    assert_eq!(source.holes, [11..=30]);
    assert!(source.at_end && !source.at_start);
    let source = load(&conn, Window::Newest { count: 5 });
    assert!(source.holes.is_empty(), "the hole lies further up");
}

#[test]
fn a_window_wider_than_the_room_reaches_its_start() {
    let source = load(&room_with_a_hole(), Window::Newest { count: 200 });
    assert_eq!(source.rows.len(), 20);
    assert!(source.at_start && source.at_end);
}

#[test]
fn a_window_inside_a_hole_is_that_hole_and_its_neighbours() {
    let conn = room_with_a_hole();
    let source = load(
        &conn,
        Window::Around {
            seq: Seq(20),
            before: 2,
            after: 3,
        },
    );
    assert_eq!(places(&source), [8, 9, 10, 31, 32, 33]);
    assert_eq!(source.holes, [11..=30]);
    assert!(!source.at_start && !source.at_end);
}

#[test]
fn a_range_is_clipped() {
    let conn = room_with_a_hole();
    let source = load(
        &conn,
        Window::Between {
            from: Seq(9),
            to: Seq(15),
        },
    );
    assert_eq!(places(&source), [9, 10]);
    assert_eq!(source.holes, [11..=15]);
    assert!(!source.at_end);
    let source = load(&conn, Window::Since { seq: Seq(35) });
    assert_eq!(places(&source), (35..=40).collect::<Vec<_>>());
    assert!(source.at_end);
}

#[test]
fn what_lies_beyond_the_cursor_is_a_hole_too() {
    let conn = room_with_a_hole();
    rooms::raise_last(&conn, ROOM, Seq(60), Timestamp(60)).unwrap();
    let source = load(&conn, Window::Newest { count: 10 });
    assert_eq!(source.holes, [11..=30, 41..=60]);
    assert!(source.at_end, "the window covers it");
}

#[test]
fn what_is_unread_above_a_window_is_counted_with_its_holes() {
    let conn = room_with_a_hole();
    let room = rooms::get(&conn, ROOM).unwrap().unwrap();
    let beyond =
        |window| super::unread_beyond(&conn, &room, &load(&conn, window), UserId(1)).unwrap();
    let between = |from, to| Window::Between {
        from: Seq(from),
        to: Seq(to),
    };
    // 9 and 10, the hole of 20, and 31 to 40.
    assert_eq!(beyond(between(1, 8)), 32);
    assert_eq!(beyond(between(1, 15)), 25);
    assert_eq!(beyond(between(31, 39)), 1);
    assert_eq!(beyond(Window::Newest { count: 5 }), 0);
}
