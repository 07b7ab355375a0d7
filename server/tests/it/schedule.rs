//! Messages that are sent later, and reminders.

use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::schedule::ScheduledState;
use erc_protocol::{Message, RoomId, Row, Scheduled, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, Socket, code};

const MINUTE: Duration = Duration::from_mins(1);

impl Person {
    async fn schedule(&self, room: RoomId, body: Value) -> (StatusCode, Value) {
        self.post(&format!("/chat/rooms/{room}/scheduled"), body)
            .await
    }

    async fn scheduled(&self) -> Vec<Scheduled> {
        let (status, list) = self.get("/chat/scheduled").await;
        assert_eq!(status, StatusCode::OK, "{list}");
        serde_json::from_value(list["scheduled"].clone()).unwrap()
    }

    async fn texts(&self, room: RoomId) -> Vec<String> {
        let (status, page) = self.get(&format!("/chat/rooms/{room}/messages")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let rows: Vec<Message> = serde_json::from_value(page["messages"].clone()).unwrap();
        rows.into_iter().map(|row| row.content).collect()
    }
}

fn name(made: &Value) -> String {
    made["client_id"].as_str().unwrap().to_owned()
}

/// The rows of the next frame that tells of some.
async fn told(socket: &mut Socket) -> Vec<Scheduled> {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(user) = sync.user
            && !user.scheduled.is_empty()
        {
            return user.scheduled.into_iter().filter_map(Row::known).collect();
        }
    }
}

#[tokio::test]
async fn a_message_is_sent_when_its_time_comes_and_every_device_follows() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let mut phone = server.sign_in("ada").await.socket().await;
    let mut ear = bo.socket().await;

    let body = json!({ "content": "@bo tea!", "delay_s": 60 });
    let (status, made) = ada.schedule(room, body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(told(&mut phone).await[0].content, "@bo tea!");
    assert_eq!(ada.scheduled().await.len(), 1);
    assert_eq!(bo.scheduled().await.len(), 0, "it is hers alone");

    server.pass(MINUTE.checked_sub(Duration::from_millis(1)).unwrap());
    server.app.run_due().await.unwrap();
    assert_eq!(ada.texts(room).await, [""; 0]);
    server.pass(Duration::from_millis(1));
    server.app.run_due().await.unwrap();
    server.app.run_due().await.unwrap();

    let heard = ear
        .until(|frame| matches!(frame, ServerFrame::NewMessage(_)))
        .await;
    let Some(ServerFrame::NewMessage(message)) = heard.last() else {
        unreachable!("it was looked for");
    };
    assert_eq!(message.client_id.to_string(), name(&made));
    assert_eq!(
        (message.sender_id, &message.mentions),
        (ada.id, &vec![bo.id])
    );
    let row = told(&mut phone).await.pop().unwrap();
    assert_eq!(row.state, ScheduledState::Done);
    assert_eq!(row.message_id, Some(message.message_id));
    assert_eq!(row.content, "", "nothing of it is left");
    assert_eq!(ada.scheduled().await.len(), 0);
    assert_eq!(ada.texts(room).await, ["@bo tea!"]);
}

#[tokio::test]
async fn a_scheduled_call_reaches_those_who_are_there_when_it_is_sent() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let room = ada.room("den", &[&bo, &cy]).await;
    let body = json!({ "content": "@here: it begins", "delay_s": 60 });
    ada.schedule(room, body).await;
    let mut phone = bo.socket().await;
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    let frames = phone
        .until(|frame| matches!(frame, ServerFrame::NewMessage(_)))
        .await;
    let Some(ServerFrame::NewMessage(message)) = frames.last() else {
        panic!("{frames:?}")
    };
    assert_eq!(message.mentions, [bo.id]);
}

#[tokio::test]
async fn the_timer_does_it_by_itself() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let mut ear = ada.socket().await;
    // Due at once: being kept wakes it.
    let body = json!({ "content": "now", "delay_s": 0 });
    let (status, made) = ada.schedule(room, body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    ear.until(|frame| matches!(frame, ServerFrame::NewMessage(_)))
        .await;
}

