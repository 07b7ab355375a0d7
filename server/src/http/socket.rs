//! `GET /chat/ws`: checks the origin and the token before the upgrade.

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts as _, Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::get;
use erc_protocol::gateway::{SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX};
use erc_protocol::{ErrorCode, limit};
use serde::Deserialize;

use super::ApiError;
use super::extract::bearer;
use crate::app::AppState;
use crate::gateway;
use crate::ops::sessions;

/// Bytes that a connection's buffers hold while idle: small, because there are many.
const READ_BUFFER: usize = 1_024;
const WRITE_BUFFER: usize = 16 * 1_024;

pub(super) fn router() -> Router<AppState> {
    Router::new().route("/chat/ws", get(upgrade))
}

#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

async fn upgrade(State(app): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let (mut parts, _) = request.into_parts();
    check_origin(&app, &parts.headers)?;
    if app.lifecycle.is_draining() {
        return Err(ApiError::new(
            ErrorCode::Unavailable,
            "the server is stopping",
        ));
    }
    let token = token(&parts)
        .ok_or_else(|| ApiError::new(ErrorCode::InvalidToken, "an access token is needed"))?;
    let actor = sessions::authenticate(&app, &token).await?;
    let says_hello = protocols(&parts.headers).any(|protocol| protocol == SUBPROTOCOL);
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app)
        .await
        .map_err(|e| ApiError::new(ErrorCode::MalformedRequest, e.body_text()))?;
    let seat = gateway::Seat::take(app, actor, says_hello).await?;
    Ok(upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(limit::FRAME_BYTES_HARD)
        .max_frame_size(limit::FRAME_BYTES_HARD)
        .on_upgrade(move |socket| gateway::run(seat, socket)))
}

/// A browser names the page's origin; other programs don't.
fn check_origin(app: &AppState, headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let allowed = origin
        .to_str()
        .is_ok_and(|origin| app.config.allowed_origins.allow(origin, host));
    if allowed {
        Ok(())
    } else {
        Err(ApiError::new(
            ErrorCode::OriginNotAllowed,
            "this page may not use the server",
        ))
    }
}

fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

/// From the header, the subprotocol, or the query string as the brief has it.
fn token(parts: &Parts) -> Option<String> {
    let subprotocol = protocols(&parts.headers)
        .find_map(|protocol| protocol.strip_prefix(TOKEN_SUBPROTOCOL_PREFIX));
    bearer(parts)
        .or(subprotocol)
        .map(str::to_owned)
        .or_else(|| {
            let query = Query::<TokenQuery>::try_from_uri(&parts.uri).ok()?;
            query.0.token
        })
}
