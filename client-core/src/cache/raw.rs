//! Rows and frames that this build can't read, for a later one that can.

use erc_protocol::RoomId;
use rusqlite::{Connection, params};
use serde_json::Value;

use crate::error::Result;

/// A row of one's own place in a room; other kinds than these are types of frames.
pub(crate) const USER_ROOM: &str = "user_room";
pub(crate) const MESSAGE: &str = "message";
pub(crate) const MEMBER: &str = "member";
/// Something to be done later.
pub(crate) const SCHEDULED: &str = "scheduled";
/// Somebody who is blocked, or no longer.
pub(crate) const BLOCK: &str = "block";
/// A thread as this user sees it.
pub(crate) const USER_THREAD: &str = "user_thread";
/// What is not sent yet.
pub(crate) const DRAFT: &str = "draft";
/// What rings in all rooms.
pub(crate) const ATTENTION: &str = "attention";
/// What this user chose in a poll.
pub(crate) const VOTE: &str = "vote";

/// A custom emoji.
pub(crate) const EMOJI: &str = "emoji";

/// What was kept.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) id: i64,
    pub(crate) room: Option<RoomId>,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

/// Keeps it, once.
pub(crate) fn keep(
    conn: &Connection,
    room: Option<RoomId>,
    kind: &str,
    data: &Value,
) -> Result<()> {
    let room = room.map(|room| room.0);
    let rev = data.get("rev").and_then(Value::as_i64);
    let json = data.to_string();
    let keys = params![room, rev, kind, json];
    conn.prepare_cached(
        "DELETE FROM raw WHERE room_id IS ?1 AND kind = ?3 AND rev IS ?2 AND json = ?4",
    )?
    .execute(keys)?;
    conn.prepare_cached("INSERT INTO raw (room_id, rev, kind, json) VALUES (?1, ?2, ?3, ?4)")?
        .execute(keys)?;
    Ok(())
}

/// All of it, in the order in which it came.
pub(crate) fn all(conn: &Connection) -> Result<Vec<Raw>> {
    let mut statement = conn.prepare("SELECT id, room_id, kind, json FROM raw ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok(Raw {
            id: row.get(0)?,
            room: row.get::<_, Option<i64>>(1)?.map(RoomId),
            kind: row.get(2)?,
            // It was written by `keep`; a row that was damaged since is nothing.
            data: serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// It has been read.
pub(crate) fn forget(conn: &Connection, id: i64) -> Result<()> {
    conn.prepare_cached("DELETE FROM raw WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}
