//! `/chat/rooms/{id}/members…`, `join`, `leave`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::api::moderation::SetRoleRequest;
use erc_protocol::api::rooms::{AddMemberRequest, MemberList, MyRoom};
use erc_protocol::{ErrorCode, Member, RoomId, RoomRole, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::ApiError;
use super::extract::{Authed, Id, Ids, Json, OptionalJson, Params};
use super::route::{Routes, about, get, post};
use crate::app::AppState;
use crate::ops::members;

pub(super) fn routes() -> Routes {
    Routes::of("Members")
        .route(
            "/chat/rooms/{id}/join",
            post(
                join,
                about("Joins a public room.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/rooms/{id}/leave",
            post(
                leave,
                about("Leaves a room.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/rooms/{id}/members",
            get(
                list,
                about("Who is in a room, by user id.")
                    .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
            ),
        )
        .route(
            "/chat/rooms/{id}/members/{user_id}",
            post(
                add,
                about("Adds somebody to a room.\n\nThe body may be absent: `member`, then.")
                .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
            )
            .put(
                set_role,
                about(
                    "Gives somebody another role.\n\nWith `owner` and `hand_over` the giver becomes \
                     an admin.",
                )
                .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
            )
            .delete(
                remove,
                about("Removes somebody from a room.").fails(&[ErrorCode::Forbidden]),
            ),
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

#[derive(Deserialize, JsonSchema)]
struct ListQuery {
    /// Those whose id is above this one.
    #[serde(default)]
    after: UserId,
    /// How many.
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

async fn set_role(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
    Json(request): Json<SetRoleRequest>,
) -> Result<Answer<Member>, ApiError> {
    let (role, hand_over) = (request.role, request.hand_over);
    let member = members::set_role(&app, actor, room, user, role, hand_over);
    Ok(Answer(member.await?.await?))
}

async fn remove(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Result<StatusCode, ApiError> {
    members::remove(&app, actor, room, user).await?.await?;
    Ok(StatusCode::NO_CONTENT)
}
