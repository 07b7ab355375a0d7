//! What a connection knows of each room, in as little memory as that takes: it is held ten thousand
//! times, mostly for a handful of rooms.

use erc_protocol::RoomId;

use super::connection::RoomState;

/// Rooms in the order of their ids.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<(RoomId, RoomState)>);

impl Places {
    fn find(&self, room: RoomId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&room, |(id, _)| *id)
    }

    pub(super) fn with_capacity(rooms: usize) -> Self {
        Self(Vec::with_capacity(rooms))
    }

    pub(super) fn contains(&self, room: RoomId) -> bool {
        self.find(room).is_ok()
    }

    pub(super) fn get(&self, room: RoomId) -> Option<&RoomState> {
        self.find(room).ok().map(|place| &self.0[place].1)
    }

    pub(super) fn get_mut(&mut self, room: RoomId) -> Option<&mut RoomState> {
        self.find(room).ok().map(|place| &mut self.0[place].1)
    }

    /// Adds a room, or knows it anew.
    pub(super) fn insert(&mut self, room: RoomId, state: RoomState) {
        match self.find(room) {
            Ok(place) => self.0[place].1 = state,
            Err(place) => self.0.insert(place, (room, state)),
        }
    }

    pub(super) fn remove(&mut self, room: RoomId) {
        if let Ok(place) = self.find(room) {
            self.0.remove(place);
        }
    }

    /// Those that are no requests.
    pub(super) fn shared(&self) -> impl Iterator<Item = RoomId> {
        let shared = self.0.iter().filter(|(_, state)| !state.is_request);
        shared.map(|(id, _)| *id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = RoomId> {
        self.0.iter().map(|(id, _)| *id)
    }
}
