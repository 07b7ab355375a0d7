//! What users have not sent yet: on all their devices, and never lost to one of them.

use erc_protocol::draft::{DraftList, DraftRequest};
use erc_protocol::gateway::client::{Hello, SaveDraft, SendMessage};
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::{ClientId, Draft, MessageId, MessageType, RoomId, Row, limit};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Person, Server, Socket, code};

impl Person {
    async fn save(&self, room: RoomId, body: Value) -> (StatusCode, Value) {
        let path = format!("/chat/rooms/{room}/draft");
        self.ask(Method::PUT, &path, Some(body)).await
    }

    async fn drafts(&self) -> Vec<Draft> {
        let (status, list) = self.get("/chat/drafts").await;
        assert_eq!(status, StatusCode::OK, "{list}");
        let list: DraftList = serde_json::from_value(list).unwrap();
        list.drafts
    }
}

fn name(number: u128) -> ClientId {
    ClientId(Uuid::from_u128(number))
}

fn frame(room: RoomId, content: &str, number: u128, base: &[ClientId]) -> ClientFrame {
    ClientFrame::SaveDraft(SaveDraft {
        room_id: room,
        draft: DraftRequest {
            content: content.into(),
            client_id: Some(name(number)),
            base: base.to_vec(),
            ..DraftRequest::default()
        },
    })
}

/// The next draft that a frame tells of.
async fn told(socket: &mut Socket) -> Draft {
    loop {
        if let ServerFrame::Sync(sync) = socket.frame().await
            && let Some(user) = sync.user
            && let Some(Row::Known(draft)) = user.drafts.into_iter().next()
        {
            return draft;
        }
    }
}

fn aside(draft: &Draft) -> Vec<&str> {
    draft
        .aside
        .iter()
        .map(|text| text.content.as_str())
        .collect()
}

#[tokio::test]
async fn a_draft_follows_its_author_and_goes_with_the_message_that_it_becomes() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let parent = ada.send(room, "what do you say?").await;
    let mut laptop = ada.socket().await;
    let mut phone = server.sign_in("ada").await.socket().await;
    let mut other = bo.socket().await;

    let (status, saved) = ada
        .save(
            room,
            json!({ "content": "well", "reply_to": parent.message_id, "client_id": name(1) }),
        )
        .await;
    assert_eq!(status, StatusCode::OK, "{saved}");
    let draft = told(&mut phone).await;
    assert_eq!((draft.content.as_str(), draft.version), ("well", name(1)));
    assert_eq!(draft.reply_to, Some(parent.message_id));
    assert_eq!(bo.drafts().await, [], "it is hers alone");

    laptop
        .say_with_id(Some(1), frame(room, "well, yes", 2, &[name(1)]))
        .await;
    let ServerFrame::Ack(data) = laptop.answer(1).await else {
        panic!("it is taken");
    };
    let answered: Draft = serde_json::from_value(data).unwrap();
    let draft = told(&mut phone).await;
    assert_eq!(answered, draft);
    assert_eq!(draft.content, "well, yes");
    assert!(draft.aside.is_empty() && draft.reply_to.is_none());

    // Somebody who has only just signed in gets it as well.
    let mut fresh = server.sign_in("ada").await.silent_socket().await;
    fresh.say(ClientFrame::Hello(Hello::default())).await;
    assert_eq!(told(&mut fresh).await, draft);

    let message = name(3);
    laptop
        .say_with_id(
            Some(2),
            ClientFrame::SendMessage(SendMessage {
                poll: None,
                room_id: room,
                content: "well, yes!".into(),
                message_type: MessageType::Text,
                client_id: Some(message),
                reply_to: None,
                expires_in: None,
                expires_from: None,
                thread_id: None,
                also_in_room: false,
                drafts: vec![name(1), name(2)],
            }),
        )
        .await;
    assert!(matches!(laptop.answer(2).await, ServerFrame::Ack(_)));
    let empty = told(&mut phone).await;
    assert_eq!((empty.content.as_str(), empty.version), ("", message));
    assert_eq!(ada.drafts().await, []);

    // A state of it that comes late, and what gives it up, change nothing.
    laptop
        .say_with_id(Some(3), frame(room, "", 4, &[name(2)]))
        .await;
    assert!(matches!(laptop.answer(3).await, ServerFrame::Ack(_)));
    laptop
        .say_with_id(Some(4), frame(room, "well, yes", 2, &[name(1)]))
        .await;
    assert!(matches!(laptop.answer(4).await, ServerFrame::Ack(_)));
    assert_eq!(ada.drafts().await, []);
    let heard = other.drain().await;
    let tells = |frame: &ServerFrame| {
        serde_json::to_string(frame)
            .unwrap()
            .contains("well, yes\"")
    };
    assert!(!heard.iter().any(tells), "nobody else hears of it");
}

