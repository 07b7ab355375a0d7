//! `/chat/presence…`.

use axum::extract::State;
use axum::routing::{get, put};
use axum::{Json as Answer, Router};
use erc_protocol::api::users::SetPresenceRequest;
use erc_protocol::{Presence, UserId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use crate::app::AppState;
use crate::ops::presence;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/chat/presence", put(set))
        .route("/chat/presence/{user_id}", get(one))
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
