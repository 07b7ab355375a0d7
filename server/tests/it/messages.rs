//! Messages over REST.

use erc_protocol::{Message, RoomId, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code, on_postgres};

async fn page(person: &Person, room: RoomId, query: &str) -> Value {
    let (status, body) = person
        .get(&format!("/chat/rooms/{room}/messages{query}"))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

fn seqs(page: &Value) -> Vec<i64> {
    let messages = page["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| message["seq"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_message_has_the_fields_of_the_brief() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let body = json!({ "content": "Hello world!", "message_type": "text" });
    let (status, message) = ada
        .post(&format!("/chat/rooms/{room}/messages"), body)
        .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(message["message_id"], 1);
    assert_eq!(message["chat_room_id"], room.0);
    assert_eq!(message["sender_id"], ada.id.0);
    assert_eq!(message["sender_name"], "ada");
    assert_eq!(message["content"], "Hello world!");
    assert_eq!(message["message_type"], "text");
    assert_eq!(message["created_at"], "2026-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn history_is_paged_both_ways_without_holes() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    for n in 1..=12 {
        ada.send(room, &format!("message {n}")).await;
    }
    let newest = page(&ada, room, "?limit=5").await;
    assert_eq!(
        (seqs(&newest), &newest["has_more"]),
        (vec![8, 9, 10, 11, 12], &json!(true))
    );
    let older = page(&ada, room, "?limit=7&before_seq=8").await;
    assert_eq!(
        (seqs(&older), &older["has_more"]),
        (vec![1, 2, 3, 4, 5, 6, 7], &json!(false))
    );
    let newer = page(&ada, room, "?limit=4&after_seq=8").await;
    assert_eq!(
        (seqs(&newer), &newer["has_more"]),
        (vec![9, 10, 11, 12], &json!(false))
    );
    let around = page(&ada, room, "?limit=4&around_seq=6").await;
    assert_eq!(seqs(&around), vec![4, 5, 6, 7]);
    assert_eq!(
        seqs(&page(&ada, room, "?before_seq=1").await),
        Vec::<i64>::new()
    );
    for query in [
        "?limit=0",
        "?limit=101",
        "?before_seq=-1",
        "?before_seq=3&after_seq=1",
    ] {
        let (status, _) = ada
            .get(&format!("/chat/rooms/{room}/messages{query}"))
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
    let (status, _) = ada
        .get(&format!("/chat/rooms/{room}/messages?limit=many"))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        page(&ada, room, &format!("?limit={}", limit::PAGE_MESSAGES))
            .await
            .is_object()
    );
}

#[tokio::test]
async fn the_same_client_id_is_one_message_for_ever() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let other = ada.room("other", &[]).await;
    let path = format!("/chat/rooms/{room}/messages");
    let id = "0198c5a0-0000-7000-8000-000000000001";
    let body = json!({ "content": "once", "client_id": id });
    let (_, first) = ada.post(&path, body.clone()).await;
    assert_eq!(ada.post(&path, body.clone()).await.1, first);
    let changed = json!({ "content": "twice", "client_id": id });
    let (status, answer) = ada.post(&path, changed.clone()).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "client_id_reused")
    );
    let elsewhere = format!("/chat/rooms/{other}/messages");
    assert_eq!(
        ada.post(&elsewhere, body.clone()).await.0,
        StatusCode::CONFLICT
    );

    let message = format!("/chat/messages/{}", first["message_id"]);
    ada.ask(Method::PUT, &message, Some(json!({ "content": "edited" })))
        .await;
    assert_eq!(ada.post(&path, body.clone()).await.1["content"], "edited");
    ada.ask(Method::DELETE, &message, None).await;
    let (status, tombstone) = ada.post(&path, body).await;
    assert_eq!(
        (status, tombstone["content"].as_str()),
        (StatusCode::CREATED, Some(""))
    );
    assert_eq!(seqs(&page(&ada, room, "").await), vec![1]);
}

#[tokio::test]
async fn another_sender_may_use_the_same_client_id() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let body = json!({ "content": "x", "client_id": "0198c5a0-0000-7000-8000-000000000001" });
    for person in [&ada, &bo] {
        let (status, _) = person
            .post(&format!("/chat/rooms/{room}/messages"), body.clone())
            .await;
        assert_eq!(status, StatusCode::CREATED);
    }
}

#[tokio::test]
async fn only_its_author_edits_a_message_and_a_conflict_is_told() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let message = bo.send(room, "tpyo").await;
    let path = format!("/chat/messages/{}", message.message_id);
    let put = async |person: &Person, body: Value| person.ask(Method::PUT, &path, Some(body)).await;
    assert_eq!(
        put(&ada, json!({ "content": "x" })).await.0,
        StatusCode::FORBIDDEN
    );
    let edit_id = "0198c5a0-0000-7000-8000-0000000000aa";
    let edit = json!({ "content": "typo", "client_id": edit_id, "base_rev": message.rev });
    let (status, edited) = put(&bo, edit.clone()).await;
    assert_eq!(
        (status, edited["content"].as_str()),
        (StatusCode::OK, Some("typo"))
    );
    assert!(edited["edited_at"].is_string());
    // The answer was lost: the same edit again changes nothing, although its base is old now.
    assert_eq!(put(&bo, edit.clone()).await.1, edited);
    let late = json!({ "content": "other", "base_rev": message.rev });
    let (status, answer) = put(&bo, late).await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::CONFLICT, "edit_conflict")
    );
    put(&bo, json!({ "content": "newer" })).await;
    assert_eq!(put(&bo, edit).await.1["content"], "newer");
}

