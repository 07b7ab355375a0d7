//! A room's newest changes, encoded, oldest first and without holes.
//!
//! Changes that several nodes commit at a time come here in any order: one that comes early waits
//! for those before it, and only if they don't come in time does the ring admit a hole.

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::time::Duration;

use erc_protocol::Rev;
use tokio::time::Instant;

use crate::ops::change::RoomChange;

/// Changes kept for a room: some batches of the committer's. What a slower listener misses comes
/// from the store.
const CAPACITY: usize = 1_024;
/// Bytes of frames kept for a room, unless it is a single one that is larger.
const BYTES: usize = 512 * 1_024;

/// Changes that wait for those before them, and bytes of their frames: with more a hole is admitted.
const EARLY: usize = 256;
/// How long they wait.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It was known.
    Old,
    /// There is news for listeners.
    News,
    /// It waits for those before it.
    Early,
}

/// What a listener gets of a ring.
#[derive(Debug)]
pub enum Pulled {
    /// Nothing new.
    UpToDate,
    /// So many changes were given, in order.
    Given(usize),
    /// Older ones are needed first: from the store.
    Behind,
}

/// The ring itself.
#[derive(Debug, Default)]
pub(super) struct Ring {
    changes: VecDeque<RoomChange>,
    /// How far the room has come as this node knows; the newest of `changes`, if there are any.
    head: Rev,
    /// Of all the frames in `changes`.
    bytes: usize,
    /// Those that came before the one after `head` did.
    early: BTreeMap<Rev, RoomChange>,
    /// Of all the frames in `early`.
    early_bytes: usize,
    /// How long the one after `head` has been waited for.
    waits_since: Option<Instant>,
}

impl Ring {
    /// How far the room has come, as far as this node was told.
    pub(super) const fn head(&self) -> Rev {
        self.head
    }

    /// The room has come so far, without the changes; `true` if that is news. Who is behind it is
    /// sent to the store.
    pub(super) fn note(&mut self, rev: Rev) -> bool {
        if rev <= self.head {
            return false;
        }
        self.forget();
        self.head = rev;
        self.take_early(Instant::now());
        true
    }

    /// Adds a change.
    pub(super) fn push(&mut self, change: RoomChange, now: Instant) -> Pushed {
        let is_first = self.head == Rev::default() && self.changes.is_empty();
        if change.rev <= self.head {
            return Pushed::Old;
        }
        if !is_first && change.rev != self.head.next() {
            self.early_bytes += change.frame.bytes().len();
            if let Some(twice) = self.early.insert(change.rev, change) {
                self.early_bytes -= twice.frame.bytes().len();
            }
            self.waits_since.get_or_insert(now);
            if self.early.len() > EARLY || self.early_bytes > BYTES {
                self.admit_hole(now);
                return Pushed::News;
            }
            return Pushed::Early;
        }
        self.append(change);
        self.take_early(now);
        Pushed::News
    }

    /// Whether a change has been waited for too long; then the hole is admitted, and all listeners
    /// have news.
    pub(super) fn give_up(&mut self, now: Instant) -> bool {
        let is_late = self
            .waits_since
            .is_some_and(|since| now.saturating_duration_since(since) >= PATIENCE);
        if is_late {
            self.admit_hole(now);
        }
        is_late
    }

    /// Whether changes wait for one before them.
    pub(super) const fn waits(&self) -> bool {
        self.waits_since.is_some()
    }

    /// Goes on behind the hole. What came before it is dropped, so that a ring never hides one.
    fn admit_hole(&mut self, now: Instant) {
        if let Some((_, first)) = self.early.pop_first() {
            self.early_bytes -= first.frame.bytes().len();
            self.forget();
            self.append(first);
        }
        self.take_early(now);
    }

    fn append(&mut self, change: RoomChange) {
        self.head = change.rev;
        self.bytes += change.frame.bytes().len();
        self.changes.push_back(change);
        while self.changes.len() > CAPACITY || (self.bytes > BYTES && self.changes.len() > 1) {
            if let Some(oldest) = self.changes.pop_front() {
                self.bytes -= oldest.frame.bytes().len();
            }
        }
    }

    /// The head moved: those whose time has come follow it.
    fn take_early(&mut self, now: Instant) {
        while let Some(first) = self.early.first_entry() {
            if *first.key() > self.head.next() {
                break;
            }
            let change = first.remove();
            self.early_bytes -= change.frame.bytes().len();
            if change.rev > self.head {
                self.append(change);
            }
        }
        self.waits_since = (!self.early.is_empty()).then_some(now);
    }

