//! Requests of strangers: when a direct room begins as one, and what becomes of it
//! ([0083](../../../docs/decisions/0083-requests.md)).
//!
//! What it is to each of the two stands in their own place, under their own counter: the room's
//! counter doesn't move, so that the one learns nothing of what the other decides but that they
//! accepted.

use erc_protocol::{
    ErrorCode, Message, RequestState, RoomId, RoomKind, Seq, ServerRole, Timestamp, UserId,
    UserRev, limit,
    request::{Request, RequestList, WhoWrites},
    sync::UserRoom,
};

use super::Actor;
use super::access::existing_user;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use crate::app::App;
use crate::rules::permission::SHUT_OUT;
use crate::store::{self, Place, RoomRow, Tx, UserRow};

/// In which requests that weren't accepted are counted.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Whether the direct room that somebody begins is a request to the other; or why there is none.
/// Both users are locked.
pub(super) async fn is_needed(
    tx: &mut Tx,
    from: &UserRow,
    to: UserId,
    now: Timestamp,
) -> Result<bool> {
    if from.role >= ServerRole::Moderator {
        return Ok(false);
    }
    let members = limit::ACQUAINTED_MEMBERS;
    let acquainted = tx.are_acquainted(from.id, to, members).await?;
    let may = match tx.attention(to).await?.unwrap_or_default().who_writes {
        WhoWrites::Everybody => true,
        WhoWrites::Acquainted => acquainted,
        WhoWrites::Nobody => false,
    };
    if !may {
        return Err(Error::refused(ErrorCode::Forbidden, SHUT_OUT));
    }
    if acquainted {
        return Ok(false);
    }
    let (since, most) = (Timestamp(now.0 - DAY_MS), limit::REQUESTS_PER_DAY);
    if tx.count_requests_by(from.id, since).await? >= most {
        let why = format!(
            "you have begun to write to {most} strangers within a day: wait until some accept"
        );
        return Err(Error::refused(ErrorCode::LimitReached, why));
    }
    let most = limit::REQUESTS_RECEIVED;
    if tx.requests_to(to, most).await?.len() as i64 >= most {
        let why = "this person has as many requests waiting as there may be";
        return Err(Error::refused(ErrorCode::LimitReached, why));
    }
    Ok(true)
}

/// Makes a request of a direct room in which both have just been put.
pub(super) async fn begin(tx: &mut Tx, room: RoomId, from: UserId, to: UserId) -> Result<()> {
    for (user, request) in [(from, RequestState::Sent), (to, RequestState::Received)] {
        let place = tx.place(room, user).await?;
        let place = place.ok_or_else(|| Error::not_found("room"))?;
        tx.set_request(room, user, request, place.user_rev).await?;
    }
    Ok(())
}

/// Somebody begins the direct room that is there: if the other began it as a request, it is one no
/// longer, for both have begun it.
pub(super) async fn begun_by_both(
    tx: &mut Tx,
    actor: Actor,
    room: &RoomRow,
) -> Result<Vec<Change>> {
    if room.kind != RoomKind::Direct {
        return Ok(Vec::new());
    }
    let held = tx.place(room.id, actor.user).await?;
    if held.is_none_or(|place| is_settled(place.request)) {
        return Ok(Vec::new());
    }
    let place = lock(tx, actor, room.id).await?.0;
    if is_settled(place.request) {
        return Ok(Vec::new());
    }
    accept(tx, room, &place).await
}

const fn is_settled(request: RequestState) -> bool {
    matches!(request, RequestState::None | RequestState::Sent)
}

/// The actor's place in a direct room, with the room and then both users locked.
async fn lock(tx: &mut Tx, actor: Actor, room: RoomId) -> Result<(Place, RoomRow)> {
    let unknown = || Error::not_found("request");
    let row = tx.room_for_update(room).await?;
    let row = row.filter(|row| row.kind == RoomKind::Direct);
    let row = row.ok_or_else(unknown)?;
    let both = tx.joined_user_ids(room).await?;
    if !both.contains(&actor.user) {
        return Err(unknown());
    }
    tx.users_for_update(&both).await?;
    let place = tx.place(room, actor.user).await?.ok_or_else(unknown)?;
    Ok((place, row))
}

