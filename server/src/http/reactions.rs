//! `/chat/messages/{id}/…`: what is done about a message that stays as it is.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::api::messages::{
    ForwardRequest, Forwards, MessageHistory, PinList, ReactRequest,
};
use erc_protocol::reaction::ReactionList;
use erc_protocol::{ErrorCode, Message, MessageId, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, post, put};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::{forward as forwarding, messages, pins, reactions};

const CHANGES: &[ErrorCode] = &[
    ErrorCode::Forbidden,
    ErrorCode::MessageDeleted,
    ErrorCode::LimitReached,
    ErrorCode::ValidationFailed,
];

pub(super) fn routes() -> Routes {
    Routes::of("Messages")
        .route(
            "/chat/messages/{id}/history",
            get(
                history,
                about("Every text that a message had, oldest first.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/messages/{id}/reactions",
            get(
                reacted,
                about("Who reacted to a message, and when.").fails(&[ErrorCode::Forbidden]),
            )
            .post(
                react,
                about(
                    "Adds a reaction or takes it back.\n\nSay which with `on`; without it, it is the \
                     other way round from what is, and repeating it is another change.",
                )
                .fails(CHANGES),
            ),
        )
        .route(
            "/chat/messages/{id}/pin",
            put(
                pin,
                about("Pins a message: the room keeps it at hand.").fails(CHANGES),
            )
            .delete(unpin, about("Unpins a message.").fails(CHANGES)),
        )
        .route(
            "/chat/messages/{id}/forward",
            post(
                forward,
                about(
                    "Sends a message's text into other rooms.\n\nEach room by itself: the answer \
                     tells what became of each.",
                )
                .fails(CHANGES)
                .costs(Kind::Send),
            ),
        )
        .route(
            "/chat/rooms/{id}/pins",
            get(
                pinned,
                about("A room's pinned messages, the latest pinned first.")
                    .fails(&[ErrorCode::Forbidden]),
            ),
        )
}

async fn history(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<MessageHistory>, ApiError> {
    Ok(Answer(messages::history(&app, actor, message).await?))
}

async fn reacted(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<ReactionList>, ApiError> {
    Ok(Answer(reactions::of_message(&app, actor, message).await?))
}

async fn react(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
    Json(request): Json<ReactRequest>,
) -> Result<Answer<Message>, ApiError> {
    let ReactRequest { emoji, on } = request;
    let receipt = reactions::react(&app, actor, message, &emoji, on).await?;
    Ok(Answer(receipt.await?))
}

async fn pin(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer(pins::pin(&app, actor, message, true).await?.await?))
}

async fn unpin(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer(pins::pin(&app, actor, message, false).await?.await?))
}

async fn pinned(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<Answer<PinList>, ApiError> {
    Ok(Answer(pins::list(&app, actor, room).await?))
}

async fn forward(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
    Json(request): Json<ForwardRequest>,
) -> Result<Answer<Forwards>, ApiError> {
    Ok(Answer(
        forwarding::many(&app, actor, message, request).await?,
    ))
}
