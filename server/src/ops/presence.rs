//! Who is there and who types: told to those who look, kept nowhere but the last time seen; and what
//! people decide of it, which is kept: whether anything may ring, what they say of themselves.

mod wanted;

use std::collections::{HashMap, HashSet};

use erc_protocol::api::users::{OwnPresence, SetPresenceRequest};
use erc_protocol::presence::{PresenceChoice, Status, UserStatus};
use erc_protocol::{
    MyPresence, Presence, PresenceState, RoomId, RoomKind, Timestamp, UserId, limit,
};

use super::access::existing_user;
use super::change::Change;
use super::committer::{Committer, Done, Lane};
use super::error::Result;
use super::{Actor, Error, requests};
use crate::app::App;
use crate::hub::Hub;
use crate::hub::presence::presence as presence_told;
use crate::store::{self, Tx, UserRow};
use wanted::Wanted;

/// How present somebody is. Only those who share a room may know.
pub async fn get(app: &App, actor: Actor, user: UserId) -> Result<Presence> {
    let mut tx = app.db.snapshot().await?;
    let row = existing_user(&mut tx, user).await?;
    if user != actor.user {
        let mine = rooms_of(&mut tx, actor.user).await?;
        let theirs = rooms_of(&mut tx, user).await?;
        // A request is no room that two share.
        if mine.is_disjoint(&theirs) {
            return Err(Error::not_found("user"));
        }
    }
    Ok(of_row(app, row, None))
}

/// As it is told to whoever asks; `said` of all devices just now, wherever they are connected.
fn of_row(app: &App, row: UserRow, said: Option<PresenceState>) -> Presence {
    let (user, last_seen) = (row.id, last_seen(&row));
    let mine = row.presence.at(app.clock.now());
    // Where they are connected elsewhere, that node may not have said yet what they chose, and what
    // it said before may still be on its way.
    let state = match app.hub.presence_of(user) {
        PresenceState::Offline => PresenceState::Offline,
        state => mine.choice.over(said.unwrap_or(state)),
    };
    Presence {
        status: mine.status,
        ..presence_told(user, state, last_seen)
    }
}

/// When somebody was last there, unless they hide it.
pub(crate) fn last_seen(row: &UserRow) -> Option<Timestamp> {
    let at = row.last_seen_at.map(Timestamp);
    at.filter(|_| !row.presence.hides_last_seen)
}

/// The rooms in which others may know of a user's presence: in a request neither of the two may.
pub(crate) async fn rooms_of(tx: &mut Tx, user: UserId) -> store::Result<HashSet<RoomId>> {
    let rooms = tx.rooms_of(user).await?.into_iter();
    let rooms = rooms.filter(|row| row.request.is_none());
    Ok(rooms.map(|row| row.room.id).collect())
}

/// The presence of a user as their connections say, on all nodes.
#[must_use]
pub fn presence(app: &App, user: UserId, last_seen: Option<Timestamp>) -> Presence {
    presence_told(user, app.hub.presence_of(user), last_seen)
}

/// Whether those who look at a room are told who is there: not in a request. In a large one that would be most of what
/// they are told: presence is asked for one by one there.
pub async fn is_told(app: &App, room: RoomId) -> Result<bool> {
    let mut tx = app.db.snapshot().await?;
    let Some(row) = tx.room(room).await? else {
        return Ok(false);
    };
    let is_small = row.member_count <= limit::PRESENCE_MEMBERS;
    Ok(is_small && !requests::is_one(&mut tx, &row).await?)
}

/// Members of a room who are there now, or who say something of themselves; in a direct room, both,
/// and when they were last there.
pub async fn present_members(app: &App, room: RoomId) -> Result<Vec<Presence>> {
    let now = app.clock.now();
    let mut tx = app.db.snapshot().await?;
    let row = tx.room(room).await?;
    let kind = row.as_ref().map(|row| row.kind);
    if let Some(row) = row
        && requests::is_one(&mut tx, &row).await?
    {
        return Ok(Vec::new());
    }
    let members = tx.joined_user_ids(room).await?;
    if kind == Some(RoomKind::Direct) {
        let mut both = Vec::with_capacity(members.len());
        for user in members {
            both.push(of_row(app, existing_user(&mut tx, user).await?, None));
        }
        return Ok(both);
    }
    let decided = tx.presences_of(room).await?.into_iter();
    let mut said: HashMap<UserId, Status> = decided
        .filter_map(|(user, mine)| Some((user, mine.at(now).status?)))
        .collect();
    let told = members.into_iter().map(|user| Presence {
        status: said.remove(&user),
        ..presence(app, user, None)
    });
    Ok(told
        .filter(|presence| presence.is_online || presence.status.is_some())
        .collect())
}

