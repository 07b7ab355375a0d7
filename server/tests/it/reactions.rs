//! What is done about messages that stay as they are: reactions, pins, forwarding, and the texts
//! that they had before.

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{MessageId, RoomId, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code};

impl Person {
    async fn react(&self, message: MessageId, body: Value) -> (StatusCode, Value) {
        let path = format!("/chat/messages/{message}/reactions");
        self.post(&path, body).await
    }

    async fn pin(&self, message: MessageId, method: Method) -> (StatusCode, Value) {
        let path = format!("/chat/messages/{message}/pin");
        self.ask(method, &path, None).await
    }

    async fn pins(&self, room: RoomId) -> Vec<i64> {
        let (status, list) = self.get(&format!("/chat/rooms/{room}/pins")).await;
        assert_eq!(status, StatusCode::OK, "{list}");
        let messages = list["messages"].as_array().unwrap();
        let ids = messages.iter().map(|row| row["message_id"].as_i64());
        ids.map(Option::unwrap).collect()
    }
}

#[tokio::test]
async fn reactions_stand_in_the_row_and_everybody_hears_them() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let message = ada.send(room, "tea?").await;
    let id = message.message_id;
    let mut socket = bo.socket().await;

    let (status, row) = bo.react(id, json!({ "emoji": "❤", "on": true })).await;
    assert_eq!(status, StatusCode::OK, "{row}");
    assert_eq!(
        row["reactions"],
        json!([{ "emoji": "❤\u{fe0f}", "count": 1, "users": [bo.id] }]),
        "in the one form that is kept"
    );
    let rev = row["rev"].as_i64().unwrap();
    assert_eq!(rev, message.rev.0 + 1);
    let heard = socket
        .until(|frame| matches!(frame, ServerFrame::MessageUpdated(_)))
        .await;
    let Some(ServerFrame::MessageUpdated(heard)) = heard.last() else {
        unreachable!("it was looked for");
    };
    assert_eq!(serde_json::to_value(heard).unwrap(), row);

    // Again is no change, in whatever form.
    let (_, again) = bo
        .react(id, json!({ "emoji": "❤\u{fe0f}", "on": true }))
        .await;
    assert_eq!(again, row);
    let (_, row) = ada.react(id, json!({ "emoji": "👍" })).await;
    let (_, row_2) = ada.react(id, json!({ "emoji": "❤" })).await;
    assert_eq!(row["reactions"][1]["emoji"], json!("👍"));
    assert_eq!(row_2["reactions"][0]["users"], json!([bo.id, ada.id]));
    // Without `on` it is the other way round.
    let (_, row) = ada.react(id, json!({ "emoji": "👍" })).await;
    assert_eq!(row["reactions"].as_array().unwrap().len(), 1);

    let path = format!("/chat/messages/{id}/reactions");
    let (_, list) = ada.get(&path).await;
    let who: Vec<_> = list["reactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["user_id"], &one["display_name"]))
        .collect();
    let (a, b) = (json!(ada.id), json!(bo.id));
    assert_eq!(who, [(&b, &json!("bo")), (&a, &json!("ada"))]);

    for (emoji, expected) in [("❤", vec![ada.id]), ("🦀", vec![ada.id])] {
        let (_, row) = bo.react(id, json!({ "emoji": emoji, "on": false })).await;
        assert_eq!(row["reactions"][0]["users"], json!(expected));
    }
}

