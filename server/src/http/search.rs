//! `/chat/search`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::ErrorCode;
use erc_protocol::api::search::{SearchRequest, SearchResults};

use super::ApiError;
use super::extract::{Authed, Json};
use super::route::{Routes, about, post};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::search;

pub(super) fn routes() -> Routes {
    Routes::of("Messages").route(
        "/chat/search",
        post(
            find,
            about(
                "Searches messages.\n\nWhat the user may see, in one room or all. Words find parts of \
                 words too, whatever their case and accents; \"a phrase\", -not, and the filters \
                 `from:` `in:` `has:` `before:` `after:` `on:` `pinned:` `is:` `mentions:`. What is \
                 wrong with a query is told with its place.",
            )
            .fails(&[ErrorCode::NotFound, ErrorCode::ValidationFailed])
            .costs(Kind::Search),
        ),
    )
}

async fn find(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<SearchRequest>,
) -> Result<Answer<SearchResults>, ApiError> {
    Ok(Answer(search::find(&app, actor, request).await?))
}
