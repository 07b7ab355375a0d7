//! Which messages of a room a user may see. Everything that lets a message out asks here: pages,
//! deltas, live frames, unread counts, single messages, quotes.

use erc_protocol::{MemberState, Seq};

/// The places of a room that a user may see: all from `first` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visibility {
    first: Seq,
}

impl Visibility {
    /// Of somebody with this place in the room; `None` if they see nothing.
    #[must_use]
    pub fn of(state: MemberState, first_visible_seq: Seq) -> Option<Self> {
        (state == MemberState::Joined).then_some(Self {
            first: first_visible_seq.max(Seq(1)),
        })
    }

    /// Whether the message at this place may be seen.
    #[must_use]
    pub fn allows(self, seq: Seq) -> bool {
        seq >= self.first
    }

    /// The oldest place that may be seen.
    #[must_use]
    pub const fn first(self) -> Seq {
        self.first
    }

    /// The place after which messages count as unread: the read mark, but never below what is
    /// visible.
    #[must_use]
    pub fn unread_after(self, read_seq: Seq) -> Seq {
        read_seq.max(self.first.prev())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_in_the_room_sees_nothing() {
        assert_eq!(Visibility::of(MemberState::Left, Seq(1)), None);
        assert_eq!(Visibility::of(MemberState::Removed, Seq(1)), None);
    }

    #[test]
    fn a_member_sees_from_their_first_place_on() {
        let visibility = Visibility::of(MemberState::Joined, Seq(5)).unwrap();
        assert!(!visibility.allows(Seq(4)));
        assert!(visibility.allows(Seq(5)));
        assert_eq!(visibility.unread_after(Seq(0)), Seq(4));
        assert_eq!(visibility.unread_after(Seq(9)), Seq(9));
    }
}
