//! Watermarks of members as the others see them, when they rose, and who was mentioned.

use erc_protocol::{Receipt, RoomId, Seq, Timestamp, UserId, receipt::Reached};

use super::batch::padded;
use super::{Result, Tx, tx::on};

/// Which watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It reached a device.
    Delivered,
    /// It was read.
    Read,
}

impl Mark {
    const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

/// A member's watermarks.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
struct ReceiptRow {
    user_id: i64,
    delivered_seq: i64,
    read_seq: i64,
    delivered_at: Option<i64>,
    read_at: Option<i64>,
}

impl From<ReceiptRow> for Receipt {
    fn from(row: ReceiptRow) -> Self {
        Self {
            user_id: UserId(row.user_id),
            delivered_seq: Seq(row.delivered_seq.max(row.read_seq)),
            read_seq: Seq(row.read_seq),
            delivered_at: row.delivered_at.map(Timestamp),
            read_at: row.read_at.map(Timestamp),
        }
    }
}

/// A message as far as its receipts are concerned.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    pub room: RoomId,
    pub seq: Seq,
    pub sender: UserId,
    pub at: Timestamp,
}

const COLUMNS: &str =
    "SELECT user_id, delivered_seq, read_seq, delivered_at, read_at FROM members ";

/// Before and behind the rooms and names.
pub(super) const NAMED: [&str; 2] = [
    "SELECT m.room_id, u.username, u.id FROM (",
    ") AS v CROSS JOIN users u CROSS JOIN members m WHERE u.username = v.column2 \
     AND m.room_id = v.column1 AND m.user_id = u.id AND m.state = 'joined'",
];

