//! A model of a client's copy of one room: small, slow and plain. It keeps the rules of
//! `protocol::sync` for a client, and at the end it must equal what the database says.

use std::collections::{BTreeMap, BTreeSet};

use erc_protocol::sync::{Cursor, RoomSync, Unread};
use erc_protocol::{Member, MemberState, Message, Rev, Room, RoomId, Seq, UserId, limit};
use erc_server::app::App;
use erc_server::ops::catch_up::{self, Position};

use super::world::{ALL, World, unless_refused};

#[derive(Debug, Clone, Default)]
pub(super) struct Replica {
    cursor: Cursor,
    rows: BTreeMap<Seq, Message>,
    members: BTreeMap<UserId, Member>,
    room: Option<Room>,
    unread: Unread,
    /// Places that are known to exist and are not held.
    pub(super) holes: BTreeSet<Seq>,
    /// Places that some limited batch was allowed to leave out.
    left_out: BTreeSet<Seq>,
    /// Batches taken, ever.
    pub(super) batches: usize,
    /// Of them, limited ones.
    pub(super) limited: usize,
}

/// How a client goes on after a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// On the same connection: the server remembers what it left out.
    Kept,
    /// On a new one: all that the server knows is the cursor.
    Cut,
}

impl Replica {
    /// Takes batches until nothing is left. `false` if the user is not in the room: all is
    /// forgotten.
    pub(super) async fn catch_up(
        &mut self,
        app: &App,
        user: UserId,
        room: RoomId,
        link: Link,
    ) -> bool {
        let mut position = self.position();
        loop {
            let Some((next, is_done)) = self.take(app, user, room, &position).await else {
                return false;
            };
            if is_done {
                return true;
            }
            position = match link {
                Link::Kept => next,
                Link::Cut => self.position(),
            };
        }
    }

    /// Where a new connection begins.
    pub(super) fn position(&self) -> Position {
        Position::from(self.cursor)
    }

    /// Takes one batch: the server's position after it, and whether it was the last. None if there
    /// is nothing for this user.
    pub(super) async fn take(
        &mut self,
        app: &App,
        user: UserId,
        room: RoomId,
        position: &Position,
    ) -> Option<(Position, bool)> {
        let answer = catch_up::room(app, user, room, position).await;
        let Some((batch, next, visible)) = unless_refused(answer) else {
            *self = Self::default();
            return None;
        };
        let is_done = batch.to == batch.head;
        self.apply(batch, visible.first());
        assert_eq!(next.rev, self.cursor.rev);
        Some((next, is_done))
    }

    fn apply(&mut self, batch: RoomSync, first: Seq) {
        assert_eq!(batch.from, self.cursor.rev, "a batch continues the cursor");
        assert!(batch.from <= batch.to && batch.to <= batch.head);
        self.batches += 1;
        self.rows.retain(|seq, _| *seq >= first);
        self.holes.retain(|seq| *seq >= first);
        let last = batch.room.last_seq;
        if batch.limited {
            self.limited += 1;
            let oldest_sent = last.0 - limit::CATCH_UP_NEWEST;
            self.left_out
                .extend((self.cursor.seq.0 + 1..=oldest_sent).map(Seq));
        }
        let mut before = batch.from;
        for row in batch.messages {
            let row = row.known().unwrap();
            assert!(row.seq >= first, "{} is not theirs to see", row.seq);
            assert!(
                before < row.rev && row.rev <= batch.to,
                "rows come by revision"
            );
            before = row.rev;
            self.holes.remove(&row.seq);
            let held = self.rows.get(&row.seq).map_or(Rev::ZERO, |held| held.rev);
            if row.rev > held {
                self.rows.insert(row.seq, row);
            }
        }
        let new = self.cursor.seq.next().max(first).0..=last.0;
        let missing = new.map(Seq).filter(|seq| !self.rows.contains_key(seq));
        self.holes.extend(missing);
        if batch.members_complete {
            self.members.clear();
        }
        for member in batch.members {
            let member = member.known().unwrap();
            self.members.insert(member.user_id, member);
        }
        self.room = Some(batch.room);
        self.unread = batch.unread;
        self.cursor = Cursor {
            rev: batch.to,
            seq: self.cursor.seq.max(last),
        };
    }

    /// Places that are held.
    pub(super) fn places(&self) -> Vec<Seq> {
        self.rows.keys().copied().collect()
    }

    /// Takes a page of history into holes; what is held already may be newer.
    pub(super) fn fill(&mut self, page: Vec<Message>) {
        for row in page {
            if self.holes.remove(&row.seq) {
                self.rows.insert(row.seq, row);
            }
        }
    }

    /// Fails unless this is what the database says, but for holes that limited batches left.
    /// For a replica that has just caught up, while nothing happens.
    pub(super) async fn check(&self, world: &World, user: UserId, room: RoomId) {
        let truth = world.rows(room).await;
        let mut tx = world.app.db.snapshot().await.unwrap();
        let row = tx.room(room).await.unwrap().unwrap();
        assert_eq!(self.cursor.rev, row.rev);
        assert_eq!(self.room, Some(row.public()));

        let place = tx.place(room, user).await.unwrap().unwrap();
        let visible: Vec<_> = truth
            .iter()
            .filter(|message| message.seq >= place.first_visible_seq)
            .collect();
        let unread = visible
            .iter()
            .filter(|m| m.seq > place.read_seq && m.deleted_at.is_none() && m.sender_id != user)
            .count();
        assert_eq!(usize::try_from(self.unread.count).unwrap(), unread);

        for message in &visible {
            let seq = message.seq;
            if let Some(held) = self.rows.get(&seq) {
                let expected = Message {
                    // The name was right when the row was sent; members say the current one.
                    sender_name: held.sender_name.clone(),
                    ..Message::from((*message).clone())
                };
                assert_eq!(*held, expected);
            } else {
                assert!(self.holes.contains(&seq), "{seq} is missing and no hole");
                assert!(self.left_out.contains(&seq), "nobody left out {seq}");
            }
        }
        assert_eq!(
            self.rows.len() + self.holes.len(),
            visible.len(),
            "and no others"
        );

        let members = tx.joined_members(room, UserId(0), ALL).await.unwrap();
        let expected: Vec<_> = members.into_iter().map(Member::from).collect();
        let joined = |member: &&Member| member.state == MemberState::Joined;
        let held: Vec<_> = self.members.values().filter(joined).cloned().collect();
        assert_eq!(held, expected);
    }
}
