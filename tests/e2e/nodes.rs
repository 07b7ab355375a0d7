//! Several nodes on one `PostgreSQL` and one NATS: real processes, real clients.

use erc_protocol::{ErrorCode, RoomId};
use erc_tests::{
    client::Client,
    network::Link,
    nodes::Cluster,
    rest::{Person, anonymous},
    server::PASSWORD,
    socket::Wire,
    wait::eventually,
};
use reqwest::Method;
use serde_json::json;

use crate::offline::agree;

/// Messages that each client writes in a burst.
const EACH: usize = 120;

/// Somebody at a node: a client over a link of its own.
struct Guest {
    name: &'static str,
    person: Person,
    client: Client,
    link: Link,
}

impl Guest {
    async fn at(cluster: &Cluster, node: usize, name: &'static str) -> Self {
        let server = &cluster.nodes[node];
        let link = Link::to(server.port()).await;
        let client = Client::sign_in(&link.url(), name).await;
        Self {
            name,
            person: Person::sign_in(&server.url(), name).await,
            client,
            link,
        }
    }

    fn text(&self, number: usize) -> String {
        format!("{} {number}", self.name)
    }

    /// Writes a burst in the background.
    fn burst(&self, room: RoomId) -> tokio::task::JoinHandle<()> {
        let account = self.client.account.clone();
        let texts: Vec<_> = (0..EACH).map(|number| self.text(number)).collect();
        tokio::spawn(async move {
            for text in texts {
                account
                    .send(room, &text, None)
                    .await
                    .expect("the outbox takes it");
            }
        })
    }
}

/// Ada, Bo and Cleo, each at a node, in one room.
async fn three(cluster: &Cluster) -> ([Guest; 3], RoomId) {
    for name in ["ada", "bo", "cleo"] {
        cluster.nodes[0].add_user(name);
    }
    let guests = [
        Guest::at(cluster, 0, "ada").await,
        Guest::at(cluster, 1, "bo").await,
        Guest::at(cluster, 2, "cleo").await,
    ];
    let room = guests[0].person.create_room("general").await;
    for guest in &guests[1..] {
        guest.person.join(room).await;
    }
    for guest in &guests {
        guest.client.live().await;
        guest.client.room("general").await;
    }
    (guests, room)
}

/// Waits until everybody shows everything and agrees with a fresh sign-in at the first node and with
/// its counts; then holds it against what was written: all of it once, and each burst in its order.
async fn all_agree(cluster: &Cluster, guests: &[Guest], room: RoomId, count: usize) {
    let named: Vec<_> = guests.iter().map(|one| (one.name, &one.client)).collect();
    for (name, client) in &named {
        eventually(&format!("{name} has everything"), async || {
            // So much at once may have left a hole, which one fills by looking at it.
            client.fill(room);
            (client.texts(room).len() >= count).then_some(())
        })
        .await;
    }
    agree(&cluster.nodes[0], room, &named).await;
    let texts = guests[0].client.texts(room);
    assert_eq!(texts.len(), count, "nothing is missing and nothing twice");
    for guest in guests {
        let of_theirs = |text: &&String| text.starts_with(&format!("{} ", guest.name));
        let burst: Vec<_> = texts.iter().filter(of_theirs).cloned().collect();
        let expected: Vec<_> = (0..burst.len()).map(|number| guest.text(number)).collect();
        assert_eq!(burst, expected, "in the order written");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_in_a_burst_loses_nothing_and_its_clients_go_on_at_another() {
    let Some(mut cluster) = Cluster::start(3).await else {
        return;
    };
    let (guests, room) = three(&cluster).await;
    let writing: Vec<_> = guests.iter().map(|guest| guest.burst(room)).collect();
    let witness = guests[0].person.clone();
    eventually("the burst is under way", async || {
        let rooms = witness.rooms().await;
        let room = rooms.iter().find(|mine| mine.room.id == room)?;
        (room.room.last_seq.0 > 60).then_some(())
    })
    .await;
    cluster.nodes[2].kill();
    guests[2].link.lead_to(cluster.nodes[0].port());
    for writing in writing {
        writing.await.unwrap();
    }
    all_agree(&cluster, &guests, room, 3 * EACH).await;
    // A node that comes back serves like the others.
    cluster.nodes[2].restart();
    let cleo = Person::sign_in(&cluster.nodes[2].url(), "cleo").await;
    cleo.send(room, "back again").await;
    for guest in &guests {
        eventually("the word from the restarted node", async || {
            let texts = guest.client.texts(room);
            texts.contains(&"back again".to_owned()).then_some(())
        })
        .await;
    }
    drop(guests);
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_nats_everything_arrives_all_the_same_and_nodes_start() {
    let Some(mut cluster) = Cluster::start(3).await else {
        return;
    };
    let (guests, room) = three(&cluster).await;
    cluster.nats.kill();
    let writing: Vec<_> = guests.iter().map(|guest| guest.burst(room)).collect();
    for writing in writing {
        writing.await.unwrap();
    }
    all_agree(&cluster, &guests, room, 3 * EACH).await;
    // A node may start while NATS is away, and serves.
    cluster.nodes[1].kill();
    cluster.nodes[1].restart();
    guests[1].person.send(room, "nobody carries this").await;
    all_agree(&cluster, &guests, room, 3 * EACH + 1).await;
    cluster.nats.start();
    guests[2].person.send(room, "carried or not").await;
    all_agree(&cluster, &guests, room, 3 * EACH + 2).await;
    drop(guests);
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_its_database_says_so_and_recovers() {
    let Some(cluster) = Cluster::start(3).await else {
        return;
    };
    let (guests, room) = three(&cluster).await;
    let (ada, bo) = (&guests[0], &guests[1]);
    bo.person.send(room, "one").await;
    cluster.databases[1].cut();
    let path = format!("/chat/rooms/{room}/messages");
    let body = json!({ "content": "refused", "message_type": "text" });
    bo.person
        .post(&path, &body)
        .await
        .refused(ErrorCode::Unavailable);
    bo.person
        .get("/chat/rooms")
        .await
        .refused(ErrorCode::Unavailable);
    let login = json!({ "username": "bo", "password": PASSWORD, "device_name": "test" });
    let url = cluster.nodes[1].url();
    anonymous(&url, Method::POST, "/auth/login", Some(&login))
        .await
        .refused(ErrorCode::Unavailable);
    // What a client writes there waits, and others go on.
    bo.client
        .account
        .send(room, "two", None)
        .await
        .expect("the outbox takes it");
    ada.person.send(room, "three").await;
    eventually("cleo has ada's", async || {
        let texts = guests[2].client.texts(room);
        texts.contains(&"three".to_owned()).then_some(())
    })
    .await;
    cluster.databases[1].mend();
    all_agree(&cluster, &guests, room, 3).await;
    bo.person.send(room, "four").await;
    all_agree(&cluster, &guests, room, 4).await;
    drop(guests);
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_set_by_command_signs_out_at_every_node_and_the_command_ends_well() {
    let Some(cluster) = Cluster::start(2).await else {
        return;
    };
    cluster.nodes[0].add_user("ada");
    let mut wires = Vec::new();
    for node in &cluster.nodes {
        let ada = Person::sign_in(&node.url(), "ada").await;
        wires.push(Wire::hello(&ada, None, Vec::new()).await.0);
    }
    let arguments = ["user", "password", "ada", "--password-stdin"];
    let output = cluster.nodes[0].run(&arguments, "another good password");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("did not end in time"), "{said}");
    for wire in wires {
        wire.closed().await;
    }
    cluster.end().await;
}