impl Tx {
    /// Moves the mark of what reached a device forward; `false` if it was there already, or the user
    /// is not in the room.
    pub async fn set_delivered(
        &mut self,
        room: RoomId,
        user: UserId,
        seq: Seq,
        now: Timestamp,
    ) -> Result<bool> {
        const SQL: &str = "UPDATE members SET delivered_seq = $3, delivered_at = $4 \
                           WHERE room_id = $1 AND user_id = $2 AND delivered_seq < $3 \
                           AND state = 'joined'";
        let rows = on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(seq.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(rows > 0)
    }

    /// Keeps when a mark rose to a place, and forgets advances more than `places` below it.
    pub async fn keep_advance(
        &mut self,
        (room, user): (RoomId, UserId),
        mark: Mark,
        seq: Seq,
        now: Timestamp,
        places: i64,
    ) -> Result<()> {
        const KEEP: &str = "INSERT INTO receipts (room_id, user_id, kind, seq, at) \
                            VALUES ($1, $2, $3, $4, $5) \
                            ON CONFLICT (room_id, user_id, kind, seq) DO NOTHING";
        const FORGET: &str = "DELETE FROM receipts WHERE room_id = $1 AND user_id = $2 \
                              AND kind = $3 AND seq < $4";
        on!(self, |conn| sqlx::query(KEEP)
            .bind(room.0)
            .bind(user.0)
            .bind(mark.name())
            .bind(seq.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        on!(self, |conn| sqlx::query(FORGET)
            .bind(room.0)
            .bind(user.0)
            .bind(mark.name())
            .bind(seq.0 - places)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The watermarks of everybody who is in the room.
    pub async fn receipts(&mut self, room: RoomId) -> Result<Vec<Receipt>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE room_id = $1 AND state = 'joined' ORDER BY user_id"
        ));
        let rows: Vec<ReceiptRow> = on!(self, |conn| sqlx::query_as(sql)
            .bind(room.0)
            .fetch_all(conn)
            .await)?;
        Ok(rows.into_iter().map(Receipt::from).collect())
    }

    /// One member's watermarks, if they are in the room.
    pub async fn receipt(&mut self, room: RoomId, user: UserId) -> Result<Option<Receipt>> {
        let sql = sqlx::AssertSqlSafe(format!(
            "{COLUMNS} WHERE room_id = $1 AND user_id = $2 AND state = 'joined'"
        ));
        let row: Option<ReceiptRow> = on!(self, |conn| sqlx::query_as(sql)
            .bind(room.0)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?;
        Ok(row.map(Receipt::from))
    }

    /// Members whom a message reached, and when, earliest first. The time is absent where the
    /// advances of that long ago are not kept (`places`).
    pub async fn reached(&mut self, sent: Sent, mark: Mark, places: i64) -> Result<Vec<Reached>> {
        const SQL: &str = "SELECT m.user_id, CASE WHEN $2 >= m.delivered_seq - $6 THEN \
             (SELECT r.at FROM receipts r WHERE r.room_id = m.room_id AND r.user_id = m.user_id \
             AND r.kind = $3 AND r.seq >= $2 ORDER BY r.seq LIMIT 1) END AS at \
             FROM members m WHERE m.room_id = $1 AND m.state = 'joined' AND m.user_id <> $4 \
             AND m.first_visible_seq <= $2 AND m.joined_at <= $5 \
             AND CASE WHEN $3 = 'read' THEN m.read_seq ELSE m.delivered_seq END >= $2 \
             ORDER BY at, m.user_id";
        let rows: Vec<(i64, Option<i64>)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(sent.room.0)
            .bind(sent.seq.0)
            .bind(mark.name())
            .bind(sent.sender.0)
            .bind(sent.at.0)
            .bind(places)
            .fetch_all(conn)
            .await)?;
        let reached = rows.into_iter().map(|(user, at)| Reached {
            user_id: UserId(user),
            at: at.map(Timestamp),
        });
        Ok(reached.collect())
    }

    /// How many a message is for, reached, and was read by.
    pub async fn count_reached(&mut self, sent: Sent) -> Result<(i64, i64, i64)> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN delivered_seq >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT), \
             CAST(coalesce(sum(CASE WHEN read_seq >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
             FROM members WHERE room_id = $1 AND state = 'joined' AND user_id <> $3 \
             AND first_visible_seq <= $2 AND joined_at <= $4";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(sent.room.0)
            .bind(sent.seq.0)
            .bind(sent.sender.0)
            .bind(sent.at.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Members of these rooms who have these user names, some of them more than once.
    pub(crate) async fn named(
        &mut self,
        names: &[(RoomId, &str)],
    ) -> Result<Vec<(RoomId, String, UserId)>> {
        let [head, tail] = NAMED;
        let rows: Vec<(i64, String, i64)> = on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(head);
            query.push_values(padded(names), |mut row, (room, name)| {
                row.push_bind(room.0).push_bind(name);
            });
            query.push(tail);
            query.build_query_as().fetch_all(conn).await
        })?;
        let found = rows
            .into_iter()
            .map(|(room, name, user)| (RoomId(room), name, UserId(user)));
        Ok(found.collect())
    }

    /// Keeps whom a message mentions.
    pub async fn insert_mentions(&mut self, mentions: &[(UserId, RoomId, Seq)]) -> Result<()> {
        for slice in super::batch::in_powers_of_two(mentions) {
            on!(self, |conn| {
                let mut query =
                    sqlx::QueryBuilder::new("INSERT INTO mentions (user_id, room_id, seq) ");
                query.push_values(slice, |mut row, (user, room, seq)| {
                    row.push_bind(user.0).push_bind(room.0).push_bind(seq.0);
                });
                query.build().execute(conn).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Messages above `after`, up to `last`, that mention a user, without those that stand in a thread
    /// only; none of a deleted message is kept.
    pub async fn count_mentions(
        &mut self,
        room: RoomId,
        user: UserId,
        after: Seq,
        last: Seq,
    ) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM mentions c \
                           WHERE c.user_id = $1 AND c.room_id = $2 AND c.seq > $3 AND c.seq <= $4 \
                           AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.room_id = c.room_id \
                           AND m.seq = c.seq AND m.thread_id IS NOT NULL AND NOT m.also_in_room)";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .bind(room.0)
            .bind(after.0)
            .bind(last.0)
            .fetch_one(conn)
            .await)?)
    }

    /// A deleted message mentions nobody.
    pub async fn delete_mentions(&mut self, room: RoomId, seq: Seq) -> Result<()> {
        const SQL: &str = "DELETE FROM mentions WHERE room_id = $1 AND seq = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(seq.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
