//! A poll as one types it: `/poll "Tea or coffee?" "Tea" "Coffee" --multiple`.

use erc_protocol::poll::NewPoll;

/// What a text that makes a poll begins with.
pub const POLL: &str = "/poll";

/// What stands behind [`POLL`]: the question (empty if there was none) and the rest. `None` if the
/// text is something else. Each part is quoted, or one word; `--multiple`, `--anonymous` and
/// `--hidden` say what kind of poll it is.
#[must_use]
pub fn poll(text: &str) -> Option<(String, NewPoll)> {
    let rest = text.trim().strip_prefix(POLL)?;
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let mut poll = NewPoll::default();
    let mut parts = Vec::new();
    for (part, is_quoted) in parts_of(rest) {
        match part.as_str() {
            "--multiple" if !is_quoted => poll.multiple = true,
            "--anonymous" if !is_quoted => poll.anonymous = true,
            "--hidden" if !is_quoted => poll.hidden = true,
            _ => parts.push(part),
        }
    }
    let mut parts = parts.into_iter();
    let question = parts.next().unwrap_or_default();
    poll.options = parts.collect();
    Some((question, poll))
}

/// The parts of a text, and whether each was quoted. Keyboards that set quotes well are understood;
/// a quote that isn't closed goes to the end.
fn parts_of(text: &str) -> Vec<(String, bool)> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_quoted = is_quote(first);
        let inside = if is_quoted {
            &rest[first.len_utf8()..]
        } else {
            rest
        };
        let ends = |c: char| {
            if is_quoted {
                is_quote(c)
            } else {
                c.is_whitespace()
            }
        };
        let end = inside.find(ends).unwrap_or(inside.len());
        parts.push((inside[..end].to_owned(), is_quoted));
        let behind = inside[end..].chars().next().map_or(0, char::len_utf8);
        rest = inside[end + behind..].trim_start();
    }
    parts
}

const fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::poll;

    #[test]
    fn a_poll_is_read_from_what_is_typed() {
        let read = |text| {
            let (question, poll) = poll(text)?;
            Some((question, poll.options.join("|")))
        };
        let some = |question: &str, options: &str| Some((question.to_owned(), options.to_owned()));
        for (text, expected) in [
            (
                r#"/poll "Tea or coffee?" "Tea" "Coffee, black""#,
                some("Tea or coffee?", "Tea|Coffee, black"),
            ),
            ("/poll “Tea?” „yes” no", some("Tea?", "yes|no")),
            ("  /poll Tea? yes no ", some("Tea?", "yes|no")),
            (r#"/poll "Tea?" "yes" "no"#, some("Tea?", "yes|no")),
            ("/poll\n\"Tea?\"\n\"yes\"\n\"no\"", some("Tea?", "yes|no")),
            ("/poll", some("", "")),
            ("/pollen flies", None),
            ("a /poll", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_kind_it_is_is_said_by_words() {
        let (question, made) = poll("/poll --hidden Tea? --multiple yes no --anonymous").unwrap();
        assert_eq!((question.as_str(), made.options.len()), ("Tea?", 2));
        assert!(made.hidden && made.multiple && made.anonymous);
        let (question, made) = poll(r#"/poll "--hidden" a b"#).unwrap();
        assert_eq!(question, "--hidden");
        assert!(!made.hidden);
    }
}
