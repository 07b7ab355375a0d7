//! How many messages are unread: those above the read mark that are visible, not deleted and not
//! one's own; in a room what is shown in it, in a thread its replies. Pure arithmetic over what is held; nothing here is stored.
//!
//! Without a hole above the mark the held rows are counted. Otherwise the server's exact count of
//! an earlier moment is carried on: rows that came since are added, tombstones made since are
//! taken off (deleting is final, so a tombstone younger than the count was counted).

use erc_protocol::{MessageId, Rev, Seq, UserId, UserThread, sync::Unread};
use rusqlite::Connection;

use crate::{
    cache::{
        holes, messages,
        outbox::{self, Kind},
        rooms::RoomRow,
    },
    error::Result,
};

/// Rows that are counted one by one before the server's count is preferred.
const COUNTED: i64 = 500;

/// A count, and whether it is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) count: i64,
    pub(crate) is_exact: bool,
}

/// What the arithmetic asks of the held rows.
pub(crate) trait Held {
    /// Whether a place above this one isn't held.
    fn has_hole_above(&self, seq: Seq) -> Result<bool>;
    /// Rows of others, not deleted, above `from` up to `to`.
    fn of_others(&self, from: Seq, to: Seq) -> Result<i64>;
    /// Tombstones of others above `from` up to `to`, made after `since`.
    fn deleted_since(&self, from: Seq, to: Seq, since: Rev) -> Result<i64>;
    /// Places above `from` up to `to` that aren't held.
    fn missing(&self, from: Seq, to: Seq) -> Result<i64>;
}

const END: Seq = Seq(i64::MAX);

/// `read`: one's own mark, sent or still on its way. `last`: the newest place known.
pub(crate) fn count(held: &impl Held, read: Seq, last: Seq, base: Unread) -> Result<Count> {
    let exact = |count: i64| {
        Ok(Count {
            count: count.max(0),
            is_exact: true,
        })
    };
    let has_hole = held.has_hole_above(read)?;
    if !has_hole && (last.0 - read.0 <= COUNTED || base.read_seq != read) {
        return exact(held.of_others(read, END)?);
    }
    let since = held.of_others(base.at_seq.max(read), END)?;
    if base.read_seq == read {
        return exact(base.count + since - held.deleted_since(read, base.at_seq, base.at_rev)?);
    }
    let known = held.of_others(read, END)?;
    if base.read_seq > read || base.at_seq <= read {
        return Ok(Count {
            count: known,
            is_exact: false,
        });
    }
    // The mark moved on from the server's count: take off what lies between.
    let passed = held.of_others(base.read_seq, read)?;
    let missing = held.missing(base.read_seq, read)?;
    let gone = held.deleted_since(read, base.at_seq, base.at_rev)?
        + held.deleted_since(base.read_seq, read, base.at_rev)?;
    let count = (base.count - passed - missing - gone + since).max(known);
    Ok(Count {
        count,
        is_exact: missing == 0,
    })
}

/// How many of them mention this user. A message mentions whom it named when it was sent, so only
/// a deletion changes the count; of a message that isn't held it can't be told whether it did, and
/// then the server is asked.
pub(crate) fn mentions(conn: &Connection, me: UserId, room: &RoomRow) -> Result<Count> {
    let read = read_mark(conn, room)?;
    let stored = Stored { conn, room, me };
    let held = |from| messages::count_mentions(conn, room.id, me, from, END);
    if !stored.has_hole_above(read)? {
        return Ok(Count {
            count: held(read)?,
            is_exact: true,
        });
    }
    let base = room.unread;
    let read_then = base.read_seq.max(room.first_visible_seq.prev());
    let since = held(base.at_seq.max(read))?;
    let is_current = read_then == read;
    let deleted = stored.deleted_since(read, base.at_seq, base.at_rev)?;
    let count = if is_current && deleted == 0 {
        base.mentions + since
    } else {
        held(read)?
    };
    Ok(Count {
        count,
        // Without any then, none can have gone since.
        is_exact: base.mentions == 0 || (is_current && deleted == 0),
    })
}

/// The rows of one room in the store.
struct Stored<'a> {
    conn: &'a Connection,
    room: &'a RoomRow,
    me: UserId,
}

impl Held for Stored<'_> {
    fn has_hole_above(&self, seq: Seq) -> Result<bool> {
        Ok(self.room.cursor.seq.max(seq) < self.room.last_seq
            || !holes::list(self.conn, self.room.id, seq.next(), END)?.is_empty())
    }

    fn of_others(&self, from: Seq, to: Seq) -> Result<i64> {
        messages::count_of_others(self.conn, self.room.id, self.me, from, to)
    }

    fn deleted_since(&self, from: Seq, to: Seq, since: Rev) -> Result<i64> {
        messages::count_deleted_since(self.conn, self.room.id, self.me, (from, to), since)
    }

    fn missing(&self, from: Seq, to: Seq) -> Result<i64> {
        let holes = holes::list(self.conn, self.room.id, from.next(), to)?;
        let within = holes
            .iter()
            .map(|hole| hole.end().min(&to.0) - hole.start().max(&(from.0 + 1)) + 1);
        let beyond = (to.min(self.room.last_seq).0 - from.max(self.room.cursor.seq).0).max(0);
        Ok(within.sum::<i64>() + beyond)
    }
}

