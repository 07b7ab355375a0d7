//! What those who look after a room ask of the server: its settings, roles, mutes, bans.

use erc_protocol::{
    RoomId, RoomRole, UserId,
    api::{
        moderation::{BanList, SanctionRequest, SetRoleRequest},
        rooms::UpdateRoomRequest,
    },
    validate,
};
use reqwest::Method;

use super::{Account, remote::send, shared::Shared};
use crate::{
    SafeText,
    error::{Error, Result},
    transport::rest::NOTHING,
    view::BanView,
};

impl Account {
    /// Changes what a room is called and how it is kept; what is absent stays.
    pub async fn change_room(&self, room: RoomId, change: UpdateRoomRequest) -> Result<()> {
        let change = checked(change)?;
        let path = format!("/chat/rooms/{room}");
        send(&self.shared, Method::PUT, &path, Some(&change)).await
    }

    /// Gives somebody another role. `hand_over`, with `owner`: this user becomes an admin.
    pub async fn set_role(
        &self,
        room: RoomId,
        user: UserId,
        role: RoomRole,
        hand_over: bool,
    ) -> Result<()> {
        let path = format!("/chat/rooms/{room}/members/{user}");
        let request = SetRoleRequest { role, hand_over };
        send(&self.shared, Method::PUT, &path, Some(&request)).await
    }

    /// Lets somebody only read: for so many seconds, or until it is lifted.
    pub async fn mute(&self, room: RoomId, user: UserId, seconds: Option<u32>) -> Result<()> {
        sanction(&self.shared, "mutes", room, user, seconds, "").await
    }

    /// Lets somebody write again.
    pub async fn unmute(&self, room: RoomId, user: UserId) -> Result<()> {
        lift(&self.shared, "mutes", room, user).await
    }

    /// Puts somebody out and keeps them out: for so many seconds, or until it is lifted.
    pub async fn ban(
        &self,
        room: RoomId,
        user: UserId,
        seconds: Option<u32>,
        reason: &str,
    ) -> Result<()> {
        sanction(&self.shared, "bans", room, user, seconds, reason).await
    }

    /// Lets somebody come back.
    pub async fn unban(&self, room: RoomId, user: UserId) -> Result<()> {
        lift(&self.shared, "bans", room, user).await
    }

    /// Who is kept out of a room, newest first.
    pub async fn bans(&self, room: RoomId) -> Result<Vec<BanView>> {
        let path = format!("/chat/rooms/{room}/bans");
        let list: BanList = self.shared.api.get(&path, &[]).await?;
        let bans = list.bans.iter().map(|ban| BanView {
            user_id: ban.user_id,
            username: SafeText::line(&ban.username),
            name: SafeText::line(&ban.display_name),
            reason: SafeText::line(&ban.reason),
            expires_at: ban.expires_at,
        });
        Ok(bans.collect())
    }
}

/// What the server would refuse is refused here.
fn checked(change: UpdateRoomRequest) -> Result<UpdateRoomRequest> {
    let valid = |text: Option<String>, check: fn(&str) -> std::result::Result<String, String>| {
        text.map(|text| check(&text))
            .transpose()
            .map_err(Error::Invalid)
    };
    Ok(UpdateRoomRequest {
        name: valid(change.name, validate::room_name)?,
        topic: valid(change.topic, validate::topic)?,
        category: valid(change.category, validate::category)?,
        ..change
    })
}

async fn sanction(
    shared: &Shared,
    what: &str,
    room: RoomId,
    user: UserId,
    seconds: Option<u32>,
    reason: &str,
) -> Result<()> {
    let path = format!("/chat/rooms/{room}/{what}/{user}");
    let request = SanctionRequest {
        seconds,
        reason: validate::reason(reason).map_err(Error::Invalid)?,
    };
    send(shared, Method::PUT, &path, Some(&request)).await
}

async fn lift(shared: &Shared, what: &str, room: RoomId, user: UserId) -> Result<()> {
    let path = format!("/chat/rooms/{room}/{what}/{user}");
    send(shared, Method::DELETE, &path, NOTHING).await
}
