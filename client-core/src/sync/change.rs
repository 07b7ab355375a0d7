//! What a frame does to the cache.

use erc_protocol::{
    Attention, Block, CustomEmoji, Draft, EmojiRev, InstanceId, Message, MyPresence, Room, RoomId,
    Row, Scheduled, Timestamp, User, UserRev, UserThread,
    gateway::server::{MemberUpdated, UnknownFrame},
    poll::OwnVote,
    receipt::Receipts,
    report::MyReport,
    sync::{Cursor, RoomHead, RoomSync, UserRoom},
};

/// A change of the cache. All changes of one frame are applied in one transaction.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "what is one's own comes once a frame and is not kept"
)]
pub(crate) enum Change {
    /// The cursors are void: drop everything that the server can give again.
    Reset,
    /// The server answered: which database it has, and who is signed in.
    Begin { instance: InstanceId, user: User },
    /// What only this user sees.
    Mine {
        to: UserRev,
        user: User,
        rooms: Vec<Row<UserRoom>>,
        scheduled: Vec<Row<Scheduled>>,
        blocks: Vec<Row<Block>>,
        /// What they decided of their presence.
        presence: Box<MyPresence>,
        threads: Vec<Row<UserThread>>,
        drafts: Vec<Row<Draft>>,
        attention: Option<Row<Attention>>,
        moderation: Box<Moderation>,
        votes: Vec<Row<OwnVote>>,
        /// Told from the beginning: what isn't there is no more.
        afresh: bool,
    },
    /// Custom emoji that came or went.
    Emoji {
        to: EmojiRev,
        emoji: Vec<Row<CustomEmoji>>,
        /// Told from the beginning: what isn't there is no more.
        afresh: bool,
    },
    /// This user is no longer in a room.
    Left(RoomId),
    /// What is held of a room is void.
    Forget(RoomId),
    /// A batch of catching up, from one cursor to another.
    Batch {
        batch: Box<RoomSync>,
        before: Cursor,
        after: Cursor,
    },
    /// How a room stands, without its rows; the cursor stays.
    Head(Box<RoomHead>),
    /// A live row.
    Message {
        message: Box<Message>,
        before: Cursor,
        after: Cursor,
    },
    /// How far members have got.
    Receipts(Receipts),
    /// A room's own fields, live.
    Room { room: Box<Room>, after: Cursor },
    /// A member, live.
    Member {
        update: Box<MemberUpdated>,
        after: Cursor,
    },
    /// A change that shows nothing, or that this build can't read.
    Passed {
        room: RoomId,
        after: Cursor,
        raw: Option<Box<UnknownFrame>>,
    },
}

/// What is told of reports, and of the doors of the server.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Moderation {
    /// What this user reported.
    pub(crate) reports: Vec<Row<MyReport>>,
    /// How many wait that they may look after.
    pub(crate) waiting: i64,
    pub(crate) raid_until: Option<Timestamp>,
}

/// Which views a change concerns.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each told by itself"
)]
pub(crate) struct Touched {
    pub(crate) everything: bool,
    pub(crate) rooms: bool,
    pub(crate) scheduled: bool,
    pub(crate) presence: bool,
    pub(crate) threads: bool,
    pub(crate) attention: bool,
    pub(crate) timelines: std::collections::BTreeSet<RoomId>,
    pub(crate) members: std::collections::BTreeSet<RoomId>,
}

impl Touched {
    /// Adds what this change concerns.
    pub(crate) fn add(&mut self, change: &Change) {
        match change {
            // Any text may hold their names.
            Change::Reset | Change::Emoji { .. } => self.everything = true,
            Change::Mine {
                rooms,
                scheduled,
                blocks,
                threads,
                drafts,
                attention,
                votes,
                afresh,
                ..
            } => {
                let of_thread =
                    |row: &Row<Draft>| matches!(row, Row::Known(row) if row.thread_id.is_some());
                self.threads |= *afresh || !threads.is_empty() || drafts.iter().any(of_thread);
                // A root shows what is unread in its thread.
                self.timelines
                    .extend(threads.iter().filter_map(|row| match row {
                        Row::Known(row) => Some(row.room_id),
                        Row::Unknown(_) => None,
                    }));
                self.rooms = true;
                // Any room may hold what is folded now, or no longer.
                self.everything |= !blocks.is_empty();
                self.presence = true;
                self.timelines
                    .extend(votes.iter().filter_map(|row| match row {
                        Row::Known(vote) => Some(vote.room_id),
                        Row::Unknown(_) => None,
                    }));
                self.scheduled |= *afresh || !scheduled.is_empty();
                self.attention |= *afresh || attention.is_some();
                self.timelines
                    .extend(rooms.iter().filter_map(|row| match row {
                        Row::Known(mine) => Some(mine.room_id),
                        Row::Unknown(_) => None,
                    }));
            }
            Change::Forget(room) | Change::Left(room) => {
                self.rooms = true;
                self.timelines.insert(*room);
                self.members.insert(*room);
            }
            Change::Batch { batch, .. } => {
                self.rooms = true;
                self.threads |= !batch.threads.is_empty();
                if !batch.threads.is_empty() {
                    self.timelines.insert(batch.room_id);
                }
                if !batch.messages.is_empty() || !batch.members.is_empty() {
                    self.timelines.insert(batch.room_id);
                }
                if !batch.members.is_empty() {
                    self.members.insert(batch.room_id);
                }
            }
            Change::Head(head) => {
                self.rooms = true;
                self.timelines.insert(head.room.id);
            }
            Change::Message { message, .. } => {
                self.rooms = true;
                self.threads |= message.thread_id.is_some() || message.thread.is_some();
                self.timelines.insert(message.chat_room_id);
            }
            Change::Receipts(receipts) => {
                self.timelines.insert(receipts.room_id);
            }
            Change::Room { .. } => self.rooms = true,
            Change::Member { update, .. } => {
                self.rooms = true;
                self.members.insert(update.room_id);
                self.timelines.insert(update.room_id);
            }
            Change::Begin { .. } | Change::Passed { .. } => {}
        }
    }
}
