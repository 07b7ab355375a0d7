//! What the disk and SQLite allow: the server's own schema, with all its columns and indexes, and a
//! bare loop that inserts rows and moves the room's counter. WAL, `synchronous = FULL`.

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
    room: RoomId,
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
    /// Makes it in this folder.
    pub async fn make(folder: &Path) -> Result<Self> {
        let people = furnish(&sqlite_url(folder), 1, std::slice::from_ref(&(0..1))).await?;
        let db = rusqlite::Connection::open(folder.join("erc.db"))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        Ok(Self {
            db,
            room: people.rooms[0],
            seq: 0,
        })
    }

    /// Writes messages, this many in a transaction.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub fn write(&mut self, messages: usize, a_transaction: usize) -> Result<Written> {
        let (begun, cpu) = (Instant::now(), cpu_seconds(std::process::id())?);
        for done in (0..messages).step_by(a_transaction) {
            let tx = self.db.transaction()?;
            {
                let mut insert = tx.prepare_cached(
                    "INSERT INTO messages (id, room_id, seq, rev, sender_id, client_id, \
                     fingerprint, content, kind, reply_to, created_at) \
                     VALUES (?1, ?2, ?1, ?1, 1, ?3, ?4, ?5, 'text', NULL, 1700000000000)",
                )?;
                for _ in 0..a_transaction.min(messages - done) {
                    self.seq += 1;
                    let name = crate::ids::client_id().0;
                    insert.execute((self.seq, self.room.0, name.as_bytes(), [7_u8; 16], WORDS))?;
                }
                tx.prepare_cached(
                    "UPDATE rooms SET rev = ?2, last_seq = ?2, last_message_at = 1700000000000 \
                     WHERE id = ?1",
                )?
                .execute((self.room.0, self.seq))?;
            }
            tx.commit()?;
        }
        Ok(Written {
            rate: messages as f64 / begun.elapsed().as_secs_f64(),
            cpu: (cpu_seconds(std::process::id())? - cpu) / messages as f64,
        })
    }
}
