//! Who a message speaks to: `@name` in its text, or everybody by `@all` and `@here`. The server
//! decides once, when the message is sent, and keeps who it was; clients use the same words to mark
//! names.

use std::ops::Range;

use crate::{limit, validate};

/// Everybody at once: nobody's user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Everybody {
    /// `@here`: the members who are there when the message is sent.
    Here,
    /// `@all`: all members.
    All,
}

impl Everybody {
    /// Both, by the word behind the `@`.
    pub const ALL: [(&'static str, Self); 2] = [("here", Self::Here), ("all", Self::All)];

    /// Of a user name in its canonical form.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|(word, who)| (word == name).then_some(who))
    }
}

/// Whether a text calls everybody. `@all` and `@here` together call all.
#[must_use]
pub fn everybody(text: &str) -> Option<Everybody> {
    let called: Vec<_> = found(text, None)
        .filter_map(|(_, name)| Everybody::named(&name))
        .collect();
    if called.contains(&Everybody::All) {
        return Some(Everybody::All);
    }
    called.first().copied()
}

/// The user names after an `@`, in their canonical form, each once; at most
/// [`limit::MENTIONS`]. An `@` within a word (an address of electronic mail) is none.
#[must_use]
pub fn usernames(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (_, name) in found(text, None) {
        if !names.contains(&name) && Everybody::named(&name).is_none() {
            names.push(name);
            if names.len() == limit::MENTIONS {
                break;
            }
        }
    }
    names
}

/// Every place of `text` that names somebody: its bytes, the `@` among them, and the name in its
/// canonical form. `before` is what stands before the text, if it is a part of a longer one.
pub fn found(
    text: &str,
    before: Option<char>,
) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    let mut last = before;
    text.char_indices().filter_map(move |(at, c)| {
        let before = last.replace(c);
        if c != '@' || before.is_some_and(|before| before.is_alphanumeric() || before == '@') {
            return None;
        }
        let rest = &text[at + 1..];
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
            .unwrap_or(rest.len());
        // What ends a sentence is not part of a name.
        let name = rest[..end].trim_end_matches(['.', '-']);
        let canonical = validate::username(name).ok()?;
        Some((at..at + 1 + name.len(), canonical))
    })
}

#[cfg(test)]
mod tests {
    use super::{Everybody, everybody, usernames};

    #[test]
    fn everybody_is_called_by_a_word_of_their_own() {
        assert_eq!(everybody("lunch, @here?"), Some(Everybody::Here));
        assert_eq!(everybody("@here @All!"), Some(Everybody::All));
        for text in ["all here", "me@all", "@allison", "@all-hands", "@@here"] {
            assert_eq!(everybody(text), None, "{text}");
        }
        assert_eq!(usernames("@all @ada @here"), ["ada"]);
    }

    #[test]
    fn names_are_found_where_people_write_them() {
        assert_eq!(
            usernames("@ada, and (@Bo): see @c.y-z."),
            ["ada", "bo", "c.y-z"]
        );
        assert_eq!(usernames("@ada @ADA @ada"), ["ada"]);
        assert_eq!(
            usernames("ü@ada ada@example.org @@bo @ x @!"),
            Vec::<String>::new()
        );
        assert_eq!(usernames("→@ada"), ["ada"]);
        assert_eq!(
            usernames("@a"),
            Vec::<String>::new(),
            "too short for a name"
        );
    }

    #[test]
    fn a_list_of_everybody_is_cut() {
        let names: Vec<_> = (0..500).map(|n| format!("@user{n}")).collect();
        assert_eq!(usernames(&names.join(" ")).len(), crate::limit::MENTIONS);
    }
}
