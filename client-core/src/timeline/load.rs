//! Reads a window and what its rows refer to. Touches the rows of the window only, however long
//! the room is.

use std::collections::{HashMap, HashSet};

use erc_protocol::{Message, MessageId, RoomId, Seq, Timestamp, User, UserId, limit};
use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::{Setting, Source};
use crate::{
    cache::{
        blocks, emoji,
        holes::{self, Hole},
        members, messages,
        outbox::{self, Entry},
        receipts::{self, Mark},
        rooms::RoomRow,
        threads, votes,
    },
    error::Result,
    unread::{self, Replies},
    view::Window,
};

const END: Seq = Seq(i64::MAX);

/// The rows, holes and operations of a window.
pub(crate) fn source(
    conn: &Connection,
    room: &RoomRow,
    window: Window,
    now: Timestamp,
) -> Result<Source> {
    let first = room.first_visible_seq;
    let (rows, mut from, mut to) = match window {
        Window::Newest { count } => {
            let rows = messages::shown_up_to(conn, room.id, END, count, now)?;
            let from = lowest(&rows, count, first);
            (rows, from, END)
        }
        Window::Since { seq } => {
            let from = seq.max(first);
            (
                messages::shown_between(conn, room.id, from, END, now)?,
                from,
                END,
            )
        }
        Window::Around { seq, before, after } => {
            let below = before.saturating_add(1);
            let mut rows = messages::shown_up_to(conn, room.id, seq, below, now)?;
            let from = lowest(&rows, below, first);
            let above = messages::shown_above(conn, room.id, seq, after, now)?;
            let is_cut = above.len() == after as usize;
            let to = above.last().filter(|_| is_cut).map_or(END, |row| row.seq);
            rows.extend(above);
            (rows, from, to)
        }
        Window::Between { from, to } => (
            messages::shown_between(conn, room.id, from, to, now)?,
            from.max(first),
            to,
        ),
    };
    let mut missing = all_missing(conn, room)?;
    let newest = newest_known(conn, room, &missing)?;
    if let Window::Between { .. } = window {
        missing.retain(|hole| *hole.end() >= from.0 && *hole.start() <= to.0);
        for hole in &mut missing {
            *hole = (*hole.start()).max(from.0)..=(*hole.end()).min(to.0);
        }
    } else {
        // A hole that begins where the rows end belongs to the window, so that a view sees it.
        for hole in &missing {
            if *hole.end() >= from.0 - 1 && *hole.start() < from.0 {
                from = Seq(*hole.start());
            }
            if *hole.start() <= to.0.saturating_add(1) && *hole.end() > to.0 {
                to = Seq(*hole.end());
            }
        }
        missing.retain(|hole| *hole.end() >= from.0 && *hole.start() <= to.0);
    }
    let mut pending = outbox::of_room(conn, room.id)?;
    pending.retain(|entry| entry.thread_id.is_none() || entry.also_in_room);
    Ok(Source {
        rows,
        holes: missing,
        pending,
        at_start: from <= first,
        at_end: to >= newest,
    })
}

/// Where a window begins that was to hold this many rows.
fn lowest(rows: &[Message], wanted: u32, first: Seq) -> Seq {
    rows.first()
        .filter(|_| rows.len() == wanted as usize)
        .map_or(first, |row| row.seq)
}

/// The newest place at which something is shown, or may be once it is here.
fn newest_known(conn: &Connection, room: &RoomRow, missing: &[Hole]) -> Result<Seq> {
    let held = messages::up_to(conn, room.id, END, 1)?;
    let held = held.last().map_or(Seq::ZERO, |row| row.seq);
    Ok(missing
        .last()
        .map_or(held, |hole| held.max(Seq(*hole.end()))))
}

/// A thread: its root, if that is held, the newest replies and what is on its way there. Where not
/// all of it is held, the room's holes in which the rest lies are its own.
pub(crate) fn thread(
    conn: &Connection,
    room: &RoomRow,
    top: MessageId,
    count: u32,
    now: Timestamp,
) -> Result<Source> {
    let first = room.first_visible_seq;
    let mut rows = messages::replies(conn, top, first, count, now)?;
    let is_cut = rows.len() == count as usize;
    let began = messages::by_id(conn, top)?.filter(|row| row.chat_room_id == room.id);
    let from = began.as_ref().map_or(first, |row| row.seq.next());
    let from = rows.first().filter(|_| is_cut).map_or(from, |row| row.seq);
    let mut holes = Vec::new();
    if !unread::is_whole(conn, top)? {
        let told = began.as_ref().and_then(|row| row.thread);
        let end = told.map_or(room.last_seq, |thread| thread.last_seq);
        holes = all_missing(conn, room)?;
        holes.retain(|hole| *hole.end() >= from.0 && *hole.start() <= end.0);
        for hole in &mut holes {
            *hole = (*hole.start()).max(from.0)..=(*hole.end()).min(end.0);
        }
    }
    if let Some(began) = began {
        rows.insert(0, began);
    }
    let mut pending = outbox::of_room(conn, room.id)?;
    pending.retain(|entry| !entry.kind.is_send() || entry.thread_id == Some(top));
    Ok(Source {
        rows,
        holes,
        pending,
        at_start: !is_cut,
        at_end: true,
    })
}

