//! A server in memory that keeps the protocol: state, not a log; two counters a room; batches that
//! are cut and limited (with small limits, so that short schedules reach them).

use std::collections::BTreeMap;

use erc_protocol::{
    ClientId, History, InstanceId, Member, MemberState, Message, MessageId, MessageType, Rev, Room,
    RoomId, RoomKind, RoomRole, Row, Seq, ServerRole, SessionId, ThreadSummary, Timestamp, User,
    UserId, UserRev, UserThread,
    gateway::{
        ServerFrame,
        client::Hello,
        server::{Head, MemberUpdated, Pong, Void, Welcome},
    },
    sync::{Cursor, RoomHead, RoomSync, Sync, Unread, UserRoom, UserSync},
    thread::ThreadUnread,
};
use uuid::Uuid;

pub(super) const ME: UserId = UserId(1);
pub(super) const OTHER: UserId = UserId(2);

const CATCH_UP: i64 = 6;
const NEWEST: i64 = 3;
const BATCH: usize = 4;
/// Rooms that `hello` catches up in full.
const BUDGET: usize = 1;

pub(super) struct Place {
    pub(super) state: MemberState,
    pub(super) read: Seq,
    pub(super) first: Seq,
    rev: UserRev,
}

/// A thread as this user sees it.
pub(super) struct ModelThread {
    pub(super) room: RoomId,
    pub(super) following: bool,
    pub(super) read: Seq,
    rev: UserRev,
}

pub(super) struct ModelRoom {
    room: Room,
    pub(super) rev: Rev,
    pub(super) messages: BTreeMap<i64, Message>,
    /// Every revision that a row had, for finding stale ones.
    pub(super) revs: BTreeMap<i64, Vec<Rev>>,
    pub(super) members: BTreeMap<UserId, Member>,
    pub(super) place: Place,
}

pub(super) struct Model {
    pub(super) rooms: BTreeMap<RoomId, ModelRoom>,
    /// By root.
    pub(super) threads: BTreeMap<MessageId, ModelThread>,
    pub(super) instance: InstanceId,
    user_rev: UserRev,
    next_id: i64,
}

#[derive(Clone)]
struct Position {
    rev: Rev,
    seq: Seq,
    skip: Option<(i64, i64)>,
}

impl Model {
    pub(super) fn new(rooms: i64) -> Self {
        let mut model = Self {
            rooms: BTreeMap::new(),
            threads: BTreeMap::new(),
            instance: InstanceId(Uuid::from_u128(7)),
            user_rev: UserRev(0),
            next_id: 1,
        };
        for id in 1..=rooms {
            model.user_rev = model.user_rev.next();
            let mut room = ModelRoom {
                room: Room {
                    id: RoomId(id),
                    rev: Rev(1),
                    name: format!("room {id}"),
                    topic: String::new(),
                    kind: RoomKind::Group,
                    is_private: false,
                    history: History::Shared,
                    created_by: OTHER,
                    created_at: Timestamp(0),
                    member_count: 2,
                    last_seq: Seq(0),
                    last_message_at: Timestamp(id),
                    settings: erc_protocol::RoomSettings::default(),
                },
                rev: Rev(1),
                messages: BTreeMap::new(),
                revs: BTreeMap::new(),
                members: BTreeMap::new(),
                place: Place {
                    state: MemberState::Joined,
                    read: Seq(0),
                    first: Seq(1),
                    rev: model.user_rev,
                },
            };
            for user in [ME, OTHER] {
                room.rev = room.rev.next();
                room.members.insert(user, member(user, room.rev));
            }
            model.rooms.insert(RoomId(id), room);
        }
        model
    }

    pub(super) fn user() -> User {
        User {
            id: ME,
            username: "me".to_owned(),
            display_name: "Me".to_owned(),
            role: ServerRole::Member,
            created_at: Timestamp(0),
        }
    }

    pub(super) fn room(&mut self, id: RoomId) -> &mut ModelRoom {
        self.rooms.get_mut(&id).unwrap()
    }

    /// Commits a message; returns the live frame (if this user hears it) and the row.
    pub(super) fn send(&mut self, id: RoomId, sender: UserId) -> (Option<ServerFrame>, Message) {
        self.put(id, sender, None, false)
    }

