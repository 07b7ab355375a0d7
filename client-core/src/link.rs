//! Links by which people come into a room, as text: the server's address, `/join#`, and the code.
//!
//! The code stands behind `#`, so that browsers and proxies keep it out of their logs. `erc://`
//! means the same as `https://`. Who has only the code may give that.

use url::Url;

use crate::{
    error::{Error, Result},
    transport::address,
};

/// Longest code taken, in characters.
const CODE_CHARS: usize = 64;

/// The link that leads to this code.
#[must_use]
pub fn make(server: &Url, code: &str) -> String {
    format!("{}/join#{code}", address::shown(server))
}

/// The code of what somebody pasted, and which server it is for (absent for a mere code).
pub fn read(pasted: &str) -> Result<(Option<Url>, String)> {
    let invalid = || Error::Invalid("that is no link by which one comes into a room".to_owned());
    let pasted = pasted.trim();
    let (server, code) = match pasted.split_once('#') {
        None => (None, pasted),
        Some((address, code)) => {
            let address = address
                .strip_suffix("/join")
                .or_else(|| address.strip_suffix("/join/"))
                .ok_or_else(invalid)?;
            let address = match address.strip_prefix("erc://") {
                Some(host) => format!("https://{host}"),
                None => address.to_owned(),
            };
            (Some(address::complete(&address)?), code)
        }
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if code.is_empty() || code.len() > CODE_CHARS || !code.chars().all(fits) {
        return Err(invalid());
    }
    Ok((server, code.to_owned()))
}

/// The code of a link to this very server. One to another server is refused with its name.
pub(crate) fn code_for(server: &Url, pasted: &str) -> Result<String> {
    let (other, code) = read(pasted)?;
    match other.filter(|other| !is_same(other, server)) {
        None => Ok(code),
        Some(other) => Err(Error::Invalid(format!(
            "this link leads to another server: sign in at {} and use it there",
            address::shown(&other)
        ))),
    }
}

/// A server may be reached as https and be called erc://, and be reached as http on this machine.
fn is_same(a: &Url, b: &Url) -> bool {
    let port = |url: &Url| url.port();
    a.host_str() == b.host_str() && port(a) == port(b)
}

/// What of a pasted invite the server is asked with: the code of a link, or what was pasted.
pub(crate) fn invite(pasted: &str) -> String {
    read(pasted).map_or_else(|_| pasted.trim().to_owned(), |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> Url {
        address::complete(text).unwrap()
    }

    #[test]
    fn what_is_made_is_read_again() {
        for (at, made) in [
            ("chat.example.org", "https://chat.example.org/join#abc-_9"),
            ("127.0.0.1:8000", "http://127.0.0.1:8000/join#abc-_9"),
        ] {
            let at = server(at);
            assert_eq!(make(&at, "abc-_9"), made);
            assert_eq!(read(made).unwrap(), (Some(at.clone()), "abc-_9".into()));
            assert_eq!(code_for(&at, made).unwrap(), "abc-_9");
        }
    }

    #[test]
    fn a_scheme_of_ours_and_a_mere_code_are_taken() {
        let at = server("chat.example.org");
        for pasted in [
            "erc://chat.example.org/join#x1",
            "  x1\n",
            "chat.example.org/join#x1",
        ] {
            assert_eq!(code_for(&at, pasted).unwrap(), "x1", "{pasted}");
        }
        assert_eq!(invite("erc://chat.example.org/join#x1"), "x1");
        assert_eq!(invite(" no link, who knows "), "no link, who knows");
    }

    #[test]
    fn a_link_to_another_server_names_it() {
        let at = server("chat.example.org");
        for pasted in [
            "https://evil.example/join#x",
            "https://chat.example.org:99/join#x",
        ] {
            let Err(Error::Invalid(why)) = code_for(&at, pasted) else {
                panic!("{pasted}")
            };
            assert!(why.contains("another server"), "{why}");
        }
    }

    #[test]
    fn what_is_no_link_is_refused() {
        for pasted in [
            "",
            "#",
            "a b",
            "https://x/other#abc",
            "https://x/join#",
            "https://x/join#a/b",
            "javascript:alert(1)/join#x",
            "x\u{202e}y",
        ] {
            assert!(matches!(read(pasted), Err(Error::Invalid(_))), "{pasted}");
        }
        assert!(read(&"a".repeat(CODE_CHARS)).is_ok());
        assert!(read(&"a".repeat(CODE_CHARS + 1)).is_err());
    }
}
