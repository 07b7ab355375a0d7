//! Making, finding, changing and deleting rooms.

use std::collections::BTreeSet;

use erc_protocol::{
    ErrorCode, History, MemberState, RequestState, RoomId, RoomKind, RoomRole, Seq, ServerRole,
    Timestamp, UserId,
    api::rooms::{
        CreateRoomRequest, Directory, DirectoryRoom, MyRoom, RoomList, UpdateRoomRequest,
    },
    limit,
    permission::Situation,
    sync::Unread,
    validate,
};
use serde_json::json;

use super::access::{Access, existing_user};
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Fields, Result};
use super::settings::Wanted;
use super::{Actor, audit, blocks, members, raid, requests};
use crate::app::App;
use crate::clock;
use crate::rules::permission::Action;
use crate::rules::visibility::Visibility;
use crate::store::{self, NewRoom, RoomRow, Tx};

/// Most rooms in the directory's answer.
const DIRECTORY_ROOMS: i64 = 500;

/// Makes a room; for a direct one, or a repeated `client_id`, gives the one that exists.
pub async fn create(
    app: &App,
    actor: Actor,
    request: CreateRoomRequest,
) -> Result<Receipt<MyRoom>> {
    let mut fields = Fields::default();
    let direct = request.kind == RoomKind::Direct;
    let name = if direct {
        String::new()
    } else {
        fields.take("name", validate::room_name(&request.name))
    };
    let topic = fields.take("topic", validate::topic(&request.topic));
    let others: BTreeSet<UserId> = request
        .member_ids
        .iter()
        .copied()
        .filter(|id| *id != actor.user)
        .collect();
    if others.len() > limit::MEMBERS_PER_REQUEST {
        fields.refuse(
            "member_ids",
            format!("at most {} at a time", limit::MEMBERS_PER_REQUEST),
        );
    }
    if direct && others.len() != 1 {
        fields.refuse("member_ids", "a direct room needs exactly one other person");
    }
    fields.finish()?;
    let filters = app.filters.of(&app.db, None).await?;
    filters.check("name", &name)?;
    filters.check("topic", &topic)?;

    let room = NewRoom {
        name,
        topic,
        kind: request.kind,
        is_private: direct || request.is_private,
        history: request.history.unwrap_or(History::Shared),
        created_by: actor.user,
        client_id: request.client_id.unwrap_or_else(clock::new_client_id),
        direct_key: others.first().filter(|_| direct).map(|other| {
            let (low, high) = (actor.user.min(*other), actor.user.max(*other));
            format!("{low}:{high}")
        }),
    };
    app.committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                if let Some(existing) = existing(tx, &room).await? {
                    return again(tx, actor, existing, now).await;
                }
                let mut all: Vec<_> = others.iter().copied().chain([actor.user]).collect();
                all.sort_unstable();
                let there = tx.users_for_update(&all).await?;
                let creator = existing_user(tx, actor.user).await?;
                if creator.role == ServerRole::Guest && room.kind != RoomKind::Direct {
                    return Err(Error::refused(ErrorCode::Forbidden, "guests make no rooms"));
                }
                if let Some(other) = others.iter().find(|other| !there.contains(other)) {
                    return Err(Error::invalid(
                        "member_ids",
                        format!("there is no user {other}"),
                    ));
                }
                raid::keeps_newcomer_out(tx, actor.user, now).await?;
                blocks::may_bring(tx, actor, &others, direct).await?;
                let asked = match others.first().filter(|_| direct) {
                    Some(other) if requests::is_needed(tx, &creator, *other, now).await? => {
                        Some(*other)
                    }
                    _ => None,
                };
                let row = match tx.insert_room(&room, now).await {
                    Ok(row) => row,
                    Err(store::Error::Conflict) => {
                        let room = met(tx, &room).await?;
                        return again(tx, actor, room, now).await;
                    }
                    Err(error) => return Err(error.into()),
                };
                let role = if direct {
                    RoomRole::Member
                } else {
                    RoomRole::Owner
                };
                let mut changes = Vec::new();
                members::enter(tx, &row, actor.user, role, now, &mut changes).await?;
                for other in others {
                    members::enter(tx, &row, other, RoomRole::Member, now, &mut changes).await?;
                }
                if let Some(other) = asked {
                    requests::begin(tx, row.id, actor.user, other).await?;
                }
                let row = reread(tx, row.id).await?;
                Ok(Done::new(my_room(tx, row, actor.user, now).await?, changes))
            })
        })
        .await
}

