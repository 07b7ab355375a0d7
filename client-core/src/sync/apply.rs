//! Carries changes out on the store. The caller gives one transaction for all changes of a frame:
//! rows, holes and cursor move together or not at all.

use std::collections::BTreeSet;

use erc_protocol::{
    Attention, Block, CustomEmoji, Draft, Member, MemberState, Message, MessageId, RoomId, Row,
    Scheduled, Seq, UserId, UserThread,
    api::raid::Raid,
    poll::OwnVote,
    report::{MyReport, ReportState},
    sync::{Cursor, RoomHead, RoomSync, UserRoom},
    thread::ThreadUnread,
};
use rusqlite::Connection;

use super::{
    change::{Change, Moderation},
    salvage,
};
use crate::{
    cache::{
        blocks, drafts, emoji, holes, members, messages, meta, outbox, raw, receipts, rooms,
        scheduled, threads, votes,
    },
    error::Result,
    unread,
};

/// Why operations of a room are parked that this user is no longer in.
const NOT_IN: &str = "you are no longer in this room";

/// What applying showed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Rooms whose unread count can't be told exactly from what is held.
    pub(crate) in_doubt: Vec<RoomId>,
    /// Whose time has come: reminders that ring, messages that were refused.
    pub(crate) has_come: Vec<Scheduled>,
    /// Rooms whose composer another device changed.
    pub(crate) drafts: BTreeSet<RoomId>,
    /// What this user reported and was closed since; told once, because the user's counter passes it.
    pub(crate) closed: Vec<MyReport>,
    /// How many reports wait that this user may look after, if that changed.
    pub(crate) waiting: Option<i64>,
    /// Until when the doors of the server are closed, if that changed.
    pub(crate) raid: Option<Raid>,
}

pub(crate) fn apply(conn: &Connection, me: UserId, changes: &[Change]) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for change in changes {
        one(conn, me, change, &mut outcome)?;
    }
    Ok(outcome)
}

fn one(conn: &Connection, me: UserId, change: &Change, outcome: &mut Outcome) -> Result<()> {
    match change {
        Change::Reset => {
            drafts::give_again(conn)?;
            meta::drop_cached(conn)
        }
        Change::Begin { instance, user } => {
            meta::set_instance(conn, *instance)?;
            meta::set_me(conn, user)
        }
        Change::Mine {
            to,
            user,
            rooms,
            scheduled,
            blocks,
            presence,
            threads,
            drafts,
            attention,
            moderation,
            votes,
            afresh,
        } => {
            for row in rooms {
                match row {
                    Row::Known(mine) => place(conn, me, mine, outcome)?,
                    Row::Unknown(row) => raw::keep(conn, None, raw::USER_ROOM, row)?,
                }
            }
            later(conn, scheduled, *afresh, outcome)?;
            blocked(conn, blocks, *afresh)?;
            self::threads(conn, threads, *afresh)?;
            unsent(conn, drafts, *afresh, outcome)?;
            rings(conn, attention.as_ref())?;
            moderated(conn, moderation, outcome)?;
            chosen(conn, votes, *afresh)?;
            meta::set_me(conn, user)?;
            meta::set_presence(conn, presence)?;
            meta::set_user_rev(conn, *to)
        }
        Change::Emoji { to, emoji, afresh } => {
            self::emoji(conn, emoji, *afresh)?;
            meta::set_emoji_rev(conn, *to)
        }
        Change::Left(room) => {
            rooms::set_left(conn, *room)?;
            outbox::park_room(conn, *room, NOT_IN)
        }
        Change::Forget(room) => rooms::forget(conn, *room),
        Change::Batch {
            batch,
            before,
            after,
        } => self::batch(conn, me, batch, *before, *after),
        Change::Head(head) => self::head(conn, head),
        Change::Message {
            message,
            before,
            after,
        } => {
            live(conn, me, message, *before, *after)?;
            if message.is_deleted() && mentions_in_doubt(conn, me, message)? {
                outcome.in_doubt.push(message.chat_room_id);
            }
            Ok(())
        }
        Change::Receipts(of_room) => {
            for receipt in &of_room.receipts {
                receipts::put(conn, of_room.room_id, receipt)?;
            }
            Ok(())
        }
        Change::Room { room, after } => {
            rooms::put_room(conn, room)?;
            rooms::set_cursor(conn, room.id, *after)
        }
        Change::Member { update, after } => {
            member(conn, me, update.room_id, &update.member)?;
            rooms::set_member_count(conn, update.room_id, update.member_count)?;
            rooms::set_cursor(conn, update.room_id, *after)
        }
        Change::Passed { room, after, raw } => {
            if let Some(frame) = raw {
                raw::keep(conn, Some(*room), &frame.kind, &frame.data)?;
            }
            rooms::set_cursor(conn, *room, *after)
        }
    }
}

