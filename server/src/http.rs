//! REST: handlers of a few lines that extract, call an operation, and answer. One file a resource.

mod analytics;
mod attention;
mod audit;
mod auth;
mod blocks;
mod drafts;
mod emoji;
mod error;
mod extract;
mod filters;
mod health;
mod links;
mod members;
mod messages;
mod moderation;
mod observe;
mod openapi;
mod personal;
mod polls;
mod presence;
mod raid;
mod reactions;
mod reports;
mod requests;
mod rooms;
mod route;
mod schedule;
mod search;
mod serve;
mod socket;
mod threads;
mod users;
mod web;

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::{Router, middleware};
use erc_protocol::{ErrorCode, limit};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::app::AppState;
use crate::config::Origins;
use extract::ClientAddress;
use route::Routes;

pub use error::ApiError;
pub use observe::serve_metrics;
pub use openapi::document;
pub use serve::{serve, serve_with};

/// How long a request may take, its body's coming included.
const PATIENCE: Duration = Duration::from_mins(1);

/// All routes, with what is told of them.
fn routes() -> Routes {
    health::routes()
        .merge(auth::routes())
        .merge(users::routes())
        .merge(blocks::routes())
        .merge(personal::routes())
        .merge(rooms::routes())
        .merge(members::routes())
        .merge(requests::routes())
        .merge(moderation::routes())
        .merge(reports::routes())
        .merge(filters::routes())
        .merge(audit::routes())
        .merge(raid::routes())
        .merge(links::routes())
        .merge(messages::routes())
        .merge(search::routes())
        .merge(reactions::routes())
        .merge(emoji::routes())
        .merge(threads::routes())
        .merge(polls::routes())
        .merge(schedule::routes())
        .merge(analytics::routes())
        .merge(drafts::routes())
        .merge(attention::routes())
        .merge(presence::routes())
        .merge(socket::routes())
        .merge(openapi::routes())
        .merge(web::routes())
}

/// What answers requests.
pub fn router(app: AppState) -> Router {
    let (router, _) = routes().into_parts();
    router
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(limit::BODY_BYTES))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(app.clone(), not_too_often))
        .layer(middleware::map_response(security_headers))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            observe::observe,
        ))
        .layer(cors(&app.config.allowed_origins))
        .with_state(app)
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            ApiError::new(ErrorCode::Unavailable, "the request took too long").into_response()
        }
    }
}

/// Counts every request against its address.
async fn not_too_often(
    State(app): State<AppState>,
    address: Result<ClientAddress, ApiError>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    // Whatever came through the listener has one.
    if let Ok(ClientAddress(address)) = address {
        app.limits.request(address)?;
    }
    Ok(next.run(request).await)
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
        .expose_headers([header::RETRY_AFTER, observe::REQUEST_ID])
        .max_age(Duration::from_hours(1))
}