    fn forget(&mut self) {
        self.changes.clear();
        self.bytes = 0;
    }

    /// Gives at most `limit` changes after `rev`, until one is not to be followed by another.
    pub(super) fn after(
        &self,
        rev: Rev,
        limit: usize,
        mut give: impl FnMut(&RoomChange) -> ControlFlow<()>,
    ) -> Pulled {
        if self.head <= rev {
            return Pulled::UpToDate;
        }
        let Some(first) = self.changes.front() else {
            return Pulled::Behind;
        };
        if first.rev > rev.next() {
            Pulled::Behind
        } else {
            let skip = usize::try_from(rev.next().0 - first.rev.0).unwrap_or(usize::MAX);
            let mut given = 0;
            for change in self
                .changes
                .range(skip.min(self.changes.len())..)
                .take(limit)
            {
                given += 1;
                if give(change).is_break() {
                    break;
                }
            }
            Pulled::Given(given)
        }
    }
}

#[cfg(test)]
mod tests {
    use erc_protocol::RoomId;

    use super::*;
    use crate::ops::change::Effect;

    fn change(rev: i64) -> RoomChange {
        RoomChange {
            room_id: RoomId(1),
            rev: Rev(rev),
            seq: None,
            frame: rev.to_string().into(),
            effect: Effect::None,
        }
    }

    fn push(ring: &mut Ring, rev: i64) -> Pushed {
        ring.push(change(rev), Instant::now())
    }

    fn revs(ring: &Ring, after: Rev, limit: usize) -> Option<Vec<i64>> {
        let mut revs = Vec::new();
        let pulled = ring.after(after, limit, |change| {
            revs.push(change.rev.0);
            ControlFlow::Continue(())
        });
        match pulled {
            Pulled::UpToDate => Some(vec![]),
            Pulled::Given(count) => {
                assert_eq!(count, revs.len());
                Some(revs)
            }
            Pulled::Behind => None,
        }
    }

    #[test]
    fn a_listener_gets_what_follows_its_cursor_or_is_sent_to_the_store() {
        let mut ring = Ring::default();
        assert_eq!(revs(&ring, Rev(9), 10), Some(vec![]));
        for rev in 5..=8 {
            push(&mut ring, rev);
        }
        assert_eq!(revs(&ring, Rev(3), 10), None);
        assert_eq!(revs(&ring, Rev(4), 10), Some(vec![5, 6, 7, 8]));
        assert_eq!(revs(&ring, Rev(4), 2), Some(vec![5, 6]));
        assert_eq!(revs(&ring, Rev(7), 10), Some(vec![8]));
        assert_eq!(revs(&ring, Rev(8), 10), Some(vec![]));
        assert_eq!(revs(&ring, Rev(99), 10), Some(vec![]));
    }

    #[test]
    fn a_ring_forgets_the_oldest_and_never_hides_a_hole() {
        let mut ring = Ring::default();
        for rev in 1..=1_124 {
            push(&mut ring, rev);
        }
        assert_eq!(revs(&ring, Rev(99), 1), None);
        assert_eq!(revs(&ring, Rev(100), 1), Some(vec![101]));
        assert_eq!(push(&mut ring, 1_124), Pushed::Old);
        assert_eq!(push(&mut ring, 1_126), Pushed::Early);
        assert_eq!(revs(&ring, Rev(1_124), 10), Some(vec![]));
        assert!(ring.give_up(Instant::now() + PATIENCE));
        assert_eq!(revs(&ring, Rev(1_124), 10), None);
        assert_eq!(revs(&ring, Rev(1_125), 10), Some(vec![1_126]));
    }

    #[test]
    fn a_ring_holds_so_many_bytes_and_at_least_one_change() {
        let mut ring = Ring::default();
        let long = |rev, length| RoomChange {
            frame: "a".repeat(length).into(),
            ..change(rev)
        };
        for rev in 1..=10 {
            ring.push(long(rev, BYTES / 4), Instant::now());
        }
        assert_eq!(revs(&ring, Rev(6), 10), None);
        assert_eq!(revs(&ring, Rev(7), 10), Some(vec![8, 9, 10]));
        ring.push(long(11, BYTES * 2), Instant::now());
        assert_eq!(revs(&ring, Rev(9), 10), None);
        assert_eq!(revs(&ring, Rev(10), 10), Some(vec![11]));
        push(&mut ring, 12);
        assert_eq!(revs(&ring, Rev(11), 10), Some(vec![12]));
        let held: usize = ring
            .changes
            .iter()
            .map(|held| held.frame.bytes().len())
            .sum();
        assert_eq!(ring.bytes, held);
    }