/// What a user sees of reports and of the doors, whole each time.
fn moderated(conn: &Connection, told: &Moderation, outcome: &mut Outcome) -> Result<()> {
    let known = told.reports.iter().filter_map(|row| match row {
        Row::Known(row) => Some(row),
        // It would only have been told.
        Row::Unknown(_) => None,
    });
    let closed = known.filter(|row| row.state == ReportState::Closed);
    outcome.closed.extend(closed.cloned());
    if meta::set_reports_waiting(conn, told.waiting)? {
        outcome.waiting = Some(told.waiting);
    }
    if meta::set_raid_until(conn, told.raid_until)? {
        let until = told.raid_until;
        outcome.raid = Some(Raid { until });
    }
    Ok(())
}

/// What this user chose in polls.
fn chosen(conn: &Connection, rows: &[Row<OwnVote>], afresh: bool) -> Result<()> {
    if afresh {
        votes::clear(conn)?;
    }
    for row in rows {
        match row {
            Row::Known(vote) => votes::put(conn, vote)?,
            Row::Unknown(row) => raw::keep(conn, None, raw::VOTE, row)?,
        }
    }
    Ok(())
}

/// The community's own emoji.
fn emoji(conn: &Connection, rows: &[Row<CustomEmoji>], afresh: bool) -> Result<()> {
    if afresh {
        emoji::clear(conn)?;
    }
    for row in rows {
        match row {
            Row::Known(row) => emoji::put(conn, row)?,
            Row::Unknown(row) => raw::keep(conn, None, raw::EMOJI, row)?,
        }
    }
    emoji::forget_pictures(conn)
}

/// What is to be done later.
fn later(
    conn: &Connection,
    rows: &[Row<Scheduled>],
    afresh: bool,
    outcome: &mut Outcome,
) -> Result<()> {
    if afresh {
        scheduled::clear(conn)?;
    }
    for row in rows {
        match row {
            Row::Known(row) => {
                if scheduled::put(conn, row)? {
                    outcome.has_come.push(row.clone());
                }
            }
            Row::Unknown(row) => raw::keep(conn, None, raw::SCHEDULED, row)?,
        }
    }
    Ok(())
}

/// Whom this user blocks.
fn blocked(conn: &Connection, rows: &[Row<Block>], afresh: bool) -> Result<()> {
    if afresh {
        blocks::clear(conn)?;
    }
    for row in rows {
        match row {
            Row::Known(row) => blocks::put(conn, row)?,
            Row::Unknown(row) => raw::keep(conn, None, raw::BLOCK, row)?,
        }
    }
    Ok(())
}

/// Threads as this user sees them.
fn threads(conn: &Connection, rows: &[Row<UserThread>], afresh: bool) -> Result<()> {
    if afresh {
        threads::clear(conn)?;
    }
    for row in rows {
        match row {
            Row::Known(row) => threads::put(conn, row)?,
            Row::Unknown(row) => raw::keep(conn, None, raw::USER_THREAD, row)?,
        }
    }
    Ok(())
}

/// What is not sent yet.
fn unsent(
    conn: &Connection,
    rows: &[Row<Draft>],
    afresh: bool,
    outcome: &mut Outcome,
) -> Result<()> {
    for row in rows {
        match row {
            Row::Known(row) => {
                if drafts::take(conn, row)? {
                    outcome.drafts.insert(row.room_id);
                }
            }
            Row::Unknown(row) => raw::keep(conn, None, raw::DRAFT, row)?,
        }
    }
    if afresh && rows.iter().all(|row| matches!(row, Row::Known(_))) {
        let told = rows.iter().filter_map(|row| match row {
            Row::Known(row) => Some((row.room_id, row.thread_id)),
            Row::Unknown(_) => None,
        });
        outcome
            .drafts
            .extend(drafts::keep_only(conn, &told.collect())?);
    }
    Ok(())
}

/// What rings in all rooms.
fn rings(conn: &Connection, told: Option<&Row<Attention>>) -> Result<()> {
    match told {
        Some(Row::Known(row)) => meta::set_attention(conn, row),
        Some(Row::Unknown(row)) => raw::keep(conn, None, raw::ATTENTION, row),
        None => Ok(()),
    }
}

