//! Whatever is written, in whatever order answers come, are lost, or the program dies: at the end
//! the server has every message once, in the order of writing, with the last text that was given.

mod polls;
mod requests;

use std::{collections::BTreeMap, time::Instant};

use erc_protocol::{
    ClientId, ErrorBody, ErrorCode, MemberState, Message, MessageId, MessageType, Reaction, Rev,
    RoomId, RoomRole, Seq, Timestamp, UserId, UserRev, message::Pinned, sync::UserRoom,
};
use proptest::prelude::*;
use rusqlite::Connection;
use uuid::Uuid;

use super::{
    compose::{self, Answer, Author, Switch},
    lanes::{Lane, Lanes, frame},
    settle,
};
use crate::{
    cache::{
        messages,
        outbox::{self, Entry, Kind, State},
        rooms,
        schema::open_in_memory,
    },
    clock::Clock,
    error::Error,
};

const ME: UserId = UserId(1);

#[derive(Debug, Clone)]
enum Act {
    Send {
        room: i64,
    },
    Edit {
        pick: usize,
    },
    Delete {
        pick: usize,
    },
    /// A reaction or a pin, given or taken back.
    Switch {
        pick: usize,
        is_pin: bool,
        on: bool,
    },
    /// What may go is chosen.
    Choose,
    /// What was chosen goes on the wire.
    Pump,
    /// The server carries out the oldest operation on the wire; its answer may be lost.
    Serve {
        is_answer_lost: bool,
    },
    /// The server says "later".
    Postpone,
    /// The program dies and begins anew.
    Crash,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (1..=2i64).prop_map(|room| Act::Send { room }),
        3 => any::<usize>().prop_map(|pick| Act::Edit { pick }),
        1 => any::<usize>().prop_map(|pick| Act::Delete { pick }),
        3 => (any::<usize>(), any::<bool>(), any::<bool>())
            .prop_map(|(pick, is_pin, on)| Act::Switch { pick, is_pin, on }),
        2 => Just(Act::Choose),
        4 => Just(Act::Pump),
        5 => any::<bool>().prop_map(|is_answer_lost| Act::Serve { is_answer_lost }),
        1 => Just(Act::Postpone),
        1 => Just(Act::Crash),
    ]
}

/// What the user wants of one message.
struct Wish {
    room: RoomId,
    id: ClientId,
    text: String,
    is_deleted: bool,
    is_liked: bool,
    is_pinned: bool,
}

const LIKE: &str = "👍";

#[derive(Default)]
struct Server {
    rows: BTreeMap<(i64, i64), Message>,
    ops: BTreeMap<Uuid, Message>,
    /// What changed a text last, by message.
    text_revs: BTreeMap<i64, Rev>,
    rev: i64,
}

struct World {
    conn: Connection,
    lanes: Lanes,
    chosen: Vec<Entry>,
    wire: Vec<Entry>,
    server: Server,
    wishes: Vec<Wish>,
    next: u128,
    now: Instant,
}

fn conn_with_rooms() -> Connection {
    let conn = open_in_memory();
    for room in 1..=2 {
        let mine = UserRoom {
            room_id: RoomId(room),
            state: MemberState::Joined,
            role: RoomRole::Member,
            read_seq: Seq(0),
            first_visible_seq: Seq(1),
            marked_unread: false,
            muted_until: None,
            level: erc_protocol::Level::Usual,
            hushed_until: None,
            request: erc_protocol::RequestState::None,
            user_rev: UserRev(1),
        };
        rooms::put_mine(&conn, &mine).unwrap();
    }
    conn
}

