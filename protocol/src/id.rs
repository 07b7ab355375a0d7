//! Identifiers and counters as newtypes, so that a room id can't stand where a user id belongs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, TS,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(#[ts(type = "number")] pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value)
            }
        }

        impl From<$name> for i64 {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        number!($(#[$doc])* $name);

        impl $name {
            /// Before the first one.
            pub const ZERO: Self = Self(0);

            /// The one after this.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }

            /// The one before this; of [`Self::ZERO`], itself.
            #[must_use]
            pub const fn prev(self) -> Self {
                Self(if self.0 > 0 { self.0 - 1 } else { 0 })
            }
        }
    };
}

macro_rules! random {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(#[ts(type = "string")] pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(value: Uuid) -> Self {
                Self(value)
            }
        }

        impl From<$name> for Uuid {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

number!(
    /// A user of one server.
    UserId
);
number!(
    /// A room of one server.
    RoomId
);
number!(
    /// A message, unique on its server. Says nothing about order: that is [`Seq`].
    MessageId
);
counter!(
    /// A message's place in its room: 1, 2, 3 … without holes.
    Seq
);
counter!(
    /// A room's change counter: each committed change that members can see takes the next one.
    Rev
);
counter!(
    /// A user's change counter, for what only that user sees (read marks, room list).
    UserRev
);
counter!(
    /// The server's counter of changes of its custom emoji.
    EmojiRev
);
random!(
    /// One sign-in on one device. Unguessable.
    SessionId
);
random!(
    /// A link by which people come into a room. Not the code that it takes to use it.
    LinkId
);
random!(
    /// A report to those who moderate.
    ReportId
);
random!(
    /// A word filter.
    FilterId
);
random!(
    /// A picture under the name of a custom emoji; another picture has another.
    EmojiId
);
random!(
    /// A line of the audit log. Of rising ids.
    AuditId
);
random!(
    /// The idempotency key that a client gives a mutation: a `UUIDv7` that it never uses again.
    ClientId
);
random!(
    /// The life of one server database. A restored backup has a new one, and every cursor that
    /// names the old one is void.
    InstanceId
);
