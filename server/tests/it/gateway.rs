//! The socket: frames in, frames out, and how it ends.

use erc_protocol::gateway::client::SendMessage;
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::{ErrorCode, MessageType, RoomId, limit};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message as WsMessage;

use crate::harness::{Server, Socket};

fn send(room: RoomId, text: &str) -> ClientFrame {
    ClientFrame::SendMessage(SendMessage {
        room_id: room,
        content: text.into(),
        message_type: MessageType::Text,
        client_id: None,
        reply_to: None,
        expires_in: None,
        expires_from: None,
        thread_id: None,
        also_in_room: false,
        drafts: Vec::new(),
        poll: None,
    })
}

fn contents(frames: &[ServerFrame]) -> Vec<String> {
    let text = |frame: &ServerFrame| match frame {
        ServerFrame::NewMessage(message) => Some(message.content.clone()),
        _ => None,
    };
    frames.iter().filter_map(text).collect()
}

#[tokio::test]
async fn a_plain_client_hears_all_rooms_of_its_user_also_those_joined_later() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let first = ada.room("first", &[&bo]).await;
    ada.send(first, "before").await;
    let mut socket = bo.plain_socket().await;
    ada.send(first, "one").await;
    let second = ada.room("second", &[]).await;
    ada.send(second, "unheard").await;
    let add = format!("/chat/rooms/{second}/members/{}", bo.id);
    ada.ask(Method::POST, &add, None).await;
    ada.send(second, "two").await;
    let mut heard = Vec::new();
    while heard.len() < 2 {
        heard.extend(contents(&[socket.frame().await]));
    }
    assert_eq!(heard, ["one", "two"]);
}

#[tokio::test]
async fn a_wrong_token_or_origin_is_refused_before_the_upgrade() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let open = async |path: &str, origin: Option<&str>| {
        let headers: Vec<_> = origin
            .map(|origin| ("origin", origin))
            .into_iter()
            .collect();
        Socket::open(&server.url, path, &headers).await.map(|_| ())
    };
    let good = format!("/chat/ws?token={}", ada.tokens.access_token);
    assert_eq!(open("/chat/ws", None).await, Err(StatusCode::UNAUTHORIZED));
    assert_eq!(
        open("/chat/ws?token=nonsense", None).await,
        Err(StatusCode::UNAUTHORIZED)
    );
    assert_eq!(
        open(&good, Some("https://evil.example")).await,
        Err(StatusCode::FORBIDDEN)
    );
    assert_eq!(open(&good, Some("https://app.example.org")).await, Ok(()));
    assert_eq!(open(&good, None).await, Ok(()));
    let header = format!("Bearer {}", ada.tokens.access_token);
    let opened = Socket::open(&server.url, "/chat/ws", &[("authorization", &header)]).await;
    assert!(opened.is_ok());
}

#[tokio::test]
async fn frames_are_answered_by_their_numbers_and_in_order() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let mut socket = ada.socket().await;
    for id in 1..=100 {
        socket
            .say_with_id(Some(id), send(room, &format!("message {id}")))
            .await;
    }
    let mut acked = Vec::new();
    while acked.len() < 100 {
        let packet = socket.packet().await;
        if let (Some(id), ServerFrame::Ack(data)) = (packet.id, packet.frame) {
            assert_eq!(data["content"], format!("message {id}"));
            acked.push((id, data["seq"].as_u64().unwrap()));
        }
    }
    acked.sort_unstable();
    assert!(
        acked.iter().all(|(id, seq)| id == seq),
        "sent in order, so placed in order"
    );
}

