//! Counts what was committed into figures, in the background: sending doesn't wait for it.
//!
//! Run by the [`crate::indexer`], after the index of messages. Each transaction counts some hundred
//! messages of a room and moves the room's place with them, so a stop at any time loses nothing and
//! counts nothing twice. A message is counted once, as sent, when its place comes; what changes about
//! it later (reactions, an edit, its deletion, an answer) is counted as the difference to what a mark
//! says is counted already. The figures of a room that is deleted go.

mod count;

use std::collections::HashMap;

use erc_protocol::{MessageId, RoomId, Seq};

use crate::indexer::{Pace, Turn};
use crate::store::{Counted, Db, Result, Tx};
use count::Batch;
pub use count::{CLASSES_S, NEXT_SPEAKER, REPLY, SLOT_MS};

/// Counts everything that is committed now.
pub async fn now(db: &Db) -> Result<()> {
    let mut turn = Turn::default();
    while round(db, Pace::AT_ONCE, &mut turn).await? {}
    Ok(())
}

/// Each room that has changed has one turn. Answers whether there may be more.
pub(crate) async fn round(db: &Db, pace: Pace<'_>, turn: &mut Turn) -> Result<bool> {
    let mut tx = db.snapshot().await?;
    let rooms = tx.rooms_to_count(turn.behind(), Turn::ROOMS).await?;
    drop(tx);
    let mut rest = &rooms[..];
    while !rest.is_empty() {
        let step = pace.begin();
        let done = batch(db, rest, turn.portion.changes()).await?;
        rest = &rest[done..];
        turn.portion = step.end().await;
    }
    Ok(turn.take(&rooms))
}

/// One transaction; answers how many of the rooms have had their turn.
async fn batch(db: &Db, rooms: &[RoomId], most: i64) -> Result<usize> {
    let mut tx = db.begin().await?;
    let mut left = most;
    let mut done = 0;
    for room in rooms {
        if left <= 0 {
            break;
        }
        let counted = count(&mut tx, *room, left).await?;
        // Each room costs something, also one without a new message.
        left -= counted + 1;
        done += 1;
    }
    tx.commit().await?;
    Ok(done)
}

/// Counts at most so many messages of a room; answers how many it were.
async fn count(tx: &mut Tx, room: RoomId, limit: i64) -> Result<i64> {
    let Some(place) = tx.count_place(room).await? else {
        return Ok(0);
    };
    let Some(head) = place.head else {
        tx.forget_counts(room).await?;
        return Ok(0);
    };
    // With the one before them: they may answer it.
    let mut fresh = tx.to_count(room, place.seq, limit + 1).await?;
    let before = match fresh.first() {
        Some(first) if first.seq <= place.seq => Some(fresh.remove(0)),
        _ => None,
    };
    fresh.truncate(usize::try_from(limit).unwrap_or(0));
    let seq = fresh.last().map_or(place.seq, |last| last.seq);
    let left = limit - fresh.len() as i64;
    let (again, rev) = if place.seq == Seq::ZERO {
        // What is counted for the first time is counted with all that happened until now.
        (Vec::new(), head)
    } else if left == 0 {
        (Vec::new(), place.rev)
    } else {
        let rows = tx.to_count_again(room, place.seq, place.rev, left).await?;
        let rev = match rows.last() {
            Some(last) if rows.len() as i64 == left => last.rev,
            Some(last) => head.max(last.rev),
            None => head,
        };
        (rows, rev)
    };
    add(tx, room, before, &fresh, &again).await?;
    tx.set_count_place(room, seq, rev).await?;
    Ok((fresh.len() + again.len()) as i64)
}

async fn add(
    tx: &mut Tx,
    room: RoomId,
    before: Option<Counted>,
    fresh: &[Counted],
    again: &[Counted],
) -> Result<()> {
    let mut parents: Vec<_> = fresh.iter().filter_map(|row| row.reply_to).collect();
    parents.sort_unstable();
    parents.dedup();
    let parents: Vec<_> = parents.into_iter().map(MessageId).collect();
    let parents = tx.counted_by_id(room, &parents).await?;
    let mut marked: Vec<_> = again.iter().chain(&parents).map(|row| row.id).collect();
    marked.sort_unstable();
    marked.dedup();
    let marks = tx.count_marks(&marked).await?;
    let parents: HashMap<_, _> = parents.into_iter().map(|row| (row.id.0, row)).collect();
    let mut batch = Batch::new(before, &parents, marks);
    for row in fresh {
        batch.count(row);
    }
    for row in again {
        batch.count_again(row);
    }
    let sums = batch.finish();
    tx.add_counts(room, &sums.counts).await?;
    tx.add_answers(room, &sums.answers).await?;
    tx.put_count_marks(room, &sums.marks).await
}
