//! `/chat/presence…`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::api::users::{OwnPresence, SetPresenceRequest};
use erc_protocol::{ErrorCode, Presence, UserId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, put};
use crate::app::AppState;
use crate::ops::presence;

pub(super) fn routes() -> Routes {
    Routes::of("Presence")
        .route(
            "/chat/presence",
            put(
                set,
                about(
                    "Says how present one is, and what one says of oneself.\n\nAbsent fields stay as \
                     they are. One is offline by leaving; who says so is invisible.",
                )
                .fails(&[ErrorCode::ValidationFailed]),
            ),
        )
        .route(
            "/chat/presence/{user_id}",
            get(
                one,
                "Whether somebody whom one shares a room with is there.",
            ),
        )
}

async fn one(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(user): Id<UserId>,
) -> Result<Answer<Presence>, ApiError> {
    Ok(Answer(presence::get(&app, actor, user).await?))
}

async fn set(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<SetPresenceRequest>,
) -> Result<Answer<OwnPresence>, ApiError> {
    Ok(Answer(presence::set(&app, actor, request).await?))
}
