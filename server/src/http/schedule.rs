//! `/chat/rooms/{id}/scheduled`, `/chat/messages/{id}/reminders`, `/chat/scheduled…`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::schedule::{RemindRequest, RescheduleRequest, ScheduleRequest, ScheduledList};
use erc_protocol::{ClientId, ErrorCode, MessageId, RoomId, Scheduled};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, post, put};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::schedule;

const MAKES: &[ErrorCode] = &[
    ErrorCode::Forbidden,
    ErrorCode::ClientIdReused,
    ErrorCode::LimitReached,
    ErrorCode::TooLarge,
    ErrorCode::ValidationFailed,
];

pub(super) fn routes() -> Routes {
    Routes::of("Time")
        .route(
            "/chat/rooms/{id}/scheduled",
            post(
                message,
                about(
                    "Keeps a message to be sent later.\n\nWhether one may write is decided when the \
                     time comes; a refusal stays in one's list with its reason. Times of day that a \
                     clock leaves out when it is put forward come as long after the jump; of those \
                     that come twice, the first is meant.",
                )
                .fails(MAKES)
                .costs(Kind::Send),
            ),
        )
        .route(
            "/chat/messages/{id}/reminders",
            post(
                remind,
                about("Keeps a reminder of a message, which only its owner sees.").fails(MAKES),
            ),
        )
        .route(
            "/chat/scheduled",
            get(
                list,
                "One's scheduled messages and reminders, the next first.",
            ),
        )
        .route(
            "/chat/scheduled/{client_id}",
            put(
                change,
                about(
                    "Changes text or time of a scheduled message or a reminder.\n\nWhat was refused \
                     or is due waits again.",
                )
                .fails(&[ErrorCode::TooLarge, ErrorCode::ValidationFailed]),
            )
            .delete(
                cancel,
                "Cancels a scheduled message, or puts a reminder away.",
            ),
        )
}

async fn message(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<ScheduleRequest>,
) -> Result<(StatusCode, Answer<Scheduled>), ApiError> {
    let made = schedule::message(&app, actor, room, request).await?;
    Ok((StatusCode::CREATED, Answer(made)))
}

async fn remind(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
    Json(request): Json<RemindRequest>,
) -> Result<(StatusCode, Answer<Scheduled>), ApiError> {
    let made = schedule::remind(&app, actor, message, request).await?;
    Ok((StatusCode::CREATED, Answer(made)))
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<ScheduledList>, ApiError> {
    Ok(Answer(schedule::list(&app, actor).await?))
}

async fn change(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(client_id): Id<ClientId>,
    Json(request): Json<RescheduleRequest>,
) -> Result<Answer<Scheduled>, ApiError> {
    let changed = schedule::change(&app, actor, client_id, request).await?;
    Ok(Answer(changed))
}

async fn cancel(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(client_id): Id<ClientId>,
) -> Result<Answer<Scheduled>, ApiError> {
    let receipt = schedule::cancel(&app, actor, client_id).await?;
    Ok(Answer(receipt.await?))
}