#[tokio::test]
async fn bad_frames_get_a_clear_code_and_the_connection_stays() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let mine = ada.room("general", &[]).await;
    let foreign = bo
        .room_with(json!({ "name": "theirs", "is_private": true }))
        .await;
    let mut socket = ada.socket().await;
    let huge = format!(
        r#"{{"type":"send_message","id":1,"data":{{"room_id":{mine},"content":"{}"}}}}"#,
        "x".repeat(limit::FRAME_BYTES)
    );
    let long = format!(
        r#"{{"type":"send_message","id":1,"data":{{"room_id":{mine},"content":"{}"}}}}"#,
        "x".repeat(limit::MESSAGE_BYTES + 1)
    );
    let to = |room: i64| {
        format!(r#"{{"type":"send_message","id":1,"data":{{"room_id":{room},"content":"x"}}}}"#)
    };
    let escape = format!(
        r#"{{"type":"send_message","id":1,"data":{{"room_id":{mine},"content":"\u001b[31m"}}}}"#
    );
    let cases = [
        ("not json".to_owned(), ErrorCode::MalformedJson),
        ("[]".to_owned(), ErrorCode::MalformedRequest),
        ("{}".to_owned(), ErrorCode::MalformedRequest),
        (r#"{"type":7}"#.to_owned(), ErrorCode::MalformedRequest),
        (r#"{"type":"dance"}"#.to_owned(), ErrorCode::UnknownFrame),
        (
            r#"{"type":"send_message","data":{}}"#.to_owned(),
            ErrorCode::MalformedRequest,
        ),
        (
            r#"{"type":"typing","data":{"room_id":"x"}}"#.to_owned(),
            ErrorCode::MalformedRequest,
        ),
        (huge, ErrorCode::TooLarge),
        (long, ErrorCode::TooLarge),
        (to(foreign.0), ErrorCode::NotFound),
        (to(-1), ErrorCode::NotFound),
        (to(i64::MAX), ErrorCode::NotFound),
        (escape, ErrorCode::ValidationFailed),
        (
            r#"{"type":"join_room","data":{"room_id":99}}"#.to_owned(),
            ErrorCode::NotFound,
        ),
        (
            r#"{"type":"edit_message","data":{"message_id":-1,"content":"x"}}"#.to_owned(),
            ErrorCode::NotFound,
        ),
        (
            r#"{"type":"delete_message","data":{"message_id":99}}"#.to_owned(),
            ErrorCode::NotFound,
        ),
        (
            r#"{"type":"mark_read","data":{"room_id":99,"seq":1}}"#.to_owned(),
            ErrorCode::NotFound,
        ),
    ];
    for (text, expected) in cases {
        socket.text(&text).await;
        match socket.frame().await {
            ServerFrame::Error(error) => {
                assert_eq!(error.code, expected, "{}", &text[..text.len().min(80)]);
            }
            other => panic!("{text} was answered by {other:?}"),
        }
    }
    socket.raw(WsMessage::Binary(vec![1, 2, 3].into())).await;
    assert!(matches!(socket.frame().await, ServerFrame::Error(_)));
    socket.say_with_id(Some(7), send(mine, "still here")).await;
    assert!(matches!(socket.answer(7).await, ServerFrame::Ack(_)));
}

#[tokio::test]
async fn a_frame_beyond_reason_closes_the_socket_with_its_error() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut socket = ada.socket().await;
    socket.text(&"x".repeat(limit::FRAME_BYTES_HARD + 1)).await;
    let (frames, close) = socket.until_closed().await;
    assert!(
        matches!(frames.last(), Some(ServerFrame::Error(e)) if e.code == ErrorCode::TooLarge),
        "{frames:?} {close:?}"
    );
}

#[tokio::test]
async fn a_removed_member_stops_receiving_after_the_removal() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    for mut socket in [bo.socket().await, bo.plain_socket().await] {
        let of_bo = format!("/chat/rooms/{room}/members/{}", bo.id);
        ada.send(room, "with bo").await;
        ada.ask(Method::DELETE, &of_bo, None).await;
        ada.send(room, "without bo").await;
        ada.ask(Method::POST, &of_bo, None).await;
        ada.send(room, "with bo again").await;
        let mut heard = Vec::new();
        let mut was_removed = false;
        while heard.last().is_none_or(|text| text != "with bo again") {
            match socket.frame().await {
                ServerFrame::NewMessage(message) => heard.push(message.content),
                ServerFrame::MemberUpdated(update) if update.member.user_id == bo.id => {
                    was_removed |= update.member.state == erc_protocol::MemberState::Removed;
                }
                ServerFrame::Sync(sync) => {
                    for message in sync.rooms.into_iter().flat_map(|room| room.messages) {
                        heard.push(message.known().unwrap().content);
                    }
                }
                _ => {}
            }
        }
        assert!(was_removed);
        assert_eq!(heard.first().map(String::as_str), Some("with bo"));
        // History is shared: back in, everything may be seen, but nothing came while out.
        let out = heard.iter().position(|text| text == "without bo");
        let again = heard.iter().position(|text| text == "with bo again");
        assert!(out.is_none() || out < again);
    }
}

#[tokio::test]
async fn nothing_of_a_room_reaches_somebody_who_was_put_out() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut socket = bo.socket().await;
    ada.ask(
        Method::DELETE,
        &format!("/chat/rooms/{room}/members/{}", bo.id),
        None,
    )
    .await;
    ada.send(room, "without bo").await;
    ada.ask(
        Method::PUT,
        &format!("/chat/rooms/{room}"),
        Some(json!({ "topic": "secret" })),
    )
    .await;
    // Bo's own news, later than all of that.
    let own = bo.room("bo's own", &[]).await;
    let frames = socket
        .until(|frame| {
            matches!(frame, ServerFrame::Sync(sync) if sync.rooms.iter().any(|r| r.room_id == own))
        })
        .await;
    let text = format!("{frames:?}");
    assert!(
        !text.contains("without bo") && !text.contains("secret"),
        "{text}"
    );
}

#[tokio::test]
async fn a_deleted_room_leaves_its_members_lists() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada.room("general", &[&bo]).await;
    let mut socket = bo.socket().await;
    ada.ask(Method::DELETE, &format!("/chat/rooms/{room}"), None)
        .await;
    let frames = socket
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
    assert_eq!(
        (row.room_id, row.state),
        (room, erc_protocol::MemberState::Removed)
    );
}

#[tokio::test]
async fn who_may_not_see_a_message_gets_void_for_its_changes() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let room = ada
        .room_with(json!({ "name": "fresh", "history": "joined" }))
        .await;
    let old = ada.send(room, "before bo").await;
    bo.post(&format!("/chat/rooms/{room}/join"), json!({}))
        .await;
    let mut socket = bo.socket().await;
    let path = format!("/chat/messages/{}", old.message_id);
    ada.ask(
        Method::PUT,
        &path,
        Some(json!({ "content": "a secret of before" })),
    )
    .await;
    match socket.frame().await {
        ServerFrame::Void(void) => assert_eq!(void.room_id, room),
        other => panic!("{other:?}"),
    }
}
