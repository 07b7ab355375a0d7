//! `/chat/requests…`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::request::{RequestAnswer, RequestList};
use erc_protocol::sync::UserRoom;
use erc_protocol::{ErrorCode, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, put};
use crate::app::AppState;
use crate::ops::requests;

pub(super) fn routes() -> Routes {
    Routes::of("Requests")
        .route(
            "/chat/requests",
            get(
                list,
                "Direct rooms that strangers began with one, and that one has not answered.\n\n\
                 They stand in no other list, ring and count nowhere, and who began one learns \
                 neither whether it was read nor whether one is there.",
            ),
        )
        .route(
            "/chat/requests/{room_id}",
            put(
                answer,
                about(
                    "Accepts a request, or declines it.\n\nAccepted, it is a direct room like any \
                     other; writing in it, or beginning a direct room with the same person, accepts \
                     it as well. Declined, it is gone for oneself, and the other isn't told. The \
                     same again is no change.",
                )
                .fails(&[ErrorCode::Forbidden, ErrorCode::NotFound]),
            ),
        )
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<RequestList>, ApiError> {
    Ok(Answer(requests::list(&app, actor).await?))
}

async fn answer(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Json(request): Json<RequestAnswer>,
) -> Result<Answer<UserRoom>, ApiError> {
    let receipt = requests::answer(&app, actor, room, request.accept).await?;
    Ok(Answer(receipt.await?))
}
