//! What was asked over this link and not answered yet.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use erc_protocol::RoomId;

use crate::{cache::outbox::Kind, outbox::lanes::Lane};

/// What an answer will belong to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked {
    Operation {
        id: i64,
        lane: Lane,
        kind: Kind,
        room: RoomId,
    },
    Room(RoomId),
    Pong(Instant),
    /// How far the rooms are held.
    Delivered,
    /// Whatever the answer, nothing follows.
    Other,
}

impl Asked {
    /// Whether something stands still until the answer comes. Rooms are asked about again, and a
    /// dead link is found by its silence.
    const fn is_waited_for(self) -> bool {
        matches!(self, Self::Operation { .. } | Self::Delivered)
    }
}

/// By the id that the answer will name, so in the order in which they were asked.
#[derive(Debug, Default)]
pub(super) struct Questions {
    last: u64,
    open: BTreeMap<u64, (Asked, Instant)>,
}

impl Questions {
    /// The id for a question.
    pub(super) fn ask(&mut self, asked: Asked, now: Instant) -> u64 {
        self.last += 1;
        self.open.insert(self.last, (asked, now));
        self.last
    }

    /// What an answer with this id belongs to.
    pub(super) fn answered(&mut self, id: Option<u64>) -> Option<Asked> {
        self.open.remove(&id?).map(|(asked, _)| asked)
    }

    /// Whether an answer that is waited for has not come for so long.
    pub(super) fn is_overdue(&self, now: Instant, patience: Duration) -> bool {
        self.open
            .values()
            .find(|(asked, _)| asked.is_waited_for())
            .is_some_and(|(_, at)| now.saturating_duration_since(*at) > patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_answer_that_is_waited_for_decides() {
        let start = Instant::now();
        let after = |s| start + Duration::from_secs(s);
        let patience = Duration::from_secs(30);
        let mut questions = Questions::default();
        questions.ask(Asked::Other, start);
        questions.ask(Asked::Pong(start), start);
        assert!(!questions.is_overdue(after(90), patience), "nobody waits");
        let first = questions.ask(Asked::Delivered, after(1));
        let second = questions.ask(Asked::Delivered, after(5));
        assert!(!questions.is_overdue(after(31), patience));
        assert!(questions.is_overdue(after(32), patience));
        assert!(questions.answered(Some(first)).is_some());
        assert!(questions.answered(Some(first)).is_none(), "once");
        assert!(!questions.is_overdue(after(35), patience));
        assert!(questions.is_overdue(after(36), patience));
        assert!(questions.answered(Some(second)).is_some());
        assert!(!questions.is_overdue(after(99), patience));
        assert!(questions.answered(None).is_none());
    }
}
