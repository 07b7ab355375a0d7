//! Receipts, mentions and the flag: told live, exact, never backwards, the same on all devices.

use std::sync::atomic::{AtomicBool, Ordering};

use erc_protocol::gateway::client::{MarkDelivered, MarkRead, RoomRef};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::receipt::{MessageReceipts, Receipts};
use erc_protocol::sync::Unread;
use erc_protocol::{Message, Receipt, RoomId, Seq, UserId, limit};
use futures_util::future::join_all;
use proptest::prelude::*;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Person, Server, Socket, code, request};

fn read(room_id: RoomId, seq: i64) -> ClientFrame {
    let seq = Seq(seq);
    ClientFrame::MarkRead(MarkRead {
        room_id,
        seq,
        unread: None,
    })
}

fn delivered(room: RoomId, seq: i64) -> ClientFrame {
    let rooms = [(room, Seq(seq))].into();
    ClientFrame::MarkDelivered(MarkDelivered { rooms })
}

/// A socket with this room open.
async fn looking(person: &Person, room_id: RoomId) -> Socket {
    let mut socket = person.socket().await;
    socket
        .say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id }))
        .await;
    socket.answer(1).await;
    socket
}

/// The next news of somebody's watermarks.
async fn heard(socket: &mut Socket, of: UserId) -> (i64, i64) {
    loop {
        if let ServerFrame::Receipts(frame) = socket.frame().await
            && let Some(receipt) = frame.receipts.iter().find(|receipt| receipt.user_id == of)
        {
            return (receipt.delivered_seq.0, receipt.read_seq.0);
        }
    }
}

async fn of_message(person: &Person, message: &Message) -> MessageReceipts {
    let path = format!("/chat/messages/{}/receipts", message.message_id);
    let (status, body) = person.get(&path).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_value(body).unwrap()
}

async fn unread(person: &Person, room: RoomId) -> (i64, i64) {
    let (_, body) = person.get(&format!("/chat/rooms/{room}")).await;
    let number = |key: &str| body["unread"][key].as_i64().unwrap();
    (number("count"), number("mentions"))
}

#[tokio::test]
async fn the_sender_sees_each_state_live_and_it_never_goes_back() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut desk = looking(&ada, room).await;
    let mut phone = bo.socket().await;
    for text in ["one", "two", "three"] {
        ada.send(room, text).await;
    }
    phone.say_with_id(Some(7), delivered(room, 2)).await;
    phone.answer(7).await;
    assert_eq!(heard(&mut desk, bo.id).await, (2, 0));
    phone.say_with_id(Some(8), read(room, 3)).await;
    phone.answer(8).await;
    assert_eq!(heard(&mut desk, bo.id).await, (3, 3), "read is delivered");
    // Late, and beyond the end.
    for (id, frame) in [
        (9, delivered(room, 1)),
        (10, read(room, 2)),
        (11, delivered(room, 99)),
    ] {
        phone.say_with_id(Some(id), frame).await;
        phone.answer(id).await;
    }
    let last = ada.send(room, "four").await;
    phone.say_with_id(Some(12), delivered(room, 4)).await;
    phone.answer(12).await;
    assert_eq!(
        heard(&mut desk, bo.id).await,
        (4, 3),
        "nothing in between, nothing back"
    );
    let reached = of_message(&ada, &last).await;
    assert_eq!((reached.of, reached.delivered, reached.read), (1, 1, 0));
}

