//! Roles, on the server and in a room.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every value, lowest first where there is an order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used on the wire, in SQL and on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::role::UnknownWord;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::role::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::role::UnknownWord { word: text.to_owned(), expected: &[$($text),+] }),
                }
            }
        }
    };
}
pub(crate) use text_enum;

/// A word that is none of the expected ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {word:?}, expected one of {}", expected.join(", "))]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What could have been.
    pub expected: &'static [&'static str],
}

text_enum!(
    /// What a user may do on the server, lowest first.
    ServerRole {
        /// Reads and writes where invited; creates nothing.
        Guest = "guest",
        /// The ordinary user.
        Member = "member",
        /// Deletes messages and removes people in any room they can see.
        Moderator = "moderator",
        /// Manages users, rooms and settings.
        Admin = "admin",
        /// An admin whom nobody but an owner can demote.
        Owner = "owner",
    }
);

text_enum!(
    /// What a member may do in one room, lowest first.
    RoomRole {
        /// Reads, sends nothing.
        ReadOnly = "read_only",
        /// Sends, edits and deletes own messages.
        Member = "member",
        /// Deletes messages of others, adds and removes members.
        Moderator = "moderator",
        /// Changes the room.
        Admin = "admin",
        /// An admin whom nobody but an owner can remove; deletes the room.
        Owner = "owner",
    }
);

impl ServerRole {
    /// What it is worth in any room that its holder is in.
    #[must_use]
    pub const fn in_rooms(self) -> RoomRole {
        match self {
            Self::Guest | Self::Member => RoomRole::ReadOnly,
            Self::Moderator => RoomRole::Moderator,
            Self::Admin | Self::Owner => RoomRole::Owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_word_is_the_word_of_sql_and_the_command_line() {
        for role in RoomRole::ALL {
            assert_eq!(serde_json::to_string(role).unwrap(), format!("\"{role}\""));
            assert_eq!(role.as_str().parse::<RoomRole>().unwrap(), *role);
        }
    }

    #[test]
    fn roles_are_ordered_from_least_to_most() {
        assert!(ServerRole::Guest < ServerRole::Member && ServerRole::Admin < ServerRole::Owner);
        assert!(RoomRole::ReadOnly < RoomRole::Member && RoomRole::Admin < RoomRole::Owner);
    }
}
