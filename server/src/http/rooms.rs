//! `/chat/rooms…`, `/chat/directory`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use erc_protocol::RoomId;
use erc_protocol::api::rooms::{
    CreateRoomRequest, Directory, MarkReadRequest, MyRoom, RoomList, UpdateRoomRequest,
};
use erc_protocol::receipt::Receipts;
use erc_protocol::sync::Unread;

use super::ApiError;
use super::extract::{Authed, Id, Json};
use crate::app::AppState;
use crate::ops::{reads, rooms};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/chat/rooms", get(list).post(create))
        .route("/chat/rooms/{id}", get(one).put(update).delete(delete))
        .route("/chat/rooms/{id}/read", post(mark_read))
        .route("/chat/rooms/{id}/receipts", get(receipts))
        .route("/chat/directory", get(directory))
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<RoomList>, ApiError> {
    Ok(Answer(rooms::list(&app, actor).await?))
}

async fn create(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<CreateRoomRequest>,
) -> Result<(StatusCode, Answer<MyRoom>), ApiError> {
    Ok((
        StatusCode::CREATED,
        Answer(rooms::create(&app, actor, request).await?.await?),
    ))
}

async fn one(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<Answer<MyRoom>, ApiError> {
    Ok(Answer(rooms::get(&app, actor, room).await?))
}

async fn update(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<UpdateRoomRequest>,
) -> Result<Answer<MyRoom>, ApiError> {
    Ok(Answer(
        rooms::update(&app, actor, room, request).await?.await?,
    ))
}

async fn delete(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<StatusCode, ApiError> {
    rooms::delete(&app, actor, room).await?.await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn mark_read(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<MarkReadRequest>,
) -> Result<Answer<Unread>, ApiError> {
    Ok(Answer(
        reads::mark(&app, actor, room, request.seq, request.unread)
            .await?
            .await?,
    ))
}

async fn receipts(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<Answer<Receipts>, ApiError> {
    Ok(Answer(reads::of_room(&app, actor, room).await?))
}

async fn directory(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<Directory>, ApiError> {
    Ok(Answer(rooms::directory(&app, actor).await?))
}
