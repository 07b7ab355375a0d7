//! Several connections: who types, who is there, which device goes on.

use std::time::Duration;

use erc_protocol::gateway::client::{Hello, MarkRead, RoomRef, SetPresence, SetTyping};
use erc_protocol::gateway::{ClientFrame, ServerFrame, server::RoomJoined};
use erc_protocol::presence::{PresenceChoice, UserStatus};
use erc_protocol::{MyPresence, Presence, PresenceState, RoomId, Seq, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use erc_server::app::Parts;

use crate::harness::{Person, Server, Socket, code, is_done};

#[tokio::test]
async fn typing_and_presence_reach_those_who_look_at_the_room() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut looks = ada.socket().await;
    looks
        .say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    let ServerFrame::RoomJoined(joined) = looks.answer(1).await else {
        panic!()
    };
    assert_eq!(
        joined.presence.len(),
        1,
        "only ada is there: {:?}",
        joined.presence
    );
    let mut socket = bo.plain_socket().await;
    let online = looks
        .until(|f| matches!(f, ServerFrame::PresenceUpdate(_)))
        .await;
    let Some(ServerFrame::PresenceUpdate(presence)) = online.last() else {
        panic!()
    };
    assert_eq!((presence.user_id, presence.is_online), (bo.id, true));
    socket
        .say(ClientFrame::Typing(SetTyping {
            room_id: room,
            is_typing: true,
        }))
        .await;
    let typing = looks
        .until(|f| matches!(f, ServerFrame::TypingIndicator(_)))
        .await;
    let Some(ServerFrame::TypingIndicator(typing)) = typing.last() else {
        panic!()
    };
    assert_eq!(
        (typing.user_id, typing.room_id, typing.is_typing),
        (bo.id, room, true)
    );
    socket.close().await;
    let offline = looks
        .until(|f| matches!(f, ServerFrame::PresenceUpdate(_)))
        .await;
    let Some(ServerFrame::PresenceUpdate(presence)) = offline.last() else {
        panic!()
    };
    assert_eq!(presence.state, PresenceState::Offline);
    assert!(presence.last_seen.is_some());
    looks
        .say_with_id(Some(2), ClientFrame::LeaveRoom(RoomRef { room_id: room }))
        .await;
    looks.answer(2).await;
    let mut socket = bo.plain_socket().await;
    socket
        .say_with_id(
            Some(1),
            ClientFrame::Typing(SetTyping {
                room_id: room,
                is_typing: true,
            }),
        )
        .await;
    socket.answer(1).await;
    assert_eq!(looks.drain().await, vec![]);
}

#[tokio::test]
async fn nobody_types_in_a_room_they_are_not_in() {
    let server = Server::start().await;
    let (ada, eve) = (server.user("ada").await, server.user("eve").await);
    let room = ada.room("general", &[]).await;
    let mut socket = eve.plain_socket().await;
    let typing = ClientFrame::Typing(SetTyping {
        room_id: room,
        is_typing: true,
    });
    socket.say_with_id(Some(1), typing).await;
    assert!(matches!(socket.answer(1).await, ServerFrame::Error(_)));
}

#[tokio::test]
async fn a_read_mark_reaches_the_users_other_devices() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    ada.send(room, "one").await;
    let mut phone = server.sign_in("bo").await.socket().await;
    let mut laptop = bo.socket().await;
    laptop
        .say_with_id(
            Some(1),
            ClientFrame::MarkRead(MarkRead {
                unread: None,
                room_id: room,
                seq: Seq(1),
            }),
        )
        .await;
    let ServerFrame::Ack(unread) = laptop.answer(1).await else {
        panic!()
    };
    assert_eq!(unread["count"], 0);
    let frames = phone
        .until(|frame| matches!(frame, ServerFrame::Sync(sync) if sync.user.is_some()))
        .await;
    let Some(ServerFrame::Sync(sync)) = frames.last() else {
        panic!()
    };
    let row = sync
        .user
        .clone()
        .unwrap()
        .rooms
        .pop()
        .unwrap()
        .known()
        .unwrap();
    assert_eq!((row.room_id, row.read_seq), (room, Seq(1)));
}

