//! How sockets end, and what they survive.

use erc_protocol::ErrorCode;
use erc_protocol::gateway::client::Hello;
use erc_protocol::gateway::{ClientFrame, ServerFrame};
use erc_protocol::limit;
use reqwest::{Method, StatusCode};
use tokio_tungstenite::tungstenite::Message as WsMessage;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::harness::{Heard, Server, Socket, is_done};

fn is_ended(frames: &[ServerFrame]) -> bool {
    matches!(frames.last(), Some(ServerFrame::SessionEnded(_)))
}

#[tokio::test]
async fn signing_out_closes_every_socket_of_the_session_and_no_other() {
    let server = Server::start().await;
    let laptop = server.user("ada").await;
    let phone = server.sign_in("ada").await;
    let mut stays = phone.socket().await;
    let sockets = [
        laptop.socket().await,
        laptop.plain_socket().await,
        // Has not said its hello yet.
        laptop.silent_socket().await,
    ];
    let (status, _) = laptop.ask(Method::POST, "/auth/logout", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    for mut socket in sockets {
        let (frames, close) = socket.until_closed().await;
        assert!(is_ended(&frames), "{frames:?}");
        assert!(close.is_some(), "closed properly");
    }
    assert_eq!(stays.drain().await, vec![]);
    let token = &laptop.tokens.access_token;
    for path in [format!("/chat/ws?token={token}"), "/chat/ws".to_owned()] {
        let refused = Socket::open(&server.url, &path, &[]).await.err();
        assert_eq!(refused, Some(StatusCode::UNAUTHORIZED));
    }
}

#[tokio::test]
async fn a_session_that_has_ended_is_told_nothing_more() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    ada.send(room, "a secret").await;
    let mut socket = ada.silent_socket().await;
    ada.ask(Method::POST, "/auth/logout", None).await;
    // The server may have closed already.
    socket.try_text(r#"{"type":"hello","data":{}}"#).await;
    let (frames, _) = socket.until_closed().await;
    assert!(is_ended(&frames), "{frames:?}");
    assert!(!format!("{frames:?}").contains("a secret"));
}

#[tokio::test]
async fn a_session_that_somebody_ended_in_the_database_is_closed_by_the_sweep() {
    let server = Server::start().await;
    let (ada, bo) = (server.user("ada").await, server.user("bo").await);
    let mut socket = ada.socket().await;
    let mut other = bo.socket().await;
    let mut tx = server.app.db.begin().await.unwrap();
    for session in tx.sessions_of(ada.id).await.unwrap() {
        tx.end_session(session.id, server.app.clock.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    server.app.sweep().await.unwrap();
    let (frames, _) = socket.until_closed().await;
    assert!(is_ended(&frames), "{frames:?}");
    assert_eq!(other.drain().await, vec![]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_opened_while_its_session_ends_is_refused_or_closed() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for round in 0..20 {
        let phone = server.sign_in("ada").await;
        let path = format!("/chat/ws?token={}", phone.tokens.access_token);
        let sessions = format!("/auth/sessions/{}", phone.tokens.session_id);
        let open = async {
            // So that the ending comes at another moment each time.
            for _ in 0..round % 5 {
                tokio::task::yield_now().await;
            }
            Socket::open(&server.url, &path, &[]).await
        };
        let (socket, _) = tokio::join!(open, ada.ask(Method::DELETE, &sessions, None));
        match socket {
            Ok(mut socket) => assert!(is_ended(&socket.until_closed().await.0)),
            Err(status) => assert_eq!(status, StatusCode::UNAUTHORIZED),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_while_it_is_used_is_over() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    for _ in 0..20 {
        let phone = server.sign_in("ada").await;
        let sessions = format!("/auth/sessions/{}", phone.tokens.session_id);
        let end = ada.ask(Method::DELETE, &sessions, None);
        tokio::join!(phone.get("/users/me"), phone.get("/users/me"), end);
        let (status, _) = phone.get("/users/me").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_the_socket_with_its_error() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut socket = ada.socket().await;
    let text = Frame::message(
        b"{\"type\":\"\xff\"}".to_vec(),
        OpCode::Data(Data::Text),
        true,
    );
    socket.raw(WsMessage::Frame(text)).await;
    let (frames, close) = socket.until_closed().await;
    let told =
        matches!(frames.last(), Some(ServerFrame::Error(e)) if e.code == ErrorCode::MalformedJson);
    assert!(told && close.is_some(), "{frames:?} {close:?}");
}

#[tokio::test]
async fn large_frames_keep_the_socket_and_larger_ones_close_it() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let is_too_large = |frame: &ServerFrame| matches!(frame, ServerFrame::Error(e) if e.code == ErrorCode::TooLarge);
    let ping = |bytes: usize| {
        let frame = r#"{"type":"ping","id":1}"#;
        format!("{frame}{}", " ".repeat(bytes - frame.len()))
    };
    let mut socket = ada.socket().await;
    socket.text(&ping(limit::FRAME_BYTES)).await;
    assert!(matches!(socket.answer(1).await, ServerFrame::Pong(_)));
    for bytes in [limit::FRAME_BYTES + 1, limit::FRAME_BYTES_HARD] {
        socket.text(&ping(bytes)).await;
        assert!(is_too_large(&socket.frame().await), "{bytes} bytes");
    }
    assert_eq!(socket.drain().await, vec![], "it goes on");
    for bytes in [limit::FRAME_BYTES_HARD + 1, 1024 * 1024] {
        let mut socket = ada.socket().await;
        // The server need not take all of it.
        socket.try_text(&ping(bytes)).await;
        let (frames, _) = socket.until_closed().await;
        assert!(
            frames.last().is_some_and(is_too_large),
            "{bytes} {frames:?}"
        );
    }
}

#[tokio::test]
async fn a_device_that_connects_again_leaves_other_devices_and_sessions_alone() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let second = server.sign_in("ada").await;
    let hello = async |person: &crate::harness::Person, device: &str| {
        let mut socket = person.silent_socket().await;
        let device = Some(device.to_owned());
        socket
            .say(ClientFrame::Hello(Hello {
                device,
                ..Hello::default()
            }))
            .await;
        socket.until(is_done).await;
        socket
    };
    let mut first = hello(&ada, "laptop").await;
    let mut others = [
        hello(&ada, "phone").await,
        hello(&second, "laptop").await,
        ada.socket().await,
        ada.plain_socket().await,
    ];
    let mut again = hello(&ada, "laptop").await;
    let (frames, _) = first.until_closed().await;
    assert!(matches!(frames.last(), Some(ServerFrame::Bye(bye)) if !bye.reconnect));
    for socket in &mut others {
        assert_eq!(socket.drain().await, vec![]);
    }
    assert_eq!(again.drain().await, vec![]);
}

#[tokio::test]
async fn a_stopping_server_takes_no_new_sockets_and_keeps_what_was_sent() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let room = ada.room("general", &[]).await;
    let mut sockets = [
        ada.socket().await,
        ada.plain_socket().await,
        ada.silent_socket().await,
    ];
    let sent = ada.send(room, "the last word").await;
    server.app.lifecycle.drain();
    for socket in &mut sockets {
        let (frames, close) = socket.until_closed().await;
        assert!(
            matches!(frames.last(), Some(ServerFrame::Bye(bye)) if bye.reconnect && bye.delay_ms > 0),
            "{frames:?}"
        );
        assert!(close.is_some());
    }
    let mut tx = server.app.db.snapshot().await.unwrap();
    assert!(tx.message(sent.message_id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_peer_that_closes_gets_its_close_back() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let mut socket = ada.socket().await;
    socket.raw(WsMessage::Close(None)).await;
    assert!(matches!(socket.next().await, Heard::Closed(_)));
}