impl Server {
    /// As the real one: idempotent by operation id, strict about everything else.
    fn carry_out(&mut self, entry: &Entry) -> Message {
        if let Some(done) = self.ops.get(&entry.op_id.0) {
            if entry.kind == Kind::Send {
                assert_eq!(
                    done.content, entry.content,
                    "an id is never used for another text"
                );
            }
            return done.clone();
        }
        self.rev += 1;
        let rev = Rev(self.rev);
        let row = if entry.kind == Kind::Send {
            let seq = 1 + self
                .rows
                .keys()
                .filter(|(room, _)| *room == entry.room.0)
                .count();
            let seq = i64::try_from(seq).unwrap();
            Message {
                message_id: MessageId(entry.room.0 * 10_000 + seq),
                chat_room_id: entry.room,
                sender_id: ME,
                sender_name: String::new(),
                content: entry.content.clone(),
                message_type: MessageType::Text,
                created_at: Timestamp(0),
                seq: Seq(seq),
                rev,
                client_id: entry.op_id,
                reply_to: None,
                thread_id: None,
                also_in_room: false,
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
            }
        } else {
            let id = entry.message_id.unwrap();
            let mut row = self
                .rows
                .values()
                .find(|row| row.message_id == id)
                .unwrap()
                .clone();
            assert!(
                !row.is_deleted() || entry.kind == Kind::Delete,
                "nothing is done to what one deleted"
            );
            if entry.kind == Kind::React {
                row.reactions = entry.is_on.then(liked).into_iter().collect();
            } else if entry.kind == Kind::Pin {
                row.pinned = entry.is_on.then(pinned);
            } else if entry.kind == Kind::Edit {
                let text_rev = self.text_revs.get(&id.0).copied().unwrap_or(Rev::ZERO);
                if let Some(base) = entry.base_rev {
                    assert!(base >= text_rev, "an edit is based on what is there");
                }
                row.content.clone_from(&entry.content);
                self.text_revs.insert(id.0, rev);
                row.edited_at = Some(Timestamp(1));
            } else {
                row.content.clear();
                row.deleted_at = Some(Timestamp(1));
            }
            row.rev = rev;
            row
        };
        self.rows
            .insert((row.chat_room_id.0, row.seq.0), row.clone());
        self.ops.insert(entry.op_id.0, row.clone());
        row
    }
}

impl World {
    fn new() -> Self {
        Self {
            conn: conn_with_rooms(),
            lanes: Lanes::paced(&Clock::system()),
            chosen: Vec::new(),
            wire: Vec::new(),
            server: Server::default(),
            wishes: Vec::new(),
            next: 1,
            now: Instant::now(),
        }
    }

    fn author(&mut self) -> Author {
        self.next += 1;
        Author {
            me: ME,
            now: Timestamp(0),
            op_id: ClientId(Uuid::from_u128(self.next)),
        }
    }

    fn act(&mut self, act: &Act) {
        match *act {
            Act::Send { room } => {
                let author = self.author();
                let text = format!("text {}", self.next);
                compose::send(
                    &self.conn,
                    author,
                    RoomId(room),
                    text.clone(),
                    Answer::default(),
                )
                .unwrap();
                let room = RoomId(room);
                self.wishes.push(Wish {
                    room,
                    id: author.op_id,
                    text,
                    is_deleted: false,
                    is_liked: false,
                    is_pinned: false,
                });
            }
            Act::Edit { pick } => {
                let author = self.author();
                let text = format!("edited {}", self.next);
                if let Some(wish) = pick_alive(&mut self.wishes, pick) {
                    wish.text.clone_from(&text);
                    compose::edit(&self.conn, author, wish.room, wish.id, text).unwrap();
                }
            }
            Act::Delete { pick } => {
                let author = self.author();
                if let Some(wish) = pick_alive(&mut self.wishes, pick) {
                    wish.is_deleted = true;
                    compose::delete(&self.conn, author, wish.room, ME, wish.id).unwrap();
                }
            }
            Act::Switch { pick, is_pin, on } => self.switch(pick, is_pin, on),
            Act::Choose => self.choose(),
            Act::Pump => self.pump(),
            Act::Serve { is_answer_lost } => self.serve(is_answer_lost),
            Act::Postpone => {
                if !self.wire.is_empty() {
                    let entry = self.wire.remove(0);
                    settle::postponed(&self.conn, entry.id).unwrap();
                    self.lanes.postponed(Lane::of(&entry), None, self.now);
                }
            }
            Act::Crash => self.crash(),
        }
    }

