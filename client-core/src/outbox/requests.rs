//! What this user answers to a stranger's request.

use erc_protocol::{RequestState, RoomId};
use rusqlite::Connection;

use super::compose::Author;
use crate::{
    cache::{
        outbox::{self, Entry, Kind},
        rooms,
    },
    error::{Error, Result},
};

/// Accepts a request, or declines it. What has not left yet is taken back; nothing is done that is so
/// already.
pub(crate) fn answer(conn: &Connection, author: Author, room: RoomId, accept: bool) -> Result<()> {
    for entry in outbox::of_room(conn, room)? {
        if entry.kind == Kind::Answer && entry.attempts == 0 {
            outbox::delete(conn, entry.id)?;
        }
    }
    let row = rooms::get(conn, room)?.ok_or(Error::NotFound)?;
    match (row.request, accept) {
        (RequestState::None, true) | (RequestState::Declined, false) => return Ok(()),
        (RequestState::Received | RequestState::Declined, _) => {}
        (RequestState::None | RequestState::Sent, _) => {
            return Err(Error::Invalid("this is no request".to_owned()));
        }
    }
    let entry = Entry {
        is_on: accept,
        ..author.entry(room, Kind::Answer)
    };
    outbox::insert(conn, &entry).map(drop)
}
