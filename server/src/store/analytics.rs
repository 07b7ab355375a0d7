//! `analytics_…`: figures that are counted from the messages. Who counts is
//! [`crate::analytics`]; here is what it reads and writes, and what answers are made of.

use erc_protocol::{MessageId, Rev, RoomId, Seq, Timestamp, UserId};
use futures_util::TryStreamExt as _;

use super::batch::{in_powers_of_two, padded};
use super::{Result, Tx, dialect, tx::on};

/// What counting needs to know of a message.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Counted {
    #[sqlx(try_from = "i64")]
    pub id: MessageId,
    #[sqlx(try_from = "i64")]
    pub seq: Seq,
    #[sqlx(try_from = "i64")]
    pub rev: Rev,
    #[sqlx(try_from = "i64")]
    pub sender_id: UserId,
    pub kind: String,
    pub reply_to: Option<i64>,
    /// JSON, or nothing.
    pub reactions: String,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    pub edited_at: Option<i64>,
    pub deleted_at: Option<i64>,
}

/// How far a room is counted, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedPlace {
    pub seq: Seq,
    pub rev: Rev,
    /// Absent if the room was deleted.
    pub head: Option<Rev>,
}

/// Which count: of somebody's messages of a kind in a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountKey {
    pub slot: i64,
    pub user: UserId,
    pub kind: String,
}

/// What is counted of messages; also what is added to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub messages: i64,
    /// Those that answer another.
    pub replies: i64,
    /// Those that somebody else answered.
    pub answered: i64,
    /// Reactions that they have.
    pub reactions: i64,
    pub edited: i64,
    pub deleted: i64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.messages += other.messages;
        self.replies += other.replies;
        self.answered += other.answered;
        self.reactions += other.reactions;
        self.edited += other.edited;
        self.deleted += other.deleted;
    }
}

/// Which answers: those that came in a quarter of an hour, in a way, after a time of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnswerKey {
    pub slot: i64,
    pub way: &'static str,
    pub class: i64,
}

/// What of a message's later life is in the counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct CountMark {
    pub message_id: i64,
    pub answered: i64,
    pub reactions: i64,
    pub edited: i64,
    pub deleted: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    slot: i64,
    user_id: i64,
    kind: String,
    messages: i64,
    replies: i64,
    answered: i64,
    reactions: i64,
    edited: i64,
    deleted: i64,
}

impl From<CountRow> for (CountKey, Counts) {
    fn from(row: CountRow) -> Self {
        let key = CountKey {
            slot: row.slot,
            user: UserId(row.user_id),
            kind: row.kind,
        };
        let counts = Counts {
            messages: row.messages,
            replies: row.replies,
            answered: row.answered,
            reactions: row.reactions,
            edited: row.edited,
            deleted: row.deleted,
        };
        (key, counts)
    }
}

macro_rules! counted {
    ($tail:literal) => {
        concat!(
            "SELECT id, seq, rev, sender_id, kind, reply_to, reactions, created_at, edited_at, \
             deleted_at FROM messages ",
            $tail
        )
    };
}

