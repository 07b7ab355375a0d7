//! Restarts under traffic, of one server and of several one after the other: nobody is refused, nobody sees an error, everything acknowledged is there
//! once, and everybody is back by themselves. How long the blink was is printed, not asserted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use erc_client_core::view::{Connection, Update};
use erc_protocol::{
    RoomId,
    gateway::{ClientFrame, ServerFrame},
};
use erc_tests::{
    client::Client,
    nginx::Nginx,
    nodes::Cluster,
    rest::{Person, http},
    server::TestServer,
    socket::{Wire, send_frame},
};
use tokio::task::JoinHandle;

use crate::offline::agree;

const PEOPLE: [&str; 3] = ["ada", "bo", "cy"];

/// Notes how long a client was not live, and whether its user was shown a refusal.
fn watch(client: &Client, stop: &Arc<AtomicBool>) -> JoinHandle<Duration> {
    let mut connection = client.account.connection();
    let mut updates = client.account.updates();
    let stop = stop.clone();
    tokio::spawn(async move {
        let mut longest = Duration::ZERO;
        let mut gone: Option<Instant> = None;
        while !stop.load(Ordering::Relaxed) {
            let is_live = matches!(*connection.borrow_and_update(), Connection::Live { .. });
            match (is_live, gone) {
                (false, None) => gone = Some(Instant::now()),
                (true, Some(since)) => {
                    longest = longest.max(since.elapsed());
                    gone = None;
                }
                _ => {}
            }
            tokio::select! {
                _ = connection.changed() => {}
                update = updates.recv() => if let Ok(Update::Refused { reason, .. }) = update {
                    panic!("a user was told: {}", reason.as_str());
                },
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
        longest
    })
}

/// Writes until told to stop; how many.
fn write(
    client: &Client,
    name: &'static str,
    room: RoomId,
    stop: &Arc<AtomicBool>,
) -> JoinHandle<usize> {
    let (account, stop) = (client.account.clone(), stop.clone());
    tokio::spawn(async move {
        let mut count = 0;
        while !stop.load(Ordering::Relaxed) {
            account
                .send(room, &format!("{name} {count}"), None)
                .await
                .unwrap();
            count += 1;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        count
    })
}

/// Connects anew for each request until told to stop; how many were answered. A connection that
/// the stopping server had just accepted may close without an answer; none may be refused.
fn knock(url: String, stop: &Arc<AtomicBool>, closed: &Arc<AtomicU32>) -> JoinHandle<u32> {
    let (stop, closed) = (stop.clone(), closed.clone());
    tokio::spawn(async move {
        let mut answered = 0;
        while !stop.load(Ordering::Relaxed) {
            match http().get(format!("{url}/healthz")).send().await {
                Ok(answer) if answer.status().is_success() => answered += 1,
                Ok(answer) => panic!("{answer:?}"),
                Err(error) => {
                    assert!(!error.is_connect(), "refused: {error:?}");
                    closed.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        answered
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn restarts_of_a_server_with_a_held_socket_are_a_blink() {
    let mut server = TestServer::start();
    for name in PEOPLE {
        server.add_user(name);
    }
    server.stop();
    server.hold_socket();
    server.restart();
    let (room, clients) = in_one_room(&server.url()).await;
    let traffic = Traffic::begin(&clients, room, server.url());
    for _ in 0..3 {
        assert_eq!(server.stop(), Some(0), "it ends well");
        server.restart();
        for client in &clients {
            client.live().await;
        }
    }
    let written = traffic.end("three restarts").await;
    all_there_once(&server, room, &clients, written).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_behind_a_proxy_restart_one_after_the_other_and_nobody_sees_an_error() {
    let Some(mut cluster) = Cluster::start(3).await else {
        return;
    };
    let ports: Vec<_> = cluster.nodes.iter().map(TestServer::port).collect();
    let Some(nginx) = Nginx::before(&ports) else {
        return;
    };
    for name in PEOPLE {
        cluster.nodes[0].add_user(name);
    }
    let (room, clients) = in_one_room(&nginx.url()).await;
    let traffic = Traffic::begin(&clients, room, nginx.url());
    for node in &mut cluster.nodes {
        assert_eq!(node.stop(), Some(0), "it ends well");
        // Those who were there are live at another one before this one is back.
        for client in &clients {
            client.live().await;
        }
        node.restart();
    }
    let written = traffic.end("three nodes, one after the other").await;
    for node in &cluster.nodes {
        all_there_once(node, room, &clients, written).await;
    }
    drop(clients);
    cluster.end().await;
}

/// What goes on meanwhile.
struct Traffic {
    stop: Arc<AtomicBool>,
    closed: Arc<AtomicU32>,
    watching: Vec<JoinHandle<Duration>>,
    writing: Vec<JoinHandle<usize>>,
    knocking: JoinHandle<u32>,
}

impl Traffic {
    fn begin(clients: &[Client], room: RoomId, url: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let closed = Arc::new(AtomicU32::new(0));
        let watching = clients.iter().map(|client| watch(client, &stop));
        let writing = PEOPLE
            .into_iter()
            .zip(clients)
            .map(|(name, client)| write(client, name, room, &stop));
        Self {
            watching: watching.collect(),
            writing: writing.collect(),
            knocking: knock(url, &stop, &closed),
            stop,
            closed,
        }
    }

    /// Prints how it was; how many messages were written.
    async fn end(self, what: &str) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        let mut written = 0;
        for task in self.writing {
            written += task.await.unwrap();
        }
        let mut blink = Duration::ZERO;
        for task in self.watching {
            blink = blink.max(task.await.unwrap());
        }
        let answered = self.knocking.await.unwrap();
        println!(
            "{what}: the longest blink was {} ms; {written} messages; {answered} requests \
             answered, {} closed without an answer",
            blink.as_millis(),
            self.closed.load(Ordering::Relaxed)
        );
        written
    }
}

/// Everybody, live in one room.
async fn in_one_room(url: &str) -> (RoomId, Vec<Client>) {
    let room = Person::sign_in(url, "ada")
        .await
        .create_room("general")
        .await;
    for name in &PEOPLE[1..] {
        Person::sign_in(url, name).await.join(room).await;
    }
    let mut clients = Vec::new();
    for name in PEOPLE {
        let client = Client::sign_in(url, name).await;
        client.live().await;
        clients.push(client);
    }
    (room, clients)
}

async fn all_there_once(server: &TestServer, room: RoomId, clients: &[Client], written: usize) {
    let named: Vec<_> = PEOPLE.into_iter().zip(clients).collect();
    agree(server, room, &named).await;
    let mut texts = clients[0].texts(room);
    assert_eq!(texts.len(), written, "everything is there");
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), written, "and once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stopping_server_carries_out_it_answers() {
    let mut server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    let mut wire = Wire::brief(&ada).await;
    for number in 0..40 {
        wire.post(ClientFrame::SendMessage(send_frame(
            room,
            &format!("{number}"),
        )))
        .await;
    }
    // The first answer shows that the server reads them.
    let mut answered = 0;
    let mut is_sent_away = false;
    let stopping = tokio::task::spawn_blocking(move || {
        let code = server.stop();
        (server, code)
    });
    while let Some(packet) = wire.next().await {
        match packet.frame {
            ServerFrame::Ack(_) => answered += 1,
            ServerFrame::Bye(bye) => {
                assert!(bye.reconnect);
                is_sent_away = true;
            }
            _ => {}
        }
    }
    let (mut server, code) = stopping.await.unwrap();
    assert_eq!(code, Some(0));
    assert!(is_sent_away, "told to come back");
    server.restart();
    let history = ada.history(room).await;
    assert_eq!(
        history.len(),
        answered,
        "carried out and answered are the same"
    );
}
