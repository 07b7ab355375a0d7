//! Coming into rooms and going out of them.

use std::collections::BTreeSet;

use erc_protocol::{
    ErrorCode, History, Level, Member, MemberState, RequestState, RoomId, RoomKind, RoomRole, Seq,
    Timestamp, UserId,
    api::rooms::{MemberList, MyRoom},
    limit,
};
use serde_json::json;

use super::access::{Access, existing_user, member_change};
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::{Actor, audit, blocks, moderation, raid, rooms};
use crate::app::App;
use crate::rules::permission::Action;
use crate::store::{Place, RoomRow, Tx};

/// Most members in a page.
const PAGE: i64 = 500;

/// Puts somebody into a room. What was said before counts as read; what they may see of it follows
/// the room's history setting.
pub(super) async fn enter(
    tx: &mut Tx,
    room: &RoomRow,
    user: UserId,
    role: RoomRole,
    now: Timestamp,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let before = tx.place(room.id, user).await?;
    if before.is_some_and(|place| place.is_joined()) {
        return Ok(());
    }
    if existing_user(tx, user).await?.erased_at.is_some() {
        return Err(Error::not_found("user"));
    }
    let current = tx
        .room(room.id)
        .await?
        .ok_or_else(|| Error::not_found("room"))?;
    if current.member_count >= limit::ROOM_MEMBERS {
        return Err(Error::refused(ErrorCode::Forbidden, "the room is full"));
    }
    if tx.count_rooms_of(user).await? >= limit::ROOMS_PER_USER {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "that is more rooms than one can be in",
        ));
    }
    if let Some(ban) = tx.ban(room.id, user, now).await? {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            moderation::banned(&ban),
        ));
    }
    let read_before = before.map_or(Seq::ZERO, |place| place.read_seq);
    let place = Place {
        room_id: room.id,
        user_id: user,
        role,
        state: MemberState::Joined,
        rev: tx.next_rev(room.id).await?,
        joined_at: now,
        read_seq: current.last_seq.max(read_before),
        first_visible_seq: match room.history {
            History::Shared => Seq(1),
            History::Joined => current.last_seq.next(),
        },
        user_rev: tx.next_user_rev(user).await?,
        marked_unread: false,
        muted_until: before.and_then(|place| place.muted_until),
        level: before.map_or(Level::Usual, |place| place.level),
        hushed_until: before.and_then(|place| place.hushed_until),
        request: before.map_or(RequestState::None, |place| place.request),
    };
    tx.put_place(&place).await?;
    tx.recount_members(room.id).await?;
    changes.push(member_change(tx, room.id, user).await?);
    changes.push(Change::User(user));
    Ok(())
}

/// Takes somebody out of a room.
pub(super) async fn exit(
    tx: &mut Tx,
    place: Place,
    state: MemberState,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let rev = tx.next_rev(place.room_id).await?;
    let user_rev = tx.next_user_rev(place.user_id).await?;
    tx.put_place(&Place {
        state,
        rev,
        user_rev,
        ..place
    })
    .await?;
    tx.recount_members(place.room_id).await?;
    changes.push(member_change(tx, place.room_id, place.user_id).await?);
    changes.push(Change::User(place.user_id));
    if place.role == RoomRole::Owner {
        succeed(tx, place.room_id, changes).await?;
    }
    Ok(())
}

/// Gives a room without an owner the member of the highest role who has been there longest.
async fn succeed(tx: &mut Tx, room: RoomId, changes: &mut Vec<Change>) -> Result<()> {
    let members = tx
        .joined_members(room, UserId(0), limit::ROOM_MEMBERS)
        .await?;
    if members.iter().any(|member| member.role == RoomRole::Owner) {
        return Ok(());
    }
    let heir = members.iter().max_by_key(|member| {
        (
            member.role,
            std::cmp::Reverse((member.joined_at, member.user_id)),
        )
    });
    let Some(heir) = heir else { return Ok(()) };
    let Some(place) = tx.place(room, heir.user_id).await? else {
        return Ok(());
    };
    give(tx, place, RoomRole::Owner, changes).await
}

/// Comes into a public room.
pub async fn join(app: &App, actor: Actor, room: RoomId) -> Result<Receipt<MyRoom>> {
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::Join)?;
                raid::keeps_newcomer_out(tx, actor.user, now).await?;
                let mut changes = Vec::new();
                let role = RoomRole::Member;
                enter(tx, &access.room, actor.user, role, now, &mut changes).await?;
                let row = tx
                    .room(room)
                    .await?
                    .ok_or_else(|| Error::not_found("room"))?;
                Ok(Done::new(
                    rooms::my_room(tx, row, actor.user, now).await?,
                    changes,
                ))
            })
        })
        .await
}

/// Goes out.
pub async fn leave(app: &App, actor: Actor, room: RoomId) -> Result<Receipt<()>> {
    app.committer
        .submit(Lane::Room(room), move |tx, _now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::Leave)?;
                let mut changes = Vec::new();
                if let Some(place) = access.joined() {
                    exit(tx, *place, MemberState::Left, &mut changes).await?;
                }
                Ok(Done::new((), changes))
            })
        })
        .await
}

