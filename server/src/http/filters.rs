//! `/server/filters…`, `/chat/rooms/{id}/filters…`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::filter::{FilterList, FilterRequest};
use erc_protocol::{ErrorCode, Filter, FilterId, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Ids, Json};
use super::route::{Routes, about, delete, get};
use crate::app::AppState;
use crate::ops::filters;

pub(super) fn routes() -> Routes {
    let refused = &[ErrorCode::Forbidden];
    let added = &[
        ErrorCode::Forbidden,
        ErrorCode::LimitReached,
        ErrorCode::ValidationFailed,
    ];
    Routes::of("Word filters")
        .route(
            "/server/filters",
            get(
                of_server,
                about("What the server doesn't take (administrators).").fails(refused),
            )
            .post(
                add_to_server,
                about(
                    "Adds a filter that holds in every room, and for names (administrators).\n\nThe \
                     same text again gets the new action.",
                )
                .fails(added),
            ),
        )
        .route(
            "/server/filters/{id}",
            delete(
                remove_from_server,
                about("Takes a filter of the server away (administrators).").fails(refused),
            ),
        )
        .route(
            "/chat/rooms/{id}/filters",
            get(
                of_room,
                about("What a room doesn't take (who manages the room).").fails(refused),
            )
            .post(
                add_to_room,
                about(
                    "Adds a filter of a room (who manages the room).\n\nThe same text again gets \
                     the new action.",
                )
                .fails(added),
            ),
        )
        .route(
            "/chat/rooms/{id}/filters/{filter_id}",
            delete(
                remove_from_room,
                about("Takes a filter of a room away (who manages the room).").fails(refused),
            ),
        )
}

async fn of_server(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<FilterList>, ApiError> {
    Ok(Answer(filters::list(&app, actor, None).await?))
}

async fn add_to_server(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<FilterRequest>,
) -> Result<(StatusCode, Answer<Filter>), ApiError> {
    let made = filters::add(&app, actor, None, request).await?;
    Ok((StatusCode::CREATED, Answer(made)))
}

async fn remove_from_server(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(id): Id<FilterId>,
) -> Result<StatusCode, ApiError> {
    filters::remove(&app, actor, None, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn of_room(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<Answer<FilterList>, ApiError> {
    Ok(Answer(filters::list(&app, actor, Some(room)).await?))
}

async fn add_to_room(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<FilterRequest>,
) -> Result<(StatusCode, Answer<Filter>), ApiError> {
    let made = filters::add(&app, actor, Some(room), request).await?;
    Ok((StatusCode::CREATED, Answer(made)))
}

async fn remove_from_room(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, id): Ids<RoomId, FilterId>,
) -> Result<StatusCode, ApiError> {
    filters::remove(&app, actor, Some(room), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
