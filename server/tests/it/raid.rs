//! The raid switch.

use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_protocol::{ServerRole, auth::Registration, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Person, Server, code, request};

async fn close(who: &Person, seconds: u32) -> (StatusCode, Value) {
    let body = json!({ "seconds": seconds });
    who.ask(Method::PUT, "/server/raid", Some(body)).await
}

async fn register(server: &Server, name: &str) -> (StatusCode, Value) {
    let body = json!({ "username": name, "password": "password-x" });
    request(
        &server.url,
        Method::POST,
        "/auth/register",
        None,
        Some(body),
    )
    .await
}

#[tokio::test]
async fn the_doors_are_closed_for_a_while_and_open_by_themselves() {
    let server = Server::start_with(|config| config.registration = Registration::Open).await;
    let old = server.user("old").await;
    let room = old.room("den", &[]).await;
    server.pass(Duration::from_millis(
        limit::NEW_ACCOUNT_MS.unsigned_abs() + 1,
    ));
    let mo = server.user_with("mo", ServerRole::Moderator).await;
    let (old, new) = (server.sign_in("old").await, server.user("new").await);
    let link = old
        .post(&format!("/chat/rooms/{room}/links"), json!({}))
        .await
        .1;
    let mine = new.room("mine", &[]).await;
    for (status, seconds) in [
        (422, 0),
        (200, limit::RAID_S),
        (422, limit::RAID_S + 1),
        (200, 3_600),
    ] {
        assert_eq!(close(&mo, seconds).await.0.as_u16(), status, "{seconds}");
    }
    assert!(!mo.get("/server/raid").await.1["until"].is_null());

    let (status, body) = register(&server, "late").await;
    assert_eq!(
        (status, code(&body)),
        (StatusCode::FORBIDDEN, "registration_closed")
    );
    let with = json!({ "code": link["code"] });
    assert_eq!(
        code(&new.post("/chat/links/join", with.clone()).await.1),
        "registration_closed"
    );
    assert_eq!(
        code(
            &new.post(&format!("/chat/rooms/{room}/join"), json!({}))
                .await
                .1
        ),
        "forbidden"
    );
    assert_eq!(
        code(&new.post("/chat/rooms", json!({ "name": "x" })).await.1),
        "forbidden"
    );
    let direct = json!({ "type": "direct", "member_ids": [old.id] });
    assert_eq!(
        code(&new.post("/chat/rooms", direct.clone()).await.1),
        "forbidden"
    );
    // Who is in writes, and who is not new does as ever.
    new.send(mine, "still here").await;
    old.room("another", &[]).await;

    server.pass(Duration::from_secs(3_601));
    let (mo, new) = (server.sign_in("mo").await, server.sign_in("new").await);
    assert!(mo.get("/server/raid").await.1["until"].is_null());
    assert_eq!(register(&server, "late").await.0, StatusCode::CREATED);
    assert_eq!(new.post("/chat/links/join", with).await.0, StatusCode::OK);
    assert!(new.post("/chat/rooms", direct).await.0.is_success());
}

#[tokio::test]
async fn moderators_of_the_server_see_and_move_the_switch_and_it_is_written_down() {
    let server = Server::start().await;
    let root = server.user_with("root", ServerRole::Admin).await;
    let ada = server.user("ada").await;
    let mut told = root.socket().await;
    for (status, _) in [
        close(&ada, 60).await,
        ada.get("/server/raid").await,
        ada.ask(Method::DELETE, "/server/raid", None).await,
    ] {
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    assert_eq!(close(&root, 60).await.0, StatusCode::OK);
    let is_closed = |frame: &ServerFrame, closed: bool| {
        matches!(frame, ServerFrame::Sync(sync)
            if sync.user.as_ref().is_some_and(|user| user.raid_until.is_some() == closed))
    };
    told.until(|frame| is_closed(frame, true)).await;
    let (status, open) = root.ask(Method::DELETE, "/server/raid", None).await;
    assert_eq!((status, &open["until"]), (StatusCode::OK, &Value::Null));
    told.until(|frame| is_closed(frame, false)).await;
    // Open by themselves it is told and written down as well, once on however many nodes.
    assert_eq!(close(&root, 60).await.0, StatusCode::OK);
    told.until(|frame| is_closed(frame, true)).await;
    server.pass(Duration::from_mins(1));
    let (one, other) = tokio::join!(server.app.run_due(), server.app.run_due());
    one.unwrap();
    other.unwrap();
    told.until(|frame| is_closed(frame, false)).await;
    // Opening what is open is no change.
    root.ask(Method::DELETE, "/server/raid", None).await;
    let (_, log) = root.get("/server/audit?action=raid").await;
    let lines = log["entries"].as_array().unwrap();
    let words: Vec<_> = lines
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["raid.end", "raid.start", "raid.stop", "raid.start"]);
}
