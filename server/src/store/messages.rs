//! `messages` and `message_edits`.

use std::sync::OnceLock;

use erc_protocol::{
    ClientId, Expiry, Message, MessageId, MessageType, Rev, RoomId, Seq, Timestamp, UserId,
    message::Pinned,
};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::batch::{padded, roomy};
use super::{Counters, Error, Result, Tx, dialect::Sql, members::SenderKey, polls, tx::on};

/// A message in its current state. Its fields stand in the order of the columns that are read.
#[derive(Debug, Clone, sqlx::FromRow, Deserialize)]
pub struct MessageRow {
    #[sqlx(try_from = "i64")]
    pub id: MessageId,
    #[sqlx(try_from = "i64")]
    pub room_id: RoomId,
    #[sqlx(try_from = "i64")]
    pub seq: Seq,
    #[sqlx(try_from = "i64")]
    pub rev: Rev,
    #[sqlx(try_from = "i64")]
    pub sender_id: UserId,
    pub sender_name: String,
    #[sqlx(try_from = "Uuid")]
    pub client_id: ClientId,
    pub content: String,
    pub kind: String,
    pub reply_to: Option<i64>,
    pub thread_id: Option<i64>,
    #[serde(deserialize_with = "flag")]
    pub also_in_room: bool,
    pub thread_replies: i64,
    pub thread_last_seq: Option<i64>,
    pub thread_last_at: Option<i64>,
    /// Ids separated by spaces.
    pub mentions: String,
    /// JSON, or nothing.
    pub reactions: String,
    pub pinned_by: Option<i64>,
    pub pinned_at: Option<i64>,
    /// JSON, or nothing.
    pub poll: String,
    /// JSON, or nothing.
    pub forwarded: String,
    pub expires_at: Option<i64>,
    pub expire_after_read_s: Option<i64>,
    #[sqlx(try_from = "i64")]
    #[serde(deserialize_with = "milliseconds")]
    pub created_at: Timestamp,
    pub edited_at: Option<i64>,
    pub deleted_at: Option<i64>,
    /// Set if the row has changed since it was deleted.
    pub deleted_rev: Option<i64>,
}

fn milliseconds<'de, D: Deserializer<'de>>(number: D) -> std::result::Result<Timestamp, D::Error> {
    i64::deserialize(number).map(Timestamp)
}

/// SQLite has no booleans.
fn flag<'de, D: Deserializer<'de>>(number: D) -> std::result::Result<bool, D::Error> {
    i64::deserialize(number).map(|number| number != 0)
}

/// What a column holds that is JSON or empty.
fn written<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
    if json.is_empty() {
        return None;
    }
    serde_json::from_str(json).ok()
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        let thread = super::threads::summary(&row);
        Self {
            thread,
            message_id: row.id,
            chat_room_id: row.room_id,
            sender_id: row.sender_id,
            sender_name: row.sender_name,
            content: row.content,
            message_type: MessageType::from(row.kind),
            created_at: row.created_at,
            seq: row.seq,
            rev: row.rev,
            client_id: row.client_id,
            reply_to: row.reply_to.map(MessageId),
            thread_id: row.thread_id.map(MessageId),
            also_in_room: row.also_in_room,
            mentions: row
                .mentions
                .split_ascii_whitespace()
                .filter_map(|id| id.parse().ok().map(UserId))
                .collect(),
            reactions: written(&row.reactions).unwrap_or_default(),
            pinned: row.pinned_by.zip(row.pinned_at).map(|(by, at)| Pinned {
                by: UserId(by),
                at: Timestamp(at),
            }),
            poll: written(&row.poll),
            forwarded: written(&row.forwarded),
            expiry: expiry(row.expires_at, row.expire_after_read_s),
            edited_at: row.edited_at.map(Timestamp),
            deleted_at: row.deleted_at.map(Timestamp),
            deleted_rev: row.deleted_rev.map(Rev),
        }
    }
}

fn expiry(at: Option<i64>, after_read_s: Option<i64>) -> Option<Expiry> {
    let expiry = Expiry {
        at: at.map(Timestamp),
        after_read_s: after_read_s.and_then(|s| u32::try_from(s).ok()),
    };
    (expiry != Expiry::default()).then_some(expiry)
}

