//! A community's own emoji: a name and a picture. In texts and reactions it is written `:name:`, and
//! stays so on the wire; whoever draws it looks the name up.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{EmojiId, EmojiRev, Row, ServerRole, Timestamp, UserId, limit, validate};

/// One of them, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomEmoji {
    /// Another one whenever the name gets another picture: what is fetched by it never changes.
    pub id: EmojiId,
    /// Without its colons.
    pub name: String,
    /// `image/png`, `image/gif` or `image/webp`.
    pub content_type: String,
    /// Bytes of the picture.
    #[ts(type = "number")]
    pub size: i64,
    pub width: u32,
    pub height: u32,
    pub is_animated: bool,
    /// Absent if it was added in the shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub created_by: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub created_by_name: Option<String>,
    pub created_at: Timestamp,
    /// It was taken away: nobody reacts with it any more, and its picture is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_removed: bool,
    /// The change that made it so.
    pub rev: EmojiRev,
}

/// Those that changed after `from`, in the order of their changes; from the beginning, all there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmojiSync {
    pub from: EmojiRev,
    pub to: EmojiRev,
    pub emoji: Vec<Row<CustomEmoji>>,
}

/// `GET /server/emoji`: all there are, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmojiList {
    pub rev: EmojiRev,
    pub emoji: Vec<CustomEmoji>,
}

/// The query of `POST /server/emoji`; the body is the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AddEmojiQuery {
    /// 2 to 32 small letters, digits and `_`, which it doesn't begin with; none that Unicode's emoji
    /// have.
    pub name: String,
}

/// As it stands in texts and reactions.
#[must_use]
pub fn code(name: &str) -> String {
    format!(":{name}:")
}

/// The name in `:name:`, if it can be that of a custom emoji.
#[must_use]
pub fn named(code: &str) -> Option<&str> {
    let name = code.strip_prefix(':')?.strip_suffix(':')?;
    (is_name(name) && emojis::get_by_shortcode(name).is_none()).then_some(name)
}

/// Whether a name has the form that custom emoji have. None begins with `_`: in Markdown `:_name_:`
/// leans.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    limit::EMOJI_NAME_CHARS.contains(&name.len())
        && name.bytes().all(fits)
        && !name.starts_with('_')
}

/// A new one's name, with or without its colons.
pub fn new_name(text: &str) -> Result<String, validate::Reason> {
    let name = text.trim();
    let bare = name
        .strip_prefix(':')
        .and_then(|name| name.strip_suffix(':'));
    let name = bare.unwrap_or(name);
    if !is_name(name) {
        let (least, most) = (
            limit::EMOJI_NAME_CHARS.start(),
            limit::EMOJI_NAME_CHARS.end(),
        );
        return Err(format!(
            "the name has {least} to {most} characters: small letters, digits and '_', which it doesn't \
             begin with"
        ));
    }
    if emojis::get_by_shortcode(name).is_some() {
        return Err(format!("{} is an emoji of Unicode already", code(name)));
    }
    Ok(name.to_owned())
}

/// Whether somebody with this role adds custom emoji and takes them away. Clients ask before they
/// offer it; the server decides.
#[must_use]
pub fn may_manage(role: ServerRole) -> bool {
    role >= ServerRole::Moderator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_below_and_above_the_limit() {
        assert!(new_name("a").is_err());
        assert_eq!(new_name("qq").unwrap(), "qq");
        assert_eq!(new_name(&"q".repeat(32)).unwrap().len(), 32);
        assert!(new_name(&"q".repeat(33)).is_err());
    }

    #[test]
    fn a_name_is_what_no_emoji_of_unicode_is_called_and_what_nobody_mistakes() {
        assert_eq!(new_name(" :party_parrot: ").unwrap(), "party_parrot");
        for name in [
            "thumbsup",
            "+1",
            "100",
            "Parrot",
            "a b",
            "pär",
            "a-b",
            "_wow_",
            ":parrot",
            "a\u{200b}b",
            "",
            "::",
        ] {
            assert!(new_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_code_is_a_name_between_colons() {
        assert_eq!(named(":party_parrot:"), Some("party_parrot"));
        assert_eq!(named(&code("parrot2")), Some("parrot2"));
        for text in [
            "parrot",
            ":parrot",
            "parrot:",
            "::",
            ":a:",
            ":thumbsup:",
            ":Parrot:",
            ": parrot:",
            "::parrot::",
        ] {
            assert_eq!(named(text), None, "{text:?}");
        }
    }
}
