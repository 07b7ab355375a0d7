//! Who is there and who types, seen from another node.

use erc_protocol::gateway::client::{Hello, RoomRef, SetTyping};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::{Presence, PresenceState, RoomId};
use erc_server::bus::shared::{Fate, Shared};
use serde_json::json;

use super::{TestBus, database, often, on_every_bus, until};
use crate::harness::{Person, Socket};

on_every_bus! {
    typing_and_presence_are_seen_from_another_node,
    somebody_on_two_nodes_is_there_until_both_are_left,
    what_is_said_of_all_devices_holds_on_every_node,
    what_is_chosen_holds_on_every_node_and_a_status_is_told_by_all,
    a_device_that_comes_to_another_node_supersedes_itself,
    who_was_there_before_a_node_came_is_there_for_it_too,
}

async fn look(person: &Person, room: RoomId) -> Socket {
    let mut socket = person.socket().await;
    socket
        .say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    socket.answer(1).await;
    socket
}

/// Waits until it is shown that somebody is so present.
async fn shown(socket: &mut Socket, person: &Person, state: PresenceState) -> Presence {
    loop {
        if let ServerFrame::PresenceUpdate(presence) = socket.frame().await
            && presence.user_id == person.id
            && presence.state == state
        {
            return presence;
        }
    }
}

