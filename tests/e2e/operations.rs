//! What an operator does, through the real program: looks at it, repairs it, moves it to another
//! database, reads its log.

use std::{path::PathBuf, process::Output};

use erc_protocol::RoomId;
use erc_tests::{
    client::Client,
    postgres::{self, Postgres},
    rest::{Answer, Person, anonymous, http},
    server::{PASSWORD, TestServer},
    socket::Wire,
    wait::eventually,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::offline::agree;

/// A server on SQLite, whatever this run uses, with Ada in a room and some messages.
async fn furnished(settings: &[(&str, &str)]) -> (TestServer, Person, RoomId) {
    let mut settings = settings.to_vec();
    if !settings.iter().any(|(key, _)| *key == "ERC_DATABASE_URL") {
        settings.push(("ERC_DATABASE_URL", "sqlite:data/erc.db"));
    }
    let server = TestServer::start_with(&settings);
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    for text in ["one", "two", "three"] {
        ada.send(room, text).await;
    }
    (server, ada, room)
}

/// The same session over new connections: those to the process before are broken.
fn again(server: &TestServer, person: &Person) -> Person {
    Person::with_tokens(&server.url(), person.tokens.clone())
}

fn sqlite_file(server: &TestServer) -> PathBuf {
    server.data().join("data/erc.db")
}

fn told(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// The answer of a command that ended well.
fn well(server: &TestServer, arguments: &[&str]) -> String {
    let output = server.run(arguments, "");
    assert!(output.status.success(), "{arguments:?}: {}", told(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What a command said that ended with 1.
fn badly(server: &TestServer, arguments: &[&str]) -> String {
    let output = server.run(arguments, "");
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
    assert!(!told.contains("panicked"), "{told}");
    told
}

fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in {json}"))
}

#[tokio::test]
async fn stats_and_doctor_answer_beside_the_running_server() {
    let (server, ada, room) = furnished(&[]).await;
    let before = read(&well(&server, &["stats", "--json"]));
    ada.send(room, "four").await;
    server.add_user("bo");
    let after = read(&well(&server, &["stats", "--json"]));
    for (name, more) in [("messages", 1), ("users", 1), ("rooms", 0)] {
        let count = |stats: &Value| stats[name].as_u64().expect(name);
        assert_eq!(count(&after), count(&before) + more, "{name}");
    }
    assert!(after["database_bytes"].as_u64().unwrap() > 4_096);
    assert!(well(&server, &["stats"]).contains("messages           4, 0 deleted"));

    let doctor = read(&well(&server, &["doctor", "--json"]));
    assert_eq!(doctor["ok"], true, "{doctor:#}");
    let checks = doctor["checks"].as_array().unwrap();
    assert!(checks.len() > 8, "{doctor:#}");
    assert!(
        checks.iter().all(|check| check["state"] != "fail"),
        "{doctor:#}"
    );
    // The server went on meanwhile.
    ada.send(room, "five").await;
}

#[tokio::test]
async fn doctor_tells_faults_of_the_settings_and_what_to_do() {
    let (mut server, ..) = furnished(&[]).await;
    assert_eq!(server.stop(), Some(0));
    server.set("ERC_LISTEN", "nowhere");
    let told = badly(&server, &["doctor"]);
    assert!(
        told.contains("listen") && told.contains("correct the settings"),
        "{told}"
    );
    let told = badly(&server, &["serve"]);
    assert!(
        told.contains("nowhere") && told.contains("127.0.0.1:8000"),
        "{told}"
    );
    server.set("ERC_LISTEN", "127.0.0.1:0");
    server.set("ERC_SECRET_KEY", "short");
    let told = badly(&server, &["doctor"]);
    assert!(
        told.contains("secret") && !told.contains("short "),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_broken_in_the_database_is_found_told_and_put_right() {
    let (mut server, ada, room) = furnished(&[]).await;
    assert_eq!(
        read(&well(&server, &["repair", "--json"]))["found"],
        json!([])
    );
    let told = badly(&server, &["repair", "--apply"]);
    assert!(told.contains("another server"), "{told}");

    let history = ada.history(room).await;
    assert_eq!(server.stop(), Some(0));
    rusqlite::Connection::open(sqlite_file(&server))
        .and_then(|db| db.execute("UPDATE rooms SET last_seq = 1, member_count = 9", []))
        .unwrap();
    let told = badly(&server, &["doctor"]);
    assert!(told.contains("erc-server repair"), "{told}");
    let told = badly(&server, &["repair"]);
    assert!(
        told.contains("rooms.last_seq") && told.contains("rooms.member_count"),
        "{told}"
    );
    assert_eq!(
        badly(&server, &["repair", "--dry-run"]),
        told,
        "looking changed something"
    );
    assert!(well(&server, &["repair", "--apply"]).contains("put right"));
    assert_eq!(well(&server, &["repair"]).trim(), "nothing to repair");
    server.restart();
    let ada = again(&server, &ada);
    assert_eq!(ada.history(room).await, history);
    let next = ada.send(room, "after the repair").await;
    assert_eq!(next.seq.0, 4);
}

#[tokio::test]
async fn a_second_server_on_the_same_database_is_refused() {
    let (mut server, ada, room) = furnished(&[]).await;
    server.set("ERC_LISTEN", "127.0.0.1:0");
    let told = badly(&server, &["serve"]);
    assert!(told.contains("another server"), "{told}");
    ada.send(room, "the first one goes on").await;
    // The lock goes with its process, however it ends.
    server.kill();
    server.restart();
    let ada = again(&server, &ada);
    assert_eq!(ada.history(room).await.len(), 4);
}

/// To PostgreSQL and back, with clients that hold a cache and an outbox.
#[tokio::test]
async fn a_community_moves_to_another_database_and_back_and_its_clients_go_on() {
    let Some(target) = Postgres::start() else {
        return;
    };
    let (mut server, ada, room) = furnished(&[]).await;
    let client = Client::sign_in(&server.url(), "ada").await;
    agree(&server, room, &[("ada", &client)]).await;
    let old = format!("sqlite:{}", sqlite_file(&server).display());
    let there = postgres::fresh_database_at(&target.url());
    let move_it = ["migrate-store", "--from", &old, "--to", &there];
    let told = badly(&server, &move_it);
    assert!(told.contains("another server"), "{told}");

    assert_eq!(server.stop(), Some(0));
    client.offline().await;
    let draft = client.account.send(room, "written on the way", None);
    draft.await.unwrap();
    well(&server, &move_it);
    let told = badly(&server, &move_it);
    assert!(told.contains("empty"), "moved twice: {told}");
    server.set("ERC_DATABASE_URL", &there);
    server.restart();
    let ada = again(&server, &ada);
    ada.send(room, "from the new one").await;
    agree(&server, room, &[("ada", &client)]).await;
    assert_eq!(ada.history(room).await.len(), 5);
    assert_eq!(
        read(&well(&server, &["repair", "--json"]))["found"],
        json!([])
    );

    assert_eq!(server.stop(), Some(0));
    let back = format!("sqlite:{}", server.data().join("back.db").display());
    well(&server, &["migrate-store", "--from", &there, "--to", &back]);
    server.set("ERC_DATABASE_URL", &back);
    server.restart();
    let ada = again(&server, &ada);
    ada.send(room, "home again").await;
    agree(&server, room, &[("ada", &client)]).await;
    assert_eq!(ada.history(room).await.len(), 6);
}

async fn ready(server: &TestServer) -> Answer {
    anonymous(&server.url(), Method::GET, "/readyz", None).await
}

#[tokio::test]
async fn a_server_whose_database_is_away_is_alive_and_not_ready() {
    let Some(database) = Postgres::start() else {
        return;
    };
    let url = postgres::fresh_database_at(&database.url());
    let (server, ada, room) = furnished(&[("ERC_DATABASE_URL", &url)]).await;
    assert_eq!(ready(&server).await.status, 200);
    database.stop();
    let answer = ready(&server).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.body["database"], false);
    assert_eq!(answer.body["disk"], true);
    let alive = anonymous(&server.url(), Method::GET, "/healthz", None).await;
    assert_eq!(alive.status, 200);
    let told = badly(&server, &["doctor"]);
    assert!(told.contains("database"), "{told}");
    database.resume();
    eventually("it is ready again", async || {
        (ready(&server).await.status == 200).then_some(())
    })
    .await;
    ada.send(room, "and works").await;
}

#[tokio::test]
async fn the_log_of_a_talkative_run_is_json_and_has_no_token_and_no_words() {
    let settings = [
        ("ERC_LOG", "trace"),
        ("ERC_LOG_FORMAT", "json"),
        ("ERC_METRICS_LISTEN", "127.0.0.1:0"),
    ];
    let (mut server, ada, room) = furnished(&settings).await;
    let token = ada.tokens.access_token.clone();
    ada.send(room, "nobody else reads this").await;
    // As the brief's client does, and with something wrong in it.
    let path = format!("{}/chat/ws?token={token}", server.url());
    let refused = http().get(path).send().await.unwrap();
    assert!(refused.headers().contains_key("x-request-id"));
    let mut wire = Wire::with_token(&server.url(), &token).await.unwrap();
    wire.send(room, "nor this").await;

    let at = server.log().lines().find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        (line["fields"]["message"] == "metrics are served")
            .then(|| line["fields"]["address"].as_str().unwrap().to_owned())
    });
    let page = http()
        .get(format!(
            "http://{}/metrics",
            at.expect("the address of figures")
        ))
        .send()
        .await
        .unwrap();
    let page = page.text().await.unwrap();
    assert!(
        page.contains("\nerc_messages_committed_total 5\n"),
        "{page}"
    );
    assert!(page.contains("\nerc_connections 1\n"), "{page}");
    let answer = anonymous(&server.url(), Method::GET, "/metrics", None).await;
    assert_eq!(answer.status, 404, "figures are not for everybody");

    assert_eq!(server.stop(), Some(0));
    let log = server.log();
    assert!(log.contains("answered"), "a talkative run");
    let signature = token.rsplit('.').next().unwrap();
    let secrets = [
        token.as_str(),
        signature,
        &ada.tokens.refresh_token,
        PASSWORD,
        "nobody else reads this",
        "nor this",
    ];
    for line in log.lines() {
        assert!(
            serde_json::from_str::<Value>(line).is_ok(),
            "no JSON: {line}"
        );
        for secret in secrets {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