/// Brings somebody in.
pub async fn add(
    app: &App,
    actor: Actor,
    room: RoomId,
    user: UserId,
    role: RoomRole,
) -> Result<Receipt<Member>> {
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check_at(Action::AddMember { role }, now)?;
                existing_user(tx, user).await?;
                blocks::may_bring(tx, actor, &BTreeSet::from([user]), false).await?;
                let mut changes = Vec::new();
                enter(tx, &access.room, user, role, now, &mut changes).await?;
                if !changes.is_empty() {
                    let details = json!({ "role": role });
                    audit::add(
                        tx,
                        actor,
                        "member.add",
                        Some(room),
                        Some(user),
                        details,
                        now,
                    )
                    .await?;
                }
                let member = tx
                    .member(room, user)
                    .await?
                    .ok_or_else(|| Error::not_found("member"))?;
                Ok(Done::new(member.into(), changes))
            })
        })
        .await
}

/// Takes somebody out; oneself is `leave`.
pub async fn remove(app: &App, actor: Actor, room: RoomId, user: UserId) -> Result<Receipt<()>> {
    if user == actor.user {
        return leave(app, actor, room).await;
    }
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                let place = tx
                    .place(room, user)
                    .await?
                    .filter(Place::is_joined)
                    .ok_or_else(|| Error::not_found("member"))?;
                let role = access.rank_of(tx, user).await?;
                access.check(Action::RemoveMember { role })?;
                let mut changes = Vec::new();
                let line = (Some(room), Some(user));
                audit::add(tx, actor, "member.remove", line.0, line.1, json!({}), now).await?;
                exit(tx, place, MemberState::Removed, &mut changes).await?;
                Ok(Done::new((), changes))
            })
        })
        .await
}

/// Gives somebody another role. With `hand_over` and `owner` the giver becomes an admin. A room
/// never loses its last owner this way.
pub async fn set_role(
    app: &App,
    actor: Actor,
    room: RoomId,
    user: UserId,
    to: RoomRole,
    hand_over: bool,
) -> Result<Receipt<Member>> {
    if hand_over && (to != RoomRole::Owner || user == actor.user) {
        return Err(Error::invalid(
            "hand_over",
            "goes with the role owner, to somebody else",
        ));
    }
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                let place = tx
                    .place(room, user)
                    .await?
                    .filter(Place::is_joined)
                    .ok_or_else(|| Error::not_found("member"))?;
                let steps_down = user == actor.user && to < place.role;
                if !steps_down || access.room.kind == RoomKind::Direct {
                    let from = access.rank_of(tx, user).await?.max(place.role);
                    access.check(Action::SetRole { from, to })?;
                }
                let mut changes = Vec::new();
                give(tx, place, to, &mut changes).await?;
                let mine = access.joined().copied();
                if let Some(mine) = mine.filter(|mine| hand_over && mine.role == RoomRole::Owner) {
                    give(tx, mine, RoomRole::Admin, &mut changes).await?;
                }
                if place.role == RoomRole::Owner && !has_owner(tx, room).await? {
                    return Err(Error::refused(
                        ErrorCode::Forbidden,
                        "hand the room over first: it needs an owner",
                    ));
                }
                if !changes.is_empty() {
                    let details = json!({ "from": place.role, "to": to, "hand_over": hand_over });
                    audit::add(
                        tx,
                        actor,
                        "member.role",
                        Some(room),
                        Some(user),
                        details,
                        now,
                    )
                    .await?;
                }
                let member = tx
                    .member(room, user)
                    .await?
                    .ok_or_else(|| Error::not_found("member"))?;
                Ok(Done::new(member.into(), changes))
            })
        })
        .await
}

/// Writes another role into a place, and tells.
pub(super) async fn give(
    tx: &mut Tx,
    place: Place,
    role: RoomRole,
    changes: &mut Vec<Change>,
) -> Result<()> {
    if place.role == role {
        return Ok(());
    }
    let (room, user) = (place.room_id, place.user_id);
    let rev = tx.next_rev(room).await?;
    let user_rev = tx.next_user_rev(user).await?;
    tx.put_place(&Place {
        role,
        rev,
        user_rev,
        ..place
    })
    .await?;
    changes.push(member_change(tx, room, user).await?);
    changes.push(Change::User(user));
    Ok(())
}

pub(super) async fn has_owner(tx: &mut Tx, room: RoomId) -> Result<bool> {
    let members = tx
        .joined_members(room, UserId(0), limit::ROOM_MEMBERS)
        .await?;
    Ok(members.iter().any(|member| member.role == RoomRole::Owner))
}

/// Joined members by user id, after one of them.
pub async fn list(
    app: &App,
    actor: Actor,
    room: RoomId,
    after: UserId,
    limit: Option<i64>,
) -> Result<MemberList> {
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE);
    let mut tx = app.db.snapshot().await?;
    Access::load(&mut tx, room, actor.user)
        .await?
        .check(Action::Read)?;
    let mut members = tx.joined_members(room, after, limit + 1).await?;
    let has_more = members.len() as i64 > limit;
    members.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(MemberList {
        members: members.into_iter().map(Member::from).collect(),
        has_more,
    })
}
