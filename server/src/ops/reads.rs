//! Read marks: watermarks that only rise.

use erc_protocol::{RoomId, Seq, sync::Unread};

use super::Actor;
use super::access::Access;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::rooms;
use crate::app::App;
use crate::rules::permission::Action;

/// Marks a room read up to a place. Beyond the newest message means the newest; below the current
/// mark means nothing. Answers the unread count that is left.
pub async fn mark(app: &App, actor: Actor, room: RoomId, seq: Seq) -> Result<Receipt<Unread>> {
    app.committer
        .submit(Lane::User(actor.user), move |tx, _now| {
            Box::pin(async move {
                let access = Access::load(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                let place = *access.joined().ok_or_else(|| Error::not_found("room"))?;
                let seq = seq.min(access.room.last_seq);
                let mut changes = Vec::new();
                if seq > place.read_seq {
                    let user_rev = tx.next_user_rev(actor.user).await?;
                    tx.set_read(room, actor.user, seq, user_rev).await?;
                    changes.push(Change::User(actor.user));
                }
                let read_seq = seq.max(place.read_seq);
                let first = place.first_visible_seq;
                let unread = rooms::unread(tx, &access.room, actor.user, read_seq, first).await?;
                Ok(Done::new(unread, changes))
            })
        })
        .await
}
