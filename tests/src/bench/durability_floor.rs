//! What the disk and SQLite allow: the server's own schema, with all its columns and indexes, and a
//! bare loop that inserts rows and moves the counters of the rooms that took some. WAL, `synchronous = FULL`.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use erc_protocol::RoomId;

use super::frames::WORDS;
use super::population::{furnish, sqlite_url};
use super::process::cpu_seconds;

/// A database to write into.
pub struct DurabilityFloor {
    db: rusqlite::Connection,
    rooms: Vec<RoomId>,
    /// Of messages, whose ids are counted from it, and of all rooms alike.
    seq: i64,
}

/// What a run of it came to.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// Messages a second.
    pub rate: f64,
    /// CPU seconds a message.
    pub cpu: f64,
}

impl DurabilityFloor {
    /// Makes it in this folder, with so many rooms.
    pub async fn make(folder: &Path, rooms: usize) -> Result<Self> {
        let people = furnish(&sqlite_url(folder), 1, &vec![0..1; rooms]).await?;
        let db = rusqlite::Connection::open(folder.join("erc.db"))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        Ok(Self {
            db,
            rooms: people.rooms,
            seq: 0,
        })
    }

    /// Writes messages to the rooms in turn, this many in a transaction.
    pub fn write(&mut self, messages: usize, a_transaction: usize) -> Result<Written> {
        let (begun, cpu) = (Instant::now(), cpu_seconds(std::process::id())?);
        let mut turns = (0..self.rooms.len()).cycle();
        for done in (0..messages).step_by(a_transaction) {
            let tx = self.db.transaction()?;
            let count = a_transaction.min(messages - done);
            let here: Vec<_> = turns.by_ref().take(count).collect();
            {
                let mut insert = tx.prepare_cached(
                    "INSERT INTO messages (id, room_id, seq, rev, sender_id, client_id, \
                     fingerprint, content, kind, reply_to, created_at) \
                     VALUES (?1, ?2, ?1, ?1, 1, ?3, ?4, ?5, 'text', NULL, 1700000000000)",
                )?;
                for room in &here {
                    self.seq += 1;
                    let name = crate::ids::client_id().0;
                    let room = self.rooms[*room].0;
                    insert.execute((self.seq, room, name.as_bytes(), [7_u8; 16], WORDS))?;
                }
                // Each room that took some, once.
                let mut advance = tx.prepare_cached(
                    "UPDATE rooms SET rev = ?2, last_seq = ?2, last_message_at = 1700000000000 \
                     WHERE id = ?1",
                )?;
                for room in here.iter().take(self.rooms.len()) {
                    advance.execute((self.rooms[*room].0, self.seq))?;
                }
            }
            tx.commit()?;
        }
        Ok(Written {
            rate: messages as f64 / begun.elapsed().as_secs_f64(),
            cpu: (cpu_seconds(std::process::id())? - cpu) / messages as f64,
        })
    }
}
