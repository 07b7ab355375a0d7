//! The listening socket: one that the service manager holds (systemd's socket activation), or our
//! own.
//!
//! A socket that is held outside outlives the process: while the server restarts, those who connect
//! wait in its queue instead of being refused.

use std::net::SocketAddr;

use anyhow::Context as _;
use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted: ten thousand come back at once after a restart. The
/// system's own limit (`net.core.somaxconn`) holds too.
const BACKLOG: u32 = 4_096;

/// Listens. A socket that was passed on (`LISTEN_FDS`) comes before the configured address.
pub fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let mut passed = ListenFd::from_env();
    match passed.len() {
        0 => own(address).with_context(|| format!("listening on {address}")),
        1 => {
            let listener = passed
                .take_tcp_listener(0)
                .context("the socket that was passed on is not a listening TCP socket")?
                .context("the socket that was passed on is gone")?;
            listener.set_nonblocking(true)?;
            Ok(TcpListener::from_std(listener)?)
        }
        more => anyhow::bail!("{more} sockets were passed on, and the server listens on one"),
    }
}

fn own(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restart does not wait until the last connections of the process before are forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
