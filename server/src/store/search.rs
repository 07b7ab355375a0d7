//! The index of messages: `search_rooms`, and `search_grams` (SQLite) or `search_messages`
//! (PostgreSQL). Pieces of words narrow down; who searches decides by the messages themselves.
//!
//! SQLite keeps the pieces in an index of its full-text module that holds nothing but lists of ids,
//! and walks them from the newest id down; PostgreSQL keeps them in an array with a GIN index. The
//! pieces are ours, so both find the same.

use std::collections::BTreeSet;

use erc_protocol::{Message, MessageId, Rev, RoomId, Timestamp, UserId, search::grams};

use super::batch::in_powers_of_two;
use super::{Result, Tx, dialect, tx::on};

/// A place in the order of hits, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HitPlace {
    pub at: Timestamp,
    pub id: MessageId,
}

impl HitPlace {
    /// Before the newest.
    pub const NEWEST: Self = Self {
        at: Timestamp(i64::MAX),
        id: MessageId(i64::MAX),
    };
}

/// What candidates must have.
#[derive(Debug, Clone)]
pub struct Sought {
    /// They have all of these pieces.
    pub grams: BTreeSet<String>,
    /// They stand in one of these rooms.
    pub rooms: Vec<RoomId>,
    /// They were sent then: from the first moment on, up to the second.
    pub span: (Timestamp, Timestamp),
}

/// On SQLite, how far ids may be from the order of time: in a database that came from PostgreSQL,
/// where writers take blocks of ids.
const DISORDER: i64 = 1 << 16;

