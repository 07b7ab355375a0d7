//! What the user did, as entries. Each function runs in one transaction of the caller.

use erc_protocol::{
    ClientId, Lifetime, Message, MessageId, Rev, RoomId, Seq, Timestamp, UserId, validate,
};
use rusqlite::Connection;

use super::draft;
use crate::{
    cache::{
        messages,
        outbox::{self, Entry, Kind, State},
        rooms, threads,
    },
    error::{Error, Result},
};

/// Who does something, when, and the id that the operation gets if it needs a new one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Author {
    pub(crate) me: UserId,
    pub(crate) now: Timestamp,
    pub(crate) op_id: ClientId,
}

impl Author {
    pub(super) fn entry(&self, room: RoomId, kind: Kind) -> Entry {
        Entry::new(room, kind, self.op_id, self.now)
    }
}

/// What a new message answers: a message, the thread in which it stands, both, or nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answer {
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) thread_id: Option<MessageId>,
    /// It is shown in the room, too.
    pub(crate) also_in_room: bool,
    /// How long it stays.
    pub(crate) lifetime: Option<Lifetime>,
}

/// A new message; its `client_id` is the author's operation id.
pub(crate) fn send(
    conn: &Connection,
    author: Author,
    room: RoomId,
    text: String,
    to: Answer,
) -> Result<()> {
    if rooms::get(conn, room)?.is_none() {
        return Err(Error::NotFound);
    }
    outbox::insert(conn, &new(author, room, text, to)).map(drop)
}

fn new(author: Author, room: RoomId, text: String, to: Answer) -> Entry {
    Entry {
        sender: Some(author.me),
        client_id: Some(author.op_id),
        content: text,
        lifetime: to.lifetime,
        reply_to: to.reply_to,
        thread_id: to.thread_id,
        also_in_room: to.also_in_room,
        ..author.entry(room, Kind::Send)
    }
}

/// As [`send`], of what stood in the composer of a room or a thread, which went on from this state of
/// its draft.
pub(crate) fn send_draft(
    conn: &Connection,
    author: Author,
    room: RoomId,
    text: String,
    to: Answer,
    base: Option<ClientId>,
) -> Result<()> {
    if rooms::get(conn, room)?.is_none() {
        return Err(Error::NotFound);
    }
    let (drafts, is_on_its_way) = draft::sent(conn, author, (room, to.thread_id), base)?;
    let entry = Entry {
        drafts,
        ..new(author, room, text, to)
    };
    outbox::insert(conn, &entry)?;
    if is_on_its_way {
        draft::empty_behind(conn, &entry)?;
    }
    Ok(())
}

/// A new text for one's own message, sent or not.
pub(crate) fn edit(
    conn: &Connection,
    author: Author,
    room: RoomId,
    message: ClientId,
    text: String,
) -> Result<()> {
    let mut pending = outbox::of_message(conn, author.me, message)?;
    if pending
        .iter()
        .any(|entry| entry.kind == Kind::Delete && entry.state != State::Parked)
    {
        return Err(Error::Invalid("the message is being deleted".to_owned()));
    }
    let row = messages::by_client_id(conn, author.me, message)?;
    let is_sending = if let Some(send) = pending.iter_mut().find(|entry| entry.kind.is_send()) {
        if send.kind == Kind::Forward {
            return Err(Error::Invalid(
                "what is forwarded can't be changed".to_owned(),
            ));
        }
        if send.attempts == 0 || send.state == State::Parked {
            send.content = match send.poll {
                Some(_) => question(&text)?,
                None => text,
            };
            send.state = State::Queued;
            send.reason = None;
            return outbox::update(conn, send);
        }
        true
    } else {
        false
    };
    let asks = row.as_ref().and_then(|row| row.poll.as_ref());
    let text = match asks {
        Some(_) => question(&text)?,
        None => text,
    };
    let (message_id, base_rev) = match &row {
        Some(row) if row.is_deleted() => {
            return Err(Error::Invalid("the message was deleted".to_owned()));
        }
        Some(row) => (Some(row.message_id), Some(row.rev)),
        None if is_sending => (None, None),
        None => return Err(Error::NotFound),
    };
    for old in pending.iter().filter(|entry| entry.kind == Kind::Edit) {
        if old.attempts == 0 || old.state == State::Parked {
            outbox::delete(conn, old.id)?;
        }
    }
    let on_its_way = |entry: &Entry| {
        entry.kind == Kind::Edit && entry.attempts > 0 && entry.state != State::Parked
    };
    let has_edit_out = pending.iter().any(on_its_way);
    let said = asks.map_or_else(
        || row.as_ref().map(|row| &row.content),
        |poll| Some(&poll.question),
    );
    if !is_sending && !has_edit_out && said == Some(&text) {
        return Ok(());
    }
    let entry = Entry {
        sender: Some(author.me),
        client_id: Some(message),
        message_id,
        content: text,
        // Behind an edit that is out, the row's revision will be that edit's: it tells us then.
        base_rev: base_rev.filter(|_| !has_edit_out),
        ..author.entry(room, Kind::Edit)
    };
    outbox::insert(conn, &entry).map(drop)
}

