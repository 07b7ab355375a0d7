//! Whatever the bus does delays, and never loses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use erc_protocol::ServerRole;
use erc_protocol::gateway::ServerFrame;
use erc_server::app::Parts;
use erc_server::bus::State;
use erc_server::bus::shared::{Fate as Passage, Shared};
use erc_server::failpoints::{Failpoints, Fault, Point};

use super::{TestBus, database, often, on_every_bus, texts_until, until};
use crate::emoji::emoji_news;
use crate::harness::Server;

on_every_bus! {
    what_was_said_while_the_bus_was_away_comes_when_it_is_back,
}

async fn what_was_said_while_the_bus_was_away_comes_when_it_is_back(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let ada = nodes[0].user("ada").await;
    let ben = nodes[1].user("ben").await;
    let room = ada.room("general", &[&ben]).await;
    let mut socket = ben.socket().await;
    ada.send(room, "one").await;
    texts_until(&mut socket, "one").await;
    bus.cut();
    for node in &nodes {
        until("the node has noticed", || {
            node.app.hub.bus().state() == State::Away
        })
        .await;
    }
    ada.send(room, "two").await;
    let other = ada.room("other", &[&ben]).await;
    ada.send(other, "three").await;
    bus.mend();
    assert_eq!(texts_until(&mut socket, "three").await, ["two", "three"]);
    ada.send(room, "four").await;
    assert_eq!(texts_until(&mut socket, "four").await, ["four"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_last_message_and_a_lost_invitation_are_found_by_the_sweep() {
    let shared = Shared::default();
    let bus = TestBus::Memory(shared.clone());
    let first = bus.node(None).await;
    let second = bus.node_with(Some(database(&first)), often()).await;
    let ada = first.user("ada").await;
    let ben = second.user("ben").await;
    let room = ada.room("general", &[&ben]).await;
    let mut socket = ben.socket().await;
    shared.on_each(|_| Passage::Lost);
    ada.send(room, "nobody tells").await;
    assert_eq!(
        texts_until(&mut socket, "nobody tells").await,
        ["nobody tells"]
    );
    let other = ada.room("other", &[&ben]).await;
    ada.send(other, "here").await;
    assert_eq!(texts_until(&mut socket, "here").await, ["here"]);
    assert!(second.app.hub.bus().counters().healed.get() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emoji_that_nobody_told_is_found_by_the_sweep() {
    let shared = Shared::default();
    let bus = TestBus::Memory(shared.clone());
    let first = bus.node(None).await;
    let second = bus.node_with(Some(database(&first)), often()).await;
    let mo = first.user_with("mo", ServerRole::Moderator).await;
    let ben = second.user("ben").await;
    let mut socket = ben.socket().await;
    let owl = mo.emoji(&first, "owlet", 200).await;
    assert_eq!(emoji_news(&mut socket).await.to, owl.rev);
    shared.on_each(|_| Passage::Lost);
    let parrot = mo.emoji(&first, "polly", 201).await;
    let news = emoji_news(&mut socket).await;
    assert_eq!((news.from, news.to), (owl.rev, parrot.rev));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_on_demand_tells_everything_that_was_committed_before() {
    let shared = Shared::default();
    let nodes = TestBus::Memory(shared.clone()).nodes(2).await;
    let ada = nodes[0].user("ada").await;
    let ben = nodes[1].user("ben").await;
    let room = ada.room("general", &[&ben]).await;
    let mut socket = ben.socket().await;
    shared.on_each(|_| Passage::Lost);
    ada.send(room, "one").await;
    nodes[1].app.sweep().await.unwrap();
    // Even the answer to a ping that was asked after it comes after.
    let frames = socket.drain().await;
    assert!(
        frames
            .iter()
            .any(|frame| matches!(frame, ServerFrame::Sync(sync) if !sync.rooms.is_empty())),
        "{frames:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn doubled_late_and_lost_messages_change_nothing_that_is_seen() {
    let shared = Shared::default();
    let bus = TestBus::Memory(shared.clone());
    let first = bus.node(None).await;
    let second = bus.node_with(Some(database(&first)), often()).await;
    let ada = first.user("ada").await;
    let ben = second.user("ben").await;
    let room = ada.room("general", &[&ben]).await;
    let mut socket = ben.socket().await;
    let mut n = 0_u32;
    shared.on_each(move |_| {
        n += 1;
        match n % 5 {
            0 => Passage::Lost,
            1 => Passage::Twice,
            2 => Passage::Late(2),
            3 => Passage::Late(1),
            _ => Passage::Arrives,
        }
    });
    let mut expected = Vec::new();
    for n in 0..100 {
        let text = format!("message {n}");
        ada.send(room, &text).await;
        expected.push(text);
    }
    assert_eq!(texts_until(&mut socket, "message 99").await, expected);
    shared.calm();
    ada.send(room, "the end").await;
    assert_eq!(texts_until(&mut socket, "the end").await, ["the end"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_alone_finds_what_was_committed_and_not_told() {
    let armed = Arc::new(AtomicBool::new(false));
    let strikes = armed.clone();
    let parts = Parts {
        sweep: often(),
        // Once armed, one commit succeeds and says that it failed.
        failpoints: Failpoints::new(move |point| {
            let now = point == Point::AfterCommit && strikes.swap(false, Ordering::SeqCst);
            now.then_some(Fault::Error)
        }),
        ..Parts::default()
    };
    let server = Server::start_as(|_| {}, parts).await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let mut socket = ada.socket().await;
    armed.store(true, Ordering::SeqCst);
    let path = format!("/chat/rooms/{room}/messages");
    let (status, _) = ada
        .post(&path, serde_json::json!({ "content": "not told" }))
        .await;
    assert!(status.is_server_error(), "{status}");
    assert_eq!(texts_until(&mut socket, "not told").await, ["not told"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_without_an_answer_is_told_at_once_on_every_node() {
    let armed = Arc::new(AtomicBool::new(false));
    let strikes = armed.clone();
    let failpoints = Failpoints::new(move |point| {
        let now = point == Point::AfterCommit && strikes.swap(false, Ordering::SeqCst);
        now.then_some(Fault::Error)
    });
    let bus = TestBus::Memory(Shared::default());
    // Rounds never come: only the doubt itself can tell.
    let first = bus.node_failing(failpoints).await;
    let second = bus.node(Some(&first)).await;
    let ada = first.user("ada").await;
    let ben = second.user("ben").await;
    let room = ada.room("general", &[&ben]).await;
    let (mut here, mut there) = (ada.socket().await, ben.socket().await);
    let path = format!("/chat/rooms/{room}/messages");

    armed.store(true, Ordering::SeqCst);
    let body = serde_json::json!({ "content": "not answered" });
    let (status, _) = ada.post(&path, body).await;
    assert!(status.is_server_error(), "{status}");
    assert_eq!(
        texts_until(&mut here, "not answered").await,
        ["not answered"]
    );
    assert_eq!(
        texts_until(&mut there, "not answered").await,
        ["not answered"]
    );

    // Under the user's own counter: a room that nobody listens to yet.
    armed.store(true, Ordering::SeqCst);
    let body = serde_json::json!({ "name": "new", "member_ids": [ben.id] });
    let (status, _) = ada.post("/chat/rooms", body).await;
    assert!(status.is_server_error(), "{status}");
    let is_there = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::Sync(sync)
            if sync.rooms.iter().any(|batch| batch.room.name == "new"))
    };
    here.until(is_there).await;
    there.until(is_there).await;

    armed.store(true, Ordering::SeqCst);
    let (status, _) = ada.post("/auth/logout", serde_json::json!({})).await;
    assert!(status.is_server_error(), "{status}");
    here.until_closed().await;
}