#[tokio::test]
async fn who_opens_a_room_gets_all_watermarks_with_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    ada.send(room, "one").await;
    let mut phone = bo.socket().await;
    phone.say_with_id(Some(1), delivered(room, 1)).await;
    phone.answer(1).await;
    let mut desk = ada.socket().await;
    desk.say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    let ServerFrame::RoomJoined(joined) = desk.answer(1).await else {
        panic!("not the answer");
    };
    let marks = |receipts: &[Receipt]| -> Vec<_> {
        let marks = receipts.iter();
        marks
            .map(|r| (r.user_id, r.delivered_seq.0, r.read_seq.0))
            .collect()
    };
    assert_eq!(marks(&joined.receipts), [(ada.id, 0, 0), (bo.id, 1, 0)]);
    let (_, body) = bo.get(&format!("/chat/rooms/{room}/receipts")).await;
    let asked: Receipts = serde_json::from_value(body).unwrap();
    assert_eq!(asked.receipts, joined.receipts);
    let stranger = server.user("cy").await;
    let (status, _) = stranger.get(&format!("/chat/rooms/{room}/receipts")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_read_a_message_and_when_is_the_first_advance_past_it() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let room = ada.room("general", &[&bo, &cy]).await;
    let first = ada.send(room, "one").await;
    let second = ada.send(room, "two").await;
    let mark = async |person: &Person, seq: i64| {
        let path = format!("/chat/rooms/{room}/read");
        let (status, _) = person.post(&path, json!({ "seq": seq })).await;
        assert_eq!(status, StatusCode::OK);
    };
    let minute = std::time::Duration::from_mins(1);
    server.pass(minute);
    mark(&cy, 1).await;
    server.pass(minute);
    mark(&bo, 2).await;
    server.pass(minute);
    mark(&cy, 2).await;
    let late = server.user("dee").await;
    let add = format!("/chat/rooms/{room}/members/{}", late.id);
    ada.ask(Method::POST, &add, None).await;

    let at = |message: &Message, minutes: i64| Some(message.created_at.plus_ms(minutes * 60_000));
    let by = |reached: &MessageReceipts| -> Vec<_> {
        reached
            .read_by
            .iter()
            .map(|one| (one.user_id, one.at))
            .collect()
    };
    let reached = of_message(&ada, &first).await;
    assert_eq!(
        by(&reached),
        [(cy.id, at(&first, 1)), (bo.id, at(&first, 2))]
    );
    assert_eq!(
        (reached.of, reached.read),
        (2, 2),
        "who came later was not meant"
    );
    let reached = of_message(&ada, &second).await;
    assert_eq!(
        by(&reached),
        [(bo.id, at(&second, 2)), (cy.id, at(&second, 3))]
    );
    assert_eq!(reached.delivered_to.len(), 2, "read is delivered");
}

/// So many more members, numbered, without a password.
async fn fill(server: &Server, room: RoomId, like: &Person, numbers: std::ops::Range<i64>) {
    let mut tx = server.app.db.begin().await.unwrap();
    let place = tx.place(room, like.id).await.unwrap().unwrap();
    for n in numbers {
        let new = erc_server::store::NewUser {
            username: format!("user{n}"),
            display_name: format!("User {n}"),
            role: erc_protocol::ServerRole::Member,
            password_hash: None,
        };
        let user = tx.insert_user(&new, server.app.clock.now()).await.unwrap();
        let place = erc_server::store::Place {
            user_id: user.id,
            ..place
        };
        tx.put_place(&place).await.unwrap();
    }
    tx.recount_members(room).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_large_room_tells_counts_and_no_names() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let bo = server.user("bo").await;
    fill(&server, room, &ada, 0..limit::RECEIPT_MEMBERS).await;
    ada.ask(
        Method::POST,
        &format!("/chat/rooms/{room}/members/{}", bo.id),
        None,
    )
    .await;
    let message = ada.send(room, "to all").await;
    let mut desk = looking(&ada, room).await;
    let mut phone = bo.socket().await;
    phone.say_with_id(Some(1), delivered(room, 1)).await;
    phone.answer(1).await;
    assert_eq!(of_message(&ada, &message).await.delivered, 0, "not kept");
    phone.say_with_id(Some(2), read(room, 1)).await;
    phone.answer(2).await;
    let reached = of_message(&ada, &message).await;
    assert_eq!((reached.of, reached.read), (limit::RECEIPT_MEMBERS + 1, 1));
    assert!(reached.read_by.is_empty() && reached.delivered_to.is_empty());
    // What would have been told is told before this.
    let said = desk.drain().await;
    assert!(
        !said
            .iter()
            .any(|frame| matches!(frame, ServerFrame::Receipts(_))),
        "{said:?}"
    );
}

#[tokio::test]
async fn read_or_marked_unread_on_one_device_is_so_on_all() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    ada.send(room, "one").await;
    let mut laptop = bo.socket().await;
    let phone = server.sign_in("bo").await;
    let path = format!("/chat/rooms/{room}/read");
    let mut told = async || loop {
        if let ServerFrame::Sync(sync) = laptop.frame().await
            && let Some(user) = sync.user
        {
            let place = user
                .rooms
                .into_iter()
                .find_map(erc_protocol::Row::known)
                .unwrap();
            return (place.read_seq.0, place.marked_unread);
        }
    };
    phone.post(&path, json!({ "seq": 1 })).await;
    assert_eq!(told().await, (1, false));
    phone.post(&path, json!({ "seq": 1, "unread": true })).await;
    assert_eq!(
        told().await,
        (1, true),
        "the flag, and the mark where it was"
    );
    phone.post(&path, json!({ "seq": 1 })).await;
    assert_eq!(told().await, (1, false), "reading clears it");
    assert_eq!(unread(&bo, room).await, (0, 0));
}

