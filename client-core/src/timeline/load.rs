//! Reads a window and what its rows refer to. Touches the rows of the window only, however long
//! the room is.

use std::collections::{HashMap, HashSet};

use erc_protocol::{Message, MessageId, Reaction, RoomId, Seq, Timestamp, User, UserId, limit};
use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::{Setting, Source};
use crate::{
    cache::{
        blocks,
        holes::{self, Hole},
        members, messages,
        outbox::{self, Entry},
        receipts::{self, Mark},
        rooms::RoomRow,
    },
    error::Result,
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
    let newest = newest_known(conn, room)?;
    Ok(Source {
        rows,
        holes: missing,
        pending: outbox::of_room(conn, room.id)?,
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

/// The newest place known to exist.
fn newest_known(conn: &Connection, room: &RoomRow) -> Result<Seq> {
    let held = messages::up_to(conn, room.id, END, 1)?;
    Ok(held
        .last()
        .map_or(room.last_seq, |row| row.seq.max(room.last_seq)))
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
        can: room.situation(me.role, now).can(),
        names,
        quoted,
        blocked: blocks::users(conn)?,
        unread_after,
        unread_beyond: unread_beyond(conn, room, source, me.id)?,
        marks: marks(conn, room, me.id)?,
        now,
        zone,
    })
}

/// The first who reacted: those who are named.
fn reacted(row: &Message) -> impl Iterator<Item = UserId> {
    let first = |reaction: &Reaction| reaction.users.iter().take(10).copied().collect::<Vec<_>>();
    row.reactions.iter().flat_map(first)
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
