//! What rings for a user: kept for all their devices, decided by them
//! ([`erc_protocol::attention::rings`]).

use erc_protocol::{
    Attention, RoomId, Timestamp,
    attention::{self, AttentionRequest, RoomAttentionRequest},
    sync::UserRoom,
};

use super::Actor;
use super::access::Access;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use crate::app::App;
use crate::rules::permission::Action;

/// What holds for the actor in all rooms.
pub async fn get(app: &App, actor: Actor) -> Result<Attention> {
    let mut tx = app.db.snapshot().await?;
    Ok(tx.attention(actor.user).await?.unwrap_or_default())
}

/// Changes it; what is absent stays.
pub async fn set(app: &App, actor: Actor, request: AttentionRequest) -> Result<Receipt<Attention>> {
    let keywords = request
        .keywords
        .map(|words| attention::keywords(&words))
        .transpose()
        .map_err(|reason| Error::invalid("keywords", reason))?;
    let quiet_hours = request
        .quiet_hours
        .map(attention::QuietHours::checked)
        .transpose()
        .map_err(|reason| Error::invalid("quiet_hours", reason))?;
    app.committer
        .submit(Lane::User(actor.user), move |tx, _| {
            Box::pin(async move {
                tx.users_for_update(&[actor.user]).await?;
                let held = tx.attention(actor.user).await?.unwrap_or_default();
                let mut wanted = held.clone();
                wanted.keywords = keywords.unwrap_or(wanted.keywords);
                wanted.quiet_hours = quiet_hours.unwrap_or(wanted.quiet_hours);
                wanted.who_writes = request.who_writes.unwrap_or(wanted.who_writes);
                if wanted == held {
                    return Ok(Done::unchanged(held));
                }
                wanted.user_rev = tx.next_user_rev(actor.user).await?;
                tx.put_attention(actor.user, &wanted).await?;
                Ok(Done::new(wanted, vec![Change::User(actor.user)]))
            })
        })
        .await
}

/// Says which messages of a room ring for the actor; what is absent stays.
pub async fn set_in_room(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: RoomAttentionRequest,
) -> Result<Receipt<UserRoom>> {
    app.committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let access = Access::load(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                access.joined().ok_or_else(|| Error::not_found("room"))?;
                tx.users_for_update(&[actor.user]).await?;
                // Read again: it may have changed before the counter was locked.
                let place = tx.place(room, actor.user).await?;
                let mut place = place.ok_or_else(|| Error::not_found("room"))?;
                let held = (place.level, place.hushed_until);
                place.level = request.level.unwrap_or(place.level);
                if let Some(until) = request.hushed_until {
                    let until = until.min(Timestamp::NEVER);
                    place.hushed_until = (until > now).then_some(until.0);
                }
                if held == (place.level, place.hushed_until) {
                    return Ok(Done::unchanged(place.private()));
                }
                place.user_rev = tx.next_user_rev(actor.user).await?;
                let until = place.hushed_until.map(Timestamp);
                tx.set_level(room, actor.user, place.level, until, place.user_rev)
                    .await?;
                Ok(Done::new(place.private(), vec![Change::User(actor.user)]))
            })
        })
        .await
}
