//! Whom this user blocks.

use std::collections::HashSet;

use erc_protocol::{Block, UserId};
use rusqlite::{Connection, params};

use crate::error::{Error, Result};

/// Keeps a row in its current state; a block that was taken back goes.
pub(crate) fn put(conn: &Connection, row: &Block) -> Result<()> {
    if row.blocked_at.is_none() {
        conn.prepare_cached("DELETE FROM blocks WHERE user_id = ?1")?
            .execute([row.user_id.0])?;
        return Ok(());
    }
    let json = serde_json::to_string(row).map_err(|e| Error::Storage(e.to_string()))?;
    conn.prepare_cached(
        "INSERT INTO blocks (user_id, row) VALUES (?1, ?2)
         ON CONFLICT (user_id) DO UPDATE SET row = excluded.row",
    )?
    .execute(params![row.user_id.0, json])?;
    Ok(())
}

/// All of it goes: it is told afresh.
pub(crate) fn clear(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM blocks", [])?;
    Ok(())
}

/// Who is blocked.
pub(crate) fn users(conn: &Connection) -> Result<HashSet<UserId>> {
    let mut statement = conn.prepare_cached("SELECT user_id FROM blocks")?;
    let ids = statement.query_map([], |row| row.get(0).map(UserId))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Whether this one is.
pub(crate) fn has(conn: &Connection, user: UserId) -> Result<bool> {
    let mut statement = conn.prepare_cached("SELECT 1 FROM blocks WHERE user_id = ?1")?;
    Ok(statement.exists([user.0])?)
}

/// The latest first.
pub(crate) fn all(conn: &Connection) -> Result<Vec<Block>> {
    let mut statement = conn.prepare_cached("SELECT row FROM blocks")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut blocks: Vec<Block> = rows
        .iter()
        .filter_map(|json| serde_json::from_str(json).ok())
        .collect();
    blocks.sort_by_key(|block| std::cmp::Reverse((block.blocked_at, block.user_id)));
    Ok(blocks)
}
