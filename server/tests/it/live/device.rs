//! A model of a device: what `protocol::sync` and `protocol::gateway` tell a client to do, small
//! and plain. It fails on whatever a server may not send.

use std::collections::{BTreeMap, BTreeSet};

use erc_protocol::gateway::client::Hello;
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::sync::{Cursor, Resume, RoomSync, UserRoom, UserSync};
use erc_protocol::{
    EmojiRev, InstanceId, Member, MemberState, Message, Rev, Room, RoomId, Row, Seq, UserId,
    UserRev,
};

use crate::harness::{PATIENCE, Person, Server, Socket};

/// A device's copy of one room.
#[derive(Debug, Clone, Default)]
struct Copy {
    cursor: Cursor,
    first: Seq,
    rows: BTreeMap<Seq, Message>,
    holes: BTreeSet<Seq>,
    members: BTreeMap<UserId, Member>,
    room: Option<Room>,
}

pub(super) struct Device {
    pub(super) person: Person,
    socket: Option<Socket>,
    instance: Option<InstanceId>,
    user_rev: UserRev,
    rooms: BTreeMap<RoomId, Copy>,
}

impl Device {
    pub(super) fn new(person: Person) -> Self {
        Self {
            person,
            socket: None,
            instance: None,
            user_rev: UserRev::ZERO,
            rooms: BTreeMap::new(),
        }
    }

    /// The link breaks; what was on its way is lost.
    pub(super) fn cut(&mut self) {
        self.socket = None;
    }

    /// The cache is dropped.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.person.clone());
    }

    /// Says hello from its cursors, if it is not connected. Does not wait for the answer.
    pub(super) async fn connect(&mut self) {
        if self.socket.is_some() {
            return;
        }
        let mut socket = self.person.silent_socket().await;
        let cursors = self.rooms.iter().map(|(room, copy)| (*room, copy.cursor));
        let resume = self.instance.map(|instance| Resume {
            instance,
            user_rev: self.user_rev,
            rooms: cursors.collect(),
            emoji_rev: EmojiRev::ZERO,
        });
        let hello = Hello {
            resume,
            ..Hello::default()
        };
        socket.say(ClientFrame::Hello(hello)).await;
        self.socket = Some(socket);
    }

    /// Takes what has come.
    pub(super) async fn read(&mut self) {
        let Some(mut socket) = self.socket.take() else {
            return;
        };
        for frame in socket.drain().await {
            self.apply(frame);
        }
        self.socket = Some(socket);
    }

    /// Takes frames until nothing can be missing. For a time when nothing happens.
    pub(super) async fn settle(&mut self, server: &Server) {
        let mut tx = server.app.db.snapshot().await.unwrap();
        let user = tx.user(self.person.id).await.unwrap().unwrap();
        let rooms = tx.rooms_of(self.person.id).await.unwrap();
        drop(tx);
        let heads: BTreeMap<_, _> = rooms.iter().map(|r| (r.room.id, r.room.rev)).collect();
        let settled = tokio::time::timeout(PATIENCE, async {
            while self.user_rev != user.user_rev || self.heads() != heads {
                let frame = self.socket.as_mut().unwrap().frame().await;
                self.apply(frame);
            }
        });
        let settled = settled.await.is_ok();
        assert!(
            settled,
            "user {} is at {:?} {:?} and waits for {:?} {heads:?}",
            self.person.id,
            self.user_rev,
            self.heads(),
            user.user_rev,
        );
        self.read().await;
        assert_eq!(self.heads(), heads, "and no further");
    }

    fn heads(&self) -> BTreeMap<RoomId, Rev> {
        let heads = self.rooms.iter();
        heads.map(|(room, copy)| (*room, copy.cursor.rev)).collect()
    }

    fn apply(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Welcome(welcome) => {
                if !welcome.resumed {
                    assert!(self.instance.is_none(), "our cursors are of this server");
                }
                self.instance = Some(welcome.instance);
            }
            ServerFrame::Sync(sync) => {
                if let Some(user) = sync.user {
                    self.user(user);
                }
                for batch in sync.rooms {
                    self.copy(batch.room_id).batch(batch);
                }
                assert!(sync.heads.is_empty(), "there are few rooms");
            }
            ServerFrame::NewMessage(message) => {
                let copy = self.copy(message.chat_room_id);
                assert_eq!(message.seq, copy.cursor.seq.next());
                copy.cursor.seq = message.seq;
                copy.message(message);
            }
            ServerFrame::MessageUpdated(message) => {
                let copy = self.copy(message.chat_room_id);
                assert!(message.seq <= copy.cursor.seq, "an update of nothing");
                copy.message(message);
            }
            ServerFrame::RoomUpdated(room) => {
                let copy = self.copy(room.id);
                copy.advance(room.rev);
                copy.room = Some(room);
            }
            ServerFrame::MemberUpdated(update) => {
                let copy = self.copy(update.room_id);
                copy.advance(update.rev);
                copy.member(update.member);
            }
            ServerFrame::Void(void) => self.copy(void.room_id).advance(void.rev),
            other => panic!("unexpected: {other:?}"),
        }
    }

    /// What comes of a room comes while one is in it.
    fn copy(&mut self, room: RoomId) -> &mut Copy {
        let user = self.person.id;
        let copy = self.rooms.get_mut(&room);
        copy.unwrap_or_else(|| panic!("user {user} is not in room {room}"))
    }

    fn user(&mut self, user: UserSync) {
        assert!(user.from <= self.user_rev, "something was left out");
        assert!(user.to >= self.user_rev, "the counter goes back");
        let places: Vec<UserRoom> = user.rooms.into_iter().filter_map(Row::known).collect();
        if user.from == UserRev::ZERO {
            let listed = |room: &RoomId| places.iter().any(|place| place.room_id == *room);
            self.rooms.retain(|room, _| listed(room));
        }
        for place in places {
            if place.state != MemberState::Joined {
                self.rooms.remove(&place.room_id);
                continue;
            }
            let copy = self.rooms.entry(place.room_id).or_default();
            copy.first = place.first_visible_seq;
            copy.rows.retain(|seq, _| *seq >= place.first_visible_seq);
            copy.holes.retain(|seq| *seq >= place.first_visible_seq);
        }
        self.user_rev = user.to;
    }

    /// Fails unless it has what the database has, but for holes.
    pub(super) async fn check(&self, server: &Server) {
        let mut tx = server.app.db.snapshot().await.unwrap();
        for (id, copy) in &self.rooms {
            let room = tx.room(*id).await.unwrap().unwrap();
            let held = copy.room.clone().unwrap();
            assert_eq!((held.name, held.topic), (room.name, room.topic));
            let all = tx
                .messages_after(*id, copy.first, Seq::ZERO, i64::MAX)
                .await
                .unwrap();
            for row in &all {
                match copy.rows.get(&row.seq) {
                    Some(held) => {
                        // The name was right when the row was sent; members say the current one.
                        let sender_name = held.sender_name.clone();
                        let row = Message::from(row.clone());
                        assert_eq!(*held, Message { sender_name, ..row });
                    }
                    None => assert!(copy.holes.contains(&row.seq), "{} is missing", row.seq),
                }
            }
            assert_eq!(
                copy.rows.len() + copy.holes.len(),
                all.len(),
                "and no others"
            );
            let members = tx.joined_members(*id, UserId(0), i64::MAX).await.unwrap();
            let members: Vec<_> = members.into_iter().map(Member::from).collect();
            let held: Vec<_> = copy.members.values().cloned().collect();
            assert_eq!(held, members);
        }
    }

    /// Fails unless both hold the same, but for holes.
    pub(super) fn agrees_with(&self, other: &Self) {
        assert_eq!(self.heads(), other.heads());
        for (room, copy) in &self.rooms {
            let other = &other.rooms[room];
            assert_eq!(copy.cursor, other.cursor);
            assert_eq!(copy.first, other.first);
            for (seq, row) in &copy.rows {
                if let Some(other) = other.rows.get(seq) {
                    assert_eq!((row.rev, &row.content), (other.rev, &other.content));
                }
            }
        }
    }
}

