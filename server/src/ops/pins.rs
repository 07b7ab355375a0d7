//! Messages that a room keeps at hand.

use erc_protocol::{ErrorCode, Message, MessageId, RoomId, api::messages::PinList, limit};

use super::Actor;
use super::access::Access;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::messages::{changed, visible};
use crate::app::App;
use crate::rules::permission::Action;

/// Pins a message or unpins it. What is so already is no change.
pub async fn pin(app: &App, actor: Actor, id: MessageId, on: bool) -> Result<Receipt<Message>> {
    app.committer
        .submit(Lane::Message(id), move |tx, now| {
            Box::pin(async move {
                let (message, access) = visible(tx, actor, id, true).await?;
                access.check_at(Action::Pin, now)?;
                if message.is_deleted() {
                    return Err(Error::refused(
                        ErrorCode::MessageDeleted,
                        "the message was deleted",
                    ));
                }
                if message.pinned.is_some() == on {
                    return Ok(Done::unchanged(message));
                }
                let room = message.chat_room_id;
                if on && tx.count_pinned(room).await? >= limit::PINS {
                    return Err(Error::refused(
                        ErrorCode::LimitReached,
                        format!("a room has {} pinned messages at most", limit::PINS),
                    ));
                }
                let rev = tx.next_rev(room).await?;
                let pin = on.then_some((actor.user, now));
                tx.write_pin(id, pin, rev).await?;
                changed(tx, id).await
            })
        })
        .await
}

/// What is pinned in a room and visible to the actor, the latest pinned first.
pub async fn list(app: &App, actor: Actor, room: RoomId) -> Result<PinList> {
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, actor.user).await?;
    access.check(Action::Read)?;
    let Some(visible) = access.visibility() else {
        return Err(Error::not_found("room"));
    };
    let rows = tx.pinned(room, visible.first()).await?;
    let messages = rows.into_iter().map(Message::from).collect();
    Ok(PinList { messages })
}
