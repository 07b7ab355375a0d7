//! `hello`: going on from where one was.

use std::collections::BTreeMap;

use erc_protocol::gateway::client::{Hello, SyncRoom};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::sync::{Cursor, Resume, RoomSync, Sync};
use erc_protocol::{EmojiRev, InstanceId, Message, Rev, RoomId, Row, Seq, UserRev, limit};
use reqwest::Method;
use serde_json::json;

use crate::harness::{Person, Server, is_done};

/// Says hello from these cursors; answers whether they were taken, and the batches.
async fn resume(
    person: &Person,
    instance: InstanceId,
    user_rev: UserRev,
    rooms: BTreeMap<RoomId, Cursor>,
) -> (bool, Vec<Sync>) {
    let mut socket = person.silent_socket().await;
    let resume = Some(Resume {
        instance,
        user_rev,
        rooms,
        emoji_rev: EmojiRev::ZERO,
    });
    socket
        .say(ClientFrame::Hello(Hello {
            resume,
            ..Hello::default()
        }))
        .await;
    let frames = socket.until(is_done).await;
    let ServerFrame::Welcome(welcome) = &frames[0] else {
        panic!("{:?}", frames[0])
    };
    let batches = frames.iter().filter_map(|frame| match frame {
        ServerFrame::Sync(sync) => Some(sync.clone()),
        _ => None,
    });
    (welcome.resumed, batches.collect())
}

fn of_room(batches: &[Sync], room: RoomId) -> Vec<RoomSync> {
    let rooms = batches.iter().flat_map(|sync| &sync.rooms);
    rooms
        .filter(|batch| batch.room_id == room)
        .cloned()
        .collect()
}

fn messages(batches: &[RoomSync]) -> Vec<Message> {
    let rows = batches.iter().flat_map(|batch| batch.messages.clone());
    rows.filter_map(Row::known).collect()
}

async fn user_rev(server: &Server, person: &Person) -> UserRev {
    let mut tx = server.app.db.snapshot().await.unwrap();
    tx.user(person.id).await.unwrap().unwrap().user_rev
}

#[tokio::test]
async fn a_new_device_gets_its_rooms_members_and_newest_messages() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    ada.send(room, "one").await;
    bo.send(room, "two").await;
    let mut socket = bo.silent_socket().await;
    socket.say(ClientFrame::Hello(Hello::default())).await;
    let frames = socket.until(is_done).await;
    let syncs: Vec<Sync> = frames
        .into_iter()
        .filter_map(|frame| match frame {
            ServerFrame::Sync(sync) => Some(sync),
            _ => None,
        })
        .collect();
    assert!(syncs[0].user.is_some(), "the user's own state comes first");
    let batches = of_room(&syncs, room);
    let [batch] = &batches[..] else {
        panic!("{batches:?}")
    };
    assert_eq!((batch.from, batch.to), (Rev::ZERO, batch.head));
    assert_eq!((batch.members.len(), batch.members_complete), (2, true));
    assert_eq!((batch.unread.count, batch.limited), (1, false));
    assert_eq!(messages(&batches).len(), 2);
}

#[tokio::test]
async fn who_is_up_to_date_is_told_nothing_but_that() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let message = ada.send(room, "one").await;
    let cursors = BTreeMap::from([(
        room,
        Cursor {
            rev: message.rev,
            seq: message.seq,
        },
    )]);
    let rev = user_rev(&server, &ada).await;
    let (resumed, batches) = resume(&ada, server.app.instance, rev, cursors).await;
    assert!(resumed);
    assert_eq!(
        batches,
        vec![Sync {
            done: true,
            ..Sync::default()
        }]
    );
}