/// A message that was sent before, with the fingerprint of what was sent.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SentRow {
    #[sqlx(flatten)]
    pub message: MessageRow,
    /// Absent once deleted.
    pub fingerprint: Option<Vec<u8>>,
}

/// A message to be added; its id, place and revision are already decided.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub message: Message,
    pub fingerprint: Vec<u8>,
}

/// The columns of a row; what is read otherwise in a text than in a row is given.
macro_rules! columns {
    ($name:literal, $client_id:literal) => {
        concat!(
            "m.id, m.room_id, m.seq, m.rev, m.sender_id, u.display_name",
            $name,
            ", ",
            $client_id,
            ", m.content, m.kind, m.reply_to, m.thread_id, m.also_in_room, m.thread_replies, \
             m.thread_last_seq, m.thread_last_at, m.mentions, m.reactions, m.pinned_by, \
             m.pinned_at, m.poll, m.forwarded, m.expires_at, m.expire_after_read_s, \
             m.created_at, m.edited_at, m.deleted_at, m.deleted_rev"
        )
    };
}

macro_rules! messages {
    ($tail:literal) => {
        concat!(
            "SELECT ",
            $crate::store::messages::columns!(" AS sender_name", "m.client_id"),
            " FROM messages m JOIN users u ON u.id = m.sender_id ",
            $tail
        )
    };
}

/// Many messages. SQLite's driver copies each column of each row, looks each up by its name, and
/// wakes the reader for each row: there a page comes as one text.
macro_rules! page {
    ($tail:literal) => {
        Sql::pair(
            concat!(
                "SELECT '[' || group_concat(line) || ']' FROM (SELECT json_array(",
                columns!("", "hex(m.client_id)"),
                ") AS line FROM messages m JOIN users u ON u.id = m.sender_id ",
                $tail,
                ")"
            ),
            messages!($tail),
        )
    };
}

pub(super) use {columns, messages};

/// A page as SQLite gives it.
pub(super) struct SqlitePage(pub(super) Option<String>);

impl SqlitePage {
    pub(super) fn rows(self) -> Result<Vec<MessageRow>> {
        let Some(text) = self.0 else {
            return Ok(Vec::new());
        };
        serde_json::from_str(&text).map_err(|error| Error::Corrupt(error.to_string()))
    }
}

/// Before and behind the senders and what they called their messages.
pub(super) const SENT_BEFORE: [&str; 2] = [
    concat!(
        "SELECT ",
        columns!(" AS sender_name", "m.client_id"),
        ", m.fingerprint FROM ("
    ),
    ") AS v CROSS JOIN messages m CROSS JOIN users u \
     WHERE m.sender_id = v.column1 AND m.client_id = v.column2 AND u.id = m.sender_id",
];

fn words(mentions: &[UserId]) -> String {
    let words: Vec<_> = mentions.iter().map(ToString::to_string).collect();
    words.join(" ")
}

/// Messages in one statement, at most.
const INSERTED: usize = 256;

/// The statement that adds so many messages, at most [`INSERTED`]; made once for each number.
/// PostgreSQL numbers its parameters; for SQLite a numbered one is a name that it looks for from the
/// beginning each time.
fn insert_text(rows: usize, tx: &Tx) -> &'static str {
    type Texts = [OnceLock<String>; INSERTED + 1];
    static SQLITE: Texts = [const { OnceLock::new() }; INSERTED + 1];
    static POSTGRES: Texts = [const { OnceLock::new() }; INSERTED + 1];
    let (texts, numbered) = match tx {
        Tx::Sqlite(_) => (&SQLITE, false),
        Tx::Postgres(_) => (&POSTGRES, true),
    };
    texts[rows].get_or_init(|| {
        const COLUMNS: usize = 12;
        let mut text = String::from(
            "INSERT INTO messages (id, room_id, seq, rev, sender_id, client_id, fingerprint, \
             content, kind, reply_to, mentions, created_at) VALUES ",
        );
        for number in 0..rows * COLUMNS {
            text.push_str(match (number, number % COLUMNS) {
                (0, _) => "(",
                (_, 0) => "), (",
                _ => ", ",
            });
            if numbered {
                text.push('$');
                text.push_str(&(number + 1).to_string());
            } else {
                text.push('?');
            }
        }
        text + ") ON CONFLICT DO NOTHING"
    })
}

