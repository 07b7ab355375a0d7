//! Permalinks: addresses of messages, `https://host/go/ROOM/MESSAGE`; `erc://` means the same.
//!
//! They are no secret and open nothing: who follows one sees the message if they may see it anyway.
//! (A *link* is something else: it lets people into a room, see [`crate::link`].)

use erc_protocol::{MessageId, RoomId, limit};
use url::Url;

use crate::transport::address;

/// What a permalink says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permalink {
    pub server: Url,
    pub room: RoomId,
    pub message: MessageId,
}

/// The permalink of a message.
#[must_use]
pub fn make(server: &Url, room: RoomId, message: MessageId) -> String {
    format!("{}/go/{room}/{message}", address::shown(server))
}

/// Reads one; `None` if it is something else.
#[must_use]
pub fn read(text: &str) -> Option<Permalink> {
    let text = text.trim();
    let text = text.split(['?', '#']).next()?;
    let (scheme, rest) = text.split_once("://")?;
    let scheme = match scheme {
        "erc" => "https",
        "https" | "http" => scheme,
        _ => return None,
    };
    let mut parts = rest.trim_end_matches('/').rsplitn(4, '/');
    let (message, room, word, host) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if word != "go" || host.contains(['@', '/']) {
        return None;
    }
    Some(Permalink {
        server: address::complete(&format!("{scheme}://{host}")).ok()?,
        room: RoomId(number(room)?),
        message: MessageId(number(message)?),
    })
}

fn number(text: &str) -> Option<i64> {
    if !text.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let number = text.parse().ok()?;
    (1..=limit::MAX_SAFE_INTEGER)
        .contains(&number)
        .then_some(number)
}

/// A server may be reached as https and be called erc://, and be reached as http on this machine.
#[must_use]
pub(crate) fn is_same(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str() && a.port() == b.port() && a.path() == b.path()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_read_again() {
        for at in ["chat.example.org", "127.0.0.1:8000"] {
            let server = address::complete(at).unwrap();
            let made = make(&server, RoomId(5), MessageId(77));
            let link = read(&made).unwrap();
            assert_eq!((link.room, link.message), (RoomId(5), MessageId(77)));
            assert!(is_same(&link.server, &server), "{made}");
        }
    }

    #[test]
    fn a_scheme_of_ours_means_https() {
        let link = read("erc://chat.example.org/go/5/77").unwrap();
        assert_eq!(link.server.as_str(), "https://chat.example.org/");
        assert_eq!(
            read("https://chat.example.org/go/5/77/?from=mail"),
            Some(link)
        );
    }

    #[test]
    fn what_is_no_permalink_is_none() {
        for text in [
            "",
            "https://chat.example.org/go/5",
            "https://chat.example.org/go/5/x",
            "https://chat.example.org/go/0/1",
            "https://chat.example.org/go/-5/1",
            "https://chat.example.org/go/5/9007199254740992",
            "https://chat.example.org/join#abc",
            "https://chat.example.org/x/go/5/77",
            "https://me@chat.example.org/go/5/77",
            "javascript:alert(1)/go/5/77",
            "chat.example.org/go/5/77",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
