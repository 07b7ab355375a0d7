//! `kill -9`, of the server and of clients, in the middle of things.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use erc_protocol::{
    ClientId, Message, RoomId,
    gateway::{ClientFrame, ServerFrame},
};
use erc_tests::{
    client::Client,
    plan::{Plan, seeds},
    programs::program,
    rest::Person,
    server::TestServer,
    socket::{Wire, send_frame},
    wait::eventually,
};

use crate::offline::agree;

async fn a_room() -> (TestServer, Person, RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    (server, ada, room)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledgement_survives_kill_9_of_the_server() {
    for seed in seeds(&[1, 2, 3]) {
        let mut plan = Plan::new("server-killed", seed);
        let (mut server, ada, room) = a_room().await;
        let mut wire = Wire::brief(&ada).await;
        let mut waiting = BTreeMap::new();
        for number in 0..1000 {
            let send = send_frame(room, &format!("burst {number}"));
            let id = wire.post(ClientFrame::SendMessage(send.clone())).await;
            waiting.insert(id, send);
        }
        let enough = 1 + plan.below(800);
        plan.step(format!("killed after {enough} acknowledgements"));
        let mut acknowledged = Vec::<Message>::new();
        let mut take = |packet: erc_protocol::gateway::ServerPacket| {
            if let (Some(id), ServerFrame::Ack(data)) = (packet.id, packet.frame) {
                waiting.remove(&id).expect("acknowledged once");
                acknowledged.push(serde_json::from_value(data).unwrap());
            }
            acknowledged.len()
        };
        while take(wire.next().await.expect("the server runs")) < enough {}
        server.kill();
        // What was on its way when it died still counts.
        while let Some(packet) = wire.next().await {
            take(packet);
        }
        server.restart();
        let stored: BTreeMap<ClientId, Message> = by_client_id(ada.history(room).await);
        for message in &acknowledged {
            assert_eq!(
                stored.get(&message.client_id),
                Some(message),
                "an acknowledged message is gone or changed"
            );
        }
        let mut wire = Wire::brief(&ada).await;
        for send in waiting.into_values() {
            wire.ask(ClientFrame::SendMessage(send)).await.unwrap();
        }
        let stored = by_client_id(ada.history(room).await);
        assert_eq!(stored.len(), 1000, "all there");
        let texts: BTreeSet<_> = stored.values().map(|m| &m.content).collect();
        assert_eq!(texts.len(), 1000, "each once");
    }
}

/// # Panics
/// If two share a client id, or a place is missing.
fn by_client_id(history: Vec<Message>) -> BTreeMap<ClientId, Message> {
    let count = history.len();
    for (place, message) in (1..).zip(&history) {
        assert_eq!(message.seq.0, place, "a hole in the places");
    }
    let map: BTreeMap<_, _> = history.into_iter().map(|m| (m.client_id, m)).collect();
    assert_eq!(map.len(), count, "a client id twice");
    map
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_delivers_everything_once_though_the_server_is_killed_in_a_burst() {
    let (mut server, witness, room) = a_room().await;
    let ada = Client::sign_in(&server.url(), "ada").await;
    ada.live().await;
    let account = ada.account.clone();
    let writing = tokio::spawn(async move {
        for number in 0..1000 {
            account
                .send(room, &format!("burst {number}"), None)
                .await
                .unwrap();
        }
    });
    for at_least in [50, 300] {
        eventually("some have arrived", async || {
            let mine = witness.rooms().await;
            (mine[0].room.last_seq.0 >= at_least).then_some(())
        })
        .await;
        server.kill();
        ada.offline().await;
        server.restart();
        ada.account.reconnect_now();
    }
    writing.await.unwrap();
    agree(&server, room, &[("ada", &ada)]).await;
    let expected: Vec<_> = (0..1000).map(|number| format!("burst {number}")).collect();
    assert_eq!(ada.texts(room), expected, "once each, in the order written");
}

/// Runs a writing client until it has printed this many numbers, then kills it; the numbers that
/// it said were safe.
fn write_and_die(home: &Path, room: RoomId, first: u64, count: usize) -> Vec<u64> {
    let mut writer = Command::new(program("erc-writer"))
        .arg(home)
        .arg(room.to_string())
        .arg("crash")
        .arg(first.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    let mut safe: Vec<u64> = lines
        .by_ref()
        .take(count)
        .map(|l| l.parse().unwrap())
        .collect();
    writer.kill().unwrap();
    writer.wait().unwrap();
    // Printed before it died, read after.
    safe.extend(lines.filter_map(|line| line.parse::<u64>().ok()));
    assert!(safe.len() >= count, "the writer ended by itself");
    safe
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_killed_at_any_moment_loses_and_doubles_nothing() {
    for seed in seeds(&[1]) {
        let mut plan = Plan::new("client-killed", seed);
        let (mut server, witness, room) = a_room().await;
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_owned();
        let ada = Client::sign_in_at(&home, &server.url(), "ada").await;
        ada.live().await;
        ada.account.close().await;
        drop(ada);
        let mut safe = BTreeSet::new();
        let mut first = 0;
        for round in 0..6 {
            if round == 3 {
                plan.step("the server is gone for this one");
                server.kill();
            }
            let count = 1 + plan.below(60);
            plan.step(format!("killed after {count} from {first}"));
            let home = home.clone();
            let printed =
                tokio::task::spawn_blocking(move || write_and_die(&home, room, first, count));
            let printed = printed.await.unwrap();
            // The next number may have been on disk without being printed; it is not used again.
            first = printed.last().unwrap() + 2;
            safe.extend(printed);
            if round == 3 {
                server.restart();
            }
        }
        let ada = Client::reopen(&home);
        agree(&server, room, &[("ada", &ada)]).await;
        let texts: Vec<String> = witness
            .history(room)
            .await
            .into_iter()
            .map(|m| m.content)
            .collect();
        let numbers: Vec<u64> = texts
            .iter()
            .map(|text| text.strip_prefix("crash-").unwrap().parse().unwrap())
            .collect();
        assert!(
            numbers.is_sorted_by(|a, b| a < b),
            "in order, none twice: {numbers:?}"
        );
        let there: BTreeSet<u64> = numbers.into_iter().collect();
        let lost: Vec<_> = safe.difference(&there).collect();
        assert!(lost.is_empty(), "said to be safe, and lost: {lost:?}");
        assert!(
            there.len() <= safe.len() + 6,
            "more than one unprinted a kill"
        );
    }
}
