//! `/chat/rooms/{id}/members…`, `join`, `leave`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as Answer, Router};
use erc_protocol::api::rooms::{AddMemberRequest, MemberList, MyRoom};
use erc_protocol::{Member, RoomId, RoomRole, UserId};
use serde::Deserialize;

use super::ApiError;
use super::extract::{Authed, Id, Ids, OptionalJson, Params};
use crate::app::AppState;
use crate::ops::members;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/chat/rooms/{id}/join", post(join))
        .route("/chat/rooms/{id}/leave", post(leave))
        .route("/chat/rooms/{id}/members", get(list))
        .route(
            "/chat/rooms/{id}/members/{user_id}",
            post(add).delete(remove),
        )
}

async fn join(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<Answer<MyRoom>, ApiError> {
    Ok(Answer(members::join(&app, actor, room).await?.await?))
}

async fn leave(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<StatusCode, ApiError> {
    members::leave(&app, actor, room).await?.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    after: UserId,
    limit: Option<i64>,
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Params(query): Params<ListQuery>,
) -> Result<Answer<MemberList>, ApiError> {
    Ok(Answer(
        members::list(&app, actor, room, query.after, query.limit).await?,
    ))
}

async fn add(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
    OptionalJson(request): OptionalJson<AddMemberRequest>,
) -> Result<(StatusCode, Answer<Member>), ApiError> {
    let role = request.role.unwrap_or(RoomRole::Member);
    let member = members::add(&app, actor, room, user, role).await?.await?;
    Ok((StatusCode::CREATED, Answer(member)))
}

async fn remove(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Result<StatusCode, ApiError> {
    members::remove(&app, actor, room, user).await?.await?;
    Ok(StatusCode::NO_CONTENT)
}