/// Stored holes, and what lies between the cursor and the room's newest place.
pub(crate) fn all_missing(conn: &Connection, room: &RoomRow) -> Result<Vec<Hole>> {
    let mut missing = holes::list(conn, room.id, Seq::ZERO, END)?;
    let from = room.cursor.seq.next().max(room.first_visible_seq);
    if from <= room.last_seq {
        let rows = messages::between(conn, room.id, from, room.last_seq)?;
        let held: Vec<i64> = rows.iter().map(|row| row.seq.0).collect();
        for gap in holes::gaps(from.0, room.last_seq.0, &held) {
            match missing.last_mut() {
                Some(last) if *last.end() + 1 >= *gap.start() => {
                    *last = *last.start()..=(*gap.end()).max(*last.end());
                }
                _ => missing.push(gap),
            }
        }
    }
    Ok(missing)
}

/// What the rows of a window refer to.
pub(crate) fn setting(
    conn: &Connection,
    room: &RoomRow,
    source: &Source,
    me: &User,
    unread_after: Option<Seq>,
    (now, zone): (Timestamp, TimeZone),
) -> Result<Setting> {
    let quoted = quoted(conn, room.id, source)?;
    let senders: HashSet<UserId> = source
        .rows
        .iter()
        .chain(quoted.values())
        .map(|row| row.sender_id)
        .chain(source.rows.iter().flat_map(reacted))
        .chain([me.id])
        .collect();
    let mut names = HashMap::new();
    for user in senders {
        if let Some(member) = members::get(conn, room.id, user)? {
            names.insert(user, member.display_name);
        }
    }
    names
        .entry(me.id)
        .or_insert_with(|| me.display_name.clone());
    Ok(Setting {
        me: me.id,
        username: me.username.clone(),
        can: room.can(me.role, now),
        names,
        quoted,
        blocked: blocks::users(conn)?,
        unread_after,
        unread_beyond: unread_beyond(conn, room, source, me.id)?,
        threads: threads(conn, room, source, me.id)?,
        marks: marks(conn, room, me.id)?,
        votes: own_votes(conn, source)?,
        emoji: emoji::names(conn)?,
        now,
        zone,
    })
}

/// What this user has of the threads that begin in the window.
fn threads(
    conn: &Connection,
    room: &RoomRow,
    source: &Source,
    me: UserId,
) -> Result<HashMap<MessageId, (bool, Replies)>> {
    let mut threads = HashMap::new();
    for row in source.rows.iter().filter(|row| row.thread.is_some()) {
        if let Some(thread) = threads::get(conn, row.message_id)? {
            let following = unread::is_followed(conn, &thread)?;
            let replies = unread::of_thread(conn, me, room, &thread)?;
            threads.insert(row.message_id, (following, replies));
        }
    }
    Ok(threads)
}

/// The first who reacted or chose something: those who are named.
fn reacted(row: &Message) -> impl Iterator<Item = UserId> {
    let reacted = row.reactions.iter().map(|reaction| &reaction.users);
    let options = row.poll.iter().flat_map(|poll| &poll.options);
    let first = |users: &Vec<UserId>| users.iter().take(10).copied().collect::<Vec<_>>();
    reacted
        .chain(options.map(|option| &option.users))
        .flat_map(first)
}

fn own_votes(conn: &Connection, source: &Source) -> Result<HashMap<MessageId, Vec<u8>>> {
    let polls = source.rows.iter().filter(|row| row.poll.is_some());
    polls
        .map(|row| Ok((row.message_id, votes::get(conn, row.message_id)?)))
        .collect()
}

/// Nobody's in a room too large for receipts.
fn marks(conn: &Connection, room: &RoomRow, me: UserId) -> Result<Vec<Mark>> {
    if room.member_count > limit::RECEIPT_MEMBERS {
        return Ok(Vec::new());
    }
    receipts::of_others(conn, room.id, me)
}

/// What the unread line counts besides the window's own: others' messages that are held above it,
/// and the places of holes there.
fn unread_beyond(conn: &Connection, room: &RoomRow, source: &Source, me: UserId) -> Result<i64> {
    if source.at_end {
        return Ok(0);
    }
    let row = source.rows.last().map(|row| row.seq.0);
    let hole = source.holes.last().map(|hole| *hole.end());
    let Some(top) = row.max(hole) else {
        return Ok(0);
    };
    let held = messages::count_of_others(conn, room.id, me, Seq(top), END)?;
    let missing = all_missing(conn, room)?;
    let missing = missing
        .iter()
        .map(|hole| (hole.end() - (*hole.start()).max(top + 1) + 1).max(0));
    Ok(held + missing.sum::<i64>())
}

fn quoted(conn: &Connection, room: RoomId, source: &Source) -> Result<HashMap<MessageId, Message>> {
    let by_rows = source.rows.iter().filter_map(|row| row.reply_to);
    let by_pending = source
        .pending
        .iter()
        .filter_map(|entry: &Entry| entry.reply_to);
    let wanted: HashSet<MessageId> = by_rows.chain(by_pending).collect();
    let mut quoted = HashMap::new();
    for id in wanted {
        if let Some(row) = messages::by_id(conn, id)?.filter(|row| row.chat_room_id == room) {
            quoted.insert(id, row);
        }
    }
    Ok(quoted)
}

#[cfg(test)]
mod tests;
