//! `GET /chat/rooms/{id}/analytics`, `GET /chat/analytics`: figures of a room, of the server.
//!
//! A message counts as sent, on the day on which it was sent and to whoever sent it, also when it is
//! deleted later; reactions, edits, deletions and answers count to the message that they are about.
//! Days, hours and weekdays are those of the time zone that was asked for.

mod csv;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{MessageType, RoomId, UserId, role::text_enum};

text_enum!(
    /// How figures are written.
    FiguresFormat {
        Json = "json",
        Csv = "csv",
    }
);

/// Which figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnalyticsQuery {
    /// So many days, today among them: 1 to 366; 30 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub days: Option<u32>,
    /// Whose days, by its IANA name (`Europe/Berlin`); UTC if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub time_zone: Option<String>,
    /// JSON if absent, or what `Accept` asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub format: Option<FiguresFormat>,
}

/// The figures of some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Analytics {
    /// Absent: of the whole server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub room_id: Option<RoomId>,
    /// The first day: `2026-03-01`.
    pub from: String,
    /// The last day, today.
    pub to: String,
    pub time_zone: String,
    /// Changes that are not counted yet; zero mostly.
    #[ts(type = "number")]
    pub behind: i64,
    pub totals: Totals,
    pub active: ActiveUsers,
    /// How soon somebody else wrote the next message, and how soon replies came.
    pub next_speaker: ResponseTimes,
    pub replies: ResponseTimes,
    pub by_type: Vec<TypeFigures>,
    /// Messages in each of the 24 hours of the clock.
    #[ts(type = "Array<number>")]
    pub by_hour: Vec<i64>,
    /// Messages on each day of the week, Monday first.
    #[ts(type = "Array<number>")]
    pub by_weekday: Vec<i64>,
    /// Every day, the first one first.
    pub by_day: Vec<DayFigures>,
    /// Who wrote most, at most 100 people.
    pub by_user: Vec<UserFigures>,
}

/// All of the days together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    #[ts(type = "number")]
    pub messages: i64,
    /// Messages that answer another.
    #[ts(type = "number")]
    pub replies: i64,
    /// Messages that somebody else answered.
    #[ts(type = "number")]
    pub answered: i64,
    #[ts(type = "number")]
    pub reactions: i64,
    #[ts(type = "number")]
    pub edited: i64,
    #[ts(type = "number")]
    pub deleted: i64,
    /// People who wrote.
    #[ts(type = "number")]
    pub writers: i64,
    /// People who are in the room now, or have an account.
    #[ts(type = "number")]
    pub members: i64,
    /// Those of them who came on these days.
    #[ts(type = "number")]
    pub joined: i64,
}

/// People who wrote something, up to the last day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActiveUsers {
    /// On the last day.
    #[ts(type = "number")]
    pub daily: i64,
    /// On the last 7.
    #[ts(type = "number")]
    pub weekly: i64,
    /// On the last 30.
    #[ts(type = "number")]
    pub monthly: i64,
}

/// How long answers took. What took longer than a day counts as no answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResponseTimes {
    #[ts(type = "number")]
    pub answers: i64,
    /// Half of them came within so many seconds (of a scale of some thirty steps).
    #[serde(default)]
    #[ts(type = "number | null")]
    pub median_s: Option<i64>,
}

/// Messages of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TypeFigures {
    pub message_type: MessageType,
    #[ts(type = "number")]
    pub messages: i64,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayFigures {
    pub date: String,
    #[ts(type = "number")]
    pub messages: i64,
    #[ts(type = "number")]
    pub replies: i64,
    #[ts(type = "number")]
    pub reactions: i64,
    /// People who wrote.
    #[ts(type = "number")]
    pub writers: i64,
    /// Those who are there now and came on this day.
    #[ts(type = "number")]
    pub joined: i64,
    /// How many of those who are there now were there at its end.
    #[ts(type = "number")]
    pub members: i64,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserFigures {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    #[ts(type = "number")]
    pub messages: i64,
    #[ts(type = "number")]
    pub replies: i64,
    /// That others gave to their messages, or they themselves.
    #[ts(type = "number")]
    pub reactions: i64,
}
