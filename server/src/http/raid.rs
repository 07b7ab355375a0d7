//! `/server/raid`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::ErrorCode;
use erc_protocol::api::raid::{Raid, RaidRequest};

use super::ApiError;
use super::extract::{Authed, Json};
use super::route::{Routes, about, get};
use crate::app::AppState;
use crate::ops::raid;

pub(super) fn routes() -> Routes {
    let refused = &[ErrorCode::Forbidden];
    Routes::of("Raid switch").route(
        "/server/raid",
        get(
            one,
            about("Until when the doors are closed (moderators of the server).").fails(refused),
        )
        .put(
            start,
            about(
                "Closes the doors for a while: nobody signs up, no link lets anybody in, new \
                 accounts come into no room and open none.\n\nIt ends by itself.",
            )
            .fails(&[ErrorCode::Forbidden, ErrorCode::ValidationFailed]),
        )
        .delete(stop, about("Opens the doors again.").fails(refused)),
    )
}

async fn one(State(app): State<AppState>, Authed(actor): Authed) -> Result<Answer<Raid>, ApiError> {
    Ok(Answer(raid::get(&app, Some(actor)).await?))
}

async fn start(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<RaidRequest>,
) -> Result<Answer<Raid>, ApiError> {
    Ok(Answer(raid::start(&app, Some(actor), request).await?))
}

async fn stop(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<Raid>, ApiError> {
    Ok(Answer(raid::stop(&app, Some(actor)).await?))
}
