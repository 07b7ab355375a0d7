//! Message rows: state, not a log. A row replaces a held one only if its `rev` is higher.

use erc_protocol::{
    ClientId, Expiry, Message, MessageId, MessageType, Rev, RoomId, Seq, Timestamp, UserId,
};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::{holes, votes, word};
use crate::error::Result;

const COLUMNS: &str = "message_id, room_id, sender_id, sender_name, content, message_type, \
    created_at, seq, rev, client_id, reply_to, edited_at, deleted_at, mentions, \
    reactions, pinned, forwarded, expires_at, expire_after_read_s, thread_id, also_in_room, \
    thread, deleted_rev, poll";

/// What is shown in the room itself: all but what stands in a thread only.
const IN_ROOM: &str = "(thread_id IS NULL OR also_in_room)";

/// The columns that [`read`] takes, of a table under this name.
pub(super) fn columns_of(table: &str) -> String {
    let columns: Vec<_> = COLUMNS
        .split(", ")
        .map(|column| format!("{table}.{}", column.trim()))
        .collect();
    columns.join(", ")
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        message_id: MessageId(row.get(0)?),
        chat_room_id: RoomId(row.get(1)?),
        sender_id: UserId(row.get(2)?),
        sender_name: row.get(3)?,
        content: row.get(4)?,
        message_type: MessageType::from(row.get::<_, String>(5)?),
        created_at: Timestamp(row.get(6)?),
        seq: Seq(row.get(7)?),
        rev: Rev(row.get(8)?),
        client_id: word(row, 9)?,
        reply_to: row.get::<_, Option<i64>>(10)?.map(MessageId),
        edited_at: row.get::<_, Option<i64>>(11)?.map(Timestamp),
        deleted_at: row.get::<_, Option<i64>>(12)?.map(Timestamp),
        mentions: row
            .get::<_, String>(13)?
            .split_ascii_whitespace()
            .filter_map(|id| id.parse().ok().map(UserId))
            .collect(),
        reactions: written(row, 14)?.unwrap_or_default(),
        pinned: written(row, 15)?,
        forwarded: written(row, 16)?,
        expiry: expiry(row.get(17)?, row.get(18)?),
        thread_id: row.get::<_, Option<i64>>(19)?.map(MessageId),
        also_in_room: row.get(20)?,
        thread: written(row, 21)?,
        deleted_rev: row.get::<_, Option<i64>>(22)?.map(Rev),
        poll: written(row, 23)?,
    })
}

fn expiry(at: Option<i64>, after_read_s: Option<u32>) -> Option<Expiry> {
    let at = at.map(Timestamp);
    let expiry = Expiry { at, after_read_s };
    (expiry != Expiry::default()).then_some(expiry)
}

/// What a column holds that is JSON or empty.
fn written<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    let json: String = row.get(column)?;
    Ok(serde_json::from_str(&json).ok())
}

pub(super) fn json<T: serde::Serialize>(value: Option<&T>) -> String {
    value
        .and_then(|value| serde_json::to_string(value).ok())
        .unwrap_or_default()
}

/// Each id between two spaces, so that one is found by its text.
fn spaced(mentions: &[UserId]) -> String {
    mentions
        .iter()
        .map(|id| [" ", &id.to_string(), " "].concat())
        .collect()
}

/// Messages of others above `from` up to `to` that mention this user, in the room itself.
pub(crate) fn count_mentions(
    conn: &Connection,
    room: RoomId,
    me: UserId,
    from: Seq,
    to: Seq,
) -> Result<i64> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT count(*) FROM messages WHERE room_id = ?1 AND seq > ?2 AND seq <= ?3
             AND mentions <> '' AND instr(mentions, ?4) > 0 AND sender_id <> ?5
             AND deleted_at IS NULL AND {IN_ROOM}"
        ))?
        .query_row(
            params![room.0, from.0, to.0, format!(" {me} "), me.0],
            |row| row.get(0),
        )?)
}