/// Whether it can't be told if a deleted message had mentioned this user.
fn mentions_in_doubt(conn: &Connection, me: UserId, message: &Message) -> Result<bool> {
    let Some(room) = rooms::get(conn, message.chat_room_id)? else {
        return Ok(false);
    };
    if let Some(thread) = message.thread_id
        && let Some(row) = threads::get(conn, thread)?
        && !unread::of_thread(conn, me, &room, &row)?.is_exact
    {
        return Ok(true);
    }
    Ok(!unread::mentions(conn, me, &room)?.is_exact)
}

/// One's own place in a room.
pub(super) fn place(
    conn: &Connection,
    me: UserId,
    mine: &UserRoom,
    outcome: &mut Outcome,
) -> Result<()> {
    let held = rooms::get(conn, mine.room_id)?;
    rooms::put_mine(conn, mine)?;
    let Some(now) = rooms::get(conn, mine.room_id)? else {
        return Ok(());
    };
    if now.state != MemberState::Joined {
        return outbox::park_room(conn, mine.room_id, NOT_IN);
    }
    if held
        .as_ref()
        .is_some_and(|held| held.state != MemberState::Joined)
    {
        outbox::unpark_drafts(conn, mine.room_id)?;
    }
    let first = now.first_visible_seq;
    messages::drop_except(conn, mine.room_id, Seq::ZERO, first.prev(), &[])?;
    holes::remove(conn, mine.room_id, Seq::ZERO, first.prev())?;
    if let Some(held) = held {
        if first < held.first_visible_seq {
            let end = held.first_visible_seq.prev().min(now.cursor.seq);
            holes::add_missing(conn, mine.room_id, first, end)?;
        }
        let is_exact =
            unread::of_room(conn, me, &now)?.is_exact && unread::mentions(conn, me, &now)?.is_exact;
        if now.read_seq > held.read_seq && !is_exact {
            outcome.in_doubt.push(mine.room_id);
        }
    }
    Ok(())
}

fn batch(
    conn: &Connection,
    me: UserId,
    batch: &RoomSync,
    before: Cursor,
    after: Cursor,
) -> Result<()> {
    let room = batch.room_id;
    rooms::put_room(
        conn,
        &erc_protocol::Room {
            id: room,
            ..batch.room.clone()
        },
    )?;
    for row in &batch.members {
        match row {
            Row::Known(row) => member(conn, me, room, row)?,
            Row::Unknown(row) => raw::keep(conn, Some(room), raw::MEMBER, row)?,
        }
    }
    // Later batches bring only members that changed: complete is what was complete before.
    if batch.members_complete && batch.from == erc_protocol::Rev::ZERO {
        rooms::set_members_complete(conn, room, true)?;
    }
    let rows = readable(conn, room, &batch.messages)?;
    if batch.limited {
        // Rows above the cursor came by other ways (an acknowledgement); their later changes may
        // be among what was left out, so they are had again with the hole.
        let mut keep: Vec<Seq> = rows.iter().map(|message| message.seq).collect();
        keep.sort_unstable();
        messages::drop_except(conn, room, before.seq.next(), after.seq, &keep)?;
    }
    let first = first_visible(conn, room)?;
    for message in &rows {
        row(conn, me, first, message)?;
    }
    let from = before.seq.next().max(first);
    holes::add_missing(conn, room, from, after.seq)?;
    rooms::put_unread(conn, room, &batch.unread)?;
    for told in &batch.threads {
        threads::put_unread(conn, told)?;
    }
    rooms::set_cursor(conn, room, after)
}

/// The rows that can be stored; the others are kept raw.
fn readable(conn: &Connection, room: RoomId, rows: &[Row<Message>]) -> Result<Vec<Message>> {
    let mut readable = Vec::with_capacity(rows.len());
    for row in rows {
        match row {
            Row::Known(message) if message.chat_room_id == room => readable.push(message.clone()),
            Row::Known(message) => {
                tracing::warn!(%room, other = %message.chat_room_id, "a row of another room");
            }
            Row::Unknown(row) => {
                raw::keep(conn, Some(room), raw::MESSAGE, row)?;
                readable.extend(salvage::message(room, row));
            }
        }
    }
    Ok(readable)
}

fn head(conn: &Connection, head: &RoomHead) -> Result<()> {
    rooms::put_room(conn, &head.room)?;
    rooms::put_unread(conn, head.room.id, &head.unread)?;
    rooms::put_preview(conn, head.room.id, head.preview.as_ref())
}

fn live(
    conn: &Connection,
    me: UserId,
    message: &Message,
    before: Cursor,
    after: Cursor,
) -> Result<()> {
    let room = message.chat_room_id;
    let first = first_visible(conn, room)?;
    row(conn, me, first, message)?;
    if after.seq > before.seq {
        holes::add_missing(conn, room, before.seq.next().max(first), after.seq)?;
        rooms::raise_last(conn, room, message.seq, message.created_at)?;
    }
    rooms::set_cursor(conn, room, after)
}

