//! What a burst of frames led to so far.

use std::collections::HashSet;

use erc_protocol::{Message, RoomId, gateway::client::SyncRoom};

use crate::sync::{
    change::{Change, Touched},
    engine::Step,
};

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each acted on by itself"
)]
pub(super) struct Burst {
    pub(super) changes: Vec<Change>,
    pub(super) ask: Vec<SyncRoom>,
    pub(super) arrived: Vec<Message>,
    pub(super) touched: Touched,
    pub(super) typing: HashSet<RoomId>,
    pub(super) is_welcome: bool,
    pub(super) is_done: bool,
    pub(super) must_reconnect: bool,
    /// Lanes may be free again.
    pub(super) has_answers: bool,
}

impl Burst {
    pub(super) fn add(&mut self, step: Step) {
        self.changes.extend(step.changes);
        self.ask.extend(step.ask);
        self.arrived.extend(step.arrived);
        self.is_done |= step.is_done;
        self.must_reconnect |= step.must_reconnect;
    }
}