    /// Commits a reply in the thread of one of the messages; who writes follows.
    pub(super) fn reply(
        &mut self,
        id: RoomId,
        sender: UserId,
        pick: usize,
        also_in_room: bool,
    ) -> Option<(Vec<ServerFrame>, Message)> {
        let tops: Vec<MessageId> = self.rooms[&id]
            .messages
            .values()
            .filter(|row| row.thread_id.is_none())
            .filter(|row| !row.is_deleted() || row.thread.is_some())
            .map(|row| row.message_id)
            .collect();
        let top = *tops.get(pick.checked_rem(tops.len())?)?;
        let (frame, row) = self.put(id, sender, Some(top), also_in_room);
        let mut frames: Vec<_> = frame.into_iter().collect();
        frames.extend(self.room(id).grow(top));
        if sender == ME {
            frames.extend(self.follow(top, id, true, row.seq.prev()));
        }
        Some((frames, row))
    }

    /// This user follows a thread from a place on, or no longer.
    fn follow(&mut self, top: MessageId, room: RoomId, on: bool, read: Seq) -> Option<ServerFrame> {
        let next = self.user_rev.next();
        let thread = self.threads.entry(top).or_insert(ModelThread {
            room,
            following: false,
            read: Seq(0),
            rev: UserRev(0),
        });
        if thread.following == on {
            return None;
        }
        thread.following = on;
        thread.read = thread.read.max(read);
        thread.rev = next;
        self.user_rev = next;
        Some(self.user_sync(UserRev(next.0 - 1)))
    }

    /// Another device of this user follows a thread, or no longer.
    pub(super) fn follow_some(&mut self, id: RoomId, pick: usize, on: bool) -> Option<ServerFrame> {
        let room = &self.rooms[&id];
        if room.place.state != MemberState::Joined {
            return None;
        }
        let tops: Vec<MessageId> = room
            .visible()
            .filter(|row| row.thread_id.is_none())
            .map(|row| row.message_id)
            .collect();
        let top = *tops.get(pick.checked_rem(tops.len())?)?;
        let read = if on { room.room.last_seq } else { Seq(0) };
        self.follow(top, id, on, read)
    }

    /// Another device of this user reads a thread up to a place.
    pub(super) fn read_thread(&mut self, pick: usize, back: i64) -> Option<ServerFrame> {
        let next = self.user_rev.next();
        let rooms = &self.rooms;
        let mut followed: Vec<&mut ModelThread> = self
            .threads
            .values_mut()
            .filter(|thread| thread.following)
            .filter(|thread| rooms[&thread.room].place.state == MemberState::Joined)
            .collect();
        let thread = pick.checked_rem(followed.len())?;
        let thread = followed.get_mut(thread)?;
        let seq = Seq((rooms[&thread.room].room.last_seq.0 - back).max(0));
        if seq <= thread.read {
            return None;
        }
        thread.read = seq;
        thread.rev = next;
        self.user_rev = next;
        Some(self.user_sync(UserRev(next.0 - 1)))
    }

    /// What is unread in a thread.
    pub(super) fn unread_replies(&self, top: MessageId) -> Unread {
        let thread = &self.threads[&top];
        let room = &self.rooms[&thread.room];
        let after = thread.read.max(room.place.first.prev());
        let counts = thread.following && room.place.state == MemberState::Joined;
        let unread = room.visible().filter(|row| {
            row.thread_id == Some(top)
                && row.seq > after
                && row.sender_id != ME
                && !row.is_deleted()
        });
        let count = if counts { unread.count() } else { 0 };
        Unread {
            count: i64::try_from(count).unwrap(),
            mentions: 0,
            read_seq: thread.read,
            at_seq: room.room.last_seq,
            at_rev: room.rev,
        }
    }

    fn put(
        &mut self,
        id: RoomId,
        sender: UserId,
        thread_id: Option<MessageId>,
        also_in_room: bool,
    ) -> (Option<ServerFrame>, Message) {
        let message_id = self.next_id;
        self.next_id += 1;
        let room = self.room(id);
        room.rev = room.rev.next();
        let seq = room.room.last_seq.next();
        room.room.last_seq = seq;
        room.room.last_message_at = Timestamp(1000 + message_id);
        let message = Message {
            message_id: MessageId(message_id),
            chat_room_id: id,
            sender_id: sender,
            sender_name: "x".to_owned(),
            content: format!("message {message_id}"),
            message_type: MessageType::Text,
            created_at: room.room.last_message_at,
            seq,
            rev: room.rev,
            client_id: ClientId(Uuid::from_u128(u128::try_from(message_id).unwrap())),
            reply_to: None,
            thread_id,
            also_in_room,
            thread: None,
            deleted_rev: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            pinned: None,
            poll: None,
            forwarded: None,
            expiry: None,
            edited_at: None,
            deleted_at: None,
        };
        room.store(message.clone());
        (
            room.heard(ServerFrame::NewMessage(message.clone())),
            message,
        )
    }

