//! `GET /chat/ws`: checks the origin and the token before the upgrade.

use axum::body::Body;
use axum::extract::{Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erc_protocol::ErrorCode;
use erc_protocol::gateway::{SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use sha1::{Digest as _, Sha1};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::ApiError;
use super::extract::bearer;
use super::observe::RequestId;
use super::route::{Routes, about, get};
use crate::app::AppState;
use crate::gateway::{Connection, Seat};
use crate::ops::sessions;

/// What a server adds to the client's key before it hashes both (RFC 6455, section 1.3).
const KEY_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

pub(super) fn routes() -> Routes {
    Routes::of("Socket").route(
        "/chat/ws",
        get(
            upgrade,
            about(
                "Opens a socket.\n\nAsk for an upgrade to `websocket`. The access token goes into \
                 `Authorization`, into a subprotocol `bearer.TOKEN`, or into the query. Its frames \
                 are the schemas *ClientFrame* and *ServerFrame*; a program that asks for the \
                 subprotocol `erc.v1` begins with `hello` and is told what it missed.",
            )
            .query(&[(
                "token",
                "The access token, for programs that can't set headers.",
            )])
            .answers(&[(101, "", "The socket is open.")])
            .fails(&[
                ErrorCode::InvalidToken,
                ErrorCode::SessionEnded,
                ErrorCode::MalformedRequest,
                ErrorCode::OriginNotAllowed,
            ]),
        ),
    )
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
    sessions::claimed(&app, &token)?;
    if let Err(later) = app.admission.admit(Instant::now()) {
        app.metrics.sockets.sent_away.inc();
        return Err(later.into());
    }
    let says_hello = protocols(&parts.headers).any(|protocol| protocol == SUBPROTOCOL);
    let accept =
        accept(&parts.headers).map_err(|why| ApiError::new(ErrorCode::MalformedRequest, why))?;
    let upgrade = parts
        .extensions
        .remove::<OnUpgrade>()
        .ok_or_else(|| ApiError::new(ErrorCode::MalformedRequest, "HTTP/1.1 is needed"))?;
    let id = parts.extensions.get::<RequestId>();
    let id = id.map_or("", |id| id.0.as_str());
    let seat = Seat::take(app.clone(), &token, says_hello, id).await?;
    app.lifecycle
        .spawn_one_of_many(serve(Box::new(seat), upgrade));
    let mut response = Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept);
    if says_hello {
        response = response.header(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL);
    }
    Ok(response
        .body(Body::empty())
        .expect("these headers are well-formed"))
}

async fn serve(seat: Box<Seat>, upgrade: OnUpgrade) {
    if let Some(connection) = Box::pin(begin(seat, upgrade)).await {
        connection.run().await;
    }
}

/// Takes the stream out of the HTTP connection's hands.
async fn begin(seat: Box<Seat>, upgrade: OnUpgrade) -> Option<Box<Connection>> {
    let upgraded = upgrade
        .await
        .inspect_err(|error| tracing::debug!(%error, "a client went before it was upgraded"))
        .ok()?;
    let Ok(parts) = Upgraded::downcast::<TokioIo<TcpStream>>(upgraded) else {
        tracing::error!("a connection that is not TCP asked for a socket");
        return None;
    };
    Some(Connection::begin(
        seat,
        parts.io.into_inner(),
        &parts.read_buf,
    ))
}

/// What proves to the client that it speaks to a server that knows sockets.
fn accept(headers: &HeaderMap) -> Result<String, &'static str> {
    let has = |name: HeaderName, word: &str| {
        let values = headers.get_all(name).into_iter();
        let mut words = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        words.any(|given| given.trim().eq_ignore_ascii_case(word))
    };
    if !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        return Err("this is a place for sockets: ask for an upgrade to websocket");
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err("only version 13 of the protocol is spoken here");
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .ok_or("a key is needed")?;
    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(KEY_SUFFIX);
    Ok(STANDARD.encode(hash.finalize()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that a task of this function holds.
    const fn size<A, B, R>(_: fn(A, B) -> R) -> usize {
        size_of::<R>()
    }

    #[test]
    fn a_connection_is_small() {
        assert!(size(serve) <= 1_536, "{} bytes", size(serve));
    }
}
