//! Which messages ring for a user: the level of each room, words of their own, hours of quiet. One
//! function decides, for every client and for the server.

mod quiet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Message, RoomKind, Seq, Timestamp, UserId, UserRev, limit,
    request::WhoWrites,
    role::text_enum,
    search::fold::fold,
    validate::{self, Reason},
};

pub use quiet::{QuietHours, QuietSpan, Weekday};

text_enum!(
    /// Which messages of a room ring for a user.
    Level {
        /// As rooms of this kind usually do: all of a direct room, mentions in others.
        Usual = "usual",
        /// All of them.
        All = "all",
        /// Those that mention or call them, hold one of their keywords, or answer in a thread that
        /// they follow.
        Mentions = "mentions",
        /// None.
        Nothing = "none",
    }
);

impl Level {
    /// What it means in a room of this kind; never [`Self::Usual`].
    #[must_use]
    pub const fn within(self, kind: RoomKind) -> Self {
        match (self, kind) {
            (Self::Usual, RoomKind::Direct) => Self::All,
            (Self::Usual, RoomKind::Group | RoomKind::Announcement) => Self::Mentions,
            (chosen, _) => chosen,
        }
    }

    /// Whether it is as usual.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::Usual)
    }
}

/// What holds for a user in all rooms, as only they see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attention {
    /// Words that ring like a mention; lower-cased, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// When nothing rings.
    #[serde(default, skip_serializing_if = "QuietHours::is_never")]
    pub quiet_hours: QuietHours,
    /// Who may begin to write to them.
    #[serde(default, skip_serializing_if = "WhoWrites::is_usual")]
    pub who_writes: WhoWrites,
    #[serde(default)]
    pub user_rev: UserRev,
}

/// `PUT /users/me/attention`, answered by [`Attention`]: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttentionRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub keywords: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quiet_hours: Option<QuietHours>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub who_writes: Option<WhoWrites>,
}

/// `PUT /chat/rooms/{id}/attention`, answered by one's own place in the room: what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoomAttentionRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub level: Option<Level>,
    /// Until when nothing of the room rings, whatever its level; a moment that is past ends it. Without
    /// an end: the last second of the year 9999.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hushed_until: Option<Timestamp>,
}

/// Why a message rings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// All of the room do.
    Level,
    /// It names or calls them.
    Mention,
    /// It holds one of their keywords.
    Keyword,
    /// It answers in a thread that they follow.
    Thread,
}

/// Somebody for whom a message may ring, and where they stand in its room.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that are independent of each other"
)]
#[derive(Debug, Clone, Copy)]
pub struct Hearer<'a> {
    pub me: UserId,
    pub kind: RoomKind,
    pub level: Level,
    pub hushed_until: Option<Timestamp>,
    /// Up to where they have read: in the room, or in the thread that alone shows the message.
    pub read_seq: Seq,
    /// Whether its sender is a stranger whose request they have not accepted.
    pub is_request: bool,
    /// Whether they block its sender.
    pub is_blocked: bool,
    /// Whether they don't want to be disturbed now.
    pub is_quiet: bool,
    /// Whether they follow the thread in which it stands.
    pub follows: bool,
    pub attention: &'a Attention,
}

/// Whether a message that was just sent rings for somebody, and why.
///
/// Never one's own, nor of somebody whom one blocks or whose request one has not accepted, nor what is deleted, nor what one has read on
/// another device; what stands in a thread only rings for who follows it, or is named. It is for
/// messages that come live: what was there when a client said `hello` was missed, and is counted.
#[must_use]
pub fn rings(message: &Message, to: Hearer<'_>, now: Timestamp) -> Option<Why> {
    let is_over = message.sender_id == to.me || message.is_deleted() || message.seq <= to.read_seq;
    let is_hushed = to.hushed_until.is_some_and(|until| until > now);
    let is_silent = is_hushed || to.is_quiet || to.attention.quiet_hours.hold(now);
    if is_over || is_silent || to.is_blocked || to.is_request {
        return None;
    }
    let level = to.level.within(to.kind);
    if level == Level::Nothing {
        return None;
    }
    if message.mentions.contains(&to.me) {
        return Some(Why::Mention);
    }
    if holds_keyword(&message.content, &to.attention.keywords) {
        return Some(Why::Keyword);
    }
    if message.thread_id.is_some() && to.follows {
        return Some(Why::Thread);
    }
    (level == Level::All && message.is_in_room()).then_some(Why::Level)
}

/// Whether one of these stands in the text as a word; case and accents don't count.
fn holds_keyword(text: &str, keywords: &[String]) -> bool {
    if keywords.is_empty() {
        return false;
    }
    let text = fold(text);
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    keywords.iter().map(|word| fold(word)).any(|word| {
        !word.is_empty()
            && text.match_indices(&word).any(|(at, found)| {
                let before = text[..at].chars().next_back();
                let after = text[at + found.len()..].chars().next();
                // A word that begins or ends with a sign is bounded by the sign itself.
                let (first, last) = (word.chars().next(), word.chars().next_back());
                let goes_on = is_part(before) && is_part(first) || is_part(after) && is_part(last);
                !goes_on
            })
    })
}

/// Keywords in their canonical form: trimmed, lower-cased, each once, in order.
pub fn keywords(words: &[String]) -> Result<Vec<String>, Reason> {
    let mut all = Vec::new();
    for word in words {
        let word = validate::keyword(word)?.to_lowercase();
        if !all.contains(&word) {
            all.push(word);
        }
    }
    if all.len() > limit::KEYWORDS {
        return Err(format!("at most {} keywords", limit::KEYWORDS));
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