#[tokio::test]
async fn what_is_no_emoji_and_what_one_may_not_see_is_refused() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada
        .room_with(json!({ "name": "den", "is_private": true }))
        .await;
    let id = ada.send(room, "mine").await.message_id;
    for emoji in ["", "x", ":heart:", "👍👍", "\u{200d}"] {
        let (status, body) = ada.react(id, json!({ "emoji": emoji })).await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed")
        );
    }
    let (status, _) = bo.react(id, json!({ "emoji": "👍" })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    for path in ["reactions", "history"] {
        let (status, _) = bo.get(&format!("/chat/messages/{id}/{path}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    let (status, _) = bo.pin(id, Method::PUT).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = bo.get(&format!("/chat/rooms/{room}/pins")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let target = bo.room("mine", &[]).await;
    let forward = format!("/chat/messages/{id}/forward");
    let (status, _) = bo.post(&forward, json!({ "room_ids": [target] })).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_message_has_so_many_different_emoji_and_no_more() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let id = ada.send(room, "popular").await.message_id;
    let food: Vec<char> = ('🍇'..='🍿').take(limit::REACTIONS + 1).collect();
    let (last, first) = food.split_last().unwrap();
    for emoji in first {
        let (status, body) = ada.react(id, json!({ "emoji": emoji, "on": true })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    let (status, body) = ada.react(id, json!({ "emoji": last, "on": true })).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "limit_reached")
    );
    // One that is there is there for everybody.
    let (status, _) = bo.react(id, json!({ "emoji": first[0], "on": true })).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn with_a_deleted_message_all_that_hung_on_it_goes() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let id = ada.send(room, "a secret").await.message_id;
    ada.react(id, json!({ "emoji": "👍", "on": true })).await;
    ada.pin(id, Method::PUT).await;
    let path = format!("/chat/messages/{id}");
    let (_, tombstone) = ada.ask(Method::DELETE, &path, None).await;
    for field in ["reactions", "pinned", "forwarded", "edited_at"] {
        assert_eq!(tombstone[field], Value::Null, "{field}");
    }
    assert!(ada.pins(room).await.is_empty());
    let (_, list) = ada.get(&format!("{path}/reactions")).await;
    assert_eq!(list["reactions"], json!([]));
    let (_, history) = ada.get(&format!("{path}/history")).await;
    assert_eq!(history["versions"], json!([]));
    for (status, body) in [
        ada.react(id, json!({ "emoji": "👍", "on": true })).await,
        ada.pin(id, Method::PUT).await,
        ada.post(&format!("{path}/forward"), json!({ "room_ids": [room] }))
            .await,
    ] {
        assert_eq!((status, code(&body)), (StatusCode::GONE, "message_deleted"));
    }
}

#[tokio::test]
async fn moderators_pin_and_the_list_has_the_latest_first() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let first = ada.send(room, "rules").await.message_id;
    let second = bo.send(room, "plan").await.message_id;
    let (status, body) = bo.pin(second, Method::PUT).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    let (status, row) = ada.pin(second, Method::PUT).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(row["pinned"]["by"], json!(ada.id));
    let (_, again) = ada.pin(second, Method::PUT).await;
    assert_eq!(again, row, "again is no change");
    server.pass(std::time::Duration::from_secs(1));
    ada.pin(first, Method::PUT).await;
    assert_eq!(bo.pins(room).await, [first.0, second.0]);
    ada.pin(first, Method::DELETE).await;
    assert_eq!(bo.pins(room).await, [second.0]);
}

#[tokio::test]
async fn a_room_has_so_many_pins_and_no_more() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let mut last = None;
    for number in 0..=limit::PINS {
        let id = ada.send(room, &number.to_string()).await.message_id;
        last = Some((id, ada.pin(id, Method::PUT).await));
    }
    let (id, (status, body)) = last.unwrap();
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "limit_reached")
    );
    assert_eq!(ada.pins(room).await.len() as i64, limit::PINS);
    let newest = MessageId(id.0 - 1);
    ada.pin(newest, Method::DELETE).await;
    assert_eq!(ada.pin(id, Method::PUT).await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_is_forwarded_names_its_author_or_nobody_and_rings_nobody() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let from = ada.room("from", &[&bo]).await;
    let (to, other) = (bo.room("to", &[&ada]).await, bo.room("other", &[]).await);
    let hidden = ada
        .room_with(json!({ "name": "x", "is_private": true }))
        .await;
    let message = ada.send(from, "hello @ada").await;
    let path = format!("/chat/messages/{}/forward", message.message_id);
    let (status, done) = bo
        .post(&path, json!({ "room_ids": [to, hidden, other] }))
        .await;
    assert_eq!(status, StatusCode::OK, "{done}");
    let copy = &done["rooms"][0]["message"];
    assert_eq!(copy["content"], json!("hello @ada"));
    assert_eq!(copy["sender_id"], json!(bo.id));
    assert_eq!(copy["forwarded"]["sender_id"], json!(ada.id));
    assert_eq!(copy["forwarded"]["sender_name"], json!("ada"));
    assert_eq!(copy["forwarded"]["created_at"], json!(message.created_at));
    assert_eq!(copy["mentions"], Value::Null);
    assert!(
        !copy
            .to_string()
            .contains(&format!("\"{}\"", message.message_id))
    );
    assert_eq!(done["rooms"][1]["error"]["code"], json!("not_found"));
    assert_eq!(done["rooms"][2]["message"]["chat_room_id"], json!(other));

    // Forwarded again it is still Ada's, read back it is the same, and without a name it has none.
    let again = format!("/chat/messages/{}/forward", copy["message_id"]);
    let (_, done) = bo.post(&again, json!({ "room_ids": [other] })).await;
    assert_eq!(done["rooms"][0]["message"]["forwarded"], copy["forwarded"]);
    let (_, read) = ada
        .get(&format!("/chat/messages/{}", copy["message_id"]))
        .await;
    assert_eq!(&read, copy);
    let body = json!({ "room_ids": [other], "with_author": false });
    let (_, done) = bo.post(&path, body).await;
    assert_eq!(done["rooms"][0]["message"]["forwarded"], Value::Null);
}

