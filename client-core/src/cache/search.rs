//! Search over what is held. Words of three letters and more go through the trigram index; shorter
//! ones are looked for row by row among what the longer ones left.

use erc_protocol::{Message, RoomId};
use rusqlite::{Connection, params_from_iter, types::Value};

use super::messages;
use crate::error::Result;

/// What the trigram index can find.
const INDEXED_CHARS: usize = 3;

/// Messages that hold all these parts of words, newest first. The user's own rooms only.
pub(crate) fn find(
    conn: &Connection,
    words: &[&str],
    room: Option<RoomId>,
    limit: u32,
) -> Result<Vec<Message>> {
    let (indexed, short): (Vec<&str>, Vec<&str>) = words
        .iter()
        .partition(|word| word.chars().count() >= INDEXED_CHARS);
    let mut sql = String::from(
        "SELECT m.message_id, m.room_id, m.sender_id, m.sender_name, m.content, m.message_type,
                m.created_at, m.seq, m.rev, m.client_id, m.reply_to, m.edited_at, m.deleted_at,
                m.mentions
         FROM messages m JOIN rooms r ON r.room_id = m.room_id AND r.state = 'joined'
         WHERE m.deleted_at IS NULL",
    );
    let mut values: Vec<Value> = Vec::new();
    if !indexed.is_empty() {
        // Quoted, so that no word is read as an operator of the index's language.
        let phrases: Vec<String> = indexed
            .iter()
            .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
            .collect();
        sql.push_str(" AND m.id IN (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ?)");
        values.push(phrases.join(" AND ").into());
    }
    for word in short {
        let word = word
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        sql.push_str(" AND m.content LIKE ? ESCAPE '\\'");
        values.push(format!("%{word}%").into());
    }
    if let Some(room) = room {
        sql.push_str(" AND m.room_id = ?");
        values.push(room.0.into());
    }
    sql.push_str(" ORDER BY m.created_at DESC, m.seq DESC LIMIT ?");
    values.push(i64::from(limit).into());
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), messages::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
