//! The frames of the brief, literally: other people's clients were written from them.

use erc_protocol::{
    MessageId, Rev, RoomId, Seq, UserId,
    gateway::{ClientFrame, ClientPacket, ServerFrame, ServerPacket},
    presence::Typing,
};
use serde_json::{Value, json};

use crate::fixtures::{NOON, message, presence, room};

fn decode(frame: &Value) -> ClientFrame {
    ClientPacket::decode(&frame.to_string()).unwrap().frame
}

#[test]
fn the_frames_that_the_brief_sends_are_read() {
    let ClientFrame::JoinRoom(open) =
        decode(&json!({ "type": "join_room", "data": { "room_id": 123 } }))
    else {
        panic!("join_room is another frame")
    };
    assert_eq!(open.room_id, RoomId(123));

    let ClientFrame::Typing(typing) =
        decode(&json!({ "type": "typing", "data": { "room_id": 123, "is_typing": true } }))
    else {
        panic!("typing is another frame")
    };
    assert_eq!((typing.room_id, typing.is_typing), (RoomId(123), true));

    assert!(matches!(
        decode(&json!({ "type": "ping", "data": {} })),
        ClientFrame::Ping(_)
    ));
}

fn frame(frame: ServerFrame) -> Value {
    serde_json::from_str(&ServerPacket::from(frame).encode()).unwrap()
}

/// Every field of the brief's frame is in ours, under exactly its name.
fn has_all_of(ours: &Value, briefs: &Value) {
    for (name, value) in briefs.as_object().unwrap() {
        let field = ours
            .get(name)
            .unwrap_or_else(|| panic!("no {name} in {ours}"));
        match (field, value) {
            (Value::Object(_), Value::Object(_)) => has_all_of(field, value),
            // The brief writes whole seconds; ours has milliseconds of the same moment.
            (Value::String(ours), Value::String(brief)) if brief.ends_with('Z') => {
                assert_eq!(ours.replace(".000Z", "Z"), *brief);
            }
            _ => assert_eq!(field, value, "{name}"),
        }
    }
}

#[test]
fn new_message_carries_every_field_of_the_brief() {
    has_all_of(
        &frame(ServerFrame::NewMessage(message())),
        &json!({
            "type": "new_message",
            "data": {
                "message_id": 456,
                "chat_room_id": 123,
                "sender_id": 789,
                "sender_name": "John Doe",
                "content": "Hello world!",
                "message_type": "text",
                "created_at": "2024-01-01T12:00:00Z"
            }
        }),
    );
}

#[test]
fn typing_indicator_carries_every_field_of_the_brief() {
    has_all_of(
        &frame(ServerFrame::TypingIndicator(Typing {
            user_id: UserId(789),
            user_name: "John Doe".into(),
            room_id: RoomId(123),
            is_typing: true,
            timestamp: NOON,
        })),
        &json!({
            "type": "typing_indicator",
            "data": {
                "user_id": 789,
                "room_id": 123,
                "is_typing": true,
                "timestamp": "2024-01-01T12:00:00Z"
            }
        }),
    );
}

#[test]
fn presence_update_carries_every_field_of_the_brief() {
    has_all_of(
        &frame(ServerFrame::PresenceUpdate(presence())),
        &json!({
            "type": "presence_update",
            "data": { "user_id": 789, "is_online": true, "last_seen": "2024-01-01T12:00:00Z" }
        }),
    );
}

#[test]
fn the_body_that_the_brief_posts_is_read() {
    let body = r#"{"content":"Hello world!","message_type":"text"}"#;
    let request: erc_protocol::api::messages::SendMessageRequest =
        serde_json::from_str(body).unwrap();
    assert_eq!(request.content, "Hello world!");
    assert_eq!(request.client_id, None);
}

#[test]
fn ids_are_numbers_that_javascript_holds_exactly() {
    let mut message = message();
    let largest = erc_protocol::limit::MAX_SAFE_INTEGER;
    message.message_id = MessageId(largest);
    message.chat_room_id = RoomId(largest);
    message.seq = Seq(largest);
    message.rev = Rev(largest);
    let json = serde_json::to_value(message).unwrap();
    for field in ["message_id", "chat_room_id", "seq", "rev", "sender_id"] {
        assert!(json[field].is_i64() || json[field].is_u64(), "{field}");
    }
    assert!(serde_json::to_value(room()).unwrap()["type"].is_string());
}