impl Tx {
    pub async fn message(&mut self, id: MessageId) -> Result<Option<MessageRow>> {
        const SQL: &str = messages!("WHERE m.id = $1");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// These messages, in no order.
    pub async fn messages_by_id(&mut self, ids: &[MessageId]) -> Result<Vec<MessageRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(messages!("WHERE m.id IN ("));
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// The newest messages below a place, oldest first.
    pub async fn messages_before(
        &mut self,
        room: RoomId,
        first_visible: Seq,
        before: Seq,
        limit: i64,
    ) -> Result<Vec<MessageRow>> {
        const SQL: Sql = page!(
            "WHERE m.room_id = $1 AND m.seq < $2 AND m.seq >= $3 ORDER BY m.seq DESC LIMIT $4 + 0"
        );
        let given = [room.0, before.0, first_visible.0, limit];
        let mut rows = self.page(SQL, &given).await?;
        rows.reverse();
        Ok(rows)
    }

    /// The newest message that the room itself shows, from the first visible one on.
    pub async fn newest_in_room(
        &mut self,
        room: RoomId,
        first_visible: Seq,
    ) -> Result<Option<MessageRow>> {
        const SQL: Sql = page!(
            "WHERE m.room_id = $1 AND m.seq >= $2 AND (m.thread_id IS NULL OR m.also_in_room) \
             ORDER BY m.seq DESC LIMIT 1"
        );
        let mut rows = self.page(SQL, &[room.0, first_visible.0]).await?;
        Ok(rows.pop())
    }

    /// The oldest messages above a place, oldest first.
    pub async fn messages_after(
        &mut self,
        room: RoomId,
        first_visible: Seq,
        after: Seq,
        limit: i64,
    ) -> Result<Vec<MessageRow>> {
        const SQL: Sql = page!(
            "WHERE m.room_id = $1 AND m.seq > $2 AND m.seq >= $3 ORDER BY m.seq LIMIT $4 + 0"
        );
        let given = [room.0, after.0, first_visible.0, limit];
        self.page(SQL, &given).await
    }

    /// Messages that changed after `rev`, in that order, without those whose place is in `skip`.
    pub async fn messages_changed(
        &mut self,
        room: RoomId,
        rev: Rev,
        first_visible: Seq,
        skip: std::ops::RangeInclusive<Seq>,
        limit: i64,
    ) -> Result<Vec<MessageRow>> {
        const SQL: Sql = page!(
            "WHERE m.room_id = $1 AND m.rev > $2 AND m.seq >= $3 \
             AND (m.seq < $4 OR m.seq > $5) ORDER BY m.rev LIMIT $6 + 0"
        );
        let (skipped, on) = (skip.start().0, skip.end().0);
        let given = [room.0, rev.0, first_visible.0, skipped, on, limit];
        self.page(SQL, &given).await
    }

    async fn page(&mut self, sql: Sql, given: &[i64]) -> Result<Vec<MessageRow>> {
        let text = sql.text(self);
        match self {
            Self::Sqlite(tx) => {
                let mut query = sqlx::query_scalar::<_, Option<String>>(text);
                for number in given {
                    query = query.bind(*number);
                }
                SqlitePage(query.fetch_one(&mut **tx).await?).rows()
            }
            Self::Postgres(tx) => {
                let mut query = sqlx::query_as::<_, MessageRow>(text);
                for number in given {
                    query = query.bind(*number);
                }
                Ok(query.fetch_all(&mut **tx).await?)
            }
        }
    }

    /// Messages above `after` that count as unread for `user`: not deleted, not their own, not in a
    /// thread only. As it was when the room had come to `at`, its newest place and change, whatever was
    /// committed since.
    pub async fn count_unread(
        &mut self,
        room: RoomId,
        user: UserId,
        after: Seq,
        at: (Seq, Rev),
    ) -> Result<i64> {
        // What was deleted after that moment had not been then.
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM messages WHERE room_id = $1 \
                           AND seq > $2 AND seq <= $3 AND sender_id <> $4 \
                           AND (thread_id IS NULL OR also_in_room) \
                           AND (deleted_at IS NULL OR coalesce(deleted_rev, rev) > $5)";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(room.0)
            .bind(after.0)
            .bind(at.0.0)
            .bind(user.0)
            .bind(at.1.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Which of these were sent before, some of them more than once.
    pub(crate) async fn sent_before(&mut self, keys: &[SenderKey]) -> Result<Vec<SentRow>> {
        let [head, tail] = SENT_BEFORE;
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(head);
            query.push_values(padded(keys), |mut row, (sender, client_id)| {
                row.push_bind(sender.0).push_bind(client_id.0);
            });
            query.push(tail);
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// Adds messages and tells how many: those whose place or name is taken are left out.
    pub async fn insert_messages(&mut self, messages: &[NewMessage]) -> Result<u64> {
        let mut added = 0;
        for slice in messages.chunks(INSERTED) {
            let places = roomy(slice.len());
            let sql = insert_text(places, self);
            // What stands there already is left out, repetitions of the shortest too.
            let shortest = slice.iter().min_by_key(|new| new.message.content.len());
            let rows = slice
                .iter()
                .chain(shortest.into_iter().cycle())
                .take(places);
            added += on!(self, |conn| {
                let mut query = sqlx::query(sql);
                for new in rows {
                    let m = &new.message;
                    query = query
                        .bind(m.message_id.0)
                        .bind(m.chat_room_id.0)
                        .bind(m.seq.0)
                        .bind(m.rev.0)
                        .bind(m.sender_id.0)
                        .bind(m.client_id.0)
                        .bind(&new.fingerprint)
                        .bind(&m.content)
                        .bind(m.message_type.as_str())
                        .bind(m.reply_to.map(|id| id.0))
                        .bind(words(&m.mentions))
                        .bind(m.created_at.0);
                }
                query.execute(conn).await.map(|done| done.rows_affected())
            })?;
        }
        Ok(added)
    }

    /// Takes back what [`Self::insert_messages`] added of these, in the same transaction.
    pub async fn take_back_messages(&mut self, messages: &[NewMessage]) -> Result<()> {
        let ids: Vec<_> = messages.iter().map(|new| new.message.message_id).collect();
        on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new("DELETE FROM messages WHERE id IN (");
            let mut list = query.separated(", ");
            for id in padded(&ids) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build().execute(conn).await.map(|_| ())
        })?;
        Ok(())
    }

    /// Writes the counters of rooms that took messages, all in one statement.
    pub async fn advance_rooms(&mut self, rooms: &[&Counters]) -> Result<()> {
        on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(
                "UPDATE rooms SET rev = v.column2, last_seq = v.column3, \
                 last_message_at = v.column4 FROM (",
            );
            query.push_values(padded(rooms), |mut row, room| {
                row.push_bind(room.id.0)
                    .push_bind(room.rev.0)
                    .push_bind(room.last_seq.0)
                    .push_bind(room.last_message_at.0);
            });
            query.push(") AS v WHERE rooms.id = v.column1");
            query.build().execute(conn).await.map(|_| ())
        })?;
        Ok(())
    }

