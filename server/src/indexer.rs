//! Brings what was committed into the index of messages, and has the figures counted
//! ([`crate::analytics`]), in the background: sending doesn't wait for it.
//!
//! Started by the app, owned by the lifecycle. One task; it looks for rooms that have changed when
//! something was committed on this node, and at times all the same (another node may have died).
//! Each transaction takes in some hundred changes and moves the rooms' places with them, so a stop
//! at any time loses nothing. Rooms take turns, and so do the index and the figures. While others
//! write, it pauses far longer than it works. Ends when the server drains, or when nobody holds the
//! app any more.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use erc_protocol::{Message, RoomId, Seq};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::analytics;
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::store::{Db, Result};

/// How often it looks whether anything was committed.
const EVERY: Duration = Duration::from_millis(250);
/// After so many looks it asks the store in any case.
const IN_ANY_CASE: u32 = 40;
/// Changes in one transaction.
const BATCH: i64 = 256;
/// And while others write: they wait for it, and are not to notice.
const SMALL_BATCH: i64 = 64;
/// While others write, the pause after a transaction is so many times as long as it took.
const YIELD: u32 = 8;
/// The same while they write flat out.
const YIELD_FLAT_OUT: u32 = 32;
/// Operations of others in a transaction that say so: many wait for each.
const FLAT_OUT: u64 = 32;
/// A pause is at most so long.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Runs until `gone` is dropped or the server drains.
pub async fn run(
    db: Db,
    metrics: Arc<Metrics>,
    lifecycle: Lifecycle,
    gone: oneshot::Receiver<Infallible>,
) {
    let working = async {
        let mut looks = IN_ANY_CASE;
        let mut seen = metrics.commits.transactions();
        loop {
            let committed = metrics.commits.transactions();
            looks += 1;
            if committed != seen || looks > IN_ANY_CASE {
                (seen, looks) = (committed, 0);
                if !take_in_all(&db, Pace(Some(&metrics))).await {
                    looks = IN_ANY_CASE - 3;
                }
            }
            sleep(EVERY).await;
        }
    };
    tokio::select! {
        () = working => {}
        () = lifecycle.draining() => {}
        _ = gone => {}
    }
}

/// Takes in and counts everything that is committed, in turns. Answers whether all went well.
async fn take_in_all(db: &Db, pace: Pace<'_>) -> bool {
    let (mut indexed, mut counted) = (Turn::default(), Turn::default());
    let (mut to_index, mut to_count, mut went_well) = (true, true, true);
    while to_index || to_count {
        if to_index {
            to_index = round(db, pace, &mut indexed).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the index of messages falls behind");
                went_well = false;
                false
            });
        }
        if to_count {
            let round = analytics::round(db, pace, &mut counted).await;
            to_count = round.unwrap_or_else(|error| {
                tracing::warn!(%error, "the figures fall behind");
                went_well = false;
                false
            });
        }
    }
    went_well
}

/// Takes in everything that is committed now.
pub async fn now(db: &Db) -> Result<()> {
    let mut turn = Turn::default();
    while round(db, Pace::AT_ONCE, &mut turn).await? {}
    Ok(())
}

/// Which rooms come next, so that those in which much is written don't keep the others waiting.
#[derive(Debug)]
pub(crate) struct Turn {
    behind: RoomId,
    pub(crate) portion: Portion,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            behind: RoomId(0),
            portion: Portion::Whole,
        }
    }
}

impl Turn {
    /// Rooms that are asked for at a time.
    pub(crate) const ROOMS: i64 = 256;

    /// The last room that had its turn; zero before the first.
    pub(crate) const fn behind(&self) -> RoomId {
        self.behind
    }

    /// These, the next that have changed, have had their turn; if they are fewer than were asked
    /// for, the first of all come next. Answers whether there may be more.
    pub(crate) fn take(&mut self, rooms: &[RoomId]) -> bool {
        let before = self.behind;
        self.behind = match rooms.last() {
            Some(last) if rooms.len() as i64 == Self::ROOMS => *last,
            _ => RoomId(0),
        };
        before != RoomId(0) || !rooms.is_empty()
    }
}

/// How fast work behind the scenes goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace<'m>(Option<&'m Metrics>);

