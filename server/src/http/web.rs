//! Pages for browsers: the description of the API to read and to try, the socket by hand, and a small
//! web chat. All of it is in the binary and comes from this server: the pages' policy lets a browser
//! ask nobody else, and run nothing that stands in a page.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::error;
use super::route::Routes;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data: blob:; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($name:literal: $kind:ident),+ $(,)?) => {
        /// Name, media type, contents.
        const FILES: &[(&str, &str, &str)] =
            &[$(($name, $kind, include_str!(concat!("../../web/", $name)))),+];
    };
}

files!(
    "api.js": SCRIPT,
    "chat.css": STYLE,
    "chat.html": HTML,
    "chat.js": SCRIPT,
    "docs.css": STYLE,
    "docs.html": HTML,
    "docs.js": SCRIPT,
    "go.html": HTML,
    "go.js": SCRIPT,
    "join.css": STYLE,
    "join.html": HTML,
    "join.js": SCRIPT,
    "web.css": STYLE,
    "ws.css": STYLE,
    "ws.html": HTML,
    "ws.js": SCRIPT,
);

pub(super) fn routes() -> Routes {
    Routes::of("Pages")
        .page("/", get(async || Redirect::temporary("/static/chat.html")))
        .page("/docs", get(async || file("docs.html")))
        .page("/redoc", get(async || Redirect::permanent("/docs")))
        .page("/join", get(async || file("join.html")))
        .page("/go/{room}/{message}", get(async || file("go.html")))
        .page("/chat/ws/test", get(async || file("ws.html")))
        .page(
            "/static/{name}",
            get(async |Path(name): Path<String>| file(&name)),
        )
}

fn file(name: &str) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return error::nothing().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        // A new version of the server comes with new pages, and they are small.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (StatusCode::OK, headers, *text).into_response()
}
