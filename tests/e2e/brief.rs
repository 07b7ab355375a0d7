//! The JavaScript client of the brief, unchanged, against our server.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    time::Duration,
};

use erc_tests::{
    programs::repository,
    rest::Person,
    server::{PASSWORD, TestServer},
};
use serde_json::Value;

/// The client is the brief's, letter for letter; whoever edits it breaks this.
#[test]
fn the_client_is_the_one_that_the_brief_shows() {
    let client = std::fs::read_to_string(repository().join("tests/fixtures/brief-client.js"));
    let client = client.unwrap();
    assert!(client.starts_with("// Connect to WebSocket\nconst ws = new WebSocket(`ws://localhost:8000/chat/ws?token=${token}`);\n"));
    assert_eq!(client.lines().count(), 21);
    assert!(client.contains("fetch('/chat/rooms/123/messages', {"));
}

#[tokio::test]
async fn the_client_of_the_brief_runs_unchanged() {
    if std::env::var_os("ERC_TEST_NO_NODE").is_some() {
        return;
    }
    let server = TestServer::start();
    server.add_user_as("john", "owner");
    let john = Person::sign_in(&server.url(), "john").await;
    // The example posts to room 123, so there have to be as many.
    let mut room = john.create_room("room").await;
    while room.0 < 123 {
        room = john.create_room("room").await;
    }
    assert_eq!(room.0, 123);
    let fixtures = repository().join("tests/fixtures");
    let mut page = Command::new("node")
        .args(["--experimental-websocket", "--no-warnings"])
        .arg(fixtures.join("browser.mjs"))
        .arg(fixtures.join("brief-client.js"))
        .args([&server.url(), "john", PASSWORD])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node is installed (scripts/install test)");
    let lines = BufReader::new(page.stdout.take().unwrap()).lines();
    let received = tokio::task::spawn_blocking(move || {
        lines
            .map_while(Result::ok)
            .map(|line| serde_json::from_str::<Value>(&line).expect("the page prints JSON"))
            .find(|frame| frame["type"] == "new_message")
    });
    let received = tokio::time::timeout(Duration::from_mins(1), received).await;
    let _ = page.kill();
    let mut complaint = String::new();
    page.stderr
        .take()
        .unwrap()
        .read_to_string(&mut complaint)
        .unwrap();
    page.wait().unwrap();
    let Ok(Ok(Some(frame))) = received else {
        panic!("no new_message arrived: {complaint}")
    };
    let data = &frame["data"];
    assert_eq!(data["chat_room_id"], 123);
    assert_eq!(data["content"], "Hello world!");
    assert_eq!(data["message_type"], "text");
    assert_eq!(data["sender_id"], john.id().0);
    assert_eq!(data["sender_name"], "john");
    assert!(data["message_id"].is_i64() && data["created_at"].is_string());
    assert_eq!(john.history(room).await.len(), 1);
}
