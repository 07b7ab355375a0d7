//! `/users…`.

use axum::extract::State;
use axum::routing::get;
use axum::{Json as Answer, Router};
use erc_protocol::api::users::{UpdateMeRequest, UserList};
use erc_protocol::{User, UserId};
use serde::Deserialize;

use super::ApiError;
use super::extract::{Authed, Id, Json, Params};
use crate::app::AppState;
use crate::ops::users;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/users", get(find))
        .route("/users/me", get(me).put(update_me))
        .route("/users/{id}", get(one))
}

async fn me(State(app): State<AppState>, Authed(actor): Authed) -> Result<Answer<User>, ApiError> {
    Ok(Answer(users::get(&app, actor.user).await?))
}

async fn update_me(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<UpdateMeRequest>,
) -> Result<Answer<User>, ApiError> {
    Ok(Answer(users::update_me(&app, actor, request).await?.await?))
}

async fn one(
    State(app): State<AppState>,
    Authed(_): Authed,
    Id(user): Id<UserId>,
) -> Result<Answer<User>, ApiError> {
    Ok(Answer(users::get(&app, user).await?))
}

#[derive(Deserialize)]
struct FindQuery {
    #[serde(default)]
    query: String,
    limit: Option<i64>,
}

async fn find(
    State(app): State<AppState>,
    Authed(_): Authed,
    Params(find): Params<FindQuery>,
) -> Result<Answer<UserList>, ApiError> {
    Ok(Answer(users::find(&app, &find.query, find.limit).await?))
}
