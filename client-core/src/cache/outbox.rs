//! Operations on their way to the server, in the order of writing. What they mean and when they
//! change is `crate::outbox`'s; this is their table.

use std::collections::HashMap;

use erc_protocol::{
    ClientId, Lifetime, MessageId, Rev, RoomId, Seq, Timestamp, UserId, poll::NewPoll,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::word;
use crate::error::Result;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum $name { $($variant),+ }

        impl $name {
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::fmt::Error;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err(std::fmt::Error) }
            }
        }
    };
}

words!(
    /// What is to be done.
    Kind {
        Send = "send", Forward = "forward", Edit = "edit", Delete = "delete", React = "react",
        Pin = "pin", Vote = "vote", ClosePoll = "close_poll", Read = "read", Follow = "follow",
        ReadThread = "read_thread", Draft = "draft", Answer = "answer"
    }
);

impl Kind {
    /// Whether it makes a message.
    pub(crate) const fn is_send(self) -> bool {
        matches!(self, Self::Send | Self::Forward)
    }

    /// Whether it switches something that may be switched back at any time.
    pub(crate) const fn is_switch(self) -> bool {
        matches!(
            self,
            Self::React | Self::Pin | Self::Vote | Self::ClosePoll | Self::Follow | Self::Answer
        )
    }

    /// Whether it says how far this user has read; such don't wait for messages.
    pub(crate) const fn is_mark(self) -> bool {
        matches!(self, Self::Read | Self::ReadThread)
    }
}
words!(
    /// How far it is.
    State { Queued = "queued", Sending = "sending", Parked = "parked" }
);

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) room: RoomId,
    pub(crate) kind: Kind,
    /// The server's idempotency key; for a send, the message's `client_id`.
    pub(crate) op_id: ClientId,
    /// The message concerned.
    pub(crate) sender: Option<UserId>,
    pub(crate) client_id: Option<ClientId>,
    /// Of what changes a message; absent while that is on its way itself. Of a forward, its source.
    pub(crate) message_id: Option<MessageId>,
    /// A text, the emoji of a reaction, or the numbers of what is chosen in a poll.
    pub(crate) content: String,
    pub(crate) reply_to: Option<MessageId>,
    /// The thread into which it goes, or that it is about.
    pub(crate) thread_id: Option<MessageId>,
    /// Of a reply in a thread: shown in the room, too.
    pub(crate) also_in_room: bool,
    /// Of a send that is a poll: all but the question.
    pub(crate) poll: Option<NewPoll>,
    pub(crate) base_rev: Option<Rev>,
    /// Of a read mark.
    pub(crate) seq: Option<Seq>,
    /// Of a reaction, a pin or following: there or not. Of an answer: whether it accepts. Of a forward: whether the author is named.
    pub(crate) is_on: bool,
    /// Of a send, the states of the draft that it was; of a draft, those that it goes on from.
    pub(crate) drafts: Vec<ClientId>,
    /// Of a draft: texts put aside that are no longer wanted.
    pub(crate) forget: Vec<ClientId>,
    pub(crate) state: State,
    /// How often it was given to the network. Once it was, the server may have it.
    pub(crate) attempts: i64,
    pub(crate) reason: Option<String>,
    pub(crate) created_at: Timestamp,
    /// How long a message is to stay.
    pub(crate) lifetime: Option<Lifetime>,
}

impl Entry {
    /// One that waits, about nothing but its room.
    pub(crate) fn new(room: RoomId, kind: Kind, op_id: ClientId, now: Timestamp) -> Self {
        Self {
            id: 0,
            room,
            kind,
            op_id,
            sender: None,
            client_id: None,
            message_id: None,
            content: String::new(),
            reply_to: None,
            thread_id: None,
            also_in_room: false,
            poll: None,
            base_rev: None,
            seq: None,
            is_on: true,
            drafts: Vec::new(),
            forget: Vec::new(),
            state: State::Queued,
            attempts: 0,
            reason: None,
            created_at: now,
            lifetime: None,
        }
    }
}

/// Names as they are kept: separated by spaces.
fn joined(names: &[ClientId]) -> String {
    let names: Vec<_> = names.iter().map(ClientId::to_string).collect();
    names.join(" ")
}

fn names(text: &str) -> Vec<ClientId> {
    text.split_whitespace()
        .filter_map(|name| name.parse().ok())
        .collect()
}

