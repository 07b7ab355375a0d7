//! Everything that is held of oneself, over HTTP.

use std::time::Duration;

use erc_protocol::{Timestamp, limit};
use erc_server::clock;
use erc_server::ops::{Actor, personal};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::harness::{Person, Server};

async fn ask(server: &Server, person: &Person) -> Response {
    reqwest::Client::new()
        .post(format!("{}/users/me/export", server.url))
        .bearer_auth(&person.tokens.access_token)
        .send()
        .await
        .unwrap()
}

async fn retry_after(answer: Response) -> i64 {
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limited");
    body["error"]["retry_after"].as_i64().unwrap()
}

#[tokio::test]
async fn one_has_what_one_wrote_and_did_and_no_secret() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let ben = server.user("ben").await;
    let room = ada.room("den", &[&ben]).await;
    let message = ada.send(room, "a \"quoted\" word\nand a line").await;
    let theirs = ben.send(room, "words of ben's").await;
    let path = format!("/chat/messages/{}/reactions", theirs.message_id);
    let (status, _) = ada.post(&path, json!({ "emoji": "👍", "on": true })).await;
    assert!(status.is_success());
    let path = format!("/chat/messages/{}", message.message_id);
    ada.ask(
        reqwest::Method::PUT,
        &path,
        Some(json!({ "content": "better" })),
    )
    .await;
    let answer = ask(&server, &ada).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let length = answer.content_length();
    let text = answer.text().await.unwrap();
    assert_eq!(length, Some(text.len() as u64));
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&all["format"], &all["version"]),
        (&json!("erc-personal-data"), &json!(1))
    );
    assert_eq!(all["user_id"], json!(ada.id));
    assert_eq!(all["messages"][0]["content"], "better");
    assert_eq!(all["edits"][0]["content"], "a \"quoted\" word\nand a line");
    assert_eq!(all["reactions"][0]["emoji"], "👍");
    assert_eq!(all["rooms"][0]["room_name"], "den");
    assert_eq!(all["sessions"].as_array().unwrap().len(), 1);
    for secret in [
        "words of ben's",
        "hash",
        "argon2",
        &ada.tokens.refresh_token,
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let left = std::fs::read_dir(&server.app.config.data_dir).unwrap();
    let left = left.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("personal-")
    });
    assert_eq!(left.count(), 0, "nothing stays on the server's disk");
}

#[tokio::test]
async fn once_in_an_hour_and_sooner_after_one_that_broke_off() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let every = limit::PERSONAL_EXPORT_EVERY_S;
    let seconds = |s: i64| Duration::from_secs(s.unsigned_abs());
    // Made, and never read to its end.
    let actor = Actor {
        user: ada.id,
        session: clock::new_session_id(),
        since: Timestamp(0),
    };
    drop(personal::make(&server.app, actor).await.unwrap());
    let soon = retry_after(ask(&server, &ada).await).await;
    assert_eq!(soon, limit::PERSONAL_EXPORT_RETRY_S);
    server.pass(seconds(soon));
    let whole: Value = ask(&server, &ada).await.json().await.unwrap();
    assert_eq!(whole["user_id"], json!(ada.id));
    assert_eq!(retry_after(ask(&server, &ada).await).await, every);
    server.pass(seconds(every - 1));
    // Her token has expired meanwhile.
    let ada = server.sign_in("ada").await;
    assert_eq!(retry_after(ask(&server, &ada).await).await, 1);
    server.pass(seconds(1));
    assert_eq!(ask(&server, &ada).await.status(), StatusCode::OK);
}
