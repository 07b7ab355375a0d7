//! Word filters: who makes them, and what they do to what is written.

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{Message, RoomId, ServerRole, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code};

impl Person {
    async fn filter(&self, path: &str, text: &str, action: &str) -> Value {
        let body = json!({ "kind": "words", "text": text, "action": action });
        let (status, made) = self.post(path, body).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made
    }

    async fn say(&self, room: RoomId, text: &str) -> (StatusCode, Value) {
        let path = format!("/chat/rooms/{room}/messages");
        self.post(&path, json!({ "content": text })).await
    }
}

fn of_room(room: RoomId) -> String {
    format!("/chat/rooms/{room}/filters")
}

#[tokio::test]
async fn what_is_not_taken_is_refused_masked_or_told() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let other = bo.room("other", &[]).await;
    let path = of_room(room);
    ada.filter(&path, "darn", "mask").await;
    ada.filter(&path, "heck", "refuse").await;
    ada.filter(&path, "buy now", "flag").await;

    let said = bo.send(room, "well, Dárn it").await;
    assert_eq!(said.content, "well, ∗∗∗∗ it");
    let (status, body) = bo.say(room, "what the HECK").await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    // Only in that room.
    assert_eq!(bo.send(other, "darn heck").await.content, "darn heck");

    // Edits, what is forwarded, and whoever made the filter.
    let edit = format!("/chat/messages/{}", said.message_id);
    let change = async |text: &str| {
        let body = Some(json!({ "content": text }));
        bo.ask(Method::PUT, &edit, body).await
    };
    assert_eq!(change("heck").await.0, StatusCode::FORBIDDEN);
    assert_eq!(change("more darn").await.1["content"], "more ∗∗∗∗");
    let elsewhere = bo.send(other, "a darn thing").await;
    let forward = format!("/chat/messages/{}/forward", elsewhere.message_id);
    let (_, sent) = bo.post(&forward, json!({ "room_ids": [room] })).await;
    assert_eq!(sent["rooms"][0]["message"]["content"], "a ∗∗∗∗ thing");
    assert_eq!(ada.say(room, "heck").await.0, StatusCode::FORBIDDEN);

    // A poll is taken as it is written or not at all.
    let ask = async |option: &str| {
        let poll = json!({ "options": ["tea", option] });
        let body = json!({ "content": "What?", "message_type": "poll", "poll": poll });
        let path = format!("/chat/rooms/{room}/messages");
        bo.post(&path, body).await.0
    };
    assert_eq!(ask("that darn coffee").await, StatusCode::FORBIDDEN);
    assert_eq!(ask("coffee").await, StatusCode::CREATED);

    // What is flagged is sent, and waits in the queue, once.
    let mut queue = ada.socket().await;
    let told = bo.send(room, "buy now!").await;
    assert_eq!(told.content, "buy now!");
    queue
        .until(|frame| {
            matches!(frame, ServerFrame::Sync(sync)
                if sync.user.as_ref().is_some_and(|user| user.reports_waiting == 1))
        })
        .await;
    assert_eq!(
        bo.say(room, "buy now, buy now").await.0,
        StatusCode::CREATED
    );
    let (_, list) = ada.get("/chat/reports").await;
    let reports = list["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 1, "{list}");
    assert_eq!(reports[0]["user_id"], json!(bo.id));
    assert!(reports[0]["words"].as_str().unwrap().contains("buy now"));
    let newest = reports[0]["context"].as_array().unwrap().last().unwrap();
    assert_eq!(newest["content"], "buy now!");
    let outcome = erc_server::ops::repair::check(&server.app.db)
        .await
        .unwrap();
    assert!(outcome.is_empty(), "{outcome:?}");
}

#[tokio::test]
async fn what_was_taken_once_is_not_refused_when_it_comes_again() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let path = format!("/chat/rooms/{room}/messages");
    let body = json!({
        "content": "darn heck",
        "client_id": "019acd9a-0000-7000-8000-000000000001",
    });
    let (_, first) = ada.post(&path, body.clone()).await;
    let edit = format!("/chat/messages/{}", first["message_id"]);
    let change = json!({
        "content": "heck again",
        "client_id": "019acd9a-0000-7000-8000-000000000002",
    });
    let (_, changed) = ada.ask(Method::PUT, &edit, Some(change.clone())).await;
    ada.filter(&of_room(room), "heck", "refuse").await;
    ada.filter(&of_room(room), "darn", "mask").await;
    let (status, again) = ada.post(&path, body).await;
    assert_eq!(
        (status, &again["message_id"]),
        (StatusCode::CREATED, &first["message_id"])
    );
    let (status, again) = ada.ask(Method::PUT, &edit, Some(change)).await;
    assert_eq!((status, &again["rev"]), (StatusCode::OK, &changed["rev"]));
    // A masked one, too, is the same when it comes again.
    let body = json!({
        "content": "a darn thing",
        "client_id": "019acd9a-0000-7000-8000-000000000003",
    });
    let (_, first) = ada.post(&path, body.clone()).await;
    let (status, again) = ada.post(&path, body).await;
    assert_eq!((status, again), (StatusCode::CREATED, first));
}

