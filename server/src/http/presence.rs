//! `/chat/presence…`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::api::users::SetPresenceRequest;
use erc_protocol::{Presence, UserId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, get, put};
use crate::app::AppState;
use crate::ops::presence;

pub(super) fn routes() -> Routes {
    Routes::of("Presence")
        .route(
            "/chat/presence",
            put(set, "Says how present one is; one is offline by leaving."),
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
) -> Result<Answer<Presence>, ApiError> {
    Ok(Answer(presence::set(&app, actor, request.state).await?))
}
