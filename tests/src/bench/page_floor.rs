//! What SQLite and JSON allow for a page of history: the server's own file, a bare loop that reads
//! the rows of a page and writes them as the answer has them, and nothing else: no socket, no HTTP, nobody
//! who asks and may see it or not.

use std::path::Path;

use anyhow::Result;
use erc_protocol::api::rooms::MessagePage;
use erc_protocol::{
    ClientId, Message, MessageId, MessageType, Rev, RoomId, Seq, Timestamp, UserId,
};
use rusqlite::{Connection, OpenFlags, Row};

const ROWS: usize = 50;
const SQL: &str = "SELECT m.id, m.room_id, m.seq, m.rev, m.sender_id, u.display_name, m.client_id, \
                   m.content, m.kind, m.mentions, m.created_at FROM messages m \
                   JOIN users u ON u.id = m.sender_id WHERE m.room_id = ?1 AND m.seq < ?2 \
                   ORDER BY m.seq DESC LIMIT 51";

/// A reader of a server's database.
pub struct PageFloor(Connection);

impl PageFloor {
    /// Of the database in this folder, which may be in use.
    pub fn open(folder: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Self(Connection::open_with_flags(
            folder.join("erc.db"),
            flags,
        )?))
    }

    /// A page below a place, as it is answered.
    pub fn page(&self, room: RoomId, before: usize) -> Result<Vec<u8>> {
        let mut statement = self.0.prepare_cached(SQL)?;
        let rows = statement.query_map((room.0, i64::try_from(before)?), message)?;
        let mut messages = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let has_more = messages.len() > ROWS;
        messages.truncate(ROWS);
        messages.reverse();
        Ok(serde_json::to_vec(&MessagePage { messages, has_more })?)
    }
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    let mentions: String = row.get(9)?;
    Ok(Message {
        message_id: MessageId(row.get(0)?),
        chat_room_id: RoomId(row.get(1)?),
        seq: Seq(row.get(2)?),
        rev: Rev(row.get(3)?),
        sender_id: UserId(row.get(4)?),
        sender_name: row.get(5)?,
        client_id: ClientId(uuid::Uuid::from_bytes(row.get(6)?)),
        content: row.get(7)?,
        message_type: MessageType::from(row.get::<_, String>(8)?),
        mentions: mentions
            .split_ascii_whitespace()
            .filter_map(|id| id.parse().ok().map(UserId))
            .collect(),
        created_at: Timestamp(row.get(10)?),
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        expiry: None,
        edited_at: None,
        deleted_at: None,
        deleted_rev: None,
    })
}
