//! Where a user stands in a room: the facts that `rules` decides on, read in one place.

use erc_protocol::{
    Member, RoomId, RoomRole, ServerRole, Timestamp, UserId, gateway::server::MemberUpdated,
};

use super::change::Change;
use super::error::{Error, Result};
use crate::rules::permission::{self, Action, Standing};
use crate::rules::visibility::Visibility;
use crate::store::{Place, RoomRow, StandingRow, Tx, UserRow};

/// A room and one user in (or outside) it.
#[derive(Debug, Clone)]
pub struct Access {
    pub room: RoomRow,
    /// Their place, if they were ever there.
    pub place: Option<Place>,
    pub server_role: ServerRole,
    /// Of a direct room: the other one blocks them.
    pub is_shut_out: bool,
}

impl Access {
    /// Reads it. A room that doesn't exist and one that hides look the same.
    pub async fn load(tx: &mut Tx, room: RoomId, user: UserId) -> Result<Self> {
        Self::of(tx.standing(room, user).await?)
    }

    /// As the store found it, if it did.
    pub fn of(found: Option<StandingRow>) -> Result<Self> {
        let row = found.ok_or_else(|| Error::not_found("room"))?;
        Ok(Self {
            room: row.room,
            place: row.place,
            server_role: row.server_role.ok_or_else(|| Error::not_found("user"))?,
            is_shut_out: row.is_shut_out,
        })
    }

    /// The same for a change: the room's counters stay locked until the transaction ends.
    pub async fn load_for_update(tx: &mut Tx, room: RoomId, user: UserId) -> Result<Self> {
        if tx.room_for_update(room).await?.is_none() {
            return Err(Error::not_found("room"));
        }
        Self::load(tx, room, user).await
    }

    /// Fails unless the action is permitted: one that a mute doesn't touch. The others go through
    /// [`Self::check_at`].
    pub fn check(&self, action: Action) -> Result<()> {
        debug_assert!(
            !action.adds(),
            "{action:?} depends on whether a mute is over"
        );
        self.check_at(action, Timestamp(0))
    }

    /// Fails unless the action is permitted now.
    pub fn check_at(&self, action: Action, now: Timestamp) -> Result<()> {
        let standing = Standing {
            server_role: self.server_role,
            room_role: self.joined().map(|place| place.role),
            is_muted: self.joined().is_some_and(|place| place.is_muted(now)),
            is_shut_out: self.is_shut_out,
            is_asked: self
                .joined()
                .is_some_and(|place| place.request.is_received()),
        };
        Ok(permission::check(standing, action, self.room.facts())?)
    }

    /// The role of somebody in this room, or what their server role is worth here if that is more.
    pub async fn rank_of(&self, tx: &mut Tx, user: UserId) -> Result<RoomRole> {
        let worth = existing_user(tx, user).await?.role.in_rooms();
        let place = tx.place(self.room.id, user).await?;
        let role = place.filter(Place::is_joined).map(|place| place.role);
        Ok(role.map_or(worth, |role| role.max(worth)))
    }

    /// Their place, if they are in the room.
    #[must_use]
    pub fn joined(&self) -> Option<&Place> {
        self.place.as_ref().filter(|place| place.is_joined())
    }

    /// What they may see of the room.
    #[must_use]
    pub fn visibility(&self) -> Option<Visibility> {
        let place = self.joined()?;
        Visibility::of(place.state, place.first_visible_seq)
    }
}

/// A user who must be there.
pub async fn existing_user(tx: &mut Tx, user: UserId) -> Result<UserRow> {
    tx.user(user).await?.ok_or_else(|| Error::not_found("user"))
}

/// The change that tells of a member's current row.
pub async fn member_change(tx: &mut Tx, room: RoomId, user: UserId) -> Result<Change> {
    let row = tx
        .member(room, user)
        .await?
        .ok_or_else(|| Error::Internal(format!("user {user} has no place in room {room}")))?;
    let count = tx.room(room).await?.map_or(0, |room| room.member_count);
    let member = Member::from(row);
    Ok(Change::member_updated(MemberUpdated {
        room_id: room,
        rev: member.rev,
        member,
        member_count: count,
    }))
}
