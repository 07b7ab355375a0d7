//! The state machine that turns the server's frames into [`Change`]s and questions. No I/O, no
//! clock; the driver hands it frames in the order of the socket and applies what it returns.
//!
//! Invariants:
//! - A room's cursor moves only over contiguous changes or over a batch; it mirrors the stored
//!   one, which moves in the same transaction as the rows. If a transaction fails, the engine is
//!   thrown away and made anew from the store.
//! - One question a room is outstanding; while it is, that room's live frames are dropped, because
//!   the answer covers them.
//! - No input is fatal. What can't be read moves the cursor all the same.

mod questions;

use std::collections::{HashMap, HashSet};

use erc_protocol::{
    EmojiRev, InstanceId, MemberState, Message, Rev, RoomId, Row, Seq, Timestamp, UserRev,
    emoji::EmojiSync,
    gateway::ServerFrame,
    gateway::client::{Hello, SyncRoom},
    gateway::server::{MemberUpdated, Pong, UnknownFrame, Welcome},
    receipt::Receipts,
    sync::{Cursor, Resume, RoomHead, RoomSync, Sync, UserRoom, UserSync},
};

use super::change::{Change, Moderation};

/// Cursors that a `hello` carries: at most 66 bytes each, in a frame of 64 KiB.
const RESUMED: usize = 900;
/// What the store knows when a connection begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Start {
    pub(crate) instance: Option<InstanceId>,
    pub(crate) user_rev: UserRev,
    pub(crate) emoji_rev: EmojiRev,
    pub(crate) rooms: Vec<(RoomId, MemberState, Cursor)>,
}

/// What a frame led to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Step {
    /// To be applied in one transaction, in this order.
    pub(crate) changes: Vec<Change>,
    /// To be sent after that.
    pub(crate) ask: Vec<SyncRoom>,
    /// Messages of that moment (not of catching up).
    pub(crate) arrived: Vec<Message>,
    /// Catching up after `hello` is complete.
    pub(crate) is_done: bool,
    /// Something was lost that only a new `hello` brings back.
    pub(crate) must_reconnect: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// `hello` is out; frames count for nothing until `welcome`.
    Waiting,
    /// Between `welcome` and the last batch that answers `hello`.
    Syncing,
    Live,
}

#[derive(Debug, Default)]
struct Place {
    cursor: Cursor,
    has_left: bool,
    /// How many ticks the question has been waiting.
    asked: Option<u8>,
    /// Known to be behind: by its newest message's time, newest rooms are filled first.
    behind: Option<Timestamp>,
    is_open: bool,
}

#[derive(Debug)]
pub(crate) struct Engine {
    phase: Phase,
    instance: Option<InstanceId>,
    user_rev: UserRev,
    emoji_rev: EmojiRev,
    rooms: HashMap<RoomId, Place>,
}

impl Engine {
    pub(crate) fn new(start: Start) -> Self {
        let rooms = start.rooms.into_iter().map(|(room, state, cursor)| {
            let has_left = state != MemberState::Joined;
            (
                room,
                Place {
                    cursor,
                    has_left,
                    ..Place::default()
                },
            )
        });
        Self {
            phase: Phase::Waiting,
            instance: start.instance,
            user_rev: start.user_rev,
            emoji_rev: start.emoji_rev,
            rooms: rooms.collect(),
        }
    }

    /// The first frame of a connection.
    pub(crate) fn hello(&mut self, client: String, device: String, open: &[RoomId]) -> Hello {
        for room in open {
            if let Some(place) = self.rooms.get_mut(room) {
                place.is_open = true;
            }
        }
        let mut known: Vec<(RoomId, &Place)> = self
            .rooms
            .iter()
            .filter(|(_, place)| !place.has_left && place.cursor.rev > Rev::ZERO)
            .map(|(room, place)| (*room, place))
            .collect();
        // A frame has a largest size. A room that isn't named is told from its beginning, which
        // costs time and nothing else.
        known.sort_by_key(|(room, place)| (!place.is_open, std::cmp::Reverse(*room)));
        known.truncate(RESUMED);
        let resume = self.instance.map(|instance| Resume {
            instance,
            user_rev: self.user_rev,
            rooms: known
                .iter()
                .map(|(room, place)| (*room, place.cursor))
                .collect(),
            emoji_rev: self.emoji_rev,
        });
        Hello {
            client,
            caps: Vec::new(),
            device: Some(device),
            resume,
            open: open.to_vec(),
        }
    }

