//! `/users…`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::api::users::{UpdateMeRequest, UserList};
use erc_protocol::{ErrorCode, User, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::ApiError;
use super::extract::{Authed, Id, Json, Params};
use super::route::{Routes, about, get};
use crate::app::AppState;
use crate::ops::users;

pub(super) fn routes() -> Routes {
    Routes::of("People")
        .route(
            "/users",
            get(
                find,
                about("People whose user name or display name begins so.")
                    .fails(&[ErrorCode::ValidationFailed]),
            ),
        )
        .route(
            "/users/me",
            get(me, "Oneself.").put(
                update_me,
                about("Changes one's own account; absent fields stay as they are.")
                    .fails(&[ErrorCode::ValidationFailed]),
            ),
        )
        .route("/users/{id}", get(one, "Somebody."))
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

#[derive(Deserialize, JsonSchema)]
struct FindQuery {
    /// How the name begins.
    #[serde(default)]
    query: String,
    /// How many.
    limit: Option<i64>,
}

async fn find(
    State(app): State<AppState>,
    Authed(_): Authed,
    Params(find): Params<FindQuery>,
) -> Result<Answer<UserList>, ApiError> {
    Ok(Answer(users::find(&app, &find.query, find.limit).await?))
}
