//! Accounts that rest, and accounts of which nothing is left.

use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{Message, RoomId, ServerRole, Timestamp, limit};
use erc_server::store::RULES;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code, request};

impl Person {
    async fn rest(&self, name: &str) -> (StatusCode, Value) {
        let body = json!({ "password": format!("password-{name}") });
        self.post("/auth/deactivate", body).await
    }

    async fn erase(&self, name: &str, messages: &str) -> (StatusCode, Value) {
        let body = json!({ "password": format!("password-{name}"), "messages": messages });
        self.post("/auth/erase", body).await
    }

    async fn rows(&self, room: RoomId) -> Vec<Message> {
        let (status, page) = self.get(&format!("/chat/rooms/{room}/messages")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        serde_json::from_value(page["messages"].clone()).unwrap()
    }

    async fn unread_count(&self, room: RoomId) -> Value {
        self.get(&format!("/chat/rooms/{room}")).await.1["unread"]["count"].clone()
    }
}

async fn login(server: &Server, name: &str) -> (StatusCode, Value) {
    let body = json!({ "username": name, "password": format!("password-{name}") });
    request(&server.url, Method::POST, "/auth/login", None, Some(body)).await
}

async fn holds(server: &Server) {
    let outcome = erc_server::ops::repair::check(&server.app.db)
        .await
        .unwrap();
    assert!(outcome.is_empty(), "{outcome:?}");
}

#[tokio::test]
async fn a_deactivated_account_is_taken_up_by_signing_in_in_time() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = bo.room("den", &[&ada]).await;
    let mut ear = ada.socket().await;
    let wrong = ada
        .post("/auth/deactivate", json!({ "password": "not this" }))
        .await;
    assert_eq!(code(&wrong.1), "invalid_credentials");
    assert_eq!(ada.rest("ada").await.0, StatusCode::NO_CONTENT);
    let heard = ear
        .until(|frame| matches!(frame, ServerFrame::SessionEnded(_)))
        .await;
    assert!(!heard.is_empty());
    assert_eq!(ada.get("/chat/rooms").await.0, StatusCode::UNAUTHORIZED);
    let (_, found) = bo.get("/users?query=ada").await;
    assert_eq!(found["users"], json!([]), "nobody looks for who rests");
    // At the limit it still is taken up, and it is where it was.
    server.pass(Duration::from_millis(limit::DEACTIVATED_MS.unsigned_abs()));
    let back = server.sign_in("ada").await;
    assert_eq!(back.rows(room).await, []);
    // Above it, an administrator is asked.
    assert_eq!(back.rest("ada").await.0, StatusCode::NO_CONTENT);
    server.pass(Duration::from_millis(
        limit::DEACTIVATED_MS.unsigned_abs() + 1,
    ));
    let (status, body) = login(&server, "ada").await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    erc_server::ops::operator::accounts::set_disabled(&server.app, "ada", false)
        .await
        .unwrap();
    assert_eq!(login(&server, "ada").await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_last_owner_of_the_server_stays() {
    let server = Server::start().await;
    let ada = server.user_with("ada", ServerRole::Owner).await;
    for (status, body) in [ada.rest("ada").await, ada.erase("ada", "keep").await] {
        assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    }
    let bo = server.user_with("bo", ServerRole::Owner).await;
    assert_eq!(bo.erase("bo", "keep").await.0, StatusCode::NO_CONTENT);
    let (status, _) = ada.erase("ada", "keep").await;
    assert_eq!(
        status,
        StatusCode::FORBIDDEN,
        "an erased owner owns nothing"
    );
}

/// Ada and Bo in a room of Bo's and in a direct one, with all that somebody leaves behind.
struct Traces {
    ada: Person,
    bo: Person,
    room: RoomId,
    direct: RoomId,
    said: Message,
    answer: Message,
    forward: Message,
}

async fn traces(server: &Server) -> Traces {
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let body = json!({ "type": "direct", "member_ids": [bo.id] });
    let (_, made) = ada.post("/chat/rooms", body).await;
    let direct = RoomId(made["id"].as_i64().unwrap());
    let said = ada.send(room, "a secret word @bo").await;
    ada.send(direct, "another secret").await;
    let answer = bo.send(room, "noted").await;
    let path = format!("/chat/messages/{}/reactions", answer.message_id);
    for who in [&ada, &bo] {
        let (status, body) = who.post(&path, json!({ "emoji": "👍" })).await;
        assert!(status.is_success(), "{body}");
    }
    let path = format!("/chat/messages/{}/forward", said.message_id);
    let body = json!({ "room_ids": [direct], "with_author": true });
    let (status, sent) = bo.post(&path, body).await;
    assert!(status.is_success(), "{sent}");
    let forward = serde_json::from_value(sent["rooms"][0]["message"].clone()).unwrap();
    let later = json!({ "content": "later", "delay_s": 600 });
    ada.post(&format!("/chat/rooms/{room}/scheduled"), later)
        .await;
    Traces {
        ada,
        bo,
        room,
        direct,
        said,
        answer,
        forward,
    }
}

#[tokio::test]
async fn an_erased_user_leaves_a_nameless_history_and_nothing_else() {
    let server = Server::start().await;
    let t = traces(&server).await;
    let mut ear = t.bo.socket().await;
    let wrong = json!({ "password": "not this", "messages": "keep" });
    assert_eq!(
        code(&t.ada.post("/auth/erase", wrong).await.1),
        "invalid_credentials"
    );
    assert_eq!(t.ada.erase("ada", "keep").await.0, StatusCode::NO_CONTENT);
    assert_eq!(t.ada.get("/chat/rooms").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&server, "ada").await.0, StatusCode::UNAUTHORIZED);
    server.app.run_due().await.unwrap();
    let heard = ear
        .until(|frame| {
            matches!(frame, ServerFrame::MemberUpdated(update)
            if update.room_id == t.room && update.member.user_id == t.ada.id)
        })
        .await;
    let Some(ServerFrame::MemberUpdated(update)) = heard.last() else {
        panic!()
    };
    assert_eq!(update.member.display_name, "deleted user");
    assert_eq!(update.member_count, 1);
    let rows = t.bo.rows(t.room).await;
    assert_eq!(rows[0].content, t.said.content, "kept");
    assert_eq!(rows[0].sender_name, "deleted user");
    let reaction = &rows[1].reactions[0];
    assert_eq!((reaction.count, &reaction.users[..]), (1, &[t.bo.id][..]));
    assert!(rows[1].rev > t.answer.rev);
    let forwarded =
        t.bo.get(&format!("/chat/messages/{}", t.forward.message_id))
            .await
            .1;
    assert_eq!(forwarded["forwarded"]["sender_name"], "deleted user");
    // The room found another owner; the direct room stays the other's.
    let (_, room) = t.bo.get(&format!("/chat/rooms/{}", t.room)).await;
    assert_eq!(room["role"], "owner");
    t.bo.send(t.direct, "to nobody").await;
    let (_, found) = t.bo.get("/users?query=deleted").await;
    assert_eq!(found["users"], json!([]));
    let path = format!("/chat/rooms/{}/members/{}", t.room, t.ada.id);
    assert_eq!(t.bo.post(&path, json!({})).await.0, StatusCode::NOT_FOUND);
    let mut tx = server.app.db.snapshot().await.unwrap();
    assert_eq!(tx.next_scheduled().await.unwrap(), None);
    assert!(
        tx.erasure(t.ada.id)
            .await
            .unwrap()
            .unwrap()
            .done_at
            .is_some()
    );
    drop(tx);
    assert!(RULES.iter().any(|rule| rule.name == "users.erased_empty"));
    holds(&server).await;
    // The name is free again, for somebody else.
    let body = json!({ "name": "x" });
    assert!(t.bo.post("/chat/rooms", body).await.0.is_success());
    let other = server.user("ada").await;
    assert_ne!(other.id, t.ada.id);
}

#[tokio::test]
async fn messages_of_an_erased_user_go_if_they_say_so_and_counts_stay_exact() {
    let server = Server::start().await;
    let t = traces(&server).await;
    for n in 0..150 {
        t.ada.send(t.room, &format!("word {n}")).await;
    }
    assert_eq!(t.bo.unread_count(t.room).await, 151);
    assert_eq!(t.ada.erase("ada", "remove").await.0, StatusCode::NO_CONTENT);
    server.app.run_due().await.unwrap();
    server.app.index().await.unwrap();
    for room in [t.room, t.direct] {
        for row in t.bo.rows(room).await {
            let is_hers = row.sender_id == t.ada.id;
            assert_eq!(row.is_deleted(), is_hers, "{row:?}");
            assert!(!is_hers || row.content.is_empty());
        }
    }
    assert_eq!(t.bo.unread_count(t.room).await, 0);
    let (_, found) =
        t.bo.post("/chat/search", json!({ "query": "\"word 7\"" }))
            .await;
    assert_eq!(found["hits"], json!([]), "{found}");
    // What others forwarded is theirs, and names nobody.
    let (_, forwarded) =
        t.bo.get(&format!("/chat/messages/{}", t.forward.message_id))
            .await;
    assert_eq!(forwarded["content"], t.said.content);
    assert_eq!(forwarded["forwarded"]["sender_name"], "deleted user");
    holds(&server).await;
}

#[tokio::test]
async fn an_erasure_goes_on_where_it_was_stopped_and_each_step_is_done_once() {
    let server = Server::start().await;
    let t = traces(&server).await;
    assert_eq!(t.ada.erase("ada", "remove").await.0, StatusCode::NO_CONTENT);
    // Two nodes at once, many times.
    let both = async || {
        let app = &server.app;
        let (a, b) = tokio::join!(app.run_due(), app.run_due());
        a.unwrap();
        b.unwrap();
    };
    both().await;
    let revs = |rows: Vec<Message>| rows.iter().map(|row| row.rev).collect::<Vec<_>>();
    let before = revs(t.bo.rows(t.room).await);
    both().await;
    assert_eq!(revs(t.bo.rows(t.room).await), before);
    let mut tx = server.app.db.snapshot().await.unwrap();
    assert!(tx.user(t.ada.id).await.unwrap().unwrap().erased_at > Some(Timestamp(0).0));
    drop(tx);
    holds(&server).await;
}
