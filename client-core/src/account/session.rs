//! One link: the socket, the engine that reads it, and the lanes that write to it. Run by the
//! supervisor; ends with the link. The loop is the only one that touches the socket.

mod attention;
mod burst;
mod delivered;
mod driver;
mod heartbeat;
mod operations;
mod questions;

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use crate::{error::Result, transport::socket::Socket, view::Connection};
use driver::Driver;

/// How often the clocks are looked at.
const TICK: Duration = Duration::from_secs(1);
/// Frames that are applied in one transaction when they come close together.
const BURST: usize = 256;

/// Why a link ended.
#[derive(Debug)]
pub(super) enum End {
    /// As wanted.
    Stopped,
    /// Come back, not before this time.
    Closed {
        reason: String,
        delay: Duration,
    },
    /// Another program took over; come back when the user says so.
    Superseded {
        reason: String,
    },
    SignedOut {
        reason: String,
    },
    /// The access token ended.
    StaleToken,
}

impl End {
    fn lost(reason: impl Into<String>) -> Self {
        Self::Closed {
            reason: reason.into(),
            delay: Duration::ZERO,
        }
    }
}

pub(super) async fn run(
    shared: &Arc<Shared>,
    socket: Socket,
    stop: &CancellationToken,
) -> Result<End> {
    let mut driver = Driver::begin(shared, socket)?;
    shared.set_connection(Connection::Syncing);
    let end = converse(&mut driver, shared, stop).await;
    driver.socket.close().await;
    end
}

async fn converse(
    driver: &mut Driver,
    shared: &Arc<Shared>,
    stop: &CancellationToken,
) -> Result<End> {
    driver.hello().await?;
    let mut ticks = tokio::time::interval(shared.clock.pace(TICK));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let end = tokio::select! {
            () = stop.cancelled() => Some(End::Stopped),
            incoming = driver.socket.next() => match incoming {
                None => Some(End::lost("the server closed the link")),
                Some(first) => driver.take(first?, BURST).await?,
            },
            () = shared.outbox_changed.notified() => {
                driver.pump().await?;
                None
            }
            () = shared.intent_changed.notified() => {
                driver.follow_intent().await?;
                None
            }
            () = shared.reconnect.notified() => {
                driver.check_now().await?;
                None
            }
            _ = ticks.tick() => driver.tick().await?,
        };
        if let Some(end) = end {
            return Ok(end);
        }
    }
}
