//! What may be meant by what is being written: a person, a room, an emoji.
//!
//! Pure but for the cache that it is given; the views ask with the text before the cursor and put
//! what is chosen in the place of [`Completions::typed`].

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use erc_protocol::{EmojiId, RoomId, RoomKind, limit};

use crate::{
    SafeText,
    cache::{emoji as cache_emoji, members, rooms},
    emoji::Custom,
    error::Result,
    markdown::emoji,
};

/// Choices offered at a time.
const CHOICES: usize = 8;
/// Letters of a short code from which on emoji are offered: `:)` is no code.
const EMOJI_LETTERS: usize = 2;
/// Emoji offered at a time for a reaction.
const REACTIONS: usize = 40;
/// The longest beginning that is looked up, in bytes.
const LONGEST: usize = 64;

/// What is said of an emoji that has a picture and no sign.
const OWN: &str = "of this community";

/// What may be meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Completions {
    /// What stands before the cursor and would be replaced; empty if nothing would.
    pub typed: String,
    /// The likeliest first.
    pub choices: Vec<Completion>,
}

/// Something that may be meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Completion {
    pub label: SafeText,
    /// What it is besides.
    pub hint: SafeText,
    /// What is written instead.
    pub insert: SafeText,
    /// The picture of one of the community's own emoji.
    pub picture: Option<EmojiId>,
}

/// What is being written at the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// Letters of a user's name.
    Person(&'a str),
    /// Letters of a room's name.
    Room(&'a str),
    /// Letters of a short code.
    Emoji(&'a str),
    /// What stands behind a slash at the beginning of the text.
    Command(&'a str),
}

/// What the text before the cursor asks for.
#[must_use]
pub fn wanted(before: &str) -> Option<Wanted<'_>> {
    if let Some(words) = before.strip_prefix('/') {
        return (!words.contains(['\n', '/'])).then_some(Wanted::Command(words));
    }
    let word = before
        .rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '*' | '|'))
        .next()?;
    if word.len() > LONGEST {
        return None;
    }
    let all = |text: &str, may: fn(u8) -> bool| text.bytes().all(may);
    let is_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_+-".contains(&b);
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    match (word.get(..1)?, &word[1..]) {
        ("@", name) if all(name, is_name) => Some(Wanted::Person(name)),
        ("#", name) if !name.starts_with('#') => Some(Wanted::Room(name)),
        (":", code) if code.len() >= EMOJI_LETTERS && all(code, is_code) => {
            Some(Wanted::Emoji(code))
        }
        _ => None,
    }
}

/// What may be meant in this room. Commands are the view's own.
pub(crate) fn choices(conn: &Connection, room: RoomId, before: &str) -> Result<Completions> {
    let (sign, letters, choices) = match wanted(before) {
        Some(Wanted::Person(letters)) => ('@', letters, people(conn, room, letters)?),
        Some(Wanted::Room(letters)) => ('#', letters, named_rooms(conn, letters)?),
        Some(Wanted::Emoji(letters)) => {
            (':', letters, pictures(letters, &cache_emoji::names(conn)?))
        }
        Some(Wanted::Command(_)) | None => return Ok(Completions::default()),
    };
    Ok(Completions {
        typed: format!("{sign}{letters}"),
        choices,
    })
}

fn people(conn: &Connection, room: RoomId, letters: &str) -> Result<Vec<Completion>> {
    let found = members::matching(conn, room, letters, CHOICES)?;
    let choice = |member: erc_protocol::Member| Completion {
        label: SafeText::line(&format!("@{}", member.username)),
        hint: SafeText::line(&member.display_name),
        insert: SafeText::line(&format!("@{} ", member.username)),
        picture: None,
    };
    Ok(found.into_iter().map(choice).collect())
}

fn named_rooms(conn: &Connection, letters: &str) -> Result<Vec<Completion>> {
    let wanted = letters.to_lowercase();
    let mut found: Vec<_> = rooms::joined(conn)?
        .into_iter()
        .filter(|room| room.kind != RoomKind::Direct)
        .filter_map(|room| Some((room.name.to_lowercase().find(&wanted)?, room)))
        .collect();
    found.sort_by_key(|(at, room)| (*at > 0, room.name.chars().count(), room.id));
    found.truncate(CHOICES);
    let choice = |(_, room): (usize, rooms::RoomRow)| Completion {
        label: SafeText::line(&format!("#{}", room.name)),
        hint: SafeText::line(&room.topic),
        insert: SafeText::line(&format!("#{} ", room.name)),
        picture: None,
    };
    Ok(found.into_iter().map(choice).collect())
}

fn pictures(letters: &str, custom: &Custom) -> Vec<Completion> {
    let choice = |found: emoji::Found| Completion {
        insert: SafeText::line(&format!("{} ", found.emoji)),
        ..reaction(&found)
    };
    let found = emoji::search(letters, CHOICES, custom).into_iter();
    found.map(choice).collect()
}

