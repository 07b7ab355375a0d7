//! Requests of strangers: read from the cache, answered through the outbox.

use erc_protocol::RoomId;

use super::{Account, views};
use crate::{
    error::Result,
    outbox::requests,
    view::{RoomSummary, Update},
};

impl Account {
    /// Direct rooms that strangers began, in which something was written and that this user has not
    /// answered; most recently active first. They count nowhere else.
    pub fn requests(&self) -> Result<Vec<RoomSummary>> {
        let (me, now) = (self.shared.me(), self.shared.clock.now());
        let mut rooms = self
            .shared
            .store
            .read(|conn| views::requests(conn, &me, now))?;
        rooms.sort_by_key(|room| std::cmp::Reverse((room.last_activity, room.id)));
        Ok(rooms)
    }

    /// Accepts a request: the room is a direct room like any other from then on. Or declines it: the
    /// room goes away, and who began it isn't told.
    pub async fn answer_request(&self, room: RoomId, accept: bool) -> Result<()> {
        let author = self.author();
        self.queue(room, move |tx| requests::answer(tx, author, room, accept))
            .await?;
        self.shared.tell(Update::Rooms);
        Ok(())
    }
}
