//! Telling the server how far this account holds its rooms: after the rows are on disk, several
//! rooms in one frame, one frame at a time. A frame that is lost is made up for by the next one,
//! because what the server has acknowledged is kept.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use erc_protocol::{RoomId, Seq, gateway::ClientFrame, gateway::client::MarkDelivered, limit};

use super::{driver::Driver, questions::Asked};
use crate::{cache::receipts, error::Result};

/// What is on its way and what is due.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    /// The server takes such frames.
    pub(super) is_wanted: bool,
    /// Something was stored since the last frame.
    pub(super) is_due: bool,
    asked: Option<BTreeMap<RoomId, Seq>>,
    last: Option<Instant>,
}

impl Driver {
    /// Says how far the rooms are held, unless it was said a moment ago; then a tick will.
    pub(super) async fn tell_delivered(&mut self) -> Result<()> {
        let pause = Duration::from_millis(limit::RECEIPTS_GATHER_MS);
        let state = &self.delivered;
        let is_soon = state.last.is_some_and(|last| last.elapsed() < pause);
        if !state.is_wanted || !state.is_due || !self.is_live || state.asked.is_some() || is_soon {
            return Ok(());
        }
        self.delivered.is_due = false;
        let rooms = self.shared.store.read(receipts::to_tell)?;
        if rooms.is_empty() {
            return Ok(());
        }
        // There may be more than fit.
        self.delivered.is_due = rooms.len() == limit::DELIVERED_ROOMS;
        self.delivered.last = Some(Instant::now());
        self.delivered.asked = Some(rooms.clone());
        let frame = ClientFrame::MarkDelivered(MarkDelivered { rooms });
        self.say(frame, Some(Asked::Delivered)).await
    }

    /// The server has it.
    pub(super) async fn delivered_told(&mut self) -> Result<()> {
        if let Some(rooms) = self.delivered.asked.take() {
            self.shared
                .store
                .write(move |tx| receipts::told(tx, &rooms))
                .await?;
        }
        Ok(())
    }

    /// The server could not take it: said again with what comes next.
    pub(super) fn delivered_refused(&mut self) {
        self.delivered.asked = None;
    }
}
