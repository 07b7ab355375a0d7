//! Rooms, as an operator looks after them. Direct rooms belong to the two in them: they are shown
//! and can be deleted, and nobody is put into them or taken out.

use erc_protocol::{
    ErrorCode, Member, MemberState, Room, RoomId, RoomKind, RoomRole, UserId, limit,
};
use serde_json::json;

use super::named;
use crate::app::App;
use crate::ops::change::Change;
use crate::ops::committer::{Done, Lane};
use crate::ops::error::{Error, Result};
use crate::ops::settings::Wanted;
use crate::ops::{audit, members, rooms};
use crate::store::{Place, RoomRow, Tx};

/// Every room that is not deleted, by id.
pub async fn list(app: &App) -> Result<Vec<Room>> {
    let rows = app.db.snapshot().await?.all_rooms().await?;
    Ok(rows.iter().map(RoomRow::public).collect())
}

/// The room of this id, or else the only one of exactly this name.
pub async fn find(app: &App, id_or_name: &str) -> Result<Room> {
    let mut tx = app.db.snapshot().await?;
    if let Ok(id) = id_or_name.parse()
        && let Some(room) = tx.room(RoomId(id)).await?
    {
        return Ok(room.public());
    }
    let name = id_or_name.trim_start_matches('#');
    let rows = tx.all_rooms().await?;
    let mut of_name = rows.iter().filter(|room| room.name == name);
    match (of_name.next(), of_name.next()) {
        (Some(room), None) => Ok(room.public()),
        (None, _) => Err(Error::not_found("room")),
        (Some(one), Some(other)) => Err(Error::refused(
            ErrorCode::Forbidden,
            format!(
                "several rooms are called {name}, such as {} and {}: name it by its id",
                one.id, other.id
            ),
        )),
    }
}

/// Who is in a room, by user id.
pub async fn members(app: &App, room: RoomId) -> Result<Vec<Member>> {
    let mut tx = app.db.snapshot().await?;
    let rows = tx
        .joined_members(room, UserId(0), limit::ROOM_MEMBERS)
        .await?;
    Ok(rows.into_iter().map(Member::from).collect())
}

/// Locks a room.
async fn locked(tx: &mut Tx, room: RoomId) -> Result<RoomRow> {
    tx.room_for_update(room)
        .await?
        .ok_or_else(|| Error::not_found("room"))
}

/// Locks a room that several people are in.
async fn of_many(tx: &mut Tx, room: RoomId) -> Result<RoomRow> {
    let room = locked(tx, room).await?;
    if room.kind == RoomKind::Direct {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "a direct room belongs to the two who are in it",
        ));
    }
    Ok(room)
}

/// Lets a room only be read, or brings it back.
pub async fn archive(app: &App, room: RoomId, archived: bool) -> Result<Room> {
    let receipt = app
        .committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let old = of_many(tx, room).await?;
                let wanted = Wanted {
                    archived: Some(archived),
                    ..Wanted::default()
                };
                let settings = wanted.of(&old, RoomRole::Owner, now)?;
                if settings == old.settings {
                    return Ok(Done::unchanged(old.public()));
                }
                let rev = tx.next_rev(room).await?;
                let row = tx
                    .update_room(room, rev, &old.name, &old.topic, old.is_private, &settings)
                    .await?;
                audit::room_changed(tx, None, &old, &row, now).await?;
                let change = Change::room_updated(&row.public());
                Ok(Done::new(row.public(), vec![change]))
            })
        })
        .await?;
    receipt.await
}

/// Deletes a room with all that is in it.
pub async fn delete(app: &App, room: RoomId) -> Result<()> {
    let receipt = app
        .committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                locked(tx, room).await?;
                rooms::delete_now(tx, None, room, now).await
            })
        })
        .await?;
    receipt.await
}

/// Puts somebody into a room. Who is in it already keeps their role.
pub async fn add(app: &App, room: RoomId, username: &str, role: RoomRole) -> Result<Member> {
    let username = username.to_owned();
    let receipt = app
        .committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let row = of_many(tx, room).await?;
                let user = named(tx, &username).await?.id;
                let mut changes = Vec::new();
                members::enter(tx, &row, user, role, now, &mut changes).await?;
                if !changes.is_empty() {
                    let details = json!({ "role": role });
                    let at = (Some(room), Some(user));
                    audit::add(tx, None, "member.add", at.0, at.1, details, now).await?;
                }
                Ok(Done::new(member(tx, room, user).await?, changes))
            })
        })
        .await?;
    receipt.await
}

/// Takes somebody out of a room. If it loses its owner so, the next in rank becomes it.
pub async fn remove(app: &App, room: RoomId, username: &str) -> Result<()> {
    let username = username.to_owned();
    let receipt = app
        .committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                of_many(tx, room).await?;
                let user = named(tx, &username).await?.id;
                let place = joined(tx, room, user).await?;
                let mut changes = Vec::new();
                let at = (Some(room), Some(user));
                audit::add(tx, None, "member.remove", at.0, at.1, json!({}), now).await?;
                members::exit(tx, place, MemberState::Removed, &mut changes).await?;
                Ok(Done::new((), changes))
            })
        })
        .await?;
    receipt.await
}

/// Gives somebody another role in a room, which keeps an owner.
pub async fn set_role(app: &App, room: RoomId, username: &str, to: RoomRole) -> Result<Member> {
    let username = username.to_owned();
    let receipt = app
        .committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                of_many(tx, room).await?;
                let user = named(tx, &username).await?.id;
                let place = joined(tx, room, user).await?;
                let mut changes = Vec::new();
                members::give(tx, place, to, &mut changes).await?;
                if place.role == RoomRole::Owner && !members::has_owner(tx, room).await? {
                    return Err(Error::refused(
                        ErrorCode::Forbidden,
                        "a room needs an owner: make somebody else the owner first",
                    ));
                }
                if !changes.is_empty() {
                    let details = json!({ "from": place.role, "to": to });
                    let at = (Some(room), Some(user));
                    audit::add(tx, None, "member.role", at.0, at.1, details, now).await?;
                }
                Ok(Done::new(member(tx, room, user).await?, changes))
            })
        })
        .await?;
    receipt.await
}

async fn joined(tx: &mut Tx, room: RoomId, user: UserId) -> Result<Place> {
    tx.place(room, user)
        .await?
        .filter(Place::is_joined)
        .ok_or_else(|| Error::not_found("member"))
}

async fn member(tx: &mut Tx, room: RoomId, user: UserId) -> Result<Member> {
    let row = tx
        .member(room, user)
        .await?
        .ok_or_else(|| Error::not_found("member"))?;
    Ok(row.into())
}