#[tokio::test]
async fn the_same_device_closes_its_older_socket() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let hello = || {
        ClientFrame::Hello(Hello {
            device: Some("laptop".into()),
            ..Hello::default()
        })
    };
    let mut first = ada.silent_socket().await;
    first.say(hello()).await;
    first.until(is_done).await;
    let mut second = ada.silent_socket().await;
    second.say(hello()).await;
    second.until(is_done).await;
    let (frames, _) = first.until_closed().await;
    assert!(
        matches!(frames.last(), Some(ServerFrame::Bye(bye)) if bye.reason == "superseded" && !bye.reconnect)
    );
    assert_eq!(second.drain().await, vec![]);
}

#[tokio::test]
async fn a_stopping_server_says_bye_and_when_to_come_back() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut socket = ada.socket().await;
    server.app.lifecycle.drain();
    let (frames, _) = socket.until_closed().await;
    assert!(
        matches!(frames.last(), Some(ServerFrame::Bye(bye)) if bye.reconnect && bye.delay_ms > 0)
    );
}

#[tokio::test]
async fn nobody_is_told_of_a_link_that_breaks_and_comes_back() {
    let parts = Parts {
        linger: Duration::from_mins(10),
        ..Parts::default()
    };
    let server = Server::start_as(|_| {}, parts).await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut socket = bo.socket().await;
    let mut looks = ada.socket().await;
    looks
        .say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    looks.answer(1).await;
    for _ in 0..3 {
        drop(socket);
        server.connections(1).await;
        assert!(server.app.hub.presence_of(bo.id) == PresenceState::Online);
        socket = bo.socket().await;
        assert_eq!(looks.drain().await, vec![]);
    }
    socket.close().await;
    let offline = looks
        .until(|f| matches!(f, ServerFrame::PresenceUpdate(_)))
        .await;
    assert!(
        matches!(&offline[..], [ServerFrame::PresenceUpdate(p)] if p.state == PresenceState::Offline),
        "who says goodbye is gone at once: {offline:?}"
    );
}

#[tokio::test]
async fn a_link_that_breaks_for_good_is_told_with_the_time_it_broke() {
    let parts = Parts {
        linger: Duration::ZERO,
        ..Parts::default()
    };
    let server = Server::start_as(|_| {}, parts).await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let socket = bo.socket().await;
    let mut looks = ada.socket().await;
    looks
        .say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    looks.answer(1).await;
    let broke = server.app.clock.now();
    drop(socket);
    server.connections(1).await;
    let frames = looks
        .until(|f| matches!(f, ServerFrame::PresenceUpdate(_)))
        .await;
    let Some(ServerFrame::PresenceUpdate(presence)) = frames.last() else {
        panic!()
    };
    assert_eq!(
        (presence.state, presence.last_seen),
        (PresenceState::Offline, Some(broke))
    );
    let (_, kept) = ada.get(&format!("/chat/presence/{}", bo.id)).await;
    assert_eq!(kept["last_seen"], serde_json::json!(broke));
}

