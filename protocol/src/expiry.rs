//! Messages that go by themselves: how long they stay, and when one goes.
//!
//! What somebody asks for is a [`Lifetime`], of a message or of a room's messages; what a message
//! carries is an [`Expiry`]. It is decided when the message is sent, and changes once at most: when
//! somebody else has read it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Timestamp, limit, role::text_enum};

text_enum!(
    /// From when a message's time counts.
    ExpiryFrom {
        /// From when it was sent.
        Sent = "sent",
        /// From when the first of the others had read it.
        Read = "read",
    }
);

const fn sent() -> ExpiryFrom {
    ExpiryFrom::Sent
}

/// How long messages stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lifetime {
    /// Seconds.
    pub after_s: u32,
    #[serde(default = "sent")]
    pub from: ExpiryFrom,
}

impl Lifetime {
    /// What a request asks for; nothing if it names no time. `Err` says which times there are.
    pub fn asked(after_s: Option<u32>, from: Option<ExpiryFrom>) -> Result<Option<Self>, String> {
        let lifetime = after_s.map(|after_s| Self {
            after_s,
            from: from.unwrap_or(ExpiryFrom::Sent),
        });
        lifetime.map(Self::valid).transpose()
    }

    /// Itself, if it is neither too short nor too long.
    pub fn valid(self) -> Result<Self, String> {
        let (least, most) = (limit::EXPIRE_S.start(), limit::EXPIRE_S.end());
        if limit::EXPIRE_S.contains(&self.after_s) {
            Ok(self)
        } else {
            Err(format!("messages go after {least} to {most} seconds"))
        }
    }
}

/// When a message goes. A row that was deleted and still carries a time has expired; who deletes a
/// message takes its time away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expiry {
    /// Then, unless it is sooner by [`Self::after_read_s`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub at: Option<Timestamp>,
    /// So many seconds after the first of the others has read it; absent once somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after_read_s: Option<u32>,
}

impl Expiry {
    /// Of a message that was sent then, by what its sender and its room ask for: whichever is
    /// sooner. `None` if it stays.
    #[must_use]
    pub fn of(own: Option<Lifetime>, room: Option<Lifetime>, sent: Timestamp) -> Option<Self> {
        let shortest = |from| {
            let all = [own, room].into_iter().flatten();
            let such = all.filter(|lifetime| lifetime.from == from);
            such.map(|lifetime| lifetime.after_s).min()
        };
        let expiry = Self {
            at: shortest(ExpiryFrom::Sent).map(|s| sent.plus_ms(i64::from(s) * 1_000)),
            after_read_s: shortest(ExpiryFrom::Read),
        };
        (expiry != Self::default()).then_some(expiry)
    }

    /// The same, once somebody else has read it at this time.
    #[must_use]
    pub fn read(self, at: Timestamp) -> Self {
        let by_reading = self.after_read_s.map(|s| at.plus_ms(i64::from(s) * 1_000));
        Self {
            at: self.at.into_iter().chain(by_reading).min(),
            after_read_s: None,
        }
    }

    /// Whether its time has come.
    #[must_use]
    pub fn is_over(self, now: Timestamp) -> bool {
        self.at.is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: Timestamp = Timestamp(1_000_000);

    #[expect(
        clippy::unnecessary_wraps,
        reason = "so that the tables below read well"
    )]
    fn after(after_s: u32, from: ExpiryFrom) -> Option<Lifetime> {
        Some(Lifetime { after_s, from })
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "so that the tables below read well"
    )]
    fn expiry(at_s: Option<i64>, after_read_s: Option<u32>) -> Option<Expiry> {
        Some(Expiry {
            at: at_s.map(|s| SENT.plus_ms(s * 1_000)),
            after_read_s,
        })
    }

    #[test]
    fn of_message_and_room_the_sooner_counts() {
        use ExpiryFrom::{Read, Sent};
        let cases = [
            (None, None, None),
            (after(60, Sent), None, expiry(Some(60), None)),
            (None, after(90, Sent), expiry(Some(90), None)),
            (after(60, Sent), after(90, Sent), expiry(Some(60), None)),
            (after(90, Sent), after(60, Sent), expiry(Some(60), None)),
            (after(60, Read), None, expiry(None, Some(60))),
            (after(60, Read), after(90, Sent), expiry(Some(90), Some(60))),
            (after(60, Sent), after(5, Read), expiry(Some(60), Some(5))),
        ];
        for (own, room, expected) in cases {
            assert_eq!(Expiry::of(own, room, SENT), expected, "{own:?} {room:?}");
        }
    }

    #[test]
    fn reading_begins_the_time_once_and_never_makes_it_longer() {
        let waiting = expiry(Some(90), Some(60)).unwrap();
        let early = waiting.read(SENT.plus_ms(10_000));
        assert_eq!(Some(early), expiry(Some(70), None));
        assert_eq!(early.read(SENT.plus_ms(20_000)), early);
        let late = waiting.read(SENT.plus_ms(80_000));
        assert_eq!(Some(late), expiry(Some(90), None));
        assert!(!late.is_over(SENT.plus_ms(89_999)));
        assert!(late.is_over(SENT.plus_ms(90_000)));
        assert!(!expiry(None, Some(5)).unwrap().is_over(Timestamp(i64::MAX)));
    }

    #[test]
    fn lifetimes_at_below_and_above_the_limit() {
        for (after_s, is_valid) in [
            (*limit::EXPIRE_S.start() - 1, false),
            (*limit::EXPIRE_S.start(), true),
            (*limit::EXPIRE_S.end(), true),
            (*limit::EXPIRE_S.end() + 1, false),
        ] {
            let asked = Lifetime::asked(Some(after_s), None);
            assert_eq!(asked.is_ok(), is_valid, "{after_s}");
        }
        assert_eq!(Lifetime::asked(None, Some(ExpiryFrom::Read)), Ok(None));
    }
}