/// What is unread in a followed thread: in all, and naming this user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Replies {
    pub(crate) count: i64,
    pub(crate) mentions: i64,
    pub(crate) is_exact: bool,
}

/// The replies of one thread in the store.
struct InThread<'a> {
    room: Stored<'a>,
    thread: MessageId,
    /// All of its replies are held, wherever else the room has holes.
    is_whole: bool,
}

impl Held for InThread<'_> {
    fn has_hole_above(&self, seq: Seq) -> Result<bool> {
        Ok(!self.is_whole && self.room.has_hole_above(seq)?)
    }

    fn of_others(&self, from: Seq, to: Seq) -> Result<i64> {
        let Stored { conn, me, .. } = self.room;
        messages::count_replies_of_others(conn, self.thread, me, from, to)
    }

    fn deleted_since(&self, from: Seq, to: Seq, since: Rev) -> Result<i64> {
        let Stored { conn, me, .. } = self.room;
        messages::count_replies_deleted_since(conn, self.thread, me, (from, to), since)
    }

    fn missing(&self, from: Seq, to: Seq) -> Result<i64> {
        if self.is_whole {
            return Ok(0);
        }
        self.room.missing(from, to)
    }
}

/// Whether all replies of a thread are held that are not deleted.
pub(crate) fn is_whole(conn: &Connection, thread: MessageId) -> Result<bool> {
    let Some(top) = messages::by_id(conn, thread)? else {
        return Ok(false);
    };
    let told = top.thread.map_or(0, |thread| thread.replies);
    Ok(messages::count_replies(conn, thread)? >= told)
}

/// Of a thread, with the mark that is still on its way; nothing for who doesn't follow it.
pub(crate) fn of_thread(
    conn: &Connection,
    me: UserId,
    room: &RoomRow,
    row: &UserThread,
) -> Result<Replies> {
    if !row.following {
        return Ok(Replies {
            is_exact: true,
            ..Replies::default()
        });
    }
    let first = room.first_visible_seq.prev();
    let read = thread_mark(conn, row)?.max(first);
    let base = Unread {
        read_seq: row.unread.read_seq.max(first),
        ..row.unread
    };
    let held = InThread {
        room: Stored { conn, room, me },
        thread: row.thread_id,
        is_whole: is_whole(conn, row.thread_id)?,
    };
    let count = count(&held, read, room.last_seq, base)?;
    let mentions = |from| messages::count_mentions_in_thread(conn, row.thread_id, me, from);
    if !held.has_hole_above(read)? {
        return Ok(Replies {
            count: count.count,
            mentions: mentions(read)?,
            is_exact: count.is_exact,
        });
    }
    let is_certain =
        base.read_seq == read && held.deleted_since(read, base.at_seq, base.at_rev)? == 0;
    Ok(Replies {
        count: count.count,
        mentions: if is_certain {
            base.mentions + mentions(base.at_seq.max(read))?
        } else {
            mentions(read)?
        },
        is_exact: count.is_exact && (is_certain || base.mentions == 0),
    })
}

/// Whether this user follows a thread, as they last said.
pub(crate) fn is_followed(conn: &Connection, row: &UserThread) -> Result<bool> {
    let pending = outbox::of_thread(conn, row.thread_id)?;
    let said = pending
        .iter()
        .rev()
        .find(|entry| entry.kind == Kind::Follow);
    Ok(said.map_or(row.following, |entry| entry.is_on))
}

/// One's own mark in a thread, sent or still on its way.
pub(crate) fn thread_mark(conn: &Connection, row: &UserThread) -> Result<Seq> {
    let pending = outbox::of_thread(conn, row.thread_id)?;
    let pending = pending.iter().filter_map(|entry| entry.seq).max();
    Ok(row.read_seq.max(pending.unwrap_or_default()))
}

/// Of a held room, with the mark that is still on its way.
pub(crate) fn of_room(conn: &Connection, me: UserId, room: &RoomRow) -> Result<Count> {
    let read = read_mark(conn, room)?;
    // Nothing below the first visible place was ever counted.
    let base = Unread {
        read_seq: room.unread.read_seq.max(room.first_visible_seq.prev()),
        ..room.unread
    };
    count(&Stored { conn, room, me }, read, room.last_seq, base)
}

/// One's own mark, sent or still on its way.
pub(crate) fn read_mark(conn: &Connection, room: &RoomRow) -> Result<Seq> {
    let pending = outbox::pending_read(conn, room.id)?.unwrap_or_default();
    Ok(room
        .read_seq
        .max(pending)
        .max(room.first_visible_seq.prev()))
}

/// As [`of_room`], by id; 0 for a room that isn't held.
#[cfg(test)]
pub(crate) fn by_id(conn: &Connection, me: UserId, room: erc_protocol::RoomId) -> Count {
    let room = crate::cache::rooms::get(conn, room).unwrap().unwrap();
    of_room(conn, me, &room).unwrap()
}

#[cfg(test)]
mod tests;
