//! Bad input: a clear code each, the connection kept where it can be, nothing stored by halves.

use erc_protocol::{ErrorCode, RoomId, limit};
use erc_tests::{
    rest::{Person, anonymous},
    server::TestServer,
    socket::Wire,
};
use reqwest::Method;
use serde_json::{Value, json};

async fn a_room() -> (TestServer, Person, RoomId) {
    let server = TestServer::start();
    server.add_user("ada");
    let ada = Person::sign_in(&server.url(), "ada").await;
    let room = ada.create_room("general").await;
    (server, ada, room)
}

#[tokio::test]
async fn a_bad_frame_is_refused_and_the_socket_stays() {
    let (_server, ada, room) = a_room().await;
    let mut wire = Wire::brief(&ada).await;
    let cases: Vec<(String, ErrorCode)> = vec![
        ("{".into(), ErrorCode::MalformedJson),
        (String::new(), ErrorCode::MalformedJson),
        ("[]".into(), ErrorCode::MalformedRequest),
        (r#"{"data":{}}"#.into(), ErrorCode::MalformedRequest),
        (r#"{"type":"make_coffee"}"#.into(), ErrorCode::UnknownFrame),
        (
            r#"{"type":"send_message","data":{"room_id":"x"}}"#.into(),
            ErrorCode::MalformedRequest,
        ),
        (
            json!({ "type": "join_room", "data": { "room_id": 999_999 } }).to_string(),
            ErrorCode::NotFound,
        ),
        (
            json!({ "type": "typing", "data": { "room_id": 999_999, "is_typing": true } })
                .to_string(),
            ErrorCode::NotFound,
        ),
        (
            json!({ "type": "sync_room", "data": { "room_id": -1, "cursor": { "rev": 0, "seq": 0 } } })
                .to_string(),
            ErrorCode::NotFound,
        ),
        (
            json!({ "type": "delete_message", "data": { "message_id": i64::MIN } }).to_string(),
            ErrorCode::NotFound,
        ),
        (
            json!({ "type": "edit_message", "data": { "message_id": i64::MAX, "content": "x" } })
                .to_string(),
            ErrorCode::NotFound,
        ),
    ];
    for (text, code) in cases {
        wire.say_text(text.clone()).await;
        assert_eq!(wire.error().await.code, code, "{text}");
    }
    for room_id in [0, -1, 999_999, i64::MIN, i64::MAX, limit::MAX_SAFE_INTEGER] {
        let frame = json!({
            "type": "send_message", "id": 1, "data": { "room_id": room_id, "content": "x" },
        });
        wire.say_text(frame.to_string()).await;
        assert_eq!(wire.error().await.code, ErrorCode::NotFound, "{room_id}");
    }
    let sent = wire.send(room, "still here").await;
    assert_eq!(sent.seq.0, 1, "nothing of the above was stored");
}

#[tokio::test]
async fn a_bad_text_is_refused_and_the_socket_stays() {
    let (_server, ada, room) = a_room().await;
    let mut wire = Wire::brief(&ada).await;
    let too_long = "x".repeat(limit::MESSAGE_BYTES + 1);
    for (content, code) in [
        ("", ErrorCode::ValidationFailed),
        (" \n\t", ErrorCode::ValidationFailed),
        ("\u{1b}[2J\u{1b}[H", ErrorCode::ValidationFailed),
        ("\u{1b}]0;title\u{7}", ErrorCode::ValidationFailed),
        ("nul\0nul", ErrorCode::ValidationFailed),
        ("\u{9b}31m", ErrorCode::ValidationFailed),
        (&too_long, ErrorCode::TooLarge),
    ] {
        let data = json!({ "room_id": room, "content": content });
        wire.say_text(json!({ "type": "send_message", "id": 5, "data": data }).to_string())
            .await;
        let shown: String = content.chars().take(20).collect();
        assert_eq!(wire.error().await.code, code, "{shown:?}");
        ada.post(
            &format!("/chat/rooms/{room}/messages"),
            &json!({ "content": content }),
        )
        .await
        .refused(code);
    }
    let full = "é".repeat(limit::MESSAGE_BYTES / 2);
    assert_eq!(
        wire.send(room, &full).await.content,
        full,
        "the limit itself"
    );
    assert_eq!(ada.history(room).await.len(), 1);
}

#[tokio::test]
async fn a_frame_above_the_limit_is_refused_and_the_socket_stays() {
    let (_server, ada, room) = a_room().await;
    let mut wire = Wire::brief(&ada).await;
    let frame = |bytes: usize| {
        json!({ "type": "send_message", "data": { "room_id": room, "content": "x".repeat(bytes) } })
            .to_string()
    };
    wire.say_text(frame(limit::FRAME_BYTES)).await;
    assert_eq!(wire.error().await.code, ErrorCode::TooLarge);
    wire.is_alive().await;
    ada.post(
        &format!("/chat/rooms/{room}/messages"),
        &json!({ "content": "x".repeat(1024 * 1024) }),
    )
    .await
    .refused(ErrorCode::TooLarge);
}

#[tokio::test]
async fn a_frame_of_a_mebibyte_costs_its_socket_and_nobody_else() {
    let (_server, ada, room) = a_room().await;
    let mut other = Wire::brief(&ada).await;
    let mut wire = Wire::brief(&ada).await;
    let text = "x".repeat(1024 * 1024);
    wire.say_text(
        json!({ "type": "send_message", "data": { "room_id": room, "content": text } }).to_string(),
    )
    .await;
    assert_eq!(wire.error().await.code, ErrorCode::TooLarge);
    wire.closed().await;
    other.send(room, "unharmed").await;
    assert_eq!(ada.history(room).await.len(), 1);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused() {
    let (_server, ada, room) = a_room().await;
    let mut wire = Wire::brief(&ada).await;
    wire.say_bytes_as_text(vec![0x7b, 0xff, 0xfe, 0x7d]).await;
    assert_eq!(wire.error().await.code, ErrorCode::MalformedJson);
    // RFC 6455, 8.1: a text frame that is no UTF-8 fails the connection.
    wire.closed().await;
    let mut wire = Wire::brief(&ada).await;
    wire.say_raw(tokio_tungstenite::tungstenite::Message::Binary(
        vec![0xff, 0x00].into(),
    ))
    .await;
    assert_eq!(wire.error().await.code, ErrorCode::MalformedRequest);
    wire.is_alive().await;
    ada.raw(
        Method::POST,
        &format!("/chat/rooms/{room}/messages"),
        "application/json",
        b"{\"content\":\"\xff\xfe\"}".to_vec(),
    )
    .await
    .refused(ErrorCode::MalformedJson);
}

#[tokio::test]
async fn a_wrong_token_is_refused_before_the_upgrade() {
    let (server, ada, _room) = a_room().await;
    let url = server.url();
    let good = &ada.tokens.access_token;
    let tampered = format!("{good}x");
    for token in [
        "",
        "nonsense",
        "a.b.c",
        &tampered,
        &ada.tokens.refresh_token,
    ] {
        assert_eq!(
            Wire::with_token(&url, token).await.err(),
            Some(401),
            "{token:?}"
        );
    }
    for (name, value) in [
        ("authorization", "Bearer nonsense".to_owned()),
        ("authorization", format!("Basic {good}")),
        (
            "sec-websocket-protocol",
            "erc.v1, bearer.nonsense".to_owned(),
        ),
    ] {
        assert_eq!(
            Wire::with_header(&url, name, &value).await.err(),
            Some(401),
            "{value}"
        );
    }
    let header = format!("Bearer {good}");
    assert!(
        Wire::with_header(&url, "authorization", &header)
            .await
            .is_ok()
    );
    anonymous(&url, Method::GET, "/users/me", None)
        .await
        .refused(ErrorCode::InvalidToken);
    let log = server.log_end();
    assert!(!log.contains(good.as_str()), "a token stands in the log");
}

#[tokio::test]
async fn a_page_of_a_foreign_origin_is_refused() {
    let (server, ada, _room) = a_room().await;
    let mut request =
        tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(format!(
            "{}/chat/ws?token={}",
            server.url().replace("http", "ws"),
            ada.tokens.access_token
        ))
        .unwrap();
    request
        .headers_mut()
        .insert("origin", "https://evil.example".parse().unwrap());
    let refused = Box::pin(tokio_tungstenite::connect_async(request)).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(answer)) = refused else {
        panic!("a foreign page got in")
    };
    assert_eq!(answer.status().as_u16(), 403);
}

#[tokio::test]
async fn rest_refuses_what_it_cannot_read_with_a_code_each() {
    let (_server, ada, room) = a_room().await;
    let messages = format!("/chat/rooms/{room}/messages");
    let json = "application/json";
    for (path, kind, body, code) in [
        (&*messages, json, "{", ErrorCode::MalformedJson),
        (&*messages, json, "", ErrorCode::MalformedJson),
        (&*messages, json, "[]", ErrorCode::MalformedRequest),
        (&*messages, json, "{}", ErrorCode::MalformedRequest),
        (
            &*messages,
            json,
            r#"{"content":7}"#,
            ErrorCode::MalformedRequest,
        ),
        (
            &*messages,
            "text/plain",
            "hello",
            ErrorCode::UnsupportedMediaType,
        ),
        (
            "/chat/rooms",
            json,
            r#"{"name":"x","type":"castle"}"#,
            ErrorCode::MalformedRequest,
        ),
        (
            "/auth/login",
            json,
            r#"{"username":"ada"}"#,
            ErrorCode::MalformedRequest,
        ),
        ("/auth/refresh", json, "null", ErrorCode::MalformedRequest),
    ] {
        let answer = ada.raw(Method::POST, path, kind, body.into()).await;
        answer.refused(code);
    }
    for path in [
        "/chat/rooms/-1",
        "/chat/rooms/0",
        "/chat/rooms/9223372036854775807",
        "/chat/messages/-9223372036854775808",
        "/chat/rooms/999999/messages",
        "/nowhere",
    ] {
        ada.get(path).await.refused(ErrorCode::NotFound);
    }
    for path in [
        "/chat/rooms/99999999999999999999",
        "/chat/rooms/abc",
        "/chat/rooms/1.5",
    ] {
        let answer = ada.get(path).await;
        assert!(
            [400, 404].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        assert!(
            answer.body["error"]["code"].is_string(),
            "{path}: {}",
            answer.body
        );
    }
    for query in [
        "limit=0",
        "limit=-1",
        "limit=101",
        "before_seq=-1",
        "before_seq=1&after_seq=1",
    ] {
        ada.get(&format!("{messages}?{query}"))
            .await
            .refused(ErrorCode::ValidationFailed);
    }
    let answer = ada.get(&format!("{messages}?limit=many")).await;
    assert!([400, 422].contains(&answer.status), "{}", answer.body);
    ada.request(Method::PATCH, "/users/me", Some(&json!({})))
        .await
        .refused(ErrorCode::MethodNotAllowed);
}

#[tokio::test]
async fn names_that_deceive_are_refused() {
    let (_server, ada, room) = a_room().await;
    for name in [
        "",
        "   ",
        "\u{1b}[31mred",
        "bell\u{7}",
        "admin\u{202e}nimda",
        "in\u{200b}visible",
        "two\nlines",
        &"x".repeat(81),
    ] {
        let body = json!({ "name": name, "type": "group" });
        let refusal = ada
            .post("/chat/rooms", &body)
            .await
            .refused(ErrorCode::ValidationFailed);
        assert!(
            refusal.details.unwrap().fields.contains_key("name"),
            "{name:?}"
        );
        ada.put(&format!("/chat/rooms/{room}"), &json!({ "name": name }))
            .await
            .refused(ErrorCode::ValidationFailed);
    }
    assert_eq!(ada.rooms().await[0].room.name, "general");
}

#[tokio::test]
async fn every_refusal_is_json_with_a_code() {
    let (server, ada, _) = a_room().await;
    for answer in [
        ada.get("/nowhere").await,
        ada.request(Method::DELETE, "/auth/login", None).await,
        ada.get("/chat/ws").await,
        ada.get("/%ff%fe").await,
        ada.get("/chat/rooms/%00").await,
        anonymous(&server.url(), Method::GET, "/chat/rooms", None).await,
    ] {
        assert!(answer.status >= 400, "{}: {}", answer.what, answer.status);
        let code: Option<ErrorCode> =
            serde_json::from_value(answer.body["error"]["code"].clone()).ok();
        assert!(
            code.is_some_and(|code| code != ErrorCode::Unknown),
            "{}: {} {}",
            answer.what,
            answer.status,
            answer.body
        );
        assert_eq!(
            code.map(ErrorCode::status),
            Some(answer.status),
            "{}",
            answer.what
        );
    }
    assert_eq!(
        ada.get("/users/me").await.ok()["username"],
        Value::from("ada")
    );
}
