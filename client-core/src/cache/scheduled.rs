//! What this user asked to be done later.

use erc_protocol::{Scheduled, schedule::ScheduledState};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::{Error, Result};

/// Keeps a row in its current state; one that is done goes. Answers whether the time has come for it
/// and was not known to have.
pub(crate) fn put(conn: &Connection, row: &Scheduled) -> Result<bool> {
    let id = row.client_id.to_string();
    if row.is_done() {
        conn.prepare_cached("DELETE FROM scheduled WHERE client_id = ?1")?
            .execute([id])?;
        return Ok(false);
    }
    let before: Option<String> = conn
        .prepare_cached("SELECT state FROM scheduled WHERE client_id = ?1")?
        .query_row([&id], |row| row.get(0))
        .optional()?;
    let json = serde_json::to_string(row).map_err(|e| Error::Storage(e.to_string()))?;
    conn.prepare_cached(
        "INSERT INTO scheduled (client_id, due_at, state, row) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (client_id) DO UPDATE SET
             due_at = excluded.due_at, state = excluded.state, row = excluded.row",
    )?
    .execute(params![id, row.due_at.0, row.state.as_str(), json])?;
    let has_come = row.state != ScheduledState::Waiting;
    Ok(has_come && before.as_deref() != Some(row.state.as_str()))
}

/// All of it goes: it is told afresh.
pub(crate) fn clear(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM scheduled", [])?;
    Ok(())
}

/// What asks for a decision first, then the next.
pub(crate) fn all(conn: &Connection) -> Result<Vec<Scheduled>> {
    let mut statement = conn.prepare_cached(
        "SELECT row FROM scheduled ORDER BY state = 'waiting', due_at, client_id",
    )?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(rows
        .iter()
        .filter_map(|json| serde_json::from_str(json).ok())
        .collect())
}
