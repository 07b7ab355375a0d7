//! What stands in composers, as this device shows it.
//!
//! A row is the server's newest, unless something of this device is still on its way there: then it
//! is what this device wrote, and only the texts beside it are the server's.

use std::collections::HashSet;

use erc_protocol::{ClientId, Draft, MessageId, RoomId, Timestamp, UserRev, draft::Aside};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{
    outbox::{self, Entry, Kind, State},
    word,
};
use crate::error::{Error, Result};

/// A composer: a room's, or that of a thread in it.
pub(crate) type Key = (RoomId, Option<MessageId>);

/// A draft as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DraftRow {
    pub(crate) content: String,
    pub(crate) reply_to: Option<MessageId>,
    /// What its writer calls it.
    pub(crate) version: ClientId,
    pub(crate) aside: Vec<Aside>,
    pub(crate) updated_at: Timestamp,
    /// Of the server's newest row; zero if it never told one.
    pub(crate) user_rev: UserRev,
}

/// A thread as the table has it: 0 is the room's own composer.
fn column(thread: Option<MessageId>) -> i64 {
    thread.map_or(0, |id| id.0)
}

pub(crate) fn get(conn: &Connection, (room, thread): Key) -> Result<Option<DraftRow>> {
    Ok(conn
        .prepare_cached(
            "SELECT content, reply_to, version, aside, updated_at, user_rev FROM drafts
             WHERE room_id = ?1 AND thread_id = ?2",
        )?
        .query_row([room.0, column(thread)], |row| {
            let aside: String = row.get(3)?;
            Ok(DraftRow {
                content: row.get(0)?,
                reply_to: row.get::<_, Option<i64>>(1)?.map(MessageId),
                version: word(row, 2)?,
                // It was written by `put`; one that was damaged since is nothing.
                aside: serde_json::from_str(&aside).unwrap_or_default(),
                updated_at: Timestamp(row.get(4)?),
                user_rev: UserRev(row.get(5)?),
            })
        })
        .optional()?)
}

pub(crate) fn put(conn: &Connection, (room, thread): Key, row: &DraftRow) -> Result<()> {
    let aside = if row.aside.is_empty() {
        String::new()
    } else {
        serde_json::to_string(&row.aside).map_err(|e| Error::Storage(e.to_string()))?
    };
    conn.prepare_cached(
        "INSERT INTO drafts (room_id, thread_id, content, reply_to, version, aside, updated_at,
             user_rev)
         VALUES (?1, ?8, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (room_id, thread_id) DO UPDATE SET
             content = excluded.content, reply_to = excluded.reply_to, version = excluded.version,
             aside = excluded.aside, updated_at = excluded.updated_at,
             user_rev = excluded.user_rev",
    )?
    .execute(params![
        room.0,
        row.content,
        row.reply_to.map(|id| id.0),
        row.version.to_string(),
        aside,
        row.updated_at.0,
        row.user_rev.0,
        column(thread),
    ])?;
    Ok(())
}

/// Composers in which something is left to be sent or looked at.
pub(crate) fn used(conn: &Connection) -> Result<HashSet<Key>> {
    let mut statement = conn.prepare_cached(
        "SELECT room_id, thread_id FROM drafts WHERE trim(content) <> '' OR aside <> ''",
    )?;
    let rows = statement.query_map([], key)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn key(row: &rusqlite::Row<'_>) -> rusqlite::Result<Key> {
    let thread: i64 = row.get(1)?;
    Ok((
        RoomId(row.get(0)?),
        (thread != 0).then_some(MessageId(thread)),
    ))
}

/// The server's row. Answers whether what is shown changed.
pub(crate) fn take(conn: &Connection, told: &Draft) -> Result<bool> {
    let composer = (told.room_id, told.thread_id);
    let held = get(conn, composer)?;
    if held
        .as_ref()
        .is_some_and(|row| row.user_rev > told.user_rev)
    {
        return Ok(false);
    }
    let mut on_its_way = Vec::new();
    for entry in outbox::of_room(conn, told.room_id)? {
        if entry.thread_id != told.thread_id {
            continue;
        }
        match entry.kind {
            // It arrived, whether its answer does or not, and may have been put aside since: news of
            // that can overtake the answer, which is older then and says nothing.
            Kind::Draft if has_arrived(&entry, told) => outbox::delete(conn, entry.id)?,
            Kind::Draft => on_its_way.push(entry),
            Kind::Send if entry.state != State::Parked && entry.drafts.contains(&told.version) => {
                on_its_way.push(entry);
            }
            _ => {}
        }
    }
    let mut row = DraftRow {
        content: told.content.clone(),
        reply_to: told.reply_to,
        version: told.version,
        aside: told.aside.clone(),
        updated_at: told.updated_at,
        user_rev: told.user_rev,
    };
    if let Some(held) = held.as_ref().filter(|_| !on_its_way.is_empty()) {
        let is_wanted = |text: &Aside| {
            on_its_way
                .iter()
                .all(|entry| !entry.forget.contains(&text.version))
        };
        row.aside.retain(is_wanted);
        row.content.clone_from(&held.content);
        row.reply_to = held.reply_to;
        row.version = held.version;
        row.updated_at = held.updated_at;
    }
    let is_new = held.is_none_or(|held| {
        (&held.content, held.reply_to, &held.aside) != (&row.content, row.reply_to, &row.aside)
    });
    put(conn, composer, &row)?;
    Ok(is_new)
}

fn has_arrived(entry: &Entry, told: &Draft) -> bool {
    let aside = told.aside.iter().map(|text| text.version);
    aside
        .chain([told.version])
        .any(|version| version == entry.op_id)
}

/// All are told afresh: what isn't among them, nor on its way, is no more. Answers where.
pub(crate) fn keep_only(conn: &Connection, told: &HashSet<Key>) -> Result<Vec<RoomId>> {
    let mut gone = at_rest(conn, "1 = 1")?;
    gone.retain(|composer| !told.contains(composer));
    for (room, thread) in &gone {
        conn.prepare_cached("DELETE FROM drafts WHERE room_id = ?1 AND thread_id = ?2")?
            .execute([room.0, column(*thread)])?;
    }
    Ok(gone.into_iter().map(|(room, _)| room).collect())
}

/// Composers of which nothing is on its way to the server.
fn at_rest(conn: &Connection, which: &str) -> Result<Vec<Key>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT room_id, thread_id FROM drafts WHERE {which} AND NOT EXISTS
             (SELECT 1 FROM outbox o WHERE o.room_id = drafts.room_id AND o.kind = 'draft'
                  AND coalesce(o.thread_id, 0) = drafts.thread_id)",
    ))?;
    let rows = statement.query_map([], key)?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
}

/// The server may have none of them any more: what one wrote is given to it again, under the name
/// that it had, so that a server which has it changes nothing.
pub(crate) fn give_again(conn: &Connection) -> Result<()> {
    for composer in at_rest(conn, "content <> ''")? {
        let Some(row) = get(conn, composer)? else {
            continue;
        };
        let (room, thread_id) = composer;
        let entry = Entry {
            content: row.content,
            reply_to: row.reply_to,
            thread_id,
            ..Entry::new(room, Kind::Draft, row.version, row.updated_at)
        };
        outbox::insert(conn, &entry)?;
    }
    conn.execute("UPDATE drafts SET user_rev = 0", [])?;
    Ok(())
}
