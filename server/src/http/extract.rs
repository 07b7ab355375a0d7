//! What handlers take out of a request, with our own errors.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, Form, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use erc_protocol::{ErrorCode, limit};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::ApiError;
use super::openapi::Part;
use super::openapi::draft::Draft;
use super::route::Cost;
use crate::app::AppState;
use crate::ops::{Actor, Error, sessions};

/// Who asks, by the bearer token; and that they don't ask too often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Authed(pub(super) Actor);

impl FromRequestParts<AppState> for Authed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let token = bearer(parts)
            .ok_or_else(|| ApiError::new(ErrorCode::InvalidToken, "an access token is needed"))?;
        let actor = sessions::authenticate(app, token).await?;
        if let Some(Cost(kind)) = parts.extensions.get::<Cost>() {
            app.limits.user(actor, *kind)?;
        }
        Ok(Self(actor))
    }
}

impl Part for Authed {
    fn describe(draft: &mut Draft<'_>) {
        draft.is_for_somebody();
    }
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A JSON body.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ApiError> {
        match axum::Json::from_request(request, app).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(refuse_json(&rejection)),
        }
    }
}

impl<T: JsonSchema + DeserializeOwned> Part for Json<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.body::<T>(true, false);
    }
}

fn refuse_json(rejection: &JsonRejection) -> ApiError {
    let code = match rejection {
        JsonRejection::JsonDataError(_) => ErrorCode::MalformedRequest,
        JsonRejection::MissingJsonContentType(_) => ErrorCode::UnsupportedMediaType,
        rejection if rejection.status() == 413 => ErrorCode::TooLarge,
        _ => ErrorCode::MalformedJson,
    };
    ApiError::new(code, rejection.body_text())
}

/// A JSON body, or a form (as OAuth 2's password flow has it).
pub(super) struct JsonOrForm<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for JsonOrForm<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let form = b"application/x-www-form-urlencoded";
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(form)) {
            let Json(value) = Json::from_request(request, app).await?;
            return Ok(Self(value));
        }
        match Form::from_request(request, app).await {
            Ok(Form(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::new(
                ErrorCode::MalformedRequest,
                rejection.body_text(),
            )),
        }
    }
}

impl<T: JsonSchema + DeserializeOwned> Part for JsonOrForm<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.body::<T>(true, true);
    }
}

/// A JSON body that may be absent.
pub(super) struct OptionalJson<T>(pub(super) T);

impl<T: DeserializeOwned + Default> FromRequest<AppState> for OptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, ApiError> {
        if request.headers().get(header::CONTENT_TYPE).is_none() {
            return Ok(Self(T::default()));
        }
        Json::from_request(request, app)
            .await
            .map(|Json(value)| Self(value))
    }
}

impl<T: JsonSchema + DeserializeOwned> Part for OptionalJson<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.body::<T>(false, false);
    }
}

/// One id of the path. What is no id names nothing, so the answer is 404.
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr> FromRequestParts<AppState> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, app).await;
        let text = path.map_err(|_| nothing())?;
        parse(&text.0).map(Self)
    }
}

impl<T: JsonSchema> Part for Id<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.path_parameter::<T>();
    }
}

/// Two ids of the path.
pub(super) struct Ids<A, B>(pub(super) A, pub(super) B);

impl<A: FromStr, B: FromStr> FromRequestParts<AppState> for Ids<A, B> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((a, b)) = path.map_err(|_| nothing())?;
        Ok(Self(parse(&a)?, parse(&b)?))
    }
}

impl<A: JsonSchema, B: JsonSchema> Part for Ids<A, B> {
    fn describe(draft: &mut Draft<'_>) {
        draft.path_parameter::<A>();
        draft.path_parameter::<B>();
    }
}

fn nothing() -> ApiError {
    ApiError::new(ErrorCode::NotFound, "nothing has such an id")
}

fn parse<T: FromStr>(text: &str) -> Result<T, ApiError> {
    if text
        .parse()
        .is_ok_and(|number: i128| !(0..=i128::from(limit::MAX_SAFE_INTEGER)).contains(&number))
    {
        return Err(nothing());
    }
    text.parse().map_err(|_| nothing())
}

/// The query string.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, app).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::new(
                ErrorCode::MalformedRequest,
                rejection.body_text(),
            )),
        }
    }
}

impl<T: JsonSchema> Part for Params<T> {
    fn describe(draft: &mut Draft<'_>) {
        draft.query::<T>();
    }
}

/// Where the request comes from: the peer, or what a trusted proxy says.
pub(super) struct ClientAddress(pub(super) IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        // The last entry is the proxy's own; those before it are whatever the client claims.
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .filter(|_| app.config.trust_proxy)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next()?.trim().parse().ok());
        if let Some(address) = forwarded {
            return Ok(Self(address));
        }
        let peer = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await;
        let peer = peer.map_err(|e| Error::Internal(format!("no peer address: {e}")))?;
        Ok(Self(peer.0.ip()))
    }
}

impl Part for ClientAddress {
    fn describe(_: &mut Draft<'_>) {}
}
