//! `/server/emoji…`.

use axum::Json as Answer;
use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use erc_protocol::emoji::{AddEmojiQuery, EmojiList};
use erc_protocol::{CustomEmoji, EmojiId, ErrorCode};

use super::ApiError;
use super::extract::{Authed, Id, Params};
use super::openapi::Part;
use super::openapi::draft::Draft;
use super::route::{Routes, about, delete, get};
use crate::app::AppState;
use crate::limits::Kind;
use crate::ops::emoji;

/// By an id always the same, for those who are signed in.
const FOR_EVER: &str = "private, max-age=31536000, immutable";
/// Whoever opens a picture by itself has nothing in it carried out.
const SANDBOX: &str = "default-src 'none'; sandbox";
const PICTURES: &[&str] = &["image/png", "image/gif", "image/webp"];

pub(super) fn routes() -> Routes {
    let added = &[
        ErrorCode::Forbidden,
        ErrorCode::LimitReached,
        ErrorCode::ValidationFailed,
    ];
    Routes::of("Custom emoji")
        .route(
            "/server/emoji",
            get(
                list,
                "The community's own emoji, by name.\n\nIn texts and reactions each is written \
                 `:name:`. A socket that said `hello` is told of those that come and go.",
            )
            .post(
                add,
                about(
                    "Adds an emoji (moderators of the server).\n\nThe body is the picture: PNG, GIF \
                     or WebP, at most 256 KiB and 512×512 pixels; what it is, is seen by what is in \
                     it. The same picture under the same name again is no change.",
                )
                .fails(added)
                .costs(Kind::Upload),
            ),
        )
        .route(
            "/server/emoji/{id}",
            delete(
                remove,
                about(
                    "Takes an emoji away (moderators of the server).\n\nReactions with it stay, as \
                     text; nobody adds new ones.",
                )
                .fails(&[ErrorCode::Forbidden]),
            ),
        )
        .route(
            "/server/emoji/{id}/picture",
            get(
                picture,
                about("The picture of an emoji; it never changes.").answers(&[
                    (200, "image/png", "The picture."),
                    (200, "image/gif", ""),
                    (200, "image/webp", ""),
                ]),
            ),
        )
}

/// The bytes of a request.
struct Picture(Bytes);

impl FromRequest<AppState> for Picture {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, app).await;
        bytes.map(Self).map_err(|rejection| {
            let code = if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ErrorCode::TooLarge
            } else {
                ErrorCode::MalformedRequest
            };
            ApiError::new(code, rejection.body_text())
        })
    }
}

impl Part for Picture {
    fn describe(draft: &mut Draft<'_>) {
        draft.bytes(PICTURES);
    }
}

async fn list(
    State(app): State<AppState>,
    Authed(_): Authed,
) -> Result<Answer<EmojiList>, ApiError> {
    Ok(Answer(emoji::list(&app).await?))
}

async fn add(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Params(query): Params<AddEmojiQuery>,
    Picture(bytes): Picture,
) -> Result<(StatusCode, Answer<CustomEmoji>), ApiError> {
    let added = emoji::add(&app, Some(actor), &query.name, bytes).await?;
    Ok((StatusCode::CREATED, Answer(added)))
}

async fn remove(
    State(app): State<AppState>,
    Authed(actor): Authed,
    Id(id): Id<EmojiId>,
) -> Result<StatusCode, ApiError> {
    emoji::remove(&app, Some(actor), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn picture(
    State(app): State<AppState>,
    Authed(_): Authed,
    Id(id): Id<EmojiId>,
) -> Result<Response, ApiError> {
    let picture = emoji::picture(&app, id).await?;
    let headers = [
        (header::CONTENT_TYPE, picture.content_type),
        (header::CONTENT_LENGTH, picture.size.to_string()),
        (header::CACHE_CONTROL, FOR_EVER.to_owned()),
        (header::CONTENT_SECURITY_POLICY, SANDBOX.to_owned()),
    ];
    Ok((headers, Body::from_stream(picture.content)).into_response())
}
