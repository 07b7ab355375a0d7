//! The text of a message, sent into other rooms.

use std::collections::BTreeSet;

use erc_protocol::{
    ClientId, ErrorCode, Message, MessageId, MessageType, RoomId,
    api::messages::{ForwardOutcome, ForwardRequest, Forwards},
    limit,
    message::Forwarded,
};

use super::Actor;
use super::committer::Receipt;
use super::error::{Error, Result};
use super::messages::visible;
use super::send::Send;
use crate::app::App;
use crate::clock;
use crate::http::ApiError;

/// What is forwarded, as the actor sees it. A message that was forwarded itself keeps its author.
async fn source(app: &App, actor: Actor, id: MessageId) -> Result<(Message, Forwarded)> {
    let mut tx = app.db.snapshot().await?;
    let (message, _) = visible(&mut tx, actor, id, false).await?;
    if message.is_deleted() {
        return Err(Error::refused(
            ErrorCode::MessageDeleted,
            "the message was deleted",
        ));
    }
    let origin = message.forwarded.clone().unwrap_or_else(|| Forwarded {
        sender_id: message.sender_id,
        sender_name: message.sender_name.clone(),
        created_at: message.created_at,
    });
    Ok((message, origin))
}

async fn send(
    app: &App,
    actor: Actor,
    (message, origin): &(Message, Forwarded),
    room: RoomId,
    client_id: ClientId,
    with_author: bool,
) -> Result<Receipt<Message>> {
    let send = Send {
        sender: actor.user,
        room,
        content: message.content.clone(),
        // A poll is asked once: what goes on is its text.
        kind: match &message.message_type {
            MessageType::Poll => MessageType::Text,
            kind => kind.clone(),
        },
        client_id,
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        call: None,
        poll: None,
        forwarded: Some((message.message_id, with_author.then(|| origin.clone()))),
        // A copy stays as long as messages do where it goes.
        lifetime: None,
        drafts: Vec::new(),
        filters: app.filters.of(&app.db, Some(room)).await?,
    };
    app.committer.submit_send(send).await
}

/// Forwards into one room. The same `client_id` again gives the first result.
pub async fn one(
    app: &App,
    actor: Actor,
    id: MessageId,
    room: RoomId,
    client_id: Option<ClientId>,
    with_author: bool,
) -> Result<Receipt<Message>> {
    let source = source(app, actor, id).await?;
    let client_id = client_id.unwrap_or_else(clock::new_client_id);
    send(app, actor, &source, room, client_id, with_author).await
}

/// Forwards into several rooms, each by itself.
pub async fn many(
    app: &App,
    actor: Actor,
    id: MessageId,
    request: ForwardRequest,
) -> Result<Forwards> {
    if !(1..=limit::FORWARD_ROOMS).contains(&request.room_ids.len()) {
        return Err(Error::invalid(
            "room_ids",
            format!("from 1 to {} rooms", limit::FORWARD_ROOMS),
        ));
    }
    let distinct: BTreeSet<_> = request.room_ids.iter().collect();
    if distinct.len() < request.room_ids.len() {
        return Err(Error::invalid("room_ids", "each room once"));
    }
    let source = source(app, actor, id).await?;
    let mut rooms = Vec::with_capacity(request.room_ids.len());
    for room_id in request.room_ids {
        let client_id = clock::new_client_id();
        let receipt = send(app, actor, &source, room_id, client_id, request.with_author).await;
        let sent = match receipt {
            Ok(receipt) => receipt.await,
            Err(error) => Err(error),
        };
        rooms.push(match sent {
            Ok(message) => ForwardOutcome {
                room_id,
                message: Some(message),
                error: None,
            },
            Err(error) => ForwardOutcome {
                room_id,
                message: None,
                error: Some(ApiError::from(error).into_body()),
            },
        });
    }
    Ok(Forwards { rooms })
}
