//! REST: handlers of a few lines that extract, call an operation, and answer. One file a resource.

mod auth;
mod error;
mod extract;
mod health;
mod members;
mod messages;
mod presence;
mod rooms;
mod socket;
mod users;

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::{Router, middleware};
use erc_protocol::limit;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::app::AppState;
use crate::config::Origins;

pub use error::ApiError;

/// How long requests that are running may go on once the server stops.
const GRACE: Duration = Duration::from_secs(10);

/// All routes.
pub fn router(app: AppState) -> Router {
    Router::new()
        .merge(health::router())
        .merge(auth::router())
        .merge(users::router())
        .merge(rooms::router())
        .merge(members::router())
        .merge(messages::router())
        .merge(presence::router())
        .merge(socket::router())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(limit::BODY_BYTES))
        .layer(middleware::map_response(security_headers))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(cors(&app.config.allowed_origins))
        .with_state(app)
}

/// Serves until the lifecycle drains and running requests have ended.
pub async fn serve(app: AppState, listener: TcpListener) -> std::io::Result<()> {
    use axum::serve::ListenerExt as _;
    let lifecycle = app.lifecycle.clone();
    let stop = {
        let lifecycle = lifecycle.clone();
        async move { lifecycle.draining().await }
    };
    let listener = listener.tap_io(|stream| {
        // A message is one small write that somebody waits for.
        let _ = stream.set_nodelay(true);
    });
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stop);
    let given_up = async {
        lifecycle.draining().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = serving => result,
        () = given_up => Ok(()),
    }
}

async fn security_headers<B>(mut response: axum::http::Response<B>) -> axum::http::Response<B> {
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in fixed {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

fn cors(origins: &Origins) -> CorsLayer {
    let allow = match origins {
        Origins::Any => AllowOrigin::any(),
        Origins::List(list) => {
            AllowOrigin::list(list.iter().filter_map(|origin| origin.parse().ok()))
        }
    };
    CorsLayer::new()
        .allow_origin(allow)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([HeaderName::from_static("retry-after")])
        .max_age(Duration::from_hours(1))
}
