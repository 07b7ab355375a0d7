//! `/users/me/blocks…`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::block::{BlockList, BlockRequest};
use erc_protocol::{Block, ErrorCode, UserId};

use super::ApiError;
use super::extract::{Authed, Id, OptionalJson};
use super::route::{Routes, about, get, put};
use crate::app::AppState;
use crate::ops::blocks;

pub(super) fn routes() -> Routes {
    Routes::of("Blocking")
        .route(
            "/users/me/blocks",
            get(list, "Whom one blocks, the latest first."),
        )
        .route(
            "/users/me/blocks/{user_id}",
            put(
                block,
                about(
                    "Takes nothing from somebody any more.\n\nThey can't open a direct room with \
                     one, add to the one that is there, call one or add one to a room. Messages in \
                     rooms of several are delivered all the same: what folds them is the client. A \
                     request of theirs that one has not answered is declined. \
                     The body may be absent.",
                )
                .fails(&[ErrorCode::LimitReached, ErrorCode::ValidationFailed]),
            )
            .delete(unblock, "Takes a block back."),
        )
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<BlockList>, ApiError> {
    Ok(Answer(blocks::list(&app, actor).await?))
}

async fn block(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(user): Id<UserId>,
    OptionalJson(request): OptionalJson<BlockRequest>,
) -> Result<Answer<Block>, ApiError> {
    let blocked = blocks::block(&app, actor, user, request).await?;
    Ok(Answer(blocked.await?))
}

async fn unblock(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(user): Id<UserId>,
) -> Result<StatusCode, ApiError> {
    blocks::unblock(&app, actor, user).await?.await?;
    Ok(StatusCode::NO_CONTENT)
}