fn question(text: &str) -> Result<String> {
    validate::poll_question(text).map_err(Error::Invalid)
}

/// Away with a message: with the entry, if it never left; with a deletion, if it did.
pub(crate) fn delete(
    conn: &Connection,
    author: Author,
    room: RoomId,
    sender: UserId,
    message: ClientId,
) -> Result<()> {
    let pending = outbox::of_message(conn, sender, message)?;
    let send = pending.iter().find(|entry| entry.kind.is_send());
    let never_left = send.is_some_and(|send| send.attempts == 0 || send.state == State::Parked);
    let mut deleting = None;
    for entry in &pending {
        match entry.kind {
            Kind::Delete => deleting = Some(entry.clone()),
            _ if never_left => {
                outbox::delete(conn, entry.id)?;
                draft::empty_behind(conn, entry)?;
            }
            Kind::Edit if entry.attempts == 0 || entry.state == State::Parked => {
                outbox::delete(conn, entry.id)?;
            }
            _ => {}
        }
    }
    if never_left {
        return deleting.map_or(Ok(()), |entry| outbox::delete(conn, entry.id));
    }
    if let Some(mut entry) = deleting {
        entry.state = if entry.state == State::Parked {
            State::Queued
        } else {
            entry.state
        };
        entry.reason = None;
        return outbox::update(conn, &entry);
    }
    let row = messages::by_client_id(conn, sender, message)?;
    let message_id = match row {
        Some(row) if row.is_deleted() => return Ok(()),
        Some(row) => Some(row.message_id),
        None if send.is_some() => None,
        None => return Err(Error::NotFound),
    };
    let entry = Entry {
        sender: Some(sender),
        client_id: Some(message),
        message_id,
        ..author.entry(room, Kind::Delete)
    };
    outbox::insert(conn, &entry).map(drop)
}

/// The text of a message that the cache holds, into a room; its `client_id` is the author's
/// operation id.
pub(crate) fn forward(
    conn: &Connection,
    author: Author,
    room: RoomId,
    source: MessageId,
    with_author: bool,
) -> Result<()> {
    if rooms::get(conn, room)?.is_none() {
        return Err(Error::NotFound);
    }
    // What has gone by this machine's clock is blank.
    let is_whole = |row: &Message| !row.is_deleted() && !row.content.is_empty();
    let row = messages::by_id(conn, source)?.filter(is_whole);
    let entry = Entry {
        sender: Some(author.me),
        client_id: Some(author.op_id),
        message_id: Some(source),
        content: row.ok_or(Error::NotFound)?.content,
        is_on: with_author,
        ..author.entry(room, Kind::Forward)
    };
    outbox::insert(conn, &entry).map(drop)
}

/// What of a message is switched, and which way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Switch {
    /// This emoji, in its canonical form.
    Reaction(String),
    Pin,
}

/// Switches something of a sent message. What has not left yet is taken back; nothing is done that
/// is so already.
pub(crate) fn switch(
    conn: &Connection,
    author: Author,
    room: RoomId,
    (sender, message): (UserId, ClientId),
    switch: &Switch,
    on: bool,
) -> Result<()> {
    let row = messages::by_client_id(conn, sender, message)?.ok_or(Error::NotFound)?;
    if row.is_deleted() {
        return Err(Error::Invalid("the message was deleted".to_owned()));
    }
    let (kind, emoji) = match switch {
        Switch::Reaction(emoji) => (Kind::React, emoji.as_str()),
        Switch::Pin => (Kind::Pin, ""),
    };
    let mut is_on = match switch {
        Switch::Reaction(emoji) => row
            .reactions
            .iter()
            .any(|held| held.emoji == *emoji && held.users.contains(&author.me)),
        Switch::Pin => row.pinned.is_some(),
    };
    for entry in outbox::of_message(conn, sender, message)? {
        if entry.kind != kind || entry.content != emoji {
            continue;
        }
        if entry.attempts == 0 {
            outbox::delete(conn, entry.id)?;
        } else {
            is_on = entry.is_on;
        }
    }
    if is_on == on {
        return Ok(());
    }
    let entry = Entry {
        sender: Some(sender),
        client_id: Some(message),
        message_id: Some(row.message_id),
        content: emoji.to_owned(),
        is_on: on,
        ..author.entry(room, kind)
    };
    outbox::insert(conn, &entry).map(drop)
}