    fn switch(&mut self, pick: usize, is_pin: bool, on: bool) {
        let author = self.author();
        let Some(wish) = pick_alive(&mut self.wishes, pick) else {
            return;
        };
        let what = if is_pin {
            Switch::Pin
        } else {
            Switch::Reaction(LIKE.to_owned())
        };
        match compose::switch(&self.conn, author, wish.room, (ME, wish.id), &what, on) {
            Ok(()) if is_pin => wish.is_pinned = on,
            Ok(()) => wish.is_liked = on,
            Err(Error::NotFound) => {} // not sent yet
            Err(error) => panic!("{error}"),
        }
    }

    fn choose(&mut self) {
        self.now += std::time::Duration::from_mins(2);
        let heads = outbox::heads(&self.conn).unwrap();
        self.chosen.extend(self.lanes.choose(heads, self.now));
    }

    fn pump(&mut self) {
        self.choose();
        let chosen = std::mem::take(&mut self.chosen);
        let going = settle::begun(&self.conn, &chosen).unwrap();
        for entry in &chosen {
            if going.iter().all(|other| other.id != entry.id) {
                self.lanes.finished(Lane::of(entry));
            }
        }
        for entry in going {
            assert!(
                frame(&entry).is_some(),
                "nothing goes before what it concerns"
            );
            self.wire.push(entry);
        }
    }

    fn serve(&mut self, is_answer_lost: bool) {
        if self.wire.is_empty() {
            return;
        }
        let entry = self.wire.remove(0);
        let row = self.server.carry_out(&entry);
        if is_answer_lost {
            // The link is gone with it.
            self.crash();
        } else {
            settle::accepted(&self.conn, ME, entry.id, &row).unwrap();
            self.lanes.finished(Lane::of(&entry));
        }
    }

    /// What is not in the store is gone.
    fn crash(&mut self) {
        self.wire.clear();
        self.chosen.clear();
        self.lanes = Lanes::paced(&Clock::system());
        outbox::requeue_sending(&self.conn).unwrap();
    }

    fn settle(&mut self) {
        for _ in 0..1000 {
            self.pump();
            self.serve(false);
        }
        for room in 1..=2 {
            assert!(
                outbox::of_room(&self.conn, RoomId(room))
                    .unwrap()
                    .is_empty()
            );
            let alive: Vec<(ClientId, &str, bool, bool)> = self
                .server
                .rows
                .values()
                .filter(|row| row.chat_room_id == RoomId(room) && !row.is_deleted())
                .map(|row| {
                    let (liked, pinned) = (!row.reactions.is_empty(), row.pinned.is_some());
                    (row.client_id, row.content.as_str(), liked, pinned)
                })
                .collect();
            let wanted: Vec<(ClientId, &str, bool, bool)> = self
                .wishes
                .iter()
                .filter(|wish| wish.room == RoomId(room) && !wish.is_deleted)
                .map(|wish| (wish.id, wish.text.as_str(), wish.is_liked, wish.is_pinned))
                .collect();
            assert_eq!(
                alive, wanted,
                "once each, in the order of writing, as last written and switched"
            );
        }
    }
}

fn liked() -> Reaction {
    Reaction {
        emoji: LIKE.to_owned(),
        count: 1,
        users: vec![ME],
    }
}

fn pinned() -> Pinned {
    Pinned {
        by: ME,
        at: Timestamp(1),
    }
}

fn pick_alive(wishes: &mut [Wish], pick: usize) -> Option<&mut Wish> {
    let mut alive: Vec<&mut Wish> = wishes.iter_mut().filter(|wish| !wish.is_deleted).collect();
    let index = pick.checked_rem(alive.len())?;
    Some(alive.swap_remove(index))
}

proptest! {
    #[test]
    fn the_server_ends_up_with_what_was_written(
        acts in proptest::collection::vec(act(), 1..60),
    ) {
        let mut world = World::new();
        for act in &acts {
            world.act(act);
        }
        world.crash();
        world.settle();
    }
}

fn author(id: u128) -> Author {
    Author {
        me: ME,
        now: Timestamp(0),
        op_id: ClientId(Uuid::from_u128(id)),
    }
}

const ROOM: RoomId = RoomId(1);

fn refuse(conn: &Connection, id: i64, code: ErrorCode) -> Option<Entry> {
    settle::refused(conn, id, &ErrorBody::new(code, "no")).unwrap()
}

