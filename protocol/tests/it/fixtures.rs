//! Fixed values of the types that others are made of.

use erc_protocol::{
    ClientId, Expiry, History, InstanceId, Member, MemberState, Message, MessageId, MessageType,
    MyPresence, Presence, PresenceState, Reaction, Receipt, Rev, Room, RoomId, RoomKind, RoomRole,
    Seq, ServerRole, SessionId, ThreadSummary, Timestamp, User, UserId, UserRev, UserThread,
    message::{Forwarded, Pinned},
    presence::{PresenceChoice, Status},
    sync::Unread,
};

/// 2024-01-01T12:00:00Z, the moment in the brief's examples.
pub(crate) const NOON: Timestamp = Timestamp(1_704_110_400_000);

pub(crate) fn client_id() -> ClientId {
    "0197f0a1-2b3c-7d4e-8f50-617283940a1b".parse().unwrap()
}

pub(crate) fn session_id() -> SessionId {
    "5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5".parse().unwrap()
}

pub(crate) fn instance() -> InstanceId {
    "11111111-2222-4333-8444-555555555555".parse().unwrap()
}

pub(crate) fn user() -> User {
    User {
        id: UserId(789),
        username: "john".into(),
        display_name: "John Doe".into(),
        role: ServerRole::Member,
        created_at: NOON,
    }
}

pub(crate) fn room() -> Room {
    Room {
        id: RoomId(123),
        rev: Rev(3),
        name: "general".into(),
        topic: "Weekly plan".into(),
        kind: RoomKind::Group,
        is_private: false,
        history: History::Shared,
        created_by: UserId(789),
        created_at: NOON,
        member_count: 2,
        last_seq: Seq(9),
        last_message_at: NOON.plus_ms(1_234),
        settings: erc_protocol::RoomSettings::default(),
    }
}

pub(crate) fn message() -> Message {
    Message {
        message_id: MessageId(456),
        chat_room_id: RoomId(123),
        sender_id: UserId(789),
        sender_name: "John Doe".into(),
        content: "Hello world!".into(),
        message_type: MessageType::Text,
        created_at: NOON,
        seq: Seq(9),
        rev: Rev(12),
        client_id: client_id(),
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

/// With all that people do about a message.
pub(crate) fn adorned() -> Message {
    Message {
        reactions: vec![Reaction {
            emoji: "👍".into(),
            count: 2,
            users: vec![UserId(789), UserId(790)],
        }],
        pinned: Some(Pinned {
            by: UserId(789),
            at: NOON,
        }),
        forwarded: Some(Forwarded {
            sender_id: UserId(791),
            sender_name: "Jane Roe".into(),
            created_at: NOON,
        }),
        expiry: Some(Expiry {
            at: Some(NOON.plus_ms(86_400_000)),
            after_read_s: Some(60),
        }),
        thread: Some(thread()),
        ..message()
    }
}

/// What a root's row tells of its thread.
pub(crate) const fn thread() -> ThreadSummary {
    ThreadSummary {
        replies: 12,
        last_seq: Seq(40),
        last_at: NOON,
    }
}

/// A reply in a thread that is shown in the room, too.
pub(crate) fn threaded() -> Message {
    Message {
        thread_id: Some(MessageId(455)),
        also_in_room: true,
        ..message()
    }
}

/// A thread as one user sees it.
pub(crate) fn user_thread() -> UserThread {
    UserThread {
        thread_id: MessageId(455),
        room_id: RoomId(123),
        following: true,
        read_seq: Seq(5),
        unread: unread(),
        user_rev: UserRev(7),
    }
}

pub(crate) fn tombstone() -> Message {
    Message {
        content: String::new(),
        rev: Rev(14),
        reply_to: Some(MessageId(455)),
        edited_at: Some(NOON.plus_ms(1)),
        deleted_at: Some(NOON.plus_ms(2)),
        ..message()
    }
}

pub(crate) fn member() -> Member {
    Member {
        user_id: UserId(789),
        username: "john".into(),
        display_name: "John Doe".into(),
        role: RoomRole::Owner,
        state: MemberState::Joined,
        rev: Rev(2),
        joined_at: NOON,
        muted_until: None,
    }
}

pub(crate) fn presence() -> Presence {
    Presence {
        user_id: UserId(789),
        is_online: true,
        state: PresenceState::Online,
        last_seen: Some(NOON),
        status: None,
    }
}

pub(crate) fn status() -> Status {
    Status {
        text: "in a meeting".into(),
        emoji: Some("📅".into()),
        until: Some(NOON.plus_ms(3_600_000)),
    }
}

pub(crate) fn my_presence() -> MyPresence {
    MyPresence {
        choice: PresenceChoice::DoNotDisturb,
        choice_until: Some(NOON.plus_ms(3_600_000)),
        status: Some(status()),
        hides_last_seen: true,
    }
}

pub(crate) fn unread() -> Unread {
    Unread {
        count: 4,
        mentions: 1,
        read_seq: Seq(5),
        at_seq: Seq(9),
        at_rev: Rev(12),
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        user_id: UserId(7),
        delivered_seq: Seq(9),
        read_seq: Seq(5),
        delivered_at: Some(NOON),
        read_at: None,
    }
}
