//! Readers that take nothing for a while: they miss nothing, and nobody waits for them.

use std::collections::BTreeSet;

use erc_protocol::api::messages::SendMessageRequest;
use erc_protocol::gateway::ServerFrame;
use erc_protocol::{MessageType, RoomId, Seq, limit};
use erc_server::ops::{Actor, messages};
use futures_util::future::join_all;

use crate::harness::{Person, Server, Socket};

/// With [`TEXT_BYTES`] each, more than a ring, a batch and the buffers of a socket hold.
const MESSAGES: i64 = 5_000;
const TEXT_BYTES: usize = 2_000;

/// Sends all messages, many at once.
async fn flood(server: &Server, who: &Person, room: RoomId) {
    let actor = Actor {
        user: who.id,
        session: who.tokens.session_id,
        since: who.tokens.user.created_at,
    };
    for _ in 0..MESSAGES / 250 {
        let sends = (0..250).map(async |_| {
            let request = SendMessageRequest {
                content: "x".repeat(TEXT_BYTES),
                message_type: MessageType::Text,
                client_id: None,
                reply_to: None,
                expires_in: None,
                expires_from: None,
                thread_id: None,
                also_in_room: false,
                poll: None,
            };
            let receipt = messages::send(&server.app, actor, room, request).await;
            receipt.unwrap().await.unwrap()
        });
        join_all(sends).await;
    }
}

/// The places of new messages, in the order of their coming, until the last one.
async fn new_places(socket: &mut Socket) -> Vec<i64> {
    let mut places = Vec::new();
    while places.last() != Some(&MESSAGES) {
        if let ServerFrame::NewMessage(message) = socket.frame().await {
            places.push(message.seq.0);
        }
    }
    places
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_client_catches_up_and_nobody_waits_for_it() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut slow = bo.socket().await;
    let mut quick = bo.plain_socket().await;
    let (heard, ()) = tokio::join!(new_places(&mut quick), flood(&server, &ada, room));
    assert!(heard.is_sorted() && heard.len() as i64 == MESSAGES);

    // Only now the slow one reads. Below a limited batch is a hole, which it knows of and fills.
    let mut seen = BTreeSet::new();
    let mut batches = 0;
    while (seen.len() as i64) < MESSAGES {
        match slow.frame().await {
            ServerFrame::NewMessage(message) => {
                assert!(seen.insert(message.seq), "{} came twice", message.seq);
            }
            ServerFrame::Sync(sync) => {
                for batch in sync.rooms {
                    batches += 1;
                    if batch.limited {
                        let end = batch.room.last_seq.0 - limit::CATCH_UP_NEWEST;
                        seen.extend((1..=end).map(Seq));
                    }
                    let rows = batch.messages.into_iter();
                    seen.extend(rows.map(|row| row.known().unwrap().seq));
                }
            }
            _ => {}
        }
    }
    assert!(batches > 0, "it was not slow");
    ada.send(room, "and after that").await;
    let last = slow
        .until(|frame| matches!(frame, ServerFrame::NewMessage(_)))
        .await;
    let Some(ServerFrame::NewMessage(message)) = last.last() else {
        panic!()
    };
    assert_eq!(message.seq, Seq(MESSAGES + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_plain_client_gets_every_message_once() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut slow = bo.plain_socket().await;
    flood(&server, &ada, room).await;
    let heard = new_places(&mut slow).await;
    let wrong = heard.iter().zip(1..).find(|(heard, place)| *heard != place);
    assert_eq!(wrong, None, "what came, and what should have");
}