fn only(conn: &Connection) -> Entry {
    let mut entries = outbox::of_room(conn, ROOM).unwrap();
    assert_eq!(entries.len(), 1);
    entries.remove(0)
}

#[test]
fn a_refused_message_is_parked_and_those_behind_it_go_on() {
    let conn = conn_with_rooms();
    compose::send(&conn, author(1), ROOM, "one".to_owned(), Answer::default()).unwrap();
    compose::send(&conn, author(2), ROOM, "two".to_owned(), Answer::default()).unwrap();
    let first = outbox::heads(&conn).unwrap().remove(0);
    assert!(refuse(&conn, first.id, ErrorCode::Forbidden).is_some());
    assert_eq!(outbox::heads(&conn).unwrap()[0].content, "two");
    compose::retry(&conn, ROOM, first.op_id).unwrap();
    assert_eq!(
        outbox::heads(&conn).unwrap()[0].content,
        "one",
        "at its old place"
    );
}

#[test]
fn an_edit_of_a_message_that_is_then_refused_becomes_its_text() {
    let conn = conn_with_rooms();
    compose::send(&conn, author(1), ROOM, "tpyo".to_owned(), Answer::default()).unwrap();
    let out = outbox::heads(&conn).unwrap();
    settle::begun(&conn, &out).unwrap();
    compose::edit(&conn, author(2), ROOM, author(1).op_id, "typo".to_owned()).unwrap();
    refuse(&conn, out[0].id, ErrorCode::Forbidden);
    let entry = only(&conn);
    assert_eq!(
        (entry.kind, entry.state, entry.content.as_str()),
        (Kind::Send, State::Parked, "typo")
    );
    let text = compose::discard(&conn, ROOM, author(1).op_id).unwrap();
    assert_eq!(text.as_deref(), Some("typo"));
    assert!(outbox::of_room(&conn, ROOM).unwrap().is_empty());
}

#[test]
fn deleting_what_was_never_sent_sends_nothing() {
    let conn = conn_with_rooms();
    compose::send(&conn, author(1), ROOM, "oops".to_owned(), Answer::default()).unwrap();
    compose::delete(&conn, author(2), ROOM, ME, author(1).op_id).unwrap();
    assert!(outbox::heads(&conn).unwrap().is_empty());
}

#[test]
fn a_deletion_that_comes_too_late_is_done() {
    let conn = conn_with_rooms();
    let row = Server::default().carry_out(&Entry {
        kind: Kind::Send,
        ..{
            compose::send(&conn, author(1), ROOM, "x".to_owned(), Answer::default()).unwrap();
            only(&conn)
        }
    });
    settle::accepted(&conn, ME, only(&conn).id, &row).unwrap();
    compose::delete(&conn, author(2), ROOM, ME, row.client_id).unwrap();
    assert!(refuse(&conn, only(&conn).id, ErrorCode::MessageDeleted).is_none());
    assert!(outbox::of_room(&conn, ROOM).unwrap().is_empty());
}

/// A message that the server has.
fn sent(conn: &Connection, id: u128) -> Message {
    compose::send(conn, author(id), ROOM, "x".to_owned(), Answer::default()).unwrap();
    let entry = only(conn);
    let row = Server::default().carry_out(&entry);
    settle::accepted(conn, ME, entry.id, &row).unwrap();
    row
}

fn switch(conn: &Connection, id: u128, row: &Message, on: bool) {
    let what = Switch::Reaction(LIKE.to_owned());
    let target = (ME, row.client_id);
    compose::switch(conn, author(id), ROOM, target, &what, on).unwrap();
}

#[test]
fn a_reaction_taken_back_before_it_left_sends_nothing() {
    let conn = conn_with_rooms();
    let row = sent(&conn, 1);
    switch(&conn, 2, &row, true);
    switch(&conn, 3, &row, true);
    assert!(only(&conn).is_on, "once");
    switch(&conn, 4, &row, false);
    assert!(outbox::heads(&conn).unwrap().is_empty());
}