impl Tx {
    /// Rooms in which something happened that the index does not hold, from behind this one on, at
    /// most so many.
    pub async fn rooms_to_index(&mut self, behind: RoomId, limit: i64) -> Result<Vec<RoomId>> {
        const SQL: &str = "SELECT r.id FROM rooms r LEFT JOIN search_rooms s ON s.room_id = r.id \
                           WHERE r.rev > COALESCE(s.indexed_rev, 0) AND r.id > $1 \
                           ORDER BY r.id LIMIT $2 + 0";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(behind.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        Ok(ids.into_iter().map(RoomId).collect())
    }

    /// How far the index is in a room, and how far the room is. Nobody else moves the index of the
    /// room until the transaction ends.
    pub async fn index_place(&mut self, room: RoomId) -> Result<Option<(Rev, Rev)>> {
        const BEGIN: &str = "INSERT INTO search_rooms (room_id, indexed_rev) \
                             SELECT id, 0 FROM rooms WHERE id = $1 ON CONFLICT DO NOTHING";
        const HEAD: &str = "SELECT rev FROM rooms WHERE id = $1";
        on!(self, |conn| sqlx::query(BEGIN)
            .bind(room.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        let sql = dialect::INDEX_PLACE.text(self);
        let indexed: Option<i64> = on!(self, |conn| sqlx::query_scalar(sql)
            .bind(room.0)
            .fetch_optional(conn)
            .await)?;
        // After the lock: what was committed up to this change can be read.
        let head: Option<i64> = on!(self, |conn| sqlx::query_scalar(HEAD)
            .bind(room.0)
            .fetch_optional(conn)
            .await)?;
        Ok(indexed.zip(head).map(|(a, b)| (Rev(a), Rev(b))))
    }

    /// The index holds every change of the room up to this one.
    pub async fn set_index_place(&mut self, room: RoomId, rev: Rev) -> Result<()> {
        const SQL: &str = "UPDATE search_rooms SET indexed_rev = $2 WHERE room_id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Brings messages, as they are now, into the index; deleted ones leave it.
    pub async fn index_messages(&mut self, messages: &[Message]) -> Result<()> {
        let (gone, there): (Vec<_>, Vec<_>) =
            messages.iter().partition(|message| message.is_deleted());
        for slice in in_powers_of_two(&gone) {
            let sql = dialect::UNINDEX.text(self);
            on!(self, |conn| {
                let mut query = sqlx::QueryBuilder::new(sql);
                let mut list = query.separated(", ");
                for message in slice {
                    list.push_bind(message.message_id.0);
                }
                query.push(")");
                query.build().execute(conn).await.map(|_| ())
            })?;
        }
        for slice in in_powers_of_two(&there) {
            match self {
                Self::Sqlite(tx) => {
                    let mut query = sqlx::QueryBuilder::new(
                        "INSERT OR REPLACE INTO search_grams (rowid, grams) ",
                    );
                    query.push_values(slice, |mut row, message| {
                        let mut grams = grams::line(&message.content, message.sender_id);
                        grams.push(' ');
                        grams.push_str(&in_room(message.chat_room_id));
                        row.push_bind(message.message_id.0).push_bind(grams);
                    });
                    query.build().execute(&mut **tx).await?;
                }
                Self::Postgres(tx) => {
                    let mut query = sqlx::QueryBuilder::new(
                        "INSERT INTO search_messages (message_id, room_id, created_at, grams) ",
                    );
                    query.push_values(slice, |mut row, message| {
                        let grams = grams::of_message(&message.content, message.sender_id);
                        let grams: Vec<_> = grams.into_iter().collect();
                        row.push_bind(message.message_id.0)
                            .push_bind(message.chat_room_id.0)
                            .push_bind(message.created_at.0)
                            .push_bind(grams);
                    });
                    query.push(" ON CONFLICT (message_id) DO UPDATE SET grams = excluded.grams");
                    query.build().execute(&mut **tx).await?;
                }
            }
        }
        Ok(())
    }

    /// Changes in the rooms of a user that the index does not hold yet.
    pub async fn index_behind(&mut self, user: UserId) -> Result<i64> {
        const SQL: &str = "SELECT CAST(COALESCE(sum(r.rev - COALESCE(s.indexed_rev, 0)), 0) \
                           AS BIGINT) FROM members m JOIN rooms r ON r.id = m.room_id \
                           LEFT JOIN search_rooms s ON s.room_id = r.id \
                           WHERE m.user_id = $1 AND m.state = 'joined' AND r.deleted_at IS NULL";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Messages that may fit, newest first, behind a place.
    pub async fn search_candidates(
        &mut self,
        sought: &Sought,
        behind: HitPlace,
        limit: i64,
    ) -> Result<Vec<HitPlace>> {
        if sought.rooms.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, i64)> = match self {
            Self::Sqlite(tx) => {
                const SQL: &str = "SELECT rowid, 0 FROM search_grams WHERE search_grams MATCH $1 \
                                   AND rowid < $2 AND rowid >= $3 ORDER BY rowid DESC LIMIT $4 + 0";
                let (from, to) = sought.span;
                let lowest = if from.0 == i64::MIN {
                    0
                } else {
                    first_id(tx, from).await?.saturating_sub(DISORDER)
                };
                let highest = if to.0 == i64::MAX {
                    i64::MAX
                } else {
                    first_id(tx, to).await?.saturating_add(DISORDER)
                };
                sqlx::query_as(SQL)
                    .bind(expression(sought))
                    .bind(behind.id.0.min(highest))
                    .bind(lowest)
                    .bind(limit)
                    .fetch_all(&mut **tx)
                    .await?
            }
            Self::Postgres(tx) => {
                const SQL: &str = "SELECT message_id, created_at FROM search_messages \
                                   WHERE grams @> $1 AND room_id = ANY($2) \
                                   AND (created_at, message_id) < ($3, $4) \
                                   AND created_at >= $5 AND created_at < $6 \
                                   ORDER BY created_at DESC, message_id DESC LIMIT $7 + 0";
                let grams: Vec<_> = sought.grams.iter().cloned().collect();
                let rooms: Vec<_> = sought.rooms.iter().map(|room| room.0).collect();
                sqlx::query_as(SQL)
                    .bind(grams)
                    .bind(rooms)
                    .bind(behind.at.0)
                    .bind(behind.id.0)
                    .bind(sought.span.0.0)
                    .bind(sought.span.1.0)
                    .bind(limit)
                    .fetch_all(&mut **tx)
                    .await?
            }
        };
        let places = rows.into_iter().map(|(id, at)| HitPlace {
            at: Timestamp(at),
            id: MessageId(id),
        });
        Ok(places.collect())
    }
}

fn in_room(room: RoomId) -> String {
    format!("=r{room}")
}

/// Every piece, and one of the rooms, in the full-text module's language. A piece holds neither
/// spaces nor quotation marks.
fn expression(sought: &Sought) -> String {
    let quoted = |gram: &str| format!("\"{gram}\"");
    let rooms: Vec<_> = sought
        .rooms
        .iter()
        .map(|room| quoted(&in_room(*room)))
        .collect();
    let mut all: Vec<_> = sought.grams.iter().map(|gram| quoted(gram)).collect();
    all.push(format!("({})", rooms.join(" OR ")));
    all.join(" AND ")
}

/// The first message that was sent at a time or later, taking ids to be in the order of time.
async fn first_id(conn: &mut sqlx::SqliteConnection, at: Timestamp) -> Result<i64> {
    const NEXT: &str = "SELECT id, created_at FROM messages WHERE id >= $1 ORDER BY id LIMIT 1";
    const LAST: &str = "SELECT COALESCE(max(id), 0) FROM messages";
    let last: i64 = sqlx::query_scalar(LAST).fetch_one(&mut *conn).await?;
    let (mut low, mut high) = (0, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let next: Option<(i64, i64)> = sqlx::query_as(NEXT)
            .bind(middle)
            .fetch_optional(&mut *conn)
            .await?;
        match next {
            Some((id, sent)) if sent < at.0 => low = id + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}
