//! Sockets: what they are told, and how one goes on after a pause.

use erc_protocol::{
    EmojiRev, ErrorCode, Rev, RoomId, Row, Seq, UserRev,
    gateway::{
        ClientFrame, ServerFrame,
        client::{RoomRef, SetTyping, SyncRoom},
    },
    sync::{Cursor, Resume, RoomSync, Sync},
};
use erc_tests::{
    rest::Person,
    server::TestServer,
    socket::{Wire, send_frame},
};

async fn a_room_of_two() -> (TestServer, Person, Person, RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    server.add_user("bo");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let bo = Person::sign_in(&server.url(), "bo").await;
    let room = ada.create_room("general").await;
    bo.join(room).await;
    (server, ada, bo, room)
}

/// All batches up to `done`.
async fn caught_up(wire: &mut Wire) -> Vec<Sync> {
    let mut batches = Vec::new();
    loop {
        let batch = wire
            .until("sync", |frame| match frame {
                ServerFrame::Sync(sync) => Some(sync.clone()),
                _ => None,
            })
            .await;
        let done = batch.done;
        batches.push(batch);
        if done {
            return batches;
        }
    }
}

async fn one_room(wire: &mut Wire, room: RoomId) -> RoomSync {
    wire.until("the room's batch", |frame| match frame {
        ServerFrame::Sync(sync) => sync.rooms.iter().find(|r| r.room_id == room).cloned(),
        _ => None,
    })
    .await
}

fn rooms(batches: &[Sync]) -> Vec<&RoomSync> {
    batches.iter().flat_map(|batch| &batch.rooms).collect()
}

fn texts(room: &RoomSync) -> Vec<String> {
    room.messages
        .iter()
        .map(|row| match row {
            Row::Known(message) => message.content.clone(),
            Row::Unknown(raw) => panic!("our own server's row: {raw}"),
        })
        .collect()
}

async fn burst(person: &Person, room: RoomId, count: usize) {
    let mut wire = Wire::brief(person).await;
    let mut posted = Vec::new();
    for number in 1..=count {
        let frame = ClientFrame::SendMessage(send_frame(room, &format!("m{number}")));
        posted.push(wire.post(frame).await);
    }
    for id in posted {
        wire.answer(id).await.unwrap();
    }
}

#[tokio::test]
async fn a_first_hello_brings_everything_and_says_when_it_is_done() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    ada.send(room, "hello").await;
    let (mut wire, welcome) = Wire::hello(&bo, None, vec![room]).await;
    assert_eq!(welcome.user.username, "bo");
    let batches = caught_up(&mut wire).await;
    let user = batches[0]
        .user
        .as_ref()
        .expect("the user's own state first");
    assert_eq!(user.rooms.len(), 1);
    let got = rooms(&batches);
    assert_eq!(texts(got[0]), ["hello"]);
    assert_eq!((got[0].unread.count, got[0].limited), (1, false));
    assert_eq!(got[0].to, got[0].head);
    assert_eq!(got[0].members.len(), 2);
}

#[tokio::test]
async fn a_hello_with_cursors_brings_only_what_changed() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let kept = ada.send(room, "kept").await;
    let edited = ada.send(room, "to be edited").await;
    let (mut wire, welcome) = Wire::hello(&bo, None, vec![]).await;
    let batches = caught_up(&mut wire).await;
    let at = rooms(&batches)[0].to;
    let user_rev = batches[0].user.as_ref().unwrap().to;
    drop(wire);
    ada.put(
        &format!("/chat/messages/{}", edited.message_id),
        &serde_json::json!({ "content": "edited" }),
    )
    .await
    .ok();
    ada.send(room, "new").await;
    let resume = Resume {
        instance: welcome.instance,
        user_rev,
        rooms: [(
            room,
            Cursor {
                rev: at,
                seq: edited.seq,
            },
        )]
        .into(),
        emoji_rev: EmojiRev::ZERO,
    };
    let (mut wire, welcome) = Wire::hello(&bo, Some(resume), vec![room]).await;
    assert!(welcome.resumed);
    let batches = caught_up(&mut wire).await;
    let got = rooms(&batches);
    assert_eq!(texts(got[0]), ["edited", "new"], "not {}", kept.content);
    assert_eq!(got[0].from, at);
}

#[tokio::test]
async fn cursors_of_another_database_are_void() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    ada.send(room, "hello").await;
    let resume = Resume {
        instance: "11111111-2222-4333-8444-555555555555".parse().unwrap(),
        user_rev: UserRev(99),
        rooms: [(
            room,
            Cursor {
                rev: Rev(99),
                seq: Seq(99),
            },
        )]
        .into(),
        emoji_rev: EmojiRev::ZERO,
    };
    let (mut wire, welcome) = Wire::hello(&bo, Some(resume), vec![room]).await;
    assert!(!welcome.resumed);
    let batches = caught_up(&mut wire).await;
    assert_eq!(texts(rooms(&batches)[0]), ["hello"]);
}

