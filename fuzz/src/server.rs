//! What only the server reads: bytes of a socket, of the bus, tokens, settings, names of files.

use std::sync::LazyLock;

use bytes::Bytes;
use erc_protocol::{SessionId, Timestamp, UserId, limit};
use erc_server::auth::token::{Access, Tokens};
use erc_server::blobs::BlobId;
use erc_server::bus::Message;
use erc_server::config::Config;
use erc_server::gateway::incoming::{Incoming, Reader, Violation};
use erc_server::rules::picture;
use uuid::Uuid;

/// Small, so that messages above it are found. Bytes.
const LIMIT: usize = 300;

/// Bytes of a socket are messages or refused, the same however they are cut into pieces, and no
/// message is longer than the limit. The first byte says how long the pieces are.
pub(crate) fn socket(input: &[u8]) {
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
}

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

/// Bytes on the bus are a message or refused, and what was read says the same once more.
pub(crate) fn bus_message(bytes: &[u8]) {
    if let Ok((from, message)) = Message::decode(Bytes::copy_from_slice(bytes)) {
        let once = message.encode(from).expect("what was read can be written");
        let (again_from, again) = Message::decode(once.clone()).expect("our own bytes are ours");
        assert_eq!(again_from, from);
        assert_eq!(again.encode(from).expect("as before"), once);
    }
}

/// Bytes are a picture within its limits or refused; a picture is whole, and nothing is behind it.
pub(crate) fn picture(bytes: &[u8]) {
    let Ok(found) = picture::inspect(bytes) else {
        return;
    };
    for pixels in [found.width, found.height] {
        assert!((1..=limit::EMOJI_PIXELS).contains(&pixels), "{found:?}");
    }
    assert!(bytes.len() <= limit::EMOJI_BYTES);
    assert!(picture::inspect(&bytes[..bytes.len() - 1]).is_err());
    assert!(picture::inspect(&[bytes, b"x"].concat()).is_err());
}

const NOW: Timestamp = Timestamp(1_768_519_800_000);
const ACCESS: Access = Access {
    user: UserId(7),
    session: SessionId(Uuid::nil()),
    generation: 3,
    since: Timestamp(5),
};
static TOKENS: LazyLock<(Tokens, String)> = LazyLock::new(|| {
    let tokens = Tokens::new(b"a secret of the checks, known to nobody");
    let signed = tokens.sign(ACCESS, NOW);
    (tokens, signed)
});

/// Whatever is put into a token of ours, it says what we signed or nothing. The first byte says how
/// many characters of it stay, the second where it goes on behind the others.
pub(crate) fn access_token(input: &[u8]) {
    let (tokens, signed) = &*TOKENS;
    let [head, tail, middle @ ..] = input else {
        return;
    };
    let middle = String::from_utf8_lossy(middle);
    let head = signed.get(..usize::from(*head)).unwrap_or_default();
    let tail = signed.get(usize::from(*tail)..).unwrap_or_default();
    if let Some(access) = tokens.check(&format!("{head}{middle}{tail}"), NOW) {
        assert_eq!(access, ACCESS);
    }
    assert_eq!(tokens.check(&middle, NOW).filter(|it| *it != ACCESS), None);
}

/// A settings file makes sense or is refused with a reason.
pub(crate) fn settings(text: &str) {
    match Config::written(text) {
        Ok(config) => assert_ne!(config.connects_per_second, Some(0)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A blob has one name only.
pub(crate) fn blob_name(text: &str) {
    if let Ok(id) = text.parse::<BlobId>() {
        assert_eq!(id.to_string(), text);
    }
}