    pub(crate) fn receive(&mut self, frame: &ServerFrame) -> Step {
        let mut step = Step::default();
        match (self.phase, frame) {
            (Phase::Waiting, ServerFrame::Welcome(welcome)) => self.welcome(welcome, &mut step),
            (Phase::Waiting, _) => {}
            (_, ServerFrame::Sync(sync)) => self.sync(sync, &mut step),
            (_, ServerFrame::RoomJoined(joined)) => {
                self.head(&joined.head, &mut step);
                if !joined.receipts.is_empty() {
                    step.changes.push(Change::Receipts(Receipts {
                        room_id: joined.room_id,
                        receipts: joined.receipts.clone(),
                    }));
                }
            }
            (_, ServerFrame::Receipts(receipts)) => {
                step.changes.push(Change::Receipts(receipts.clone()));
            }
            (_, ServerFrame::NewMessage(message) | ServerFrame::MessageUpdated(message)) => {
                let is_new = matches!(frame, ServerFrame::NewMessage(_));
                self.message(message, is_new, &mut step);
            }
            (_, ServerFrame::RoomUpdated(room)) => {
                if let Some(after) = self.advance(room.id, room.rev, None, &mut step) {
                    step.changes.push(Change::Room {
                        room: Box::new(room.clone()),
                        after,
                    });
                }
            }
            (_, ServerFrame::MemberUpdated(update)) => self.member(update, &mut step),
            (_, ServerFrame::Void(void)) => {
                if let Some(after) = self.advance(void.room_id, void.rev, None, &mut step) {
                    step.changes.push(Change::Passed {
                        room: void.room_id,
                        after,
                        raw: None,
                    });
                }
            }
            (_, ServerFrame::Unknown(unknown)) => self.unknown(unknown, &mut step),
            (_, ServerFrame::Pong(pong)) => self.pong(pong, &mut step),
            _ => {}
        }
        self.fill(&mut step);
        step
    }

    fn welcome(&mut self, welcome: &Welcome, step: &mut Step) {
        let is_other = self.instance != Some(welcome.instance);
        let has_state = self.instance.is_some() || !self.rooms.is_empty();
        if has_state && (is_other || !welcome.resumed) {
            self.rooms.clear();
            self.user_rev = UserRev::ZERO;
            self.emoji_rev = EmojiRev::ZERO;
            step.changes.push(Change::Reset);
        }
        self.instance = Some(welcome.instance);
        self.phase = Phase::Syncing;
        step.changes.push(Change::Begin {
            instance: welcome.instance,
            user: welcome.user.clone(),
        });
    }

    fn sync(&mut self, sync: &Sync, step: &mut Step) {
        if let Some(user) = &sync.user {
            self.mine(user, step);
        }
        if let Some(emoji) = &sync.emoji {
            self.emoji(emoji, step);
        }
        for batch in &sync.rooms {
            self.batch(batch, step);
        }
        for head in &sync.heads {
            self.head(head, step);
        }
        if sync.done && self.phase == Phase::Syncing {
            self.phase = Phase::Live;
            step.is_done = true;
        }
    }

    fn emoji(&mut self, news: &EmojiSync, step: &mut Step) {
        if news.from > self.emoji_rev {
            step.must_reconnect = true;
            return;
        }
        if news.to <= self.emoji_rev {
            return;
        }
        self.emoji_rev = news.to;
        step.changes.push(Change::Emoji {
            to: news.to,
            emoji: news.emoji.clone(),
            afresh: news.from == EmojiRev::ZERO,
        });
    }

    fn mine(&mut self, user: &UserSync, step: &mut Step) {
        if user.from > self.user_rev {
            step.must_reconnect = true;
            return;
        }
        if user.to < self.user_rev {
            return;
        }
        for row in &user.rooms {
            let Row::Known(mine) = row else { continue };
            let place = self.rooms.entry(mine.room_id).or_default();
            let has_left = mine.state != MemberState::Joined;
            if place.has_left && !has_left {
                // What changed while this user was out was never told: start the room afresh.
                *place = Place {
                    is_open: place.is_open,
                    ..Place::default()
                };
                step.changes.push(Change::Forget(mine.room_id));
            }
            place.has_left = has_left;
            if has_left {
                place.asked = None;
                place.behind = None;
            }
        }
        if user.from == UserRev::ZERO && user.rooms.iter().all(|row| matches!(row, Row::Known(_))) {
            self.leave_unlisted(&user.rooms, step);
        }
        self.user_rev = user.to;
        step.changes.push(Change::Mine {
            to: user.to,
            user: user.user.clone(),
            rooms: user.rooms.clone(),
            scheduled: user.scheduled.clone(),
            blocks: user.blocks.clone(),
            presence: Box::new(user.presence.clone()),
            threads: user.threads.clone(),
            drafts: user.drafts.clone(),
            attention: user.attention.clone(),
            moderation: Box::new(Moderation {
                reports: user.reports.clone(),
                waiting: user.reports_waiting,
                raid_until: user.raid_until,
            }),
            votes: user.votes.clone(),
            afresh: user.from == UserRev::ZERO,
        });
    }

