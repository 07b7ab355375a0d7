//! Exports and figures, through real programs.

use std::path::Path;

use erc_client_core::export::{FORMAT, RoomExport};
use erc_protocol::{Message, RoomId};
use erc_tests::{
    rest::Person,
    server::TestServer,
    terminal::{Terminal, key},
    wait::eventually,
};
use serde_json::json;
use tokio::task::block_in_place;

use crate::shell::{log_in, ok, run};

async fn a_room_with_a_past() -> (TestServer, Person, Person, RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let bo = Person::sign_in(&server.url(), "bo").await;
    let request = json!({ "name": "general", "history": "joined" });
    let room: serde_json::Value = ada.post("/chat/rooms", &request).await.read();
    let room = RoomId(room["id"].as_i64().unwrap());
    for n in 0..5 {
        ada.send(room, &format!("before bo came {n}")).await;
    }
    bo.join(room).await;
    for n in 0..250 {
        let text = format!("line {n}\n<script>alert({n})</script>");
        if n % 2 == 0 {
            ada.send(room, &text).await;
        } else {
            bo.send(room, &text).await;
        }
    }
    (server, ada, bo, room)
}

fn exported(home: &Path, arguments: &[&str]) -> RoomExport {
    let text = ok(&run(home, arguments, ""));
    serde_json::from_str(&text).expect("an export is read back")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_holds_exactly_what_its_owner_may_see() {
    let (mut server, ada, bo, room) = a_room_with_a_past().await;
    let all = ada.history(room).await;
    let deleted = &all[100];
    let path = format!("/chat/messages/{}", deleted.message_id);
    ada.delete(&path).await.ok();
    let visible: Vec<Message> = bo.history(room).await;
    assert!(visible.len() < all.len(), "bo came later");
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    log_in(home, &server.url(), "bo");
    let arguments = ["export", "general", "--format", "json", "-o", "-"];
    let read = block_in_place(|| exported(home, &arguments));
    assert_eq!((read.format.as_str(), read.complete), (FORMAT, true));
    assert_eq!(read.messages, visible, "the rows as the server has them");
    // A part of it: from the moment of one message up to that of another.
    let (since, until) = (visible[60].created_at, visible[200].created_at);
    let (from, to) = (since.to_string(), until.to_string());
    let more = [&arguments[..], &["--since", &from, "--until", &to]].concat();
    let part = block_in_place(|| exported(home, &more));
    let expected: Vec<_> = visible
        .iter()
        .filter(|m| m.created_at >= since && m.created_at < until)
        .cloned()
        .collect();
    assert_eq!(part.messages, expected);
    block_in_place(|| {
        let html = home.join("general.html");
        let path = html.to_str().unwrap();
        let printed = ok(&run(home, &["export", "general", "-o", path], ""));
        assert_eq!(printed.trim(), path);
        let page = std::fs::read_to_string(&html).unwrap();
        assert_eq!(page.matches("<article").count(), visible.len());
        assert!(!page.contains("<script"), "nothing in it runs");
        assert!(!page.contains("before bo came"));
        // What is there stays, unless it is said.
        std::fs::write(&html, "mine").unwrap();
        let refused = run(home, &["export", "general", "-o", path], "");
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(std::fs::read_to_string(&html).unwrap(), "mine");
        let told = ok(&run(
            home,
            &[
                "export", "general", "--format", "markdown", "-o", path, "--force", "--json",
            ],
            "",
        ));
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["messages"], visible.len());
        assert!(
            std::fs::read_to_string(&html)
                .unwrap()
                .starts_with("# general")
        );
        let code = |arguments: &[&str]| run(home, arguments, "").status.code();
        assert_eq!(code(&["export", "nowhere", "-o", "-"]), Some(1));
        assert_eq!(code(&["export"]), Some(2));
        assert_eq!(
            code(&["export", "general", "--since", "soon", "-o", "-"]),
            Some(2)
        );
        server.kill();
        let alone = run(
            home,
            &["export", "general", "--format", "json", "-o", "-"],
            "",
        );
        // Never opened on this machine, so nothing of it is here.
        assert_eq!(alone.status.code(), Some(1));
        let names: Vec<_> = std::fs::read_dir(home).unwrap().collect();
        let parts = names.iter().filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".part")
        });
        assert_eq!(parts.count(), 0, "no half of a file is left");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_has_everything_that_the_server_holds_of_oneself_once_in_an_hour() {
    let (server, _, bo, _) = a_room_with_a_past().await;
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    log_in(home, &server.url(), "bo");
    block_in_place(|| {
        let path = home.join("me.json");
        ok(&run(
            home,
            &["export", "--me", "-o", path.to_str().unwrap()],
            "",
        ));
        let all = std::fs::read_to_string(&path).unwrap();
        let all: serde_json::Value = serde_json::from_str(&all).unwrap();
        assert_eq!(all["format"], "erc-personal-data");
        assert_eq!(all["messages"].as_array().unwrap().len(), 125);
        assert_eq!(all["user_id"].as_i64(), Some(bo.tokens.user.id.0));
        let again = run(home, &["export", "--me", "-o", "-"], "");
        assert_eq!(again.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&again.stderr).contains("once in an hour"));
        assert!(again.stdout.is_empty());
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_shows_figures_and_writes_a_room_with_and_without_the_server() {
    let (mut server, ada, _, room) = a_room_with_a_past().await;
    let home = tempfile::tempdir().unwrap();
    log_in(home.path(), &server.url(), "ada");
    eventually("everything is counted", async || {
        let path = format!("/chat/rooms/{room}/analytics");
        let told = ada.get(&path).await.ok();
        (told["totals"]["messages"] == 255).then_some(())
    })
    .await;
    let mut terminal = Terminal::erc(home.path(), &[]);
    block_in_place(|| {
        terminal.wait_for("write in #general");
        terminal.line("/analytics");
        let screen = terminal.wait_for("messages 255");
        assert!(
            screen.contains("30 days") && screen.contains('█'),
            "{screen}"
        );
        terminal.keys("l");
        terminal.wait_for("messages 255");
        terminal.keys(key::ESCAPE);
        terminal.wait_for("write in #general");
        terminal.line("/export");
        terminal.wait_for("export this room");
        let path = home.path().join("room.json");
        terminal.keys(key::CTRL_U);
        terminal.keys("json");
        terminal.keys(key::TAB);
        terminal.keys(path.to_str().unwrap());
        terminal.keys(key::ENTER);
        terminal.wait_for("written:");
        let read = std::fs::read_to_string(&path).unwrap();
        let read: RoomExport = serde_json::from_str(&read).unwrap();
        assert_eq!((read.messages.len(), read.complete), (255, true));
    });
    server.kill();
    block_in_place(|| {
        terminal.keys(key::CTRL_Q);
        assert!(terminal.ended());
        // What this machine holds: the newest, and it says what is missing.
        let alone = run(
            home.path(),
            &["export", "general", "--format", "json", "-o", "-"],
            "",
        );
        let said = String::from_utf8_lossy(&alone.stderr).into_owned();
        assert!(said.contains("from this machine alone"), "{said}");
        let read: RoomExport = serde_json::from_slice(&alone.stdout).unwrap();
        assert!(!read.complete || read.messages.len() == 255);
        let missing: i64 = read.missing.iter().map(|gap| gap.to - gap.from + 1).sum();
        assert_eq!(read.messages.len() as i64 + missing, 255);
    });
}
