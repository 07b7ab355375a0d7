//! Catching up: "what changed in this room after revision R", from the store. The same code serves
//! a connection that begins, one that fell behind its ring, and a client that found a hole.

use std::ops::RangeInclusive;

use erc_protocol::{
    Block, Member, Message, Rev, RoomId, Row, Scheduled, Seq, ServerRole, UserId, UserRev, limit,
    report::ReportState,
    schedule::ScheduledState,
    sync::{Cursor, RoomHead, RoomSync, UserSync},
};

use tokio::time::Instant;

use super::access::{Access, existing_user};
use super::drafts;
use super::error::{Error, Result};
use super::{reports, rooms, threads};
use crate::app::App;
use crate::rules::permission::Action;
use crate::rules::visibility::Visibility;
use crate::store::{MessageRow, Tx};

/// Where a listener stands in a room between batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub rev: Rev,
    pub seq: Seq,
    /// Places that a limited batch left out, and that later batches leave out too.
    skip: Option<RangeInclusive<Seq>>,
    /// For a listener that can't know of a hole: nothing is ever left out.
    is_whole: bool,
}

impl Position {
    /// Of a listener that must be told everything, however much it is.
    #[must_use]
    pub const fn whole(cursor: Cursor) -> Self {
        Self {
            rev: cursor.rev,
            seq: cursor.seq,
            skip: None,
            is_whole: true,
        }
    }
}

impl From<Cursor> for Position {
    fn from(cursor: Cursor) -> Self {
        Self {
            rev: cursor.rev,
            seq: cursor.seq,
            skip: None,
            is_whole: false,
        }
    }
}

/// The next batch after a position, and the position after it. The batch's `to` is its `head` when
/// nothing more is left.
pub async fn room(
    app: &App,
    user: UserId,
    room: RoomId,
    from: &Position,
) -> Result<(RoomSync, Position, Visibility)> {
    let began = Instant::now();
    let answer = read(app, user, room, from).await?;
    let batch = &answer.0;
    if batch.limited {
        app.metrics.catch_ups.limited();
    } else {
        app.metrics.catch_ups.whole();
    }
    if let Some(took_ms) = app.config.slow.since(began) {
        let rows = batch.messages.len();
        tracing::warn!(took_ms, %user, %room, from = from.rev.0, rows, "a slow catch-up");
    }
    Ok(answer)
}

async fn read(
    app: &App,
    user: UserId,
    room: RoomId,
    from: &Position,
) -> Result<(RoomSync, Position, Visibility)> {
    let _turn = app.catch_up_turn().await;
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, user).await?;
    access.check(Action::Read)?;
    let (Some(place), Some(visible)) = (access.joined(), access.visibility()) else {
        return Err(Error::not_found("room"));
    };
    let head = access.room.rev;
    let last = access.room.last_seq;

    let known = from.seq.max(visible.first().prev());
    let fresh = last.0 - known.0;
    let skip = if fresh > limit::CATCH_UP_MESSAGES && !from.is_whole {
        Some(known.next()..=Seq(last.0 - limit::CATCH_UP_NEWEST))
    } else {
        from.skip.clone()
    };
    let limited = skip.is_some();
    let rows = if from.rev == Rev::ZERO && limited {
        newest(&mut tx, room, visible).await?
    } else {
        // There is no place 0: an empty range.
        let skip = skip.clone().unwrap_or(Seq(0)..=Seq(0));
        tx.messages_changed(room, from.rev, visible.first(), skip, limit::BATCH_ROWS)
            .await?
    };
    // A full batch may not be the last: the cursor goes no further than its last row.
    let full = rows.len() as i64 == limit::BATCH_ROWS;
    let to = rows.last().filter(|_| full).map_or(head, |row| row.rev);

    let (members, members_complete) = members(&mut tx, room, from.rev, to, &access).await?;
    let unread = rooms::unread(
        &mut tx,
        &access.room,
        user,
        place.read_seq,
        place.first_visible_seq,
    )
    .await?;
    let threads = threads::to_tell(&mut tx, user, &access, from.rev).await?;
    let batch = RoomSync {
        room_id: room,
        from: from.rev,
        to,
        head,
        limited,
        room: access.room.public(),
        members,
        members_complete,
        messages: rows
            .into_iter()
            .map(|row| Row::Known(Message::from(row)))
            .collect(),
        unread,
        threads,
    };
    let position = Position {
        rev: to,
        // Told whole, the places above it are new until all of them were told.
        seq: if from.is_whole && to < head {
            from.seq
        } else {
            last
        },
        skip: skip.filter(|_| to < head),
        is_whole: from.is_whole,
    };
    Ok((batch, position, visible))
}

