//! Several connections: who types, who is there, which device goes on.

use std::time::Duration;

use erc_protocol::gateway::client::{Hello, MarkRead, RoomRef, SetTyping};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::{PresenceState, Seq};

use erc_server::app::Parts;

use crate::harness::{Server, is_done};

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