    pub(super) fn change(&mut self, id: RoomId, pick: usize, is_delete: bool) -> Vec<ServerFrame> {
        let room = self.room(id);
        let alive: Vec<i64> = room
            .messages
            .values()
            .filter(|row| !row.is_deleted())
            .map(|row| row.seq.0)
            .collect();
        let pick = pick.checked_rem(alive.len());
        let Some(&seq) = pick.and_then(|pick| alive.get(pick)) else {
            return Vec::new();
        };
        room.rev = room.rev.next();
        let mut row = room.messages[&seq].clone();
        row.rev = room.rev;
        if is_delete {
            row.content.clear();
            row.deleted_at = Some(Timestamp(5));
        } else {
            row.content.push('!');
            row.edited_at = Some(Timestamp(5));
        }
        let thread = row.thread_id.filter(|_| is_delete);
        let mut frames: Vec<_> = room.updated(row).into_iter().collect();
        frames.extend(thread.and_then(|top| room.grow(top)));
        frames
    }

    pub(super) fn rename(&mut self, id: RoomId) -> Option<ServerFrame> {
        let room = self.room(id);
        room.rev = room.rev.next();
        room.room.rev = room.rev;
        room.room.name = format!("renamed {}", room.rev);
        let shown = room.room.clone();
        room.heard(ServerFrame::RoomUpdated(shown))
    }

    pub(super) fn touch_member(&mut self, id: RoomId) -> Option<ServerFrame> {
        let room = self.room(id);
        room.rev = room.rev.next();
        let mut member = room.members[&OTHER].clone();
        member.rev = room.rev;
        member.display_name = format!("Other {}", room.rev);
        room.members.insert(OTHER, member.clone());
        let update = MemberUpdated {
            room_id: id,
            rev: room.rev,
            member,
            member_count: 2,
        };
        room.heard(ServerFrame::MemberUpdated(update))
    }

    /// Another device of this user reads up to a place.
    pub(super) fn read(&mut self, id: RoomId, back: i64) -> Option<ServerFrame> {
        let next = self.user_rev.next();
        let room = self.room(id);
        let seq = Seq((room.room.last_seq.0 - back).max(0));
        if room.place.state != MemberState::Joined || seq <= room.place.read {
            return None;
        }
        room.place.read = seq;
        room.place.rev = next;
        self.user_rev = next;
        Some(self.user_sync(UserRev(next.0 - 1)))
    }

    /// This user leaves, or comes back in (seeing all, or only what is new).
    pub(super) fn toggle(&mut self, id: RoomId, sees_all: bool) -> Vec<ServerFrame> {
        let next = self.user_rev.next();
        let room = self.room(id);
        room.rev = room.rev.next();
        let mut member = room.members[&ME].clone();
        let comes = room.place.state != MemberState::Joined;
        room.place.state = if comes {
            MemberState::Joined
        } else {
            MemberState::Left
        };
        if comes {
            room.place.first = if sees_all {
                Seq(1)
            } else {
                room.room.last_seq.next()
            };
        }
        member.state = room.place.state;
        member.rev = room.rev;
        room.members.insert(ME, member);
        room.place.rev = next;
        self.user_rev = next;
        let mut frames = vec![self.user_sync(UserRev(next.0 - 1))];
        if comes {
            frames.extend(self.batches(id, Cursor::default()));
        }
        frames
    }

    fn user_sync(&self, from: UserRev) -> ServerFrame {
        let rooms = self
            .rooms
            .iter()
            .filter(|(_, room)| room.place.rev > from)
            .filter(|(_, room)| from > UserRev(0) || room.place.state == MemberState::Joined)
            .map(|(id, room)| {
                Row::Known(UserRoom {
                    room_id: *id,
                    state: room.place.state,
                    role: RoomRole::Member,
                    read_seq: room.place.read,
                    marked_unread: false,
                    muted_until: None,
                    level: erc_protocol::Level::Usual,
                    hushed_until: None,
                    request: erc_protocol::RequestState::None,
                    first_visible_seq: room.place.first,
                    user_rev: room.place.rev,
                })
            });
        let threads = self
            .threads
            .iter()
            .filter(|(_, thread)| thread.rev > from)
            .filter(|(_, thread)| from > UserRev(0) || thread.following)
            .map(|(top, thread)| {
                Row::Known(UserThread {
                    thread_id: *top,
                    room_id: thread.room,
                    following: thread.following,
                    read_seq: thread.read,
                    unread: self.unread_replies(*top),
                    user_rev: thread.rev,
                })
            });
        let user = UserSync {
            from,
            to: self.user_rev,
            user: Self::user(),
            rooms: rooms.collect(),
            scheduled: Vec::new(),
            blocks: Vec::new(),
            presence: erc_protocol::MyPresence::default(),
            threads: threads.collect(),
            drafts: Vec::new(),
            attention: None,
            reports: Vec::new(),
            reports_waiting: 0,
            raid_until: None,
            votes: Vec::new(),
        };
        ServerFrame::Sync(Sync {
            user: Some(user),
            ..Sync::default()
        })
    }

