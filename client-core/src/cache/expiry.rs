//! What is held of messages whose time has come, by the clock of this machine: their content goes from
//! the file and from the index at once, also while there is no link. That they are deleted, and what
//! of that counts, is the server's to say: place, sender and whom they mention stay until it does.

use std::collections::BTreeSet;

use erc_protocol::{Message, RoomId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::Result;

/// Rows at a time.
const BATCH: u32 = 256;

/// When the next message goes whose content is held.
pub(crate) fn next(conn: &Connection) -> Result<Option<Timestamp>> {
    let at: Option<i64> = conn
        .prepare_cached(
            "SELECT expires_at FROM messages WHERE expires_at IS NOT NULL AND content <> ''
             ORDER BY expires_at LIMIT 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(at.map(Timestamp))
}

/// Takes the content of some whose time has come, with what waits to be done to them. Gives their
/// rooms: nobody's once all is done.
pub(crate) fn clear(conn: &Connection, now: Timestamp) -> Result<BTreeSet<RoomId>> {
    let mut due = conn.prepare_cached(
        "SELECT id, room_id, sender_id, client_id FROM messages
         WHERE expires_at IS NOT NULL AND content <> '' AND expires_at <= ?1
         ORDER BY expires_at LIMIT ?2",
    )?;
    let rows = due.query_map(params![now.0, BATCH], |row| {
        let name: (i64, String) = (row.get(2)?, row.get(3)?);
        Ok((row.get::<_, i64>(0)?, RoomId(row.get(1)?), name))
    })?;
    let mut rooms = BTreeSet::new();
    for (id, room, (sender, client_id)) in rows.collect::<rusqlite::Result<Vec<_>>>()? {
        conn.prepare_cached(
            "UPDATE messages SET content = '', reactions = '', pinned = '', forwarded = '',
                 poll = ''
             WHERE id = ?1",
        )?
        .execute([id])?;
        conn.prepare_cached(
            "DELETE FROM outbox WHERE sender_id = ?1 AND client_id = ?2
             AND kind NOT IN ('send', 'forward')",
        )?
        .execute(params![sender, client_id])?;
        rooms.insert(room);
    }
    previews(conn, now)?;
    Ok(rooms)
}

/// The same for the newest messages that heads told of.
fn previews(conn: &Connection, now: Timestamp) -> Result<()> {
    let mut told = conn
        .prepare_cached("SELECT room_id, preview FROM rooms WHERE preview LIKE '%\"expiry\"%'")?;
    let rows = told.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (room, json) in rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()? {
        let message: Option<Message> = serde_json::from_str(&json).ok();
        let expiry = message.and_then(|message| message.expiry);
        if expiry.is_none_or(|expiry| expiry.is_over(now)) {
            conn.prepare_cached("UPDATE rooms SET preview = NULL WHERE room_id = ?1")?
                .execute([room])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
