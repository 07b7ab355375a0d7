//! Reactions: who answered a message with which emoji.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Timestamp, UserId};

/// One emoji on a message, as it stands in the message's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reaction {
    /// In the form that Unicode recommends, so that one emoji is there once; a custom one as `:name:`.
    pub emoji: String,
    /// How many people.
    #[ts(type = "number")]
    pub count: i64,
    /// The first of them, at most [`crate::limit::REACTION_USERS`], in the order in which they came.
    pub users: Vec<UserId>,
}

/// `GET /chat/messages/{id}/reactions`: everybody, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReactionList {
    pub reactions: Vec<Reacted>,
}

/// One person's reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reacted {
    pub emoji: String,
    pub user_id: UserId,
    pub display_name: String,
    pub at: Timestamp,
}

/// The form of an emoji of Unicode that is kept: the one that Unicode recommends. `None` if it is none.
#[must_use]
pub fn canonical(emoji: &str) -> Option<&'static str> {
    emojis::get(emoji).map(emojis::Emoji::as_str)
}

/// The form in which a reaction is kept: [`canonical`], or the `:name:` that a custom emoji can have,
/// whether there is one or not. `None` if it is neither.
#[must_use]
pub fn form(emoji: &str) -> Option<&str> {
    canonical(emoji).or_else(|| crate::emoji::named(emoji).map(|_| emoji))
}

#[cfg(test)]
mod tests {
    use super::{canonical, form};

    #[test]
    fn one_emoji_has_one_form() {
        assert_eq!(canonical("👍"), Some("👍"));
        assert_eq!(canonical("\u{2764}"), Some("\u{2764}\u{fe0f}"));
        assert_eq!(canonical("\u{2764}\u{fe0f}"), Some("\u{2764}\u{fe0f}"));
        assert_eq!(canonical("🇩🇪"), Some("🇩🇪"));
        assert_eq!(canonical("👩🏽‍🚀"), Some("👩🏽‍🚀"));
        for text in [
            "",
            "a",
            "👍👍",
            ":thumbsup:",
            "👍 ",
            "\u{200d}",
            "\u{1b}[2J",
        ] {
            assert_eq!(canonical(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_reaction_is_an_emoji_of_unicode_or_the_name_of_a_custom_one() {
        assert_eq!(form("\u{2764}"), Some("\u{2764}\u{fe0f}"));
        assert_eq!(form(":party_parrot:"), Some(":party_parrot:"));
        for text in [
            "a",
            ":thumbsup:",
            ":a:",
            "party_parrot",
            ":x y:",
            ":\u{1b}[2J:",
        ] {
            assert_eq!(form(text), None, "{text:?}");
        }
    }
}
