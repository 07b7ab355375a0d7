//! The checks on stable Rust and in every run of the tests: the corpus, the corpus altered, bytes, and
//! JSON that looks like a frame. What breaks a check is found by libFuzzer (`scripts/fuzz`), and then
//! stands in the corpus.

#![cfg(test)]

use std::{collections::BTreeSet, fs, path::PathBuf};

use erc_fuzz::{TARGETS, Target, named};
use proptest::prelude::*;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

fn frame(text: &str) {
    for name in ["client_packet", "server_packet", "request"] {
        (named(name).unwrap().check)(text.as_bytes());
    }
}

fn any_target() -> impl Strategy<Value = Target> {
    prop::sample::select(TARGETS.to_vec())
}

/// A file of the corpus of a target, with a piece of another in it.
fn altered() -> impl Strategy<Value = (Target, Vec<u8>)> {
    any_target().prop_flat_map(|target| {
        let files: Vec<_> = corpus(target.name).into_iter().map(|(_, b)| b).collect();
        let file = || prop::sample::select(files.clone());
        let place = || any::<prop::sample::Index>();
        (file(), file(), place(), place(), place(), any::<u8>()).prop_map(
            move |(one, other, at, from, to, byte)| {
                let at = at.index(one.len() + 1);
                let from = from.index(other.len() + 1);
                let to = from + to.index(other.len() - from + 1);
                let mut bytes = one[..at].to_vec();
                bytes.extend(&other[from..to]);
                bytes.push(byte);
                bytes.extend(&one[at..]);
                (target, bytes)
            },
        )
    })
}

#[test]
fn every_file_of_the_corpus_holds() {
    for target in TARGETS {
        let files = corpus(target.name);
        assert!(files.len() >= 5, "{} has a corpus", target.name);
        for (path, bytes) in files {
            println!("{}", path.display());
            (target.check)(&bytes);
        }
    }
}

#[test]
fn every_folder_of_the_corpus_is_of_a_decoder() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let found: BTreeSet<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted = TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(found, wanted);
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
        "follow_thread",
        "read_thread",
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
    fn any_bytes_are_decoded_or_refused(
        target in any_target(),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        (target.check)(&bytes);
    }

    #[test]
    fn the_corpus_altered_anywhere_is_decoded_or_refused((target, bytes) in altered()) {
        (target.check)(&bytes);
    }

    #[test]
    fn any_frame_is_decoded_or_refused(text in frame_like()) {
        frame(&text);
    }

    #[test]
    fn any_frame_cut_anywhere_is_decoded_or_refused(text in frame_like(), at in any::<prop::sample::Index>()) {
        frame(&text[..text.floor_char_boundary(at.index(text.len()))]);
    }
}
