//! Random schedules against the model.

use std::collections::VecDeque;

use erc_protocol::{MemberState, Message, Rev, RoomId, Row, Seq, gateway::ServerFrame};
use proptest::prelude::*;
use rusqlite::Connection;

use super::model::{ME, Model, OTHER};
use crate::{
    cache::{holes, members, messages, meta, rooms, schema::open_in_memory, threads},
    sync::{
        apply::{self, Paging},
        engine::{Engine, Start, Step},
    },
    unread,
};

const ROOMS: i64 = 3;

#[derive(Debug, Clone)]
enum Act {
    Send {
        room: i64,
        own: bool,
    },
    Change {
        room: i64,
        pick: usize,
        is_delete: bool,
    },
    Reply {
        room: i64,
        own: bool,
        pick: usize,
        also_in_room: bool,
    },
    Follow {
        room: i64,
        pick: usize,
        on: bool,
    },
    ReadThread {
        pick: usize,
        back: i64,
    },
    Rename {
        room: i64,
    },
    Member {
        room: i64,
    },
    Read {
        room: i64,
        back: i64,
    },
    Toggle {
        room: i64,
        sees_all: bool,
    },
    Connect,
    Cut,
    /// The next frame comes, is lost, comes twice, or is overtaken.
    Deliver(Fault),
    Ping,
    /// A page of the newest hole is asked for; it comes with a later `Page`.
    Ask {
        room: i64,
    },
    Page,
    /// An own message's acknowledgement comes.
    Ack,
    Tick,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    None,
    Lost,
    Doubled,
    Overtaken,
}

fn act() -> impl Strategy<Value = Act> {
    let room = 1..=ROOMS;
    let fault = prop_oneof![
        8 => Just(Fault::None),
        1 => Just(Fault::Lost),
        1 => Just(Fault::Doubled),
        1 => Just(Fault::Overtaken),
    ];
    prop_oneof![
        8 => (room.clone(), any::<bool>()).prop_map(|(room, own)| Act::Send { room, own }),
        4 => (room.clone(), any::<usize>(), any::<bool>())
            .prop_map(|(room, pick, is_delete)| Act::Change { room, pick, is_delete }),
        5 => (room.clone(), any::<bool>(), any::<usize>(), any::<bool>())
            .prop_map(|(room, own, pick, also_in_room)| Act::Reply {
                room, own, pick, also_in_room
            }),
        1 => (room.clone(), any::<usize>(), any::<bool>())
            .prop_map(|(room, pick, on)| Act::Follow { room, pick, on }),
        2 => (any::<usize>(), 0..4i64).prop_map(|(pick, back)| Act::ReadThread { pick, back }),
        1 => room.clone().prop_map(|room| Act::Rename { room }),
        1 => room.clone().prop_map(|room| Act::Member { room }),
        2 => (room.clone(), 0..4i64).prop_map(|(room, back)| Act::Read { room, back }),
        1 => (room.clone(), any::<bool>())
            .prop_map(|(room, sees_all)| Act::Toggle { room, sees_all }),
        2 => Just(Act::Connect),
        1 => Just(Act::Cut),
        16 => fault.prop_map(Act::Deliver),
        1 => Just(Act::Ping),
        2 => room.prop_map(|room| Act::Ask { room }),
        2 => Just(Act::Page),
        2 => Just(Act::Ack),
        1 => Just(Act::Tick),
    ]
}

struct Page {
    room: RoomId,
    before: Seq,
    covered: Seq,
    rows: Vec<Row<Message>>,
    has_more: bool,
}

struct World {
    model: Model,
    conn: Connection,
    engine: Option<Engine>,
    wire: VecDeque<ServerFrame>,
    pages: VecDeque<Page>,
    acks: VecDeque<Message>,
}