impl Person {
    async fn set_presence(&self, body: Value) -> Value {
        let (status, set) = self.ask(Method::PUT, "/chat/presence", Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{set}");
        set
    }

    async fn sees(&self, other: &Self) -> Value {
        let (status, presence) = self.get(&format!("/chat/presence/{}", other.id)).await;
        assert_eq!(status, StatusCode::OK, "{presence}");
        presence
    }
}

/// Somebody who looks at a room.
async fn looking(person: &Person, room: RoomId) -> (Socket, RoomJoined) {
    let mut socket = person.socket().await;
    socket
        .say_with_id(Some(1), ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    match socket.answer(1).await {
        ServerFrame::RoomJoined(joined) => (socket, joined),
        other => panic!("{other:?}"),
    }
}

async fn shown(socket: &mut Socket) -> Presence {
    let is_told = |frame: &ServerFrame| matches!(frame, ServerFrame::PresenceUpdate(_));
    match socket.until(is_told).await.pop() {
        Some(ServerFrame::PresenceUpdate(presence)) => presence,
        other => panic!("{other:?}"),
    }
}

async fn said(socket: &mut Socket) -> UserStatus {
    let is_told = |frame: &ServerFrame| matches!(frame, ServerFrame::UserUpdated(_));
    match socket.until(is_told).await.pop() {
        Some(ServerFrame::UserUpdated(said)) => said,
        other => panic!("{other:?}"),
    }
}

/// What the user's own device is told of what they decided.
async fn decided(socket: &mut Socket) -> MyPresence {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(user) = sync.user
        {
            return user.presence;
        }
    }
}

#[tokio::test]
async fn do_not_disturb_holds_for_all_devices_whatever_these_say_until_it_is_over() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let (mut looks, _) = looking(&ada, room).await;
    let mut phone = server.sign_in("bo").await.socket().await;
    assert_eq!(shown(&mut looks).await.state, PresenceState::Online);
    let set = bo
        .set_presence(json!({ "state": "do_not_disturb", "state_for_s": 60 }))
        .await;
    assert_eq!(
        (&set["state"], &set["is_online"]),
        (&json!("do_not_disturb"), &json!(true))
    );
    assert_eq!(shown(&mut looks).await.state, PresenceState::DoNotDisturb);
    assert_eq!(
        decided(&mut phone).await.choice,
        PresenceChoice::DoNotDisturb
    );
    // A device that comes, and one that says it is idle, change nothing.
    let mut laptop = bo.socket().await;
    for socket in [&mut phone, &mut laptop] {
        let idle = SetPresence {
            state: PresenceState::Idle,
        };
        socket
            .say_with_id(Some(7), ClientFrame::SetPresence(idle))
            .await;
        socket.answer(7).await;
    }
    assert_eq!(ada.sees(&bo).await["state"], "do_not_disturb");

    server.pass(Duration::from_mins(1));
    server.app.run_due().await.unwrap();
    assert_eq!(decided(&mut phone).await, MyPresence::default());
    assert_eq!(ada.sees(&bo).await["state"], "idle");
    loop {
        if shown(&mut looks).await.state == PresenceState::Idle {
            break;
        }
    }
}

#[tokio::test]
async fn who_is_invisible_looks_offline_and_was_last_there_before() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let (mut looks, _) = looking(&ada, room).await;
    bo.socket().await.close().await;
    assert_eq!(shown(&mut looks).await.state, PresenceState::Online);
    let before = shown(&mut looks).await.last_seen;
    assert!(before.is_some());
    server.pass(Duration::from_mins(10));
    let set = bo.set_presence(json!({ "state": "offline" })).await;
    assert_eq!(set["mine"]["choice"], "invisible");
    let device = bo.socket().await;
    bo.send(room, "I am here all the same").await;
    assert_eq!(ada.sees(&bo).await["state"], "offline");
    device.close().await;
    let seen = ada.sees(&bo).await;
    assert_eq!(seen["last_seen"], json!(before));
    let (_, joined) = looking(&ada, room).await;
    assert!(joined.presence.iter().all(|one| one.user_id != bo.id));
    let told = looks.drain().await;
    assert!(
        !told
            .iter()
            .any(|frame| matches!(frame, ServerFrame::PresenceUpdate(_))),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_status_is_seen_by_those_who_look_and_ends_at_its_time_also_of_who_is_away() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let (mut looks, _) = looking(&ada, room).await;
    let status = json!({ "text": "in a meeting", "emoji": "📅", "for_s": 120 });
    let set = bo.set_presence(json!({ "status": status })).await;
    assert_eq!(set["state"], "offline");
    let told = said(&mut looks).await;
    let status = told.status.unwrap();
    assert_eq!((told.user_id, &*status.text), (bo.id, "in a meeting"));
    assert_eq!(json!(status), set["status"]);
    assert_eq!(ada.sees(&bo).await["status"], set["status"]);
    let (_, joined) = looking(&ada, room).await;
    let of_bo = joined.presence.iter().find(|one| one.user_id == bo.id);
    assert_eq!(of_bo.unwrap().status, Some(status));

    server.pass(Duration::from_mins(2));
    // Over, though nobody has seen to it yet.
    assert_eq!(ada.sees(&bo).await["status"], Value::Null);
    let (a, b) = tokio::join!(server.app.run_due(), server.app.run_due());
    a.and(b).unwrap();
    assert_eq!(said(&mut looks).await.status, None);
    server.app.run_due().await.unwrap();
    bo.set_presence(json!({ "status": { "text": "back" } }))
        .await;
    let next = said(&mut looks).await;
    assert_eq!(next.status.unwrap().text, "back", "its end was told once");
    bo.set_presence(json!({ "status": {} })).await;
    assert_eq!(said(&mut looks).await.status, None);
}

