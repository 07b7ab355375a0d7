//! Who may do what in a room, as far as their role, the room's settings and a mute decide: one pure
//! function that the server enforces and that clients use to show only what is permitted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{RoomKind, RoomRole, RoomSettings, ServerRole, role::text_enum};

text_enum!(
    /// What a role in a room permits. Each room may ask for another role than usual.
    Capability {
        /// Write messages and change one's own.
        Send = "send",
        /// Send files with them.
        Attach = "attach",
        /// Answer a message with an emoji.
        React = "react",
        /// Keep messages at hand for all.
        Pin = "pin",
        /// Add people, make links by which people come in.
        Invite = "invite",
        /// Mention everybody at once.
        MentionAll = "mention_all",
        /// Delete messages of others.
        DeleteOthers = "delete_others",
        /// Mute, remove and ban people of a lower role.
        Moderate = "moderate",
        /// Change the room and roles in it.
        Manage = "manage",
    }
);

impl Capability {
    /// The role that has it unless the room says otherwise.
    #[must_use]
    pub const fn usual(self, kind: RoomKind) -> RoomRole {
        match (self, kind) {
            (Self::Send | Self::Attach, RoomKind::Announcement) => RoomRole::Moderator,
            (Self::Send | Self::Attach | Self::React, _)
            | (Self::Pin | Self::MentionAll, RoomKind::Direct) => RoomRole::Member,
            (
                Self::Pin | Self::Invite | Self::MentionAll | Self::DeleteOthers | Self::Moderate,
                _,
            ) => RoomRole::Moderator,
            (Self::Manage, _) => RoomRole::Admin,
        }
    }

    /// The lowest role that a room may give it to: who only reads never gets any, and power over
    /// others stays with moderators.
    #[must_use]
    pub const fn floor(self) -> RoomRole {
        match self {
            Self::DeleteOthers | Self::Moderate | Self::Manage => RoomRole::Moderator,
            _ => RoomRole::Member,
        }
    }

    /// Whether it adds to what is in the room: refused to the muted, and in an archived room.
    const fn adds(self) -> bool {
        !matches!(self, Self::DeleteOthers | Self::Moderate | Self::Manage)
    }
}

/// Where a room departs from the usual roles. What a newer server adds is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Permissions(BTreeMap<Capability, RoomRole>);

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = BTreeMap::<String, String>::deserialize(deserializer)?;
        let known = words
            .into_iter()
            .filter_map(|(what, role)| Some((what.parse().ok()?, role.parse().ok()?)));
        Ok(Self(known.collect()))
    }
}

impl Permissions {
    /// Those that depart from the usual.
    pub fn overrides(&self) -> impl Iterator<Item = (Capability, RoomRole)> {
        self.0.iter().map(|(what, role)| (*what, *role))
    }

    /// Whether everything is as usual.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.0.is_empty()
    }

    /// The lowest role that has it here.
    #[must_use]
    pub fn least(&self, what: Capability, kind: RoomKind) -> RoomRole {
        let role = self.0.get(&what).copied();
        role.unwrap_or_else(|| what.usual(kind)).max(what.floor())
    }

    /// Gives it to this role and those above; `None` makes it usual again.
    pub fn set(&mut self, what: Capability, role: Option<RoomRole>) {
        match role {
            Some(role) => self.0.insert(what, role),
            None => self.0.remove(&what),
        };
    }
}

/// Where a member stands.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    pub kind: RoomKind,
    pub settings: &'a RoomSettings,
    pub room_role: RoomRole,
    pub server_role: ServerRole,
    /// Now.
    pub is_muted: bool,
}

/// Why a member may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The room is archived.
    Archived,
    /// Somebody has muted them.
    Muted,
    /// Their role here only reads.
    ReadOnly,
    /// It takes at least this role.
    Role(RoomRole),
}

impl Situation<'_> {
    /// Their role, or what their server role is worth here if that is more.
    #[must_use]
    pub fn role(&self) -> RoomRole {
        self.room_role.max(self.server_role.in_rooms())
    }

    /// Why they may not do it; `None` if they may.
    #[must_use]
    pub fn refusal(&self, what: Capability) -> Option<Refusal> {
        if what.adds() {
            if self.settings.archived_at.is_some() {
                return Some(Refusal::Archived);
            }
            if self.is_muted {
                return Some(Refusal::Muted);
            }
            if self.room_role == RoomRole::ReadOnly {
                return Some(Refusal::ReadOnly);
            }
        }
        let least = self.settings.permissions.least(what, self.kind);
        (self.role() < least).then_some(Refusal::Role(least))
    }

    /// All that they may do.
    #[must_use]
    pub fn can(&self) -> Vec<Capability> {
        let all = Capability::ALL.iter().copied();
        all.filter(|what| self.refusal(*what).is_none()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_never_gives_power_to_those_who_only_read_nor_over_others_to_members() {
        for what in Capability::ALL {
            for given in RoomRole::ALL {
                let mut permissions = Permissions::default();
                permissions.set(*what, Some(*given));
                for kind in RoomKind::ALL {
                    let least = permissions.least(*what, *kind);
                    assert!(least > RoomRole::ReadOnly, "{what} {given}");
                    assert_eq!(least, (*given).max(what.floor()), "{what} {given}");
                    assert!(what.usual(*kind) >= what.floor(), "{what} {kind}");
                }
            }
        }
    }

    #[test]
    fn what_a_newer_server_permits_is_left_out() {
        let text = r#"{"pin":"member","fly":"member","send":"emperor"}"#;
        let permissions: Permissions = serde_json::from_str(text).unwrap();
        let known: Vec<_> = permissions.overrides().collect();
        assert_eq!(known, [(Capability::Pin, RoomRole::Member)]);
    }
}