    /// Told from the beginning, a user's rooms are all that they are in.
    fn leave_unlisted(&mut self, listed: &[Row<UserRoom>], step: &mut Step) {
        let listed: HashSet<RoomId> = listed
            .iter()
            .filter_map(|row| match row {
                Row::Known(mine) => Some(mine.room_id),
                Row::Unknown(_) => None,
            })
            .collect();
        for (room, place) in &mut self.rooms {
            if !place.has_left && !listed.contains(room) {
                *place = Place {
                    has_left: true,
                    is_open: place.is_open,
                    ..Place::default()
                };
                step.changes.push(Change::Left(*room));
            }
        }
    }

    fn batch(&mut self, batch: &RoomSync, step: &mut Step) {
        let place = self.rooms.entry(batch.room_id).or_default();
        if place.has_left || batch.to < place.cursor.rev {
            return;
        }
        // A limited batch holds the changes of rows up to the place that the client named with its
        // revision. From an older revision it says nothing about rows that came since.
        let is_short =
            batch.limited && batch.from < place.cursor.rev && batch.to > place.cursor.rev;
        if batch.from > place.cursor.rev || is_short {
            self.ask(batch.room_id, step);
            return;
        }
        let before = place.cursor;
        let after = Cursor {
            rev: batch.to,
            seq: before.seq.max(batch.room.last_seq),
        };
        place.cursor = after;
        if batch.to >= batch.head {
            place.asked = None;
            place.behind = None;
        } else if place.asked.is_some() {
            place.asked = Some(0);
        }
        step.changes.push(Change::Batch {
            batch: Box::new(batch.clone()),
            before,
            after,
        });
    }

    fn head(&mut self, head: &RoomHead, step: &mut Step) {
        let place = self.rooms.entry(head.room.id).or_default();
        if place.has_left {
            return;
        }
        if head.head > place.cursor.rev {
            place.behind = Some(head.room.last_message_at);
        }
        if head.head >= place.cursor.rev {
            step.changes.push(Change::Head(Box::new(head.clone())));
        }
    }

    fn message(&mut self, message: &Message, is_new: bool, step: &mut Step) {
        let room = message.chat_room_id;
        let before = self
            .rooms
            .get(&room)
            .map(|place| place.cursor)
            .unwrap_or_default();
        let seq = is_new.then_some(message.seq);
        let Some(after) = self.advance(room, message.rev, seq, step) else {
            return;
        };
        if is_new && self.phase == Phase::Live {
            step.arrived.push(message.clone());
        }
        step.changes.push(Change::Message {
            message: Box::new(message.clone()),
            before,
            after,
        });
    }

    fn member(&mut self, update: &MemberUpdated, step: &mut Step) {
        if let Some(after) = self.advance(update.room_id, update.rev, None, step) {
            step.changes.push(Change::Member {
                update: Box::new(update.clone()),
                after,
            });
        }
    }

    fn unknown(&mut self, unknown: &UnknownFrame, step: &mut Step) {
        let (Some(room), Some(rev)) = (unknown.room_id, unknown.rev) else {
            return;
        };
        if let Some(after) = self.advance(room, rev, None, step) {
            let raw = Some(Box::new(unknown.clone()));
            step.changes.push(Change::Passed { room, after, raw });
        }
    }

    fn pong(&mut self, pong: &Pong, step: &mut Step) {
        for head in &pong.heads {
            let is_behind = self
                .rooms
                .get(&head.room_id)
                .is_some_and(|place| !place.has_left && head.rev > place.cursor.rev);
            if is_behind {
                self.ask(head.room_id, step);
            }
        }
    }

    /// Moves a room's cursor over one live change. `None`: the frame is not to be applied, being
    /// old, or proof that another one was lost (then the room is asked about).
    fn advance(
        &mut self,
        room: RoomId,
        rev: Rev,
        new_seq: Option<Seq>,
        step: &mut Step,
    ) -> Option<Cursor> {
        let place = self.rooms.entry(room).or_default();
        if place.has_left || rev <= place.cursor.rev || place.asked.is_some() {
            return None;
        }
        // A room that was never caught up begins with a batch, not with a frame.
        if place.cursor.rev == Rev::ZERO || rev > place.cursor.rev.next() {
            self.ask(room, step);
            return None;
        }
        place.cursor.rev = rev;
        if let Some(seq) = new_seq {
            place.cursor.seq = place.cursor.seq.max(seq);
        }
        Some(place.cursor)
    }

    #[cfg(test)]
    pub(crate) fn cursor(&self, room: RoomId) -> Cursor {
        self.rooms
            .get(&room)
            .map(|place| place.cursor)
            .unwrap_or_default()
    }
}
