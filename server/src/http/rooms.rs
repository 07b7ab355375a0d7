//! `/chat/rooms…`, `/chat/directory`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::api::rooms::{
    CreateRoomRequest, Directory, MarkReadRequest, MyRoom, RoomList, SetLifetimeRequest,
    UpdateRoomRequest,
};
use erc_protocol::receipt::Receipts;
use erc_protocol::sync::Unread;
use erc_protocol::{ErrorCode, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, post, put};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::{expiry, reads, rooms};

pub(super) fn routes() -> Routes {
    Routes::of("Rooms")
        .route(
            "/chat/rooms",
            get(list, "The rooms one is in, most recently active first; requests that one has not accepted stand \
                 in their own list.").post(
                create,
                about(
                    "Makes a room.\n\nFor a direct room `member_ids` names the one other person; \
                     asking again gives the room that exists. To a stranger it is a request until they \
                     accept it.",
                )
                .fails(&[
                    ErrorCode::Forbidden,
                    ErrorCode::NotFound,
                    ErrorCode::ClientIdReused,
                    ErrorCode::LimitReached,
                    ErrorCode::ValidationFailed,
                ])
                .costs(Kind::Room),
            ),
        )
        .route(
            "/chat/rooms/{id}",
            get(
                one,
                about("One room that one is in.").fails(&[ErrorCode::Forbidden]),
            )
            .put(
                update,
                about("Changes a room; absent fields stay as they are.")
                    .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
            )
            .delete(
                delete,
                about("Deletes a room and all that is in it.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/rooms/{id}/lifetime",
            put(
                set_lifetime,
                about(
                    "Says how long messages stay that are sent from now on.\n\nThose that are \
                     there stay as they are. In a direct room both may; elsewhere, who manages it.",
                )
                .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
            ),
        )
        .route(
            "/chat/rooms/{id}/read",
            post(
                mark_read,
                about("Says how far one has read.")
                    .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
            ),
        )
        .route(
            "/chat/rooms/{id}/receipts",
            get(
                receipts,
                about("How far everybody has got and read.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/directory",
            get(directory, "Public rooms that one may join."),
        )
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

async fn set_lifetime(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<SetLifetimeRequest>,
) -> Result<Answer<MyRoom>, ApiError> {
    let set = expiry::set_lifetime(&app, actor, room, request).await?;
    Ok(Answer(set.await?))
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
