//! What the server answered, as changes of entries. Each function runs in one transaction of the
//! caller.

use erc_protocol::{
    Draft, ErrorBody, ErrorCode, Message, RoomId, UserId, UserThread, sync::Unread, sync::UserRoom,
};
use rusqlite::Connection;

use super::draft;
use crate::{
    cache::{
        drafts,
        outbox::{self, Entry, Kind, State},
        rooms, threads,
    },
    error::Result,
    sync::apply,
};

/// These go on the wire now, as they are returned: written down before, so that after a crash we know
/// that the server may have them. Read again, because the user may have changed one or taken it back
/// since it was chosen: what is gone or parked does not go.
pub(crate) fn begun(conn: &Connection, chosen: &[Entry]) -> Result<Vec<Entry>> {
    let mut going = Vec::with_capacity(chosen.len());
    for entry in chosen {
        let current = outbox::get(conn, entry.id)?;
        if let Some(mut entry) = current.filter(|entry| entry.state != State::Parked) {
            entry.state = State::Sending;
            entry.attempts += 1;
            outbox::update(conn, &entry)?;
            going.push(entry);
        }
    }
    Ok(going)
}

/// No answer, or "later": back into the queue, at the old place.
pub(crate) fn postponed(conn: &Connection, id: i64) -> Result<()> {
    match outbox::get(conn, id)? {
        Some(mut entry) if entry.state == State::Sending => {
            entry.state = State::Queued;
            outbox::update(conn, &entry)
        }
        _ => Ok(()),
    }
}

/// An operation on a message was carried out; this is the row now.
pub(crate) fn accepted(conn: &Connection, me: UserId, id: i64, row: &Message) -> Result<()> {
    let done = outbox::get(conn, id)?;
    apply::answered(conn, me, row)?;
    outbox::delete(conn, id)?;
    // An edit that waits was not written with a text in view that came in with a reaction's answer.
    if done.is_some_and(|entry| entry.kind.is_switch()) {
        return Ok(());
    }
    for mut later in outbox::of_message(conn, row.sender_id, row.client_id)? {
        if later.kind == Kind::Edit && later.attempts == 0 {
            later.base_rev = Some(row.rev);
            outbox::update(conn, &later)?;
        }
    }
    Ok(())
}

/// A read mark was taken; this is the count now.
pub(crate) fn read(conn: &Connection, id: i64, room: RoomId, unread: &Unread) -> Result<()> {
    outbox::delete(conn, id)?;
    rooms::put_unread(conn, room, unread)
}

/// Following a thread, or a mark in it, was taken; this is the row now.
pub(crate) fn thread(conn: &Connection, id: i64, row: &UserThread) -> Result<()> {
    outbox::delete(conn, id)?;
    threads::put(conn, row)
}

/// The answer to a request was taken; this is one's own place now.
pub(crate) fn answered(conn: &Connection, id: i64, mine: &UserRoom) -> Result<()> {
    outbox::delete(conn, id)?;
    rooms::set_request(conn, mine)
}

/// A draft was taken; this is the server's row now. Answers whether what is shown changed.
pub(crate) fn draft(conn: &Connection, id: i64, row: &Draft) -> Result<bool> {
    outbox::delete(conn, id)?;
    drafts::take(conn, row)
}

/// An answer of a shape that this build can't read: the server has the operation, so it is done;
/// the row comes with the next frame or batch.
pub(crate) fn accepted_unread(conn: &Connection, id: i64) -> Result<()> {
    outbox::delete(conn, id)
}

/// Refused for good. Returns the reason, if the user is to be told.
pub(crate) fn refused(conn: &Connection, id: i64, error: &ErrorBody) -> Result<Option<Entry>> {
    let Some(mut entry) = outbox::get(conn, id)? else {
        return Ok(None);
    };
    let is_done = entry.kind.is_mark()
        || (entry.kind == Kind::Delete && error.code == ErrorCode::MessageDeleted);
    if is_done {
        outbox::delete(conn, id)?;
        return Ok(None);
    }
    if entry.kind == Kind::Send {
        // It may be given up: what its draft was on other devices goes with it.
        draft::empty_behind(conn, &entry)?;
        entry.drafts.clear();
    }
    entry.state = State::Parked;
    entry.reason = Some(error.message.clone());
    if entry.kind == Kind::Draft {
        // Its text stays here and says so; it goes on with what is typed next.
        outbox::update(conn, &entry)?;
        return Ok(None);
    }
    if entry.kind.is_switch() {
        // Said once, and what is shown goes back to what is: nothing that one wrote is lost.
        outbox::delete(conn, id)?;
        return Ok(Some(entry));
    }
    if entry.kind.is_send() && !absorb(conn, &mut entry)? {
        return Ok(None);
    }
    outbox::update(conn, &entry)?;
    Ok(Some(entry))
}

/// What waited for a send that was refused: a new text becomes its text, a deletion takes it away
/// (then `false`).
fn absorb(conn: &Connection, send: &mut Entry) -> Result<bool> {
    let (Some(sender), Some(client_id)) = (send.sender, send.client_id) else {
        return Ok(true);
    };
    let mut stays = true;
    for later in outbox::of_message(conn, sender, client_id)? {
        match later.kind {
            Kind::Edit => send.content.clone_from(&later.content),
            Kind::Delete => stays = false,
            Kind::React | Kind::Pin | Kind::Vote | Kind::ClosePoll => {}
            Kind::Send
            | Kind::Forward
            | Kind::Read
            | Kind::Follow
            | Kind::ReadThread
            | Kind::Answer
            | Kind::Draft => continue,
        }
        outbox::delete(conn, later.id)?;
    }
    if !stays {
        outbox::delete(conn, send.id)?;
    }
    Ok(stays)
}