/// The room that is there already. A direct one that the other began is no request any more.
async fn again(tx: &mut Tx, actor: Actor, room: RoomRow, now: Timestamp) -> Result<Done<MyRoom>> {
    let changes = requests::begun_by_both(tx, actor, &room).await?;
    let room = my_room(tx, room, actor.user, now).await?;
    Ok(Done::new(room, changes))
}

async fn existing(tx: &mut Tx, room: &NewRoom) -> Result<Option<RoomRow>> {
    if let Some(key) = &room.direct_key {
        return Ok(tx.direct_room(key).await?);
    }
    Ok(tx
        .room_by_client_id(room.created_by, room.client_id)
        .await?)
}

/// The room that stood in the way: another writer has just made it. One that is deleted, or of
/// another kind, can't be given.
async fn met(tx: &mut Tx, room: &NewRoom) -> Result<RoomRow> {
    existing(tx, room).await?.ok_or_else(|| {
        Error::refused(
            ErrorCode::ClientIdReused,
            "this client_id was used for another room",
        )
    })
}

async fn reread(tx: &mut Tx, room: RoomId) -> Result<RoomRow> {
    tx.room(room).await?.ok_or_else(|| Error::not_found("room"))
}

/// A room as one of its members sees it.
pub(super) async fn my_room(
    tx: &mut Tx,
    room: RoomRow,
    user: UserId,
    now: Timestamp,
) -> Result<MyRoom> {
    let place = tx
        .place(room.id, user)
        .await?
        .filter(store::Place::is_joined)
        .ok_or_else(|| Error::not_found("room"))?;
    let server_role = existing_user(tx, user).await?.role;
    let unread = unread(tx, &room, user, place.read_seq, place.first_visible_seq).await?;
    let mine = Mine {
        role: place.role,
        muted_until: place.muted_until,
        request: place.request,
    };
    Ok(seen(&room, mine, server_role, unread, now))
}

/// What decides of one's own place about what one may do.
#[derive(Clone, Copy)]
struct Mine {
    role: RoomRole,
    muted_until: Option<i64>,
    request: RequestState,
}

fn seen(
    room: &RoomRow,
    mine: Mine,
    server_role: ServerRole,
    unread: Unread,
    now: Timestamp,
) -> MyRoom {
    let Mine { role, request, .. } = mine;
    let muted_until = mine.muted_until.map(Timestamp).filter(|until| *until > now);
    let situation = Situation {
        kind: room.kind,
        settings: &room.settings,
        room_role: role,
        server_role,
        is_muted: muted_until.is_some(),
    };
    MyRoom {
        can: match request {
            RequestState::Received => Vec::new(),
            _ => situation.can(),
        },
        room: room.public(),
        role,
        unread,
        muted_until,
        request,
    }
}

/// A member's unread count as of the room's head.
pub(super) async fn unread(
    tx: &mut Tx,
    room: &RoomRow,
    user: UserId,
    read_seq: Seq,
    first_visible_seq: Seq,
) -> Result<Unread> {
    let Some(visible) = Visibility::of(MemberState::Joined, first_visible_seq) else {
        return Ok(Unread::default());
    };
    let after = visible.unread_after(read_seq);
    let (count, mentions) = if after >= room.last_seq {
        (0, 0)
    } else {
        // A transaction that writes sees what others commit meanwhile: it is not of this moment.
        let (last, rev) = (room.last_seq, room.rev);
        let count = tx.count_unread(room.id, user, after, (last, rev)).await?;
        let mentions = tx.count_mentions(room.id, user, after, last).await?;
        (count, mentions)
    };
    Ok(Unread {
        count,
        mentions,
        read_seq,
        at_seq: room.last_seq,
        at_rev: room.rev,
    })
}