#[tokio::test]
async fn mentions_are_counted_for_those_named_who_are_there() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let room = ada.room("general", &[&bo]).await;
    let message = ada
        .send(room, "@bo, @cy and @ada: mail to x@bo, @nobody")
        .await;
    assert_eq!(message.mentions, [bo.id], "members, and not oneself");
    ada.send(room, "nobody").await;
    assert_eq!(unread(&bo, room).await, (2, 1));
    assert_eq!(unread(&ada, room).await, (0, 0));
    // An edit rings nobody; a deletion takes it away.
    let path = format!("/chat/messages/{}", message.message_id);
    let (_, edited) = ada
        .ask(Method::PUT, &path, Some(json!({ "content": "nobody" })))
        .await;
    assert_eq!(edited["mentions"], json!([bo.id]));
    assert_eq!(unread(&bo, room).await, (2, 1));
    let (_, deleted) = ada.ask(Method::DELETE, &path, None).await;
    assert_eq!(deleted["mentions"], serde_json::Value::Null);
    assert_eq!(unread(&bo, room).await, (1, 0));
    drop(cy);
}

#[tokio::test]
async fn all_calls_every_member_and_here_those_who_are_there() {
    let server = Server::start().await;
    let (ada, bo, cy) = (
        server.user("ada").await,
        server.user("bo").await,
        server.user("cy").await,
    );
    let outside = server.user("di").await;
    let room = ada.room("general", &[&bo, &cy]).await;
    let _there = looking(&bo, room).await;
    let _elsewhere = looking(&outside, ada.room("other", &[&outside]).await).await;
    let here = ada.send(room, "lunch, @here?").await;
    assert_eq!(here.mentions, [bo.id], "members who are there");
    // Who comes later was not called, however often it is counted.
    let _late = looking(&cy, room).await;
    assert_eq!(unread(&cy, room).await, (1, 0));
    let all = ada.send(room, "@all and @bo: the party is at nine").await;
    assert_eq!(all.mentions, [bo.id, cy.id], "each once, and not oneself");
    assert_eq!(unread(&bo, room).await, (2, 2));
    assert_eq!(unread(&cy, room).await, (2, 1));
    assert_eq!(unread(&ada, room).await, (0, 0));
    // Who joins later was not called either, and a deletion takes the call away.
    let late = server.user("ed").await;
    let path = format!("/chat/rooms/{room}/members/{}", late.id);
    let (status, body) = ada.ask(Method::POST, &path, None).await;
    assert!(status.is_success(), "{body}");
    assert_eq!(unread(&late, room).await.1, 0);
    let path = format!("/chat/messages/{}", all.message_id);
    ada.ask(Method::DELETE, &path, None).await;
    assert_eq!(unread(&bo, room).await, (1, 1));
    assert_eq!(unread(&cy, room).await, (1, 0));
}

#[tokio::test]
async fn who_may_not_call_everybody_is_told_so_and_nothing_is_sent() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let path = format!("/chat/rooms/{room}/messages");
    for text in ["@all", "are you there, @here?"] {
        let (status, body) = bo
            .ask(Method::POST, &path, Some(json!({ "content": text })))
            .await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
        let why = body["error"]["message"].as_str().unwrap();
        assert!(why.contains("@all and @here"), "{why}");
    }
    assert_eq!(bo.send(room, "hello").await.seq.0, 1);
    // The room may give it to everybody.
    let open = json!({ "permissions": { "mention_all": "member" } });
    let (status, body) = ada
        .ask(Method::PUT, &format!("/chat/rooms/{room}"), Some(open))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(bo.send(room, "@all").await.mentions, [ada.id]);
}

