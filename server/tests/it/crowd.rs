//! Clients that come all at once, and those that take their time.

use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Server, Socket};

#[tokio::test]
async fn a_crowd_is_told_when_to_come_again_and_then_let_in() {
    let server = Server::start_with(|config| {
        config.rate_limits = true;
        config.connects_per_second = Some(1);
    })
    .await;
    let ada = server.user("ada").await;
    let path = format!("/chat/ws?token={}", ada.tokens.access_token);
    let mut sockets = Vec::new();
    let refused = loop {
        match Socket::open(&server.url, &path, &[]).await {
            Ok(socket) => sockets.push(socket),
            Err(status) => break status,
        }
        assert!(sockets.len() < 1_000, "everybody came in");
    };
    assert_eq!(refused, StatusCode::SERVICE_UNAVAILABLE);
    assert!(sockets.len() >= 2);
    let answer = reqwest::Client::new()
        .get(format!("{}{path}", server.url))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .send()
        .await
        .unwrap();
    if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = answer.headers()["retry-after"].to_str().unwrap();
        assert!(seconds.parse::<u64>().unwrap() >= 1);
    }
    // Everything else is answered, and those who are in stay.
    assert_eq!(ada.get("/users/me").await.0, StatusCode::OK);
    sockets[0].drain().await;
    let again = async {
        while Socket::open(&server.url, &path, &[]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again)
        .await
        .expect("it is let in");
}

#[tokio::test]
async fn a_stranger_takes_nobodys_turn() {
    let server = Server::start_with(|config| {
        config.rate_limits = true;
        config.connects_per_second = Some(1);
    })
    .await;
    let ada = server.user("ada").await;
    for _ in 0..50 {
        let refused = Socket::open(&server.url, "/chat/ws?token=made-up", &[]).await;
        assert_eq!(refused.err(), Some(StatusCode::UNAUTHORIZED));
    }
    ada.plain_socket().await.drain().await;
}

#[tokio::test]
async fn a_request_whose_head_never_ends_is_given_up() {
    let server = Server::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let patience = Duration::from_millis(100);
    let serving = erc_server::http::serve_with(server.app.clone(), listener, patience);
    tokio::spawn(serving);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ")
        .await
        .unwrap();
    let mut answer = Vec::new();
    // Ends when the server closes; without that it would wait for ever.
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the connection is still open");
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
}
