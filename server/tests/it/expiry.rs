//! Messages that go by themselves.

use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{ExpiryFrom, Lifetime, Message, MessageId, RoomId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket, code};

const MINUTE: Duration = Duration::from_mins(1);

impl Person {
    /// Sends a message that goes by itself, and gives its row.
    async fn send_for(&self, room: RoomId, text: &str, lifetime: Value) -> Message {
        let mut body = lifetime;
        body["content"] = json!(text);
        let path = format!("/chat/rooms/{room}/messages");
        let (status, row) = self.post(&path, body).await;
        assert_eq!(status, StatusCode::CREATED, "{row}");
        serde_json::from_value(row).unwrap()
    }

    async fn row(&self, id: MessageId) -> Message {
        let (status, row) = self.get(&format!("/chat/messages/{id}")).await;
        assert_eq!(status, StatusCode::OK, "{row}");
        serde_json::from_value(row).unwrap()
    }

    async fn set_lifetime(&self, room: RoomId, body: Value) -> (StatusCode, Value) {
        let path = format!("/chat/rooms/{room}/lifetime");
        self.ask(Method::PUT, &path, Some(body)).await
    }

    async fn read_up_to(&self, room: RoomId, seq: i64) {
        let path = format!("/chat/rooms/{room}/read");
        let (status, body) = self.post(&path, json!({ "seq": seq })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
}

impl Server {
    async fn later(&self, by: Duration) {
        self.pass(by);
        self.app.run_due().await.unwrap();
    }
}

async fn updated(socket: &mut Socket) -> Message {
    let frames = socket
        .until(|frame| matches!(frame, ServerFrame::MessageUpdated(_)))
        .await;
    match frames.into_iter().next_back() {
        Some(ServerFrame::MessageUpdated(row)) => row,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_goes_when_its_time_comes_and_nothing_of_it_is_left() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let sent = ada
        .send_for(room, "@bo the secret plan", json!({ "expires_in": 60 }))
        .await;
    let id = sent.message_id;
    assert_eq!(
        sent.expiry.unwrap().at,
        Some(sent.created_at.plus_ms(60_000))
    );
    let about = format!("/chat/messages/{id}");
    ada.ask(
        Method::PUT,
        &about,
        Some(json!({ "content": "@bo the plan" })),
    )
    .await;
    bo.post(&format!("{about}/reactions"), json!({ "emoji": "👍" }))
        .await;
    ada.ask(Method::PUT, &format!("{about}/pin"), None).await;
    let (_, copy) = ada
        .post(&format!("{about}/forward"), json!({ "room_ids": [room] }))
        .await;
    server.app.index().await.unwrap();
    let mut ear = bo.socket().await;

    server.later(Duration::from_millis(59_999)).await;
    assert_eq!(bo.row(id).await.content, "@bo the plan");
    server.later(Duration::from_millis(1)).await;
    let gone = updated(&mut ear).await;
    assert!(gone.has_expired(), "{gone:?}");
    assert_eq!((gone.message_id, gone.seq), (id, sent.seq));
    assert_eq!(
        (&*gone.content, gone.reactions.len(), gone.pinned),
        ("", 0, None)
    );
    assert_eq!(bo.row(id).await, gone);
    let (_, history) = bo.get(&format!("{about}/history")).await;
    assert_eq!(history["versions"], json!([]));
    let (_, pins) = bo.get(&format!("/chat/rooms/{room}/pins")).await;
    assert_eq!(pins["messages"], json!([]));
    let (_, rooms) = bo.get("/chat/rooms").await;
    let unread = &rooms["rooms"][0]["unread"];
    assert_eq!(unread["mentions"], 0, "{unread}");
    server.app.index().await.unwrap();
    let (_, found) = bo.post("/chat/search", json!({ "query": "secret" })).await;
    assert_eq!(found["hits"], json!([]), "{found}");
    // A copy is a message of its own.
    assert_ne!(copy, Value::Null);
    let (_, page) = bo.get(&format!("/chat/rooms/{room}/messages")).await;
    assert_eq!(page["messages"][1]["content"], "@bo the plan", "{page}");
    // Once, and for good.
    server.later(MINUTE).await;
    assert_eq!(bo.row(id).await.rev, gone.rev);
    let edit = json!({ "content": "again" });
    let (_, refused) = ada.ask(Method::PUT, &about, Some(edit)).await;
    assert_eq!(code(&refused), "message_deleted");
}

#[tokio::test]
async fn a_time_from_reading_begins_when_the_first_of_the_others_has_read_it() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let room = ada.room("den", &[&bo, &cy]).await;
    let wish = json!({ "expires_in": 60, "expires_from": "read" });
    let one = ada.send_for(room, "one", wish.clone()).await;
    let two = ada.send_for(room, "two", wish).await;
    assert_eq!(one.expiry.unwrap().after_read_s, Some(60));
    ada.read_up_to(room, 2).await;
    server.later(MINUTE * 10).await;
    assert_eq!(
        ada.row(one.message_id).await,
        one,
        "its sender doesn't count"
    );

    let mut ear = ada.socket().await;
    bo.read_up_to(room, 1).await;
    server.app.run_due().await.unwrap();
    let counting = updated(&mut ear).await;
    assert_eq!(counting.message_id, one.message_id);
    let expiry = counting.expiry.unwrap();
    assert_eq!(expiry.after_read_s, None);
    server.later(MINUTE / 2).await;
    cy.read_up_to(room, 2).await;
    server.app.run_due().await.unwrap();
    let counting = updated(&mut ear).await;
    assert_eq!(counting.message_id, two.message_id);
    assert_eq!(
        ada.row(one.message_id).await.expiry,
        Some(expiry),
        "the first counts, and only once"
    );
    server.later(MINUTE / 2).await;
    assert!(ada.row(one.message_id).await.has_expired());
    assert!(!ada.row(two.message_id).await.is_deleted());
    server.later(MINUTE / 2).await;
    assert!(ada.row(two.message_id).await.has_expired());
}

#[tokio::test]
async fn who_manages_a_room_says_how_long_its_new_messages_stay() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let old = ada.send_for(room, "old", json!({})).await;
    let mut ear = bo.socket().await;
    let (_, refused) = bo.set_lifetime(room, json!({ "expires_in": 60 })).await;
    assert_eq!(code(&refused), "forbidden");
    let (status, set) = ada.set_lifetime(room, json!({ "expires_in": 60 })).await;
    assert_eq!(status, StatusCode::OK, "{set}");
    let frames = ear
        .until(|frame| matches!(frame, ServerFrame::RoomUpdated(_)))
        .await;
    let Some(ServerFrame::RoomUpdated(told)) = frames.last() else {
        panic!("{frames:?}")
    };
    let from = ExpiryFrom::Sent;
    let lifetime = Some(Lifetime { after_s: 60, from });
    assert_eq!(told.settings.lifetime, lifetime);
    let (_, again) = ada.set_lifetime(room, json!({ "expires_in": 60 })).await;
    assert_eq!(again["rev"], set["rev"], "nothing is different");

    let new = bo.send_for(room, "new", json!({})).await;
    let sooner = bo
        .send_for(room, "sooner", json!({ "expires_in": 10 }))
        .await;
    let not_later = bo
        .send_for(room, "not later", json!({ "expires_in": 600 }))
        .await;
    server.later(Duration::from_secs(10)).await;
    assert!(bo.row(sooner.message_id).await.has_expired());
    assert!(!bo.row(new.message_id).await.is_deleted());
    ada.set_lifetime(room, json!({ "expires_in": null })).await;
    let free = ada.send_for(room, "free", json!({})).await;
    assert_eq!(free.expiry, None);
    server.later(MINUTE).await;
    assert!(bo.row(new.message_id).await.has_expired());
    assert!(bo.row(not_later.message_id).await.has_expired());
    for stays in [&old, &free] {
        assert!(!bo.row(stays.message_id).await.is_deleted());
    }
}

#[tokio::test]
async fn in_a_direct_room_both_say_how_long_messages_stay() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let body = json!({ "type": "direct", "member_ids": [bo.id] });
    let (_, room) = ada.post("/chat/rooms", body).await;
    let room = RoomId(room["id"].as_i64().unwrap());
    let accepted = json!({ "type": "direct", "member_ids": [ada.id] });
    bo.post("/chat/rooms", accepted).await;
    for (who, s) in [(&ada, 60), (&bo, 120)] {
        let (status, body) = who.set_lifetime(room, json!({ "expires_in": s })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!(body["settings"]["lifetime"]["after_s"], s);
    }
    let eve = server.user("eve").await;
    let (_, hidden) = eve.set_lifetime(room, json!({ "expires_in": 60 })).await;
    assert_eq!(code(&hidden), "not_found");
}

#[tokio::test]
async fn too_short_and_too_long_are_refused() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    for s in [0, 4, 367 * 86_400 + 1] {
        let (status, refused) = ada.set_lifetime(room, json!({ "expires_in": s })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
        let body = json!({ "content": "x", "expires_in": s });
        let path = format!("/chat/rooms/{room}/messages");
        assert_eq!(code(&ada.post(&path, body).await.1), "validation_failed");
    }
}

#[tokio::test]
async fn a_repetition_with_another_time_is_another_message() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let id = "01920000-0000-7000-8000-000000000001";
    let wish = json!({ "client_id": id, "expires_in": 60 });
    let first = ada.send_for(room, "once", wish.clone()).await;
    assert_eq!(ada.send_for(room, "once", wish).await, first);
    let body = json!({ "content": "once", "client_id": id, "expires_in": 61 });
    let path = format!("/chat/rooms/{room}/messages");
    assert_eq!(code(&ada.post(&path, body).await.1), "client_id_reused");
}

