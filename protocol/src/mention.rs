//! Who a message speaks to: `@name` in its text. The server decides once, when the message is sent;
//! clients use the same words to mark names.

use crate::{limit, validate};

/// The user names after an `@`, in their canonical form, each once; at most
/// [`limit::MENTIONS`]. An `@` within a word (an address of electronic mail) is none.
#[must_use]
pub fn usernames(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if c == '@' && !before.is_some_and(|before| before.is_alphanumeric() || before == '@') {
            let rest = &text[at + 1..];
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
                .unwrap_or(rest.len());
            // What ends a sentence is not part of a name.
            let name = rest[..end].trim_end_matches(['.', '-']);
            if let Ok(name) = validate::username(name)
                && !names.contains(&name)
            {
                names.push(name);
                if names.len() == limit::MENTIONS {
                    break;
                }
            }
        }
        before = Some(c);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::usernames;

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
