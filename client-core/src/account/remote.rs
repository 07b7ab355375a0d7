//! What is asked of the server at once: rooms, people, sessions.

use std::time::Duration;

use erc_protocol::{
    ClientId, Lifetime, Message, MessageId, Room, RoomId, RoomKind, SessionId, User, UserId,
    api::{
        messages::{MessageHistory, MessageVersion, PinList},
        rooms::{
            AddMemberRequest, CreateRoomRequest, Directory, SetLifetimeRequest, UpdateRoomRequest,
        },
        users::{UpdateMeRequest, UserList},
    },
    auth::SessionList,
    reaction::{Reacted, ReactionList},
    validate,
};
use reqwest::Method;
use serde_json::Value;

use super::{NewRoom, shared::Shared};
use crate::{
    SafeText,
    cache::{emoji, rooms},
    error::{Error, Result},
    transport::rest::NOTHING,
    view::{DirectoryEntry, ReactedView, SessionView, UserView, VersionView},
};

/// How long a new room may take to come down the link.
const ARRIVAL: Duration = Duration::from_secs(5);

fn invalid(reason: String) -> Error {
    Error::Invalid(reason)
}

pub(super) async fn create_room(shared: &Shared, room: NewRoom) -> Result<RoomId> {
    let name = match room.kind {
        RoomKind::Direct => String::new(),
        RoomKind::Group | RoomKind::Announcement => {
            validate::room_name(&room.name).map_err(invalid)?
        }
    };
    let request = CreateRoomRequest {
        name,
        topic: validate::topic(&room.topic).map_err(invalid)?,
        kind: room.kind,
        is_private: room.is_private,
        history: None,
        member_ids: room.members,
        client_id: Some(ClientId(shared.clock.operation_id())),
    };
    let made: Room = shared
        .api
        .send(Method::POST, "/chat/rooms", Some(&request))
        .await?;
    arrival(shared, made.id).await?;
    Ok(made.id)
}

pub(super) async fn pins(shared: &Shared, room: RoomId) -> Result<Vec<Message>> {
    let list: PinList = shared
        .api
        .get(&format!("/chat/rooms/{room}/pins"), &[])
        .await?;
    Ok(list.messages)
}

pub(super) async fn history(shared: &Shared, id: MessageId) -> Result<Vec<VersionView>> {
    let history: MessageHistory = shared
        .api
        .get(&format!("/chat/messages/{id}/history"), &[])
        .await?;
    let version = |version: &MessageVersion| VersionView {
        text: SafeText::block(&version.content),
        at: version.at,
    };
    Ok(history.versions.iter().map(version).collect())
}

pub(super) async fn reactions(shared: &Shared, id: MessageId) -> Result<Vec<ReactedView>> {
    let list: ReactionList = shared
        .api
        .get(&format!("/chat/messages/{id}/reactions"), &[])
        .await?;
    let custom = shared.store.read(emoji::names)?;
    let view = |one: &Reacted| ReactedView {
        emoji: SafeText::line(&one.emoji),
        picture: custom.of_code(&one.emoji),
        user_id: one.user_id,
        name: SafeText::line(&one.display_name),
        at: one.at,
    };
    Ok(list.reactions.iter().map(view).collect())
}

pub(super) async fn update_room(
    shared: &Shared,
    room: RoomId,
    name: Option<String>,
    topic: Option<String>,
) -> Result<()> {
    let request = UpdateRoomRequest {
        name: name
            .map(|name| validate::room_name(&name))
            .transpose()
            .map_err(invalid)?,
        topic: topic
            .map(|topic| validate::topic(&topic))
            .transpose()
            .map_err(invalid)?,
        ..UpdateRoomRequest::default()
    };
    send(
        shared,
        Method::PUT,
        &format!("/chat/rooms/{room}"),
        Some(&request),
    )
    .await
}

pub(super) async fn set_lifetime(
    shared: &Shared,
    room: RoomId,
    lifetime: Option<Lifetime>,
) -> Result<()> {
    let lifetime = lifetime.map(Lifetime::valid).transpose().map_err(invalid)?;
    let request = SetLifetimeRequest {
        expires_in: lifetime.map(|lifetime| lifetime.after_s),
        expires_from: lifetime.map(|lifetime| lifetime.from),
    };
    let path = format!("/chat/rooms/{room}/lifetime");
    send(shared, Method::PUT, &path, Some(&request)).await
}

