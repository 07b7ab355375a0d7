//! Blocking: what the blocked can't do any more, and what stays as it is.

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{Block, Message, RoomId, Row, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket, code};

impl Person {
    async fn block(&self, other: &Person, reason: &str) -> (StatusCode, Value) {
        let path = format!("/users/me/blocks/{}", other.id);
        let body = json!({ "reason": reason });
        self.ask(Method::PUT, &path, Some(body)).await
    }

    async fn unblock(&self, other: &Person) {
        let path = format!("/users/me/blocks/{}", other.id);
        let (status, body) = self.ask(Method::DELETE, &path, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{body}");
    }

    async fn blocks(&self) -> Vec<Block> {
        let (_, list) = self.get("/users/me/blocks").await;
        serde_json::from_value(list["blocks"].clone()).unwrap()
    }

    async fn direct(&self, other: &Person) -> (StatusCode, Value) {
        let body = json!({ "type": "direct", "member_ids": [other.id] });
        self.post("/chat/rooms", body).await
    }

    async fn unread(&self, room: RoomId) -> (i64, i64) {
        let (_, body) = self.get(&format!("/chat/rooms/{room}")).await;
        let count = |field: &str| body["unread"][field].as_i64().unwrap();
        (count("count"), count("mentions"))
    }
}

/// The rows of the next frame that tells of some.
async fn told(socket: &mut Socket) -> Vec<Block> {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(user) = sync.user
            && !user.blocks.is_empty()
        {
            return user.blocks.into_iter().filter_map(Row::known).collect();
        }
    }
}

fn is_forbidden((status, body): &(StatusCode, Value)) {
    assert_eq!((*status, code(body)), (StatusCode::FORBIDDEN, "forbidden"));
    let words = body["error"]["message"].as_str().unwrap();
    assert!(!words.contains("block"), "it says too much: {words}");
}

#[tokio::test]
async fn a_block_reaches_every_device_of_the_blocker_and_nobody_else() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let mut phone = server.sign_in("ada").await.socket().await;
    let (status, made) = ada.block(&bo, "too loud").await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let rows = told(&mut phone).await;
    assert_eq!(
        (rows[0].user_id, rows[0].reason.as_str()),
        (bo.id, "too loud")
    );
    assert!(rows[0].blocked_at.is_some());
    // The same again is no change; another reason is.
    assert_eq!(ada.block(&bo, "too loud").await.1, made);
    let (_, again) = ada.block(&bo, "still").await;
    assert_eq!(again["blocked_at"], made["blocked_at"]);
    assert_eq!(told(&mut phone).await[0].reason, "still");
    assert_eq!(ada.blocks().await.len(), 1);
    assert_eq!(bo.blocks().await, []);
    ada.unblock(&bo).await;
    ada.unblock(&bo).await;
    assert_eq!(told(&mut phone).await[0].blocked_at, None);
    assert_eq!(ada.blocks().await, []);
    // A new device hears only of those that hold.
    let mut fresh = server.sign_in("ada").await.socket().await;
    for frame in fresh.drain().await {
        if let ServerFrame::Sync(sync) = frame {
            assert!(sync.user.is_none_or(|user| user.blocks.is_empty()));
        }
    }
    let (status, body) = ada.block(&ada, "").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
}