#[tokio::test]
async fn two_nodes_and_a_restart_delete_each_once_and_count_once() {
    let first = Server::start().await;
    let ada = first.user("ada").await;
    let bo = first.user("bo").await;
    let room = ada.room("den", &[&bo]).await;
    for n in 0..150 {
        let from = if n % 2 == 0 { "read" } else { "sent" };
        let wish = json!({ "expires_in": 60, "expires_from": from });
        ada.send_for(room, &n.to_string(), wish).await;
    }
    let (_, before) = ada.get(&format!("/chat/rooms/{room}")).await;
    bo.read_up_to(room, 150).await;
    let race = async || {
        let (a, b) = tokio::join!(first.app.run_due(), first.app.run_due());
        a.and(b).unwrap();
    };
    race().await;
    first.pass(MINUTE);
    race().await;
    let (_, page) = ada
        .get(&format!("/chat/rooms/{room}/messages?limit=100"))
        .await;
    let rows: Vec<Message> = serde_json::from_value(page["messages"].clone()).unwrap();
    assert!(rows.iter().all(Message::has_expired));
    let (_, after) = ada.get(&format!("/chat/rooms/{room}")).await;
    let head = |room: &Value| room["unread"]["at_rev"].as_i64().unwrap();
    // Half began to count, all were deleted: a change each, and none twice.
    assert_eq!(head(&after) - head(&before), 75 + 150);
}