/// One message row, and what its coming means for the outbox.
pub(super) fn row(conn: &Connection, me: UserId, first: Seq, message: &Message) -> Result<()> {
    if message.seq >= first {
        messages::put(conn, message)?;
    }
    if message.sender_id == me {
        outbox::resolve(conn, message)?;
    }
    Ok(())
}

pub(super) fn member(conn: &Connection, me: UserId, room: RoomId, member: &Member) -> Result<()> {
    members::put(conn, room, member)?;
    if member.user_id == me && member.state == MemberState::Joined {
        rooms::set_standing(conn, room, member.role, member.muted_until)?;
    }
    Ok(())
}

fn first_visible(conn: &Connection, room: RoomId) -> Result<Seq> {
    Ok(rooms::get(conn, room)?.map_or(Seq(1), |room| room.first_visible_seq))
}

/// The server's answer to a send, an edit or a deletion. The cursor stays: the live frame or a
/// batch will move it.
pub(crate) fn answered(conn: &Connection, me: UserId, message: &Message) -> Result<()> {
    if let Some(room) = rooms::get(conn, message.chat_room_id)?
        && room.state == MemberState::Joined
        && message.seq >= room.first_visible_seq
    {
        let is_covered = message.seq <= room.cursor.seq && message.rev <= room.cursor.rev;
        let is_held = messages::at(conn, message.chat_room_id, message.seq)?.is_some();
        // Inside a hole an answer that is older than the cursor may be out of date: the hole stays
        // and brings the current row.
        if is_held || !is_covered {
            messages::put(conn, message)?;
        }
    }
    if message.sender_id == me {
        outbox::resolve(conn, message)?;
    }
    Ok(())
}

/// Which way a page was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paging {
    /// The newest below this place.
    Before(Seq),
    /// The oldest above this place.
    After(Seq),
}

/// A page of history that fills a hole. `covered`: the cursor's place when it was asked for; rows
/// above it are left to the live stream, because their later changes may have been left out.
pub(crate) fn page(
    conn: &Connection,
    me: UserId,
    room: RoomId,
    paging: Paging,
    covered: Seq,
    rows: &[Row<Message>],
    has_more: bool,
) -> Result<()> {
    let rows = readable(conn, room, rows)?;
    let first = first_visible(conn, room)?;
    let places = rows.iter().map(|message| message.seq);
    let (lowest, highest) = (places.clone().min(), places.max());
    let (from, to) = match paging {
        Paging::Before(seq) if has_more => (lowest.unwrap_or(seq), seq.prev()),
        Paging::Before(seq) => (first, seq.prev()),
        Paging::After(seq) => (seq.next(), highest.unwrap_or(seq)),
    };
    for message in rows.iter().filter(|message| message.seq <= covered) {
        row(conn, me, first, message)?;
    }
    holes::remove(conn, room, from, to.min(covered))
}

/// A single message that something quotes: an island in a hole.
pub(crate) fn island(conn: &Connection, id: MessageId, covered: Seq, row: &Message) -> Result<()> {
    let first = first_visible(conn, row.chat_room_id)?;
    if row.message_id == id && row.seq <= covered && row.seq >= first {
        messages::put(conn, row)?;
    }
    Ok(())
}

/// Replies of a thread and its root: islands in the room's holes, as far as the cursor covers them.
pub(crate) fn thread_page(
    conn: &Connection,
    room: RoomId,
    top: MessageId,
    covered: Seq,
    rows: &[Row<Message>],
    mine: &UserThread,
) -> Result<()> {
    let first = first_visible(conn, room)?;
    let fits = |row: &&Message| {
        let is_of_it = row.message_id == top || row.thread_id == Some(top);
        is_of_it && row.seq <= covered && row.seq >= first
    };
    for row in readable(conn, room, rows)?.iter().filter(fits) {
        messages::put(conn, row)?;
    }
    let told = ThreadUnread {
        thread_id: top,
        unread: mine.unread,
    };
    threads::put_unread(conn, &told)
}

/// A page of the list of members.
pub(crate) fn member_page(
    conn: &Connection,
    me: UserId,
    room: RoomId,
    page: &[Member],
    is_last: bool,
) -> Result<()> {
    for row in page {
        member(conn, me, room, row)?;
    }
    if is_last {
        rooms::set_members_complete(conn, room, true)?;
    }
    Ok(())
}
