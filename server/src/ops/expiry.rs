//! Messages that go by themselves.
//!
//! Whichever node comes first does it, in a transaction that locks the room and looks again: a second
//! one finds it done. A few at a time, so that who writes waits for a few at most.

use erc_protocol::{
    Lifetime, Message, MessageId, RoomId, Timestamp,
    api::rooms::{MyRoom, SetLifetimeRequest},
};

use super::access::Access;
use super::change::Change;
use super::committer::{Committer, Done, Lane, Receipt};
use super::error::{Error, Result};
use super::{Actor, audit, rooms, threads};
use crate::app::App;
use crate::rules::permission::Action;
use crate::store::{ReadRow, Tx};

/// Messages that one transaction tells that they were read.
const TOGETHER: usize = 64;

/// Says how long messages stay that are sent into the room from now on.
pub async fn set_lifetime(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: SetLifetimeRequest,
) -> Result<Receipt<MyRoom>> {
    let lifetime = Lifetime::asked(request.expires_in, request.expires_from)
        .map_err(|reason| Error::invalid("expires_in", reason))?;
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                let access = Access::load_for_update(tx, room, actor.user).await?;
                access.check(Action::SetLifetime)?;
                let old = access.room;
                if old.settings.lifetime == lifetime {
                    return Ok(Done::unchanged(
                        rooms::my_room(tx, old, actor.user, now).await?,
                    ));
                }
                let mut settings = old.settings.clone();
                settings.lifetime = lifetime;
                let rev = tx.next_rev(room).await?;
                let row = tx
                    .update_room(room, rev, &old.name, &old.topic, old.is_private, &settings)
                    .await?;
                audit::room_changed(tx, actor, &old, &row, now).await?;
                let change = Change::room_updated(&row.public());
                let mine = rooms::my_room(tx, row, actor.user, now).await?;
                Ok(Done::new(mine, vec![change]))
            })
        })
        .await
}

/// Deletes those of these messages of a room whose time has come.
pub(crate) async fn due(
    committer: &Committer,
    room: RoomId,
    ids: Vec<MessageId>,
) -> Result<Receipt<()>> {
    committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                if tx.room_for_update(room).await?.is_none() {
                    return Ok(Done::unchanged(()));
                }
                let mut rows = tx.messages_by_id(&ids).await?;
                rows.sort_by_key(|row| row.seq);
                let mut changes = Vec::with_capacity(rows.len());
                for message in rows.into_iter().map(Message::from) {
                    let is_due = message.expiry.is_some_and(|expiry| expiry.is_over(now));
                    if is_due && !message.is_deleted() {
                        changes.push(expire(tx, message.clone(), now).await?);
                        changes.extend(threads::shrunk(tx, &message).await?);
                    }
                }
                Ok(Done::new((), changes))
            })
        })
        .await
}

async fn expire(tx: &mut Tx, mut message: Message, now: Timestamp) -> Result<Change> {
    message.rev = tx.next_rev(message.chat_room_id).await?;
    tx.delete_message(message.message_id, message.rev, now)
        .await?;
    tx.delete_mentions(message.chat_room_id, message.seq)
        .await?;
    let row = tx.message(message.message_id).await?;
    let row = row.ok_or_else(|| Error::not_found("message"))?;
    Ok(Change::message_updated(&row.into()))
}

/// Messages that wait for being read and were, begin to count. Some at a time: the row stays until
/// all of them do.
pub(crate) async fn was_read(committer: &Committer, read: ReadRow) -> Result<Receipt<()>> {
    let room = read.room_id;
    committer
        .submit(Lane::Room(room), move |tx, _| {
            Box::pin(async move {
                let mut changes = Vec::new();
                if tx.room_for_update(room).await?.is_some() {
                    let rows = tx.to_be_read(&read, TOGETHER as i64).await?;
                    for mut message in rows.into_iter().map(Message::from) {
                        let expiry = message.expiry.unwrap_or_default().read(read.at);
                        message.rev = tx.next_rev(room).await?;
                        message.expiry = Some(expiry);
                        tx.write_expiry(message.message_id, expiry, message.rev)
                            .await?;
                        changes.push(Change::message_updated(&message));
                    }
                }
                if changes.len() < TOGETHER {
                    tx.forget_read(&read).await?;
                }
                Ok(Done::new((), changes))
            })
        })
        .await
}
