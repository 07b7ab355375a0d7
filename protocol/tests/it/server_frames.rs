//! What a client makes of frames that a newer (or broken) server sends: nothing is lost that could
//! be kept, and one odd row never costs the batch.

use erc_protocol::{
    ErrorCode, MessageType, Rev, RoomId, Row,
    gateway::{ServerFrame, ServerPacket},
};
use serde_json::{Value, json};

use crate::fixtures::{member, message, room, unread};

fn decode(frame: &Value) -> ServerPacket {
    ServerPacket::decode(&frame.to_string()).expect("a frame")
}

#[test]
fn an_unknown_type_keeps_its_room_and_change() {
    for room_field in ["room_id", "chat_room_id"] {
        let packet = decode(
            &json!({ "type": "poll_closed", "data": { room_field: 123, "rev": 15, "x": [] } }),
        );
        let ServerFrame::Unknown(unknown) = packet.frame else {
            panic!("known?")
        };
        assert_eq!(unknown.kind, "poll_closed");
        assert_eq!(unknown.room_id, Some(RoomId(123)));
        assert_eq!(unknown.rev, Some(Rev(15)));
        assert_eq!(unknown.data["x"], json!([]));
    }
}

#[test]
fn a_known_type_of_another_shape_keeps_its_room_and_change() {
    let mut data = serde_json::to_value(message()).unwrap();
    data["content"] = json!({ "blocks": [] });
    let ServerFrame::Unknown(unknown) =
        decode(&json!({ "type": "new_message", "data": data })).frame
    else {
        panic!("content is no text, yet it was read")
    };
    assert_eq!(unknown.kind, "new_message");
    assert_eq!(
        (unknown.room_id, unknown.rev),
        (Some(RoomId(123)), Some(Rev(12)))
    );
}

#[test]
fn what_is_encoded_from_parts_is_what_the_packet_says() {
    let row = message();
    let whole = ServerPacket::from(ServerFrame::NewMessage(row.clone())).encode();
    assert_eq!(ServerPacket::encode_new_message(&row), whole);
    let ack = ServerPacket::decode(&ServerPacket::encode_ack(7, &row)).expect("a frame");
    let data = serde_json::to_value(&row).unwrap();
    assert_eq!((ack.id, ack.frame), (Some(7), ServerFrame::Ack(data)));
    let ack = ServerPacket::decode(&ServerPacket::encode_ack(8, &Value::Null)).expect("a frame");
    assert_eq!(
        (ack.id, ack.frame),
        (Some(8), ServerFrame::Ack(Value::Null))
    );
}

#[test]
fn a_type_behind_its_data_is_read_all_the_same() {
    let row = serde_json::to_string(&message()).unwrap();
    let text = format!(r#"{{"id":3,"data":{row},"type":"new_message"}}"#);
    let packet = ServerPacket::decode(&text).expect("a frame");
    assert_eq!(packet.id, Some(3));
    assert_eq!(packet.frame, ServerFrame::NewMessage(message()));
}

#[test]
fn a_frame_without_data_is_kept() {
    assert!(matches!(
        decode(&json!({ "type": "heartbeat" })).frame,
        ServerFrame::Unknown(u) if u.room_id.is_none() && u.rev.is_none()
    ));
}

#[test]
fn what_is_no_frame_is_an_error() {
    for text in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"data":{}}"#,
        "{",
        r#"{"type":3}"#,
    ] {
        assert!(ServerPacket::decode(text).is_err(), "{text}");
    }
}

#[test]
fn one_odd_row_does_not_cost_the_batch() {
    let mut odd_message = serde_json::to_value(message()).unwrap();
    odd_message["content"] = json!(["not", "text"]);
    let mut odd_member = serde_json::to_value(member()).unwrap();
    odd_member["role"] = json!("emperor");
    let packet = decode(&json!({
        "type": "sync",
        "data": {
            "rooms": [{
                "room_id": 123, "from": 0, "to": 14, "head": 14, "limited": false,
                "room": room(),
                "members": [member(), odd_member],
                "members_complete": true,
                "messages": [message(), odd_message, message()],
                "unread": unread(),
            }],
            "done": true,
        }
    }));
    let ServerFrame::Sync(sync) = packet.frame else {
        panic!("the batch was lost")
    };
    let room = &sync.rooms[0];
    let known = |rows: &[bool]| rows.to_vec();
    assert_eq!(
        room.messages
            .iter()
            .map(|r| matches!(r, Row::Known(_)))
            .collect::<Vec<_>>(),
        known(&[true, false, true])
    );
    assert_eq!(
        room.members
            .iter()
            .map(|r| matches!(r, Row::Known(_)))
            .collect::<Vec<_>>(),
        known(&[true, false])
    );
    let Row::Unknown(raw) = &room.messages[1] else {
        unreachable!()
    };
    assert_eq!(raw["seq"], 9, "the odd row is kept as it came");
}

#[test]
fn a_foreign_message_type_is_a_message_all_the_same() {
    let mut data = serde_json::to_value(message()).unwrap();
    data["message_type"] = json!("drawing");
    data["strokes"] = json!({ "red": 3 });
    let ServerFrame::NewMessage(message) =
        decode(&json!({ "type": "new_message", "data": data })).frame
    else {
        panic!("lost")
    };
    assert_eq!(message.message_type, MessageType::Other("drawing".into()));
}

#[test]
fn a_foreign_error_code_is_an_error_all_the_same() {
    let packet = decode(
        &json!({ "type": "error", "id": 3, "data": { "code": "quota_used_up", "message": "no" } }),
    );
    let ServerFrame::Error(error) = packet.frame else {
        panic!("lost")
    };
    assert_eq!((packet.id, error.code), (Some(3), ErrorCode::Unknown));
}

#[test]
fn the_id_of_an_answer_survives_an_unknown_shape() {
    let packet = decode(&json!({ "type": "later", "id": 12, "data": 5 }));
    assert_eq!(packet.id, Some(12));
}