const COLUMNS: &str = "id, room_id, kind, op_id, sender_id, client_id, message_id, content, \
    reply_to, base_rev, seq, state, attempts, reason, created_at, is_on, lifetime, \
    thread_id, also_in_room, drafts, forget, poll";

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let client_id: Option<String> = row.get(5)?;
    Ok(Entry {
        id: row.get(0)?,
        room: RoomId(row.get(1)?),
        kind: word(row, 2)?,
        op_id: word(row, 3)?,
        sender: row.get::<_, Option<i64>>(4)?.map(UserId),
        client_id: client_id.and_then(|text| text.parse().ok()),
        message_id: row.get::<_, Option<i64>>(6)?.map(MessageId),
        content: row.get(7)?,
        reply_to: row.get::<_, Option<i64>>(8)?.map(MessageId),
        base_rev: row.get::<_, Option<i64>>(9)?.map(Rev),
        seq: row.get::<_, Option<i64>>(10)?.map(Seq),
        state: word(row, 11)?,
        attempts: row.get(12)?,
        reason: row.get(13)?,
        created_at: Timestamp(row.get(14)?),
        is_on: row.get(15)?,
        lifetime: serde_json::from_str(&row.get::<_, String>(16)?).ok(),
        thread_id: row.get::<_, Option<i64>>(17)?.map(MessageId),
        also_in_room: row.get(18)?,
        drafts: names(&row.get::<_, String>(19)?),
        forget: names(&row.get::<_, String>(20)?),
        poll: serde_json::from_str(&row.get::<_, String>(21)?).ok(),
    })
}

fn many(conn: &Connection, rest: &str, params: impl rusqlite::Params) -> Result<Vec<Entry>> {
    let mut statement = conn.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox {rest}"))?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Appends; the entry's `id` is ignored. Returns the new id.
pub(crate) fn insert(conn: &Connection, entry: &Entry) -> Result<i64> {
    let lifetime = entry.lifetime.as_ref();
    let lifetime = lifetime.and_then(|lifetime| serde_json::to_string(lifetime).ok());
    conn.prepare_cached(
        "INSERT INTO outbox (room_id, kind, op_id, sender_id, client_id, message_id, content,
             reply_to, base_rev, seq, state, attempts, reason, created_at, is_on, lifetime,
             thread_id, also_in_room, drafts, forget, poll)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
             ?19, ?20, ?21)",
    )?
    .execute(params![
        entry.room.0,
        entry.kind.as_str(),
        entry.op_id.to_string(),
        entry.sender.map(|id| id.0),
        entry.client_id.map(|id| id.to_string()),
        entry.message_id.map(|id| id.0),
        entry.content,
        entry.reply_to.map(|id| id.0),
        entry.base_rev.map(|rev| rev.0),
        entry.seq.map(|seq| seq.0),
        entry.state.as_str(),
        entry.attempts,
        entry.reason,
        entry.created_at.0,
        entry.is_on,
        lifetime.unwrap_or_default(),
        entry.thread_id.map(|id| id.0),
        entry.also_in_room,
        joined(&entry.drafts),
        joined(&entry.forget),
        super::messages::json(entry.poll.as_ref()),
    ])?;
    Ok(conn.last_insert_rowid())
}

/// Writes back what may change of an entry.
pub(crate) fn update(conn: &Connection, entry: &Entry) -> Result<()> {
    conn.prepare_cached(
        "UPDATE outbox SET message_id = ?2, content = ?3, base_rev = ?4, seq = ?5, state = ?6,
             attempts = ?7, reason = ?8, op_id = ?9, reply_to = ?10, drafts = ?11, forget = ?12
         WHERE id = ?1",
    )?
    .execute(params![
        entry.id,
        entry.message_id.map(|id| id.0),
        entry.content,
        entry.base_rev.map(|rev| rev.0),
        entry.seq.map(|seq| seq.0),
        entry.state.as_str(),
        entry.attempts,
        entry.reason,
        entry.op_id.to_string(),
        entry.reply_to.map(|id| id.0),
        joined(&entry.drafts),
        joined(&entry.forget),
    ])?;
    Ok(())
}