impl Copy {
    /// Live frames cover every change, one after the other.
    fn advance(&mut self, rev: Rev) {
        assert_eq!(rev, self.cursor.rev.next(), "a change was left out");
        self.cursor.rev = rev;
    }

    fn message(&mut self, message: Message) {
        self.advance(message.rev);
        assert!(message.seq >= self.first, "not theirs to see");
        if !self.holes.contains(&message.seq) {
            self.rows.insert(message.seq, message);
        }
    }

    fn member(&mut self, member: Member) {
        if member.state == MemberState::Joined {
            self.members.insert(member.user_id, member);
        } else {
            self.members.remove(&member.user_id);
        }
    }

    fn batch(&mut self, batch: RoomSync) {
        if batch.from == Rev::ZERO && self.cursor.rev > Rev::ZERO {
            // From the beginning: nothing that was held counts.
            *self = Self {
                first: self.first,
                ..Self::default()
            };
        }
        assert_eq!(batch.from, self.cursor.rev, "a batch goes on where one is");
        assert!(batch.from <= batch.to && batch.to <= batch.head);
        let last = batch.room.last_seq;
        for row in batch.messages {
            let row = row.known().unwrap();
            assert!(row.seq >= self.first, "not theirs to see");
            self.holes.remove(&row.seq);
            self.rows.insert(row.seq, row);
        }
        for seq in (self.cursor.seq.next().max(self.first).0..=last.0).map(Seq) {
            // Without `limited`, what is not in this batch comes in a later one.
            if !self.rows.contains_key(&seq) {
                self.holes.insert(seq);
            }
        }
        if batch.to == batch.head && !batch.limited {
            let missing = self.holes.iter().filter(|seq| **seq > self.cursor.seq);
            assert_eq!(missing.count(), 0, "an invisible hole");
        }
        if batch.members_complete {
            self.members.clear();
        }
        for member in batch.members {
            self.member(member.known().unwrap());
        }
        self.room = Some(batch.room);
        self.cursor = Cursor {
            rev: batch.to,
            seq: self.cursor.seq.max(last),
        };
    }
}
