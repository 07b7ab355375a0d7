//! Backups through the real program: made while people write, restored elsewhere, refused when
//! something is wrong with them; and clients that had seen more than a backup holds.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use erc_client_core::view::Connection;
use erc_protocol::{Message, RoomId};
use erc_tests::{
    client::Client,
    postgres::{self, Postgres},
    rest::Person,
    server::TestServer,
    wait::eventually,
};
use serde_json::Value;

use crate::offline::agree;

const PASSPHRASE: &str = "eight ducks in a row";
/// SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

fn told(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn well(server: &TestServer, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let output = server.run(&arguments, PASSPHRASE);
    assert!(output.status.success(), "{arguments:?}: {}", told(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

fn badly(server: &TestServer, arguments: &[&str]) -> String {
    let output = server.run(arguments, PASSPHRASE);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
    assert!(!told.contains("panicked"), "{told}");
    told
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Every file below a folder, without locks and the harness's own log.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let Ok(entries) = std::fs::read_dir(folder) else {
        return found;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !["lock", "log", "out"]
            .iter()
            .any(|end| text(&path).ends_with(end))
        {
            found.insert(path);
        }
    }
    found
}

/// A server on SQLite, whatever this run uses, with Ada, Bo, a room and an uploaded file.
async fn furnished(database: &str) -> (TestServer, Person, RoomId) {
    let server = TestServer::start_with(&[("ERC_DATABASE_URL", database)]);
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    Person::sign_in(&server.url(), "bo").await.join(room).await;
    for text in ["one", "two", "three"] {
        ada.send(room, text).await;
    }
    let file = file_of(&server);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, "hello").unwrap();
    (server, ada, room)
}

fn file_of(server: &TestServer) -> PathBuf {
    let files = server.data().join("data/files/sha256");
    files.join(&HELLO[..2]).join(&HELLO[2..])
}

/// Takes everything away that the server kept.
fn lose_everything(server: &TestServer) {
    std::fs::remove_dir_all(server.data().join("data")).unwrap();
}

fn again(server: &TestServer, person: &Person) -> Person {
    Person::with_tokens(&server.url(), person.tokens.clone())
}

fn nothing_to_repair(server: &TestServer) {
    let found = well(server, &["repair"]);
    assert_eq!(found["found"], serde_json::json!([]), "{found:#}");
}

/// Writes until told to stop; gives what was acknowledged, in order.
fn talk(
    ada: Person,
    room: RoomId,
    enough: Arc<AtomicBool>,
) -> tokio::task::JoinHandle<Vec<Message>> {
    tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        while !enough.load(Ordering::Relaxed) {
            let text = format!("message {}", acknowledged.len());
            acknowledged.push(ada.send(room, &text).await);
        }
        acknowledged
    })
}