impl Tx {
    /// Rooms in which something happened that is not counted, and rooms that are gone and still
    /// counted; from behind this one on, at most so many.
    pub async fn rooms_to_count(&mut self, behind: RoomId, limit: i64) -> Result<Vec<RoomId>> {
        const SQL: &str = "SELECT r.id FROM rooms r LEFT JOIN analytics_rooms a ON a.room_id = r.id \
                           WHERE r.id > $1 AND ((r.deleted_at IS NULL \
                           AND (r.rev > COALESCE(a.counted_rev, 0) \
                           OR r.last_seq > COALESCE(a.counted_seq, 0))) \
                           OR (r.deleted_at IS NOT NULL AND a.room_id IS NOT NULL)) \
                           ORDER BY r.id LIMIT $2 + 0";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(behind.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        Ok(ids.into_iter().map(RoomId).collect())
    }

    /// How far a room is counted. Nobody else counts it until the transaction ends.
    pub async fn count_place(&mut self, room: RoomId) -> Result<Option<CountedPlace>> {
        const BEGIN: &str = "INSERT INTO analytics_rooms (room_id, counted_seq, counted_rev) \
                             SELECT id, 0, 0 FROM rooms WHERE id = $1 ON CONFLICT DO NOTHING";
        const HEAD: &str = "SELECT rev FROM rooms WHERE id = $1 AND deleted_at IS NULL";
        on!(self, |conn| sqlx::query(BEGIN)
            .bind(room.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        let sql = dialect::COUNT_PLACE.text(self);
        let place: Option<(i64, i64)> = on!(self, |conn| sqlx::query_as(sql)
            .bind(room.0)
            .fetch_optional(conn)
            .await)?;
        // After the lock: what was committed up to this change can be read.
        let head: Option<i64> = on!(self, |conn| sqlx::query_scalar(HEAD)
            .bind(room.0)
            .fetch_optional(conn)
            .await)?;
        Ok(place.map(|(seq, rev)| CountedPlace {
            seq: Seq(seq),
            rev: Rev(rev),
            head: head.map(Rev),
        }))
    }

    /// The room is counted so far.
    pub async fn set_count_place(&mut self, room: RoomId, seq: Seq, rev: Rev) -> Result<()> {
        const SQL: &str = "UPDATE analytics_rooms SET counted_seq = $2, counted_rev = $3 \
                           WHERE room_id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(seq.0)
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A room's messages from a place on.
    pub async fn to_count(&mut self, room: RoomId, from: Seq, limit: i64) -> Result<Vec<Counted>> {
        const SQL: &str = counted!("WHERE room_id = $1 AND seq >= $2 ORDER BY seq LIMIT $3 + 0");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(from.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// Messages up to a place that changed after a revision, in the order of their changes.
    pub async fn to_count_again(
        &mut self,
        room: RoomId,
        upto: Seq,
        after: Rev,
        limit: i64,
    ) -> Result<Vec<Counted>> {
        const SQL: &str =
            counted!("WHERE room_id = $1 AND rev > $3 AND seq <= $2 ORDER BY rev LIMIT $4 + 0");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(upto.0)
            .bind(after.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// These messages, as far as they are in the room.
    pub async fn counted_by_id(&mut self, room: RoomId, ids: &[MessageId]) -> Result<Vec<Counted>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(counted!("WHERE room_id = "));
            query.push_bind(room.0).push(" AND id IN (");
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// What of the later life of these messages is counted.
    pub async fn count_marks(&mut self, ids: &[MessageId]) -> Result<Vec<CountMark>> {
        const SQL: &str = "SELECT message_id, answered, reactions, edited, deleted \
                           FROM analytics_marks WHERE message_id IN (";
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(SQL);
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// Says what of the later life of messages is counted now.
    pub async fn put_count_marks(&mut self, room: RoomId, marks: &[CountMark]) -> Result<()> {
        for slice in in_powers_of_two(marks) {
            on!(self, |conn| {
                let mut query = sqlx::QueryBuilder::new(
                    "INSERT INTO analytics_marks (message_id, room_id, answered, reactions, \
                     edited, deleted) ",
                );
                query.push_values(slice, |mut row, mark| {
                    row.push_bind(mark.message_id)
                        .push_bind(room.0)
                        .push_bind(mark.answered)
                        .push_bind(mark.reactions)
                        .push_bind(mark.edited)
                        .push_bind(mark.deleted);
                });
                query.push(
                    " ON CONFLICT (message_id) DO UPDATE SET answered = excluded.answered, \
                     reactions = excluded.reactions, edited = excluded.edited, \
                     deleted = excluded.deleted",
                );
                query.build().execute(conn).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Adds to counts.
    pub async fn add_counts(&mut self, room: RoomId, all: &[(CountKey, Counts)]) -> Result<()> {
        for slice in in_powers_of_two(all) {
            on!(self, |conn| {
                let mut query = sqlx::QueryBuilder::new(
                    "INSERT INTO analytics_counts AS c (room_id, slot, user_id, kind, messages, \
                     replies, answered, reactions, edited, deleted) ",
                );
                query.push_values(slice, |mut row, (key, counts)| {
                    row.push_bind(room.0)
                        .push_bind(key.slot)
                        .push_bind(key.user.0)
                        .push_bind(&key.kind)
                        .push_bind(counts.messages)
                        .push_bind(counts.replies)
                        .push_bind(counts.answered)
                        .push_bind(counts.reactions)
                        .push_bind(counts.edited)
                        .push_bind(counts.deleted);
                });
                query.push(
                    " ON CONFLICT (room_id, slot, user_id, kind) DO UPDATE SET \
                     messages = c.messages + excluded.messages, \
                     replies = c.replies + excluded.replies, \
                     answered = c.answered + excluded.answered, \
                     reactions = c.reactions + excluded.reactions, \
                     edited = c.edited + excluded.edited, deleted = c.deleted + excluded.deleted",
                );
                query.build().execute(conn).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Adds answers to their classes.
    pub async fn add_answers(&mut self, room: RoomId, all: &[(AnswerKey, i64)]) -> Result<()> {
        for slice in in_powers_of_two(all) {
            on!(self, |conn| {
                let mut query = sqlx::QueryBuilder::new(
                    "INSERT INTO analytics_answers AS a (room_id, slot, way, class, answers) ",
                );
                query.push_values(slice, |mut row, (key, answers)| {
                    row.push_bind(room.0)
                        .push_bind(key.slot)
                        .push_bind(key.way)
                        .push_bind(key.class)
                        .push_bind(*answers);
                });
                query.push(
                    " ON CONFLICT (room_id, slot, way, class) DO UPDATE SET \
                     answers = a.answers + excluded.answers",
                );
                query.build().execute(conn).await.map(|_| ())
            })?;
        }
        Ok(())
    }

    /// Takes everything out that was counted of a room, and that it was counted.
    pub async fn forget_counts(&mut self, room: RoomId) -> Result<()> {
        const COUNTS: &str = "DELETE FROM analytics_counts WHERE room_id = $1";
        const ANSWERS: &str = "DELETE FROM analytics_answers WHERE room_id = $1";
        const MARKS: &str = "DELETE FROM analytics_marks WHERE room_id = $1";
        const ROOM: &str = "DELETE FROM analytics_rooms WHERE room_id = $1";
        for sql in [COUNTS, ANSWERS, MARKS, ROOM] {
            on!(self, |conn| sqlx::query(sql)
                .bind(room.0)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Changes of a room, or of all, that are not counted yet.
    pub async fn counts_behind(&mut self, room: Option<RoomId>) -> Result<i64> {
        const SQL: &str = "SELECT CAST(COALESCE(sum(CASE \
                           WHEN r.rev - COALESCE(a.counted_rev, 0) \
                           > r.last_seq - COALESCE(a.counted_seq, 0) \
                           THEN r.rev - COALESCE(a.counted_rev, 0) \
                           ELSE r.last_seq - COALESCE(a.counted_seq, 0) END), 0) \
                           AS BIGINT) FROM rooms r LEFT JOIN analytics_rooms a \
                           ON a.room_id = r.id WHERE r.deleted_at IS NULL \
                           AND r.id >= $1 AND r.id <= $2";
        let (first, last) = rooms(room);
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(first)
            .bind(last)
            .fetch_one(conn)
            .await)?)
    }

    /// Hears of every count of a room, or of all, in these quarters of an hour.
    pub async fn each_count(
        &mut self,
        room: Option<RoomId>,
        slots: std::ops::Range<i64>,
        mut each: impl FnMut(CountKey, Counts) + Send,
    ) -> Result<()> {
        // By way of the rooms, so that each is a range of the key.
        const SQL: &str = "SELECT c.slot, c.user_id, c.kind, c.messages, c.replies, c.answered, \
                           c.reactions, c.edited, c.deleted FROM rooms r \
                           JOIN analytics_counts c ON c.room_id = r.id \
                           WHERE r.deleted_at IS NULL AND r.id >= $1 AND r.id <= $2 \
                           AND c.slot >= $3 AND c.slot < $4";
        let (first, last) = rooms(room);
        on!(self, |conn| {
            let mut rows = sqlx::query_as::<_, CountRow>(SQL)
                .bind(first)
                .bind(last)
                .bind(slots.start)
                .bind(slots.end)
                .fetch(conn);
            while let Some(row) = rows.try_next().await? {
                let (key, counts) = row.into();
                each(key, counts);
            }
        });
        Ok(())
    }

    /// Hears of every class of answers of a room, or of all, in these quarters of an hour: the way,
    /// the class, how many.
    pub async fn each_answer(
        &mut self,
        room: Option<RoomId>,
        slots: std::ops::Range<i64>,
        mut each: impl FnMut(&str, i64, i64) + Send,
    ) -> Result<()> {
        const SQL: &str = "SELECT a.way, a.class, CAST(sum(a.answers) AS BIGINT) FROM rooms r \
                           JOIN analytics_answers a ON a.room_id = r.id \
                           WHERE r.deleted_at IS NULL AND r.id >= $1 AND r.id <= $2 \
                           AND a.slot >= $3 AND a.slot < $4 GROUP BY a.way, a.class";
        let (first, last) = rooms(room);
        let rows: Vec<(String, i64, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(first)
            .bind(last)
            .bind(slots.start)
            .bind(slots.end)
            .fetch_all(conn)
            .await)?;
        for (way, class, answers) in rows {
            each(&way, class, answers);
        }
        Ok(())
    }

    /// When those came who are in a room now or, without a room, who have an account.
    pub async fn comings(&mut self, room: Option<RoomId>) -> Result<Vec<Timestamp>> {
        const ROOM: &str = "SELECT joined_at FROM members WHERE room_id = $1 AND state = 'joined'";
        const SERVER: &str = "SELECT created_at FROM users WHERE id >= $1";
        let sql = if room.is_some() { ROOM } else { SERVER };
        let times: Vec<i64> = on!(self, |conn| sqlx::query_scalar(sql)
            .bind(room.map_or(0, |room| room.0))
            .fetch_all(conn)
            .await)?;
        Ok(times.into_iter().map(Timestamp).collect())
    }

    /// User name and display name of these users, in no order.
    pub async fn names(&mut self, users: &[UserId]) -> Result<Vec<(UserId, String, String)>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, String, String)> = on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT id, username, display_name FROM users WHERE id IN (",
            );
            let mut list = query.separated(", ");
            for user in padded(users) {
                list.push_bind(user.0);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(id, username, name)| (UserId(id), username, name))
            .collect())
    }
}

/// The first and the last id of one room, or of all.
fn rooms(room: Option<RoomId>) -> (i64, i64) {
    room.map_or((0, i64::MAX), |room| (room.0, room.0))
}