#[tokio::test]
async fn forwarding_goes_to_some_rooms_at_a_time() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let id = ada.send(room, "news").await.message_id;
    let path = format!("/chat/messages/{id}/forward");
    let rooms = |count: usize| (0..count).map(|n| 1_000 + n).collect::<Vec<_>>();
    for (room_ids, expected) in [
        (rooms(0), StatusCode::UNPROCESSABLE_ENTITY),
        (rooms(limit::FORWARD_ROOMS), StatusCode::OK),
        (
            rooms(limit::FORWARD_ROOMS + 1),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (vec![1, 1], StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let (status, body) = ada.post(&path, json!({ "room_ids": room_ids })).await;
        assert_eq!(status, expected, "{body}");
    }
}

#[tokio::test]
async fn every_text_that_a_message_had_is_told() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let message = ada.send(room, "frist").await;
    let path = format!("/chat/messages/{}", message.message_id);
    let texts = async || {
        let (status, history) = bo.get(&format!("{path}/history")).await;
        assert_eq!(status, StatusCode::OK);
        let versions = history["versions"].as_array().unwrap().clone();
        let texts = versions
            .iter()
            .map(|one| one["content"].as_str().unwrap().to_owned());
        (texts.collect::<Vec<_>>(), versions)
    };
    assert_eq!(texts().await.0, ["frist"]);
    for text in ["first", "first", "second"] {
        server.pass(std::time::Duration::from_secs(1));
        let (status, _) = ada
            .ask(Method::PUT, &path, Some(json!({ "content": text })))
            .await;
        assert_eq!(status, StatusCode::OK);
    }
    let (said, versions) = texts().await;
    assert_eq!(said, ["frist", "first", "second"]);
    assert_eq!(versions[0]["at"], json!(message.created_at));
    // The message's own name is no edit's.
    let body = json!({ "content": "third", "client_id": message.client_id });
    let (status, body) = ada.ask(Method::PUT, &path, Some(body)).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "client_id_reused")
    );
}

#[tokio::test]
async fn a_reaction_is_no_conflict_for_an_edit_and_another_edit_still_is() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let message = ada.send(room, "tea?").await;
    let (id, seen) = (message.message_id, message.rev);
    let path = format!("/chat/messages/{id}");
    bo.react(id, json!({ "emoji": "👍", "on": true })).await;
    // Nothing new, and said so with what was seen before the reaction.
    let same = json!({ "content": "tea?", "base_rev": seen });
    let (status, row) = ada.ask(Method::PUT, &path, Some(same)).await;
    assert_eq!((status, &row["edited_at"]), (StatusCode::OK, &Value::Null));
    let edit = json!({ "content": "coffee?", "base_rev": seen });
    let (status, row) = ada.ask(Method::PUT, &path, Some(edit)).await;
    assert_eq!(status, StatusCode::OK, "{row}");
    assert_eq!(row["reactions"][0]["count"], 1);
    let late = json!({ "content": "water?", "base_rev": seen });
    let (status, body) = ada.ask(Method::PUT, &path, Some(late)).await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "edit_conflict")
    );
}

#[tokio::test]
async fn a_message_is_edited_so_often_and_no_more() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let id = ada.send(room, "0").await.message_id;
    let path = format!("/chat/messages/{id}");
    // The first text counts.
    for number in 1..limit::EDITS {
        let body = json!({ "content": number.to_string() });
        let (status, body) = ada.ask(Method::PUT, &path, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{number}: {body}");
    }
    let (status, body) = ada
        .ask(Method::PUT, &path, Some(json!({ "content": "no" })))
        .await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::CONFLICT, "limit_reached")
    );
}
