//! Which rooms are asked about, and when: one question a room, open rooms at once, a few of the
//! others at a time.

use erc_protocol::{RoomId, Timestamp, gateway::client::SyncRoom};

use super::{Engine, Phase, Step};

/// Rooms beyond the server's budget that are asked for at a time.
const FILLING: usize = 4;
/// Ticks after which an unanswered question is asked again.
const PATIENCE: u8 = 2;

impl Engine {
    /// The view shows this room (or no longer): it is caught up at once.
    pub(crate) fn set_open(&mut self, room: RoomId, is_open: bool) -> Step {
        let mut step = Step::default();
        if let Some(place) = self.rooms.get_mut(&room) {
            place.is_open = is_open;
        }
        self.fill(&mut step);
        step
    }

    /// Asks for this room's state although nothing seems to be missing (its unread count is in
    /// doubt).
    pub(crate) fn doubt(&mut self, room: RoomId) -> Step {
        let mut step = Step::default();
        if self.phase != Phase::Waiting {
            self.ask(room, &mut step);
        }
        step
    }

    /// The server refused to answer a question; it is not asked again until something new shows
    /// that the room is behind.
    pub(crate) fn refused(&mut self, room: RoomId) -> Step {
        if let Some(place) = self.rooms.get_mut(&room) {
            place.asked = None;
            place.behind = None;
        }
        let mut step = Step::default();
        self.fill(&mut step);
        step
    }

    /// Time passes (about a heartbeat): questions that found no answer are asked again.
    pub(crate) fn tick(&mut self) -> Step {
        let mut step = Step::default();
        let mut again = Vec::new();
        for (room, place) in &mut self.rooms {
            if let Some(age) = &mut place.asked {
                *age += 1;
                if *age > PATIENCE {
                    place.asked = None;
                    again.push(*room);
                }
            }
        }
        for room in again {
            self.ask(room, &mut step);
        }
        step
    }

    pub(super) fn ask(&mut self, room: RoomId, step: &mut Step) {
        let place = self.rooms.entry(room).or_default();
        if place.asked.is_none() && !place.has_left {
            place.asked = Some(0);
            step.ask.push(SyncRoom {
                room_id: room,
                cursor: place.cursor,
            });
        }
    }

    /// Asks about rooms that are behind: open ones at once, a few of the others at a time, most
    /// recently active first.
    pub(super) fn fill(&mut self, step: &mut Step) {
        if self.phase == Phase::Waiting {
            return;
        }
        let open: Vec<RoomId> = self
            .rooms
            .iter()
            .filter(|(_, place)| place.is_open && place.behind.is_some())
            .map(|(room, _)| *room)
            .collect();
        for room in open {
            self.ask(room, step);
        }
        if self.phase != Phase::Live {
            return;
        }
        let busy = self
            .rooms
            .values()
            .filter(|place| place.asked.is_some())
            .count();
        let mut behind: Vec<(Timestamp, RoomId)> = self
            .rooms
            .iter()
            .filter(|(_, place)| place.asked.is_none())
            .filter_map(|(room, place)| place.behind.map(|at| (at, *room)))
            .collect();
        behind.sort_unstable_by(|a, b| b.cmp(a));
        for (_, room) in behind.into_iter().take(FILLING.saturating_sub(busy)) {
            self.ask(room, step);
        }
    }
}
