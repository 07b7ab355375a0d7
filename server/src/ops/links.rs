//! Links by which people come into a room: who holds the code comes in, until so many did or until
//! its end. Only a hash of the code is kept. A use counts in the transaction that lets somebody in,
//! so that there are never more of them than were given; who is in already uses nothing.

use erc_protocol::{
    ErrorCode, LinkId, RoomId, RoomRole, ServerRole, Timestamp, UserId,
    api::{
        links::{CreateLinkRequest, LinkList, LinkPreview, MadeLink, RoomLink},
        rooms::MyRoom,
    },
    auth::Registration,
    limit,
};
use serde_json::json;

use super::access::{Access, existing_user};
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Fields, Result};
use super::{Actor, audit, members, raid, rooms};
use crate::app::App;
use crate::auth::token;
use crate::clock;
use crate::rules::permission::Action;
use crate::store::{LinkRow, NewLink, Tx};

/// What everybody is told whose link doesn't work, whatever the reason.
fn void() -> Error {
    let why = "the link is unknown, used up or too old";
    Error::refused(ErrorCode::InvalidInvite, why)
}

/// Makes a link to a room.
pub async fn create(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: CreateLinkRequest,
) -> Result<Receipt<MadeLink>> {
    let seconds = request.seconds.unwrap_or(limit::LINK_DEFAULT_S);
    let mut fields = Fields::default();
    if !(1..=limit::LINK_S).contains(&seconds) {
        let most = limit::LINK_S;
        fields.refuse("seconds", format!("from 1 to {most}, or absent"));
    }
    if request
        .uses
        .is_some_and(|uses| !(1..=limit::LINK_USES).contains(&uses))
    {
        let most = limit::LINK_USES;
        fields.refuse("uses", format!("from 1 to {most}, or absent"));
    }
    fields.finish()?;
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                let role = RoomRole::Member;
                access.check_at(Action::AddMember { role }, now)?;
                tx.prune_links(room, now).await?;
                let most = limit::ROOM_LINKS;
                if tx.links(room, now).await?.len() as i64 >= most {
                    let why = format!("a room has at most {most} links: take one back first");
                    return Err(Error::refused(ErrorCode::LimitReached, why));
                }
                let (code, code_hash) = token::code();
                let new = NewLink {
                    id: clock::new_link_id(),
                    code_hash,
                    room_id: room,
                    created_by: actor.user,
                    uses: request.uses,
                    expires_at: now.plus_ms(i64::from(seconds) * 1_000),
                };
                tx.insert_link(&new, now).await?;
                let details = json!({ "link": new.id, "until": new.expires_at, "uses": new.uses });
                audit::add(tx, actor, "link.make", Some(room), None, details, now).await?;
                let link = RoomLink {
                    id: new.id,
                    room_id: room,
                    created_by: actor.user,
                    created_by_name: existing_user(tx, actor.user).await?.display_name,
                    created_at: now,
                    expires_at: new.expires_at,
                    used: 0,
                    uses_left: new.uses,
                };
                Ok(Done::unchanged(MadeLink { code, link }))
            })
        })
        .await
}

/// The links that work: all of them for who moderates, for others their own.
pub async fn list(app: &App, actor: Actor, room: RoomId) -> Result<LinkList> {
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, actor.user).await?;
    access.check(Action::Read)?;
    let sees_all = access.check(Action::RunLinks).is_ok();
    let rows = tx.links(room, app.clock.now()).await?.into_iter();
    let links = rows
        .filter(|row| sees_all || row.created_by == actor.user)
        .map(RoomLink::from);
    Ok(LinkList {
        links: links.collect(),
    })
}

/// Takes a link back; nobody comes in by it from now on.
pub async fn revoke(app: &App, actor: Actor, room: RoomId, id: LinkId) -> Result<Receipt<()>> {
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                let links = tx.links(room, now).await?;
                let link = links.iter().find(|link| link.id == id.0);
                let is_own = link.is_some_and(|link| link.created_by == actor.user);
                if !is_own {
                    access.check(Action::RunLinks)?;
                }
                if !tx.delete_link(room, id).await? {
                    return Err(Error::not_found("link"));
                }
                let (at, details) = (Some(room), json!({ "link": id }));
                audit::add(tx, actor, "link.revoke", at, None, details, now).await?;
                Ok(Done::unchanged(()))
            })
        })
        .await
}

/// What a link leads to, for whoever holds it.
pub async fn preview(app: &App, code: &str) -> Result<LinkPreview> {
    let mut tx = app.db.snapshot().await?;
    let link = find(&mut tx, code, app.clock.now()).await?;
    let room = tx.room(link.room_id).await?.ok_or_else(void)?;
    Ok(LinkPreview {
        server_name: app.config.server_name.clone(),
        room_id: room.id,
        name: room.name,
        topic: room.topic,
        kind: room.kind,
        member_count: room.member_count,
    })
}

async fn find(tx: &mut Tx, code: &str, now: Timestamp) -> Result<LinkRow> {
    let link = tx.link_by_code(&token::hash(code.trim()), now).await?;
    link.ok_or_else(void)
}

/// Comes into the room that a link leads to.
pub async fn join(app: &App, actor: Actor, code: &str) -> Result<Receipt<MyRoom>> {
    let link = {
        let mut tx = app.db.snapshot().await?;
        find(&mut tx, code, app.clock.now()).await?
    };
    app.committer
        .submit(Lane::Room(link.room_id), move |tx, now| {
            Box::pin(async move {
                raid::keeps_out(tx, now).await?;
                let mut changes = Vec::new();
                enter(tx, &link, actor.user, now, &mut changes).await?;
                let row = tx.room(link.room_id).await?.ok_or_else(void)?;
                let mine = rooms::my_room(tx, row, actor.user, now).await?;
                Ok(Done::new(mine, changes))
            })
        })
        .await
}

/// Lets somebody in by a link, and counts it.
async fn enter(
    tx: &mut Tx,
    link: &LinkRow,
    user: UserId,
    now: Timestamp,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let room = tx.room_for_update(link.room_id).await?.ok_or_else(void)?;
    members::enter(tx, &room, user, RoomRole::Member, now, changes).await?;
    if !changes.is_empty() && !tx.use_link(LinkId(link.id), now).await? {
        return Err(void());
    }
    Ok(())
}

/// A link with which somebody signs up, its room locked. Absent if the code is of none.
pub(super) async fn for_newcomer(
    tx: &mut Tx,
    code_hash: &[u8],
    now: Timestamp,
) -> Result<Option<LinkRow>> {
    let Some(link) = tx.link_by_code(code_hash, now).await? else {
        return Ok(None);
    };
    // Rooms come before users, as everywhere.
    tx.room_for_update(link.room_id).await?;
    Ok(Some(link))
}

/// What somebody is on the server who signs up by a link. Where only administrators let people in,
/// a link of somebody else makes guests, until an administrator says otherwise.
pub(super) async fn role_of_newcomer(
    tx: &mut Tx,
    link: &LinkRow,
    registration: Registration,
) -> Result<ServerRole> {
    let maker = existing_user(tx, link.created_by).await?.role;
    if registration == Registration::Open || maker >= ServerRole::Admin {
        return Ok(ServerRole::Member);
    }
    Ok(ServerRole::Guest)
}

/// Lets somebody in who has just signed up by a link.
pub(super) async fn welcome(
    tx: &mut Tx,
    link: &LinkRow,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    enter(tx, link, user, now, &mut changes).await?;
    Ok(changes)
}
