//! One snapshot a family, holding every type and frame of it with fixed values, and the proof that
//! each reads back as what was written.

mod album;
mod catching_up;
mod frames;
mod requests;

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use erc_protocol::gateway::{ClientPacket, ServerFrame, ServerPacket};

use catching_up::catching_up;
use frames::{client_frames, server_frames};
use requests::{errors, rest, sign_in, words};

#[test]
fn the_words_of_the_wire() {
    insta::assert_snapshot!(words().text);
}

#[test]
fn the_errors_of_the_wire() {
    insta::assert_snapshot!(errors().text);
}

#[test]
fn signing_in_on_the_wire() {
    insta::assert_snapshot!(sign_in().text);
}

#[test]
fn requests_and_answers_on_the_wire() {
    insta::assert_snapshot!(rest().text);
}

#[test]
fn catching_up_on_the_wire() {
    insta::assert_snapshot!(catching_up().text);
}

#[test]
fn what_a_client_says_on_the_wire() {
    let mut text = String::new();
    for (id, frame) in (7..).zip(client_frames()) {
        for id in [Some(id), None] {
            let packet = ClientPacket {
                id,
                frame: frame.clone(),
            };
            let line = packet.encode();
            assert_eq!(ClientPacket::decode(&line), Ok(packet));
            if id.is_some() {
                writeln!(text, "{line}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_the_server_says_on_the_wire() {
    let mut text = String::new();
    for frame in server_frames() {
        for id in [None, Some(7)] {
            let packet = ServerPacket {
                id,
                frame: frame.clone(),
            };
            let line = packet.encode();
            assert_eq!(ServerPacket::decode(&line).unwrap(), packet);
            if id.is_none() || matches!(frame, ServerFrame::Ack(_)) {
                writeln!(text, "{line}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(text);
}

/// Names of the types in the sources that are written to the wire by `derive(Serialize)`.
fn serialised_types(folder: &Path, into: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            serialised_types(&path, into);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let mut serialised = false;
            for line in source.lines() {
                if line.starts_with("#[derive(") {
                    serialised = line.contains("Serialize");
                } else if let Some(name) = line
                    .strip_prefix("pub struct ")
                    .or_else(|| line.strip_prefix("pub enum "))
                {
                    if std::mem::take(&mut serialised) {
                        let end = name.find(|c: char| !c.is_alphanumeric()).unwrap();
                        into.insert(name[..end].to_owned());
                    }
                } else if !line.starts_with('#') && !line.starts_with("///") {
                    serialised = false;
                }
            }
        }
    }
}

#[test]
fn every_wire_type_has_a_snapshot() {
    let mut missing = BTreeSet::new();
    serialised_types(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut missing,
    );
    assert!(missing.len() > 40, "the search finds the types");
    for album in [words(), errors(), sign_in(), rest(), catching_up()] {
        missing.retain(|name| !album.types.contains(name));
    }
    // Shown inside the answer to a search, and inside figures.
    for inside in [
        "SearchHit",
        "Coverage",
        "Totals",
        "ActiveUsers",
        "ResponseTimes",
        "TypeFigures",
        "DayFigures",
        "UserFigures",
        "FiguresFormat",
    ] {
        missing.remove(inside);
    }
    // Shown inside the frames, whose lists above are exhaustive.
    for inside in [
        "ClientFrame",
        "ServerFrame",
        "Hello",
        "Ping",
        "RoomRef",
        "SetTyping",
        "SendMessage",
        "EditMessage",
        "DeleteMessage",
        "MarkRead",
        "MarkDelivered",
        "Receipts",
        "Reached",
        "Receipt",
        "SetPresence",
        "SaveDraft",
        "AnswerRequest",
        "Aside",
        "QuietHours",
        "QuietSpan",
        "SyncRoom",
        "Welcome",
        "RoomJoined",
        "MemberUpdated",
        "Void",
        "Typing",
        "Pong",
        "Head",
        "SessionEnded",
        "Bye",
        "Row",
        "React",
        "PinMessage",
        "ForwardMessage",
        "FollowThread",
        "ReadThread",
        "FollowedThread",
        "ThreadSummary",
        "ThreadUnread",
        "Vote",
        "CastVote",
        "ClosePoll",
        "Poll",
        "PollOption",
        "NewPoll",
        "OwnVote",
        // Inside messages and the answers about them.
        "Reaction",
        "Reacted",
        "Pinned",
        "Forwarded",
        "MessageVersion",
        "ForwardOutcome",
        "RoomLink",
        "Expiry",
        // Inside lists.
        "Request",
        // Inside rooms, and what one asks for of one's presence and is told of it.
        "Lifetime",
        "MyPresence",
        "SetStatus",
        "Status",
        "UserStatus",
    ] {
        missing.remove(inside);
    }
    assert!(missing.is_empty(), "without a snapshot: {missing:?}");
}