pub(super) async fn delete_room(shared: &Shared, room: RoomId) -> Result<()> {
    send(
        shared,
        Method::DELETE,
        &format!("/chat/rooms/{room}"),
        NOTHING,
    )
    .await
}

pub(super) async fn join_room(shared: &Shared, room: RoomId) -> Result<()> {
    send(
        shared,
        Method::POST,
        &format!("/chat/rooms/{room}/join"),
        NOTHING,
    )
    .await?;
    arrival(shared, room).await
}

pub(super) async fn leave_room(shared: &Shared, room: RoomId) -> Result<()> {
    send(
        shared,
        Method::POST,
        &format!("/chat/rooms/{room}/leave"),
        NOTHING,
    )
    .await
}

pub(super) async fn add_member(shared: &Shared, room: RoomId, user: UserId) -> Result<()> {
    let path = format!("/chat/rooms/{room}/members/{user}");
    send(
        shared,
        Method::POST,
        &path,
        Some(&AddMemberRequest::default()),
    )
    .await
}

pub(super) async fn remove_member(shared: &Shared, room: RoomId, user: UserId) -> Result<()> {
    let path = format!("/chat/rooms/{room}/members/{user}");
    send(shared, Method::DELETE, &path, NOTHING).await
}

pub(super) async fn directory(shared: &Shared) -> Result<Vec<DirectoryEntry>> {
    let directory: Directory = shared.api.get("/chat/directory", &[]).await?;
    let entries = directory.rooms.iter().map(|entry| DirectoryEntry {
        id: entry.room.id,
        name: SafeText::line(&entry.room.name),
        topic: SafeText::line(&entry.room.topic),
        member_count: entry.room.member_count,
        is_member: entry.is_member,
    });
    Ok(entries.collect())
}

pub(super) async fn find_users(shared: &Shared, query: &str) -> Result<Vec<UserView>> {
    let list: UserList = shared
        .api
        .get("/users", &[("query", query.to_owned())])
        .await?;
    let users = list.users.iter().map(|user| UserView {
        user_id: user.id,
        username: SafeText::line(&user.username),
        name: SafeText::line(&user.display_name),
    });
    Ok(users.collect())
}

pub(super) async fn sessions(shared: &Shared) -> Result<Vec<SessionView>> {
    let list: SessionList = shared.api.get("/auth/sessions", &[]).await?;
    let sessions = list.sessions.iter().map(|session| SessionView {
        id: session.id,
        device_name: SafeText::line(&session.device_name),
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        is_current: session.is_current,
    });
    Ok(sessions.collect())
}

pub(super) async fn end_session(shared: &Shared, session: SessionId) -> Result<()> {
    send(
        shared,
        Method::DELETE,
        &format!("/auth/sessions/{session}"),
        NOTHING,
    )
    .await
}

pub(super) async fn sign_out(shared: &Shared) -> Result<()> {
    send(shared, Method::POST, "/auth/logout", NOTHING).await
}

pub(super) async fn set_display_name(shared: &Shared, name: &str) -> Result<()> {
    let name = validate::display_name(name).map_err(invalid)?;
    let request = UpdateMeRequest {
        display_name: Some(name),
    };
    let user: User = shared
        .api
        .send(Method::PUT, "/users/me", Some(&request))
        .await?;
    shared.set_me(&user);
    Ok(())
}

/// A request whose answer doesn't matter, if it is none of refusal.
pub(super) async fn send(
    shared: &Shared,
    method: Method,
    path: &str,
    body: Option<&(impl serde::Serialize + Sync + ?Sized)>,
) -> Result<()> {
    let _: Value = shared.api.send(method, path, body).await?;
    Ok(())
}

/// Waits until the room has come down the link, so that the view can show it; without a link it
/// comes later.
pub(super) async fn arrival(shared: &Shared, room: RoomId) -> Result<()> {
    let mut updates = shared.updates();
    let arrives = async {
        loop {
            let row = shared.store.read(|conn| rooms::get(conn, room))?;
            if row.is_some_and(|row| row.is_known && row.state == erc_protocol::MemberState::Joined)
            {
                return Ok(());
            }
            // Lagging is news too; only a closed account ends the waiting.
            if let Err(tokio::sync::broadcast::error::RecvError::Closed) = updates.recv().await {
                return Ok(());
            }
        }
    };
    tokio::time::timeout(ARRIVAL, arrives)
        .await
        .unwrap_or(Ok(()))
}