#[tokio::test]
async fn who_hides_when_they_were_last_there_is_told_of_without_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let body = json!({ "type": "direct", "member_ids": [bo.id] });
    let (_, room) = ada.post("/chat/rooms", body).await;
    let room = RoomId(room["id"].as_i64().unwrap());
    let accepted = json!({ "type": "direct", "member_ids": [ada.id] });
    bo.post("/chat/rooms", accepted).await;
    let (mut looks, _) = looking(&ada, room).await;
    bo.socket().await.close().await;
    assert_eq!(shown(&mut looks).await.state, PresenceState::Online);
    assert!(shown(&mut looks).await.last_seen.is_some());
    let (_, joined) = looking(&ada, room).await;
    let of_bo = |joined: &RoomJoined| {
        let mut both = joined.presence.iter();
        both.find(|one| one.user_id == bo.id).unwrap().last_seen
    };
    assert!(of_bo(&joined).is_some(), "a direct room tells of both");
    bo.set_presence(json!({ "hides_last_seen": true })).await;
    assert_eq!(ada.sees(&bo).await["last_seen"], Value::Null);
    bo.socket().await.close().await;
    assert_eq!(shown(&mut looks).await.state, PresenceState::Online);
    let gone = shown(&mut looks).await;
    assert_eq!((gone.state, gone.last_seen), (PresenceState::Offline, None));
    assert_eq!(of_bo(&looking(&ada, room).await.1), None);
    bo.set_presence(json!({ "hides_last_seen": false })).await;
    assert_ne!(ada.sees(&bo).await["last_seen"], Value::Null);
}

#[tokio::test]
async fn statuses_and_choices_keep_their_limits() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for s in [60, 367 * 86_400] {
        ada.set_presence(json!({ "status": { "text": "x", "for_s": s } }))
            .await;
        ada.set_presence(json!({ "state": "offline", "state_for_s": s }))
            .await;
    }
    for body in [
        json!({ "status": { "text": "x", "for_s": 59 } }),
        json!({ "status": { "text": "x", "for_s": 367 * 86_400 + 1 } }),
        json!({ "state": "do_not_disturb", "state_for_s": 59 }),
        json!({ "state": "online", "state_for_s": 60 }),
        json!({ "state_for_s": 60 }),
        json!({ "status": { "emoji": "no emoji" } }),
        json!({ "status": { "text": "x".repeat(limit::STATUS_CHARS + 1) } }),
    ] {
        let (_, refused) = ada.ask(Method::PUT, "/chat/presence", Some(body)).await;
        assert_eq!(code(&refused), "validation_failed", "{refused}");
    }
}

#[tokio::test]
async fn who_comes_back_at_once_is_there_without_a_moment_between() {
    let parts = Parts {
        linger: Duration::from_mins(10),
        ..Parts::default()
    };
    let server = Server::start_as(|_| {}, parts).await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let (mut looks, _) = looking(&ada, room).await;
    let mut phone = bo.socket().await;
    shown(&mut looks).await;
    for _ in 0..5 {
        drop(phone);
        server.connections(1).await;
        // It has not said hello yet.
        let next = bo.silent_socket().await;
        assert_eq!(ada.sees(&bo).await["state"], "online");
        phone = next;
        phone.say(ClientFrame::Hello(Hello::default())).await;
        phone.until(is_done).await;
    }
    let told = looks.drain().await;
    assert!(
        !told
            .iter()
            .any(|frame| matches!(frame, ServerFrame::PresenceUpdate(_))),
        "{told:?}"
    );
}
