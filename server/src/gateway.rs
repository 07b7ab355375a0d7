//! The socket: one task a connection, owned by the lifecycle.
//!
//! It begins after the upgrade, owns the socket and one [`crate::hub::Listener`], and ends when the
//! peer goes, the session ends, the same device connects again, the server drains, or the peer
//! takes nothing for [`WRITE_PATIENCE`]. What it has not yet written is not lost: the client comes
//! back with its cursors. At most [`REPLIES`] operations of one connection are under way; beyond,
//! it reads no further frames.

mod admission;
mod connection;
mod deliver;
mod emoji;
mod frames;
pub mod incoming;
mod places;
mod resume;
mod seat;
mod wire;

use std::time::Duration;

pub use admission::Admission;
pub use connection::Connection;
pub use seat::Seat;

/// How long a peer may take nothing before it is let go.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// How often the server pings, plus up to [`PING_JITTER`].
const PING_EVERY: Duration = Duration::from_secs(25);
const PING_JITTER: Duration = Duration::from_secs(5);
/// How long a client that announced a `hello` may take to say it.
const HELLO_DEADLINE: Duration = Duration::from_secs(10);
/// How long a draining server waits for the answers of one connection.
const ANSWERS: Duration = Duration::from_secs(5);
/// When somebody who is sent away may come back at the earliest: a restart takes about that long.
const RESTART_MS: u64 = 200;
/// Operations under way on one connection.
const REPLIES: usize = 64;

/// Why a socket is closed (RFC 6455, section 7.4.1).
mod close_code {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const AWAY: u16 = 1001;
    pub(super) const PROTOCOL: u16 = 1002;
    pub(super) const INVALID: u16 = 1007;
    pub(super) const POLICY: u16 = 1008;
    pub(super) const SIZE: u16 = 1009;
    pub(super) const RESTART: u16 = 1012;
}