/// What a backup shows is the server of one moment, and whoever has seen more goes back to it.
async fn made_while_people_write(database: &str) {
    let (mut server, ada, room) = furnished(database).await;
    let bo = Client::sign_in(&server.url(), "bo").await;
    bo.live().await;

    let enough = Arc::new(AtomicBool::new(false));
    let talking = talk(ada.clone(), room, enough.clone());
    eventually("the talk is under way", async || {
        (bo.texts(room).len() > 20).then_some(())
    })
    .await;
    let before = ada.history(room).await;
    let backup = server.data().join("nightly.backup");
    let made = tokio::task::block_in_place(|| well(&server, &["backup", &text(&backup)]));
    let during = ada.history(room).await.len();
    enough.store(true, Ordering::Relaxed);
    let acknowledged = talking.await.unwrap();
    let after = ada.history(room).await;
    assert!(during > before.len(), "nobody wrote during the backup");
    assert_eq!(after.len(), acknowledged.len() + 3, "every word was taken");
    eventually("bo has seen it all", async || {
        (bo.texts(room).len() == after.len()).then_some(())
    })
    .await;

    assert_eq!(server.stop(), Some(0));
    bo.offline().await;
    let words = bo.account.send(room, "written while it was away", None);
    words.await.unwrap();
    let home = bo.home().to_owned();
    bo.account.close().await;
    lose_everything(&server);
    if database.starts_with("postgres") {
        server.set("ERC_DATABASE_URL", &postgres::fresh_database_at(database));
    }
    let restored = well(&server, &["restore", &text(&backup)]);
    assert_eq!(restored["manifest"], made["manifest"]);
    assert_eq!(restored["remarks"], serde_json::json!([]));
    assert_eq!(std::fs::read_to_string(file_of(&server)).unwrap(), "hello");
    nothing_to_repair(&server);

    server.restart();
    let ada = again(&server, &ada);
    let old = ada.history(room).await;
    let rows = &made["manifest"]["database"]["rows"];
    assert!(old.len() >= before.len(), "acknowledged, and not there");
    let mut past = old.iter();
    let mut count = 0;
    for (was, is) in after.iter().zip(&mut past) {
        assert_eq!(
            (was.message_id, &was.content, was.seq),
            (is.message_id, &is.content, is.seq)
        );
        count += 1;
    }
    assert_eq!(past.next(), None, "messages from nowhere");
    assert_eq!(rows["messages"], count);
    assert!(
        count < after.len(),
        "the backup is older than what Bo has seen"
    );

    // Other words in places that Bo has seen taken, beyond what he had seen.
    for number in 0..(after.len() - count + 30) {
        ada.send(room, &format!("another past {number}")).await;
    }
    // Bo comes back when the room has grown beyond where his cursor is: only its new life shows
    // that it is another past.
    let bo = Client::reopen(&home);
    agree(&server, room, &[("bo", &bo)]).await;
    let words = bo.texts(room);
    let mine = words.iter().filter(|text| text.starts_with("written"));
    assert_eq!(mine.count(), 1, "Bo's own words are sent, once");
    assert!(
        !words.contains(&acknowledged.last().unwrap().content),
        "a past that was not"
    );
    let newest = ada.history(room).await.pop().unwrap();
    assert!(
        newest.message_id > after.last().unwrap().message_id,
        "an id given twice"
    );
    nothing_to_repair(&server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_people_write_is_one_moment_and_clients_go_back_to_it() {
    made_while_people_write("sqlite:data/erc.db").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_postgresql_made_while_people_write_is_one_moment_too() {
    let Some(database) = Postgres::start() else {
        return;
    };
    made_while_people_write(&postgres::fresh_database_at(&database.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_moves_a_server_to_the_other_database_and_back() {
    let Some(database) = Postgres::start() else {
        return;
    };
    let (mut server, ada, room) = furnished("sqlite:data/erc.db").await;
    let client = Client::sign_in(&server.url(), "ada").await;
    agree(&server, room, &[("ada", &client)]).await;
    let urls = [
        postgres::fresh_database_at(&database.url()),
        "sqlite:data/back.db".to_owned(),
    ];
    for (url, kind) in urls.iter().zip(["sqlite", "postgres"]) {
        let backup = server.data().join(format!("from-{kind}.backup"));
        let made = well(&server, &["backup", &text(&backup)]);
        assert_eq!(made["manifest"]["taken_from"], kind);
        assert_eq!(server.stop(), Some(0));
        let before = files(&server.data().join("data"));
        let told = badly(&server, &["restore", &text(&backup)]);
        assert!(
            told.contains("empty") || told.contains("there already"),
            "{told}"
        );
        assert_eq!(files(&server.data().join("data")), before);
        server.set("ERC_DATABASE_URL", url);
        well(&server, &["restore", &text(&backup)]);
        nothing_to_repair(&server);
        server.restart();
        let ada = again(&server, &ada);
        ada.send(room, &format!("no longer on {kind}")).await;
        agree(&server, room, &[("ada", &client)]).await;
    }
    assert_eq!(again(&server, &ada).history(room).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signed_in_after_the_backup_signs_in_again_and_keeps_what_they_wrote() {
    let (mut server, ada, room) = furnished("sqlite:data/erc.db").await;
    let backup = server.data().join("old.backup");
    well(&server, &["backup", &text(&backup)]);
    let bo = Client::sign_in(&server.url(), "bo").await;
    bo.live().await;
    assert_eq!(server.stop(), Some(0));
    bo.offline().await;
    let words = bo.account.send(room, "on the train", None);
    words.await.unwrap();
    lose_everything(&server);
    well(&server, &["restore", &text(&backup)]);
    server.restart();
    let connection = bo.account.connection();
    eventually("bo's session is over", async || {
        matches!(*connection.borrow(), Connection::SignedOut { .. }).then_some(())
    })
    .await;
    assert!(bo.texts(room).contains(&"on the train".to_owned()));
    let home = bo.home().to_owned();
    bo.account.close().await;
    let back = Client::sign_in_at(&home, &server.url(), "bo").await;
    agree(&server, room, &[("bo", &back)]).await;
    let history = again(&server, &ada).history(room).await;
    assert_eq!(history.last().unwrap().content, "on the train");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restoring_can_end_the_sessions_that_would_be_open_again() {
    let (mut server, ada, _) = furnished("sqlite:data/erc.db").await;
    let backup = server.data().join("old.backup");
    well(&server, &["backup", &text(&backup)]);
    assert_eq!(server.stop(), Some(0));
    lose_everything(&server);
    well(&server, &["restore", &text(&backup), "--end-sessions"]);
    server.restart();
    let answer = again(&server, &ada).get("/chat/rooms").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    Person::sign_in(&server.url(), "ada").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_off_or_altered_backup_is_refused_and_leaves_nothing() {
    let (mut server, ..) = furnished("sqlite:data/erc.db").await;
    let backup = server.data().join("good.backup");
    well(&server, &["backup", &text(&backup)]);
    assert_eq!(server.stop(), Some(0));
    lose_everything(&server);
    let good = std::fs::read(&backup).unwrap();
    let bad = server.data().join("bad.backup");
    let mut altered = good.clone();
    altered[good.len() / 2] ^= 1;
    let kept = files(server.data());
    for (content, says) in [
        (&good[..good.len() - 4_096], "cut off"),
        (&good[..good.len() / 2], "cut off"),
        (&altered[..], "altered"),
        (b"not a backup at all", "no backup"),
        (b"", "cut off"),
    ] {
        std::fs::write(&bad, content).unwrap();
        for arguments in [
            ["restore", &text(&bad)].as_slice(),
            &["restore", "--check", &text(&bad)],
        ] {
            let told = badly(&server, arguments);
            assert!(told.contains(says), "{arguments:?}: {told}");
        }
        std::fs::remove_file(&bad).unwrap();
        assert_eq!(files(server.data()), kept);
    }
    let checked = well(&server, &["restore", "--check", &text(&backup)]);
    assert_eq!(checked["restored"], false);
    assert_eq!(files(server.data()), kept, "looking left something");
    well(&server, &["restore", &text(&backup)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_backup_needs_its_passphrase() {
    let (mut server, ada, room) = furnished("sqlite:data/erc.db").await;
    let backup = text(&server.data().join("sealed.backup"));
    well(&server, &["backup", &backup, "--passphrase-file", "-"]);
    let bytes = std::fs::read(&backup).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1"));
    assert_eq!(server.stop(), Some(0));
    lose_everything(&server);
    assert!(badly(&server, &["restore", &backup]).contains("--passphrase-file"));
    let wrong = server.data().join("wrong.txt");
    std::fs::write(&wrong, "eight ducks in a pond\n").unwrap();
    let told = badly(
        &server,
        &["restore", &backup, "--passphrase-file", &text(&wrong)],
    );
    assert!(told.contains("not the passphrase"), "{told}");
    well(&server, &["restore", &backup, "--passphrase-file", "-"]);
    server.restart();
    assert_eq!(again(&server, &ada).history(room).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_takes_the_place_of_nothing_unless_told_and_old_ones_go_when_told() {
    let (server, ada, room) = furnished("sqlite:data/erc.db").await;
    let one = text(&server.data().join("one.backup"));
    well(&server, &["backup", &one]);
    let first = std::fs::read(&one).unwrap();
    let told = badly(&server, &["backup", &one]);
    assert!(told.contains("--force"), "{told}");
    assert_eq!(std::fs::read(&one).unwrap(), first);
    ada.send(room, "four").await;
    let made = well(&server, &["backup", &one, "--force"]);
    assert_eq!(made["manifest"]["database"]["rows"]["messages"], 4);
    assert!(badly(&server, &["backup", &one, "--force", "--keep", "2"]).contains("folder"));

    let folder = server.data().join("backups");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    for day in 1..=3 {
        std::fs::write(
            folder.join(format!("erc-2026010{day}T030000Z.backup")),
            "old",
        )
        .unwrap();
    }
    let made = well(&server, &["backup", &text(&folder), "--keep", "2"]);
    assert_eq!(made["removed"].as_array().unwrap().len(), 2, "{made:#}");
    let left = files(&folder);
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left.contains(&folder.join("notes.txt")));
    assert!(left.contains(Path::new(made["path"].as_str().unwrap())));
    well(
        &server,
        &["restore", "--check", made["path"].as_str().unwrap()],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_does_not_keep_the_rest_from_being_backed_up() {
    let (mut server, ada, room) = furnished("sqlite:data/erc.db").await;
    std::fs::write(file_of(&server), "hullo").unwrap();
    let backup = text(&server.data().join("some.backup"));
    let made = well(&server, &["backup", &backup]);
    assert_eq!(
        made["manifest"]["files"]["damaged"],
        serde_json::json!([HELLO])
    );
    assert_eq!(server.stop(), Some(0));
    lose_everything(&server);
    let restored = well(&server, &["restore", &backup]);
    assert!(
        restored["remarks"].to_string().contains(HELLO),
        "{restored:#}"
    );
    assert!(
        !file_of(&server).exists(),
        "a file that is not what it is called"
    );
    server.restart();
    assert_eq!(again(&server, &ada).history(room).await.len(), 3);
}
