//! `/chat/rooms/{id}/audit`, `/server/audit`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::api::audit::{AuditPage, AuditQuery};
use erc_protocol::{ErrorCode, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Params};
use super::route::{Routes, about, get};
use crate::app::AppState;
use crate::ops::audit;

pub(super) fn routes() -> Routes {
    let refused = &[ErrorCode::Forbidden, ErrorCode::ValidationFailed];
    Routes::of("Audit log")
        .route(
            "/chat/rooms/{id}/audit",
            get(
                of_room,
                about("What moderators did in a room, the latest first (who manages the room).")
                    .fails(refused),
            ),
        )
        .route(
            "/server/audit",
            get(
                of_server,
                about("What moderators and administrators did, the latest first (admins).")
                    .fails(refused),
            ),
        )
}

async fn of_room(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Params(query): Params<AuditQuery>,
) -> Result<Answer<AuditPage>, ApiError> {
    Ok(Answer(audit::of_room(&app, actor, room, query).await?))
}

async fn of_server(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Params(query): Params<AuditQuery>,
) -> Result<Answer<AuditPage>, ApiError> {
    Ok(Answer(audit::of_server(&app, actor, query).await?))
}
