//! What the user did about polls, as entries. Each function runs in one transaction of the caller.

use erc_protocol::{ClientId, Message, Poll, RoomId, UserId, poll::NewPoll};
use rusqlite::Connection;

use super::compose::{Answer, Author};
use crate::{
    cache::{
        messages,
        outbox::{self, Entry, Kind},
        rooms, votes,
    },
    error::{Error, Result},
};

/// A new poll, whose question is valid; its `client_id` is the author's operation id.
pub(crate) fn send(
    conn: &Connection,
    author: Author,
    room: RoomId,
    (question, poll): (String, NewPoll),
    to: Answer,
) -> Result<()> {
    if rooms::get(conn, room)?.is_none() {
        return Err(Error::NotFound);
    }
    let entry = Entry {
        sender: Some(author.me),
        client_id: Some(author.op_id),
        content: question,
        poll: Some(poll),
        lifetime: to.lifetime,
        reply_to: to.reply_to,
        thread_id: to.thread_id,
        also_in_room: to.also_in_room,
        ..author.entry(room, Kind::Send)
    };
    outbox::insert(conn, &entry).map(drop)
}

fn open(
    conn: &Connection,
    author: Author,
    (sender, message): (UserId, ClientId),
) -> Result<(Message, Poll)> {
    let row = messages::by_client_id(conn, sender, message)?.ok_or(Error::NotFound)?;
    let Some(poll) = row.poll.clone() else {
        return Err(Error::Invalid("that is no poll".to_owned()));
    };
    if !poll.is_open(author.now) {
        return Err(Error::Invalid("the poll is over".to_owned()));
    }
    Ok((row, poll))
}

/// All that the user chooses from now on. What has not left yet is taken back; nothing is done that
/// is so already.
pub(crate) fn vote(
    conn: &Connection,
    author: Author,
    room: RoomId,
    target: (UserId, ClientId),
    options: &[u8],
) -> Result<()> {
    let (row, poll) = open(conn, author, target)?;
    let choice = poll
        .valid_choice(options)
        .map_err(|(_, reason)| Error::Invalid(reason))?;
    let mut held = votes::get(conn, row.message_id)?;
    for entry in outbox::of_message(conn, target.0, target.1)? {
        if entry.kind != Kind::Vote {
            continue;
        }
        if entry.attempts == 0 {
            outbox::delete(conn, entry.id)?;
        } else {
            held = votes::numbers(&entry.content);
        }
    }
    if held == choice {
        return Ok(());
    }
    let entry = Entry {
        sender: Some(target.0),
        client_id: Some(target.1),
        message_id: Some(row.message_id),
        content: votes::spaced(&choice),
        ..author.entry(room, Kind::Vote)
    };
    outbox::insert(conn, &entry).map(drop)
}

/// Ends a poll, unless that is on its way.
pub(crate) fn close(
    conn: &Connection,
    author: Author,
    room: RoomId,
    target: (UserId, ClientId),
) -> Result<()> {
    let (row, _) = open(conn, author, target)?;
    let pending = outbox::of_message(conn, target.0, target.1)?;
    if pending.iter().any(|entry| entry.kind == Kind::ClosePoll) {
        return Ok(());
    }
    let entry = Entry {
        sender: Some(target.0),
        client_id: Some(target.1),
        message_id: Some(row.message_id),
        ..author.entry(room, Kind::ClosePoll)
    };
    outbox::insert(conn, &entry).map(drop)
}
