//! Any bytes on a socket are messages or refused, the same however they are cut into pieces, and no
//! message is longer than the limit. The first byte says how long the pieces are.

#![no_main]

use erc_server::gateway::incoming::{Incoming, Reader, Violation};
use libfuzzer_sys::fuzz_target;

/// Small, so that messages above it are found. Bytes.
const LIMIT: usize = 300;

fn read(bytes: &[u8], piece: usize) -> (Vec<Incoming>, Option<Violation>) {
    let mut reader = Reader::new(LIMIT);
    let mut messages = Vec::new();
    for piece in bytes.chunks(piece) {
        reader.push(piece);
        loop {
            match reader.take() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(violation) => return (messages, Some(violation)),
            }
        }
    }
    (messages, None)
}

fuzz_target!(|input: &[u8]| {
    let Some((piece, bytes)) = input.split_first() else {
        return;
    };
    let whole = read(bytes, bytes.len().max(1));
    assert_eq!(read(bytes, usize::from(*piece).max(1)), whole);
    for message in whole.0 {
        match message {
            Incoming::Text(text) => assert!(text.len() <= LIMIT),
            Incoming::Ping(payload) => assert!(payload.len() <= 125),
            Incoming::Binary | Incoming::Pong | Incoming::Close => {}
        }
    }
});