    /// The text that this edit was taken with, if it was.
    pub async fn edit_by_client_id(
        &mut self,
        message: MessageId,
        client_id: ClientId,
    ) -> Result<Option<String>> {
        const SQL: &str =
            "SELECT content FROM message_edits WHERE message_id = $1 AND client_id = $2";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(message.0)
            .bind(client_id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Gives a message new content and keeps the edit.
    pub async fn edit_message(
        &mut self,
        id: MessageId,
        client_id: ClientId,
        content: &str,
        rev: Rev,
        now: Timestamp,
    ) -> Result<()> {
        const MESSAGE: &str =
            "UPDATE messages SET content = $2, rev = $3, edited_at = $4 WHERE id = $1";
        on!(self, |conn| sqlx::query(MESSAGE)
            .bind(id.0)
            .bind(content)
            .bind(rev.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        self.keep_edit(id, client_id, content, rev, now).await
    }

    /// Keeps an edit, so that its repetition is known. Alone for one that found its text there
    /// already; `rev` is then that of the text, as it is for the first ([`Self::text_rev`]).
    pub async fn keep_edit(
        &mut self,
        id: MessageId,
        client_id: ClientId,
        content: &str,
        rev: Rev,
        now: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO message_edits (message_id, client_id, rev, content, \
                           edited_at) VALUES ($1, $2, $3, $4, $5)";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(client_id.0)
            .bind(rev.0)
            .bind(content)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The change that gave a message the text it has; zero for the first. Lower than the row's
    /// own, which reactions and pins raise too.
    pub async fn text_rev(&mut self, id: MessageId) -> Result<Rev> {
        const SQL: &str = "SELECT coalesce(max(rev), 0) FROM message_edits WHERE message_id = $1";
        let rev = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(id.0)
            .fetch_one(conn)
            .await)?;
        Ok(Rev(rev))
    }

    /// How many edits of a message are kept.
    pub async fn count_edits(&mut self, id: MessageId) -> Result<i64> {
        const SQL: &str =
            "SELECT CAST(count(*) AS BIGINT) FROM message_edits WHERE message_id = $1";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(id.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Every text that a message was given, oldest first; the first of all only if it was edited.
    pub async fn edits(&mut self, id: MessageId) -> Result<Vec<(String, Timestamp)>> {
        const SQL: &str = "SELECT content, edited_at FROM message_edits WHERE message_id = $1 \
                           ORDER BY rev, edited_at";
        let rows: Vec<(String, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .fetch_all(conn)
            .await)?;
        let rows = rows.into_iter().map(|(text, at)| (text, Timestamp(at)));
        Ok(rows.collect())
    }

    /// Writes what few messages have: whom they were forwarded from, when they go, in which thread they
    /// stand, what they ask.
    pub async fn dress_messages(&mut self, messages: &[NewMessage]) -> Result<()> {
        const SQL: &str = "UPDATE messages SET forwarded = $2, expires_at = $3, \
                           expire_after_read_s = $4, thread_id = $5, also_in_room = $6, \
                           poll = $7, poll_closes_at = $8 WHERE id = $1";
        for new in messages {
            let m = &new.message;
            if m.forwarded.is_none()
                && m.expiry.is_none()
                && m.thread_id.is_none()
                && m.poll.is_none()
            {
                continue;
            }
            let forwarded = m.forwarded.as_ref();
            let forwarded = forwarded.and_then(|from| serde_json::to_string(from).ok());
            let expiry = m.expiry.unwrap_or_default();
            let (poll, closes_at) = polls::written(m.poll.as_ref());
            on!(self, |conn| sqlx::query(SQL)
                .bind(m.message_id.0)
                .bind(forwarded.as_deref().unwrap_or_default())
                .bind(expiry.at.map(|at| at.0))
                .bind(expiry.after_read_s.map(i64::from))
                .bind(m.thread_id.map(|id| id.0))
                .bind(m.also_in_room)
                .bind(&poll)
                .bind(closes_at)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// Leaves a tombstone: content, edits, reactions, votes and fingerprint go, and it is pinned no
    /// more. One whose time had come keeps that time.
    pub async fn delete_message(&mut self, id: MessageId, rev: Rev, now: Timestamp) -> Result<()> {
        const MESSAGE: &str = "UPDATE messages SET content = '', fingerprint = NULL, mentions = '', \
                               reactions = '', pinned_by = NULL, pinned_at = NULL, \
                               forwarded = '', poll = '', poll_closes_at = NULL, rev = $2, \
                               edited_at = NULL, deleted_at = $3, \
                               expires_at = CASE WHEN expires_at <= $3 THEN expires_at END, \
                               expire_after_read_s = NULL WHERE id = $1";
        const EDITS: &str = "DELETE FROM message_edits WHERE message_id = $1";
        const REACTIONS: &str = "DELETE FROM reactions WHERE message_id = $1";
        const VOTES: &str = "DELETE FROM poll_votes WHERE message_id = $1";
        const BALLOTS: &str = "DELETE FROM poll_ballots WHERE message_id = $1";
        on!(self, |conn| sqlx::query(MESSAGE)
            .bind(id.0)
            .bind(rev.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        for sql in [EDITS, REACTIONS, VOTES, BALLOTS] {
            on!(self, |conn| sqlx::query(sql)
                .bind(id.0)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }
}
