//! `/chat/messages/{id}/vote`, `/votes`, `/close`: what is done about polls.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::poll::{VoteList, VoteRequest, Voted};
use erc_protocol::{ErrorCode, Message, MessageId};

use super::ApiError;
use super::extract::{Authed, Id, Json};
use super::route::{Routes, about, get, post, put};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::polls;

pub(super) fn routes() -> Routes {
    Routes::of("Messages")
        .route(
            "/chat/messages/{id}/vote",
            put(
                vote,
                about(
                    "Chooses among the options of a poll.\n\nSay all that you choose now; nothing \
                     takes the vote back.",
                )
                .fails(&[
                    ErrorCode::Forbidden,
                    ErrorCode::ClientIdReused,
                    ErrorCode::MessageDeleted,
                    ErrorCode::PollClosed,
                    ErrorCode::LimitReached,
                    ErrorCode::ValidationFailed,
                ])
                .costs(Kind::Send),
            ),
        )
        .route(
            "/chat/messages/{id}/votes",
            get(
                votes,
                about(
                    "Who chose what in a poll.\n\nNobody is named if it is anonymous, or hidden and \
                     still open.",
                )
                .fails(&[
                    ErrorCode::Forbidden,
                    ErrorCode::MessageDeleted,
                    ErrorCode::ValidationFailed,
                ]),
            ),
        )
        .route(
            "/chat/messages/{id}/close",
            post(
                close,
                about("Ends a poll: nobody votes any more.")
                    .fails(&[
                        ErrorCode::Forbidden,
                        ErrorCode::MessageDeleted,
                        ErrorCode::ValidationFailed,
                    ])
                    .costs(Kind::Send),
            ),
        )
}

async fn vote(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
    Json(request): Json<VoteRequest>,
) -> Result<Answer<Voted>, ApiError> {
    let VoteRequest { options, client_id } = request;
    let receipt = polls::vote(&app, actor, message, options, client_id).await?;
    Ok(Answer(receipt.await?))
}

async fn votes(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<VoteList>, ApiError> {
    Ok(Answer(polls::of_message(&app, actor, message).await?))
}

async fn close(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(message): Id<MessageId>,
) -> Result<Answer<Message>, ApiError> {
    Ok(Answer(polls::close(&app, actor, message).await?.await?))
}
