//! What this user chose in polls, as the server has it.

use erc_protocol::{MessageId, poll::OwnVote};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::Result;

/// Numbers of options as a text.
pub(crate) fn spaced(options: &[u8]) -> String {
    let words: Vec<_> = options.iter().map(ToString::to_string).collect();
    words.join(" ")
}

/// The numbers of such a text.
pub(crate) fn numbers(text: &str) -> Vec<u8> {
    let words = text.split_ascii_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

/// Keeps a vote unless a newer one is held, or the poll is known to be deleted.
pub(crate) fn put(conn: &Connection, vote: &OwnVote) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO votes (message_id, options, user_rev) SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
             SELECT 1 FROM messages WHERE message_id = ?1 AND deleted_at IS NOT NULL)
         ON CONFLICT (message_id) DO UPDATE SET
             options = excluded.options, user_rev = excluded.user_rev
         WHERE excluded.user_rev > votes.user_rev",
    )?
    .execute(params![
        vote.message_id.0,
        spaced(&vote.options),
        vote.user_rev.0
    ])?;
    Ok(())
}

/// What was chosen in a poll; nothing if there was no vote.
pub(crate) fn get(conn: &Connection, message: MessageId) -> Result<Vec<u8>> {
    let text: Option<String> = conn
        .prepare_cached("SELECT options FROM votes WHERE message_id = ?1")?
        .query_row([message.0], |row| row.get(0))
        .optional()?;
    Ok(text.as_deref().map(numbers).unwrap_or_default())
}

/// The poll was deleted.
pub(crate) fn forget(conn: &Connection, message: MessageId) -> Result<()> {
    conn.prepare_cached("DELETE FROM votes WHERE message_id = ?1")?
        .execute([message.0])?;
    Ok(())
}

/// All of it goes: it is told afresh.
pub(crate) fn clear(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM votes", [])?;
    Ok(())
}