#[tokio::test]
async fn two_nodes_send_it_once() {
    let first = Server::start().await;
    let url = first.app.config.database_url.clone();
    if url.starts_with("sqlite") {
        // One server at a time: the two that race are two tasks of it.
        let ada = first.user("ada").await;
        let room = ada.room("den", &[]).await;
        for n in 0..20 {
            let body = json!({ "content": format!("{n}"), "delay_s": 5 });
            ada.schedule(room, body).await;
        }
        first.pass(MINUTE);
        let (a, b) = tokio::join!(first.app.run_due(), first.app.run_due());
        a.and(b).unwrap();
        assert_eq!(ada.texts(room).await.len(), 20);
        return;
    }
    let second = Server::start_with(|config| config.database_url = url).await;
    let ada = first.user("ada").await;
    let room = ada.room("den", &[]).await;
    for n in 0..20 {
        let body = json!({ "content": format!("{n}"), "delay_s": 5 });
        ada.schedule(room, body).await;
    }
    first.pass(MINUTE);
    second.pass(MINUTE);
    let (a, b) = tokio::join!(first.app.run_due(), second.app.run_due());
    a.and(b).unwrap();
    assert_eq!(ada.texts(room).await.len(), 20);
}

#[tokio::test]
async fn what_is_asked_again_is_kept_once_and_what_was_sent_is_not_sent_again() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let (room, other) = (ada.room("den", &[]).await, ada.room("attic", &[]).await);
    let id = "01920000-0000-7000-8000-000000000001";
    let body = json!({ "content": "once", "delay_s": 60, "client_id": id });
    let (_, made) = ada.schedule(room, body.clone()).await;
    let (status, again) = ada.schedule(room, body.clone()).await;
    assert_eq!((status, &again), (StatusCode::CREATED, &made));
    let (_, refused) = ada.schedule(other, body.clone()).await;
    assert_eq!(code(&refused), "client_id_reused");
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    let (_, done) = ada.schedule(room, body).await;
    assert_eq!(done["state"], "done");
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    assert_eq!(ada.texts(room).await, ["once"]);
    // Nor if the message is there already, sent by hand under the same name.
    let by_hand = "01920000-0000-7000-8000-000000000002";
    let body = json!({ "content": "twice?", "delay_s": 60, "client_id": by_hand });
    ada.schedule(room, body).await;
    let body = json!({ "content": "twice?", "client_id": by_hand });
    ada.post(&format!("/chat/rooms/{room}/messages"), body)
        .await;
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    assert_eq!(ada.texts(room).await, ["once", "twice?"]);
    assert_eq!(ada.scheduled().await.len(), 0);
}

#[tokio::test]
async fn text_and_time_are_changed_and_what_is_cancelled_is_never_sent() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let body = json!({ "content": "first", "delay_s": 60 });
    let path = |made: &Value| format!("/chat/scheduled/{}", name(made));
    let (_, edited) = ada.schedule(room, body.clone()).await;
    let (_, cancelled) = ada.schedule(room, body).await;

    let change = json!({ "content": "second", "local_time": "2026-01-01T01:10", "time_zone": "Europe/Berlin" });
    let put = |who: &Person, made: &Value, body: Value| {
        let (who, path) = (who.clone(), path(made));
        async move { who.ask(Method::PUT, &path, Some(body)).await }
    };
    let (status, row) = put(&ada, &edited, change.clone()).await;
    assert_eq!(status, StatusCode::OK, "{row}");
    assert_eq!(row["due_at"], "2026-01-01T00:10:00.000Z");
    assert_eq!(row["time_zone"], "Europe/Berlin");
    let (status, _) = put(&bo, &edited, change.clone()).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "another's");
    let (status, row) = ada.ask(Method::DELETE, &path(&cancelled), None).await;
    assert_eq!((status, &row["state"]), (StatusCode::OK, &json!("done")));
    let (status, _) = put(&ada, &cancelled, change).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    assert_eq!(ada.texts(room).await, [""; 0]);
    server.pass(MINUTE * 9);
    server.app.run_due().await.unwrap();
    assert_eq!(ada.texts(room).await, ["second"]);
}

