//! How far members have got: watermarks that only rise, of what was read and of what reached a
//! device; and who has read what.
//!
//! In rooms of up to [`limit::RECEIPT_MEMBERS`] each advance keeps its time and is told to those who
//! have the room open; above, people are only counted, when somebody asks.

use erc_protocol::{
    MessageId, RoomId, Seq, Timestamp, UserId, limit,
    receipt::{MessageReceipts, Receipts},
    sync::Unread,
};

use super::Actor;
use super::access::Access;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::{messages, rooms};
use crate::app::App;
use crate::rules::permission::Action;
use crate::store::{Mark, Place, ReadRow, RoomRow, Sent, Tx};

/// Whether a room tells who has got how far.
const fn tells(room: &RoomRow) -> bool {
    room.member_count <= limit::RECEIPT_MEMBERS
}

/// Marks a room read up to a place. Beyond the newest message means the newest; below the current
/// mark means nothing, and so does all of it in a request that waits for an answer. `unread` marks the room unread without moving the place; absent or false, it
/// is not marked so any longer. Answers the unread count that is left.
pub async fn mark(
    app: &App,
    actor: Actor,
    room: RoomId,
    seq: Seq,
    unread: Option<bool>,
) -> Result<Receipt<Unread>> {
    let flag = unread.unwrap_or(false);
    app.committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let access = Access::load(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                let place = *access.joined().ok_or_else(|| Error::not_found("room"))?;
                let first = place.first_visible_seq;
                // Who asks learns nothing of what was read, then or later.
                if place.request.is_received() {
                    let read = place.read_seq;
                    let unread = rooms::unread(tx, &access.room, actor.user, read, first).await?;
                    return Ok(Done::unchanged(unread));
                }
                let seq = seq.min(access.room.last_seq);
                let rises = seq > place.read_seq;
                let mut changes = Vec::new();
                if rises || flag != place.marked_unread {
                    let user_rev = tx.next_user_rev(actor.user).await?;
                    tx.mark_unread(room, actor.user, flag, user_rev).await?;
                    changes.push(Change::User(actor.user));
                    if rises {
                        tell_waiting(tx, (room, actor.user), &place, seq, now).await?;
                        tx.set_read(room, actor.user, seq, user_rev, now).await?;
                        let marks = [Mark::Delivered, Mark::Read];
                        advanced(tx, &access.room, actor.user, &marks, seq, now, &mut changes)
                            .await?;
                    }
                }
                let read_seq = seq.max(place.read_seq);
                let unread = rooms::unread(tx, &access.room, actor.user, read_seq, first).await?;
                Ok(Done::new(unread, changes))
            })
        })
        .await
}

/// Keeps what was read, if messages wait for it: they go some time after it. The timer tells them,
/// under the lock of the room, which nobody takes who only reads.
async fn tell_waiting(
    tx: &mut Tx,
    (room, user): (RoomId, UserId),
    place: &Place,
    seq: Seq,
    now: Timestamp,
) -> Result<()> {
    let read = ReadRow {
        room_id: room,
        user_id: user,
        seq,
        from_seq: place.read_seq.max(place.first_visible_seq.prev()),
        at: now,
    };
    if !tx.to_be_read(&read, 1).await?.is_empty() {
        tx.keep_read(&read).await?;
    }
    Ok(())
}

/// A device of the actor holds a room up to a place. Nothing to say about a room that they are not
/// in, one that is too large, or a request that waits for an answer.
pub async fn delivered(app: &App, actor: Actor, room: RoomId, seq: Seq) -> Result<Receipt<()>> {
    app.committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let mut changes = Vec::new();
                let place = tx.place(room, actor.user).await?;
                let is_asked =
                    place.is_some_and(|place| !place.is_joined() || place.request.is_received());
                let row = tx.room(room).await?;
                if let Some(row) = row.filter(|row| tells(row) && !is_asked) {
                    let seq = seq.min(row.last_seq);
                    if tx.set_delivered(room, actor.user, seq, now).await? {
                        let marks = [Mark::Delivered];
                        advanced(tx, &row, actor.user, &marks, seq, now, &mut changes).await?;
                    }
                }
                Ok(Done::new((), changes))
            })
        })
        .await
}

/// Keeps when marks rose, and tells it.
async fn advanced(
    tx: &mut Tx,
    room: &RoomRow,
    user: UserId,
    marks: &[Mark],
    seq: Seq,
    now: Timestamp,
    changes: &mut Vec<Change>,
) -> Result<()> {
    if !tells(room) {
        return Ok(());
    }
    for mark in marks {
        tx.keep_advance((room.id, user), *mark, seq, now, limit::RECEIPT_PLACES)
            .await?;
    }
    if let Some(receipt) = tx.receipt(room.id, user).await? {
        changes.push(Change::Receipt {
            room: room.id,
            receipt,
        });
    }
    Ok(())
}

/// The watermarks of a room's members; nobody's, in a large one.
pub async fn of_room(app: &App, actor: Actor, room: RoomId) -> Result<Receipts> {
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, actor.user).await?;
    access.check(Action::Read)?;
    if access.joined().is_none() {
        return Err(Error::not_found("room"));
    }
    let receipts = if tells(&access.room) {
        tx.receipts(room).await?
    } else {
        Vec::new()
    };
    Ok(Receipts {
        room_id: room,
        receipts,
    })
}

/// Who has got and read a message that the actor may see. Counted are those who were there when it
/// was sent.
pub async fn of_message(app: &App, actor: Actor, id: MessageId) -> Result<MessageReceipts> {
    let mut tx = app.db.snapshot().await?;
    let (message, access) = messages::visible(&mut tx, actor, id, false).await?;
    let sent = Sent {
        room: message.chat_room_id,
        seq: message.seq,
        sender: message.sender_id,
        at: message.created_at,
    };
    let (of, delivered, read) = tx.count_reached(sent).await?;
    let (mut delivered_to, mut read_by) = (Vec::new(), Vec::new());
    if tells(&access.room) {
        let places = limit::RECEIPT_PLACES;
        delivered_to = tx.reached(sent, Mark::Delivered, places).await?;
        read_by = tx.reached(sent, Mark::Read, places).await?;
    }
    Ok(MessageReceipts {
        of,
        delivered,
        read,
        delivered_to,
        read_by,
    })
}