#[tokio::test]
async fn a_text_of_another_device_is_put_aside_until_somebody_has_seen_it() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let save = async |content: &str, number: u128, base: &[ClientId], forget: &[ClientId]| {
        let body = json!({
            "content": content, "client_id": name(number), "base": base, "forget": forget,
        });
        let (status, saved) = ada.save(room, body).await;
        assert_eq!(status, StatusCode::OK, "{saved}");
        serde_json::from_value::<Draft>(saved).unwrap()
    };
    save("hello", 1, &[], &[]).await;
    save("hello there", 2, &[name(1)], &[]).await;
    let both = save("good evening", 3, &[name(1)], &[]).await;
    assert_eq!(both.content, "good evening");
    assert_eq!(aside(&both), ["hello there"]);

    // Said again after a lost answer, it puts nothing aside once more.
    let again = save("hello there", 2, &[name(1)], &[]).await;
    assert_eq!(again, both);
    // What is given up was not the newest: nothing is.
    let given_up = save("", 4, &[name(2)], &[]).await;
    assert_eq!(given_up, both);

    let taken = save("good evening, hello there", 5, &[name(3)], &[name(2)]).await;
    assert_eq!(aside(&taken), [""; 0]);
    assert_eq!(taken.content, "good evening, hello there");
}

#[tokio::test]
async fn a_thread_has_a_draft_of_its_own_that_goes_with_the_reply() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[]).await;
    let top = ada.send(room, "lunch?").await.message_id;
    let mut phone = server.sign_in("ada").await.socket().await;
    let mut socket = ada.socket().await;

    ada.save(
        room,
        json!({ "content": "in the room", "client_id": name(1) }),
    )
    .await;
    assert_eq!(told(&mut phone).await.thread_id, None);
    let reply = json!({ "content": "in the thread", "thread_id": top, "client_id": name(2) });
    let (status, saved) = ada.save(room, reply).await;
    assert_eq!(status, StatusCode::OK, "{saved}");
    let draft = told(&mut phone).await;
    assert_eq!(draft.thread_id, Some(top));
    assert_eq!(draft.content, "in the thread");
    assert!(draft.aside.is_empty(), "the room's is another one");
    assert_eq!(ada.drafts().await.len(), 2);

    let send = |thread: Option<MessageId>, id: u128, drafts: Vec<ClientId>| {
        ClientFrame::SendMessage(SendMessage {
            poll: None,
            room_id: room,
            content: "at one".into(),
            message_type: MessageType::Text,
            client_id: Some(name(id)),
            reply_to: None,
            expires_in: None,
            expires_from: None,
            thread_id: thread,
            also_in_room: false,
            drafts,
        })
    };
    // A message of the room empties no thread's.
    socket
        .say_with_id(Some(1), send(None, 3, vec![name(2)]))
        .await;
    assert!(matches!(socket.answer(1).await, ServerFrame::Ack(_)));
    assert_eq!(ada.drafts().await.len(), 2);
    socket
        .say_with_id(Some(2), send(Some(top), 4, vec![name(2)]))
        .await;
    assert!(matches!(socket.answer(2).await, ServerFrame::Ack(_)));
    let left = ada.drafts().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].content, "in the room");

    // No draft for what is no thread of this room.
    let other = ada.room("attic", &[]).await;
    let body = json!({ "content": "x", "thread_id": top });
    let (status, body) = ada.save(other, body).await;
    assert_eq!((status, code(&body)), (StatusCode::NOT_FOUND, "not_found"));
    let theirs = bo.room("lair", &[]).await;
    let hidden = bo.send(theirs, "a secret").await.message_id;
    let (status, _) = ada
        .save(room, json!({ "content": "x", "thread_id": hidden }))
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_message_empties_no_draft_that_it_was_not() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let mut socket = ada.socket().await;
    socket
        .say_with_id(Some(1), frame(room, "of the phone", 1, &[]))
        .await;
    socket.answer(1).await;
    for (id, drafts) in [(2, vec![]), (3, vec![name(7)])] {
        socket
            .say_with_id(
                Some(id),
                ClientFrame::SendMessage(SendMessage {
                    poll: None,
                    room_id: room,
                    content: "of the laptop".into(),
                    message_type: MessageType::Text,
                    client_id: None,
                    reply_to: None,
                    expires_in: None,
                    expires_from: None,
                    thread_id: None,
                    also_in_room: false,
                    drafts,
                }),
            )
            .await;
        assert!(matches!(socket.answer(id).await, ServerFrame::Ack(_)));
    }
    ada.send(room, "by REST").await;
    let drafts = ada.drafts().await;
    assert_eq!(drafts.len(), 1);
    assert_eq!(drafts[0].content, "of the phone");
}