/// What who is addressed says of a request: accepts it, or doesn't want it. Either again is no
/// change; what was declined may still be accepted, what was accepted stays.
pub async fn answer(
    app: &App,
    actor: Actor,
    room: RoomId,
    accepts: bool,
) -> Result<Receipt<UserRoom>> {
    app.committer
        .submit(Lane::Room(room), move |tx, _| {
            Box::pin(async move {
                let (place, row) = lock(tx, actor, room).await?;
                let changes = match (place.request, accepts) {
                    (RequestState::Sent, _) => {
                        let why = "whom you wrote to answers this request";
                        return Err(Error::refused(ErrorCode::Forbidden, why));
                    }
                    (RequestState::None, false) => {
                        let why = "this is no request any more: a direct room can't be left";
                        return Err(Error::refused(ErrorCode::Forbidden, why));
                    }
                    (RequestState::None, true) | (RequestState::Declined, false) => Vec::new(),
                    (RequestState::Received, false) => {
                        let user_rev = tx.next_user_rev(actor.user).await?;
                        decline(tx, &place, user_rev).await?;
                        vec![Change::User(actor.user)]
                    }
                    (RequestState::Received | RequestState::Declined, true) => {
                        accept(tx, &row, &place).await?
                    }
                };
                let place = tx.place(room, actor.user).await?;
                let place = place.ok_or_else(|| Error::not_found("request"))?;
                Ok(Done::new(place.private(), changes))
            })
        })
        .await
}

async fn decline(tx: &mut Tx, place: &Place, user_rev: UserRev) -> store::Result<()> {
    let declined = RequestState::Declined;
    tx.set_request(place.room_id, place.user_id, declined, user_rev)
        .await
}

/// Declines what somebody asks who is blocked just now, under the number that the block has.
pub(super) async fn decline_from(
    tx: &mut Tx,
    to: UserId,
    from: UserId,
    user_rev: UserRev,
) -> Result<()> {
    let key = format!("{}:{}", to.min(from), to.max(from));
    if let Some(room) = tx.direct_room(&key).await?
        && let Some(place) = tx.place(room.id, to).await?
        && place.request.is_received()
    {
        decline(tx, &place, user_rev).await?;
    }
    Ok(())
}

async fn accept(tx: &mut Tx, room: &RoomRow, place: &Place) -> Result<Vec<Change>> {
    let pair = (place.user_id, room.created_by);
    if !tx.blocking(&[pair]).await?.is_empty() {
        let why = "you block this person: take that back first";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    let is_gone = place.request == RequestState::Declined;
    if is_gone && tx.count_rooms_of(place.user_id).await? >= limit::ROOMS_PER_USER {
        let why = "that is more rooms than one can be in";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(accept_all(tx, &[room.id]).await?)
}

/// Makes ordinary rooms of requests; the two of each learn of it. The rooms are locked; users are
/// locked after them.
pub(super) async fn accept_all(tx: &mut Tx, rooms: &[RoomId]) -> store::Result<Vec<Change>> {
    let mut changes = Vec::new();
    for room in rooms {
        let both = tx.joined_user_ids(*room).await?;
        tx.users_for_update(&both).await?;
        for user in both {
            let user_rev = tx.next_user_rev(user).await?;
            tx.set_request(*room, user, RequestState::None, user_rev)
                .await?;
            changes.push(Change::User(user));
        }
    }
    Ok(changes)
}

/// Whether a direct room is a request, whatever it is to whom.
pub(super) async fn is_one(tx: &mut Tx, room: &RoomRow) -> store::Result<bool> {
    if room.kind != RoomKind::Direct {
        return Ok(false);
    }
    let place = tx.place(room.id, room.created_by).await?;
    Ok(place.is_some_and(|place| !place.request.is_none()))
}

/// Requests that wait for the actor's answer. One in which nothing was written yet is none to them.
pub async fn list(app: &App, actor: Actor) -> Result<RequestList> {
    let mut tx = app.db.snapshot().await?;
    let rows = tx.requests_to(actor.user, limit::REQUESTS_RECEIVED).await?;
    let mut requests = Vec::with_capacity(rows.len());
    for row in rows {
        let room = row.room;
        if room.last_seq == Seq::ZERO {
            continue;
        }
        let preview = tx.newest_in_room(room.id, row.first_visible_seq).await?;
        requests.push(Request {
            room_id: room.id,
            from: existing_user(&mut tx, room.created_by).await?.public(),
            began_at: room.created_at,
            messages: room.last_seq.0,
            preview: preview.map(Message::from),
        });
    }
    Ok(RequestList { requests })
}
