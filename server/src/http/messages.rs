//! `/chat/rooms/{id}/messages`, `/chat/messages/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::api::messages::{EditMessageRequest, SendMessageRequest};
use erc_protocol::api::rooms::{MessagePage, PageQuery};
use erc_protocol::receipt::MessageReceipts;
use erc_protocol::{ErrorCode, Message, MessageId, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Json, Params};
use super::route::{Routes, about, get};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::{messages, reads};

pub(super) fn routes() -> Routes {
    Routes::of("Messages")
        .route(
            "/chat/rooms/{id}/messages",
            get(
                page,
                about(
                    "A page of a room's messages, newest last.\n\nThe newest, or those before, \
                     after or around a place.",
                )
                .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
            )
            .post(
                send,
                about(
                    "Sends a message.\n\nAnswered when it is durable. With a `client_id` it may be \
                     repeated.",
                )
                .fails(&[
                    ErrorCode::Forbidden,
                    ErrorCode::ClientIdReused,
                    ErrorCode::LimitReached,
                    ErrorCode::ValidationFailed,
                    ErrorCode::MessageDeleted,
                    ErrorCode::SlowMode,
                ])
                .costs(Kind::Send),
            ),
        )
        .route(
            "/chat/messages/{id}",
            get(one, about("One message.").fails(&[ErrorCode::Forbidden]))
                .put(
                    edit,
                    about("Edits one's message.")
                        .fails(&[
                            ErrorCode::Forbidden,
                            ErrorCode::ClientIdReused,
                            ErrorCode::EditConflict,
                            ErrorCode::MessageDeleted,
                            ErrorCode::PollClosed,
                            ErrorCode::LimitReached,
                            ErrorCode::ValidationFailed,
                        ])
                        .costs(Kind::Send),
                )
                .delete(
                    delete,
                    about("Deletes a message: its place stays, its content goes.")
                        .fails(&[ErrorCode::Forbidden])
                        .costs(Kind::Send),
                ),
        )
        .route(
            "/chat/messages/{id}/receipts",
            get(
                receipts,
                about("Who has got and read a message.").fails(&[ErrorCode::Forbidden]),
            ),
        )
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
