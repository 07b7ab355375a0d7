//! All figures, as Prometheus reads them.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::{By, process};
use crate::app::App;
use crate::bus::State;
use crate::disk;

/// The page of this moment. Each figure has its row in `docs/operator-guide.md`.
#[must_use]
pub fn page(app: &App) -> String {
    let mut registry = Registry::default();
    process::register(&mut registry);
    let registered = registry.sub_registry_with_prefix("erc");
    now(app, registered);
    requests(app, registered);
    work(app, registered);
    sockets(app, registered);
    bus(app, registered);
    let mut page = String::new();
    encode(&mut page, &registry).expect("text can be written into memory");
    page
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: usize) {
    registry.register(name, help, ConstGauge::new(value as u64));
}

/// What is so just now.
fn now(app: &App, registry: &mut Registry) {
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    registry.register("build", "The program", Info::new(version));
    gauge(
        registry,
        "connections",
        "Open sockets",
        app.hub.connections(),
    );
    gauge(
        registry,
        "users_connected",
        "Users with an open socket on this node",
        app.hub.users().len(),
    );
    gauge(
        registry,
        "rooms_listened",
        "Rooms that somebody on this node listens to",
        app.hub.listened_rooms().len(),
    );
    gauge(
        registry,
        "committer_waiting",
        "Operations that wait to be committed",
        app.committer.waiting(),
    );
    gauge(
        registry,
        "catch_ups_running",
        "Catch-ups that read the store",
        app.catch_ups_running(),
    );
    let pool = app.db.connections();
    gauge(
        registry,
        "store_connections",
        "Connections to the database",
        pool.open,
    );
    gauge(
        registry,
        "store_connections_in_use",
        "Connections to the database that do something",
        pool.in_use,
    );
    gauge(
        registry,
        "draining",
        "1 while the server stops",
        usize::from(app.lifecycle.is_draining()),
    );
    if let Ok(bytes) = disk::room(&app.config.data_dir) {
        registry.register(
            "disk_free_bytes",
            "Room left on the disk of the data folder",
            ConstGauge::new(bytes),
        );
    }
}

fn requests(app: &App, registry: &mut Registry) {
    let requests = &app.metrics.requests;
    registry.register(
        "http_requests",
        "HTTP requests answered; no route is none that exists",
        requests.answered.clone(),
    );
    registry.register(
        "http_request_seconds",
        "From the head of a request to the head of its answer",
        requests.seconds.clone(),
    );
    registry.register(
        "errors",
        "Errors told to clients, over HTTP and sockets",
        app.metrics.errors.clone(),
    );
}

/// What was done in the store.
fn work(app: &App, registry: &mut Registry) {
    let commits = &app.metrics.commits;
    registry.register(
        "messages_committed",
        "Messages that were stored by this node",
        commits.messages.clone(),
    );
    registry.register(
        "commit_operations",
        "Operations in one transaction",
        commits.operations.clone(),
    );
    registry.register(
        "commit_seconds",
        "From the begin of a transaction until it was durable",
        commits.seconds.clone(),
    );
    registry.register(
        "commits_failed",
        "Transactions that were lost; their senders were told",
        commits.failed.clone(),
    );
    let catch_ups = &app.metrics.catch_ups;
    registry.register(
        "catch_up_batches",
        "Batches read from the store for those who catch up",
        catch_ups.batches.clone(),
    );
    registry.register(
        "ring_misses",
        "Connections that fell behind a room's newest changes in memory",
        catch_ups.behind.clone(),
    );
    let blobs = By::<&str>::default();
    for (operation, count) in app.blobs.operations() {
        let label = [("operation", operation)];
        blobs.get_or_create(&label).inc_by(count);
    }
    registry.register("blob_operations", "Operations on the store of files", blobs);
}

fn sockets(app: &App, registry: &mut Registry) {
    let sockets = &app.metrics.sockets;
    registry.register("sockets_opened", "Sockets opened", sockets.opened.clone());
    registry.register(
        "sockets_closed",
        "Sockets closed, by reason; dead is a peer that took or answered nothing",
        sockets.closed.clone(),
    );
    registry.register(
        "sockets_sent_away",
        "Sockets that were told to come later, because too many came at once",
        sockets.sent_away.clone(),
    );
    registry.register("socket_frames_read", "Frames read", sockets.read.clone());
    registry.register(
        "socket_frames_written",
        "Frames written",
        sockets.frames.clone(),
    );
    registry.register(
        "socket_bytes_written",
        "Bytes written",
        sockets.bytes.clone(),
    );
}

fn bus(app: &App, registry: &mut Registry) {
    let bus = app.hub.bus();
    gauge(
        registry,
        "bus_away",
        "1 while the bus is away: other nodes' news come some seconds late",
        usize::from(bus.state() == State::Away),
    );
    let counters = bus.counters();
    let figures = [
        ("bus_sent", "Messages told to other nodes", &counters.sent),
        ("bus_heard", "Messages of other nodes", &counters.heard),
        (
            "bus_broken",
            "Messages that were not understood",
            &counters.broken,
        ),
        (
            "bus_dropped",
            "Messages not told: the bus was away or too slow",
            &counters.dropped,
        ),
        (
            "bus_missed",
            "Times that this node was too slow to hear everything",
            &counters.missed,
        ),
        (
            "bus_connected",
            "Times that the bus came or came back",
            &counters.connected,
        ),
        (
            "sweep_healed",
            "Rooms and users whose news only the look into the store found",
            &counters.healed,
        ),
    ];
    for (name, help, count) in figures {
        registry.register(name, help, ConstCounter::new(count.get()));
    }
}
