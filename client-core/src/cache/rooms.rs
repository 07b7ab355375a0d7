//! Rooms: one's own place in them, their common fields, the cursor and the server's unread count.

use erc_protocol::{
    Capability, Level, MemberState, Message, RequestState, Rev, Room, RoomId, RoomKind, RoomRole,
    RoomSettings, Seq, ServerRole, Timestamp,
    permission::Situation,
    sync::{Cursor, Unread, UserRoom},
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{outbox, word};
use crate::error::{Error, Result};

/// A room as it is held.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "a row, with its columns")]
pub(crate) struct RoomRow {
    pub(crate) id: RoomId,
    pub(crate) state: MemberState,
    pub(crate) role: RoomRole,
    pub(crate) read_seq: Seq,
    pub(crate) first_visible_seq: Seq,
    pub(crate) name: String,
    pub(crate) topic: String,
    pub(crate) kind: RoomKind,
    pub(crate) is_private: bool,
    pub(crate) member_count: i64,
    pub(crate) last_seq: Seq,
    pub(crate) last_message_at: Timestamp,
    pub(crate) members_complete: bool,
    /// From a head: stands in while the newest row isn't held.
    pub(crate) preview: Option<Message>,
    pub(crate) cursor: Cursor,
    pub(crate) unread: Unread,
    pub(crate) marked_unread: bool,
    pub(crate) settings: RoomSettings,
    /// Until when this user only reads here; past once it is over.
    pub(crate) muted_until: Option<Timestamp>,
    /// Which messages ring for this user; until when none does, past once it is over.
    pub(crate) level: Level,
    pub(crate) hushed_until: Option<Timestamp>,
    /// Whether it is a request, with this user's answer to it, on its way or not.
    pub(crate) request: RequestState,
    /// Whether the common fields are known at all.
    pub(crate) is_known: bool,
}

impl RoomRow {
    /// Where this user stands in the room now.
    fn situation(&self, server_role: ServerRole, now: Timestamp) -> Situation<'_> {
        Situation {
            kind: self.kind,
            settings: &self.settings,
            room_role: self.role,
            server_role,
            is_muted: self.muted_until.is_some_and(|until| until > now),
        }
    }

    /// All that this user may do in the room now: only read, in a request before it is accepted.
    pub(crate) fn can(&self, server_role: ServerRole, now: Timestamp) -> Vec<Capability> {
        if self.request.is_received() {
            return Vec::new();
        }
        self.situation(server_role, now).can()
    }
}

const COLUMNS: &str = "room_id, state, role, read_seq, first_visible_seq, name, topic, kind, \
    is_private, member_count, last_seq, last_message_at, members_complete, preview, rev, seq, \
    unread_count, unread_read_seq, unread_at_seq, unread_at_rev, room_rev IS NOT NULL, \
    unread_mentions, marked_unread, settings, muted_until, level, hushed_until, request";

fn read(row: &Row<'_>) -> rusqlite::Result<RoomRow> {
    let preview: Option<String> = row.get(13)?;
    Ok(RoomRow {
        id: RoomId(row.get(0)?),
        state: word(row, 1)?,
        role: word(row, 2)?,
        read_seq: Seq(row.get(3)?),
        first_visible_seq: Seq(row.get(4)?),
        name: row.get(5)?,
        topic: row.get(6)?,
        kind: word(row, 7)?,
        is_private: row.get(8)?,
        member_count: row.get(9)?,
        last_seq: Seq(row.get(10)?),
        last_message_at: Timestamp(row.get(11)?),
        members_complete: row.get(12)?,
        preview: preview.and_then(|json| serde_json::from_str(&json).ok()),
        cursor: Cursor {
            rev: Rev(row.get(14)?),
            seq: Seq(row.get(15)?),
        },
        unread: Unread {
            count: row.get(16)?,
            mentions: row.get(21)?,
            read_seq: Seq(row.get(17)?),
            at_seq: Seq(row.get(18)?),
            at_rev: Rev(row.get(19)?),
        },
        is_known: row.get(20)?,
        marked_unread: row.get(22)?,
        settings: RoomSettings::try_from(row.get::<_, String>(23)?).unwrap_or_default(),
        muted_until: row.get::<_, Option<i64>>(24)?.map(Timestamp),
        level: word(row, 25)?,
        hushed_until: row.get::<_, Option<i64>>(26)?.map(Timestamp),
        request: word(row, 27)?,
    })
}

pub(crate) fn get(conn: &Connection, room: RoomId) -> Result<Option<RoomRow>> {
    let row = conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM rooms WHERE room_id = ?1"))?
        .query_row([room.0], read)
        .optional()?;
    row.map(|row| answered(conn, row)).transpose()
}

