//! Cursors, batches, heads.

use erc_protocol::{
    Attention, Block, CustomEmoji, Draft, EmojiId, EmojiRev, Level, MemberState, MessageId,
    ReportId, Rev, RoomId, RoomRole, Row, Scheduled, Seq, UserId, UserRev,
    attention::{QuietHours, QuietSpan, Weekday},
    draft::Aside,
    emoji::EmojiSync,
    report::{MyReport, ReportKind, ReportState},
    request::{RequestState, WhoWrites},
    schedule::{ScheduledKind, ScheduledState},
    sync::{Cursor, Resume, RoomHead, RoomSync, Sync, UserRoom, UserSync},
    thread::ThreadUnread,
};

use super::album::Album;
use crate::fixtures::{
    NOON, client_id, instance, member, message, my_presence, room, threaded, tombstone, unread,
    user, user_thread,
};

pub(super) fn catching_up() -> Album {
    let mut album = Album::default();
    let cursor = Cursor {
        rev: Rev(12),
        seq: Seq(9),
    };
    album.add("a cursor", &cursor);
    album.add("where to go on", &resume());
    album.add("unread", &unread());
    let own = own_room();
    album.add("one's own place in a room", &own);
    album.add("a draft", &draft());
    album.add("what rings", &attention());
    album.add("what only this user sees", &user_sync());
    album.add("a reply in a thread", &threaded());
    album.add("a thread as one user sees it", &user_thread());
    album.add("a room's changes", &room_sync());
    album.add("a room's head", &head());
    album.add("a custom emoji", &custom_emoji());
    album.add("news of custom emoji", &emoji_sync());
    album.add("a batch", &batch());
    album.add("an empty batch", &Sync::default());
    album
}

pub(super) fn resume() -> Resume {
    Resume {
        instance: instance(),
        user_rev: UserRev(7),
        rooms: [(
            RoomId(123),
            Cursor {
                rev: Rev(12),
                seq: Seq(9),
            },
        )]
        .into(),
        emoji_rev: EmojiRev(3),
    }
}

pub(super) fn own_room() -> UserRoom {
    UserRoom {
        room_id: RoomId(123),
        state: MemberState::Joined,
        role: RoomRole::Member,
        read_seq: Seq(5),
        marked_unread: false,
        first_visible_seq: Seq(1),
        user_rev: UserRev(7),
        muted_until: None,
        level: Level::All,
        hushed_until: Some(NOON),
        request: RequestState::None,
    }
}

/// A message that waits for its time.
pub(super) fn scheduled() -> Scheduled {
    Scheduled {
        client_id: client_id(),
        kind: ScheduledKind::Message,
        room_id: RoomId(123),
        message_id: None,
        content: "Good morning!".into(),
        reply_to: None,
        due_at: NOON,
        local_time: Some("2024-01-01T13:00".into()),
        time_zone: Some("Europe/Berlin".into()),
        state: ScheduledState::Waiting,
        error: None,
        user_rev: UserRev(7),
    }
}

/// Somebody who is blocked.
pub(super) fn block() -> Block {
    Block {
        user_id: UserId(9),
        username: "mallory".into(),
        display_name: "Mallory".into(),
        reason: "too loud".into(),
        blocked_at: Some(NOON),
        user_rev: UserRev(7),
    }
}

/// A report as its reporter sees it.
pub(super) fn my_report() -> MyReport {
    MyReport {
        id: ReportId(client_id().0),
        user_id: UserId(9),
        message_id: Some(MessageId(5)),
        kind: ReportKind::Spam,
        state: ReportState::Closed,
        created_at: NOON,
        changed_at: NOON,
        user_rev: UserRev(7),
    }
}

/// What was not sent yet.
pub(super) fn draft() -> Draft {
    Draft {
        room_id: RoomId(123),
        thread_id: Some(MessageId(451)),
        content: "Hello w".into(),
        reply_to: Some(MessageId(455)),
        version: client_id(),
        updated_at: NOON,
        aside: vec![Aside {
            version: client_id(),
            content: "Goodby".into(),
            at: NOON,
        }],
        user_rev: UserRev(7),
    }
}

pub(super) fn attention() -> Attention {
    Attention {
        keywords: vec!["deploy".into()],
        quiet_hours: quiet_hours(),
        who_writes: WhoWrites::Acquainted,
        user_rev: UserRev(7),
    }
}

pub(super) fn quiet_hours() -> QuietHours {
    QuietHours {
        time_zone: "Europe/Berlin".into(),
        spans: vec![QuietSpan {
            days: vec![Weekday::Saturday, Weekday::Sunday],
            from: "22:00".into(),
            to: "09:00".into(),
        }],
    }
}

pub(super) fn user_sync() -> UserSync {
    UserSync {
        from: UserRev(6),
        to: UserRev(7),
        user: user(),
        rooms: vec![
            Row::Known(own_room()),
            Row::Unknown(serde_json::json!({ "odd": true })),
        ],
        scheduled: vec![Row::Known(scheduled())],
        blocks: vec![Row::Known(block())],
        presence: my_presence(),
        threads: vec![Row::Known(user_thread())],
        drafts: vec![Row::Known(draft())],
        attention: Some(Row::Known(attention())),
        reports: vec![Row::Known(my_report())],
        reports_waiting: 2,
        raid_until: Some(NOON),
        votes: vec![Row::Known(super::requests::own_vote())],
    }
}

pub(super) fn room_sync() -> RoomSync {
    RoomSync {
        room_id: RoomId(123),
        from: Rev(10),
        to: Rev(14),
        head: Rev(14),
        limited: true,
        room: room(),
        members: vec![Row::Known(member())],
        members_complete: true,
        messages: vec![Row::Known(message()), Row::Known(tombstone())],
        unread: unread(),
        threads: vec![ThreadUnread {
            thread_id: MessageId(455),
            unread: unread(),
        }],
    }
}

pub(super) fn head() -> RoomHead {
    RoomHead {
        room: room(),
        head: Rev(14),
        unread: unread(),
        preview: Some(message()),
    }
}

pub(super) fn custom_emoji() -> CustomEmoji {
    CustomEmoji {
        id: EmojiId(client_id().0),
        name: "party_parrot".into(),
        content_type: "image/gif".into(),
        size: 9_001,
        width: 64,
        height: 48,
        is_animated: true,
        created_by: Some(UserId(1)),
        created_by_name: Some("Ada".into()),
        created_at: NOON,
        is_removed: false,
        rev: EmojiRev(2),
    }
}

fn emoji_sync() -> EmojiSync {
    let gone = CustomEmoji {
        is_removed: true,
        created_by: None,
        created_by_name: None,
        rev: EmojiRev(3),
        ..custom_emoji()
    };
    EmojiSync {
        from: EmojiRev(1),
        to: EmojiRev(3),
        emoji: vec![Row::Known(custom_emoji()), Row::Known(gone)],
    }
}

pub(super) fn batch() -> Sync {
    Sync {
        user: Some(user_sync()),
        rooms: vec![room_sync()],
        heads: vec![head()],
        emoji: Some(emoji_sync()),
        done: true,
    }
}
