//! Arbitrary input on stable Rust, so that CI covers what the fuzz targets (`fuzz/`) explore
//! further: decoding never panics, and what was decoded survives the way back.

use std::{mem::discriminant, path::Path};

use erc_protocol::gateway::{ClientPacket, ServerFrame, ServerPacket};
use proptest::prelude::*;

/// What must hold for any input; the fuzz targets assert the same.
fn client_side(text: &str) {
    if let Ok(packet) = ClientPacket::decode(text) {
        assert_eq!(ClientPacket::decode(&packet.encode()), Ok(packet));
    }
}

fn server_side(text: &str) {
    if let Ok(packet) = ServerPacket::decode(text)
        && !matches!(packet.frame, ServerFrame::Unknown(_))
    {
        // Not the whole frame: data kept as JSON may hold fractions, which lose their last digit.
        let again = ServerPacket::decode(&packet.encode()).unwrap();
        assert_eq!(again.id, packet.id);
        assert_eq!(discriminant(&again.frame), discriminant(&packet.frame));
    }
}

/// JSON that looks like a frame: known types and field names in any combination.
fn frame_like() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        "\\PC{0,12}".prop_map(serde_json::Value::from),
        Just(serde_json::json!("2024-01-01T12:00:00Z")),
        Just(serde_json::json!("-9999-12-31T00:00:00Z")),
        Just(serde_json::json!("0197f0a1-2b3c-7d4e-8f50-617283940a1b")),
    ];
    let key = prop::sample::select(vec![
        "room_id",
        "chat_room_id",
        "rev",
        "seq",
        "content",
        "message_type",
        "client_id",
        "reply_to",
        "message_id",
        "is_typing",
        "state",
        "cursor",
        "resume",
        "rooms",
        "instance",
        "user_rev",
        "open",
        "caps",
        "code",
        "message",
        "created_at",
        "sender_id",
        "sender_name",
        "last_seen",
        "user_id",
        "is_online",
        "timestamp",
        "reason",
        "reconnect",
        "delay_ms",
        "server_time",
        "heads",
        "done",
        "x",
    ]);
    let value = leaf.prop_recursive(3, 24, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    });
    let kind = prop::sample::select(vec![
        "hello",
        "ping",
        "join_room",
        "leave_room",
        "typing",
        "send_message",
        "edit_message",
        "react",
        "pin_message",
        "forward_message",
        "delete_message",
        "mark_read",
        "set_presence",
        "sync_room",
        "welcome",
        "sync",
        "room_joined",
        "new_message",
        "message_updated",
        "room_updated",
        "member_updated",
        "typing_indicator",
        "presence_update",
        "ack",
        "error",
        "pong",
        "session_ended",
        "bye",
        "later",
    ]);
    (kind, value, prop::option::of(any::<u64>())).prop_map(|(kind, data, id)| {
        let mut frame = serde_json::json!({ "type": kind, "data": data });
        if let Some(id) = id {
            frame["id"] = id.into();
        }
        frame.to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        client_side(&text);
        server_side(&text);
    }

    #[test]
    fn any_frame_is_decoded_or_refused(text in frame_like()) {
        client_side(&text);
        server_side(&text);
    }

    #[test]
    fn any_frame_cut_anywhere_is_decoded_or_refused(text in frame_like(), at in 0.0..1.0_f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss,
                 reason = "a place within a short text")]
        let cut = text.floor_char_boundary((text.len() as f64 * at) as usize);
        client_side(&text[..cut]);
        server_side(&text[..cut]);
    }
}

#[test]
fn the_fuzz_corpus_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut seen = 0;
    for (folder, check) in [
        ("client_packet", client_side as fn(&str)),
        ("server_packet", server_side),
    ] {
        for entry in std::fs::read_dir(corpus.join(folder)).expect("the corpus is committed") {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            check(&String::from_utf8_lossy(&bytes));
            seen += 1;
        }
    }
    assert!(seen >= 20, "the corpus was found");
}
