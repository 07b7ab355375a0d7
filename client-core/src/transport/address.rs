//! A server's address, as people type it and as it is used.
//!
//! Without a scheme it is https, except for this very machine. http is taken when it is typed:
//! passwords never go over an open line because somebody left a word out.

use url::{Host, Url};

use crate::error::{Error, Result};

/// Completes what was typed: `chat.example.org` becomes `https://chat.example.org/`.
pub(crate) fn complete(typed: &str) -> Result<Url> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(Error::Invalid("the server's address is missing".to_owned()));
    }
    let invalid = |why: &str| Error::Invalid(format!("{typed:?} is no server address: {why}"));
    let has_scheme = typed.contains("://");
    let text = if has_scheme {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let mut url = Url::parse(&text).map_err(|e| invalid(&e.to_string()))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(invalid("it must begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("a user name or password doesn't belong there"));
    }
    if !has_scheme && is_loopback(&url) {
        url.set_scheme("http")
            .map_err(|()| invalid("it has no host"))?;
    }
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The address of a page or request below the server's.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url
}

/// Where the socket is.
pub(crate) fn socket(base: &Url) -> Url {
    let mut url = below(base, "/chat/ws");
    let scheme = if base.scheme() == "http" { "ws" } else { "wss" };
    // Between these schemes a change is always possible.
    let _ = url.set_scheme(scheme);
    url
}

/// Without the final slash, for people and for storing.
pub(crate) fn shown(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Names an account on this machine: `user@host:port`.
pub(crate) fn account_key(username: &str, url: &Url) -> String {
    let host = url.host_str().unwrap_or("unknown");
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{username}@{host}:{port}")
        .chars()
        .map(|c| if is_key_char(c) { c } else { '_' })
        .collect()
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@' | ':')
}

/// The account's folder, or `None` for a key that is no key (and could lead elsewhere).
pub(crate) fn folder(key: &str) -> Option<String> {
    let is_key = key.contains('@') && !key.starts_with('.') && key.chars().all(is_key_char);
    // A colon is no part of a file name everywhere.
    is_key.then(|| key.replace(':', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_means_https() {
        assert_eq!(
            shown(&complete("chat.example.org").unwrap()),
            "https://chat.example.org"
        );
        assert_eq!(
            shown(&complete(" Chat.Example.org:8443/x?y#z ").unwrap()),
            "https://chat.example.org:8443"
        );
    }

    #[test]
    fn http_is_for_this_machine_or_for_those_who_type_it() {
        assert_eq!(
            shown(&complete("127.0.0.1:8000").unwrap()),
            "http://127.0.0.1:8000"
        );
        assert_eq!(
            shown(&complete("localhost:8000").unwrap()),
            "http://localhost:8000"
        );
        assert_eq!(
            shown(&complete("http://10.0.0.1").unwrap()),
            "http://10.0.0.1"
        );
        assert_eq!(shown(&complete("10.0.0.1").unwrap()), "https://10.0.0.1");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "",
            "  ",
            "ftp://x",
            "https://",
            "http://a:b@c",
            "a b",
            "file:///etc/passwd",
        ] {
            assert!(
                matches!(complete(typed), Err(Error::Invalid(_))),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn an_account_is_named_by_user_host_and_port() {
        let key = |server: &str| account_key("ada", &complete(server).unwrap());
        assert_eq!(key("chat.example.org"), "ada@chat.example.org:443");
        assert_eq!(key("http://[::1]:8000"), "ada@_::1_:8000");
    }

    #[test]
    fn a_key_never_leads_out_of_its_folder() {
        assert_eq!(folder("ada@h:1").as_deref(), Some("ada@h_1"));
        for key in ["..", "../x@y", "a/b@c", "", ".@x", "a@b\\c", "ada"] {
            assert_eq!(folder(key), None, "{key:?}");
        }
    }

    #[test]
    fn the_socket_is_as_safe_as_the_server() {
        assert_eq!(
            socket(&complete("a.org").unwrap()).as_str(),
            "wss://a.org/chat/ws"
        );
        assert_eq!(
            socket(&complete("localhost:1").unwrap()).as_str(),
            "ws://localhost:1/chat/ws"
        );
    }
}