#[tokio::test]
async fn who_may_not_write_when_the_time_comes_is_told_why_and_tries_again() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let body = json!({ "content": "later", "delay_s": 60 });
    let (_, made) = bo.schedule(room, body.clone()).await;
    bo.schedule(room, body).await;
    let mute = format!("/chat/rooms/{room}/mutes/{}", bo.id);
    ada.ask(Method::PUT, &mute, Some(json!({}))).await;
    let mut phone = bo.socket().await;

    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    let row = told(&mut phone).await.pop().unwrap();
    assert_eq!(row.state, ScheduledState::Refused);
    let list = bo.scheduled().await;
    assert_eq!(list.len(), 2);
    for row in &list {
        let why = row.error.as_ref().unwrap();
        assert_eq!(why.code, erc_protocol::ErrorCode::Forbidden, "{why:?}");
        assert_eq!(row.content, "later", "nothing is lost");
    }
    // Not by itself, though he may again.
    ada.ask(Method::DELETE, &mute, None).await;
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    assert_eq!(bo.texts(room).await, [""; 0]);
    let path = format!("/chat/scheduled/{}", name(&made));
    let (_, refused) = bo
        .ask(Method::PUT, &path, Some(json!({ "content": "x" })))
        .await;
    assert_eq!(code(&refused), "validation_failed", "when?");
    let (status, _) = bo
        .ask(Method::PUT, &path, Some(json!({ "delay_s": 0 })))
        .await;
    assert_eq!(status, StatusCode::OK);
    server.app.run_due().await.unwrap();
    assert_eq!(bo.texts(room).await, ["later"]);
}

#[tokio::test]
async fn one_who_was_put_out_and_a_room_that_is_gone_get_nothing() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let (den, attic) = (
        ada.room("den", &[&bo]).await,
        ada.room("attic", &[&bo]).await,
    );
    for room in [den, attic] {
        let body = json!({ "content": "later", "delay_s": 60 });
        bo.schedule(room, body).await;
    }
    let ban = format!("/chat/rooms/{den}/bans/{}", bo.id);
    ada.ask(Method::PUT, &ban, Some(json!({}))).await;
    ada.ask(Method::DELETE, &format!("/chat/rooms/{attic}"), None)
        .await;
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    assert_eq!(ada.texts(den).await, [""; 0]);
    let list = bo.scheduled().await;
    assert!(
        list.iter().all(|row| row.state == ScheduledState::Refused),
        "{list:?}"
    );
    let (status, _) = bo
        .schedule(den, json!({ "content": "x", "delay_s": 60 }))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_reminder_rings_on_all_devices_and_is_put_away_on_one() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let message = ada.send(room, "the report, please").await;
    let path = format!("/chat/messages/{}/reminders", message.message_id);
    let body = json!({ "note": "before noon", "delay_s": 60 });
    let (status, made) = bo.post(&path, body.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let stranger = server.user("eve").await;
    let (status, _) = stranger.post(&path, body).await;
    assert_eq!(status, StatusCode::NOT_FOUND);

    let (mut phone, mut desk) = (bo.socket().await, bo.socket().await);
    server.pass(MINUTE);
    server.app.run_due().await.unwrap();
    for socket in [&mut phone, &mut desk] {
        let row = told(socket).await.pop().unwrap();
        assert_eq!(row.state, ScheduledState::Due);
        assert_eq!(row.message_id, Some(message.message_id));
        assert_eq!(row.content, "before noon");
    }
    // One who comes later finds it too.
    assert_eq!(bo.scheduled().await[0].state, ScheduledState::Due);
    let (status, _) = bo
        .ask(
            Method::DELETE,
            &format!("/chat/scheduled/{}", name(&made)),
            None,
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    for socket in [&mut phone, &mut desk] {
        let row = told(socket).await.pop().unwrap();
        assert_eq!(row.state, ScheduledState::Done);
    }
}

#[tokio::test]
async fn so_many_are_kept_and_what_is_no_time_is_refused() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    for (body, field) in [
        (json!({ "content": "x" }), "due_at"),
        (
            json!({ "content": "x", "due_at": "2020-01-01T00:00:00Z" }),
            "due_at",
        ),
        (
            json!({ "content": "x", "local_time": "2026-05-01T09:00" }),
            "time_zone",
        ),
        (json!({ "content": "", "delay_s": 5 }), "content"),
    ] {
        let (status, error) = ada.schedule(room, body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{error}");
        assert!(
            error["error"]["details"]["fields"][field].is_string(),
            "{error}"
        );
    }
    let body = json!({ "content": "x", "delay_s": 60 });
    for _ in 0..limit::SCHEDULED_PER_USER {
        let (status, made) = ada.schedule(room, body.clone()).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
    }
    let (_, error) = ada.schedule(room, body.clone()).await;
    assert_eq!(code(&error), "limit_reached");
    let first = ada.scheduled().await.remove(0);
    let path = format!("/chat/scheduled/{}", first.client_id);
    ada.ask(Method::DELETE, &path, None).await;
    let (status, _) = ada.schedule(room, body).await;
    assert_eq!(status, StatusCode::CREATED);
}
