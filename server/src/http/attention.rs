//! What rings for oneself: `/users/me/attention`, `/chat/rooms/{id}/attention`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::attention::{AttentionRequest, RoomAttentionRequest};
use erc_protocol::sync::UserRoom;
use erc_protocol::{Attention, ErrorCode, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, put};
use crate::app::AppState;
use crate::ops::attention;

pub(super) fn routes() -> Routes {
    Routes::of("Personal")
        .route(
            "/users/me/attention",
            get(attention, "What rings for oneself in all rooms.").put(
                set,
                about("Changes what rings for oneself in all rooms, and who may begin to write to one; absent fields stay.")
                    .fails(&[ErrorCode::ValidationFailed]),
            ),
        )
        .route(
            "/chat/rooms/{id}/attention",
            put(
                set_in_room,
                about("Says which messages of a room ring for oneself; absent fields stay.")
                    .fails(&[ErrorCode::Forbidden]),
            ),
        )
}

async fn attention(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<Attention>, ApiError> {
    Ok(Answer(attention::get(&app, actor).await?))
}

async fn set(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<AttentionRequest>,
) -> Result<Answer<Attention>, ApiError> {
    let receipt = attention::set(&app, actor, request).await?;
    Ok(Answer(receipt.await?))
}

async fn set_in_room(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<RoomAttentionRequest>,
) -> Result<Answer<UserRoom>, ApiError> {
    let receipt = attention::set_in_room(&app, actor, room, request).await?;
    Ok(Answer(receipt.await?))
}
