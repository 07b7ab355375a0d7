//! Who is there and who types: told to those who look, kept nowhere but the last time seen.

use std::collections::HashSet;

use erc_protocol::{Presence, PresenceState, RoomId, Timestamp, UserId, limit};

use super::access::existing_user;
use super::committer::{Committer, Done, Lane};
use super::error::Result;
use super::{Actor, Error};
use crate::app::App;
use crate::hub::Hub;
use crate::hub::presence::presence as presence_told;

/// How present somebody is. Only those who share a room may know.
pub async fn get(app: &App, actor: Actor, user: UserId) -> Result<Presence> {
    let mut tx = app.db.snapshot().await?;
    let row = existing_user(&mut tx, user).await?;
    if user != actor.user {
        let mine = rooms_of(&mut tx, actor.user).await?;
        let theirs = rooms_of(&mut tx, user).await?;
        if mine.is_disjoint(&theirs) {
            return Err(Error::not_found("user"));
        }
    }
    Ok(presence(app, user, row.last_seen_at.map(Timestamp)))
}

async fn rooms_of(tx: &mut crate::store::Tx, user: UserId) -> Result<HashSet<RoomId>> {
    Ok(tx
        .rooms_of(user)
        .await?
        .into_iter()
        .map(|row| row.room.id)
        .collect())
}

/// The presence of a user as their connections say, on all nodes.
#[must_use]
pub fn presence(app: &App, user: UserId, last_seen: Option<Timestamp>) -> Presence {
    presence_told(user, app.hub.presence_of(user), last_seen)
}

/// Whether those who look at a room are told who is there. In a large one that would be most of what
/// they are told: presence is asked for one by one there.
pub async fn is_told(app: &App, room: RoomId) -> Result<bool> {
    let row = app.db.snapshot().await?.room(room).await?;
    Ok(row.is_some_and(|row| row.member_count <= limit::PRESENCE_MEMBERS))
}

/// Members of a room who are there now.
pub async fn present_members(app: &App, room: RoomId) -> Result<Vec<Presence>> {
    let mut tx = app.db.snapshot().await?;
    Ok(tx
        .joined_user_ids(room)
        .await?
        .into_iter()
        .map(|user| presence(app, user, None))
        .filter(|presence| presence.is_online)
        .collect())
}

/// Tells those who look at one of the user's rooms.
pub fn announce(app: &App, user: UserId, rooms: &HashSet<RoomId>, last_seen: Option<Timestamp>) {
    app.hub.announce(&presence(app, user, last_seen), rooms);
}

/// Sets the state of all of the actor's connections (`PUT /chat/presence`), and tells.
pub async fn set(app: &App, actor: Actor, state: PresenceState) -> Result<Presence> {
    let mut tx = app.db.snapshot().await?;
    let rooms = rooms_of(&mut tx, actor.user).await?;
    app.hub.set_presence(actor.user, state, &rooms);
    announce(app, actor.user, &rooms, None);
    Ok(presence(app, actor.user, None))
}

/// A user's last connection is gone: keeps when, and tells.
pub async fn left(
    committer: &Committer,
    hub: &Hub,
    user: UserId,
    rooms: &HashSet<RoomId>,
    at: Timestamp,
) {
    let kept = committer
        .submit(Lane::User(user), move |tx, _| {
            Box::pin(async move {
                tx.set_last_seen(user, at).await?;
                Ok(Done::unchanged(()))
            })
        })
        .await;
    // Known by the time that it is told.
    let kept = match kept {
        Ok(receipt) => receipt.await,
        Err(error) => Err(error),
    };
    if let Err(error) = kept {
        tracing::debug!(%error, "the last time seen was not kept");
    }
    // They may be back by now.
    hub.announce(&presence_told(user, hub.presence_of(user), Some(at)), rooms);
}
