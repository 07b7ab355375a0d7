//! One clock for all connections: a timer each would cost more than what it does.
//!
//! Started by the app, owned by the lifecycle. Ends when the server drains, after it has told every
//! connection so, or when nobody holds the app any more.

use std::convert::Infallible;
use std::sync::Weak;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Hub;
use crate::lifecycle::Lifecycle;
use crate::ops::committer::Committer;
use crate::ops::presence;

/// How exact a connection's pings and deadlines are.
const EVERY: Duration = Duration::from_secs(1);

/// Beats until `gone` is dropped or the server drains.
pub async fn run(
    hub: Weak<Hub>,
    committer: Committer,
    lifecycle: Lifecycle,
    gone: oneshot::Receiver<Infallible>,
) {
    let mut beats = interval(EVERY);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let beating = async {
        loop {
            beats.tick().await;
            let Some(hub) = hub.upgrade() else { return };
            for (user, left) in hub.pulse(Instant::now()) {
                let (committer, hub) = (committer.clone(), hub.clone());
                lifecycle.spawn("left", async move {
                    presence::left(&committer, &hub, user, &left.rooms, left.since).await;
                });
            }
        }
    };
    tokio::select! {
        () = beating => {}
        _ = gone => {}
        () = lifecycle.draining() => {
            if let Some(hub) = hub.upgrade() {
                hub.drain();
            }
        }
    }
}