#[tokio::test]
async fn filters_of_the_server_hold_everywhere_and_for_names() {
    let server = Server::start_with(|config| {
        config.registration = erc_protocol::auth::Registration::Open;
    })
    .await;
    let boss = server.user_with("root", ServerRole::Admin).await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    boss.filter("/server/filters", "darn", "mask").await;
    let (_, direct) = ada
        .post(
            "/chat/rooms",
            json!({ "type": "direct", "member_ids": [bo.id] }),
        )
        .await;
    let direct = RoomId(direct["id"].as_i64().unwrap());
    assert_eq!(ada.send(direct, "darn").await.content, "∗∗∗∗");
    let name = json!({ "name": "darn den" });
    let made = ada.post("/chat/rooms", name.clone()).await;
    assert_eq!(code(&made.1), "validation_failed");
    let room = ada.room("den", &[]).await;
    let path = format!("/chat/rooms/{room}");
    for change in [name, json!({ "topic": "a darn topic" })] {
        let (_, body) = ada.ask(Method::PUT, &path, Some(change)).await;
        assert_eq!(code(&body), "validation_failed");
    }
    let body = json!({ "display_name": "Darn Ada" });
    let (_, body) = ada.ask(Method::PUT, "/users/me", Some(body)).await;
    assert_eq!(code(&body), "validation_failed");
    let (status, body) = crate::harness::request(
        &server.url,
        Method::POST,
        "/auth/register",
        None,
        Some(json!({ "username": "darn_it", "password": "password-x" })),
    )
    .await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed")
    );

    // What is sent later is looked at when its time comes.
    let later = json!({ "content": "darn later", "delay_s": 60 });
    ada.post(&format!("/chat/rooms/{room}/scheduled"), later)
        .await;
    server.pass(std::time::Duration::from_secs(61));
    server.app.run_due().await.unwrap();
    let (_, page) = ada.get(&format!("/chat/rooms/{room}/messages")).await;
    let said: Vec<Message> = serde_json::from_value(page["messages"].clone()).unwrap();
    assert_eq!(said[0].content, "∗∗∗∗ later");
}

#[tokio::test]
async fn who_manages_sees_adds_and_takes_away_and_it_is_written_down() {
    let server = Server::start().await;
    let boss = server.user_with("root", ServerRole::Admin).await;
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let path = of_room(room);
    let body = json!({ "kind": "words", "text": "darn", "action": "refuse" });
    for (who, path) in [
        (&bo, path.as_str()),
        (&mo, "/server/filters"),
        (&ada, "/server/filters"),
    ] {
        assert_eq!(who.get(path).await.0, StatusCode::FORBIDDEN);
        assert_eq!(who.post(path, body.clone()).await.0, StatusCode::FORBIDDEN);
    }
    let made = ada.filter(&path, "darn", "refuse").await;
    // The same text again gets the new action.
    let again = ada.filter(&path, "darn", "mask").await;
    assert_eq!(
        (&again["id"], &again["action"]),
        (&made["id"], &json!("mask"))
    );
    let (_, list) = ada.get(&path).await;
    assert_eq!(list["filters"], json!([again]));
    for text in ["", "(", "x*"] {
        let body = json!({ "kind": "pattern", "text": text, "action": "refuse" });
        assert_eq!(code(&ada.post(&path, body).await.1), "validation_failed");
    }
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(
        bo.ask(Method::DELETE, &one, None).await.0,
        StatusCode::FORBIDDEN
    );
    let of_server = format!("/server/filters/{}", made["id"].as_str().unwrap());
    // A room's filter isn't the server's.
    assert!(
        boss.ask(Method::DELETE, &of_server, None)
            .await
            .0
            .is_success()
    );
    assert_eq!(bo.send(room, "darn").await.content, "∗∗∗∗");
    for _ in 0..2 {
        let (status, _) = ada.ask(Method::DELETE, &one, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    assert_eq!(bo.send(room, "darn").await.content, "darn");
    let (_, log) = ada
        .get(&format!("/chat/rooms/{room}/audit?action=filter"))
        .await;
    let lines = log["entries"].as_array().unwrap();
    let words: Vec<_> = lines
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["filter.remove", "filter.add", "filter.add"]);
    assert_eq!(lines[0]["details"]["text"], "darn");
}

#[tokio::test]
async fn so_many_filters_there_are_and_no_more() {
    let server = Server::start().await;
    let boss = server.user_with("root", ServerRole::Admin).await;
    let room = boss.room("den", &[]).await;
    for (path, most) in [
        (of_room(room), limit::ROOM_FILTERS),
        ("/server/filters".to_owned(), limit::SERVER_FILTERS),
    ] {
        for number in 0..most {
            boss.filter(&path, &format!("word{number}"), "flag").await;
        }
        let body = json!({ "kind": "words", "text": "one more", "action": "flag" });
        let (status, body) = boss.post(&path, body).await;
        assert_eq!(
            (status, code(&body)),
            (StatusCode::CONFLICT, "limit_reached")
        );
        // Of one that is there, what it does can be changed.
        boss.filter(&path, "word0", "mask").await;
    }
    assert_eq!(boss.send(room, "word0 word1").await.content, "∗∗∗∗∗ word1");
}