#[tokio::test]
async fn so_many_members_are_called_and_a_larger_room_is_not() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    fill(&server, room, &ada, 1..limit::CALLED_MEMBERS).await;
    let called = ada.send(room, "@all").await.mentions;
    assert_eq!(called.len() as i64, limit::CALLED_MEMBERS - 1);
    let late = limit::CALLED_MEMBERS..limit::CALLED_MEMBERS + 1;
    fill(&server, room, &ada, late).await;
    let path = format!("/chat/rooms/{room}/messages");
    let (status, body) = ada.post(&path, json!({ "content": "@here" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    assert_eq!(ada.send(room, "hello").await.seq.0, 2);
}

#[tokio::test]
async fn nobody_is_called_like_everybody() {
    let server = Server::start().await;
    for name in ["all", "Here"] {
        let wanted = json!({ "username": name, "password": "correct horse battery" });
        let (status, _) = request(
            &server.url,
            Method::POST,
            "/auth/register",
            None,
            Some(wanted),
        )
        .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}

#[tokio::test]
async fn too_many_rooms_in_one_frame_are_refused_and_strange_ones_passed_over() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let foreign = bo
        .room_with(json!({ "name": "theirs", "is_private": true }))
        .await;
    bo.send(foreign, "one").await;
    let mut socket = ada.socket().await;
    let rooms = (0..=limit::DELIVERED_ROOMS)
        .map(|n| (RoomId(n as i64), Seq(1)))
        .collect();
    let frame = ClientFrame::MarkDelivered(MarkDelivered { rooms });
    socket.say_with_id(Some(1), frame).await;
    let ServerFrame::Error(error) = socket.answer(1).await else {
        panic!("too many");
    };
    assert_eq!(error.code, erc_protocol::ErrorCode::ValidationFailed);
    socket.say_with_id(Some(2), delivered(foreign, 1)).await;
    assert!(matches!(socket.answer(2).await, ServerFrame::Ack(_)));
    let (status, body) = ada.get("/chat/messages/1/receipts").await;
    assert_eq!((status, code(&body)), (StatusCode::NOT_FOUND, "not_found"));
}

/// What somebody does in a room of three.
#[derive(Debug, Clone)]
enum Act {
    Send { by: usize, names: [bool; 3] },
    Call { here: bool },
    Delete { nth: usize },
    Edit { nth: usize },
    Read { by: usize, seq: i64 },
    Deliver { by: usize, seq: i64 },
}

fn act() -> impl Strategy<Value = Act> {
    let who = 0..3_usize;
    prop_oneof![
        4 => (who.clone(), any::<[bool; 3]>()).prop_map(|(by, names)| Act::Send { by, names }),
        1 => any::<bool>().prop_map(|here| Act::Call { here }),
        1 => (0..40_usize).prop_map(|nth| Act::Delete { nth }),
        1 => (0..40_usize).prop_map(|nth| Act::Edit { nth }),
        2 => (who.clone(), 0..30_i64).prop_map(|(by, seq)| Act::Read { by, seq }),
        2 => (who, 0..30_i64).prop_map(|(by, seq)| Act::Deliver { by, seq }),
    ]
}

/// A message as brute force counts it.
struct Kept {
    message: Message,
    names: Vec<UserId>,
    is_deleted: bool,
}

async fn counts_equal_brute_force(acts: Vec<Act>) {
    let names = ["ada", "bo", "cy"];
    let server = Server::start().await;
    let mut people = Vec::new();
    for name in names {
        people.push(server.user(name).await);
    }
    let room = people[0].room("general", &[&people[1], &people[2]]).await;
    let mut kept: Vec<Kept> = Vec::new();
    let (mut reads, mut got) = ([0_i64; 3], [0_i64; 3]);
    let mut sockets = Vec::new();
    for person in &people {
        sockets.push(person.plain_socket().await);
    }
    for act in acts {
        match act {
            Act::Send { by, names: wanted } => {
                let others: Vec<_> = (0..3).filter(|n| wanted[*n] && *n != by).collect();
                let mut text = "hello".to_owned();
                for n in (0..3).filter(|n| wanted[*n]) {
                    text.push_str(" @");
                    text.push_str(names[n]);
                }
                let message = people[by].send(room, &text).await;
                let names = others.into_iter().map(|n| people[n].id).collect();
                kept.push(Kept {
                    message,
                    names,
                    is_deleted: false,
                });
            }
            Act::Call { here } => {
                // Everybody has a socket.
                let text = if here { "@here @bo" } else { "@all" };
                let message = people[0].send(room, text).await;
                kept.push(Kept {
                    message,
                    names: vec![people[1].id, people[2].id],
                    is_deleted: false,
                });
            }
            Act::Delete { nth } if nth < kept.len() => {
                let one = &mut kept[nth];
                let path = format!("/chat/messages/{}", one.message.message_id);
                people[0].ask(Method::DELETE, &path, None).await;
                one.is_deleted = true;
            }
            Act::Edit { nth } if nth < kept.len() && !kept[nth].is_deleted => {
                let message = &kept[nth].message;
                let by = people
                    .iter()
                    .find(|person| person.id == message.sender_id)
                    .unwrap();
                let path = format!("/chat/messages/{}", message.message_id);
                let text = json!({ "content": "changed @ada @bo @cy" });
                let (status, _) = by.ask(Method::PUT, &path, Some(text)).await;
                assert_eq!(status, StatusCode::OK);
            }
            Act::Delete { .. } | Act::Edit { .. } => {}
            Act::Read { by, seq } => {
                let path = format!("/chat/rooms/{room}/read");
                people[by].post(&path, json!({ "seq": seq })).await;
                reads[by] = reads[by].max(seq.min(kept.len() as i64));
                got[by] = got[by].max(reads[by]);
            }
            Act::Deliver { by, seq } => {
                sockets[by].say_with_id(Some(9), delivered(room, seq)).await;
                sockets[by].answer(9).await;
                got[by] = got[by].max(seq.min(kept.len() as i64));
            }
        }
    }
    unread_is_counted_so(&people, room, &kept, reads).await;
    reached_is_counted_so(&people, &kept, got, reads).await;
}

async fn unread_is_counted_so(people: &[Person], room: RoomId, kept: &[Kept], reads: [i64; 3]) {
    for (n, person) in people.iter().enumerate() {
        let above = |one: &&Kept| one.message.seq.0 > reads[n] && !one.is_deleted;
        let theirs = |one: &&Kept| one.message.sender_id != person.id;
        let count = kept.iter().filter(above).filter(theirs).count() as i64;
        let mentions = kept.iter().filter(above);
        let mentions = mentions
            .filter(|one| one.names.contains(&person.id))
            .count() as i64;
        assert_eq!(
            unread(person, room).await,
            (count, mentions),
            "{}",
            person.id
        );
    }
}

async fn reached_is_counted_so(people: &[Person], kept: &[Kept], got: [i64; 3], reads: [i64; 3]) {
    for one in kept {
        let reached = of_message(&people[0], &one.message).await;
        let others = (0..3).filter(|n| people[*n].id != one.message.sender_id);
        let count = |marks: &[i64; 3]| {
            others
                .clone()
                .filter(|n| marks[*n] >= one.message.seq.0)
                .count() as i64
        };
        assert_eq!(
            (reached.of, reached.delivered, reached.read),
            (2, count(&got), count(&reads))
        );
        assert_eq!(reached.read_by.len() as i64, reached.read);
        assert!(reached.read_by.iter().all(|one| one.at.is_some()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_of_any_history_equal_brute_force(acts in prop::collection::vec(act(), 1..40)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(counts_equal_brute_force(acts));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_that_a_mark_answers_is_of_the_moment_that_it_names() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("ada").await, server.user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    ben.send(room, "first").await;
    let is_over = AtomicBool::new(false);
    let marking = async {
        let path = format!("/chat/rooms/{room}/read");
        for seq in 1..=150 {
            let (status, body) = ada.post(&path, json!({ "seq": seq })).await;
            assert_eq!(status, StatusCode::OK);
            let unread: Unread = serde_json::from_value(body).unwrap();
            // All of them are Ben's, and none is deleted.
            let above = unread.at_seq.0 - unread.read_seq.0;
            assert_eq!(unread.count, above, "{unread:?}");
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let sending = async {
        while !is_over.load(Ordering::Relaxed) {
            join_all((0..8).map(|_| ben.send(room, "more"))).await;
        }
    };
    tokio::join!(marking, sending);
}

/// On PostgreSQL all of these write side by side.
#[tokio::test(flavor = "multi_thread")]
async fn reading_while_one_comes_and_goes_never_fails() {
    let server = Server::start().await;
    let (ada, ben) = (server.user("ada").await, server.user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    for _ in 0..200 {
        ben.send(room, "to be read").await;
    }
    let path = |tail: &str| format!("/chat/rooms/{room}/{tail}");
    let is_over = AtomicBool::new(false);
    let reading = async {
        join_all([&ada, &ben].map(async |person| {
            for seq in 1..=200 {
                let (status, body) = person.post(&path("read"), json!({ "seq": seq })).await;
                // Ben is out at times.
                assert!(!status.is_server_error(), "{body}");
            }
        }))
        .await;
        is_over.store(true, Ordering::Relaxed);
    };
    let coming_and_going = async {
        while !is_over.load(Ordering::Relaxed) {
            for tail in ["leave", "join"] {
                let (status, body) = ben.post(&path(tail), json!({})).await;
                assert!(status.is_success(), "{body}");
            }
        }
    };
    tokio::join!(reading, coming_and_going);
}