/// Stores the row unless one as new is held that could be read, and closes the hole at its place. Returns whether
/// anything changed.
pub(crate) fn put(conn: &Connection, message: &Message) -> Result<bool> {
    let changed =
        conn.prepare_cached(
            "INSERT INTO messages (message_id, room_id, sender_id, sender_name, content,
                 message_type, created_at, seq, rev, client_id, reply_to, edited_at, deleted_at,
                 mentions, reactions, pinned, forwarded, expires_at, expire_after_read_s,
                 thread_id, also_in_room, thread, deleted_rev, poll)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19, ?20, ?21, ?22, ?23, ?24)
             ON CONFLICT (room_id, seq) DO UPDATE SET
                 message_id = excluded.message_id, sender_id = excluded.sender_id,
                 sender_name = excluded.sender_name, content = excluded.content,
                 message_type = excluded.message_type, created_at = excluded.created_at,
                 rev = excluded.rev, client_id = excluded.client_id,
                 reply_to = excluded.reply_to, edited_at = excluded.edited_at,
                 deleted_at = excluded.deleted_at, mentions = excluded.mentions,
                 reactions = excluded.reactions, pinned = excluded.pinned,
                 forwarded = excluded.forwarded, expires_at = excluded.expires_at,
                 expire_after_read_s = excluded.expire_after_read_s,
                 thread_id = excluded.thread_id,
                 also_in_room = excluded.also_in_room, thread = excluded.thread,
                 deleted_rev = excluded.deleted_rev, poll = excluded.poll
             WHERE excluded.rev > messages.rev
                 OR (excluded.rev = messages.rev AND messages.message_type = 'unreadable')",
        )?
        .execute(params![
            message.message_id.0,
            message.chat_room_id.0,
            message.sender_id.0,
            message.sender_name,
            message.content,
            message.message_type.as_str(),
            message.created_at.0,
            message.seq.0,
            message.rev.0,
            message.client_id.to_string(),
            message.reply_to.map(|id| id.0),
            message.edited_at.map(|at| at.0),
            message.deleted_at.map(|at| at.0),
            spaced(&message.mentions),
            json(Some(&message.reactions).filter(|all| !all.is_empty())),
            json(message.pinned.as_ref()),
            json(message.forwarded.as_ref()),
            message.expiry.and_then(|expiry| expiry.at).map(|at| at.0),
            message.expiry.and_then(|expiry| expiry.after_read_s),
            message.thread_id.map(|id| id.0),
            message.also_in_room,
            json(message.thread.as_ref()),
            message.deleted_rev.map(|rev| rev.0),
            json(message.poll.as_ref()),
        ])? > 0;
    if message.is_deleted() {
        votes::forget(conn, message.message_id)?;
    }
    holes::remove(conn, message.chat_room_id, message.seq, message.seq)?;
    Ok(changed)
}

fn many(conn: &Connection, rest: &str, params: impl Params) -> Result<Vec<Message>> {
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM messages WHERE {rest}"))?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn one(conn: &Connection, rest: &str, params: impl Params) -> Result<Option<Message>> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM messages WHERE {rest}"))?
        .query_row(params, read)
        .optional()?)
}

/// What a timeline has of rows: all but those whose time has come. However many have gone,
/// they are not looked at: the index holds what was not deleted by its time, and its condition stands
/// here as it stands there.
const SHOWN: &str = "NOT (expires_at IS NOT NULL AND deleted_at IS NOT NULL)
    AND (expires_at IS NULL OR expires_at > ?4)";

fn shown(conn: &Connection, rest: &str, params: impl Params) -> Result<Vec<Message>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM messages INDEXED BY messages_shown
         WHERE {SHOWN} AND {IN_ROOM} AND {rest}"
    ))?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The newest `count` shown rows at or below `to`, oldest first.