#[tokio::test]
async fn the_blocked_open_no_direct_room_and_add_nothing_to_one_that_is_there() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let cy = server.user("cy").await;
    let (_, made) = bo.direct(&ada).await;
    let room = RoomId(made["id"].as_i64().unwrap());
    let before = bo.send(room, "before").await;
    ada.block(&bo, "").await;
    ada.block(&cy, "").await;
    let path = format!("/chat/rooms/{room}/messages");
    is_forbidden(&bo.post(&path, json!({ "content": "after" })).await);
    let id = before.message_id;
    let body = Some(json!({ "content": "changed" }));
    is_forbidden(
        &bo.ask(Method::PUT, &format!("/chat/messages/{id}"), body)
            .await,
    );
    let mine = ada.send(room, "one way").await;
    let reaction = format!("/chat/messages/{}/reactions", mine.message_id);
    is_forbidden(&bo.post(&reaction, json!({ "emoji": "👍" })).await);
    is_forbidden(&cy.direct(&ada).await);
    // The blocker is told why: it is their own doing.
    let (status, body) = ada.direct(&cy).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body["error"]["message"].as_str().unwrap().contains("block"));
    // What is there stays, may be read, and may be taken back.
    assert_eq!(bo.direct(&ada).await.1["id"], json!(room));
    let (status, _) = bo
        .ask(Method::DELETE, &format!("/chat/messages/{id}"), None)
        .await;
    assert_eq!(status, StatusCode::OK);
    ada.unblock(&bo).await;
    ada.unblock(&cy).await;
    bo.send(room, "after").await;
    assert_eq!(cy.direct(&ada).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn the_blocked_call_nobody_and_add_nobody_but_their_messages_come_and_count() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let cy = server.user("cy").await;
    let room = bo.room("den", &[&ada, &cy]).await;
    bo.send(room, "@ada before").await;
    assert_eq!(ada.unread(room).await, (1, 1));
    ada.block(&bo, "").await;
    let mut ear = ada.socket().await;
    for text in ["@ada and @cy", "@all of you"] {
        let said: Message = bo.send(room, text).await;
        assert_eq!(said.mentions, [cy.id], "{text}");
        let heard = ear
            .until(|frame| matches!(frame, ServerFrame::NewMessage(_)))
            .await;
        assert!(!heard.is_empty(), "a block filters no frame");
    }
    // Counted like any other message, by the server as by clients, but calling nobody.
    assert_eq!(ada.unread(room).await, (3, 1));
    assert_eq!(cy.unread(room).await, (3, 2));
    cy.send(room, "@ada").await;
    assert_eq!(ada.unread(room).await, (4, 2));
    let other = bo.room("other", &[]).await;
    let path = format!("/chat/rooms/{other}/members/{}", ada.id);
    is_forbidden(&bo.post(&path, json!({})).await);
    let with = json!({ "name": "with", "member_ids": [ada.id] });
    is_forbidden(&bo.post("/chat/rooms", with).await);
    ada.unblock(&bo).await;
    assert_eq!(bo.send(room, "@ada").await.mentions, [ada.id]);
}

#[tokio::test]
async fn so_many_people_are_blocked_and_no_more() {
    let server = Server::start_with(|config| config.rate_limits = false).await;
    let ada = server.user("ada").await;
    let mut tx = server.app.db.begin().await.unwrap();
    let mut others = Vec::new();
    for n in 0..=limit::BLOCKS {
        let user = erc_server::store::NewUser {
            username: format!("u{n}"),
            display_name: format!("U{n}"),
            role: erc_protocol::ServerRole::Member,
            password_hash: None,
        };
        let now = server.app.clock.now();
        let row = tx.insert_user(&user, now).await.unwrap();
        others.push(row.id);
        if n < limit::BLOCKS - 1 {
            let rev = tx.next_user_rev(ada.id).await.unwrap();
            tx.put_block(ada.id, row.id, "", Some(now), rev)
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
    let block = async |at: i64| {
        let id = others[usize::try_from(at).unwrap()];
        let path = format!("/users/me/blocks/{id}");
        ada.ask(Method::PUT, &path, None).await
    };
    assert_eq!(block(limit::BLOCKS - 1).await.0, StatusCode::OK);
    let (status, body) = block(limit::BLOCKS).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "limit_reached")
    );
    // Who is blocked already may still be given another reason.
    let path = format!("/users/me/blocks/{}", others[0]);
    let body = Some(json!({ "reason": "x" }));
    assert_eq!(ada.ask(Method::PUT, &path, body).await.0, StatusCode::OK);
}