#[test]
fn a_refused_reaction_is_told_once_and_leaves_nothing() {
    let conn = conn_with_rooms();
    let row = sent(&conn, 1);
    switch(&conn, 2, &row, true);
    let told = refuse(&conn, only(&conn).id, ErrorCode::LimitReached).unwrap();
    assert_eq!(told.kind, Kind::React);
    assert!(outbox::of_room(&conn, ROOM).unwrap().is_empty());
}

#[test]
fn what_is_forwarded_keeps_its_text_and_is_not_edited_before_it_is_sent() {
    let conn = conn_with_rooms();
    let row = sent(&conn, 1);
    compose::forward(&conn, author(2), RoomId(2), row.message_id, true).unwrap();
    let entries = outbox::of_room(&conn, RoomId(2)).unwrap();
    assert_eq!(
        (
            entries[0].kind,
            entries[0].content.as_str(),
            entries[0].is_on
        ),
        (Kind::Forward, "x", true)
    );
    let edit = compose::edit(&conn, author(3), RoomId(2), author(2).op_id, "y".to_owned());
    assert!(matches!(edit, Err(Error::Invalid(_))));
    let unknown = compose::forward(&conn, author(4), ROOM, MessageId(99), true);
    assert!(matches!(unknown, Err(Error::NotFound)));
}

#[test]
fn what_is_changed_between_choosing_and_sending_goes_as_it_is_then() {
    let conn = conn_with_rooms();
    compose::send(&conn, author(1), ROOM, "old".to_owned(), Answer::default()).unwrap();
    compose::send(
        &conn,
        author(2),
        RoomId(2),
        "gone".to_owned(),
        Answer::default(),
    )
    .unwrap();
    let chosen = outbox::heads(&conn).unwrap();
    compose::edit(&conn, author(3), ROOM, author(1).op_id, "new".to_owned()).unwrap();
    compose::delete(&conn, author(4), RoomId(2), ME, author(2).op_id).unwrap();
    let going = settle::begun(&conn, &chosen).unwrap();
    let going: Vec<_> = going.iter().map(|entry| entry.content.as_str()).collect();
    assert_eq!(going, ["new"]);
    assert_eq!(only(&conn).content, "new");
    assert!(outbox::of_room(&conn, RoomId(2)).unwrap().is_empty());
}

#[test]
fn the_echo_of_a_message_takes_it_out_of_the_outbox() {
    let conn = conn_with_rooms();
    compose::send(&conn, author(1), ROOM, "x".to_owned(), Answer::default()).unwrap();
    let out = outbox::heads(&conn).unwrap();
    settle::begun(&conn, &out).unwrap();
    compose::edit(&conn, author(2), ROOM, author(1).op_id, "y".to_owned()).unwrap();
    let row = Server::default().carry_out(&out[0]);
    messages::put(&conn, &row).unwrap();
    outbox::resolve(&conn, &row).unwrap();
    let edit = only(&conn);
    assert_eq!(
        (edit.kind, edit.message_id, edit.base_rev),
        (Kind::Edit, Some(row.message_id), Some(row.rev))
    );
    // The acknowledgement comes after it and finds nothing to do.
    settle::accepted(&conn, ME, out[0].id, &row).unwrap();
    assert_eq!(only(&conn), edit);
}

#[test]
fn read_marks_that_wait_are_one_and_never_go_back() {
    let conn = conn_with_rooms();
    rooms::raise_last(&conn, ROOM, Seq(50), Timestamp(0)).unwrap();
    assert!(compose::read(&conn, author(1), ROOM, Seq(10)).unwrap());
    assert!(compose::read(&conn, author(2), ROOM, Seq(20)).unwrap());
    assert!(!compose::read(&conn, author(3), ROOM, Seq(15)).unwrap());
    assert_eq!(only(&conn).seq, Some(Seq(20)));
    assert!(compose::read(&conn, author(4), ROOM, Seq(999)).unwrap());
    assert_eq!(
        only(&conn).seq,
        Some(Seq(50)),
        "nobody reads what isn't there"
    );
}

#[test]
fn a_message_to_an_unknown_room_is_refused_at_once() {
    let conn = conn_with_rooms();
    let sent = compose::send(
        &conn,
        author(1),
        RoomId(9),
        "x".to_owned(),
        Answer::default(),
    );
    assert!(matches!(sent, Err(Error::NotFound)));
}
