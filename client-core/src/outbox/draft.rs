//! What stands in a composer, on its way to the other devices. Each function runs in one transaction
//! of the caller.
//!
//! One entry a composer waits: what is typed next changes it. A message that was a draft names the states
//! of it that the server may have, and the server empties it with the message; if one of them was
//! still on its way, or the message is never sent, an entry behind it empties the draft.

use erc_protocol::{ClientId, validate};
use rusqlite::Connection;
use uuid::Uuid;

use super::compose::Author;
use crate::{
    cache::{
        drafts::{self, DraftRow, Key},
        outbox::{self, Entry, Kind, State},
        rooms,
    },
    error::{Error, Result},
    view::Written,
};

/// Names of states that are told: more than can be on their way at a time.
const NAMES: usize = 4;

/// Keeps what stands in a composer. Answers what that is called now, and whether anything changed.
pub(crate) fn write(
    conn: &Connection,
    author: Author,
    composer: Key,
    written: &Written,
) -> Result<(Option<ClientId>, bool)> {
    let (room, thread_id) = composer;
    if rooms::get(conn, room)?.is_none() {
        return Err(Error::NotFound);
    }
    let held = drafts::get(conn, composer)?;
    let forget: Vec<_> = held
        .iter()
        .flat_map(|row| &row.aside)
        .map(|text| text.version)
        .filter(|version| written.forget.contains(version))
        .collect();
    let is_same = held.as_ref().map_or(
        written.text.is_empty() && written.reply_to.is_none(),
        |row| row.content == written.text && row.reply_to == written.reply_to,
    );
    if is_same && forget.is_empty() {
        return Ok((held.map(|row| row.version), false));
    }
    let refusal = validate::draft(&written.text).err();
    let state = match refusal {
        None => State::Queued,
        Some(_) => State::Parked,
    };
    let reason = refusal.map(|why| why.to_string());
    let mut pending = of(conn, composer)?;
    let mut entry = match pending.pop() {
        // The server has not taken it, so it may still become another text. Under another name, if
        // nobody typed it: what empties a draft behind a message may be there twice under one name, and
        // when the one is answered the other goes with it.
        Some(last) if last.attempts == 0 || last.state == State::Parked => {
            let was_typed = held.as_ref().is_some_and(|row| row.version == last.op_id);
            let op_id = if was_typed { last.op_id } else { author.op_id };
            Entry { op_id, ..last }
        }
        Some(last) => Entry {
            drafts: newest(last.drafts.into_iter().chain([last.op_id])),
            thread_id,
            ..author.entry(room, Kind::Draft)
        },
        None => Entry {
            drafts: written.base.into_iter().collect(),
            thread_id,
            ..author.entry(room, Kind::Draft)
        },
    };
    entry.content.clone_from(&written.text);
    entry.reply_to = written.reply_to;
    entry.forget.extend(&forget);
    entry.state = state;
    entry.reason = reason;
    if entry.id == 0 {
        outbox::insert(conn, &entry)?;
    } else {
        outbox::update(conn, &entry)?;
    }
    let (mut aside, user_rev) = held.map_or_else(Default::default, |row| (row.aside, row.user_rev));
    aside.retain(|text| !forget.contains(&text.version));
    let row = DraftRow {
        content: written.text.clone(),
        reply_to: written.reply_to,
        version: entry.op_id,
        aside,
        updated_at: author.now,
        user_rev,
    };
    drafts::put(conn, composer, &row)?;
    Ok((Some(entry.op_id), true))
}

/// A message that stood in the composer is on its way: its draft is empty. Answers the states of it
/// that the server may have, and whether one of them may still be on its way.
pub(crate) fn sent(
    conn: &Connection,
    author: Author,
    composer: Key,
    base: Option<ClientId>,
) -> Result<(Vec<ClientId>, bool)> {
    let held = drafts::get(conn, composer)?;
    let pending = of(conn, composer)?;
    let is_shown = held
        .as_ref()
        .is_some_and(|row| !pending.is_empty() || Some(row.version) == base);
    let mut states: Vec<ClientId> = Vec::new();
    let mut is_on_its_way = false;
    for entry in &pending {
        states.extend(&entry.drafts);
        if entry.attempts > 0 {
            states.push(entry.op_id);
            is_on_its_way |= entry.state != State::Parked;
        }
        outbox::delete(conn, entry.id)?;
    }
    if pending.is_empty() {
        states.extend(base);
    }
    if let Some(held) = held.filter(|_| is_shown) {
        let row = DraftRow {
            content: String::new(),
            reply_to: None,
            version: author.op_id,
            updated_at: author.now,
            ..held
        };
        drafts::put(conn, composer, &row)?;
    }
    Ok((newest(states), is_on_its_way))
}

/// Each once, and the newest of them.
fn newest(names: impl IntoIterator<Item = ClientId>) -> Vec<ClientId> {
    let mut kept: Vec<ClientId> = Vec::new();
    for name in names {
        kept.retain(|other| *other != name);
        kept.push(name);
    }
    kept.split_off(kept.len().saturating_sub(NAMES))
}

/// Behind a send: empties the draft in whatever of its states it is then. For one that was on its way
/// when the send was written, which may come after it.
pub(crate) fn empty_behind(conn: &Connection, send: &Entry) -> Result<()> {
    if send.drafts.is_empty() {
        return Ok(());
    }
    let entry = Entry {
        drafts: send.drafts.clone(),
        thread_id: send.thread_id,
        ..Entry::new(send.room, Kind::Draft, behind(send.op_id), send.created_at)
    };
    outbox::insert(conn, &entry).map(drop)
}

/// The name of what empties the draft behind a send; nothing else is called so.
fn behind(send: ClientId) -> ClientId {
    const MARK: u128 = 1 << 61;
    ClientId(Uuid::from_u128(send.0.as_u128() ^ MARK))
}

fn of(conn: &Connection, (room, thread): Key) -> Result<Vec<Entry>> {
    let mut entries = outbox::of_room(conn, room)?;
    entries.retain(|entry| entry.kind == Kind::Draft && entry.thread_id == thread);
    Ok(entries)
}

#[cfg(test)]
mod tests;
