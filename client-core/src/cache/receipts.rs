//! How far members have got, and how far the server knows that this account has.

use std::collections::BTreeMap;

use erc_protocol::{Receipt, RoomId, Seq, Timestamp, UserId, limit};
use rusqlite::{Connection, params};

use crate::error::Result;

/// Another member's marks, as far as a message's ticks need them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) joined_at: Timestamp,
    pub(crate) delivered: Seq,
    pub(crate) read: Seq,
}

/// Stores watermarks; they never go back, whatever order they are heard in.
pub(crate) fn put(conn: &Connection, room: RoomId, receipt: &Receipt) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO receipts (room_id, user_id, delivered_seq, read_seq, delivered_at, read_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (room_id, user_id) DO UPDATE SET
             delivered_at = iif(excluded.delivered_seq > delivered_seq,
                 excluded.delivered_at, delivered_at),
             read_at = iif(excluded.read_seq > read_seq, excluded.read_at, read_at),
             delivered_seq = max(delivered_seq, excluded.delivered_seq),
             read_seq = max(read_seq, excluded.read_seq)",
    )?
    .execute(params![
        room.0,
        receipt.user_id.0,
        receipt.delivered_seq.max(receipt.read_seq).0,
        receipt.read_seq.0,
        receipt.delivered_at.map(|at| at.0),
        receipt.read_at.map(|at| at.0),
    ])?;
    Ok(())
}

/// The marks of everybody else who is in the room.
pub(crate) fn of_others(conn: &Connection, room: RoomId, me: UserId) -> Result<Vec<Mark>> {
    let mut statement = conn.prepare_cached(
        "SELECT m.joined_at, r.delivered_seq, r.read_seq FROM receipts r
         JOIN members m ON m.room_id = r.room_id AND m.user_id = r.user_id
         WHERE r.room_id = ?1 AND r.user_id <> ?2 AND m.state = 'joined'",
    )?;
    let rows = statement.query_map(params![room.0, me.0], |row| {
        Ok(Mark {
            joined_at: Timestamp(row.get(0)?),
            delivered: Seq(row.get(1)?),
            read: Seq(row.get(2)?),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Rooms that are held further than the server knows, without requests that wait for an answer: as many as fit into a frame.
pub(crate) fn to_tell(conn: &Connection) -> Result<BTreeMap<RoomId, Seq>> {
    let mut statement = conn.prepare_cached(
        "SELECT room_id, seq FROM rooms WHERE state = 'joined' AND seq > max(delivered_seq, read_seq)
         AND request <> 'received' AND member_count <= ?1 LIMIT ?2",
    )?;
    let most = i64::try_from(limit::DELIVERED_ROOMS).unwrap_or(i64::MAX);
    let rows = statement.query_map([limit::RECEIPT_MEMBERS, most], |row| {
        Ok((RoomId(row.get(0)?), Seq(row.get(1)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The server knows now.
pub(crate) fn told(conn: &Connection, rooms: &BTreeMap<RoomId, Seq>) -> Result<()> {
    for (room, seq) in rooms {
        conn.prepare_cached(
            "UPDATE rooms SET delivered_seq = max(delivered_seq, ?2) WHERE room_id = ?1",
        )?
        .execute(params![room.0, seq.0])?;
    }
    Ok(())
}