/// Tells those who look at one of the user's rooms.
pub fn announce(app: &App, user: UserId, rooms: &HashSet<RoomId>, last_seen: Option<Timestamp>) {
    app.hub.announce(&presence(app, user, last_seen), rooms);
}

/// Changes how present the actor is (`PUT /chat/presence`), and tells.
pub async fn set(app: &App, actor: Actor, request: SetPresenceRequest) -> Result<OwnPresence> {
    let wanted = Wanted::of(request)?;
    let devices = wanted.devices;
    let user = actor.user;
    let (mine, told) = app
        .committer
        .submit(Lane::User(user), move |tx, now| {
            Box::pin(async move {
                tx.users_for_update(&[user]).await?;
                let held = existing_user(tx, user).await?.presence;
                let mine = wanted.over(held.clone().at(now), now);
                let told = Told::of(tx, user, &held, &mine).await?;
                if mine == held {
                    return Ok(Done::unchanged((mine, told)));
                }
                tx.set_presence(user, &mine).await?;
                tx.next_user_rev(user).await?;
                Ok(Done::new((mine, told), vec![Change::User(user)]))
            })
        })
        .await?
        .await?;
    app.timer.wake();
    // Nodes on which they are connected besides tell it themselves.
    let looks_otherwise = app.hub.set_choice(user, mine.choice);
    if let Some(state) = devices {
        app.hub.set_presence(user, state, &told.rooms);
    }
    if looks_otherwise || devices.is_some() {
        announce(app, user, &told.rooms, None);
    }
    told.tell_status(&app.hub);
    let row = existing_user(&mut app.db.snapshot().await?, user).await?;
    let presence = of_row(app, row, devices);
    Ok(OwnPresence { presence, mine })
}

/// What others are to learn of a change, once it is durable.
struct Told {
    rooms: HashSet<RoomId>,
    status: Option<UserStatus>,
}

impl Told {
    async fn of(tx: &mut Tx, user: UserId, held: &MyPresence, mine: &MyPresence) -> Result<Self> {
        Ok(Self {
            rooms: rooms_of(tx, user).await?,
            status: (held.status != mine.status).then(|| UserStatus {
                user_id: user,
                status: mine.status.clone(),
            }),
        })
    }

    fn tell_status(&self, hub: &Hub) {
        if let Some(status) = &self.status {
            hub.announce_status(status, &self.rooms);
        }
    }
}

/// What of a user's presence is over is as usual again, unless another node has seen to it.
pub(crate) async fn due(committer: &Committer, hub: &Hub, user: UserId) -> Result<()> {
    let done = committer
        .submit(Lane::User(user), move |tx, now| {
            Box::pin(async move {
                tx.users_for_update(&[user]).await?;
                let held = existing_user(tx, user).await?.presence;
                let mine = held.clone().at(now);
                if mine == held {
                    return Ok(Done::unchanged(None));
                }
                let told = Told::of(tx, user, &held, &mine).await?;
                tx.set_presence(user, &mine).await?;
                tx.next_user_rev(user).await?;
                let change = Change::User(user);
                Ok(Done::new(Some((mine.choice, told)), vec![change]))
            })
        })
        .await?
        .await?;
    if let Some((choice, told)) = done {
        if hub.set_choice(user, choice) {
            let presence = presence_told(user, hub.presence_of(user), None);
            hub.announce(&presence, &told.rooms);
        }
        told.tell_status(hub);
    }
    Ok(())
}

/// A user's last connection is gone: keeps when, and tells. Who was invisible has not been there.
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
                let mine = existing_user(tx, user).await?.presence.at(at);
                let was_there = mine.choice != PresenceChoice::Invisible;
                if was_there {
                    tx.set_last_seen(user, at).await?;
                }
                let is_told = was_there && !mine.hides_last_seen;
                Ok(Done::unchanged((was_there, is_told.then_some(at))))
            })
        })
        .await;
    // Known by the time that it is told.
    let kept = match kept {
        Ok(receipt) => receipt.await,
        Err(error) => Err(error),
    };
    let (was_there, last_seen) = kept.unwrap_or_else(|error| {
        tracing::debug!(%error, "the last time seen was not kept");
        (true, None)
    });
    if was_there {
        // They may be back by now.
        let presence = presence_told(user, hub.presence_of(user), last_seen);
        hub.announce(&presence, rooms);
    }
}
