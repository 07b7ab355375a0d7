//! What only its author sees: `/chat/drafts`, `/chat/rooms/{id}/draft`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::draft::{DraftList, DraftRequest};
use erc_protocol::{Draft, ErrorCode, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, put};
use crate::app::AppState;
use crate::ops::drafts;

pub(super) fn routes() -> Routes {
    Routes::of("Personal")
        .route(
            "/chat/drafts",
            get(list, "What one has not sent yet, the newest first."),
        )
        .route(
            "/chat/rooms/{id}/draft",
            put(
                save,
                about(
                    "Keeps what stands in one's composer of a room, or of a thread in it.\n\nThe text that comes last \
                     stands; one that its writer did not know is put aside in the same draft. \
                     Giving up a text that is not the newest changes nothing.",
                )
                .fails(&[
                    ErrorCode::Forbidden,
                    ErrorCode::LimitReached,
                    ErrorCode::TooLarge,
                    ErrorCode::ValidationFailed,
                ]),
            ),
        )
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<DraftList>, ApiError> {
    Ok(Answer(drafts::list(&app, actor).await?))
}

async fn save(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<DraftRequest>,
) -> Result<Answer<Draft>, ApiError> {
    let receipt = drafts::save(&app, actor, room, request).await?;
    Ok(Answer(receipt.await?))
}
