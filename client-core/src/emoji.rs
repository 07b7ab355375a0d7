//! The community's own emoji, as a client knows them.

use std::collections::BTreeMap;

use erc_protocol::EmojiId;

/// Their names, without colons, and which picture each has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Custom(BTreeMap<String, EmojiId>);

impl Custom {
    /// None of them.
    pub const NONE: Self = Self(BTreeMap::new());

    /// The picture of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<EmojiId> {
        self.0.get(name).copied()
    }

    /// The picture of what a reaction says, if that is `:name:` of one that is there.
    #[must_use]
    pub fn of_code(&self, code: &str) -> Option<EmojiId> {
        self.get(erc_protocol::emoji::named(code)?)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, EmojiId)> {
        self.0.iter().map(|(name, id)| (name.as_str(), *id))
    }
}

impl FromIterator<(String, EmojiId)> for Custom {
    fn from_iter<I: IntoIterator<Item = (String, EmojiId)>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

/// A picture, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/png`, `image/gif` or `image/webp`.
    pub content_type: String,
    pub bytes: Vec<u8>,
}