/// With the answer to a request that is on its way.
fn answered(conn: &Connection, row: RoomRow) -> Result<RoomRow> {
    let request = match row.request {
        RequestState::None | RequestState::Sent => row.request,
        held => match outbox::pending_answer(conn, row.id)? {
            Some(true) => RequestState::None,
            Some(false) => RequestState::Declined,
            None => held,
        },
    };
    Ok(RoomRow { request, ..row })
}

/// Joined rooms of which something is known, most recently active first; without requests that this
/// user has not accepted.
pub(crate) fn joined(conn: &Connection) -> Result<Vec<RoomRow>> {
    let mut rows = with_requests(conn)?;
    rows.retain(|row| matches!(row.request, RequestState::None | RequestState::Sent));
    Ok(rows)
}

/// Requests that this user has not answered, in which something was written; most recently active
/// first.
pub(crate) fn asked(conn: &Connection) -> Result<Vec<RoomRow>> {
    let mut rows = with_requests(conn)?;
    rows.retain(|row| row.request.is_received() && row.last_seq > Seq::ZERO);
    Ok(rows)
}

fn with_requests(conn: &Connection) -> Result<Vec<RoomRow>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM rooms WHERE state = 'joined' AND room_rev IS NOT NULL
         ORDER BY last_message_at DESC, room_id DESC"
    ))?;
    let rows = statement.query_map([], read)?;
    rows.map(|row| answered(conn, row?)).collect()
}

/// Every room with its cursor and one's own state.
pub(crate) fn cursors(conn: &Connection) -> Result<Vec<(RoomId, MemberState, Cursor)>> {
    let mut statement = conn.prepare_cached("SELECT room_id, state, rev, seq FROM rooms")?;
    let rows = statement.query_map([], |row| {
        let cursor = Cursor {
            rev: Rev(row.get(2)?),
            seq: Seq(row.get(3)?),
        };
        Ok((RoomId(row.get(0)?), word(row, 1)?, cursor))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes sure that there is a row to write on.
fn ensure(conn: &Connection, room: RoomId) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO rooms (room_id, state, role, read_seq, first_visible_seq, user_rev)
         VALUES (?1, 'joined', 'member', 0, 1, 0) ON CONFLICT DO NOTHING",
    )?
    .execute([room.0])?;
    Ok(())
}

/// One's own place. The read mark never goes back, an older row changes nothing.
pub(crate) fn put_mine(conn: &Connection, mine: &UserRoom) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO rooms (room_id, state, role, read_seq, first_visible_seq, user_rev,
             marked_unread, muted_until, level, hushed_until, request)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (room_id) DO UPDATE SET
             state = excluded.state, role = excluded.role,
             read_seq = max(read_seq, excluded.read_seq),
             first_visible_seq = excluded.first_visible_seq, user_rev = excluded.user_rev,
             marked_unread = excluded.marked_unread, muted_until = excluded.muted_until,
             level = excluded.level, hushed_until = excluded.hushed_until,
             request = excluded.request
         WHERE excluded.user_rev >= rooms.user_rev",
    )?
    .execute(params![
        mine.room_id.0,
        mine.state.as_str(),
        mine.role.as_str(),
        mine.read_seq.0,
        mine.first_visible_seq.0.max(1),
        mine.user_rev.0,
        mine.marked_unread,
        mine.muted_until.map(|until| until.0),
        mine.level.as_str(),
        mine.hushed_until.map(|until| until.0),
        mine.request.as_str(),
    ])?;
    Ok(())
}

/// What a request has become, by the answer to this user's own: whatever else changed comes with
/// their counter.
pub(crate) fn set_request(conn: &Connection, mine: &UserRoom) -> Result<()> {
    conn.prepare_cached("UPDATE rooms SET request = ?2 WHERE room_id = ?1 AND user_rev <= ?3")?
        .execute(params![
            mine.room_id.0,
            mine.request.as_str(),
            mine.user_rev.0
        ])?;
    Ok(())
}

pub(crate) fn set_left(conn: &Connection, room: RoomId) -> Result<()> {
    conn.prepare_cached("UPDATE rooms SET state = 'left' WHERE room_id = ?1")?
        .execute([room.0])?;
    Ok(())
}

/// What of one's own place the others see as well.
pub(crate) fn set_standing(
    conn: &Connection,
    room: RoomId,
    role: RoomRole,
    muted_until: Option<Timestamp>,
) -> Result<()> {
    conn.prepare_cached("UPDATE rooms SET role = ?2, muted_until = ?3 WHERE room_id = ?1")?
        .execute(params![
            room.0,
            role.as_str(),
            muted_until.map(|until| until.0)
        ])?;
    Ok(())
}

