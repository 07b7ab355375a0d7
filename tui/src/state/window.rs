//! Which part of a room is loaded, and how it grows as one scrolls.

use erc_client_core::{
    protocol::Seq,
    view::{Item, Timeline, Window},
};

/// Messages loaded when a room is opened.
const FIRST: u32 = 120;
/// Messages loaded at a time when scrolling on.
const STEP: i64 = 120;
/// Messages kept at most; beyond, the other end is let go.
const MOST: i64 = 720;

/// The part of a room that is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The newest so many.
    Newest(u32),
    /// From here to the newest.
    Since(Seq),
    /// From here to there.
    Between(Seq, Seq),
    /// On both sides of a place that was jumped to.
    Around(Seq),
}

impl Span {
    /// What to load of a room with so many unread messages: all of them and some before, if they
    /// are not too many.
    pub fn on_opening(unread: i64) -> Self {
        let extra = u32::try_from(unread.clamp(0, MOST / 2)).unwrap_or(0);
        Self::Newest(FIRST + extra)
    }

    /// As client-core takes it.
    pub fn window(self) -> Window {
        let side = FIRST / 2;
        match self {
            Self::Newest(count) => Window::Newest { count },
            Self::Since(seq) => Window::Since { seq },
            Self::Between(from, to) => Window::Between { from, to },
            Self::Around(seq) => Window::Around {
                seq,
                before: side,
                after: side,
            },
        }
    }

    /// The span after `timeline` was loaded: fixed at its beginning, so that what arrives later
    /// takes nothing away from the top; open at its end if it reaches the newest message.
    ///
    /// A hole at the beginning may be as long as the room: only as much of it is fixed as will be
    /// filled next.
    #[must_use]
    pub fn settled(self, timeline: &Timeline) -> Self {
        let from = match timeline.items.first() {
            Some(Item::Hole { from, to }) => Some(Seq((to.0 - STEP).max(from.0))),
            _ => timeline.from_seq,
        };
        match (from, timeline.to_seq) {
            (Some(from), _) if timeline.at_end => Self::Since(from),
            (Some(from), Some(to)) => Self::Between(from, to),
            _ => self,
        }
    }

    /// With older messages as well.
    pub fn older(timeline: &Timeline) -> Option<Self> {
        let (from, to) = (timeline.from_seq?, timeline.to_seq?);
        if timeline.at_start {
            return None;
        }
        let before = from;
        let from = Seq((from.0 - STEP).max(1));
        if from >= before {
            return None;
        }
        if timeline.at_end && to.0 - from.0 < MOST {
            return Some(Self::Since(from));
        }
        Some(Self::Between(from, Seq(to.0.min(from.0 + MOST))))
    }

    /// With newer messages as well.
    pub fn newer(timeline: &Timeline, last: Seq) -> Option<Self> {
        let (from, to) = (timeline.from_seq?, timeline.to_seq?);
        if timeline.at_end {
            return None;
        }
        let to = Seq(to.0 + STEP);
        let from = Seq(from.0.max(to.0 - MOST));
        if to >= last {
            return Some(Self::Since(from));
        }
        Some(Self::Between(from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(from: i64, to: i64, at_start: bool, at_end: bool) -> Timeline {
        Timeline {
            items: Vec::new(),
            from_seq: Some(Seq(from)),
            to_seq: Some(Seq(to)),
            at_start,
            at_end,
        }
    }

    #[test]
    fn scrolling_up_never_loads_without_bound() {
        let mut loaded = timeline(9_881, 10_000, false, true);
        for _ in 0..40 {
            let span = Span::older(&loaded).unwrap();
            let (from, to) = match span {
                Span::Since(from) => (from.0, 10_000),
                Span::Between(from, to) => (from.0, to.0),
                other => panic!("{other:?}"),
            };
            assert!(to - from <= MOST);
            assert!(from < loaded.from_seq.unwrap().0);
            loaded = timeline(from, to, false, to == 10_000);
        }
    }

    #[test]
    fn scrolling_down_again_ends_at_the_newest() {
        let mut loaded = timeline(100, 400, false, false);
        for _ in 0..100 {
            match Span::newer(&loaded, Seq(1_000)).unwrap() {
                Span::Since(from) => {
                    assert!(from.0 > 100);
                    return;
                }
                Span::Between(from, to) => loaded = timeline(from.0, to.0, false, false),
                other => panic!("{other:?}"),
            }
        }
        panic!("never arrived");
    }

    #[test]
    fn at_the_ends_there_is_nothing_to_load() {
        assert_eq!(Span::older(&timeline(1, 50, true, true)), None);
        assert_eq!(Span::newer(&timeline(1, 50, true, true), Seq(50)), None);
    }
}