    /// Everything that answers `hello`.
    pub(super) fn hello(&self, hello: &Hello) -> Vec<ServerFrame> {
        let resume = hello
            .resume
            .as_ref()
            .filter(|resume| resume.instance == self.instance);
        let mut frames = vec![ServerFrame::Welcome(Welcome {
            session_id: SessionId(Uuid::nil()),
            instance: self.instance,
            user: Self::user(),
            server_time: Timestamp(0),
            heartbeat_ms: 25_000,
            resumed: resume.is_some(),
            caps: Vec::new(),
        })];
        let from = resume.map_or(UserRev(0), |resume| resume.user_rev);
        if self.user_rev > from || from == UserRev(0) {
            frames.push(self.user_sync(from));
        }
        let cursor = |id: &RoomId| {
            resume
                .and_then(|resume| resume.rooms.get(id))
                .copied()
                .unwrap_or_default()
        };
        let stale = self.rooms.iter().filter(|(id, room)| {
            room.place.state == MemberState::Joined && cursor(id).rev < room.rev
        });
        for (n, (id, _)) in stale.enumerate() {
            if n < BUDGET {
                frames.extend(self.batches(*id, cursor(id)));
            } else {
                let heads = vec![self.head(*id)];
                frames.push(ServerFrame::Sync(Sync {
                    heads,
                    ..Sync::default()
                }));
            }
        }
        frames.push(ServerFrame::Sync(Sync {
            done: true,
            ..Sync::default()
        }));
        frames
    }

    fn head(&self, id: RoomId) -> RoomHead {
        let room = &self.rooms[&id];
        RoomHead {
            room: room.room.clone(),
            head: room.rev,
            unread: room.unread(),
            preview: room.visible().last().cloned(),
        }
    }

    pub(super) fn pong(&self) -> ServerFrame {
        let joined = self
            .rooms
            .iter()
            .filter(|(_, room)| room.place.state == MemberState::Joined);
        let heads = joined
            .map(|(id, room)| Head {
                room_id: *id,
                rev: room.rev,
            })
            .collect();
        ServerFrame::Pong(Pong {
            server_time: Timestamp(0),
            heads,
        })
    }

    /// The answer to `sync_room`; empty: refused.
    pub(super) fn batches(&self, id: RoomId, cursor: Cursor) -> Vec<ServerFrame> {
        let room = &self.rooms[&id];
        if room.place.state != MemberState::Joined {
            return Vec::new();
        }
        let mut at = Position {
            rev: cursor.rev,
            seq: cursor.seq,
            skip: None,
        };
        let mut frames = Vec::new();
        loop {
            let threads = self.threads_to_tell(id, at.rev);
            let batch = room.batch(id, &mut at, threads);
            let is_last = batch.to == batch.head;
            frames.push(ServerFrame::Sync(Sync {
                rooms: vec![batch],
                ..Sync::default()
            }));
            if is_last {
                return frames;
            }
        }
    }

    /// Of the threads that are followed those that changed, and those with something unread.
    fn threads_to_tell(&self, id: RoomId, from: Rev) -> Vec<ThreadUnread> {
        let room = &self.rooms[&id];
        let tops = room.messages.values().filter(|row| {
            let thread = self.threads.get(&row.message_id);
            let last = row.thread.map(|thread| thread.last_seq);
            thread.is_some_and(|thread| {
                thread.following && (row.rev > from || last.is_some_and(|last| last > thread.read))
            })
        });
        let told = tops.map(|row| ThreadUnread {
            thread_id: row.message_id,
            unread: self.unread_replies(row.message_id),
        });
        told.collect()
    }

    /// A page of history: the newest `count` below a place.
    pub(super) fn page(&self, id: RoomId, before: Seq, count: usize) -> (Vec<Row<Message>>, bool) {
        let rows: Vec<&Message> = self.rooms[&id]
            .visible()
            .filter(|row| row.seq < before)
            .collect();
        let cut = rows.len().saturating_sub(count);
        (
            rows[cut..]
                .iter()
                .map(|row| Row::Known((*row).clone()))
                .collect(),
            cut > 0,
        )
    }
}