pub(crate) fn delete(conn: &Connection, id: i64) -> Result<()> {
    conn.prepare_cached("DELETE FROM outbox WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

pub(crate) fn get(conn: &Connection, id: i64) -> Result<Option<Entry>> {
    Ok(conn
        .prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE id = ?1"))?
        .query_row([id], read)
        .optional()?)
}

/// In the order of writing.
pub(crate) fn of_room(conn: &Connection, room: RoomId) -> Result<Vec<Entry>> {
    many(conn, "WHERE room_id = ?1 ORDER BY id", [room.0])
}

/// What concerns one message, in the order of writing.
pub(crate) fn of_message(
    conn: &Connection,
    sender: UserId,
    client_id: ClientId,
) -> Result<Vec<Entry>> {
    many(
        conn,
        "WHERE client_id = ?2 AND sender_id = ?1 ORDER BY id",
        params![sender.0, client_id.to_string()],
    )
}

/// The read mark on its way.
pub(crate) fn pending_read(conn: &Connection, room: RoomId) -> Result<Option<Seq>> {
    Ok(conn
        .prepare_cached("SELECT max(seq) FROM outbox WHERE room_id = ?1 AND kind = 'read'")?
        .query_row([room.0], |row| row.get::<_, Option<i64>>(0))?
        .map(Seq))
}

/// The answer to a request on its way: whether it accepts.
pub(crate) fn pending_answer(conn: &Connection, room: RoomId) -> Result<Option<bool>> {
    Ok(conn
        .prepare_cached(
            "SELECT is_on FROM outbox WHERE room_id = ?1 AND kind = 'answer'
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([room.0], |row| row.get(0))
        .optional()?)
}

/// Messages of a room on their way.
pub(crate) fn count_sends(conn: &Connection, room: RoomId) -> Result<i64> {
    Ok(conn
        .prepare_cached(
            "SELECT count(*) FROM outbox WHERE room_id = ?1 AND state <> 'parked'
             AND kind IN ('send', 'forward')",
        )?
        .query_row([room.0], |row| row.get(0))?)
}

/// What concerns one thread itself and not its messages, in the order of writing.
pub(crate) fn of_thread(conn: &Connection, thread: MessageId) -> Result<Vec<Entry>> {
    many(
        conn,
        "WHERE thread_id = ?1 AND kind IN ('follow', 'read_thread') ORDER BY id",
        [thread.0],
    )
}

/// Messages that were refused, by room.
pub(crate) fn parked(conn: &Connection) -> Result<HashMap<RoomId, i64>> {
    let mut statement = conn.prepare_cached(
        "SELECT room_id, count(*) FROM outbox WHERE state = 'parked' AND kind <> 'draft'
         GROUP BY room_id",
    )?;
    let rows = statement.query_map([], |row| Ok((RoomId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What was with the network when the program or the link ended goes back into the queue.
pub(crate) fn requeue_sending(conn: &Connection) -> Result<()> {
    conn.execute(
        "UPDATE outbox SET state = 'queued' WHERE state = 'sending'",
        [],
    )?;
    Ok(())
}

/// The first waiting entry of each lane: a room's messages are one lane, its read marks and the
/// answer to its request another, its drafts a third. A draft waits for messages before it that were one.
pub(crate) fn heads(conn: &Connection) -> Result<Vec<Entry>> {
    many(
        conn,
        "WHERE id IN (SELECT min(id) FROM outbox WHERE state <> 'parked'
                      GROUP BY room_id, CASE WHEN kind IN ('read', 'read_thread', 'answer')
                                                  THEN 'read'
                                             WHEN kind = 'draft' THEN kind ELSE '' END)
             AND NOT (kind = 'draft' AND EXISTS (
                 SELECT 1 FROM outbox o WHERE o.room_id = outbox.room_id AND o.id < outbox.id
                     AND o.thread_id IS outbox.thread_id AND o.drafts <> ''
                     AND o.kind = 'send' AND o.state <> 'parked'))
         ORDER BY id",
        [],
    )
}

/// The server has this message: its send is done, and what waits for it can go on.
pub(crate) fn resolve(conn: &Connection, message: &erc_protocol::Message) -> Result<()> {
    let key = params![message.sender_id.0, message.client_id.to_string()];
    conn.prepare_cached(
        "DELETE FROM outbox WHERE sender_id = ?1 AND client_id = ?2
             AND kind IN ('send', 'forward')",
    )?
    .execute(key)?;
    if message.is_deleted() {
        conn.prepare_cached(
            "DELETE FROM outbox WHERE sender_id = ?1 AND client_id = ?2 AND kind = 'delete'",
        )?
        .execute(key)?;
    }
    conn.prepare_cached(
        "UPDATE outbox SET message_id = ?3, base_rev = coalesce(base_rev, ?4)
         WHERE sender_id = ?1 AND client_id = ?2 AND message_id IS NULL",
    )?
    .execute(params![
        message.sender_id.0,
        message.client_id.to_string(),
        message.message_id.0,
        message.rev.0
    ])?;
    Ok(())
}

/// One is in the room again: what stands in its composer can go to the other devices.
pub(crate) fn unpark_drafts(conn: &Connection, room: RoomId) -> Result<()> {
    conn.prepare_cached(
        "UPDATE outbox SET state = 'queued', reason = NULL
         WHERE room_id = ?1 AND kind = 'draft' AND state = 'parked'",
    )?
    .execute([room.0])?;
    Ok(())
}

/// One is no longer in the room: nothing goes there by itself any more.
pub(crate) fn park_room(conn: &Connection, room: RoomId, reason: &str) -> Result<()> {
    conn.prepare_cached(
        "DELETE FROM outbox WHERE room_id = ?1 AND kind IN ('read', 'read_thread', 'react',
             'pin', 'vote', 'close_poll', 'follow', 'answer')",
    )?
    .execute([room.0])?;
    conn.prepare_cached(
        "UPDATE outbox SET state = 'parked', reason = ?2 WHERE room_id = ?1 AND state <> 'parked'",
    )?
    .execute(params![room.0, reason])?;
    Ok(())
}
