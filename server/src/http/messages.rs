//! `/chat/rooms/{id}/messages`, `/chat/messages/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as Answer, Router};
use erc_protocol::api::messages::{EditMessageRequest, SendMessageRequest};
use erc_protocol::api::rooms::{MessagePage, PageQuery};
use erc_protocol::receipt::MessageReceipts;
use erc_protocol::{Message, MessageId, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Json, Params};
use crate::app::AppState;
use crate::ops::{messages, reads};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/chat/rooms/{id}/messages", get(page).post(send))
        .route("/chat/messages/{id}", get(one).put(edit).delete(delete))
        .route("/chat/messages/{id}/receipts", get(receipts))
}

async fn page(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Params(query): Params<PageQuery>,
) -> Result<Answer<MessagePage>, ApiError> {
    Ok(Answer(messages::page(&app, actor, room, query).await?))
}

async fn send(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<SendMessageRequest>,
) -> Result<(StatusCode, Answer<Message>), ApiError> {
    let message = messages::send(&app, actor, room, request).await?.await?;
    Ok((StatusCode::CREATED, Answer(message)))
}

async fn one(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer(messages::get(&app, actor, message).await?))
}

async fn edit(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
    Json(request): Json<EditMessageRequest>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer(
        messages::edit(&app, actor, message, request).await?.await?,
    ))
}

async fn receipts(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<MessageReceipts>, ApiError> {
    Ok(Answer(reads::of_message(&app, actor, message).await?))
}

async fn delete(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer(messages::delete(&app, actor, message).await?.await?))
}
