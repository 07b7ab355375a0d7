//! Requests that are wrong in every way: a clear code each, and never a 500.

use erc_protocol::limit;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Server, code, request};

async fn raw(
    server: &Server,
    token: &str,
    content_type: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> (StatusCode, Value) {
    let mut request = reqwest::Client::new()
        .post(format!("{}/chat/rooms/1/messages", server.url))
        .bearer_auth(token)
        .body(body);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    (
        status,
        serde_json::from_str(&response.text().await.unwrap()).unwrap(),
    )
}

#[tokio::test]
async fn bodies_that_are_not_what_they_should_be() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    ada.room("general", &[]).await;
    let token = &ada.tokens.access_token;
    let is_json = Some("application/json");
    let cases: Vec<(Option<&str>, Vec<u8>, u16, &str)> = vec![
        (is_json, b"{".to_vec(), 400, "malformed_json"),
        (is_json, b"\xff\xfe".to_vec(), 400, "malformed_json"),
        (is_json, b"{}".to_vec(), 400, "malformed_request"),
        (
            is_json,
            br#"{"content":7}"#.to_vec(),
            400,
            "malformed_request",
        ),
        (
            is_json,
            br#"{"content":"x","client_id":"not-a-uuid"}"#.to_vec(),
            400,
            "malformed_request",
        ),
        (
            is_json,
            br#"{"content":""}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            is_json,
            br#"{"content":" \n "}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            is_json,
            br#"{"content":"\u001b[31mred"}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            is_json,
            br#"{"content":"nul\u0000"}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            is_json,
            br#"{"content":"x","message_type":"hologram"}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            is_json,
            br#"{"content":"x","reply_to":99}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            is_json,
            br#"{"content":"x","reply_to":-1}"#.to_vec(),
            422,
            "validation_failed",
        ),
        (
            Some("text/plain"),
            br#"{"content":"x"}"#.to_vec(),
            415,
            "unsupported_media_type",
        ),
        (
            None,
            br#"{"content":"x"}"#.to_vec(),
            415,
            "unsupported_media_type",
        ),
    ];
    for (content_type, body, status, expected) in cases {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let (got, answer) = raw(&server, token, content_type, body).await;
        assert_eq!((got.as_u16(), code(&answer)), (status, expected), "{shown}");
    }
}

#[tokio::test]
async fn a_message_at_the_limit_passes_and_one_above_does_not() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    ada.send(room, &"x".repeat(limit::MESSAGE_BYTES)).await;
    let path = format!("/chat/rooms/{room}/messages");
    for bytes in [limit::MESSAGE_BYTES + 1, limit::BODY_BYTES + 1, 1024 * 1024] {
        let (status, body) = ada
            .post(&path, json!({ "content": "x".repeat(bytes) }))
            .await;
        assert_eq!(
            (status.as_u16(), code(&body)),
            (413, "too_large"),
            "{bytes} bytes"
        );
    }
}

#[tokio::test]
async fn ids_that_name_nothing() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let ids = [
        "0",
        "-1",
        "9007199254740993",
        "99999999999999999999999",
        "x",
        "1.5",
        "%00",
        "1%2f2",
    ];
    for id in ids {
        for path in [
            format!("/chat/rooms/{id}"),
            format!("/chat/rooms/{id}/messages"),
            format!("/chat/rooms/{id}/members"),
            format!("/chat/messages/{id}"),
            format!("/chat/presence/{id}"),
            format!("/users/{id}"),
        ] {
            let (status, body) = ada.get(&path).await;
            assert_eq!((status.as_u16(), code(&body)), (404, "not_found"), "{path}");
        }
    }
}

#[tokio::test]
async fn every_route_needs_a_token_that_is_ours() {
    let server = Server::start().await;
    let routes = [
        (Method::GET, "/users/me"),
        (Method::PUT, "/users/me"),
        (Method::GET, "/users"),
        (Method::GET, "/users/1"),
        (Method::POST, "/auth/logout"),
        (Method::GET, "/auth/sessions"),
        (Method::POST, "/auth/invites"),
        (Method::GET, "/chat/rooms"),
        (Method::POST, "/chat/rooms"),
        (Method::GET, "/chat/rooms/1"),
        (Method::PUT, "/chat/rooms/1"),
        (Method::DELETE, "/chat/rooms/1"),
        (Method::GET, "/chat/directory"),
        (Method::POST, "/chat/rooms/1/join"),
        (Method::POST, "/chat/rooms/1/leave"),
        (Method::POST, "/chat/rooms/1/read"),
        (Method::GET, "/chat/rooms/1/members"),
        (Method::POST, "/chat/rooms/1/members/1"),
        (Method::DELETE, "/chat/rooms/1/members/1"),
        (Method::GET, "/chat/rooms/1/messages"),
        (Method::POST, "/chat/rooms/1/messages"),
        (Method::GET, "/chat/messages/1"),
        (Method::PUT, "/chat/messages/1"),
        (Method::DELETE, "/chat/messages/1"),
        (Method::POST, "/chat/search"),
        (Method::GET, "/chat/presence/1"),
        (Method::PUT, "/chat/presence"),
        (Method::GET, "/chat/ws"),
    ];
    for (method, path) in routes {
        for token in [None, Some("nonsense"), Some("a.b.c")] {
            let (status, body) = request(&server.url, method.clone(), path, token, None).await;
            assert_eq!(
                (status.as_u16(), code(&body)),
                (401, "invalid_token"),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_json() {
    let server = Server::start().await;
    let (status, body) = request(&server.url, Method::GET, "/nowhere", None, None).await;
    assert_eq!((status.as_u16(), code(&body)), (404, "not_found"));
    let (status, body) = request(&server.url, Method::PATCH, "/chat/rooms", None, None).await;
    assert_eq!((status.as_u16(), code(&body)), (405, "method_not_allowed"));
}

#[tokio::test]
async fn answers_carry_the_headers_that_keep_browsers_honest() {
    let server = Server::start().await;
    let response = reqwest::get(format!("{}/healthz", server.url))
        .await
        .unwrap();
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["x-frame-options"], "DENY");
    let (status, body) = request(&server.url, Method::GET, "/readyz", None, None).await;
    assert_eq!(
        (status, body),
        (
            StatusCode::OK,
            json!({ "ready": true, "database": true, "disk": true, "files": true, "serving": true, "bus": "none" })
        )
    );
}

#[tokio::test]
async fn only_pages_of_allowed_origins_are_let_in() {
    let server = Server::start().await;
    let allowed = |origin: &'static str| {
        let url = format!("{}/healthz", server.url);
        async move {
            let request = reqwest::Client::new().get(url).header("origin", origin);
            let response = request.send().await.unwrap();
            response
                .headers()
                .get("access-control-allow-origin")
                .is_some()
        }
    };
    assert!(allowed("https://app.example.org").await);
    assert!(!allowed("https://evil.example").await);
}