/// An emoji that is offered by itself.
fn reaction(found: &emoji::Found) -> Completion {
    let is_custom = found.picture.is_some();
    Completion {
        label: SafeText::line(&format!(":{}:", found.code)),
        hint: SafeText::line(if is_custom { OWN } else { &found.emoji }),
        insert: SafeText::line(&found.emoji),
        picture: found.picture,
    }
}

/// Emoji for a reaction, for which the letters of a short code may be given: without any, those that
/// people use most, and the community's own.
#[must_use]
pub fn reactions(letters: &str, custom: &Custom) -> Vec<Completion> {
    /// By the frequency statistics of the Unicode Consortium, those of them that say something of
    /// what somebody else wrote.
    const USUAL: [&str; 12] = [
        "thumbsup",
        "heart",
        "joy",
        "tada",
        "eyes",
        "pray",
        "fire",
        "rocket",
        "thinking",
        "cry",
        "white_check_mark",
        "thumbsdown",
    ];
    let letters = letters
        .trim()
        .trim_matches(':')
        .to_lowercase()
        .replace(' ', "_");
    let found = if letters.is_empty() {
        let none = Custom::NONE;
        let usual = USUAL.iter();
        let usual = usual.filter_map(|code| emoji::search(code, 1, &none).pop());
        let own = custom.iter().map(|(name, id)| emoji::Found {
            emoji: erc_protocol::emoji::code(name),
            code: name.to_owned(),
            picture: Some(id),
        });
        usual.chain(own).take(REACTIONS).collect()
    } else {
        emoji::search(&letters, REACTIONS, custom)
    };
    found.iter().map(reaction).collect()
}

const _: () = assert!(LONGEST > *limit::USERNAME_CHARS.end());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_cursor_says_what_is_wanted() {
        assert_eq!(wanted("hello @a"), Some(Wanted::Person("a")));
        assert_eq!(wanted("(@"), Some(Wanted::Person("")));
        assert_eq!(wanted("a\n#gen"), Some(Wanted::Room("gen")));
        assert_eq!(wanted("ok :th"), Some(Wanted::Emoji("th")));
        assert_eq!(wanted("/leave this"), Some(Wanted::Command("leave this")));
        for none in [
            "", "a", "a@b", "@a b", ":)", ":a", "10:30", "/etc/x", "/a\nb", "x /a", "## a", "@ü",
            "ü", ":A:",
        ] {
            assert_eq!(wanted(none), None, "{none}");
        }
    }

    #[test]
    fn reactions_are_the_usual_ones_or_those_asked_for() {
        let usual = reactions(" ", &Custom::NONE);
        assert_eq!(usual.len(), 12);
        assert_eq!(usual[0].insert.as_str(), "👍");
        for choice in &usual {
            assert!(erc_protocol::reaction::canonical(choice.insert.as_str()).is_some());
        }
        assert_eq!(
            reactions(":rocket:", &Custom::NONE)[0].insert.as_str(),
            "🚀"
        );
        assert_eq!(
            reactions("Heart Eyes", &Custom::NONE)[0].insert.as_str(),
            "😍"
        );
        assert!(reactions("no such", &Custom::NONE).is_empty());
    }

    #[test]
    fn the_communitys_own_emoji_are_offered_beside_those_of_unicode() {
        let names = ["party_parrot", "thumbs", "heartbeat"].into_iter().zip(1..);
        let own: Custom = names
            .map(|(name, number)| (name.to_owned(), EmojiId(uuid::Uuid::from_u128(number))))
            .collect();
        let labels = |found: Vec<Completion>| -> Vec<String> {
            found
                .iter()
                .map(|choice| choice.label.to_string())
                .collect()
        };
        let found = pictures("par", &own);
        let parrot = found
            .iter()
            .find(|choice| choice.label.as_str() == ":party_parrot:")
            .unwrap();
        assert_eq!(parrot.insert.as_str(), ":party_parrot: ");
        assert_eq!(parrot.picture, own.get("party_parrot"));
        assert!(found.iter().any(|choice| choice.picture.is_none()));
        assert_eq!(labels(pictures("thumbs", &own))[0], ":thumbs:");
        let usual = reactions("", &own);
        assert_eq!(usual.len(), 15);
        assert_eq!(usual[14].insert.as_str(), ":thumbs:");
        assert_eq!(reactions("parrot", &own)[0].insert.as_str(), "🦜");
        assert!(labels(reactions("parrot", &own)).contains(&":party_parrot:".to_owned()));
    }

    #[test]
    fn the_code_that_was_begun_comes_first() {
        let found = pictures("thumbsu", &Custom::NONE);
        assert_eq!(found[0].label.as_str(), ":thumbsup:");
        assert_eq!(found[0].insert.as_str(), "👍 ");
        assert!(pictures("heart", &Custom::NONE).len() == CHOICES);
        assert!(pictures("nosuchcode", &Custom::NONE).is_empty());
    }
}
