//! `/chat/messages/{id}/thread…`, `/chat/rooms/{id}/threads`, `/chat/threads`.

use axum::Json as Answer;
use axum::extract::State;
use erc_protocol::thread::{
    FollowedThreads, ReadThreadRequest, ThreadList, ThreadPage, ThreadQuery,
};
use erc_protocol::{ErrorCode, MessageId, RoomId, UserThread};

use super::ApiError;
use super::extract::{Authed, Id, Json, Params};
use super::route::{Routes, about, get, post, put};
use crate::app::AppState;
use crate::ops::threads;

const FAILS: &[ErrorCode] = &[ErrorCode::Forbidden, ErrorCode::ValidationFailed];

pub(super) fn routes() -> Routes {
    Routes::of("Threads")
        .route(
            "/chat/messages/{id}/thread",
            get(
                page,
                about(
                    "A page of the replies in a message's thread, newest last.\n\nA reply is sent as \
                     any message, with the `thread_id` of the message that began the thread.",
                )
                .fails(FAILS),
            ),
        )
        .route(
            "/chat/messages/{id}/thread/follow",
            put(
                follow,
                about(
                    "Follows a thread: its replies count as unread.\n\nWho writes in a thread, is named \
                     in it or began it follows by themselves.",
                )
                .fails(FAILS),
            )
            .delete(unfollow, about("Follows a thread no longer.").fails(FAILS)),
        )
        .route(
            "/chat/messages/{id}/thread/read",
            post(
                read,
                about("Marks a thread that one follows read up to a place.").fails(FAILS),
            ),
        )
        .route(
            "/chat/rooms/{id}/threads",
            get(
                of_room,
                about(
                    "Messages of a room that have threads, the last answered first.\n\nFor more, give \
                     the `thread.last_seq` of the last one as `before_seq`.",
                )
                .fails(FAILS),
            ),
        )
        .route(
            "/chat/threads",
            get(
                followed,
                "Threads that one follows, with what is unread, the last answered first.",
            ),
        )
}

async fn page(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(root): Id<MessageId>,
    Params(query): Params<ThreadQuery>,
) -> Result<Answer<ThreadPage>, ApiError> {
    Ok(Answer(threads::page(&app, actor, root, query).await?))
}

async fn follow(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(root): Id<MessageId>,
) -> Result<Answer<UserThread>, ApiError> {
    Ok(Answer(
        threads::follow(&app, actor, root, true).await?.await?,
    ))
}

async fn unfollow(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(root): Id<MessageId>,
) -> Result<Answer<UserThread>, ApiError> {
    Ok(Answer(
        threads::follow(&app, actor, root, false).await?.await?,
    ))
}

async fn read(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(root): Id<MessageId>,
    Json(request): Json<ReadThreadRequest>,
) -> Result<Answer<UserThread>, ApiError> {
    Ok(Answer(
        threads::read(&app, actor, root, request.seq).await?.await?,
    ))
}

async fn of_room(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    Params(query): Params<ThreadQuery>,
) -> Result<Answer<ThreadList>, ApiError> {
    Ok(Answer(threads::of_room(&app, actor, room, query).await?))
}

async fn followed(
    State(app): State<AppState>,
    Authed(actor): Authed,
) -> Result<Answer<FollowedThreads>, ApiError> {
    Ok(Answer(threads::followed(&app, actor).await?))
}
