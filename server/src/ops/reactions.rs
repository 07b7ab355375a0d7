//! Answering messages with emoji.

use erc_protocol::{
    ErrorCode, Message, MessageId, limit,
    reaction::{self, ReactionList},
};

use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::messages::{changed, visible};
use super::{Actor, emoji};
use crate::app::App;
use crate::rules::permission::Action;
use crate::store::reactions::summary;

/// Adds the actor's reaction or takes it back; without `on`, the other way round from what is.
/// What is so already is no change.
pub async fn react(
    app: &App,
    actor: Actor,
    id: MessageId,
    emoji: &str,
    on: Option<bool>,
) -> Result<Receipt<Message>> {
    let emoji = reaction::form(emoji)
        .ok_or_else(|| {
            Error::invalid("emoji", "one emoji, such as 👍, or a :name: of this server")
        })?
        .to_owned();
    app.committer
        .submit(Lane::Message(id), move |tx, now| {
            Box::pin(async move {
                let (message, access) = visible(tx, actor, id, true).await?;
                access.check_at(Action::React, now)?;
                if message.is_deleted() {
                    return Err(Error::refused(
                        ErrorCode::MessageDeleted,
                        "the message was deleted",
                    ));
                }
                let is_on = tx.has_reaction(id, actor.user, &emoji).await?;
                let on = on.unwrap_or(!is_on);
                if on == is_on {
                    return Ok(Done::unchanged(message));
                }
                if on {
                    emoji::is_known(tx, &emoji).await?;
                }
                let is_new = message.reactions.iter().all(|held| held.emoji != emoji);
                if on && is_new && message.reactions.len() >= limit::REACTIONS {
                    return Err(Error::refused(
                        ErrorCode::LimitReached,
                        format!("a message has {} different emoji at most", limit::REACTIONS),
                    ));
                }
                let rev = tx.next_rev(message.chat_room_id).await?;
                let change = on.then_some((rev, now));
                tx.set_reaction(id, actor.user, &emoji, change).await?;
                let all = tx.reactions(id).await?;
                tx.write_reactions(id, &summary(&all), rev).await?;
                changed(tx, id).await
            })
        })
        .await
}

/// Who reacted, and when.
pub async fn of_message(app: &App, actor: Actor, id: MessageId) -> Result<ReactionList> {
    let mut tx = app.db.snapshot().await?;
    visible(&mut tx, actor, id, false).await?;
    let reactions = tx.reactions(id).await?;
    Ok(ReactionList { reactions })
}
