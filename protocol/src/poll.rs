//! Polls: a question with answers to choose from. A poll is a message of its own kind; what all see
//! of it stands in the message's row, and its text says the same to who doesn't know polls.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::validate::{self, Reason};
use crate::{Message, MessageId, RoomId, Timestamp, UserId, UserRev, limit};

/// What a poll is made of, besides its question: the message's content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewPoll {
    /// What one may choose, in order; each is there once.
    pub options: Vec<String>,
    /// Whether one may choose several.
    #[serde(default)]
    pub multiple: bool,
    /// Whether nobody learns who chose what.
    #[serde(default)]
    pub anonymous: bool,
    /// Whether nobody learns what was chosen until it is closed.
    #[serde(default)]
    pub hidden: bool,
    /// When it closes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closes_at: Option<Timestamp>,
}

/// A poll as it stands, as it is told to all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Poll {
    pub question: String,
    pub options: Vec<PollOption>,
    #[serde(default)]
    pub multiple: bool,
    /// Nobody learns who chose what: `users` are empty.
    #[serde(default)]
    pub anonymous: bool,
    /// Until it is closed, nobody learns what was chosen: `votes` are absent, `users` empty.
    #[serde(default)]
    pub hidden: bool,
    /// How many people chose something.
    #[ts(type = "number")]
    pub voters: i64,
    /// When it closes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closes_at: Option<Timestamp>,
    /// Since when nobody votes any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closed_at: Option<Timestamp>,
    /// Who closed it; absent if its time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closed_by: Option<UserId>,
}

/// Something that one may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PollOption {
    pub text: String,
    /// How many chose it; absent while that is hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub votes: Option<i64>,
    /// The first of them, at most [`limit::POLL_USERS`], in the order in which they chose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserId>,
}

/// What is wrong with a poll or a vote: the field, and a sentence for people.
pub type Wrong = (&'static str, Reason);

/// Options as they are kept: each one line, each once, not too few and not too many.
pub fn valid_options(options: &[String]) -> Result<Vec<String>, Wrong> {
    if !limit::POLL_OPTIONS.contains(&options.len()) {
        let (least, most) = (limit::POLL_OPTIONS.start(), limit::POLL_OPTIONS.end());
        return Err(("options", format!("a poll has {least} to {most} options")));
    }
    let mut valid: Vec<String> = Vec::with_capacity(options.len());
    for option in options {
        let option = validate::poll_option(option).map_err(|reason| ("options", reason))?;
        if valid.contains(&option) {
            return Err(("options", format!("the option “{option}” is there twice")));
        }
        valid.push(option);
    }
    Ok(valid)
}

/// The text that says what a poll with this question and these options says.
#[must_use]
pub fn text<'a>(question: &str, options: impl Iterator<Item = &'a str>) -> String {
    let options = (1..).zip(options);
    let lines = options.map(|(number, option)| format!("\n{number}. {option}"));
    std::iter::once(format!("Poll: {question}"))
        .chain(lines)
        .collect()
}

impl Poll {
    /// An open one, without votes.
    pub fn new(question: &str, new: &NewPoll) -> Result<Self, Wrong> {
        let question = validate::poll_question(question).map_err(|reason| ("content", reason))?;
        let mut poll = Self {
            question,
            options: Vec::new(),
            multiple: new.multiple,
            anonymous: new.anonymous,
            hidden: new.hidden,
            voters: 0,
            closes_at: new.closes_at,
            closed_at: None,
            closed_by: None,
        };
        poll.set_options(valid_options(&new.options)?);
        Ok(poll)
    }

    /// Other options, nobody having chosen one yet.
    pub fn set_options(&mut self, texts: Vec<String>) {
        let votes = (!self.is_secret()).then_some(0);
        let option = |text| PollOption {
            text,
            votes,
            users: Vec::new(),
        };
        self.options = texts.into_iter().map(option).collect();
    }

