//! Several nodes on one database: the same tests on every bus.

mod delivery;
mod losses;
mod nats;
mod presence;

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use erc_protocol::gateway::ServerFrame;
use erc_server::app::Parts;
use erc_server::bus::shared::Shared;
use erc_server::bus::{State, sweep::Times};
use erc_server::config::{BusAddress, Secret};
use erc_server::failpoints::Failpoints;
use futures_util::FutureExt as _;

use crate::harness::{PATIENCE, Server, Socket};
use nats::NatsServer;

/// Declares each test once for every bus.
macro_rules! on_every_bus {
    ($($test:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                crate::nodes::on_memory(super::$test).await;
            })+
        }
        mod nats {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                crate::nodes::on_nats(super::$test).await;
            })+
        }
    };
}
use on_every_bus;

/// So rarely that in a test it never is.
const NEVER: Duration = Duration::from_hours(1);

/// Often, because a test waits for it.
fn often() -> Times {
    Times {
        rooms: Duration::from_millis(50),
        users: Duration::from_millis(50),
        jitter: Duration::ZERO,
        grace: Duration::from_millis(10),
        presence: Duration::from_millis(50),
        roster: Duration::from_millis(200),
        lease: Duration::from_secs(2),
        ..Times::default()
    }
}

/// Only at the beginning and when it is told to.
fn rarely() -> Times {
    Times {
        rooms: NEVER,
        users: NEVER,
        ..often()
    }
}

fn database(server: &Server) -> String {
    server.app.config.database_url.clone()
}

/// What a test's nodes talk over.
#[derive(Clone)]
enum TestBus {
    Memory(Shared),
    Nats(NatsServer),
}

impl TestBus {
    /// Nodes can't talk any more, and notice.
    fn cut(&self) {
        match self {
            Self::Memory(shared) => shared.cut(),
            Self::Nats(server) => server.kill(),
        }
    }

    fn mend(&self) {
        match self {
            Self::Memory(shared) => shared.mend(),
            Self::Nats(server) => server.start(),
        }
    }

    /// A node; its sweep goes round only at the beginning and when it is told to.
    async fn node(&self, first: Option<&Server>) -> Server {
        self.node_with(first.map(database), rarely()).await
    }

    /// The same on a fresh database, with a committer that fails when it is told to.
    async fn node_failing(&self, failpoints: Failpoints) -> Server {
        let parts = Parts {
            sweep: rarely(),
            failpoints,
            ..Parts::default()
        };
        self.node_of(None, parts).await
    }

    /// A node on a database that is there, or on a fresh one.
    async fn node_with(&self, database: Option<String>, sweep: Times) -> Server {
        let parts = Parts {
            sweep,
            ..Parts::default()
        };
        self.node_of(database, parts).await
    }

    async fn node_of(&self, database: Option<String>, parts: Parts) -> Server {
        let (shared, address) = match self {
            Self::Memory(shared) => (Some(shared.clone()), BusAddress::InProcess),
            Self::Nats(server) => (None, BusAddress::Nats(Secret(server.url()))),
        };
        let parts = Parts {
            bus: shared,
            ..parts
        };
        let change = |config: &mut erc_server::config::Config| {
            config.bus = address;
            config.secret_key = Some(Secret("the same for all the nodes of a test".into()));
            if let Some(database) = database {
                config.database_url = database;
            }
        };
        let server = Server::start_as(change, parts).await;
        until("the node is connected", || {
            server.app.hub.bus().state() == State::Connected
        })
        .await;
        server
    }

    /// So many, on one database.
    async fn nodes(&self, count: usize) -> Vec<Server> {
        let mut nodes = vec![self.node(None).await];
        while nodes.len() < count {
            nodes.push(self.node(Some(&nodes[0])).await);
        }
        nodes
    }
}

async fn on_memory<F: Future<Output = ()>>(test: impl FnOnce(TestBus) -> F) {
    test(TestBus::Memory(Shared::default())).await;
}

async fn on_nats<F: Future<Output = ()>>(test: impl FnOnce(TestBus) -> F) {
    let Some(server) = NatsServer::begin() else {
        return;
    };
    let outcome = AssertUnwindSafe(test(TestBus::Nats(server.clone())))
        .catch_unwind()
        .await;
    server.kill();
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

/// Waits for a condition.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The texts of new messages up to and with this one. Batches count too.
async fn texts_until(socket: &mut Socket, last: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    while texts.last().is_none_or(|text| text != last) {
        match socket.frame().await {
            ServerFrame::NewMessage(message) => texts.push(message.content),
            ServerFrame::Sync(sync) => {
                for room in sync.rooms {
                    let rows = room.messages.into_iter();
                    texts.extend(rows.filter_map(erc_protocol::Row::known).map(|m| m.content));
                }
            }
            _ => {}
        }
    }
    texts
}