/// How much a transaction of it takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Portion {
    Whole,
    /// Others write.
    Small,
}

impl Portion {
    /// Changes, at most.
    pub(crate) const fn changes(self) -> i64 {
        match self {
            Self::Whole => BATCH,
            Self::Small => SMALL_BATCH,
        }
    }
}

/// A transaction of it.
pub(crate) struct Paced<'m> {
    metrics: Option<&'m Metrics>,
    /// What others had done before: transactions, and operations in them.
    before: (u64, u64),
    began: Instant,
}

/// What others have done: transactions, and operations in them.
fn done(metrics: &Metrics) -> (u64, u64) {
    (
        metrics.commits.transactions(),
        metrics.commits.carried_out(),
    )
}

impl<'m> Pace<'m> {
    /// Without a pause.
    pub(crate) const AT_ONCE: Self = Self(None);

    /// A transaction begins.
    pub(crate) fn begin(self) -> Paced<'m> {
        Paced {
            metrics: self.0,
            before: self.0.map_or((0, 0), done),
            began: Instant::now(),
        }
    }
}

impl Paced<'_> {
    /// It is over: pauses if others wrote meanwhile. Answers how much the next is to take in.
    pub(crate) async fn end(self) -> Portion {
        let now = self.metrics.map_or(self.before, done);
        let transactions = now.0.saturating_sub(self.before.0);
        if transactions == 0 {
            return Portion::Whole;
        }
        let operations = now.1.saturating_sub(self.before.1);
        sleep(pause(self.began.elapsed(), transactions, operations)).await;
        Portion::Small
    }
}

/// How long it rests after a transaction that took so long, while others had these.
fn pause(took: Duration, transactions: u64, operations: u64) -> Duration {
    let times = if operations >= FLAT_OUT * transactions {
        YIELD_FLAT_OUT
    } else {
        YIELD
    };
    (took * times).min(LONGEST_PAUSE)
}

/// Each room that has changed has one turn. Answers whether there may be more.
async fn round(db: &Db, pace: Pace<'_>, turn: &mut Turn) -> Result<bool> {
    let mut tx = db.snapshot().await?;
    let rooms = tx.rooms_to_index(turn.behind(), Turn::ROOMS).await?;
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
    let mut messages: Vec<Message> = Vec::new();
    for room in rooms {
        if left <= 0 {
            break;
        }
        if let Some((indexed, head)) = tx.index_place(*room).await? {
            let everywhere = Seq::ZERO..=Seq::ZERO;
            let rows = tx
                .messages_changed(*room, indexed, Seq::ZERO, everywhere, left)
                .await?;
            let count = rows.len() as i64;
            let reached = match rows.last() {
                Some(last) if count == left => last.rev,
                Some(last) => head.max(last.rev),
                None => head,
            };
            messages.extend(rows.into_iter().map(Message::from));
            tx.set_index_place(*room, reached).await?;
            left -= count;
        }
        // Each room costs something, also one without a new message.
        left -= 1;
        done += 1;
    }
    tx.index_messages(&messages).await?;
    tx.commit().await?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_longer_than_it_works_and_longest_while_others_write_flat_out() {
        let took = Duration::from_millis(2);
        assert_eq!(pause(took, 1, 1), took * YIELD);
        assert_eq!(pause(took, 3, 3 * FLAT_OUT - 1), took * YIELD);
        assert_eq!(pause(took, 3, 3 * FLAT_OUT), took * YIELD_FLAT_OUT);
        assert_eq!(pause(took * 1_000, 1, 1), LONGEST_PAUSE);
    }

    #[test]
    fn every_room_has_its_turn_before_one_has_it_again() {
        let mut turn = Turn::default();
        let many: Vec<_> = (1..=Turn::ROOMS).map(RoomId).collect();
        assert!(turn.take(&many));
        assert_eq!(turn.behind(), RoomId(Turn::ROOMS));
        // Behind the last there are few, or none: from the first one on.
        for rest in [&many[..3], &[]] {
            turn.take(&many);
            assert!(turn.take(rest));
            assert_eq!(turn.behind(), RoomId(0));
        }
        assert!(!turn.take(&[]), "nothing is left anywhere");
    }
}
