//! Text left in composers.

use std::collections::HashSet;

use erc_protocol::{RoomId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::Result;

pub(crate) fn get(conn: &Connection, room: RoomId) -> Result<String> {
    let text = conn
        .prepare_cached("SELECT content FROM drafts WHERE room_id = ?1")?
        .query_row([room.0], |row| row.get(0))
        .optional()?;
    Ok(text.unwrap_or_default())
}

/// An empty text removes the draft.
pub(crate) fn put(conn: &Connection, room: RoomId, text: &str, now: Timestamp) -> Result<()> {
    if text.is_empty() {
        conn.prepare_cached("DELETE FROM drafts WHERE room_id = ?1")?
            .execute([room.0])?;
    } else {
        conn.prepare_cached(
            "INSERT INTO drafts (room_id, content, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (room_id) DO UPDATE SET
                 content = excluded.content, updated_at = excluded.updated_at",
        )?
        .execute(params![room.0, text, now.0])?;
    }
    Ok(())
}

/// Rooms that have one.
pub(crate) fn rooms(conn: &Connection) -> Result<HashSet<RoomId>> {
    let mut statement = conn.prepare_cached("SELECT room_id FROM drafts")?;
    let rows = statement.query_map([], |row| row.get(0).map(RoomId))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
