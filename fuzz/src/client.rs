//! What only clients read: the text of messages, other people's text, pasted links.

use erc_client_core::emoji::Custom;
use erc_client_core::markdown::{self, NODES};
use erc_client_core::{Error, SafeText, link as links};
use erc_protocol::{limit, validate::is_deceptive};

/// A text becomes a tree within its bounds, whose texts are safe to draw and whose links lead to
/// the web.
pub(crate) fn markdown(text: &str) {
    let body = markdown::parse(text, "ada", &Custom::NONE);
    let spans = body.spans();
    // What is too long for a message is one text, however many lines it has.
    assert!(spans.len() <= NODES || text.len() > limit::MESSAGE_BYTES);
    for span in spans {
        is_safe(&span.text);
        if let Some(link) = &span.style.link {
            let link = link.as_str();
            assert!(
                link.starts_with("http://") || link.starts_with("https://"),
                "{link}"
            );
            assert!(link.is_ascii(), "{link}");
        }
    }
    let _ = markdown::line(text);
}

/// Other people's text is safe to draw, is what it was when it goes through once more, and is the
/// same when it was stored in between.
pub(crate) fn safe_text(raw: &str) {
    let line = SafeText::line(raw);
    is_safe(&line);
    assert!(!line.as_str().contains('\n'), "{line:?}");
    assert_eq!(SafeText::line(line.as_str()), line);
    let block = SafeText::block(raw);
    is_safe(&block);
    assert_eq!(SafeText::block(block.as_str()), block);
    let stored = serde_json::to_string(&block).expect("a text can be stored");
    let again: SafeText = serde_json::from_str(&stored).expect("what was stored is read");
    assert_eq!(again, block);
}

fn is_safe(text: &SafeText) {
    // Joiners are kept where they carry meaning.
    let raw = text
        .as_str()
        .chars()
        .find(|c| is_deceptive(*c) && !matches!(c, '\n' | '\u{200C}' | '\u{200D}'));
    assert_eq!(raw, None, "{text:?}");
}

/// What was pasted is a link that leads into a room or refused, and the link of what was read says
/// the same.
pub(crate) fn link(pasted: &str) {
    match links::read(pasted) {
        Ok((Some(server), code)) => {
            assert!(matches!(server.scheme(), "http" | "https"), "{server}");
            assert_eq!(server.username(), "", "{server}");
            let made = links::make(&server, &code);
            let again = links::read(&made).expect("our own links are links");
            assert_eq!(again, (Some(server), code), "{made}");
        }
        Ok((None, code)) => assert_eq!(code, pasted.trim()),
        Err(error) => assert!(matches!(error, Error::Invalid(_)), "{error:?}"),
    }
}
