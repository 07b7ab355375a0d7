//! Disks that fill, break and lose power, and a PostgreSQL that goes away: clear answers, nothing
//! acknowledged lost, nothing damaged, and no restart needed once there is room again.

use erc_client_core::{Home, error::ErrorKind, home::SignIn};
use erc_protocol::{ErrorCode, Message, RoomId, gateway::ClientFrame};
use erc_tests::{
    client::Client,
    disk::Disk,
    postgres::Postgres,
    rest::Person,
    server::{PASSWORD, TestServer},
    socket::{Wire, send_frame},
    wait::eventually,
};

use crate::offline::agree;

/// A server whose database lies on this disk, with Ada in a room.
async fn on(disk: &Disk) -> (TestServer, Person, RoomId) {
    let data = disk.path().join("server");
    let url = format!("sqlite:{}", data.join("erc.db").display());
    let settings = [
        (
            "ERC_DATA_DIR",
            data.to_str().expect("a path of ours is text"),
        ),
        ("ERC_DATABASE_URL", url.as_str()),
    ];
    let server = TestServer::start_with(&settings);
    let (ada, room) = ada_in_a_room(&server).await;
    (server, ada, room)
}

async fn ada_in_a_room(server: &TestServer) -> (Person, RoomId) {
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    (ada, room)
}

/// Sends until one is refused; those that were taken, and why the last was not.
async fn send_until_refused(wire: &mut Wire, room: RoomId) -> (Vec<Message>, ErrorCode) {
    let filler = "x".repeat(2_000);
    let mut taken = Vec::new();
    for number in 0..100_000 {
        let frame = ClientFrame::SendMessage(send_frame(room, &format!("{number} {filler}")));
        match wire.ask(frame).await {
            Ok(data) => taken.push(serde_json::from_value(data).unwrap()),
            Err(error) => {
                assert!(
                    error.retry_after.is_some(),
                    "says when to try again: {error:?}"
                );
                return (taken, error.code);
            }
        }
    }
    panic!("the disk never got full");
}