/// A read mark; returns whether it moves anything: none does in a request before it is accepted. Marks that wait collapse into the highest.
pub(crate) fn read(conn: &Connection, author: Author, room: RoomId, seq: Seq) -> Result<bool> {
    let row = rooms::get(conn, room)?.ok_or(Error::NotFound)?;
    let seq = seq.min(row.last_seq.max(row.cursor.seq));
    if seq <= row.read_seq || row.request.is_received() {
        return Ok(false);
    }
    for mut entry in outbox::of_room(conn, room)? {
        if entry.kind != Kind::Read {
            continue;
        }
        if entry.seq.is_some_and(|held| held >= seq) {
            return Ok(false);
        }
        if entry.state == State::Queued {
            entry.seq = Some(seq);
            outbox::update(conn, &entry)?;
            return Ok(true);
        }
    }
    let entry = Entry {
        seq: Some(seq),
        ..author.entry(room, Kind::Read)
    };
    outbox::insert(conn, &entry)?;
    Ok(true)
}

/// Follows a thread or no longer; of several that wait the last one goes.
pub(crate) fn follow(
    conn: &Connection,
    author: Author,
    room: RoomId,
    thread: MessageId,
    on: bool,
) -> Result<()> {
    let mut is_on = threads::get(conn, thread)?.is_some_and(|row| row.following);
    for entry in outbox::of_thread(conn, thread)? {
        if entry.kind != Kind::Follow {
            continue;
        }
        if entry.attempts == 0 {
            outbox::delete(conn, entry.id)?;
        } else {
            is_on = entry.is_on;
        }
    }
    if is_on == on {
        return Ok(());
    }
    let entry = Entry {
        thread_id: Some(thread),
        is_on: on,
        ..author.entry(room, Kind::Follow)
    };
    outbox::insert(conn, &entry).map(drop)
}

/// A read mark in a followed thread; returns whether it moves anything. Marks that wait collapse into
/// the highest.
pub(crate) fn read_thread(
    conn: &Connection,
    author: Author,
    room: RoomId,
    thread: MessageId,
    seq: Seq,
) -> Result<bool> {
    let known = rooms::get(conn, room)?.ok_or(Error::NotFound)?;
    let seq = seq.min(known.last_seq.max(known.cursor.seq));
    let Some(row) = threads::get(conn, thread)?.filter(|row| row.following) else {
        return Ok(false);
    };
    if seq <= row.read_seq {
        return Ok(false);
    }
    for mut entry in outbox::of_thread(conn, thread)? {
        if entry.kind != Kind::ReadThread {
            continue;
        }
        if entry.seq.is_some_and(|held| held >= seq) {
            return Ok(false);
        }
        if entry.state == State::Queued {
            entry.seq = Some(seq);
            outbox::update(conn, &entry)?;
            return Ok(true);
        }
    }
    let entry = Entry {
        thread_id: Some(thread),
        seq: Some(seq),
        ..author.entry(room, Kind::ReadThread)
    };
    outbox::insert(conn, &entry)?;
    Ok(true)
}

/// Sends what was refused again. An edit is then based on the row as it is now.
pub(crate) fn retry(conn: &Connection, room: RoomId, message: ClientId) -> Result<()> {
    let mut parked = parked(conn, room, message)?;
    for entry in &mut parked {
        let current = match (entry.kind, entry.sender) {
            (Kind::Edit, Some(sender)) => messages::by_client_id(conn, sender, message)?,
            _ => None,
        };
        entry.base_rev = current.map_or(entry.base_rev, |row| Some::<Rev>(row.rev));
        entry.state = State::Queued;
        entry.reason = None;
        outbox::update(conn, entry)?;
    }
    Ok(())
}

/// Gives up what was refused; returns the text that was written.
pub(crate) fn discard(
    conn: &Connection,
    room: RoomId,
    message: ClientId,
) -> Result<Option<String>> {
    let mut text = None;
    for entry in parked(conn, room, message)? {
        outbox::delete(conn, entry.id)?;
        draft::empty_behind(conn, &entry)?;
        if matches!(entry.kind, Kind::Send | Kind::Edit) {
            text = Some(entry.content);
        }
    }
    Ok(text)
}

fn parked(conn: &Connection, room: RoomId, message: ClientId) -> Result<Vec<Entry>> {
    let mut entries = outbox::of_room(conn, room)?;
    entries.retain(|entry| entry.state == State::Parked && entry.client_id == Some(message));
    if entries.is_empty() {
        Err(Error::NotFound)
    } else {
        Ok(entries)
    }
}
