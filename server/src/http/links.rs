//! `/chat/rooms/{id}/links…`, `/chat/links/…`.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use erc_protocol::api::links::{CreateLinkRequest, LinkCode, LinkList, LinkPreview, MadeLink};
use erc_protocol::api::rooms::MyRoom;
use erc_protocol::{ErrorCode, LinkId, RoomId};

use super::ApiError;
use super::extract::{Authed, Id, Ids, Json, OptionalJson};
use super::route::{Routes, about, delete, get, post};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::links;

pub(super) fn routes() -> Routes {
    let void = &[ErrorCode::InvalidInvite];
    Routes::of("Links")
        .route(
            "/chat/rooms/{id}/links",
            get(
                list,
                about(
                    "The links to a room that work, newest first.\n\nWho doesn't moderate sees \
                     their own.",
                )
                .fails(&[ErrorCode::Forbidden]),
            )
            .post(
                create,
                about(
                    "Makes a link by which people come into a room. Its code is shown this once.\
                     \n\nThe body may be absent: a week, and without a limit, then.",
                )
                .fails(&[
                    ErrorCode::Forbidden,
                    ErrorCode::LimitReached,
                    ErrorCode::ValidationFailed,
                ])
                .costs(Kind::Invite),
            ),
        )
        .route(
            "/chat/rooms/{id}/links/{link_id}",
            delete(
                revoke,
                about("Takes a link back.").fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/chat/links/preview",
            post(
                preview,
                about("What a link leads to, for whoever holds it: an account is not needed.")
                    .fails(void),
            ),
        )
        .route(
            "/chat/links/join",
            post(
                join,
                about("Comes into the room that a link leads to.").fails(&[
                    ErrorCode::InvalidInvite,
                    ErrorCode::RegistrationClosed,
                    ErrorCode::Forbidden,
                ]),
            ),
        )
}

async fn list(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
) -> Result<Answer<LinkList>, ApiError> {
    Ok(Answer(links::list(&app, actor, room).await?))
}

async fn create(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(room): Id<RoomId>,
    OptionalJson(request): OptionalJson<CreateLinkRequest>,
) -> Result<(StatusCode, Answer<MadeLink>), ApiError> {
    let made = links::create(&app, actor, room, request).await?.await?;
    Ok((StatusCode::CREATED, Answer(made)))
}

async fn revoke(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Ids(room, link): Ids<RoomId, LinkId>,
) -> Result<StatusCode, ApiError> {
    links::revoke(&app, actor, room, link).await?.await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn preview(
    State(app): State<AppState>,
    Json(request): Json<LinkCode>,
) -> Result<Answer<LinkPreview>, ApiError> {
    Ok(Answer(links::preview(&app, &request.code).await?))
}

async fn join(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Json(request): Json<LinkCode>,
) -> Result<Answer<MyRoom>, ApiError> {
    Ok(Answer(
        links::join(&app, actor, &request.code).await?.await?,
    ))
}