#[tokio::test]
async fn a_gap_brings_every_changed_row_once_in_its_current_state() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let old = ada.send(room, "old").await;
    let cursor = Cursor {
        rev: old.rev,
        seq: old.seq,
    };
    let path = |message: &Message| format!("/chat/messages/{}", message.message_id);
    for text in ["a", "b", "c"] {
        ada.ask(Method::PUT, &path(&old), Some(json!({ "content": text })))
            .await;
    }
    let new = ada.send(room, "new").await;
    let gone = ada.send(room, "gone").await;
    ada.ask(Method::DELETE, &path(&gone), None).await;
    let rev = user_rev(&server, &ada).await;
    let (_, syncs) = resume(&ada, server.app.instance, rev, [(room, cursor)].into()).await;
    let rows = messages(&of_room(&syncs, room));
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.message_id, row.content.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (old.message_id, "c"),
            (new.message_id, "new"),
            (gone.message_id, "")
        ]
    );
    assert!(rows.windows(2).all(|pair| pair[0].rev < pair[1].rev));
}

#[tokio::test]
async fn far_behind_the_newest_come_and_the_changes_of_what_is_held() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let held = ada.send(room, "held").await;
    let cursor = Cursor {
        rev: held.rev,
        seq: held.seq,
    };
    for n in 0..=limit::CATCH_UP_MESSAGES {
        ada.send(room, &format!("{n}")).await;
    }
    let path = format!("/chat/messages/{}", held.message_id);
    ada.ask(Method::DELETE, &path, None).await;
    let rev = user_rev(&server, &ada).await;
    let (_, syncs) = resume(&ada, server.app.instance, rev, [(room, cursor)].into()).await;
    let batches = of_room(&syncs, room);
    assert!(batches.iter().all(|batch| batch.limited));
    let rows = messages(&batches);
    assert_eq!(rows.len() as i64, limit::CATCH_UP_NEWEST + 1);
    let last = batches[0].room.last_seq;
    let tombstone = rows
        .iter()
        .find(|row| row.message_id == held.message_id)
        .unwrap();
    assert!(tombstone.is_deleted());
    let newest: Vec<_> = rows
        .iter()
        .filter(|row| row.seq > held.seq)
        .map(|row| row.seq)
        .collect();
    let expected: Vec<_> = (last.0 - limit::CATCH_UP_NEWEST + 1..=last.0)
        .map(Seq)
        .collect();
    assert_eq!(newest, expected);
}

#[tokio::test]
async fn at_the_limit_all_messages_come() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let held = ada.send(room, "held").await;
    for n in 0..limit::CATCH_UP_MESSAGES {
        ada.send(room, &format!("{n}")).await;
    }
    let cursor = Cursor {
        rev: held.rev,
        seq: held.seq,
    };
    let rev = user_rev(&server, &ada).await;
    let (_, syncs) = resume(&ada, server.app.instance, rev, [(room, cursor)].into()).await;
    let batches = of_room(&syncs, room);
    assert!(batches.iter().all(|batch| !batch.limited));
    assert_eq!(messages(&batches).len() as i64, limit::CATCH_UP_MESSAGES);
}

#[tokio::test]
async fn cursors_of_another_database_or_ahead_of_it_are_void() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let message = ada.send(room, "one").await;
    let here = Cursor {
        rev: message.rev,
        seq: message.seq,
    };
    let ahead = Cursor {
        rev: message.rev.next(),
        seq: message.seq,
    };
    let ours = server.app.instance;
    let other = InstanceId(ada.tokens.session_id.0);
    for (instance, rev, cursor) in [
        (other, 1, here),
        (ours, 1, ahead),
        (ours, 1_000, here),
        (ours, i64::MAX, here),
    ] {
        let (resumed, syncs) = resume(&ada, instance, UserRev(rev), [(room, cursor)].into()).await;
        assert!(!resumed);
        let batches = of_room(&syncs, room);
        assert_eq!((batches[0].from, messages(&batches).len()), (Rev::ZERO, 1));
        assert!(syncs[0].user.is_some());
    }
}

