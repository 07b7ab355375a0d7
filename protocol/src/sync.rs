//! Catching up: "what changed in this room after revision R".
//!
//! A client keeps one [`Cursor`] a room. Its `rev` means that every change up to it, of every row
//! that the client holds, has been applied; its `seq` means that every place up to it is held or
//! lies in a stored hole. A [`RoomSync`] moves both.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

use crate::emoji::EmojiSync;
use crate::poll::OwnVote;
use crate::thread::ThreadUnread;
use crate::{
    Attention, Block, Draft, EmojiRev, InstanceId, Level, Member, MemberState, Message, MyPresence,
    RequestState, Rev, Room, RoomId, RoomRole, Row, Scheduled, Seq, Timestamp, User, UserRev,
    UserThread, report::MyReport,
};

/// How far a client is in one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cursor {
    pub rev: Rev,
    pub seq: Seq,
}

/// Where a client wants to go on, in `hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resume {
    /// The database that the cursors belong to; another one voids them.
    pub instance: InstanceId,
    pub user_rev: UserRev,
    #[serde(default)]
    pub rooms: BTreeMap<RoomId, Cursor>,
    /// How far the custom emoji are known.
    #[serde(default)]
    pub emoji_rev: EmojiRev,
}

/// Exact unread count at a moment of the room: messages above `read_seq` and up to `at_seq` that
/// are visible, not deleted and not one's own, as of change `at_rev`. Of a room: those that are shown
/// in it, without what stands in a thread only. Of a thread: its replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unread {
    #[ts(type = "number")]
    pub count: i64,
    /// How many of them mention this user.
    #[serde(default)]
    #[ts(type = "number")]
    pub mentions: i64,
    pub read_seq: Seq,
    pub at_seq: Seq,
    pub at_rev: Rev,
}

/// A `sync` frame: one batch of catching up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sync {
    /// What only this user sees; always before the rooms that it brings in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub user: Option<UserSync>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomSync>,
    /// Rooms beyond the budget: their heads only, to be pulled with `sync_room`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<RoomHead>,
    /// Custom emoji that came or went, if any did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub emoji: Option<EmojiSync>,
    /// The last batch that answers `hello`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

/// Changes under the user's own counter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserSync {
    pub from: UserRev,
    pub to: UserRev,
    pub user: User,
    pub rooms: Vec<Row<UserRoom>>,
    /// What this user asked to be done later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scheduled: Vec<Row<Scheduled>>,
    /// Whom this user blocks, and whom no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Row<Block>>,
    /// What this user decided of their presence.
    #[serde(default)]
    pub presence: MyPresence,
    /// Threads that this user follows or has followed; from the beginning, those that they follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<Row<UserThread>>,
    /// What this user has not sent yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<Row<Draft>>,
    /// What rings for this user in all rooms, if it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub attention: Option<Row<Attention>>,
    /// What this user has reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Row<MyReport>>,
    /// How many reports wait that this user may look after.
    #[serde(default)]
    #[ts(type = "number")]
    pub reports_waiting: i64,
    /// Until when the doors of the server are closed; told to those who moderate it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub raid_until: Option<Timestamp>,
    /// What this user chose in polls, by rising `user_rev`; from the beginning, the newest of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Row<OwnVote>>,
}

/// One's own place in a room, as only oneself sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserRoom {
    pub room_id: RoomId,
    /// Anything but `joined`: the room is gone from this user's list.
    pub state: MemberState,
    pub role: RoomRole,
    pub read_seq: Seq,
    /// The user wants to come back to it: shown as unread, whatever the count.
    #[serde(default)]
    pub marked_unread: bool,
    /// The oldest place that this user may see.
    pub first_visible_seq: Seq,
    pub user_rev: UserRev,
    /// Until when this user only reads here; absent if they aren't muted, and past once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub muted_until: Option<Timestamp>,
    /// Which of its messages ring for this user.
    #[serde(default = "usual", skip_serializing_if = "Level::is_usual")]
    pub level: Level,
    /// Until when none does, whatever the level; past once it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hushed_until: Option<Timestamp>,
    /// Whether it is a request of a stranger, or to one.
    #[serde(default, skip_serializing_if = "RequestState::is_none")]
    pub request: RequestState,
}

const fn usual() -> Level {
    Level::Usual
}

/// Changes of one room. Rows come by rising `rev`, each in its current state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomSync {
    pub room_id: RoomId,
    /// The cursor that this batch continues.
    pub from: Rev,
    /// The cursor after it.
    pub to: Rev,
    /// The room's newest change; above `to`, more batches follow.
    pub head: Rev,
    /// Some new messages were left out: places up to `room.last_seq` that are neither held nor in
    /// this batch are a hole.
    pub limited: bool,
    pub room: Room,
    pub members: Vec<Row<Member>>,
    /// Whether `members` is everybody who is in the room. Otherwise it is what changed; nobody, in
    /// the first batch of a large room, whose members are asked for.
    pub members_complete: bool,
    pub messages: Vec<Row<Message>>,
    pub unread: Unread,
    /// Of the threads that this user follows, those that changed, and those with something unread.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<ThreadUnread>,
}

/// How a room stands, without its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomHead {
    pub room: Room,
    pub head: Rev,
    pub unread: Unread,
    /// The newest message.
    pub preview: Option<Message>,
}
