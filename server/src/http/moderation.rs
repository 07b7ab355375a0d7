//! `/chat/rooms/{id}/bans…`, `/chat/rooms/{id}/mutes…`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::api::moderation::{Ban, BanList, SanctionRequest};
use erc_protocol::{ErrorCode, Member, RoomId, UserId};

use super::ApiError;
use super::extract::{Authed, Id, Ids, OptionalJson};
use super::route::{Routes, about, get, put};
use crate::app::AppState;
use crate::ops::moderation;

pub(super) fn routes() -> Routes {
    let refused = &[ErrorCode::Forbidden, ErrorCode::ValidationFailed];
    Routes::of("Moderation")
        .route(
            "/chat/rooms/{id}/bans",
            get(
                bans,
                about("Who is kept out of a room, newest first.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/rooms/{id}/bans/{user_id}",
            put(
                ban,
                about(
                    "Puts somebody out of a room and keeps them out.\n\nThe body may be absent: \
                     until the ban is lifted, then.",
                )
                .fails(refused),
            )
            .delete(unban, about("Lets somebody come back.").fails(refused)),
        )
        .route(
            "/chat/rooms/{id}/mutes/{user_id}",
            put(
                mute,
                about(
                    "Lets a member only read.\n\nThe body may be absent: until the mute is lifted, \
                     then.",
                )
                .fails(refused),
            )
            .delete(unmute, about("Lets a member write again.").fails(refused)),
        )
}

async fn bans(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<Answer<BanList>, ApiError> {
    Ok(Answer(moderation::bans(&app, actor, room).await?))
}

async fn ban(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
    OptionalJson(request): OptionalJson<SanctionRequest>,
) -> Result<Answer<Ban>, ApiError> {
    let ban = moderation::ban(&app, actor, room, user, request).await?;
    Ok(Answer(ban.await?))
}

async fn unban(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Result<StatusCode, ApiError> {
    moderation::unban(&app, actor, room, user).await?.await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn mute(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
    OptionalJson(request): OptionalJson<SanctionRequest>,
) -> Result<Answer<Member>, ApiError> {
    let member = moderation::mute(&app, actor, room, user, request).await?;
    Ok(Answer(member.await?))
}

async fn unmute(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, user): Ids<RoomId, UserId>,
) -> Result<Answer<Member>, ApiError> {
    Ok(Answer(
        moderation::unmute(&app, actor, room, user).await?.await?,
    ))
}