#[tokio::test]
async fn rooms_beyond_the_budget_come_as_heads_and_are_pulled() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let mut rooms = Vec::new();
    for n in 0..limit::RESUME_ROOMS + 3 {
        let room = ada.room(&format!("room {n}"), &[&bo]).await;
        server.pass(std::time::Duration::from_secs(1));
        ada.send(room, "hello").await;
        rooms.push(room);
    }
    let mut socket = bo.silent_socket().await;
    // The oldest room is on screen: it comes in full and first.
    socket
        .say(ClientFrame::Hello(Hello {
            open: vec![rooms[0]],
            ..Hello::default()
        }))
        .await;
    let frames = socket.until(is_done).await;
    let syncs: Vec<&Sync> = frames
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::Sync(sync) => Some(sync),
            _ => None,
        })
        .collect();
    let full: Vec<_> = syncs
        .iter()
        .flat_map(|sync| &sync.rooms)
        .map(|r| r.room_id)
        .collect();
    let heads: Vec<_> = syncs
        .iter()
        .flat_map(|sync| &sync.heads)
        .map(|h| h.room.id)
        .collect();
    assert_eq!((full.len(), full[0]), (limit::RESUME_ROOMS, rooms[0]));
    assert_eq!(heads, [rooms[3], rooms[2], rooms[1]]);
    ada.send(rooms[1], "more").await;
    // A sweep may tell the heads of others once more.
    let is_of_it = |sync: &Sync| sync.heads.iter().any(|head| head.room.id == rooms[1]);
    let news = socket
        .until(|frame| matches!(frame, ServerFrame::Sync(sync) if is_of_it(sync)))
        .await;
    let Some(ServerFrame::Sync(sync)) = news.last() else {
        panic!()
    };
    assert_eq!(
        (sync.heads[0].room.id, sync.heads[0].unread.count),
        (rooms[1], 2)
    );
    let pull = SyncRoom {
        room_id: rooms[1],
        cursor: Cursor::default(),
    };
    socket.say(ClientFrame::SyncRoom(pull)).await;
    let news = socket
        .until(|frame| matches!(frame, ServerFrame::Sync(sync) if !sync.rooms.is_empty()))
        .await;
    let Some(ServerFrame::Sync(sync)) = news.last() else {
        panic!()
    };
    assert_eq!(messages(&sync.rooms).len(), 2);
    ada.send(rooms[1], "live now").await;
    socket
        .until(|frame| matches!(frame, ServerFrame::NewMessage(_)))
        .await;
}

#[tokio::test]
async fn after_catching_up_live_frames_follow_without_a_gap() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let writer = {
        let ada = ada.clone();
        tokio::spawn(async move {
            for n in 0..200 {
                ada.send(room, &format!("{n}")).await;
            }
        })
    };
    // Connections that begin while messages flow: every revision reaches each of them.
    for _ in 0..5 {
        let mut socket = ada.silent_socket().await;
        socket.say(ClientFrame::Hello(Hello::default())).await;
        let (mut rev, mut live) = (Rev::ZERO, 0);
        while live < 10 {
            match socket.frame().await {
                ServerFrame::Sync(sync) => {
                    for batch in sync.rooms {
                        assert_eq!(batch.from, rev);
                        rev = batch.to;
                    }
                }
                ServerFrame::NewMessage(message) => {
                    assert_eq!(message.rev, rev.next());
                    rev = message.rev;
                    live += 1;
                }
                _ => {}
            }
            if rev.0 >= 202 {
                break;
            }
        }
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn a_client_that_announces_a_hello_must_say_it_first() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut socket = ada.silent_socket().await;
    socket.text(r#"{"type":"ping","id":1}"#).await;
    assert!(matches!(socket.answer(1).await, ServerFrame::Error(_)));
    socket.say(ClientFrame::Hello(Hello::default())).await;
    socket.until(is_done).await;
}

#[tokio::test]
async fn a_pong_names_the_heads_of_open_rooms() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let message = ada.send(room, "one").await;
    let mut socket = ada.socket().await;
    socket
        .text(&format!(
            r#"{{"type":"join_room","id":1,"data":{{"room_id":{room}}}}}"#
        ))
        .await;
    socket.answer(1).await;
    socket.text(r#"{"type":"ping","id":2,"data":{}}"#).await;
    let ServerFrame::Pong(pong) = socket.answer(2).await else {
        panic!()
    };
    assert_eq!(
        (pong.heads[0].room_id, pong.heads[0].rev),
        (room, message.rev)
    );
}