pub(crate) fn shown_up_to(
    conn: &Connection,
    room: RoomId,
    to: Seq,
    count: u32,
    now: Timestamp,
) -> Result<Vec<Message>> {
    let mut rows = shown(
        conn,
        "room_id = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT ?3",
        params![room.0, to.0, count, now.0],
    )?;
    rows.reverse();
    Ok(rows)
}

/// The oldest `count` shown rows above `from`, oldest first.
pub(crate) fn shown_above(
    conn: &Connection,
    room: RoomId,
    from: Seq,
    count: u32,
    now: Timestamp,
) -> Result<Vec<Message>> {
    shown(
        conn,
        "room_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        params![room.0, from.0, count, now.0],
    )
}

/// Shown rows at `from..=to`, oldest first.
pub(crate) fn shown_between(
    conn: &Connection,
    room: RoomId,
    from: Seq,
    to: Seq,
    now: Timestamp,
) -> Result<Vec<Message>> {
    shown(
        conn,
        "room_id = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
        params![room.0, from.0, to.0, now.0],
    )
}

/// Rows at `from..=to`, oldest first.
pub(crate) fn between(conn: &Connection, room: RoomId, from: Seq, to: Seq) -> Result<Vec<Message>> {
    many(
        conn,
        "room_id = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
        params![room.0, from.0, to.0],
    )
}

/// The newest `count` rows at or below `to` that are shown in the room itself, oldest first.
pub(crate) fn up_to(conn: &Connection, room: RoomId, to: Seq, count: u32) -> Result<Vec<Message>> {
    let mut rows = many(
        conn,
        &format!("room_id = ?1 AND seq <= ?2 AND {IN_ROOM} ORDER BY seq DESC LIMIT ?3"),
        params![room.0, to.0, count],
    )?;
    rows.reverse();
    Ok(rows)
}

/// What is pinned and held, the latest pinned first.
pub(crate) fn pinned(conn: &Connection, room: RoomId) -> Result<Vec<Message>> {
    let mut rows = many(conn, "room_id = ?1 AND pinned <> ''", [room.0])?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.pinned.map(|pin| pin.at), row.seq)));
    Ok(rows)
}

pub(crate) fn at(conn: &Connection, room: RoomId, seq: Seq) -> Result<Option<Message>> {
    one(conn, "room_id = ?1 AND seq = ?2", params![room.0, seq.0])
}

pub(crate) fn by_id(conn: &Connection, id: MessageId) -> Result<Option<Message>> {
    one(conn, "message_id = ?1 LIMIT 1", [id.0])
}

pub(crate) fn by_client_id(
    conn: &Connection,
    sender: UserId,
    client_id: ClientId,
) -> Result<Option<Message>> {
    one(
        conn,
        "sender_id = ?1 AND client_id = ?2 LIMIT 1",
        params![sender.0, client_id.to_string()],
    )
}

/// Drops the rows at `from..=to`, except those at `keep` (rising).
pub(crate) fn drop_except(
    conn: &Connection,
    room: RoomId,
    from: Seq,
    to: Seq,
    keep: &[Seq],
) -> Result<()> {
    let mut statement = conn
        .prepare_cached("SELECT seq FROM messages WHERE room_id = ?1 AND seq BETWEEN ?2 AND ?3")?;
    let held = statement.query_map(params![room.0, from.0, to.0], |row| row.get(0).map(Seq))?;
    for seq in held.collect::<rusqlite::Result<Vec<_>>>()? {
        if keep.binary_search(&seq).is_err() {
            conn.prepare_cached("DELETE FROM messages WHERE room_id = ?1 AND seq = ?2")?
                .execute(params![room.0, seq.0])?;
        }
    }
    Ok(())
}