impl World {
    fn new() -> Self {
        Self {
            model: Model::new(ROOMS),
            conn: open_in_memory(),
            engine: None,
            wire: VecDeque::new(),
            pages: VecDeque::new(),
            acks: VecDeque::new(),
        }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Send { room, own } => {
                let (frame, row) = self.model.send(RoomId(room), if own { ME } else { OTHER });
                if own && frame.is_some() {
                    self.acks.push_back(row);
                }
                self.hear(frame);
            }
            Act::Change {
                room,
                pick,
                is_delete,
            } => {
                let frames = self.model.change(RoomId(room), pick, is_delete);
                self.hear(frames);
            }
            Act::Reply {
                room,
                own,
                pick,
                also_in_room,
            } => {
                let sender = if own { ME } else { OTHER };
                let replied = self.model.reply(RoomId(room), sender, pick, also_in_room);
                let Some((frames, row)) = replied else { return };
                if own && self.model.rooms[&RoomId(room)].place.state == MemberState::Joined {
                    self.acks.push_back(row);
                }
                self.hear(frames);
            }
            Act::Follow { room, pick, on } => {
                let frame = self.model.follow_some(RoomId(room), pick, on);
                self.hear(frame);
            }
            Act::ReadThread { pick, back } => {
                let frame = self.model.read_thread(pick, back);
                self.hear(frame);
            }
            Act::Rename { room } => {
                let frame = self.model.rename(RoomId(room));
                self.hear(frame);
            }
            Act::Member { room } => {
                let frame = self.model.touch_member(RoomId(room));
                self.hear(frame);
            }
            Act::Read { room, back } => {
                let frame = self.model.read(RoomId(room), back);
                self.hear(frame);
            }
            Act::Toggle { room, sees_all } => {
                let frames = self.model.toggle(RoomId(room), sees_all);
                self.hear(frames);
                // What was asked for before is answered by a server that checks membership.
                self.pages.retain(|page| page.room != RoomId(room));
                self.acks.retain(|row| row.chat_room_id != RoomId(room));
            }
            Act::Connect => self.connect(),
            Act::Cut => self.cut(),
            Act::Deliver(fault) => self.deliver(fault),
            Act::Ping => {
                let pong = self.model.pong();
                self.hear([pong]);
            }
            Act::Ask { room } => self.ask(RoomId(room), 2),
            Act::Page => self.page(),
            Act::Ack => {
                if let Some(row) = self.acks.pop_front() {
                    apply::answered(&self.conn, ME, &row).unwrap();
                }
            }
            Act::Tick => {
                if let Some(step) = self.engine.as_mut().map(Engine::tick) {
                    self.carry_out(step);
                }
            }
        }
    }

    /// What the server says goes on the wire, if there is one.
    fn hear(&mut self, frames: impl IntoIterator<Item = ServerFrame>) {
        if self.engine.is_some() {
            self.wire.extend(frames);
        }
    }

    fn connect(&mut self) {
        self.cut();
        let mut engine = Engine::new(Start {
            instance: meta::instance(&self.conn).unwrap(),
            user_rev: meta::user_rev(&self.conn).unwrap(),
            emoji_rev: meta::emoji_rev(&self.conn).unwrap(),
            rooms: rooms::cursors(&self.conn).unwrap(),
        });
        let hello = engine.hello("test".to_owned(), "device".to_owned(), &[]);
        self.engine = Some(engine);
        self.wire.extend(self.model.hello(&hello));
    }

    fn cut(&mut self) {
        self.engine = None;
        self.wire.clear();
    }

    fn deliver(&mut self, fault: Fault) {
        if let Fault::Overtaken = fault
            && self.wire.len() > 1
        {
            self.wire.swap(0, 1);
        }
        let Some(frame) = self.wire.pop_front() else {
            return;
        };
        let times = match fault {
            Fault::Lost => 0,
            Fault::Doubled => 2,
            Fault::None | Fault::Overtaken => 1,
        };
        for _ in 0..times {
            let step = self.engine.as_mut().map(|engine| engine.receive(&frame));
            self.carry_out(step.unwrap_or_default());
        }
    }

    fn carry_out(&mut self, step: Step) {
        let applied = apply::apply(&self.conn, ME, &step.changes).unwrap();
        let mut ask = step.ask;
        for room in applied.in_doubt {
            ask.extend(
                self.engine
                    .as_mut()
                    .map(|engine| engine.doubt(room).ask)
                    .unwrap(),
            );
        }
        if step.must_reconnect {
            self.connect();
            return;
        }
        for question in ask {
            let answer = self.model.batches(question.room_id, question.cursor);
            if answer.is_empty() {
                let step = self.engine.as_mut().unwrap().refused(question.room_id);
                self.carry_out(step);
            }
            self.wire.extend(answer);
        }
    }

    fn ask(&mut self, room: RoomId, count: usize) {
        if self.model.rooms[&room].place.state != MemberState::Joined {
            return;
        }
        let Some(row) = rooms::get(&self.conn, room).unwrap() else {
            return;
        };
        let holes = holes::list(&self.conn, room, Seq(0), Seq(i64::MAX)).unwrap();
        let Some(hole) = holes.last() else { return };
        let before = Seq(*hole.end() + 1);
        let (rows, has_more) = self.model.page(room, before, count);
        self.pages.push_back(Page {
            room,
            before,
            covered: row.cursor.seq,
            rows,
            has_more,
        });
    }

    fn page(&mut self) {
        let Some(page) = self.pages.pop_front() else {
            return;
        };
        let paging = Paging::Before(page.before);
        apply::page(
            &self.conn,
            ME,
            page.room,
            paging,
            page.covered,
            &page.rows,
            page.has_more,
        )
        .unwrap();
    }

    /// What holds at every moment.
    fn check(&self) {
        for (id, room) in &self.model.rooms {
            let Some(held) = rooms::get(&self.conn, *id).unwrap() else {
                continue;
            };
            if held.state != MemberState::Joined || held.cursor.rev == Rev::ZERO {
                continue;
            }
            if let Some(engine) = &self.engine {
                assert_eq!(
                    engine.cursor(*id),
                    held.cursor,
                    "the engine mirrors the store"
                );
            }
            let rows = messages::between(&self.conn, *id, Seq(0), Seq(i64::MAX)).unwrap();
            let missing = holes::list(&self.conn, *id, Seq(0), Seq(i64::MAX)).unwrap();
            // Of what this user may no longer see the server says nothing, until it says so.
            let first = held.first_visible_seq.max(room.place.first);
            for seq in first.0..=held.cursor.seq.0 {
                let is_held = rows.iter().any(|row| row.seq.0 == seq);
                let is_hole = missing.iter().any(|hole| hole.contains(&seq));
                assert!(
                    is_held ^ is_hole,
                    "room {id}: place {seq} is held or in a hole"
                );
            }
            for row in rows.iter().filter(|row| row.seq >= first) {
                // A row that changed again beyond the cursor comes in its newest state.
                let newest = room.revs[&row.seq.0].last().copied().unwrap_or_default();
                let is_current = row.rev >= newest || newest > held.cursor.rev;
                assert!(is_current, "room {id}: place {} is out of date", row.seq);
            }
        }
    }

    /// A clean link, all holes filled: now everything is as on the server.
    fn settle(&mut self) {
        while !self.pages.is_empty() {
            self.page();
        }
        while let Some(row) = self.acks.pop_front() {
            apply::answered(&self.conn, ME, &row).unwrap();
        }
        self.check();
        self.connect();
        while !self.wire.is_empty() {
            self.deliver(Fault::None);
            self.check();
        }
        self.agree_on_counts();
        for id in 1..=ROOMS {
            for _ in 0..200 {
                self.ask(RoomId(id), 3);
                self.page();
            }
        }
        self.check();
        self.agree_on_counts();
        self.agree_on_rows();
    }

    fn agree_on_counts(&self) {
        for (id, room) in &self.model.rooms {
            if room.place.state == MemberState::Joined {
                let count = unread::by_id(&self.conn, ME, *id);
                assert_eq!(count.count, room.unread().count, "room {id}: unread");
                assert!(count.is_exact, "room {id}: the count is certain");
            }
        }
        for (top, thread) in &self.model.threads {
            if self.model.rooms[&thread.room].place.state != MemberState::Joined {
                continue;
            }
            let Some(row) = threads::get(&self.conn, *top).unwrap() else {
                assert!(!thread.following, "thread {top} is not known");
                continue;
            };
            let told = (row.following, row.read_seq);
            assert_eq!(told, (thread.following, thread.read), "thread {top}");
            let room = rooms::get(&self.conn, thread.room).unwrap().unwrap();
            let replies = unread::of_thread(&self.conn, ME, &room, &row).unwrap();
            let expected = self.model.unread_replies(*top).count;
            assert_eq!(replies.count, expected, "thread {top}: unread");
            assert!(replies.is_exact, "thread {top}: the count is certain");
        }
    }

    fn agree_on_rows(&self) {
        for (id, room) in &self.model.rooms {
            let held = rooms::get(&self.conn, *id).unwrap();
            if room.place.state != MemberState::Joined {
                let is_gone = held.is_none_or(|held| held.state != MemberState::Joined);
                assert!(is_gone, "room {id} left the list");
                continue;
            }
            let held = held.unwrap();
            assert_eq!(held.cursor.rev, room.rev, "room {id}: caught up");
            let rows = messages::between(&self.conn, *id, Seq(0), Seq(i64::MAX)).unwrap();
            assert_eq!(
                rows,
                room.visible().cloned().collect::<Vec<_>>(),
                "room {id}: rows"
            );
            let members = members::all(&self.conn, *id);
            let joined = |list: Vec<erc_protocol::Member>| {
                list.into_iter()
                    .filter(|member| member.state == MemberState::Joined)
                    .collect::<Vec<_>>()
            };
            let expected = room.members.values().cloned().collect();
            assert_eq!(joined(members), joined(expected), "room {id}: members");
        }
    }
}

proptest! {
    #[test]
    fn the_cache_equals_the_server_after_any_schedule(
        acts in proptest::collection::vec(act(), 1..120),
    ) {
        let mut world = World::new();
        world.connect();
        for act in &acts {
            world.act(act);
            world.check();
        }
        world.settle();
    }
}
