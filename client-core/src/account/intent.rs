//! What the view wants of the connection: state, not a queue, so nothing overflows and a new
//! connection knows it all at once.

use std::{
    collections::{HashSet, VecDeque},
    time::{Duration, Instant},
};

use erc_protocol::{MessageId, PresenceState, RoomId, Seq, limit};

/// Questions that wait; beyond it the oldest is dropped (the view asks again when it draws).
const WANTS: usize = 256;

/// Something to be had by request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Want {
    /// Messages of a hole.
    Hole { room: RoomId, from: Seq, to: Seq },
    /// The list of members.
    Members(RoomId),
    /// A message that another one answers.
    Quote { room: RoomId, id: MessageId },
    /// All of a thread.
    Thread { room: RoomId, top: MessageId },
}

#[derive(Debug)]
pub(crate) struct Intent {
    /// Rooms on screen, oldest first.
    open: Vec<RoomId>,
    presence: PresenceState,
    /// What is to be told about typing, and when it was last told.
    typing: Vec<(RoomId, bool)>,
    typed_at: Option<(RoomId, Instant)>,
    wants: VecDeque<Want>,
    /// Waiting or being asked: asking twice is one question.
    asked: HashSet<Want>,
    /// Quoted messages that the server doesn't give.
    gone: HashSet<MessageId>,
}

impl Default for Intent {
    fn default() -> Self {
        Self {
            open: Vec::new(),
            presence: PresenceState::Online,
            typing: Vec::new(),
            typed_at: None,
            wants: VecDeque::new(),
            asked: HashSet::new(),
            gone: HashSet::new(),
        }
    }
}

impl Intent {
    pub(crate) fn open(&mut self, room: RoomId) {
        self.close(room);
        self.open.push(room);
        if self.open.len() > limit::OPEN_ROOMS {
            self.open.remove(0);
        }
    }

    pub(crate) fn close(&mut self, room: RoomId) {
        self.open.retain(|open| *open != room);
    }

    pub(crate) fn open_rooms(&self) -> &[RoomId] {
        &self.open
    }

    pub(crate) fn set_active(&mut self, is_active: bool) {
        self.presence = if is_active {
            PresenceState::Online
        } else {
            PresenceState::Idle
        };
    }

    pub(crate) fn presence(&self) -> PresenceState {
        self.presence
    }

    /// Notes that the user types; returns whether the server is to be told now.
    pub(crate) fn typing(&mut self, room: RoomId, is_typing: bool, now: Instant) -> bool {
        let every = Duration::from_millis(limit::TYPING_EVERY_MS);
        let told = self
            .typed_at
            .filter(|(told, at)| *told == room && now < *at + every);
        if is_typing == told.is_some() {
            return false;
        }
        self.typed_at = is_typing.then_some((room, now));
        self.typing.retain(|(other, _)| *other != room);
        self.typing.push((room, is_typing));
        true
    }

    pub(crate) fn take_typing(&mut self) -> Vec<(RoomId, bool)> {
        std::mem::take(&mut self.typing)
    }

    /// Notes a question; returns whether it is a new one.
    pub(crate) fn want(&mut self, want: Want) -> bool {
        let is_gone = matches!(want, Want::Quote { id, .. } if self.gone.contains(&id));
        if is_gone || !self.asked.insert(want) {
            return false;
        }
        self.wants.push_back(want);
        if self.wants.len() > WANTS
            && let Some(oldest) = self.wants.pop_front()
        {
            self.asked.remove(&oldest);
        }
        true
    }

    pub(crate) fn next_want(&mut self) -> Option<Want> {
        self.wants.pop_front()
    }

    /// The question was answered, or there is no use asking.
    pub(crate) fn answered(&mut self, want: Want) {
        self.asked.remove(&want);
    }

    /// The link is gone: the question waits for the next one.
    pub(crate) fn again(&mut self, want: Want) {
        self.wants.push_front(want);
    }

    pub(crate) fn quote_is_gone(&mut self, id: MessageId) {
        self.gone.insert(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_is_told_every_few_seconds_and_its_end_at_once() {
        let start = Instant::now();
        let later = |s| start + Duration::from_secs(s);
        let mut intent = Intent::default();
        assert!(intent.typing(RoomId(1), true, start));
        assert!(!intent.typing(RoomId(1), true, later(1)));
        assert!(intent.typing(RoomId(1), true, later(5)));
        assert!(intent.typing(RoomId(1), false, later(6)));
        assert!(!intent.typing(RoomId(1), false, later(7)));
        assert_eq!(intent.take_typing(), [(RoomId(1), false)]);
    }

    #[test]
    fn asking_twice_is_one_question() {
        let mut intent = Intent::default();
        let want = Want::Members(RoomId(1));
        assert!(intent.want(want));
        assert!(!intent.want(want));
        assert_eq!(intent.next_want(), Some(want));
        assert!(!intent.want(want));
        intent.answered(want);
        assert!(intent.want(want));
    }

    #[test]
    fn the_room_shown_longest_ago_gives_way() {
        let mut intent = Intent::default();
        for room in 0..=16 {
            intent.open(RoomId(room));
        }
        assert_eq!(intent.open_rooms().first(), Some(&RoomId(1)));
        assert_eq!(intent.open_rooms().len(), limit::OPEN_ROOMS);
    }
}
