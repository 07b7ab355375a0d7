//! Several writers on one database, as the lanes of a node and several nodes are.

use std::sync::Arc;

use erc_protocol::{ClientId, ErrorCode, History, MessageType, RoomId, UserId};
use erc_server::clock::{Clock, new_client_id};
use erc_server::hub::Hub;
use erc_server::lifecycle::Lifecycle;
use erc_server::ops::committer::{Committer, Watch};
use erc_server::ops::send::Send;
use erc_server::ops::{Error, Result};
use erc_server::store::Db;
use futures_util::future::join_all;

use super::world::World;

conformance! { with_people =>
    a_message_sent_through_several_writers_at_once_is_one_message,
    a_name_that_several_writers_use_in_different_rooms_is_used_once,
    writers_that_meet_lose_nothing_and_keep_the_counters_exact,
}

/// A writer of its own, as another node has.
struct Node {
    committer: Committer,
    lifecycle: Lifecycle,
}

impl Node {
    fn start(db: &Db) -> Self {
        let (hub, clock) = (Arc::new(Hub::default()), Clock::System);
        let (committer, writer) = Committer::start(db.clone(), hub, clock, Watch::default());
        let lifecycle = Lifecycle::default();
        lifecycle.spawn("committer", writer);
        Self {
            committer,
            lifecycle,
        }
    }

    async fn send(&self, send: Send) -> Result<erc_protocol::Message> {
        self.committer.submit_send(send).await?.await
    }

    async fn stop(self) {
        drop(self.committer);
        assert!(self.lifecycle.stopped().await);
    }
}

async fn stop_all(nodes: Vec<Node>) {
    join_all(nodes.into_iter().map(Node::stop)).await;
}

fn send(sender: UserId, room: RoomId, client_id: ClientId) -> Send {
    Send {
        sender,
        room,
        content: "text".into(),
        kind: MessageType::Text,
        client_id,
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        call: None,
        poll: None,
        forwarded: None,
        lifetime: None,
        drafts: Vec::new(),
        filters: erc_server::ops::filters::Filters::default(),
    }
}

fn nodes(world: &World, count: usize) -> Vec<Node> {
    (0..count).map(|_| Node::start(&world.app.db)).collect()
}

async fn a_message_sent_through_several_writers_at_once_is_one_message(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let nodes = nodes(world, 3);
    let ada = world.people[0].user;
    for round in 1..=20 {
        let client_id = new_client_id();
        let sends = nodes
            .iter()
            .map(|node| node.send(send(ada, room, client_id)));
        let results: Vec<_> = join_all(sends)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert!(results.iter().all(|message| *message == results[0]));
        assert_eq!(world.rows(room).await.len(), round);
    }
    stop_all(nodes).await;
}

async fn a_name_that_several_writers_use_in_different_rooms_is_used_once(world: &mut World) {
    let mut rooms = Vec::new();
    for _ in 0..3 {
        rooms.push(world.room(false, History::Shared, &[]).await);
    }
    let nodes = nodes(world, 3);
    let ada = world.people[0].user;
    for _ in 0..20 {
        let client_id = new_client_id();
        let sends = nodes
            .iter()
            .zip(&rooms)
            .map(|(node, room)| node.send(send(ada, *room, client_id)));
        let results = join_all(sends).await;
        let refused = |result: &Result<_>| matches!(result, Err(Error::Refused(body)) if body.code == ErrorCode::ClientIdReused);
        assert_eq!(
            results.iter().filter(|result| result.is_ok()).count(),
            1,
            "{results:?}"
        );
        assert_eq!(
            results.iter().filter(|result| refused(result)).count(),
            2,
            "{results:?}"
        );
    }
    stop_all(nodes).await;
}

async fn writers_that_meet_lose_nothing_and_keep_the_counters_exact(world: &mut World) {
    let mut rooms = Vec::new();
    for _ in 0..4 {
        rooms.push(world.room(false, History::Shared, &[1, 2]).await);
    }
    let nodes = nodes(world, 3);
    let world = &*world;
    // Every node sends to every room at once, each beginning with another, while people edit,
    // read, come and go through the first node's own operations.
    let sends = nodes.iter().enumerate().flat_map(|(n, node)| {
        let rooms = &rooms;
        (0..120).map(move |i| {
            let sender = world.people[n].user;
            node.send(send(sender, rooms[(n + i) % rooms.len()], new_client_id()))
        })
    });
    let others = rooms.iter().map(|room| async move {
        for text in ["one", "two", "three"] {
            let said = world.say(0, *room, text).await;
            let edit = super::world::edit(text, new_client_id());
            world.edit(0, said.message_id, edit).await.unwrap();
            let reader = world.people[1];
            let read = erc_server::ops::reads::mark(&world.app, reader, *room, said.seq, None);
            read.await.unwrap().await.unwrap();
            world.delete(0, said.message_id).await.unwrap();
        }
    });
    let (sent, _) = futures_util::future::join(join_all(sends), join_all(others)).await;
    for result in sent {
        result.unwrap();
    }
    for room in &rooms {
        let rows = world.rows(*room).await;
        assert_eq!(rows.len(), 120 * 3 / 4 + 3);
        super::invariants::check_counters(world, *room).await;
    }
    stop_all(nodes).await;
}
