//! Threads as only this user sees them.

use erc_protocol::{
    MessageId, Rev, RoomId, Seq, UserRev, UserThread, sync::Unread, thread::ThreadUnread,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::error::Result;

const COLUMNS: &str = "t.thread_id, t.room_id, t.following, t.read_seq, t.user_rev, \
    t.unread_count, t.unread_mentions, t.unread_read_seq, t.unread_at_seq, t.unread_at_rev";

fn read(row: &Row<'_>) -> rusqlite::Result<UserThread> {
    Ok(UserThread {
        thread_id: MessageId(row.get(0)?),
        room_id: RoomId(row.get(1)?),
        following: row.get(2)?,
        read_seq: Seq(row.get(3)?),
        user_rev: UserRev(row.get(4)?),
        unread: Unread {
            count: row.get(5)?,
            mentions: row.get(6)?,
            read_seq: Seq(row.get(7)?),
            at_seq: Seq(row.get(8)?),
            at_rev: Rev(row.get(9)?),
        },
    })
}

pub(crate) fn get(conn: &Connection, thread: MessageId) -> Result<Option<UserThread>> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM threads t WHERE t.thread_id = ?1"
        ))?
        .query_row([thread.0], read)
        .optional()?)
}

/// What is followed in rooms that this user is in.
pub(crate) fn followed(conn: &Connection) -> Result<Vec<UserThread>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM threads t JOIN rooms r ON r.room_id = t.room_id
         WHERE r.state = 'joined' AND r.room_rev IS NOT NULL
             AND r.request NOT IN ('received', 'declined')
             AND coalesce((SELECT o.is_on FROM outbox o WHERE o.kind = 'follow'
                 AND o.thread_id = t.thread_id ORDER BY o.id DESC LIMIT 1), t.following)
         ORDER BY t.thread_id"
    ))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A row as the server has it; an older one changes nothing, and the mark never goes back.
pub(crate) fn put(conn: &Connection, row: &UserThread) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO threads (thread_id, room_id, following, read_seq, user_rev, unread_count,
             unread_mentions, unread_read_seq, unread_at_seq, unread_at_rev)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, 0)
         ON CONFLICT (thread_id) DO UPDATE SET
             following = excluded.following, read_seq = max(read_seq, excluded.read_seq),
             user_rev = excluded.user_rev
         WHERE excluded.user_rev >= threads.user_rev",
    )?
    .execute(params![
        row.thread_id.0,
        row.room_id.0,
        row.following,
        row.read_seq.0,
        row.user_rev.0,
    ])?;
    put_unread(
        conn,
        &ThreadUnread {
            thread_id: row.thread_id,
            unread: row.unread,
        },
    )
}

/// The server's count of a thread of which there is a row, unless a newer one is held.
pub(crate) fn put_unread(conn: &Connection, told: &ThreadUnread) -> Result<()> {
    let unread = told.unread;
    conn.prepare_cached(
        "UPDATE threads SET unread_count = ?2, unread_read_seq = ?3, unread_at_seq = ?4,
             unread_at_rev = ?5, unread_mentions = ?6
         WHERE thread_id = ?1 AND (unread_at_rev, unread_read_seq) <= (?5, ?3)",
    )?
    .execute(params![
        told.thread_id.0,
        unread.count,
        unread.read_seq.0,
        unread.at_seq.0,
        unread.at_rev.0,
        unread.mentions,
    ])?;
    Ok(())
}

/// All of it goes: it is told afresh.
pub(crate) fn clear(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM threads", [])?;
    Ok(())
}