/// The newest rows, by rising revision: all that a first limited batch holds.
async fn newest(tx: &mut Tx, room: RoomId, visible: Visibility) -> Result<Vec<MessageRow>> {
    let end = Seq(limit::MAX_SAFE_INTEGER);
    let mut rows = tx
        .messages_before(room, visible.first(), end, limit::CATCH_UP_NEWEST)
        .await?;
    rows.sort_by_key(|row| row.rev);
    Ok(rows)
}

async fn members(
    tx: &mut Tx,
    room: RoomId,
    from: Rev,
    to: Rev,
    access: &Access,
) -> Result<(Vec<Row<Member>>, bool)> {
    let small = access.room.member_count <= limit::BATCH_MEMBERS;
    let rows = if from == Rev::ZERO {
        // The first batch brings everybody at once, whatever their revision.
        if small {
            tx.joined_members(room, UserId(0), limit::BATCH_MEMBERS)
                .await?
        } else {
            Vec::new()
        }
    } else {
        tx.members_changed(room, from, to, limit::ROOM_MEMBERS)
            .await?
    };
    let rows = rows
        .into_iter()
        .map(|row| Row::Known(Member::from(row)))
        .collect();
    Ok((rows, small && from == Rev::ZERO))
}

/// A room's head, without rows.
pub async fn head(app: &App, user: UserId, room: RoomId) -> Result<RoomHead> {
    app.metrics.catch_ups.head();
    let _turn = app.catch_up_turn().await;
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, user).await?;
    access.check(Action::Read)?;
    let (Some(place), Some(visible)) = (access.joined(), access.visibility()) else {
        return Err(Error::not_found("room"));
    };
    let preview = tx.newest_in_room(room, visible.first()).await?;
    let first = place.first_visible_seq;
    let unread = rooms::unread(&mut tx, &access.room, user, place.read_seq, first).await?;
    Ok(RoomHead {
        room: access.room.public(),
        head: access.room.rev,
        unread,
        preview: preview.map(Message::from),
    })
}

/// What changed under the user's own counter. From the beginning, only rooms that they are in,
/// what is still to be done later and still to be sent, whom they block now and which threads they
/// follow.
pub async fn user(app: &App, user: UserId, from: UserRev) -> Result<UserSync> {
    let mut tx = app.db.snapshot().await?;
    let row = existing_user(&mut tx, user).await?;
    // Each of them is a way to the store and back: only where there is something.
    let has = tx.own_changes(user, from).await?;
    let mut rooms = Vec::new();
    if has.places {
        let places = tx.places_changed(user, from).await?;
        let told = places
            .iter()
            .filter(|place| from > UserRev::ZERO || place.is_joined());
        rooms.extend(told.map(|place| Row::Known(place.private())));
    }
    let mut scheduled = Vec::new();
    if has.scheduled {
        let rows = tx.scheduled_changed(user, from).await?.into_iter();
        let told = rows.filter(|row| from > UserRev::ZERO || row.state != ScheduledState::Done);
        scheduled.extend(told.map(|row| Row::Known(Scheduled::from(row))));
    }
    let mut blocks = Vec::new();
    if has.blocks {
        let rows = tx.blocks_changed(user, from).await?.into_iter();
        let told = rows.filter(|row| from > UserRev::ZERO || row.blocked_at.is_some());
        blocks.extend(told.map(|row| Row::Known(Block::from(row))));
    }
    let mut threads = Vec::new();
    if has.threads {
        threads = tx.user_threads_changed(user, from).await?;
        threads.retain(|row| from > UserRev::ZERO || row.following);
    }
    let threads = threads::mine(&mut tx, user, &threads).await?;
    let drafts = if has.drafts {
        drafts::changed(&mut tx, user, from).await?
    } else {
        Vec::new()
    };
    let attention = if has.attention {
        tx.attention(user).await?
    } else {
        None
    };
    let mut reports = Vec::new();
    if has.reports {
        let rows = tx.reports_changed(user, from).await?;
        let told = rows
            .iter()
            .filter(|row| from > UserRev::ZERO || row.state != ReportState::Closed);
        reports.extend(told.map(|row| Row::Known(row.mine())));
    }
    let votes = if has.votes {
        tx.votes_changed(user, from, limit::OWN_VOTES).await?
    } else {
        Vec::new()
    };
    let reports_waiting = if has.reports_wait {
        reports::waiting(&mut tx, user, row.role).await?
    } else {
        0
    };
    Ok(UserSync {
        from,
        to: row.user_rev,
        user: row.public(),
        rooms,
        scheduled,
        blocks,
        presence: row.presence,
        threads: threads.into_iter().map(Row::Known).collect(),
        drafts: drafts.into_iter().map(Row::Known).collect(),
        attention: attention.map(Row::Known),
        reports,
        reports_waiting,
        raid_until: match row.role {
            ServerRole::Guest | ServerRole::Member => None,
            _ => tx.raid(app.clock.now()).await?,
        },
        votes: votes.into_iter().map(Row::Known).collect(),
    })
}
