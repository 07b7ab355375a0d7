//! Reports: what people tell those who moderate, and what became of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{MessageId, ReportId, RoomId, Seq, Timestamp, UserId, UserRev, role::text_enum};

text_enum!(
    /// What is wrong.
    ReportKind {
        /// Advertising, or the same over and over.
        Spam = "spam",
        /// Insults, threats, following somebody around.
        Harassment = "harassment",
        /// What nobody should have to see here.
        Unwanted = "unwanted",
        /// Against the law.
        Illegal = "illegal",
        /// Somebody may be in danger.
        Danger = "danger",
        /// Something else: the words say what.
        Other = "other",
    }
);

text_enum!(
    /// How a report stands.
    ReportState {
        /// Waits for somebody.
        Open = "open",
        /// Somebody looks after it.
        Taken = "taken",
        /// Something came of it.
        Closed = "closed",
    }
);

text_enum!(
    /// What came of a report.
    ReportOutcome {
        /// There was nothing to do.
        Nothing = "nothing",
        /// The person was talked to.
        Warned = "warned",
        /// The message was deleted.
        MessageDeleted = "message_deleted",
        /// The person only reads in the room.
        Muted = "muted",
        /// The person is out of the room.
        Banned = "banned",
        /// The person can't sign in any more.
        AccountDisabled = "account_disabled",
    }
);

/// `POST /chat/reports`: of a message, or of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportRequest {
    /// A message that one sees.
    #[serde(default)]
    pub message_id: Option<MessageId>,
    /// Somebody; absent with a message, whose sender is meant.
    #[serde(default)]
    pub user_id: Option<UserId>,
    pub kind: ReportKind,
    /// For those who moderate; may be empty.
    #[serde(default)]
    pub words: String,
}

/// A report as its reporter sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MyReport {
    pub id: ReportId,
    pub user_id: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message_id: Option<MessageId>,
    pub kind: ReportKind,
    pub state: ReportState,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub user_rev: UserRev,
}

/// A message around a reported one, as it was when the report was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportedMessage {
    pub message_id: MessageId,
    pub seq: Seq,
    pub sender_id: UserId,
    pub sender_name: String,
    pub content: String,
    pub created_at: Timestamp,
}

/// A report as those see it who moderate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    pub id: ReportId,
    pub reporter_id: UserId,
    pub reporter_name: String,
    pub user_id: UserId,
    pub user_name: String,
    /// Absent if it is of somebody, not of what they said in a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub room_id: Option<RoomId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub room_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message_id: Option<MessageId>,
    pub kind: ReportKind,
    pub words: String,
    /// The reported message and those around it, oldest first, as they were then: deleting one hides
    /// nothing here.
    pub context: Vec<ReportedMessage>,
    pub state: ReportState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub taken_by: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub taken_by_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outcome: Option<ReportOutcome>,
    /// Among those who moderate.
    pub note: String,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// `GET /chat/reports`: what the one who asks may look after, the oldest first of those that wait;
/// the latest first of those that are closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportList {
    pub reports: Vec<Report>,
}

/// `PUT /chat/reports/{id}`: who looks after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TakeReportRequest {
    /// Whether the one who asks does, or nobody.
    pub taken: bool,
}

/// `POST /chat/reports/{id}/close`. The outcome is carried out, with the rights of the one who asks:
/// the message is deleted, the person muted, banned or disabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CloseReportRequest {
    pub outcome: ReportOutcome,
    /// How long a mute or a ban lasts; until it is lifted if absent.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// Among those who moderate.
    #[serde(default)]
    pub note: String,
}