    #[test]
    fn giving_stops_where_it_is_told_to() {
        let mut ring = Ring::default();
        for rev in 1..=8 {
            push(&mut ring, rev);
        }
        let pulled = ring.after(Rev(2), 5, |change| match change.rev {
            Rev(5) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        assert!(matches!(pulled, Pulled::Given(3)));
    }

    #[test]
    fn a_head_without_its_changes_sends_those_behind_to_the_store() {
        let mut ring = Ring::default();
        assert!(ring.note(Rev(4)));
        assert_eq!(push(&mut ring, 5), Pushed::News);
        assert_eq!(revs(&ring, Rev(4), 10), Some(vec![5]));
        assert!(ring.note(Rev(7)));
        assert!(!ring.note(Rev(7)));
        assert_eq!(push(&mut ring, 6), Pushed::Old);
        assert_eq!(revs(&ring, Rev(5), 10), None);
        assert_eq!(revs(&ring, Rev(7), 10), Some(vec![]));
        assert_eq!(push(&mut ring, 8), Pushed::News);
        assert_eq!(revs(&ring, Rev(7), 10), Some(vec![8]));
        assert_eq!(revs(&ring, Rev(6), 10), None);
    }

    #[test]
    fn changes_in_any_order_are_given_in_theirs() {
        let mut ring = Ring::default();
        push(&mut ring, 4);
        for rev in [7, 6, 9, 7] {
            assert_eq!(push(&mut ring, rev), Pushed::Early);
        }
        assert_eq!(revs(&ring, Rev(4), 10), Some(vec![]));
        assert_eq!(push(&mut ring, 5), Pushed::News);
        assert_eq!(revs(&ring, Rev(4), 10), Some(vec![5, 6, 7]));
        assert!(ring.waits(), "for 8");
        assert_eq!(push(&mut ring, 8), Pushed::News);
        assert_eq!(revs(&ring, Rev(3), 10), Some(vec![4, 5, 6, 7, 8, 9]));
        assert!(!ring.waits());
        assert_eq!(ring.early_bytes, 0);
    }

    #[test]
    fn a_hole_is_admitted_when_its_time_is_over() {
        let mut ring = Ring::default();
        let start = Instant::now();
        ring.push(change(1), start);
        ring.push(change(3), start);
        ring.push(change(4), start);
        ring.push(change(6), start);
        let just_before = start + PATIENCE.checked_sub(Duration::from_millis(1)).unwrap();
        assert!(!ring.give_up(just_before));
        assert!(ring.give_up(start + PATIENCE));
        assert_eq!(revs(&ring, Rev(1), 10), None, "2 is missing");
        assert_eq!(revs(&ring, Rev(2), 10), Some(vec![3, 4]));
        assert!(!ring.give_up(start + PATIENCE), "5 is waited for anew");
        assert!(ring.give_up(start + PATIENCE * 2));
        assert_eq!(revs(&ring, Rev(4), 10), None);
        assert_eq!(revs(&ring, Rev(5), 10), Some(vec![6]));
        assert!(!ring.waits());
    }

    #[test]
    fn too_many_that_wait_admit_the_hole() {
        let mut ring = Ring::default();
        push(&mut ring, 1);
        for rev in 3..3 + EARLY as i64 {
            assert_eq!(push(&mut ring, rev), Pushed::Early);
        }
        assert_eq!(push(&mut ring, 3 + EARLY as i64), Pushed::News);
        assert_eq!(ring.head(), Rev(3 + EARLY as i64));
        assert_eq!(revs(&ring, Rev(1), 1), None);
        let long = RoomChange {
            frame: "a".repeat(BYTES + 1).into(),
            ..change(999)
        };
        assert_eq!(ring.push(long, Instant::now()), Pushed::News);
        assert_eq!((ring.head(), ring.early_bytes), (Rev(999), 0));
    }

    #[test]
    fn a_noted_head_takes_those_that_waited_for_it() {
        let mut ring = Ring::default();
        push(&mut ring, 1);
        for rev in [4, 6, 7] {
            push(&mut ring, rev);
        }
        assert!(ring.note(Rev(5)));
        assert_eq!(revs(&ring, Rev(5), 10), Some(vec![6, 7]));
        assert_eq!(revs(&ring, Rev(4), 10), None);
        assert!(!ring.waits());
    }
}