    /// Whether what was chosen is told to nobody yet.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.hidden && self.closed_at.is_none()
    }

    /// Whether votes are taken at this moment.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.closed_at.is_none() && self.closes_at.is_none_or(|end| end > now)
    }

    /// The text of its message, for whoever doesn't know polls, for search, and to be forwarded.
    #[must_use]
    pub fn text(&self) -> String {
        text(
            &self.question,
            self.options.iter().map(|one| one.text.as_str()),
        )
    }

    /// The choice as it is kept: rising, each once.
    pub fn valid_choice(&self, options: &[u8]) -> Result<Vec<u8>, Wrong> {
        let mut choice = options.to_vec();
        choice.sort_unstable();
        choice.dedup();
        if choice
            .last()
            .is_some_and(|last| usize::from(*last) >= self.options.len())
        {
            let why = format!("options are numbered from 0 to {}", self.options.len() - 1);
            return Err(("options", why));
        }
        if choice.len() > 1 && !self.multiple {
            return Err(("options", "one option can be chosen here".to_owned()));
        }
        Ok(choice)
    }

    /// Counts afresh what people chose, given in the order in which they did.
    pub fn tally(&mut self, votes: &[(UserId, Vec<u8>)]) {
        let votes: Vec<_> = votes
            .iter()
            .filter(|(_, choice)| !choice.is_empty())
            .collect();
        self.voters = i64::try_from(votes.len()).unwrap_or(i64::MAX);
        let (is_secret, is_anonymous) = (self.is_secret(), self.anonymous);
        for (number, option) in (0..).zip(&mut self.options) {
            let who = votes.iter().filter(|(_, choice)| choice.contains(&number));
            let who: Vec<_> = who.map(|(user, _)| *user).collect();
            let count = i64::try_from(who.len()).unwrap_or(i64::MAX);
            option.votes = (!is_secret).then_some(count);
            let named = if is_secret || is_anonymous {
                0
            } else {
                limit::POLL_USERS
            };
            option.users = who.into_iter().take(named).collect();
        }
    }

    /// Counts that one user, the latest of all, chooses otherwise than before: what [`Self::tally`]
    /// would come to, without looking at the others' votes. `false` if it can't be known so, because
    /// somebody of whom the poll doesn't know is to be named in their place: then it has to be
    /// counted afresh.
    #[must_use]
    pub fn recast(&mut self, user: UserId, before: &[u8], after: &[u8]) -> bool {
        self.voters += i64::from(!after.is_empty()) - i64::from(!before.is_empty());
        let is_named = !self.is_secret() && !self.anonymous;
        for (number, option) in (0..).zip(&mut self.options) {
            let (held, chosen) = (before.contains(&number), after.contains(&number));
            let Some(votes) = option.votes.as_mut().filter(|_| held || chosen) else {
                continue;
            };
            let are_all_named = usize::try_from(*votes) == Ok(option.users.len());
            *votes += i64::from(chosen) - i64::from(held);
            if !is_named {
                continue;
            }
            let named = option.users.iter().position(|one| *one == user);
            if let Some(place) = named {
                if !are_all_named {
                    return false;
                }
                option.users.remove(place);
            }
            if chosen && are_all_named && option.users.len() < limit::POLL_USERS {
                option.users.push(user);
            }
        }
        true
    }
}

/// What oneself chose, told to oneself alone, on all devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OwnVote {
    pub message_id: MessageId,
    pub room_id: RoomId,
    /// Numbers of options, from 0, rising; empty once it was taken back.
    pub options: Vec<u8>,
    pub user_rev: UserRev,
}

/// `PUT /chat/messages/{id}/vote`, answered by [`Voted`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VoteRequest {
    /// Numbers of options, from 0: all that one chooses now. None takes the vote back.
    pub options: Vec<u8>,
    /// Names this vote: repeated, it changes nothing, whatever was chosen since.
    #[serde(default)]
    pub client_id: Option<crate::ClientId>,
}

/// The message as it is now, and what oneself chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Voted {
    #[serde(flatten)]
    pub message: Message,
    pub own_vote: OwnVote,
}

/// `GET /chat/messages/{id}/votes`: who chose what, in the order in which they did. Of an anonymous
/// poll, or a hidden one that is open, nobody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VoteList {
    pub votes: Vec<Vote>,
    /// What oneself chose, whatever the others are told.
    pub own: Vec<u8>,
}

/// What somebody chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Vote {
    pub user_id: UserId,
    pub display_name: String,
    pub options: Vec<u8>,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests;
