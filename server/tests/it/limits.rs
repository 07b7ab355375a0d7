//! How often and how much: at the limit, below it, above it.

use std::time::Duration;

use erc_protocol::gateway::client::{SendMessage, SetTyping};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::{ErrorCode, MessageType, RoomId, limit};
use erc_server::config::Config;
use reqwest::{Client, Method, StatusCode};
use serde_json::json;

use super::harness::{Person, Server, code, request};

/// A server with limits, whose accounts count as old: three sends at once and six a minute.
async fn limited() -> (Server, Person) {
    let server = Server::start_with(|config: &mut Config| {
        config.rate_limits = true;
        config.rate_quotas = "send=6/3, typing=6/2, invite=1/1, read=6/2"
            .parse()
            .unwrap();
    })
    .await;
    server.user("ada").await;
    server.pass(Duration::from_millis(limit::NEW_ACCOUNT_MS.unsigned_abs()));
    let ada = server.sign_in("ada").await;
    (server, ada)
}

fn send(room: RoomId, content: &str) -> ClientFrame {
    ClientFrame::SendMessage(SendMessage {
        room_id: room,
        content: content.into(),
        message_type: MessageType::Text,
        client_id: None,
        reply_to: None,
        expires_in: None,
        expires_from: None,
        thread_id: None,
        also_in_room: false,
        drafts: Vec::new(),
        poll: None,
    })
}

#[tokio::test]
async fn messages_over_rest_and_sockets_are_counted_together_and_whoever_waits_goes_on() {
    let (server, ada) = limited().await;
    let room = ada.room("general", &[]).await;
    let mut socket = ada.socket().await;
    ada.send(room, "one").await;
    socket.say_with_id(Some(2), send(room, "two")).await;
    assert!(matches!(socket.answer(2).await, ServerFrame::Ack(_)));
    ada.send(room, "three").await;
    socket.say_with_id(Some(4), send(room, "four")).await;
    let ServerFrame::Error(refused) = socket.answer(4).await else {
        panic!("the fourth passed")
    };
    assert_eq!(
        (refused.code, refused.retry_after),
        (ErrorCode::RateLimited, Some(10))
    );
    let path = format!("/chat/rooms/{room}/messages");
    let (status, answer) = ada.post(&path, json!({ "content": "four" })).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(code(&answer), "rate_limited");
    assert_eq!(answer["error"]["retry_after"], 10);
    // Another person has a quota of their own.
    server.user("bo").await.room("other", &[]).await;
    server.pass(Duration::from_millis(9_999));
    let (status, _) = ada.post(&path, json!({ "content": "four" })).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    server.pass(Duration::from_millis(1));
    socket.say_with_id(Some(5), send(room, "four")).await;
    assert!(matches!(socket.answer(5).await, ServerFrame::Ack(_)));
}

#[tokio::test]
async fn typing_and_invites_and_reads_have_quotas_of_their_own() {
    let (server, ada) = limited().await;
    let room = ada.room("general", &[]).await;
    let mut socket = ada.socket().await;
    for id in 1..=3 {
        let typing = SetTyping {
            room_id: room,
            is_typing: true,
        };
        socket
            .say_with_id(Some(id), ClientFrame::Typing(typing))
            .await;
        let answer = socket.answer(id).await;
        assert_eq!(matches!(answer, ServerFrame::Ack(_)), id <= 2, "{answer:?}");
    }
    for count in 1..=3 {
        let (status, _) = ada.get("/chat/rooms").await;
        assert_eq!(status.is_success(), count <= 2);
    }
    server
        .user_with("root", erc_protocol::ServerRole::Admin)
        .await;
    server.pass(Duration::from_hours(25));
    let admin = server.sign_in("root").await;
    assert_eq!(
        admin.post("/auth/invites", json!({})).await.0,
        StatusCode::CREATED
    );
    let (status, _) = admin.post("/auth/invites", json!({})).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_new_account_may_do_a_third() {
    let (server, _) = limited().await;
    let bo = server.user("bo").await;
    let room = bo.room("new", &[]).await;
    bo.send(room, "one").await;
    let path = format!("/chat/rooms/{room}/messages");
    let (status, _) = bo.post(&path, json!({ "content": "two" })).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_address_has_a_quota_whoever_asks() {
    let server = Server::start_with(|config: &mut Config| {
        config.rate_limits = true;
        config.rate_quotas = "address=1/3".parse().unwrap();
    })
    .await;
    for count in 1..=4 {
        let (status, _) = request(&server.url, Method::GET, "/healthz", None, None).await;
        assert_eq!(status == StatusCode::TOO_MANY_REQUESTS, count > 3);
    }
}

#[tokio::test]
async fn heads_and_bodies_have_limits_that_do_not_bite_below() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let client = Client::new();
    let ask = async |query: usize, headers: usize| {
        let mut asked = client.get(format!("{}/healthz?{}", server.url, "q".repeat(query)));
        for n in 0..headers {
            asked = asked.header(format!("x-{n}"), "x");
        }
        asked.send().await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(
        ask(limit::HEAD_BYTES - 4_000, limit::HEADERS - 10)
            .await
            .unwrap(),
        200
    );
    assert_eq!(ask(0, limit::HEADERS + 1).await.unwrap(), 431);
    let too_long = ask(limit::HEAD_BYTES * 3 / 2, 0).await.unwrap();
    assert!(matches!(too_long, 414 | 431), "{too_long}");
    let mut deep = json!(1);
    for _ in 0..1_000 {
        deep = json!([deep]);
    }
    let body = json!({ "name": "room", "unknown": deep.clone() });
    assert_eq!(ada.post("/chat/rooms", body).await.0, StatusCode::CREATED);
    let body = json!({ "name": deep });
    let (status, answer) = ada.post("/chat/rooms", body).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    let big = |bytes: usize| json!({ "name": "room", "unknown": "x".repeat(bytes) });
    let (status, answer) = ada.post("/chat/rooms", big(limit::BODY_BYTES)).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    );
    let (status, _) = ada.post("/chat/rooms", big(limit::BODY_BYTES - 100)).await;
    assert_eq!(status, StatusCode::CREATED);
}