#[tokio::test]
async fn drafts_are_kept_where_one_is_and_go_with_the_room() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("den", &[&bo]).await;
    let draft = json!({ "content": "hello" });
    assert_eq!(bo.save(room, draft.clone()).await.0, StatusCode::OK);
    let path = format!("/chat/rooms/{room}/members/{}", bo.id);
    let (status, _) = bo.ask(Method::DELETE, &path, None).await;
    assert!(status.is_success());
    assert_eq!(bo.drafts().await, []);
    let (status, body) = bo.save(room, draft.clone()).await;
    assert_eq!((status, code(&body)), (StatusCode::FORBIDDEN, "forbidden"));
    let (status, body) = ada.post(&path, json!({})).await;
    assert!(status.is_success(), "{body}");
    assert_eq!(bo.drafts().await.len(), 1, "it waited");
    let (status, _) = ada
        .ask(Method::DELETE, &format!("/chat/rooms/{room}"), None)
        .await;
    assert!(status.is_success());
    let mut tx = server.app.db.snapshot().await.unwrap();
    assert_eq!(tx.draft((bo.id, room, None)).await.unwrap(), None);
}

#[tokio::test]
async fn drafts_have_their_limits() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("den", &[]).await;
    let longest = "x".repeat(limit::DRAFT_BYTES);
    let (status, body) = ada.save(room, json!({ "content": longest })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let longer = format!("{longest}x");
    let (_, body) = ada.save(room, json!({ "content": longer })).await;
    assert_eq!(code(&body), "too_large");
    let (_, body) = ada.save(room, json!({ "content": "\u{1b}[31m" })).await;
    assert_eq!(code(&body), "validation_failed");

    let names: Vec<_> = (0..limit::DRAFT_NAMES as u128).map(name).collect();
    let more: Vec<_> = (0..=limit::DRAFT_NAMES as u128).map(name).collect();
    for field in ["base", "forget"] {
        let (status, body) = ada
            .save(room, json!({ "content": "x", field: names }))
            .await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let (_, body) = ada.save(room, json!({ "content": "x", field: more })).await;
        assert_eq!(code(&body), "validation_failed");
    }
    let mut socket = ada.socket().await;
    let send = |drafts: &[ClientId]| {
        ClientFrame::SendMessage(SendMessage {
            poll: None,
            room_id: room,
            content: "x".into(),
            message_type: MessageType::Text,
            client_id: None,
            reply_to: None,
            expires_in: None,
            expires_from: None,
            thread_id: None,
            also_in_room: false,
            drafts: drafts.to_vec(),
        })
    };
    socket.say_with_id(Some(1), send(&names)).await;
    assert!(matches!(socket.answer(1).await, ServerFrame::Ack(_)));
    socket.say_with_id(Some(2), send(&more)).await;
    assert!(matches!(socket.answer(2).await, ServerFrame::Error(_)));

    // Texts put aside: the first one takes the place of what stands there.
    let other = ada.room("attic", &[]).await;
    for number in 0..=limit::DRAFT_ASIDES {
        let content = format!("text {number}.");
        let (status, body) = ada.save(other, json!({ "content": content })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    let (_, body) = ada.save(other, json!({ "content": "one more" })).await;
    assert_eq!(code(&body), "limit_reached");

    let there = ada.drafts().await.len() as i64;
    let mut rooms = Vec::new();
    for number in there..limit::DRAFTS_PER_USER {
        rooms.push(ada.room(&format!("room {number}"), &[]).await);
    }
    // In one transaction, and no request meanwhile: SQLite has one writer.
    let mut tx = server.app.db.begin().await.unwrap();
    let row = tx.draft((ada.id, other, None)).await.unwrap().unwrap();
    for room in &rooms {
        let row = erc_server::store::DraftRow {
            room_id: *room,
            ..row.clone()
        };
        tx.put_draft(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    let last = ada.room("one too many", &[]).await;
    let (_, body) = ada.save(last, json!({ "content": "no" })).await;
    assert_eq!(code(&body), "limit_reached");
    let (status, _) = ada
        .ask(Method::DELETE, &format!("/chat/rooms/{}", rooms[0]), None)
        .await;
    assert!(status.is_success());
    let (status, body) = ada.save(last, json!({ "content": "yes" })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}
