//! Coming into rooms while a connection begins, and right before one speaks of them.

use std::collections::BTreeSet;

use erc_protocol::gateway::client::{Hello, RoomRef, SetTyping, SyncRoom};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::sync::Cursor;
use erc_protocol::{RoomId, Row};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Person, Server, Socket};

/// Ada brings somebody into her rooms, one after the other.
async fn bring_into(ada: &Person, rooms: &[RoomId], who: &Person) {
    for room in rooms {
        let path = format!("/chat/rooms/{room}/members/{}", who.id);
        assert!(ada.ask(Method::POST, &path, None).await.0.is_success());
    }
}

/// Waits until a message of each room was heard.
async fn hear_of_all(socket: &mut Socket, rooms: &[RoomId]) {
    let mut missing: BTreeSet<_> = rooms.iter().copied().collect();
    while !missing.is_empty() {
        match socket.frame().await {
            ServerFrame::NewMessage(message) => {
                missing.remove(&message.chat_room_id);
            }
            ServerFrame::Sync(sync) => {
                let rows = sync.rooms.into_iter().flat_map(|room| room.messages);
                for message in rows.filter_map(Row::known) {
                    missing.remove(&message.chat_room_id);
                }
            }
            _ => {}
        }
    }
}

async fn rooms_of(ada: &Person, count: usize) -> Vec<RoomId> {
    let mut rooms = Vec::new();
    for _ in 0..count {
        rooms.push(ada.room("general", &[]).await);
    }
    rooms
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_one_comes_into_while_connecting_is_heard() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    for round in 0..20 {
        let rooms = rooms_of(&ada, 6).await;
        let connect = async {
            let mut socket = if round % 2 == 0 {
                return bo.plain_socket().await;
            } else {
                bo.silent_socket().await
            };
            socket.say(ClientFrame::Hello(Hello::default())).await;
            socket
        };
        let (mut socket, ()) = tokio::join!(connect, bring_into(&ada, &rooms, &bo));
        for room in &rooms {
            ada.send(*room, "do you hear me?").await;
        }
        hear_of_all(&mut socket, &rooms).await;
    }
}

/// Frames that speak of a room come in while the connection is busy, as does the news that the
/// user is in the room: which of both it looks at first must not matter.
#[tokio::test]
async fn a_room_that_one_has_just_joined_may_be_spoken_of_at_once() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let old = bo.room("old", &[]).await;
    let mut socket = bo.socket().await;
    for room_id in rooms_of(&ada, 12).await {
        let typing = SetTyping {
            room_id,
            is_typing: true,
        };
        let pull = SyncRoom {
            room_id,
            cursor: Cursor::default(),
        };
        let frames = [
            ClientFrame::JoinRoom(RoomRef { room_id: old }),
            ClientFrame::Typing(typing),
            ClientFrame::SyncRoom(pull),
            ClientFrame::JoinRoom(RoomRef { room_id }),
        ];
        let turns = join_all((0..16).map(|_| server.app.catch_up_turn())).await;
        let mut ids = 1..;
        socket.say_with_id(ids.next(), frames[0].clone()).await;
        let join = format!("/chat/rooms/{room_id}/join");
        assert!(bo.post(&join, json!({})).await.0.is_success());
        for frame in &frames[1..] {
            socket.say_with_id(ids.next(), frame.clone()).await;
        }
        drop(turns);
        for id in 1..=4 {
            let answer = socket.answer(id).await;
            assert!(!matches!(answer, ServerFrame::Error(_)), "{id}: {answer:?}");
        }
        let mut looks = ada.plain_socket().await;
        looks
            .say_with_id(
                Some(1),
                ClientFrame::Typing(SetTyping {
                    room_id,
                    is_typing: true,
                }),
            )
            .await;
        looks.answer(1).await;
        let typing = |frame: &ServerFrame| matches!(frame, ServerFrame::TypingIndicator(t) if t.room_id == room_id);
        socket.until(typing).await;
    }
}