/// The common fields; the newest message's place and time only rise.
pub(crate) fn put_room(conn: &Connection, room: &Room) -> Result<()> {
    ensure(conn, room.id)?;
    conn.prepare_cached(
        "UPDATE rooms SET
             name = iif(coalesce(room_rev, 0) <= ?2, ?3, name),
             topic = iif(coalesce(room_rev, 0) <= ?2, ?4, topic),
             is_private = iif(coalesce(room_rev, 0) <= ?2, ?6, is_private),
             settings = iif(coalesce(room_rev, 0) <= ?2, ?10, settings),
             kind = ?5, member_count = ?7,
             last_seq = max(last_seq, ?8), last_message_at = max(last_message_at, ?9),
             room_rev = max(coalesce(room_rev, 0), ?2)
         WHERE room_id = ?1",
    )?
    .execute(params![
        room.id.0,
        room.rev.0,
        room.name,
        room.topic,
        room.kind.as_str(),
        room.is_private,
        room.member_count,
        room.last_seq.0,
        room.last_message_at.0,
        room.settings.to_text(),
    ])?;
    Ok(())
}

pub(crate) fn set_member_count(conn: &Connection, room: RoomId, count: i64) -> Result<()> {
    conn.prepare_cached("UPDATE rooms SET member_count = ?2 WHERE room_id = ?1")?
        .execute(params![room.0, count])?;
    Ok(())
}

/// A message that came live: the room is now at least this far.
pub(crate) fn raise_last(conn: &Connection, room: RoomId, seq: Seq, at: Timestamp) -> Result<()> {
    conn.prepare_cached(
        "UPDATE rooms SET last_seq = max(last_seq, ?2), last_message_at = max(last_message_at, ?3)
         WHERE room_id = ?1",
    )?
    .execute(params![room.0, seq.0, at.0])?;
    Ok(())
}

pub(crate) fn put_preview(
    conn: &Connection,
    room: RoomId,
    preview: Option<&Message>,
) -> Result<()> {
    let json = preview
        .map(serde_json::to_string)
        .transpose()
        .map_err(|e| Error::Storage(e.to_string()))?;
    conn.prepare_cached("UPDATE rooms SET preview = ?2 WHERE room_id = ?1")?
        .execute(params![room.0, json])?;
    Ok(())
}

/// The server's count, unless a newer one is held; raises the read mark.
pub(crate) fn put_unread(conn: &Connection, room: RoomId, unread: &Unread) -> Result<()> {
    conn.prepare_cached(
        "UPDATE rooms SET unread_count = ?2, unread_read_seq = ?3, unread_at_seq = ?4,
             unread_at_rev = ?5, unread_mentions = ?6
         WHERE room_id = ?1 AND (unread_at_rev, unread_read_seq) <= (?5, ?3)",
    )?
    .execute(params![
        room.0,
        unread.count,
        unread.read_seq.0,
        unread.at_seq.0,
        unread.at_rev.0,
        unread.mentions,
    ])?;
    raise_read(conn, room, unread.read_seq)
}

pub(crate) fn raise_read(conn: &Connection, room: RoomId, seq: Seq) -> Result<()> {
    conn.prepare_cached("UPDATE rooms SET read_seq = max(read_seq, ?2) WHERE room_id = ?1")?
        .execute(params![room.0, seq.0])?;
    Ok(())
}

pub(crate) fn set_cursor(conn: &Connection, room: RoomId, cursor: Cursor) -> Result<()> {
    conn.prepare_cached("UPDATE rooms SET rev = ?2, seq = ?3 WHERE room_id = ?1")?
        .execute(params![room.0, cursor.rev.0, cursor.seq.0])?;
    Ok(())
}

pub(crate) fn set_members_complete(conn: &Connection, room: RoomId, is: bool) -> Result<()> {
    conn.prepare_cached("UPDATE rooms SET members_complete = ?2 WHERE room_id = ?1")?
        .execute(params![room.0, is])?;
    Ok(())
}

/// Drops what is held of a room; one's own place in it stays.
pub(crate) fn forget(conn: &Connection, room: RoomId) -> Result<()> {
    for table in ["messages", "members", "holes", "raw", "receipts"] {
        conn.prepare_cached(&format!("DELETE FROM {table} WHERE room_id = ?1"))?
            .execute([room.0])?;
    }
    conn.prepare_cached(
        "UPDATE rooms SET rev = 0, seq = 0, room_rev = NULL, last_seq = 0, last_message_at = 0,
             members_complete = 0, preview = NULL, unread_count = 0, unread_read_seq = 0,
             unread_at_seq = 0, unread_at_rev = 0, unread_mentions = 0, delivered_seq = 0
         WHERE room_id = ?1",
    )?
    .execute([room.0])?;
    Ok(())
}
