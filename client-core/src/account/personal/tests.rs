use erc_protocol::{
    Block, ClientId, MemberState, MessageType, MyPresence, Rev, RoomKind, RoomRole, UserRev,
    UserThread, presence::PresenceChoice, sync::Unread,
};
use uuid::Uuid;

use super::*;
use crate::cache::schema::open_in_memory;

const ME: UserId = UserId(1);
const ROOM: RoomId = RoomId(1);
const THREAD: MessageId = MessageId(3);
const NOW: Timestamp = Timestamp(1_000);

/// A direct room that this user has read up to place 5, and a thread in it, up to place 7.
fn conn() -> Connection {
    let conn = open_in_memory();
    let mine = UserRoom {
        room_id: ROOM,
        state: MemberState::Joined,
        role: RoomRole::Member,
        read_seq: Seq(5),
        first_visible_seq: Seq(1),
        marked_unread: false,
        muted_until: None,
        level: Level::Usual,
        hushed_until: None,
        request: erc_protocol::RequestState::None,
        user_rev: UserRev(1),
    };
    rooms::put_mine(&conn, &mine).unwrap();
    conn.execute("UPDATE rooms SET kind = ?1", [RoomKind::Direct.as_str()])
        .unwrap();
    follow(&conn, true, 2);
    conn
}

fn follow(conn: &Connection, following: bool, rev: i64) {
    let row = UserThread {
        thread_id: THREAD,
        room_id: ROOM,
        following,
        read_seq: Seq(7),
        unread: Unread {
            count: 0,
            mentions: 0,
            read_seq: Seq(7),
            at_seq: Seq(7),
            at_rev: Rev(7),
        },
        user_rev: UserRev(rev),
    };
    threads::put(conn, &row).unwrap();
}

fn message(seq: i64) -> Message {
    Message {
        message_id: MessageId(seq),
        chat_room_id: ROOM,
        sender_id: UserId(2),
        sender_name: "Ada".into(),
        content: "hello".into(),
        message_type: MessageType::Text,
        created_at: Timestamp(0),
        seq: Seq(seq),
        rev: Rev(seq),
        client_id: ClientId(Uuid::nil()),
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

fn reply(seq: i64) -> Message {
    Message {
        thread_id: Some(THREAD),
        ..message(seq)
    }
}

fn why(conn: &Connection, row: &Message) -> Option<Why> {
    rings(conn, ME, row, NOW).unwrap()
}

#[test]
fn a_message_rings_unless_its_sender_is_blocked() {
    let conn = conn();
    assert_eq!(why(&conn, &message(6)), Some(Why::Level));
    let block = |at| Block {
        user_id: UserId(2),
        username: "ada".into(),
        display_name: "Ada".into(),
        reason: String::new(),
        blocked_at: at,
        user_rev: UserRev(3),
    };
    blocks::put(&conn, &block(Some(NOW))).unwrap();
    assert_eq!(why(&conn, &message(6)), None);
    blocks::put(&conn, &block(None)).unwrap();
    assert_eq!(why(&conn, &message(6)), Some(Why::Level));
}

#[test]
fn nothing_rings_for_who_does_not_want_to_be_disturbed() {
    let conn = conn();
    for (choice, until, rings) in [
        (PresenceChoice::DoNotDisturb, None, false),
        (PresenceChoice::DoNotDisturb, Some(Timestamp(1_001)), false),
        (PresenceChoice::DoNotDisturb, Some(NOW), true),
        (PresenceChoice::Invisible, None, true),
        (PresenceChoice::Automatic, None, true),
    ] {
        let mine = MyPresence {
            choice,
            choice_until: until,
            ..MyPresence::default()
        };
        meta::set_presence(&conn, &mine).unwrap();
        let is_so = why(&conn, &message(6)).is_some();
        assert_eq!(is_so, rings, "{choice} until {until:?}");
    }
}

#[test]
fn a_reply_rings_by_the_mark_in_its_thread_for_who_follows_it() {
    let conn = conn();
    assert_eq!(why(&conn, &message(5)), None, "read in the room");
    assert_eq!(why(&conn, &reply(7)), None, "read in the thread");
    assert_eq!(why(&conn, &reply(8)), Some(Why::Thread));
    follow(&conn, false, 3);
    assert_eq!(why(&conn, &reply(8)), None);
    let named = Message {
        mentions: vec![ME],
        ..reply(8)
    };
    assert_eq!(why(&conn, &named), Some(Why::Mention));
    let in_room = Message {
        also_in_room: true,
        ..reply(6)
    };
    assert_eq!(why(&conn, &in_room), Some(Why::Level), "by the room's mark");
}
