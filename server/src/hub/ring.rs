//! A room's newest changes, encoded, oldest first and without holes.

use std::collections::VecDeque;

use erc_protocol::Rev;

use crate::ops::change::RoomChange;

/// Changes kept for a room. What a slower listener misses comes from the store.
const CAPACITY: usize = 256;

/// What a listener gets of a ring.
#[derive(Debug)]
pub enum Pulled {
    /// Nothing new.
    UpToDate,
    /// The next changes, in order.
    Changes(Vec<RoomChange>),
    /// Older ones are needed first: from the store.
    Behind,
}

/// The ring itself.
#[derive(Debug, Default)]
pub(super) struct Ring {
    changes: VecDeque<RoomChange>,
    /// How far the room has come as this node knows; the newest of `changes`, if there are any.
    head: Rev,
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
        self.changes.clear();
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
            self.changes.clear();
        }
        self.head = change.rev;
        if self.changes.len() == CAPACITY {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
        true
    }

    /// At most `limit` changes after `rev`.
    pub(super) fn after(&self, rev: Rev, limit: usize) -> Pulled {
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
            Pulled::Changes(
                self.changes
                    .iter()
                    .skip(skip)
                    .take(limit)
                    .cloned()
                    .collect(),
            )
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
            frame: format!("{rev}").into(),
            effect: Effect::None,
        }
    }

    fn revs(pulled: Pulled) -> Option<Vec<i64>> {
        match pulled {
            Pulled::UpToDate => Some(vec![]),
            Pulled::Changes(changes) => Some(changes.iter().map(|c| c.rev.0).collect()),
            Pulled::Behind => None,
        }
    }

    #[test]
    fn a_listener_gets_what_follows_its_cursor_or_is_sent_to_the_store() {
        let mut ring = Ring::default();
        assert_eq!(revs(ring.after(Rev(9), 10)), Some(vec![]));
        for rev in 5..=8 {
            ring.push(change(rev));
        }
        assert_eq!(revs(ring.after(Rev(3), 10)), None);
        assert_eq!(revs(ring.after(Rev(4), 10)), Some(vec![5, 6, 7, 8]));
        assert_eq!(revs(ring.after(Rev(4), 2)), Some(vec![5, 6]));
        assert_eq!(revs(ring.after(Rev(7), 10)), Some(vec![8]));
        assert_eq!(revs(ring.after(Rev(8), 10)), Some(vec![]));
        assert_eq!(revs(ring.after(Rev(99), 10)), Some(vec![]));
    }

    #[test]
    fn a_ring_forgets_the_oldest_and_never_hides_a_hole() {
        let mut ring = Ring::default();
        for rev in 1..=300 {
            ring.push(change(rev));
        }
        assert_eq!(revs(ring.after(Rev(43), 1)), None);
        assert_eq!(revs(ring.after(Rev(44), 1)), Some(vec![45]));
        ring.push(change(300));
        ring.push(change(302));
        assert_eq!(revs(ring.after(Rev(300), 10)), None);
        assert_eq!(revs(ring.after(Rev(301), 10)), Some(vec![302]));
    }

    #[test]
    fn a_head_without_its_changes_sends_those_behind_to_the_store() {
        let mut ring = Ring::default();
        assert!(ring.note(Rev(4)));
        assert!(ring.push(change(5)));
        assert_eq!(revs(ring.after(Rev(4), 10)), Some(vec![5]));
        assert!(ring.note(Rev(7)));
        assert!(!ring.note(Rev(7)) && !ring.push(change(6)));
        assert_eq!(revs(ring.after(Rev(5), 10)), None);
        assert_eq!(revs(ring.after(Rev(7), 10)), Some(vec![]));
        assert!(ring.push(change(8)));
        assert_eq!(revs(ring.after(Rev(7), 10)), Some(vec![8]));
        assert_eq!(revs(ring.after(Rev(6), 10)), None);
    }
}