/// Everything acknowledged is there, in its place, as it was; the file is sound.
async fn all_there(
    server: &TestServer,
    disk: &Disk,
    ada: &Person,
    room: RoomId,
    taken: &[Message],
) {
    let history = ada.history(room).await;
    for message in taken {
        let place = usize::try_from(message.seq.0 - 1).unwrap();
        assert_eq!(history.get(place), Some(message), "acknowledged and lost");
    }
    let file = disk.path().join("server/erc.db");
    let sound: String = rusqlite::Connection::open(file)
        .and_then(|db| db.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
        .unwrap();
    assert_eq!(sound, "ok");
    assert!(!server.log().contains("panicked"), "{}", server.log_end());
}

/// An outage is told once and not with every request that it costs.
fn logged_once(server: &TestServer, before: usize) {
    let log = server.log();
    let errors: Vec<_> = log[before..]
        .lines()
        .filter(|line| line.contains("ERROR"))
        .collect();
    assert!(
        (1..=6).contains(&errors.len()),
        "{} lines: {errors:#?}",
        errors.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_clearly_and_writing_goes_on_by_itself_once_there_is_room() {
    let Some(disk) = Disk::of_mib(24) else { return };
    let (server, ada, room) = on(&disk).await;
    let client = Client::sign_in(&server.url(), "ada").await;
    client.live().await;
    let before = server.log().len();
    let mut wire = Wire::brief(&ada).await;
    let (mut taken, _) = {
        disk.fill();
        send_until_refused(&mut wire, room).await
    };
    for number in 0..300 {
        let frame = ClientFrame::SendMessage(send_frame(room, &format!("refused {number}")));
        match wire.ask(frame).await {
            Ok(data) => taken.push(serde_json::from_value(data).unwrap()),
            Err(error) => assert_eq!(error.code, ErrorCode::Unavailable),
        }
    }
    // Whoever reads is not concerned, and the client keeps what it can't send.
    assert_eq!(ada.history(room).await.len(), taken.len());
    client
        .account
        .send(room, "written while it was full", None)
        .await
        .unwrap();
    logged_once(&server, before);

    disk.empty();
    let message = eventually(
        "the disk has room, so messages are taken again",
        async || {
            let frame = ClientFrame::SendMessage(send_frame(room, "there is room"));
            let data = wire.ask(frame).await.ok()?;
            Some(serde_json::from_value::<Message>(data).unwrap())
        },
    )
    .await;
    taken.push(message);
    all_there(&server, &disk, &ada, room, &taken).await;
    agree(&server, room, &[("ada", &client)]).await;
    let texts = client.texts(room);
    let mine = texts
        .iter()
        .filter(|text| *text == "written while it was full");
    assert_eq!(mine.count(), 1, "sent once there was room, and once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_turns_read_only_lets_people_read_and_costs_nothing_acknowledged() {
    let Some(disk) = Disk::of_mib(24) else { return };
    let (mut server, ada, room) = on(&disk).await;
    let client = Client::sign_in(&server.url(), "ada").await;
    client.live().await;
    let mut wire = Wire::brief(&ada).await;
    let mut taken = Vec::new();
    for number in 0..50 {
        taken.push(wire.send(room, &format!("before {number}")).await);
    }
    let before = server.log().len();
    disk.turn_read_only();
    let (more, code) = send_until_refused(&mut wire, room).await;
    assert_eq!(code, ErrorCode::Unavailable);
    taken.extend(more);
    assert_eq!(ada.history(room).await.len(), taken.len());
    client
        .account
        .send(room, "written while it was read-only", None)
        .await
        .unwrap();
    logged_once(&server, before);

    server.stop();
    disk.replug();
    server.restart();
    all_there(&server, &disk, &ada, room, &taken).await;
    agree(&server, room, &[("ada", &client)]).await;
    assert_eq!(
        client.texts(room).last().unwrap(),
        "written while it was read-only"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_power_cut_is_there_after_it() {
    let Some(disk) = Disk::of_mib(24) else { return };
    let (mut server, ada, room) = on(&disk).await;
    let mut wire = Wire::brief(&ada).await;
    let mut asked = Vec::new();
    for number in 0..400 {
        let send = send_frame(room, &format!("burst {number}"));
        asked.push(wire.post(ClientFrame::SendMessage(send)).await);
    }
    let mut taken = Vec::<Message>::new();
    for id in asked {
        if taken.len() == 150 {
            disk.cut_power();
        }
        match wire.answer(id).await {
            Ok(data) => taken.push(serde_json::from_value(data).unwrap()),
            Err(error) => assert!(
                matches!(error.code, ErrorCode::Unavailable | ErrorCode::Internal),
                "{error:?}"
            ),
        }
    }
    assert!(taken.len() >= 150);
    server.kill();
    disk.replug();
    server.restart();
    all_there(&server, &disk, &ada, room, &taken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_on_a_full_disk_says_so_and_loses_nothing() {
    let Some(disk) = Disk::of_mib(24) else { return };
    let server = TestServer::start();
    let (ada, room) = ada_in_a_room(&server).await;
    let home = disk.path().join("home");
    let client = Client::sign_in_at(&home, &server.url(), "ada").await;
    client.live().await;
    client.account.send(room, "before", None).await.unwrap();
    eventually("it is sent", async || {
        (client.unsent(room) == 0).then_some(())
    })
    .await;

    disk.fill();
    let mut kept = vec!["before".to_owned()];
    let mut refused = 0;
    for number in 0..400 {
        let text = format!("{number} {}", "y".repeat(1_000));
        match client.account.send(room, &text, None).await {
            Ok(_) => kept.push(text),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 0, "the disk was full");
    // Others go on meanwhile; it hears of them when it can keep them.
    let theirs = ada.send(room, "from elsewhere").await;

    disk.empty();
    eventually("it writes again", async || {
        client.account.send(room, "after", None).await.ok()
    })
    .await;
    kept.push("after".to_owned());
    client.account.reconnect_now();
    agree(&server, room, &[("ada", &client)]).await;
    let mut texts = client.texts(room);
    texts.retain(|text| *text != theirs.content);
    assert_eq!(
        texts, kept,
        "what it took is sent, once, in order; what it refused is not"
    );
}

#[tokio::test]
async fn a_client_without_room_from_the_start_says_so() {
    let Some(disk) = Disk::of_mib(24) else { return };
    let server = TestServer::start();
    server.add_user("ada");
    disk.fill();
    let opened = match Home::open(&disk.path().join("home")) {
        Ok(home) => home
            .sign_in(SignIn {
                server: server.url(),
                username: "ada".to_owned(),
                password: PASSWORD.to_owned(),
                device_name: "test".to_owned(),
            })
            .await
            .map(drop),
        Err(error) => Err(error),
    };
    let error = opened.expect_err("there is no room");
    assert_eq!(error.kind(), ErrorKind::Storage, "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_may_go_away_and_come_back_in_mid_traffic() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let url = postgres.url();
    let server = TestServer::start_with(&[("ERC_DATABASE_URL", url.as_str())]);
    let (ada, room) = ada_in_a_room(&server).await;
    let client = Client::sign_in(&server.url(), "ada").await;
    client.live().await;
    let account = client.account.clone();
    let writing = tokio::spawn(async move {
        for number in 0..600 {
            account
                .send(room, &format!("{number}"), None)
                .await
                .unwrap();
        }
    });
    for at_least in [30, 200] {
        eventually("some have arrived", async || {
            let mine = ada.rooms().await;
            (mine[0].room.last_seq.0 >= at_least).then_some(())
        })
        .await;
        let before = server.log().len();
        postgres.stop();
        let refused = eventually("it is noticed", async || {
            let answer = ada.get("/chat/rooms").await;
            (answer.status != 200).then_some(answer)
        })
        .await;
        refused.refused(ErrorCode::Unavailable);
        let log = server.log();
        assert!(
            log[before..]
                .lines()
                .filter(|line| line.contains("ERROR"))
                .count()
                <= 6,
            "{log}"
        );
        postgres.resume();
    }
    writing.await.unwrap();
    agree(&server, room, &[("ada", &client)]).await;
    let expected: Vec<_> = (0..600).map(|number| number.to_string()).collect();
    assert_eq!(
        client.texts(room),
        expected,
        "once each, in the order written"
    );
}
