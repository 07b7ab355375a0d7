//! `scripts/demo` as a stranger runs it, without opening a client: what it prints lets one in, the
//! community is there, the friend answers, and nothing is left behind.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use erc_protocol::gateway::ServerFrame;
use erc_tests::{
    programs::{folder, repository},
    rest::{Person, anonymous},
    socket::Wire,
};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_furnishes_a_community_and_a_friend_answers() {
    let scratch = tempfile::tempdir().unwrap();
    let mut demo = Command::new(repository().join("scripts/demo"))
        .args(["--no-open", "--messages", "400"])
        .env("ERC_BIN_DIR", folder())
        .env("TMPDIR", scratch.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the demo is a script of this repository");
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    tokio::task::block_in_place(|| {
        for line in lines.by_ref().map_while(Result::ok) {
            let ready = line.starts_with("ready");
            told.push(line);
            if ready {
                break;
            }
        }
    });
    let field = |name: &str| -> String {
        told.iter()
            .find_map(|line| line.trim().strip_prefix(name))
            .unwrap_or_else(|| panic!("no {name} in {told:#?}"))
            .trim()
            .to_owned()
    };
    let (server, password) = (field("server"), field("password"));
    let body = json!({ "username": "you", "password": password });
    let tokens = anonymous(&server, Method::POST, "/auth/login", Some(&body))
        .await
        .read();
    let you = Person::with_tokens(&server, tokens);
    let rooms = you.rooms().await;
    assert!(rooms.len() >= 6, "{} rooms", rooms.len());
    let total: i64 = rooms.iter().map(|mine| mine.room.last_seq.0).sum();
    assert!(total >= 400, "{total} messages");
    assert!(
        rooms.iter().any(|mine| mine.unread.count > 0),
        "something is unread"
    );
    let general = rooms
        .iter()
        .find(|mine| mine.room.name == "general")
        .unwrap();
    let history = you.history(general.room.id).await;
    assert!(
        history.iter().any(|m| m.reply_to.is_some()),
        "somebody answers somebody"
    );
    assert!(
        history.iter().any(|m| m.edited_at.is_some()),
        "something was corrected"
    );
    let mut wire = Wire::brief(&you).await;
    let hello = wire.send(general.room.id, "Hello everybody!").await;
    let answer = wire
        .until("the friend's answer", |frame| match frame {
            ServerFrame::NewMessage(m) if m.reply_to == Some(hello.message_id) => Some(m.clone()),
            _ => None,
        })
        .await;
    assert_eq!(answer.sender_name, "Bo");
    let ended = Command::new("kill")
        .arg(demo.id().to_string())
        .status()
        .unwrap();
    assert!(ended.success());
    demo.wait().unwrap();
    wire.closed().await;
    let left: Vec<_> = std::fs::read_dir(scratch.path()).unwrap().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}
