//! Members of rooms, those who left included: old messages keep a name.

use erc_protocol::{Member, Rev, RoomId, Timestamp, UserId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::word;
use crate::error::Result;

const COLUMNS: &str = "user_id, username, display_name, role, state, rev, joined_at, muted_until";

fn read(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        user_id: UserId(row.get(0)?),
        username: row.get(1)?,
        display_name: row.get(2)?,
        role: word(row, 3)?,
        state: word(row, 4)?,
        rev: Rev(row.get(5)?),
        joined_at: Timestamp(row.get(6)?),
        muted_until: row.get::<_, Option<i64>>(7)?.map(Timestamp),
    })
}

/// Stores a member unless a newer row is held.
pub(crate) fn put(conn: &Connection, room: RoomId, member: &Member) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO members (room_id, user_id, username, display_name, role, state, rev, joined_at,
             muted_until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (room_id, user_id) DO UPDATE SET
             username = excluded.username, display_name = excluded.display_name,
             role = excluded.role, state = excluded.state, rev = excluded.rev,
             joined_at = excluded.joined_at, muted_until = excluded.muted_until
         WHERE excluded.rev > members.rev",
    )?
    .execute(params![
        room.0,
        member.user_id.0,
        member.username,
        member.display_name,
        member.role.as_str(),
        member.state.as_str(),
        member.rev.0,
        member.joined_at.0,
        member.muted_until.map(|until| until.0),
    ])?;
    Ok(())
}

pub(crate) fn get(conn: &Connection, room: RoomId, user: UserId) -> Result<Option<Member>> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM members WHERE room_id = ?1 AND user_id = ?2"
        ))?
        .query_row(params![room.0, user.0], read)
        .optional()?)
}

/// Those who are in, by name.
pub(crate) fn joined(conn: &Connection, room: RoomId) -> Result<Vec<Member>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM members WHERE room_id = ?1 AND state = 'joined'
         ORDER BY display_name COLLATE NOCASE, user_id"
    ))?;
    let rows = statement.query_map([room.0], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those who are in and whose user name or name holds these letters; whose user name begins so
/// first, then whose name does.
pub(crate) fn matching(
    conn: &Connection,
    room: RoomId,
    letters: &str,
    count: usize,
) -> Result<Vec<Member>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM members WHERE room_id = ?1 AND state = 'joined'
            AND (instr(username, lower(?2)) > 0 OR instr(lower(display_name), lower(?2)) > 0)
         ORDER BY instr(username, lower(?2)) <> 1, instr(lower(display_name), lower(?2)) <> 1,
            length(username), username LIMIT ?3"
    ))?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![room.0, letters, count], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Somebody other than this user: the other person of a direct room, there or gone.
pub(crate) fn other(conn: &Connection, room: RoomId, me: UserId) -> Result<Option<Member>> {
    Ok(conn
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM members WHERE room_id = ?1 AND user_id <> ?2 LIMIT 1"
        ))?
        .query_row(params![room.0, me.0], read)
        .optional()?)
}

/// Every row, for comparing caches.
#[cfg(test)]
pub(crate) fn all(conn: &Connection, room: RoomId) -> Vec<Member> {
    let mut statement = conn
        .prepare(&format!(
            "SELECT {COLUMNS} FROM members WHERE room_id = ?1 ORDER BY user_id"
        ))
        .unwrap();
    let rows = statement.query_map([room.0], read).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}
