//! A room's newest changes, encoded, oldest first and without holes.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use erc_protocol::Rev;

use crate::ops::change::RoomChange;

/// Changes kept for a room: some batches of the committer's. What a slower listener misses comes
/// from the store.
const CAPACITY: usize = 1_024;
/// Bytes of frames kept for a room, unless it is a single one that is larger.
const BYTES: usize = 512 * 1_024;

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
        true
    }

    /// Adds the newest change; `true` if it is news. After a gap (a change of another node that
    /// came late or not at all) what came before is dropped, so that a ring never hides a hole.
    pub(super) fn push(&mut self, change: RoomChange) -> bool {
        if change.rev <= self.head {
            return false;
        }
        if change.rev != self.head.next() {
            self.forget();
        }
        self.head = change.rev;
        self.bytes += change.frame.bytes().len();
        self.changes.push_back(change);
        while self.changes.len() > CAPACITY || (self.bytes > BYTES && self.changes.len() > 1) {
            if let Some(oldest) = self.changes.pop_front() {
                self.bytes -= oldest.frame.bytes().len();
            }
        }
        true
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
            ring.push(change(rev));
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
            ring.push(change(rev));
        }
        assert_eq!(revs(&ring, Rev(99), 1), None);
        assert_eq!(revs(&ring, Rev(100), 1), Some(vec![101]));
        ring.push(change(1_124));
        ring.push(change(1_126));
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
            ring.push(long(rev, BYTES / 4));
        }
        assert_eq!(revs(&ring, Rev(6), 10), None);
        assert_eq!(revs(&ring, Rev(7), 10), Some(vec![8, 9, 10]));
        ring.push(long(11, BYTES * 2));
        assert_eq!(revs(&ring, Rev(9), 10), None);
        assert_eq!(revs(&ring, Rev(10), 10), Some(vec![11]));
        ring.push(change(12));
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
            ring.push(change(rev));
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
        assert!(ring.push(change(5)));
        assert_eq!(revs(&ring, Rev(4), 10), Some(vec![5]));
        assert!(ring.note(Rev(7)));
        assert!(!ring.note(Rev(7)) && !ring.push(change(6)));
        assert_eq!(revs(&ring, Rev(5), 10), None);
        assert_eq!(revs(&ring, Rev(7), 10), Some(vec![]));
        assert!(ring.push(change(8)));
        assert_eq!(revs(&ring, Rev(7), 10), Some(vec![8]));
        assert_eq!(revs(&ring, Rev(6), 10), None);
    }
}
