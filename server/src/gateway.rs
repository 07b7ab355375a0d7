//! The socket: one task a connection, owned by the lifecycle.
//!
//! It begins after the upgrade, owns the socket and one [`crate::hub::Listener`], and ends when the
//! peer goes, the session ends, the same device connects again, the server drains, or the peer
//! takes nothing for [`WRITE_PATIENCE`]. What it has not yet written is not lost: the client comes
//! back with its cursors. At most [`REPLIES`] operations of one connection are under way; beyond,
//! it reads no further frames.

mod connection;
mod deliver;
mod frames;
mod resume;
mod seat;

use std::time::Duration;

use axum::extract::ws::WebSocket;

pub use seat::Seat;

/// How long a peer may take nothing before it is let go.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// How often the server pings, plus up to [`PING_JITTER`].
const PING_EVERY: Duration = Duration::from_secs(25);
const PING_JITTER: Duration = Duration::from_secs(5);
/// How long a client that announced a `hello` may take to say it.
const HELLO_DEADLINE: Duration = Duration::from_secs(10);
/// Operations under way on one connection.
const REPLIES: usize = 64;

/// Serves one connection to its end.
pub async fn run(seat: Seat, socket: WebSocket) {
    let _alive = seat.app.lifecycle.guard();
    let mut connection = connection::Connection::begin(seat, socket);
    let end = connection.serve().await;
    connection.end(end).await;
}
