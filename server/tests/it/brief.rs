//! The paths of the original brief, all of them, and whether they are there.

use erc_server::http;
use serde_json::Value;

/// Method, path, and whether it is there: whoever adds one that is missing says so here.
const ENDPOINTS: &[(&str, &str, bool)] = &[
    ("post", "/auth/login", true),
    ("get", "/users/me", true),
    ("get", "/chat/rooms", true),
    ("post", "/chat/rooms", true),
    ("get", "/chat/rooms/{room_id}", true),
    ("put", "/chat/rooms/{room_id}", true),
    ("delete", "/chat/rooms/{room_id}", true),
    ("get", "/chat/rooms/{room_id}/messages", true),
    ("post", "/chat/rooms/{room_id}/messages", true),
    ("put", "/chat/messages/{message_id}", true),
    ("delete", "/chat/messages/{message_id}", true),
    ("post", "/chat/upload/image", false),
    ("post", "/chat/upload/audio", false),
    ("post", "/chat/upload/file", false),
    ("post", "/chat/messages/{message_id}/reactions", true),
    ("post", "/chat/search", true),
    ("post", "/chat/rooms/{room_id}/members/{user_id}", true),
    ("delete", "/chat/rooms/{room_id}/members/{user_id}", true),
    ("get", "/chat/rooms/{room_id}/analytics", false),
    ("get", "/chat/presence/{user_id}", true),
    ("put", "/chat/presence", true),
    ("get", "/chat/ws", true),
];

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn the_paths_of_the_brief_are_there_or_known_to_be_missing() {
    let document = http::document();
    let paths = document["paths"].as_object().unwrap();
    let is_told = |method: &str, path: &str| {
        let same = |told: &&String| shape(told) == shape(path);
        let told = paths.keys().find(same);
        told.is_some_and(|told| paths[told][method] != Value::Null)
    };
    for (method, path, is_there) in ENDPOINTS {
        if is_told(method, path) {
            continue;
        }
        assert!(!is_there, "{method} {path} is in the brief");
        println!("still missing: {method} {path}");
    }
}

/// The fields that the brief's own client sends and reads.
#[test]
fn the_bodies_of_the_brief_are_those_of_the_description() {
    let document = http::document();
    let schema = |name: &str| document["components"]["schemas"][name]["properties"].clone();
    for (name, fields) in [
        ("SendMessageRequest", &["content", "message_type"][..]),
        (
            "Message",
            &[
                "message_id",
                "chat_room_id",
                "sender_id",
                "sender_name",
                "content",
                "message_type",
                "created_at",
            ],
        ),
        ("Typing", &["user_id", "room_id", "is_typing", "timestamp"]),
        ("Presence", &["user_id", "is_online", "last_seen"]),
    ] {
        for field in fields {
            assert!(schema(name)[field].is_object(), "{name} has no {field}");
        }
    }
}
