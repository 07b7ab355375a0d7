//! Presence between nodes, as far as it takes time or the store: says now and then who is here,
//! forgets nodes that fell silent, and shows what no message showed. Part of the sweep's task.

use std::sync::Weak;

use erc_protocol::UserId;
use tokio::time::Instant;

use super::{Inner, State, sweep::Times};
use crate::hub::{Hub, presence};
use crate::ops::presence::{last_seen, rooms_of};
use crate::store::{self, Db};

/// Users whose rooms are asked for in one go; more wait for the next.
const TURN: usize = 500;

#[derive(Debug, Default)]
pub(super) struct Rosters {
    round: u64,
    last: Option<Instant>,
    waiting: Vec<UserId>,
}

impl Rosters {
    pub(super) async fn go_round(
        &mut self,
        db: &Db,
        hub: &Weak<Hub>,
        shared: &Inner,
        times: &Times,
    ) -> store::Result<()> {
        if shared.state() == State::Alone {
            return Ok(());
        }
        let Some(hub) = hub.upgrade() else {
            return Ok(());
        };
        let is_due = self.last.is_none_or(|last| last.elapsed() >= times.roster);
        if shared.take_greeting() || is_due {
            self.last = Some(Instant::now());
            self.round += 1;
            hub.tell_roster(self.round);
        }
        self.waiting.extend(hub.changed_elsewhere(times.lease));
        let turn: Vec<_> = self.waiting.drain(..self.waiting.len().min(TURN)).collect();
        for user in turn {
            show(db, &hub, user).await?;
        }
        Ok(())
    }
}

async fn show(db: &Db, hub: &Hub, user: UserId) -> store::Result<()> {
    let mut tx = db.snapshot().await?;
    let Some(row) = tx.user(user).await? else {
        return Ok(());
    };
    let rooms = rooms_of(&mut tx, user).await?;
    let last_seen = last_seen(&row);
    let presence = presence::presence(user, hub.presence_of(user), last_seen);
    hub.show_presence(&presence, &rooms);
    Ok(())
}
