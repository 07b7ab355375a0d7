//! Search over what is held: an index of pieces of words narrows down, and the messages decide, in
//! the same way as on the server ([`erc_protocol::search`]).

use erc_protocol::{
    Message, RoomId, Timestamp, UserId,
    search::{Named, Query, grams, is_called},
};
use rusqlite::{Connection, functions::FunctionFlags, params_from_iter, types::Value};

use super::messages;
use crate::error::Result;

/// Gives a connection that writes messages the function that its triggers call.
pub(super) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    conn.create_scalar_function("erc_grams", 2, flags, |call| {
        let content = call.get_raw(0).as_str()?;
        Ok(grams::line(content, UserId(call.get(1)?)))
    })
}

/// What is searched for, with the names in it looked up.
pub(crate) struct Sought<'q> {
    pub(crate) query: &'q Query,
    pub(crate) named: &'q Named,
    pub(crate) room: Option<RoomId>,
    pub(crate) now: Timestamp,
}

/// Messages that fit, newest first. The user's own rooms only, without requests.
pub(crate) fn find(conn: &Connection, sought: &Sought<'_>, limit: u32) -> Result<Vec<Message>> {
    let mut sql = format!(
        "SELECT {} FROM messages m JOIN rooms r ON r.room_id = m.room_id AND r.state = 'joined'
             AND r.request NOT IN ('received', 'declined')
         WHERE m.deleted_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > ?)",
        messages::columns_of("m"),
    );
    let mut values: Vec<Value> = vec![sought.now.0.into()];
    let grams = grams::wanted(sought.query, sought.named);
    if !grams.is_empty() {
        // Quoted, so that no piece is read as an operator of the index's language.
        let quoted: Vec<_> = grams.iter().map(|gram| format!("\"{gram}\"")).collect();
        sql.push_str(" AND m.id IN (SELECT rowid FROM search_grams WHERE search_grams MATCH ?)");
        values.push(quoted.join(" AND ").into());
    }
    if let Some(room) = sought.room {
        sql.push_str(" AND m.room_id = ?");
        values.push(room.0.into());
    }
    sql.push_str(" ORDER BY m.created_at DESC, m.seq DESC");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()?
        && found.len() < limit as usize
    {
        let message = messages::read(row)?;
        let fits = sought.query.matches(&message, sought.named, sought.now);
        found.extend(fits.map(|_| message));
    }
    Ok(found)
}

/// Who is called so, of all those whom this machine knows.
pub(crate) fn people(conn: &Connection, name: &str) -> Result<Vec<UserId>> {
    let mut statement =
        conn.prepare_cached("SELECT DISTINCT user_id, username, display_name FROM members")?;
    let mut rows = statement.query([])?;
    let (mut by_username, mut by_name) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let user = UserId(row.get(0)?);
        let (username, display_name): (String, String) = (row.get(1)?, row.get(2)?);
        if username == name {
            by_username.push(user);
        } else if is_called(&display_name, name) {
            by_name.push(user);
        }
    }
    Ok(if by_username.is_empty() {
        by_name
    } else {
        by_username
    })
}