impl ModelRoom {
    fn store(&mut self, row: Message) {
        self.revs.entry(row.seq.0).or_default().push(row.rev);
        self.messages.insert(row.seq.0, row);
    }

    /// A row has changed: what this user hears of it.
    fn updated(&mut self, row: Message) -> Option<ServerFrame> {
        self.store(row.clone());
        let frame = if row.seq < self.place.first {
            ServerFrame::Void(Void {
                room_id: self.room.id,
                rev: self.rev,
            })
        } else {
            ServerFrame::MessageUpdated(row)
        };
        self.heard(frame)
    }

    /// A root tells of its replies as they are now.
    fn grow(&mut self, top: MessageId) -> Option<ServerFrame> {
        self.rev = self.rev.next();
        let mut replies = self
            .messages
            .values()
            .filter(|row| row.thread_id == Some(top) && !row.is_deleted());
        let count = i64::try_from(replies.clone().count()).unwrap();
        let thread = replies.next_back().map(|last| ThreadSummary {
            replies: count,
            last_seq: last.seq,
            last_at: last.created_at,
        });
        let row = self.messages.values().find(|row| row.message_id == top);
        let row = row.cloned().unwrap();
        let deleted_rev = row.deleted_rev.unwrap_or(row.rev);
        self.updated(Message {
            rev: self.rev,
            deleted_rev: row.is_deleted().then_some(deleted_rev),
            thread,
            ..row
        })
    }

    fn heard(&self, frame: ServerFrame) -> Option<ServerFrame> {
        (self.place.state == MemberState::Joined).then_some(frame)
    }

    pub(super) fn visible(&self) -> impl Iterator<Item = &Message> {
        self.messages
            .range(self.place.first.0..)
            .map(|(_, row)| row)
    }

    pub(super) fn unread(&self) -> Unread {
        let after = self.place.read.max(self.place.first.prev());
        let unread: Vec<_> = self
            .visible()
            .filter(|row| row.seq > after && row.sender_id != ME && !row.is_deleted())
            .filter(|row| row.is_in_room())
            .collect();
        let mentions = unread.iter().filter(|row| row.mentions.contains(&ME));
        Unread {
            mentions: i64::try_from(mentions.count()).unwrap(),
            count: i64::try_from(unread.len()).unwrap(),
            read_seq: self.place.read,
            at_seq: self.room.last_seq,
            at_rev: self.rev,
        }
    }

    fn batch(&self, id: RoomId, at: &mut Position, threads: Vec<ThreadUnread>) -> RoomSync {
        let last = self.room.last_seq.0;
        let known = at.seq.0.max(self.place.first.0 - 1);
        let skip = if last - known > CATCH_UP {
            Some((known + 1, last - NEWEST))
        } else {
            at.skip
        };
        let is_left_out = |seq: i64| skip.is_some_and(|(lo, hi)| (lo..=hi).contains(&seq));
        let mut rows: Vec<Message> = self
            .visible()
            .filter(|row| row.rev > at.rev && !is_left_out(row.seq.0))
            .cloned()
            .collect();
        rows.sort_by_key(|row| row.rev);
        rows.truncate(BATCH);
        let to = rows
            .last()
            .filter(|_| rows.len() == BATCH)
            .map_or(self.rev, |row| row.rev);
        let members = self.members.values().filter(|member| {
            if at.rev == Rev::ZERO {
                member.state == MemberState::Joined
            } else {
                member.rev > at.rev && member.rev <= to
            }
        });
        let batch = RoomSync {
            room_id: id,
            from: at.rev,
            to,
            head: self.rev,
            limited: skip.is_some(),
            room: self.room.clone(),
            members: members.cloned().map(Row::Known).collect(),
            members_complete: true,
            messages: rows.into_iter().map(Row::Known).collect(),
            unread: self.unread(),
            threads,
        };
        *at = Position {
            rev: to,
            seq: self.room.last_seq,
            skip: skip.filter(|_| to < self.rev),
        };
        batch
    }
}

fn member(user: UserId, rev: Rev) -> Member {
    Member {
        user_id: user,
        username: format!("u{user}"),
        display_name: format!("User {user}"),
        role: RoomRole::Member,
        state: MemberState::Joined,
        rev,
        joined_at: Timestamp(0),
        muted_until: None,
    }
}