#[tokio::test]
async fn a_deleted_message_leaves_a_tombstone_and_nothing_of_its_text() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let room = ada.room("general", &[&bo, &cy]).await;
    let message = bo.send(room, "a secret word").await;
    let path = format!("/chat/messages/{}", message.message_id);
    bo.ask(
        Method::PUT,
        &path,
        Some(json!({ "content": "another secret word" })),
    )
    .await;
    assert_eq!(
        cy.ask(Method::DELETE, &path, None).await.0,
        StatusCode::FORBIDDEN
    );
    let (status, tombstone) = ada.ask(Method::DELETE, &path, None).await;
    assert_eq!(
        (status, tombstone["content"].as_str()),
        (StatusCode::OK, Some(""))
    );
    assert_eq!(bo.ask(Method::DELETE, &path, None).await.1, tombstone);
    let (status, answer) = bo
        .ask(Method::PUT, &path, Some(json!({ "content": "x" })))
        .await;
    assert_eq!(
        (status, code(&answer)),
        (StatusCode::GONE, "message_deleted")
    );
    let reply = json!({ "content": "what?", "reply_to": message.message_id });
    let (status, _) = cy
        .post(&format!("/chat/rooms/{room}/messages"), reply)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

    if on_postgres() {
        return;
    }
    server.app.db.close().await;
    let bytes = std::fs::read(server.app.config.data_dir.join("erc.db")).unwrap();
    let holds = |word: &str| {
        bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes())
    };
    assert!(holds("general") && !holds("secret word"));
}

#[tokio::test]
async fn a_reply_names_a_message_of_the_same_room() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let (room, other) = (ada.room("general", &[]).await, ada.room("other", &[]).await);
    let parent = ada.send(room, "a question").await;
    let body = json!({ "content": "an answer", "reply_to": parent.message_id });
    let (_, reply) = ada
        .post(&format!("/chat/rooms/{room}/messages"), body.clone())
        .await;
    let reply: Message = serde_json::from_value(reply).unwrap();
    assert_eq!(reply.reply_to, Some(parent.message_id));
    let (status, _) = ada
        .post(&format!("/chat/rooms/{other}/messages"), body)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn only_moderators_write_in_an_announcement_room() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada
        .room_with(json!({ "name": "news", "type": "announcement", "member_ids": [bo.id] }))
        .await;
    ada.send(room, "hear, hear").await;
    let (status, body) = bo
        .post(
            &format!("/chat/rooms/{room}/messages"),
            json!({ "content": "me too" }),
        )
        .await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
}

#[tokio::test]
async fn who_joins_a_room_of_joined_history_sees_only_what_comes_after() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada
        .room_with(json!({ "name": "fresh", "history": "joined" }))
        .await;
    let old = ada.send(room, "before").await;
    bo.post(&format!("/chat/rooms/{room}/join"), json!({}))
        .await;
    ada.send(room, "after").await;
    let seen = page(&bo, room, "").await;
    assert_eq!((seqs(&seen), &seen["has_more"]), (vec![2], &json!(false)));
    assert_eq!(seqs(&page(&bo, room, "?around_seq=1").await), vec![2]);
    assert_eq!(
        bo.get(&format!("/chat/messages/{}", old.message_id))
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    let reply = json!({ "content": "to what?", "reply_to": old.message_id });
    let (status, _) = bo
        .post(&format!("/chat/rooms/{room}/messages"), reply)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        bo.get("/chat/rooms").await.1["rooms"][0]["unread"]["count"],
        1
    );
}

#[tokio::test]
async fn unread_counts_others_messages_above_the_mark_and_the_mark_never_falls() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    for n in 1..=4 {
        ada.send(room, &format!("{n}")).await;
    }
    bo.send(room, "mine").await;
    let doomed = ada.send(room, "doomed").await;
    ada.ask(
        Method::DELETE,
        &format!("/chat/messages/{}", doomed.message_id),
        None,
    )
    .await;
    let read = async |seq: i64| {
        let path = format!("/chat/rooms/{room}/read");
        let (status, unread) = bo.post(&path, json!({ "seq": seq })).await;
        assert_eq!(status, StatusCode::OK);
        (
            unread["count"].as_i64().unwrap(),
            unread["read_seq"].as_i64().unwrap(),
        )
    };
    assert_eq!(read(0).await, (4, 0));
    assert_eq!(read(3).await, (1, 3));
    assert_eq!(read(1).await, (1, 3));
    assert_eq!(read(-5).await, (1, 3));
    assert_eq!(read(1_000).await, (0, 6));
}
