//! What is known of requests: an id for each, figures, and who was slow; and the page of figures,
//! which has a listener of its own.

use std::io;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use erc_protocol::ErrorCode;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::health;
use crate::app::AppState;
use crate::{clock, metrics};

/// Names a request, in its answer and in every line of the log that it causes.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of an id that a proxy gave, at most.
const LONGEST_ID: usize = 64;
/// The same within the server.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

/// What Prometheus's text is called.
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Around every request but those for other origins' permission. The path itself is in no log:
/// there may be a token in it.
pub(super) async fn observe(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers(), app.config.trust_proxy);
    let method = method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let span = tracing::info_span!("request", %id, method, route);
    request.extensions_mut().insert(RequestId(id.clone()));
    let answer = async {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let took = began.elapsed();
        app.metrics
            .requests
            .answered(method, route, status, took.as_secs_f64());
        if let Some(code) = response.extensions().get::<ErrorCode>() {
            app.metrics.error(*code);
        }
        tracing::debug!(status, ?took, "answered");
        if let Some(took_ms) = app.config.slow.since(began) {
            tracing::warn!(took_ms, status, "a slow request");
        }
        response
    };
    let mut response = answer.instrument(span).await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A new one, or that of a trusted proxy, if it is one that a log can bear.
fn request_id(headers: &HeaderMap, trust_proxy: bool) -> String {
    let given = headers.get(REQUEST_ID).filter(|_| trust_proxy);
    let given = given.and_then(|id| id.to_str().ok()).filter(|id| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(is_plain)
    });
    given.map_or_else(clock::new_request_id, str::to_owned)
}

/// A client may invent methods; figures may not.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

/// Serves `/metrics`, `/healthz` and `/readyz`, to whoever reaches the listener, until the server
/// stops.
pub async fn serve_metrics(app: AppState, listener: TcpListener) -> io::Result<()> {
    let lifecycle = app.lifecycle.clone();
    let routes = Router::new()
        .route("/metrics", get(page))
        .merge(health::routes().into_parts().0)
        .with_state(app);
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move { lifecycle.draining().await })
        .await
}

async fn page(State(app): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, TEXT)], metrics::page(&app))
}