/// Messages of others above `from` up to `to` that are not deleted, in the room itself.
pub(crate) fn count_of_others(
    conn: &Connection,
    room: RoomId,
    me: UserId,
    from: Seq,
    to: Seq,
) -> Result<i64> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT count(*) FROM messages WHERE room_id = ?1 AND seq > ?2 AND seq <= ?3
             AND sender_id <> ?4 AND deleted_at IS NULL AND {IN_ROOM}"
        ))?
        .query_row(params![room.0, from.0, to.0, me.0], |row| row.get(0))?)
}

/// Tombstones of others above `from` up to `to` that were made after the change `since`, in the room
/// itself.
pub(crate) fn count_deleted_since(
    conn: &Connection,
    room: RoomId,
    me: UserId,
    range: (Seq, Seq),
    since: Rev,
) -> Result<i64> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT count(*) FROM messages INDEXED BY messages_tombstones
             WHERE room_id = ?1 AND rev > ?2 AND coalesce(deleted_rev, rev) > ?2
             AND deleted_at IS NOT NULL AND seq > ?3 AND seq <= ?4 AND sender_id <> ?5
             AND {IN_ROOM}"
        ))?
        .query_row(
            params![room.0, since.0, range.0.0, range.1.0, me.0],
            |row| row.get(0),
        )?)
}

/// Replies of a thread at or above `from`, the newest `count`, oldest first, without those whose time
/// has come.
pub(crate) fn replies(
    conn: &Connection,
    thread: MessageId,
    from: Seq,
    count: u32,
    now: Timestamp,
) -> Result<Vec<Message>> {
    let mut rows = many(
        conn,
        &format!("thread_id = ?1 AND seq >= ?2 AND {SHOWN} ORDER BY seq DESC LIMIT ?3"),
        params![thread.0, from.0, count, now.0],
    )?;
    rows.reverse();
    Ok(rows)
}

/// Roots of a room that are held, the last answered first.
pub(crate) fn with_threads(conn: &Connection, room: RoomId) -> Result<Vec<Message>> {
    let mut rows = many(conn, "room_id = ?1 AND thread <> ''", [room.0])?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.thread.map(|thread| thread.last_seq)));
    Ok(rows)
}

/// Replies of a thread that are held and not deleted.
pub(crate) fn count_replies(conn: &Connection, thread: MessageId) -> Result<i64> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM messages WHERE thread_id = ?1 AND deleted_at IS NULL",
        )?
        .query_row([thread.0], |row| row.get(0))?)
}

/// As [`count_of_others`], of a thread.
pub(crate) fn count_replies_of_others(
    conn: &Connection,
    thread: MessageId,
    me: UserId,
    from: Seq,
    to: Seq,
) -> Result<i64> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM messages WHERE thread_id = ?1 AND seq > ?2 AND seq <= ?3
             AND sender_id <> ?4 AND deleted_at IS NULL",
        )?
        .query_row(params![thread.0, from.0, to.0, me.0], |row| row.get(0))?)
}

/// As [`count_deleted_since`], of a thread.
pub(crate) fn count_replies_deleted_since(
    conn: &Connection,
    thread: MessageId,
    me: UserId,
    range: (Seq, Seq),
    since: Rev,
) -> Result<i64> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM messages WHERE thread_id = ?1 AND rev > ?2
             AND deleted_at IS NOT NULL AND seq > ?3 AND seq <= ?4 AND sender_id <> ?5",
        )?
        .query_row(
            params![thread.0, since.0, range.0.0, range.1.0, me.0],
            |row| row.get(0),
        )?)
}

/// As [`count_mentions`], of a thread.
pub(crate) fn count_mentions_in_thread(
    conn: &Connection,
    thread: MessageId,
    me: UserId,
    from: Seq,
) -> Result<i64> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM messages WHERE thread_id = ?1 AND seq > ?2
             AND mentions <> '' AND instr(mentions, ?3) > 0 AND sender_id <> ?4
             AND deleted_at IS NULL",
        )?
        .query_row(params![thread.0, from.0, format!(" {me} "), me.0], |row| {
            row.get(0)
        })?)
}
