//! Coming into rooms while a connection begins.

use std::collections::BTreeSet;

use erc_protocol::gateway::client::Hello;
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::{RoomId, Row};
use reqwest::Method;

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