#[tokio::test]
async fn far_behind_the_newest_come_with_every_change_of_what_is_held() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let old = ada.send(room, "old").await;
    let (mut wire, _) = Wire::hello(&bo, None, vec![room]).await;
    let batches = caught_up(&mut wire).await;
    let cursor = Cursor {
        rev: rooms(&batches)[0].to,
        seq: old.seq,
    };
    drop(wire);
    burst(&ada, room, 300).await;
    ada.delete(&format!("/chat/messages/{}", old.message_id))
        .await
        .ok();
    let (mut wire, _) = Wire::hello(&bo, None, vec![]).await;
    caught_up(&mut wire).await;
    wire.say(ClientFrame::SyncRoom(SyncRoom {
        room_id: room,
        cursor,
    }))
    .await;
    let mut got = one_room(&mut wire, room).await;
    let limited = got.limited;
    let mut rows = got.messages.clone();
    while got.to < got.head {
        got = one_room(&mut wire, room).await;
        rows.extend(got.messages.clone());
    }
    assert!(limited, "three hundred are more than are sent at once");
    let rows: Vec<_> = rows.into_iter().filter_map(Row::known).collect();
    let tombstone = rows
        .iter()
        .find(|m| m.seq == old.seq)
        .expect("the deletion");
    assert!(tombstone.is_deleted());
    let newest: Vec<_> = rows
        .iter()
        .filter(|m| m.seq > old.seq)
        .map(|m| m.seq.0)
        .collect();
    assert!(newest.contains(&301), "the newest one");
    assert!(newest.len() < 300, "not all of them: {}", newest.len());
    assert_eq!(got.unread.count, 300);
}

#[tokio::test]
async fn every_change_of_a_room_comes_once_and_in_order_on_a_live_socket() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let (mut wire, _) = Wire::hello(&bo, None, vec![room]).await;
    let batches = caught_up(&mut wire).await;
    let mut expected = rooms(&batches)[0].to;
    let writers = [&ada, &bo].map(async |person| burst(person, room, 200).await);
    let changes = async {
        for _ in 0..400 {
            let (rev, room_id) = wire
                .until("new_message", |frame| match frame {
                    ServerFrame::NewMessage(m) => Some((m.rev, m.chat_room_id)),
                    _ => None,
                })
                .await;
            expected = expected.next();
            assert_eq!((rev, room_id), (expected, room), "a hole or a repeat");
        }
    };
    tokio::join!(futures_util::future::join_all(writers), changes);
}

#[tokio::test]
async fn typing_is_told_to_those_who_have_the_room_open() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let mut wire = Wire::brief(&bo).await;
    wire.say(ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    let joined = wire
        .until("room_joined", |frame| match frame {
            ServerFrame::RoomJoined(joined) => Some(joined.clone()),
            _ => None,
        })
        .await;
    assert_eq!(joined.room_id, room);
    let mut adas = Wire::brief(&ada).await;
    for is_typing in [true, false] {
        adas.say(ClientFrame::Typing(SetTyping {
            room_id: room,
            is_typing,
        }))
        .await;
        let seen = wire
            .until("typing_indicator", |frame| match frame {
                ServerFrame::TypingIndicator(typing) => Some(typing.clone()),
                _ => None,
            })
            .await;
        assert_eq!(
            (seen.user_id, seen.room_id, seen.is_typing),
            (ada.id(), room, is_typing)
        );
    }
}

#[tokio::test]
async fn presence_comes_and_goes_with_the_socket() {
    let (_server, ada, bo, room) = a_room_of_two().await;
    let presence = async |of: &Person| {
        bo.get(&format!("/chat/presence/{}", of.id())).await.ok()["is_online"] == true
    };
    assert!(!presence(&ada).await);
    let mut wire = Wire::brief(&bo).await;
    wire.say(ClientFrame::JoinRoom(RoomRef { room_id: room }))
        .await;
    wire.is_alive().await;
    let mut adas = Wire::brief(&ada).await;
    adas.is_alive().await;
    let online = |online: bool| {
        let id = ada.id();
        move |frame: &ServerFrame| match frame {
            ServerFrame::PresenceUpdate(p) if p.user_id == id && p.is_online == online => Some(()),
            _ => None,
        }
    };
    wire.until("ada comes", online(true)).await;
    assert!(presence(&ada).await);
    drop(adas);
    wire.until("ada goes", online(false)).await;
}

#[tokio::test]
async fn a_stranger_is_not_told_who_is_there() {
    let (server, ada, _, _) = a_room_of_two().await;
    server.add_user("stranger");
    let stranger = Person::sign_in(&server.url(), "stranger").await;
    stranger
        .get(&format!("/chat/presence/{}", ada.id()))
        .await
        .refused(ErrorCode::NotFound);
}

#[tokio::test]
async fn a_server_that_drains_says_goodbye_and_ends_well() {
    let (mut server, ada, _, room) = a_room_of_two().await;
    let mut wire = Wire::brief(&ada).await;
    wire.send(room, "before").await;
    let stopping = tokio::task::spawn_blocking(move || {
        let code = server.stop();
        (server, code)
    });
    let bye = wire
        .until("bye", |frame| match frame {
            ServerFrame::Bye(bye) => Some(bye.clone()),
            _ => None,
        })
        .await;
    assert!(bye.reconnect);
    wire.closed().await;
    let (_server, code) = stopping.await.unwrap();
    assert_eq!(code, Some(0));
}