#[tokio::test]
async fn the_timer_does_it_by_itself_and_after_a_restart() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let mut ear = ada.socket().await;
    let sent = ada.send_for(room, "soon", json!({ "expires_in": 5 })).await;
    // The timer slept without knowing of it.
    server.pass(Duration::from_secs(5));
    let gone = updated(&mut ear).await;
    assert_eq!(gone.message_id, sent.message_id);
    assert!(gone.has_expired());
}

#[tokio::test]
async fn many_that_go_at_once_do_not_keep_others_from_writing() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let other = ada.room("attic", &[]).await;
    ada.set_lifetime(room, json!({ "expires_in": 60 })).await;
    for n in 0..1_000 {
        ada.send(room, &format!("{n}")).await;
    }
    server.pass(MINUTE);
    let going = async {
        server.app.run_due().await.unwrap();
        ada.send(other, "after all of them").await
    };
    let writing = async { ada.send(other, "between them").await };
    let (after, between) = tokio::join!(going, writing);
    assert!(
        between.seq < after.seq,
        "it was written before all were gone"
    );
    let (_, page) = ada.get(&format!("/chat/rooms/{room}/messages")).await;
    let rows: Vec<Message> = serde_json::from_value(page["messages"].clone()).unwrap();
    assert!(rows.iter().all(Message::has_expired));
}
