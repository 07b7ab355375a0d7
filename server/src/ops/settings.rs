//! How a room is kept: what is asked for, held against the limits and against what is there.

use std::collections::BTreeMap;

use erc_protocol::{Capability, ErrorCode, RoomKind, RoomRole, RoomSettings, Timestamp, limit};

use super::error::{Error, Fields, Result};
use crate::store::RoomRow;

/// What is asked for; what is absent stays.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    pub(super) slow_mode_s: Option<u32>,
    pub(super) archived: Option<bool>,
    /// Validated.
    pub(super) category: Option<String>,
    pub(super) permissions: BTreeMap<Capability, Option<RoomRole>>,
}

impl Wanted {
    /// Refuses what no room may have.
    pub(super) fn check(&self, fields: &mut Fields) {
        if self.slow_mode_s.is_some_and(|s| s > limit::SLOW_MODE_S) {
            let most = limit::SLOW_MODE_S;
            fields.refuse("slow_mode_s", format!("from 0 to {most} seconds"));
        }
        for (what, role) in &self.permissions {
            if role.is_some_and(|role| role < what.floor()) {
                let least = what.floor();
                fields.refuse(
                    &format!("permissions.{what}"),
                    format!("can be given to {least} and above"),
                );
            }
        }
    }

    /// The settings that the room gets from somebody of this rank.
    pub(super) fn of(self, room: &RoomRow, rank: RoomRole, now: Timestamp) -> Result<RoomSettings> {
        let mut settings = room.settings.clone();
        if let Some(seconds) = self.slow_mode_s {
            settings.slow_mode_s = seconds;
        }
        if let Some(archived) = self.archived {
            settings.archived_at = archived.then(|| settings.archived_at.unwrap_or(now));
        }
        if let Some(category) = self.category {
            settings.category = category;
        }
        for (what, role) in self.permissions {
            permit(&mut settings, room.kind, what, role, rank)?;
        }
        Ok(settings)
    }
}

/// Nobody gives or takes what is beyond their own role, before or after.
fn permit(
    settings: &mut RoomSettings,
    kind: RoomKind,
    what: Capability,
    role: Option<RoomRole>,
    rank: RoomRole,
) -> Result<()> {
    let before = settings.permissions.least(what, kind);
    // What is usual is not kept, so that equal settings are equal.
    let role = role.filter(|role| *role != what.usual(kind));
    settings.permissions.set(what, role);
    let after = settings.permissions.least(what, kind);
    if before != after && rank < before.max(after) {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "nobody permits what is beyond their own role",
        ));
    }
    Ok(())
}
