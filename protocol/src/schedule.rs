//! What a user asks the server to do later: send a message, remind them of one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ClientId, ErrorBody, MessageId, RoomId, Timestamp, UserRev, limit, role::text_enum};

text_enum!(
    /// What is to be done when the time comes.
    ScheduledKind {
        /// Send a message.
        Message = "message",
        /// Remind its owner of a message.
        Reminder = "reminder",
    }
);

text_enum!(
    /// How it stands.
    ScheduledState {
        /// The time is still to come.
        Waiting = "waiting",
        /// The time came and the message could not be sent: it waits for its author.
        Refused = "refused",
        /// The time came: a reminder that was not put away yet.
        Due = "due",
        /// Sent, put away or cancelled: only the name is left.
        Done = "done",
    }
);

/// Something to be done later, as only its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scheduled {
    /// What its owner calls it; of a message, also what the message will be called.
    pub client_id: ClientId,
    pub kind: ScheduledKind,
    pub room_id: RoomId,
    /// Of a reminder, what it is about; of a message that was sent, that message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message_id: Option<MessageId>,
    /// The message's text, or the reminder's note; empty once done.
    pub content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reply_to: Option<MessageId>,
    pub due_at: Timestamp,
    /// The wish, if it was one of a clock on a wall: `2026-03-29T09:00:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub local_time: Option<String>,
    /// Where that clock hangs: `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub time_zone: Option<String>,
    pub state: ScheduledState,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<ErrorBody>,
    pub user_rev: UserRev,
}

impl Scheduled {
    /// Whether nothing is left of it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state == ScheduledState::Done
    }
}

/// When something is to be done, said in one of three ways: a moment, a while from now, or a time
/// of day somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct When {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub due_at: Option<Timestamp>,
    /// So many seconds after the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub delay_s: Option<u32>,
    /// Date and time of a clock on a wall: `2026-03-29T09:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub local_time: Option<String>,
    /// Where that clock hangs, by its IANA name: `Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub time_zone: Option<String>,
}

/// The field that is at fault, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct WhenError {
    pub field: &'static str,
    pub reason: String,
}

fn wrong<T>(field: &'static str, reason: impl Into<String>) -> Result<T, WhenError> {
    let reason = reason.into();
    Err(WhenError { field, reason })
}

impl When {
    /// So many seconds from now.
    #[must_use]
    pub fn after(seconds: u32) -> Self {
        Self {
            delay_s: Some(seconds),
            ..Self::default()
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        *self == Self::default()
    }

    /// The moment that is meant. A time of day that a clock leaves out when it is put forward is
    /// the one as long after the jump as it would have been; one that comes twice when it is put
    /// back is the first.
    pub fn resolve(&self, now: Timestamp) -> Result<Timestamp, WhenError> {
        let due = match (self.due_at, self.delay_s, &self.local_time) {
            (Some(due), None, None) => ("due_at", due),
            (None, Some(seconds), None) => ("delay_s", now.plus_ms(i64::from(seconds) * 1_000)),
            (None, None, Some(local)) => {
                let Some(zone) = &self.time_zone else {
                    return wrong("time_zone", "a local time needs one");
                };
                ("local_time", in_zone(local, zone)?)
            }
            (None, None, None) => {
                return wrong("due_at", "say when: due_at, delay_s or local_time");
            }
            _ => return wrong("due_at", "give one of due_at, delay_s, local_time"),
        };
        let (field, due) = due;
        if self.time_zone.is_some() && self.local_time.is_none() {
            return wrong("time_zone", "goes with local_time only");
        }
        if due < now {
            return wrong(field, "that is in the past");
        }
        if due > now.plus_ms(limit::SCHEDULE_AHEAD_MS) {
            let days = limit::SCHEDULE_AHEAD_MS / (24 * 60 * 60 * 1_000);
            return wrong(field, format!("at most {days} days ahead"));
        }
        Ok(due)
    }
}

fn in_zone(local: &str, zone: &str) -> Result<Timestamp, WhenError> {
    let Ok(local) = local.parse::<jiff::civil::DateTime>() else {
        return wrong("local_time", "not a date and time like 2026-03-29T09:00");
    };
    let Ok(zone) = jiff::tz::TimeZone::get(zone) else {
        return wrong("time_zone", "no time zone is called so");
    };
    match zone.to_ambiguous_timestamp(local).compatible() {
        Ok(moment) => Ok(Timestamp(moment.as_millisecond())),
        Err(_) => wrong("local_time", "no such moment"),
    }
}

/// `POST /chat/rooms/{id}/scheduled`, answered by [`Scheduled`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScheduleRequest {
    pub content: String,
    /// What the message will be called; the server makes a name if absent. Asking the same again
    /// gives the first result.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    #[serde(default)]
    pub reply_to: Option<MessageId>,
    #[serde(flatten)]
    pub when: When,
}

/// `POST /chat/messages/{id}/reminders`, answered by [`Scheduled`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemindRequest {
    /// For oneself.
    #[serde(default)]
    pub note: String,
    /// Names the reminder; asking the same again gives the first result.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    #[serde(flatten)]
    pub when: When,
}

/// `PUT /chat/scheduled/{client_id}`, answered by [`Scheduled`]: what is absent stays. Something that
/// was refused or is due waits again; then it needs a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RescheduleRequest {
    #[serde(default)]
    pub content: Option<String>,
    #[serde(flatten)]
    pub when: When,
}

/// `GET /chat/scheduled`: what one still waits for, the next first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScheduledList {
    pub scheduled: Vec<Scheduled>,
}

#[cfg(test)]
mod tests;