/// The rooms that the actor is in, most recently active first.
pub async fn list(app: &App, actor: Actor) -> Result<RoomList> {
    let now = app.clock.now();
    let mut tx = app.db.snapshot().await?;
    let me = existing_user(&mut tx, actor.user).await?.role;
    let mut rooms = Vec::new();
    for row in tx.rooms_of(actor.user).await? {
        let unread = unread(
            &mut tx,
            &row.room,
            actor.user,
            row.read_seq,
            row.first_visible_seq,
        )
        .await?;
        let mine = Mine {
            role: row.role,
            muted_until: row.muted_until,
            request: row.request,
        };
        rooms.push(seen(&row.room, mine, me, unread, now));
    }
    Ok(RoomList { rooms })
}

/// One room that the actor is in.
pub async fn get(app: &App, actor: Actor, room: RoomId) -> Result<MyRoom> {
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, actor.user).await?;
    access.check(Action::Read)?;
    my_room(&mut tx, access.room, actor.user, app.clock.now()).await
}

/// Public rooms.
pub async fn directory(app: &App, actor: Actor) -> Result<Directory> {
    let mut tx = app.db.snapshot().await?;
    let mine: BTreeSet<RoomId> = tx
        .rooms_of(actor.user)
        .await?
        .into_iter()
        .map(|row| row.room.id)
        .collect();
    let rooms = tx.public_rooms(DIRECTORY_ROOMS).await?;
    let rooms = rooms
        .into_iter()
        .map(|row| DirectoryRoom {
            is_member: mine.contains(&row.id),
            room: row.public(),
        })
        .collect();
    Ok(Directory { rooms })
}

/// Changes what a room is called and how it is kept.
pub async fn update(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: UpdateRoomRequest,
) -> Result<Receipt<MyRoom>> {
    let mut fields = Fields::default();
    let name = request
        .name
        .map(|name| fields.take("name", validate::room_name(&name)));
    let topic = request
        .topic
        .map(|topic| fields.take("topic", validate::topic(&topic)));
    let wanted = Wanted {
        slow_mode_s: request.slow_mode_s,
        archived: request.archived,
        category: request
            .category
            .map(|category| fields.take("category", validate::category(&category))),
        permissions: request.permissions,
    };
    wanted.check(&mut fields);
    fields.finish()?;
    let filters = app.filters.of(&app.db, Some(room)).await?;
    for (field, text) in [("name", &name), ("topic", &topic)] {
        filters.check(field, text.as_deref().unwrap_or_default())?;
    }
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::UpdateRoom)?;
                let rank = access.rank_of(tx, actor.user).await?;
                let old = access.room;
                let settings = wanted.of(&old, rank, now)?;
                let name = name.unwrap_or_else(|| old.name.clone());
                let topic = topic.unwrap_or_else(|| old.topic.clone());
                let is_private = request.is_private.unwrap_or(old.is_private);
                let is_same =
                    (&name, &topic, is_private) == (&old.name, &old.topic, old.is_private);
                if is_same && settings == old.settings {
                    return Ok(Done::unchanged(my_room(tx, old, actor.user, now).await?));
                }
                if old.settings.archived_at.is_some() && settings.archived_at.is_some() {
                    let why = "the room is archived: bring it back before you change it";
                    return Err(Error::refused(ErrorCode::Forbidden, why));
                }
                let rev = tx.next_rev(room).await?;
                let row = tx
                    .update_room(room, rev, &name, &topic, is_private, &settings)
                    .await?;
                audit::room_changed(tx, actor, &old, &row, now).await?;
                let change = Change::room_updated(&row.public());
                Ok(Done::new(
                    my_room(tx, row, actor.user, now).await?,
                    vec![change],
                ))
            })
        })
        .await
}

/// Deletes a room with all that is in it; for its members it vanishes from their lists.
pub async fn delete(app: &App, actor: Actor, room: RoomId) -> Result<Receipt<()>> {
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::DeleteRoom)?;
                delete_now(tx, Some(actor), room, now).await
            })
        })
        .await
}

/// Deletes a room that is locked.
pub(super) async fn delete_now(
    tx: &mut Tx,
    actor: Option<Actor>,
    room: RoomId,
    now: Timestamp,
) -> Result<Done<()>> {
    let members = tx.joined_user_ids(room).await?;
    audit::add(tx, actor, "room.delete", Some(room), None, json!({}), now).await?;
    tx.remove_everybody(room).await?;
    tx.delete_room(room, now).await?;
    Ok(Done::new(
        (),
        members.into_iter().map(Change::User).collect(),
    ))
}
