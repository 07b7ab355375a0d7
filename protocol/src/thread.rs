//! Threads: messages of a room that answer one of its messages, the *root*, and each other.
//!
//! A reply is an ordinary message of the room that carries its root's id. What all see of a thread
//! stands in the root's row; what only one user sees of it, a [`UserThread`], lives under their
//! counter.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Message, MessageId, RoomId, Seq, Timestamp, UserRev, sync::Unread};

/// What a root's row tells of its thread; absent if nobody answered, or all answers were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadSummary {
    /// Replies that are not deleted.
    #[ts(type = "number")]
    pub replies: i64,
    /// Place and time of the newest of them.
    pub last_seq: Seq,
    pub last_at: Timestamp,
}

/// A thread as only one user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserThread {
    /// The root.
    pub thread_id: MessageId,
    pub room_id: RoomId,
    /// Replies count as unread for who follows: who wrote in it, was named in it, or chose to.
    pub following: bool,
    /// Up to where they have read it; never goes back. A place of the room.
    pub read_seq: Seq,
    /// Replies above the mark; nothing for who doesn't follow or isn't in the room.
    pub unread: Unread,
    pub user_rev: UserRev,
}

/// How many replies of a followed thread are unread, as of a moment of its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadUnread {
    pub thread_id: MessageId,
    pub unread: Unread,
}

/// `GET /chat/messages/{id}/thread?limit&before_seq`: replies, newest last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadPage {
    /// Absent for who sees the replies and not what they answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub root: Option<Message>,
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
    pub mine: UserThread,
}

/// Which replies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadQuery {
    /// How many; [`crate::limit::PAGE_MESSAGES_DEFAULT`] if absent.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub limit: Option<i64>,
    /// The newest below this place.
    #[serde(default)]
    pub before_seq: Option<Seq>,
}

/// `GET /chat/rooms/{id}/threads?limit&before_seq`: roots, the thread that was last answered first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadList {
    pub roots: Vec<Message>,
    pub has_more: bool,
}

/// `GET /chat/threads`: what one follows, the thread that was last answered first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FollowedThreads {
    pub threads: Vec<FollowedThread>,
}

/// A thread that one follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FollowedThread {
    /// Absent for who doesn't see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub root: Option<Message>,
    pub mine: UserThread,
}

/// `POST /chat/messages/{id}/thread/read`, answered by a [`UserThread`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReadThreadRequest {
    pub seq: Seq,
}
