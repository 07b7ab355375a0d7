//! Who is there. Never stored beyond the last time somebody was seen.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{RoomId, Timestamp, UserId, role::text_enum};

text_enum!(
    /// How present somebody is, least first.
    PresenceState {
        /// No device connected.
        Offline = "offline",
        /// Connected, away from the screen.
        Idle = "idle",
        /// Connected.
        Online = "online",
        /// Connected, and nothing is to ring: the user's choice for all devices, whatever these say.
        DoNotDisturb = "do_not_disturb",
    }
);

text_enum!(
    /// What a user wants of how present they are, on all devices.
    PresenceChoice {
        /// As their devices say.
        Automatic = "automatic",
        /// Nothing rings.
        DoNotDisturb = "do_not_disturb",
        /// They look offline, and when they were last seen stays as it was.
        Invisible = "invisible",
    }
);

impl PresenceChoice {
    /// How present somebody is whose connected device says so.
    #[must_use]
    pub const fn over(self, device: PresenceState) -> PresenceState {
        match self {
            Self::Automatic => device,
            Self::DoNotDisturb => PresenceState::DoNotDisturb,
            Self::Invisible => PresenceState::Offline,
        }
    }
}

/// What people say of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// May be empty if there is an emoji.
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub emoji: Option<String>,
    /// Then it is over; absent if it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub until: Option<Timestamp>,
}

impl Status {
    /// Whether it is still said.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}

/// What a user decided of their presence. Only they see all of it; it lives under their own counter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MyPresence {
    #[serde(default = "automatic")]
    pub choice: PresenceChoice,
    /// Then it is automatic again; absent if it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub choice_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub status: Option<Status>,
    /// Nobody is told when they were last there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hides_last_seen: bool,
}

const fn automatic() -> PresenceChoice {
    PresenceChoice::Automatic
}

impl Default for MyPresence {
    fn default() -> Self {
        Self {
            choice: PresenceChoice::Automatic,
            choice_until: None,
            status: None,
            hides_last_seen: false,
        }
    }
}

impl MyPresence {
    /// What of it holds at this time.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        if self.choice_until.is_some_and(|until| until <= now) {
            self.choice = PresenceChoice::Automatic;
            self.choice_until = None;
        }
        self.status = self.status.filter(|status| status.holds(now));
        self
    }

    /// When something of it is over.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let status = self.status.as_ref().and_then(|status| status.until);
        self.choice_until.into_iter().chain(status).min()
    }

    /// As a database keeps it: JSON, or nothing if all is as usual.
    #[must_use]
    pub fn to_text(&self) -> String {
        if *self == Self::default() {
            return String::new();
        }
        serde_json::to_string(self).expect("it holds nothing that JSON can't")
    }
}

impl TryFrom<String> for MyPresence {
    type Error = serde_json::Error;

    /// Reads what [`Self::to_text`] wrote.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(&text)
    }
}

/// The body of `user_updated`: what somebody says of themselves now, told to those who look at a
/// room of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UserStatus {
    pub user_id: UserId,
    /// Absent if nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub status: Option<Status>,
}

/// The body of `presence_update` and of `GET /chat/presence/{user_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presence {
    pub user_id: UserId,
    pub is_online: bool,
    pub state: PresenceState,
    /// When the last device left; absent for somebody never seen, or who hides it.
    pub last_seen: Option<Timestamp>,
    /// What they say of themselves, where presence is asked for. `presence_update` doesn't carry it:
    /// its changes come as `user_updated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub status: Option<Status>,
}

/// The body of `typing_indicator`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Typing {
    pub user_id: UserId,
    pub user_name: String,
    pub room_id: RoomId,
    pub is_typing: bool,
    pub timestamp: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_as_usual_again_and_the_earliest_end_is_due() {
        let said = |text: &str, until| Status {
            text: text.to_owned(),
            emoji: None,
            until,
        };
        let mine = MyPresence {
            choice: PresenceChoice::DoNotDisturb,
            choice_until: Some(Timestamp(20)),
            status: Some(said("lunch", Some(Timestamp(10)))),
            hides_last_seen: true,
        };
        assert_eq!(mine.due(), Some(Timestamp(10)));
        assert_eq!(mine.clone().at(Timestamp(9)), mine);
        let later = mine.clone().at(Timestamp(10));
        assert_eq!((&later.status, later.due()), (&None, Some(Timestamp(20))));
        let last = mine.at(Timestamp(20));
        assert_eq!((last.choice, last.due()), (PresenceChoice::Automatic, None));
        assert!(last.hides_last_seen);
        let text = last.to_text();
        assert_eq!(MyPresence::try_from(text).unwrap(), last);
        assert_eq!(MyPresence::default().to_text(), "");
    }

    #[test]
    fn a_choice_is_over_what_devices_say() {
        use PresenceState::{DoNotDisturb, Idle, Offline, Online};
        for state in [Idle, Online] {
            assert_eq!(PresenceChoice::Automatic.over(state), state);
            assert_eq!(PresenceChoice::DoNotDisturb.over(state), DoNotDisturb);
            assert_eq!(PresenceChoice::Invisible.over(state), Offline);
        }
    }
}
