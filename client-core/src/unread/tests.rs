//! Against counting one by one.

use erc_protocol::{Rev, Seq, sync::Unread};
use proptest::prelude::*;

use super::{Held, count};
use crate::error::Result;

/// A place of a room.
#[derive(Debug, Clone)]
struct Place {
    is_own: bool,
    /// The change that deleted it.
    deleted: Option<i64>,
    is_held: bool,
}

struct Room {
    places: Vec<Place>,
}

impl Room {
    fn numbered(&self, from: Seq, to: Seq) -> impl Iterator<Item = &Place> {
        let end = usize::try_from(to.0)
            .unwrap_or(usize::MAX)
            .min(self.places.len());
        self.places[..end]
            .iter()
            .skip(usize::try_from(from.0).unwrap())
    }

    fn count(&self, from: Seq, to: Seq, fits: impl Fn(&Place) -> bool) -> i64 {
        i64::try_from(self.numbered(from, to).filter(|place| fits(place)).count()).unwrap()
    }

    /// What is unread, counted with all places in sight, as of a change.
    fn truth(&self, read: i64, last: i64, at: i64) -> i64 {
        self.count(Seq(read), Seq(last), |place| {
            !place.is_own && place.deleted.is_none_or(|deleted| deleted > at)
        })
    }
}

impl Held for Room {
    fn has_hole_above(&self, seq: Seq) -> Result<bool> {
        Ok(self.count(seq, Seq(i64::MAX), |place| !place.is_held) > 0)
    }

    fn of_others(&self, from: Seq, to: Seq) -> Result<i64> {
        Ok(self.count(from, to, |place| {
            place.is_held && !place.is_own && place.deleted.is_none()
        }))
    }

    fn deleted_since(&self, from: Seq, to: Seq, since: Rev) -> Result<i64> {
        Ok(self.count(from, to, |place| {
            place.is_held && !place.is_own && place.deleted.is_some_and(|at| at > since.0)
        }))
    }

    fn missing(&self, from: Seq, to: Seq) -> Result<i64> {
        Ok(self.count(from, to, |place| !place.is_held))
    }
}

proptest! {
    #[test]
    fn an_exact_count_is_the_count(
        places in prop::collection::vec((any::<bool>(), prop::option::of(100..120i64), any::<bool>()), 0..40),
        read in 0..45i64,
        moved in 0..20i64,
        at_seq in 0..45i64,
        at_rev in 95..125i64,
    ) {
        let last = i64::try_from(places.len()).unwrap();
        let (read, at_seq) = (read.min(last), at_seq.min(last));
        let places = (1..).zip(places).map(|(seq, (is_own, deleted, is_held))| {
            // What changed or came after the count is held: it was told live.
            let is_told = seq > at_seq || deleted.is_some_and(|deleted| deleted > at_rev);
            Place { is_own, deleted, is_held: is_held || is_told }
        });
        let room = Room { places: places.collect() };
        let base_read = (read - moved).max(0).min(at_seq);
        let base = Unread {
            count: room.truth(base_read, at_seq, at_rev),
            mentions: 0,
            read_seq: Seq(base_read),
            at_seq: Seq(at_seq),
            at_rev: Rev(at_rev),
        };
        let counted = count(&room, Seq(read), Seq(last), base).unwrap();
        let truth = room.truth(read, last, i64::MAX);
        if counted.is_exact {
            prop_assert_eq!(counted.count, truth);
        }
        // The server's own mark, or everything in sight: then there is no doubt.
        if base_read == read || !room.has_hole_above(Seq(read)).unwrap() {
            prop_assert!(counted.is_exact);
        }
        prop_assert!(counted.count >= room.of_others(Seq(read), Seq(last)).unwrap());
    }
}
