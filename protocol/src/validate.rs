//! What a text field may hold. Both sides call these, so a client refuses before the server does.

use crate::{limit, mention};

/// Why a text is refused: a sentence for people.
pub type Reason = String;

/// Characters that change how the text around them is drawn or read without being seen: controls,
/// bidirectional overrides and isolates, invisible separators (Unicode TR 36, section 2.10).
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

fn one_line(
    text: &str,
    chars: &std::ops::RangeInclusive<usize>,
    what: &str,
) -> Result<String, Reason> {
    if let Some(c) = text.chars().find(|c| is_deceptive(*c)) {
        return Err(format!(
            "{what} can't hold the character U+{:04X}",
            c as u32
        ));
    }
    let trimmed = text.trim();
    let count = trimmed.chars().count();
    if count < *chars.start() {
        return Err(if *chars.start() == 1 {
            format!("{what} is empty")
        } else {
            format!(
                "{what} has {count} characters, at least {} are needed",
                chars.start()
            )
        });
    }
    if count > *chars.end() {
        return Err(format!(
            "{what} has {count} characters, at most {} are allowed",
            chars.end()
        ));
    }
    Ok(trimmed.to_owned())
}

/// A user name: lower-cased; letters, digits, `.`, `_`, `-`, beginning with a letter or digit.
pub fn username(text: &str) -> Result<String, Reason> {
    let name = one_line(text, &limit::USERNAME_CHARS, "the user name")?.to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !name.starts_with(fits)
        || !name
            .chars()
            .all(|c| fits(c) || matches!(c, '.' | '_' | '-'))
    {
        return Err(
            "the user name takes letters, digits, '.', '_' and '-', and begins with a \
                    letter or digit"
                .to_owned(),
        );
    }
    Ok(name)
}

/// A new account's user name: one that calls nobody else.
pub fn new_username(text: &str) -> Result<String, Reason> {
    let name = username(text)?;
    if mention::Everybody::named(&name).is_some() {
        return Err(format!(
            "@{name} calls everybody in a room, so nobody has that name"
        ));
    }
    Ok(name)
}

/// A display name: one line without characters that deceive.
pub fn display_name(text: &str) -> Result<String, Reason> {
    one_line(text, &limit::DISPLAY_NAME_CHARS, "the name")
}

/// A room's name: one line without characters that deceive.
pub fn room_name(text: &str) -> Result<String, Reason> {
    one_line(text, &limit::ROOM_NAME_CHARS, "the room's name")
}

/// A room's topic: like a name, and may be empty.
pub fn topic(text: &str) -> Result<String, Reason> {
    one_line(text, &(0..=limit::TOPIC_CHARS), "the topic")
}

/// The heading that a room stands under: like a name, and may be empty.
pub fn category(text: &str) -> Result<String, Reason> {
    one_line(text, &(0..=limit::CATEGORY_CHARS), "the category")
}

/// Why somebody is muted or banned: like a name, and may be empty.
pub fn reason(text: &str) -> Result<String, Reason> {
    one_line(text, &(0..=limit::REASON_CHARS), "the reason")
}

/// What somebody notes for themselves: like a name, and may be empty.
pub fn note(text: &str) -> Result<String, Reason> {
    one_line(text, &(0..=limit::NOTE_CHARS), "the note")
}

/// A word that rings: like a name.
pub fn keyword(text: &str) -> Result<String, Reason> {
    one_line(text, &limit::KEYWORD_CHARS, "the keyword")
}

/// What is said in a report: lines, without characters that deceive; may be empty.
pub fn report_words(text: &str) -> Result<String, Reason> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if let Some(c) = text.chars().find(|c| is_deceptive(*c) && *c != '\n') {
        let code = c as u32;
        return Err(format!("a report can't hold the character U+{code:04X}"));
    }
    let (count, most) = (text.chars().count(), limit::REPORT_WORDS_CHARS);
    if count > most {
        return Err(format!(
            "a report has {count} characters, at most {most} are allowed"
        ));
    }
    Ok(text.to_owned())
}

/// What a poll asks: like a name.
pub fn poll_question(text: &str) -> Result<String, Reason> {
    one_line(text, &limit::POLL_QUESTION_CHARS, "the question")
}

/// What may be chosen in a poll: like a name.
pub fn poll_option(text: &str) -> Result<String, Reason> {
    one_line(text, &limit::POLL_OPTION_CHARS, "the option")
}

/// The text of a word filter: like a name, of any words.
pub fn filter(text: &str) -> Result<String, Reason> {
    one_line(text, &(1..=limit::FILTER_CHARS), "the filter")
}

/// What people say of themselves: like a name, and may be empty.
pub fn status(text: &str) -> Result<String, Reason> {
    one_line(text, &(0..=limit::STATUS_CHARS), "the status")
}

/// A password: long enough, not absurdly long. Any characters.
pub fn password(text: &str) -> Result<(), Reason> {
    if text.len() < *limit::PASSWORD_BYTES.start() {
        return Err(format!(
            "the password is too short: at least {} characters",
            limit::PASSWORD_BYTES.start()
        ));
    }
    if text.len() > *limit::PASSWORD_BYTES.end() {
        return Err(format!(
            "the password is too long: at most {} bytes",
            limit::PASSWORD_BYTES.end()
        ));
    }
    Ok(())
}

/// Why a message's text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    #[error("the message is empty")]
    Empty,
    #[error(
        "the message has {bytes} bytes, at most {} are allowed",
        limit::MESSAGE_BYTES
    )]
    TooLarge { bytes: usize },
    #[error("the draft has {bytes} bytes, at most {} are kept", limit::DRAFT_BYTES)]
    DraftTooLarge { bytes: usize },
    #[error("the message can't hold the control character U+{0:04X}")]
    Control(u32),
}

/// A message's text: line ends become `\n`; other control characters (among them the escape that
/// begins a terminal sequence, and NUL, which PostgreSQL can't store) are refused.
pub fn content(text: &str) -> Result<String, ContentError> {
    if text.len() > limit::MESSAGE_BYTES {
        return Err(ContentError::TooLarge { bytes: text.len() });
    }
    let text = without_controls(text)?;
    if text.trim().is_empty() {
        return Err(ContentError::Empty);
    }
    Ok(text)
}

/// A text that is being written: as a message's, may be empty, and a little longer.
pub fn draft(text: &str) -> Result<String, ContentError> {
    if text.len() > limit::DRAFT_BYTES {
        return Err(ContentError::DraftTooLarge { bytes: text.len() });
    }
    without_controls(text)
}

fn without_controls(text: &str) -> Result<String, ContentError> {
    let text = text.replace("\r\n", "\n");
    let is_bad = |c: &char| c.is_control() && !matches!(c, '\n' | '\t');
    match text.chars().find(is_bad) {
        Some(c) => Err(ContentError::Control(c as u32)),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests;