/// Waits until `asker` is told that somebody is so present.
async fn answered(asker: &Person, person: &Person, state: PresenceState) {
    let deadline = tokio::time::Instant::now() + crate::harness::PATIENCE;
    loop {
        let (_, body) = asker.get(&format!("/chat/presence/{}", person.id)).await;
        if body["state"] == json!(state) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "never {state:?}: {body}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn typing_and_presence_are_seen_from_another_node(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let (ada, ben) = (nodes[0].user("ada").await, nodes[1].user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    let mut looks = look(&ada, room).await;
    let mut socket = ben.socket().await;
    shown(&mut looks, &ben, PresenceState::Online).await;
    answered(&ada, &ben, PresenceState::Online).await;
    // A hint may be lost while a node begins to listen; who types says so again and again.
    loop {
        let typing = SetTyping {
            room_id: room,
            is_typing: true,
        };
        socket.say(ClientFrame::Typing(typing)).await;
        socket.drain().await;
        let frames = looks.drain().await;
        if frames
            .iter()
            .any(|f| matches!(f, ServerFrame::TypingIndicator(t) if t.user_id == ben.id))
        {
            break;
        }
    }
    drop(socket);
    let gone = shown(&mut looks, &ben, PresenceState::Offline).await;
    assert!(gone.last_seen.is_some());
    answered(&ada, &ben, PresenceState::Offline).await;
}

async fn somebody_on_two_nodes_is_there_until_both_are_left(bus: TestBus) {
    let nodes = bus.nodes(3).await;
    let (ada, ben) = (nodes[0].user("ada").await, nodes[1].user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    let mut looks = look(&ada, room).await;
    let one = ben.socket().await;
    let other = ben.at(&nodes[2]).socket().await;
    shown(&mut looks, &ben, PresenceState::Online).await;
    for node in [1, 2] {
        until("both nodes have been heard", || {
            nodes[node].app.hub.presence_of(ben.id) == PresenceState::Online
        })
        .await;
    }
    drop(one);
    until("the node is left", || nodes[1].app.hub.connections() == 0).await;
    answered(&ada, &ben, PresenceState::Online).await;
    drop(other);
    shown(&mut looks, &ben, PresenceState::Offline).await;
}

async fn what_is_said_of_all_devices_holds_on_every_node(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let (ada, ben) = (nodes[0].user("ada").await, nodes[1].user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    let mut looks = look(&ada, room).await;
    let _there = ben.socket().await;
    shown(&mut looks, &ben, PresenceState::Online).await;
    // Asked of the node where he is not connected.
    let body = json!({ "state": "idle" });
    let (status, body) = ben
        .at(&nodes[0])
        .ask(reqwest::Method::PUT, "/chat/presence", Some(body))
        .await;
    assert!(status.is_success(), "{body}");
    assert_eq!(body["state"], "idle");
    shown(&mut looks, &ben, PresenceState::Idle).await;
    until("his own node knows", || {
        nodes[1].app.hub.presence_of(ben.id) == PresenceState::Idle
    })
    .await;
    answered(&ada, &ben, PresenceState::Idle).await;
}

async fn what_is_chosen_holds_on_every_node_and_a_status_is_told_by_all(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let (ada, ben) = (nodes[0].user("ada").await, nodes[1].user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    let mut looks = look(&ada, room).await;
    let _there = ben.socket().await;
    shown(&mut looks, &ben, PresenceState::Online).await;
    // Asked of the node where he is not connected.
    let body =
        json!({ "state": "do_not_disturb", "state_for_s": 60, "status": { "text": "busy" } });
    let (status, body) = ben
        .at(&nodes[0])
        .ask(reqwest::Method::PUT, "/chat/presence", Some(body))
        .await;
    assert!(status.is_success(), "{body}");
    shown(&mut looks, &ben, PresenceState::DoNotDisturb).await;
    until("his own node knows", || {
        nodes[1].app.hub.presence_of(ben.id) == PresenceState::DoNotDisturb
    })
    .await;
    answered(&ada, &ben, PresenceState::DoNotDisturb).await;
    // It is over once, whichever node sees to it.
    for node in &nodes {
        node.pass(std::time::Duration::from_mins(1));
    }
    let (a, b) = tokio::join!(nodes[0].app.run_due(), nodes[1].app.run_due());
    a.and(b).unwrap();
    shown(&mut looks, &ben, PresenceState::Online).await;
    until("his own node knows", || {
        nodes[1].app.hub.presence_of(ben.id) == PresenceState::Online
    })
    .await;
}

async fn a_device_that_comes_to_another_node_supersedes_itself(bus: TestBus) {
    let nodes = bus.nodes(2).await;
    let ada = nodes[0].user("ada").await;
    let hello = || Hello {
        device: Some("laptop".into()),
        ..Hello::default()
    };
    let mut first = ada.silent_socket().await;
    first.say(ClientFrame::Hello(hello())).await;
    first.until(crate::harness::is_done).await;
    for node in &nodes {
        node.pass(std::time::Duration::from_millis(5));
    }
    let mut second = ada.at(&nodes[1]).silent_socket().await;
    second.say(ClientFrame::Hello(hello())).await;
    second.until(crate::harness::is_done).await;
    let (frames, _) = first.until_closed().await;
    assert!(
        matches!(frames.last(), Some(ServerFrame::Bye(bye)) if bye.reason == "superseded"),
        "{frames:?}"
    );
    second.drain().await;
}

async fn who_was_there_before_a_node_came_is_there_for_it_too(bus: TestBus) {
    let first = bus.node(None).await;
    let (ada, ben) = (first.user("ada").await, first.user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    let _there = ben.socket().await;
    let second = bus.node(Some(&first)).await;
    answered(&ada.at(&second), &ben, PresenceState::Online).await;
    assert_eq!(ada.get(&format!("/chat/rooms/{room}")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lost_messages_leave_wrong_is_set_right_and_shown() {
    let shared = Shared::default();
    let bus = TestBus::Memory(shared.clone());
    let nodes = bus.nodes(2).await;
    let (ada, ben) = (nodes[0].user("ada").await, nodes[1].user("ben").await);
    let room = ada.room("general", &[&ben]).await;
    let mut looks = look(&ada, room).await;
    shared.on_each(|_| Fate::Lost);
    let there = ben.socket().await;
    ben.get("/users/me").await;
    shared.calm();
    shown(&mut looks, &ben, PresenceState::Online).await;
    shared.on_each(|_| Fate::Lost);
    drop(there);
    until("he has left", || nodes[1].app.hub.connections() == 0).await;
    shared.calm();
    shown(&mut looks, &ben, PresenceState::Offline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_there_for_ever_on_a_node_that_died() {
    let bus = TestBus::Memory(Shared::default());
    let first = bus.node(None).await;
    let ada = first.user("ada").await;
    let process = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (there, database) = (bus.clone(), database(&first));
    let second = process
        .spawn(async move { there.node_with(Some(database), often()).await })
        .await
        .unwrap();
    let ben = second.user("ben").await;
    let room = ada.room("general", &[&ben]).await;
    let mut looks = look(&ada, room).await;
    let socket = ben.socket().await;
    shown(&mut looks, &ben, PresenceState::Online).await;
    // As kill -9: no task of it does anything more.
    process.shutdown_background();
    shown(&mut looks, &ben, PresenceState::Offline).await;
    answered(&ada, &ben, PresenceState::Offline).await;
    drop((socket, second));
}
