//! Hostile and careless client frames: each gets its code, and its `id` back where it has one.

use erc_protocol::{
    ErrorCode, MessageType, Rev, RoomId,
    gateway::{ClientFrame, ClientPacket},
};
use serde_json::json;

fn refused(text: &str) -> (Option<u64>, ErrorCode) {
    let error = ClientPacket::decode(text).expect_err(text);
    assert!(
        !error.error.message.is_empty(),
        "a refusal says why: {text}"
    );
    (error.id, error.error.code)
}

#[test]
fn what_is_not_json_is_malformed_json() {
    for text in [
        "",
        " ",
        "{",
        "hello",
        "{\"type\":\"ping\"",
        "{'type':'ping'}",
        "{\"type\":\"ping\"}}",
        "\u{0}",
        "{\"type\":\"pi\nng\"}",
        "nul",
    ] {
        assert_eq!(refused(text), (None, ErrorCode::MalformedJson), "{text:?}");
    }
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    let deep = format!(
        "{{\"type\":\"ping\",\"data\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(refused(&deep), (None, ErrorCode::MalformedRequest));
}

#[test]
fn json_that_is_no_frame_is_a_malformed_request() {
    for text in ["null", "1", "\"ping\"", "[1]", "true"] {
        assert_eq!(refused(text), (None, ErrorCode::MalformedRequest), "{text}");
    }
}

#[test]
fn a_frame_without_a_type_gets_its_id_back() {
    for text in [
        r#"{"id":3}"#,
        r#"{"data":{},"id":3}"#,
        r#"{"type":null,"id":3}"#,
        r#"{"type":7,"id":3}"#,
        r#"{"type":{},"id":3}"#,
    ] {
        assert_eq!(
            refused(text),
            (Some(3), ErrorCode::MalformedRequest),
            "{text}"
        );
    }
}

#[test]
fn an_unknown_type_gets_its_id_back() {
    for kind in ["", "PING", "ping ", "welcome", "__proto__", "unknown"] {
        let text = format!(r#"{{"type":"{kind}","id":4}}"#);
        assert_eq!(refused(&text), (Some(4), ErrorCode::UnknownFrame), "{text}");
    }
}

#[test]
fn fields_of_the_wrong_kind_are_a_malformed_request() {
    for data in [
        r"{}",
        r"[]",
        r"7",
        r#""text""#,
        r#"{"room_id":"1","content":"x"}"#,
        r#"{"room_id":1.5,"content":"x"}"#,
        r#"{"room_id":null,"content":"x"}"#,
        r#"{"room_id":99999999999999999999,"content":"x"}"#,
        r#"{"room_id":-99999999999999999999,"content":"x"}"#,
        r#"{"room_id":1e400,"content":"x"}"#,
        r#"{"room_id":1}"#,
        r#"{"room_id":1,"content":7}"#,
        r#"{"room_id":1,"content":"x","client_id":"not-a-uuid"}"#,
        r#"{"room_id":1,"content":"x","reply_to":"1"}"#,
    ] {
        let text = format!(r#"{{"type":"send_message","id":5,"data":{data}}}"#);
        let (id, code) = refused(&text);
        // A number that no JSON reader can hold is already an error of the JSON.
        if code == ErrorCode::MalformedJson {
            assert!(data.contains("1e400"), "{text}");
        } else {
            assert_eq!((id, code), (Some(5), ErrorCode::MalformedRequest), "{text}");
        }
    }
}

#[test]
fn a_negative_id_is_well_formed_and_left_to_the_server_to_refuse() {
    let packet =
        ClientPacket::decode(r#"{"type":"join_room","data":{"room_id":-1}}"#).expect("well formed");
    let ClientFrame::JoinRoom(room) = packet.frame else {
        panic!("another frame")
    };
    assert_eq!(room.room_id, RoomId(-1));
}

#[test]
fn absent_data_counts_as_empty() {
    for text in [r#"{"type":"ping"}"#, r#"{"type":"ping","data":null}"#] {
        assert!(
            matches!(
                ClientPacket::decode(text).map(|p| p.frame),
                Ok(ClientFrame::Ping(_))
            ),
            "{text}"
        );
    }
    let hello = ClientPacket::decode(r#"{"type":"hello"}"#).expect("all of hello is optional");
    assert!(
        matches!(hello.frame, ClientFrame::Hello(h) if h.resume.is_none() && h.open.is_empty())
    );
}

#[test]
fn unknown_fields_are_ignored_everywhere() {
    let packet = ClientPacket::decode(
        r#"{"type":"send_message","id":9,"trace":"x",
            "data":{"room_id":1,"content":"hi","mood":"good","attachments":[{"a":1}]}}"#,
    )
    .expect("unknown fields are no error");
    assert_eq!(packet.id, Some(9));
    let ClientFrame::SendMessage(send) = packet.frame else {
        panic!("another frame")
    };
    assert_eq!(send.message_type, MessageType::Text, "text if absent");
}

#[test]
fn an_id_that_is_no_number_counts_as_absent() {
    for id in ["\"7\"", "-1", "1.5", "null", "{}", "1e30"] {
        let packet = ClientPacket::decode(&format!(r#"{{"type":"ping","id":{id}}}"#)).expect(id);
        assert_eq!(packet.id, None, "{id}");
    }
}

#[test]
fn the_largest_id_is_echoed_exactly() {
    let packet = ClientPacket::decode(r#"{"type":"ping","id":18446744073709551615}"#).unwrap();
    assert_eq!(packet.id, Some(u64::MAX));
}

#[test]
fn a_refusal_is_short_whatever_it_was_sent() {
    let long = "é\u{1b}[2J".repeat(20_000);
    for data in [json!(long), json!({ "room_id": long })] {
        let text = json!({ "type": "join_room", "data": data }).to_string();
        let message = ClientPacket::decode(&text).unwrap_err().error.message;
        assert!(message.len() <= 200, "{} bytes", message.len());
        assert!(!message.contains('\u{1b}'), "an escape is quoted raw");
    }
}

#[test]
fn the_order_of_fields_does_not_matter() {
    let text = r#"{"id":1,"data":{"resume":{"rooms":{"123":{"seq":9,"rev":12}},"user_rev":7,
        "instance":"11111111-2222-4333-8444-555555555555"}},"type":"hello"}"#;
    let ClientFrame::Hello(hello) = ClientPacket::decode(text).unwrap().frame else {
        panic!("another frame")
    };
    let resume = hello.resume.unwrap();
    assert_eq!(resume.rooms[&RoomId(123)].rev, Rev(12));
}
