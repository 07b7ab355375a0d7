//! The language in which messages are searched for, and what it means: one parser, one folding, one
//! decision whether a message fits, for the server's index and for a client's own cache. Pure.
//!
//! A query is a list of [`Clause`]s, all of which must hold. What the index knows of a message and
//! asks for a query are the same [`grams`]; they only narrow down, and [`Query::matches`] decides.

pub mod fold;
pub mod grams;
mod matching;
mod parse;
mod text;

pub use matching::{Found, Named, is_called};
pub use parse::{Now, ParseError};
pub use text::{Highlights, Text};

use crate::{RoomId, Timestamp, UserId};

/// What is searched for: every clause must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    pub clauses: Vec<Clause>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Written with `-`: it must not hold.
    pub negated: bool,
    /// Where it begins in the query. Characters.
    pub at: usize,
    pub what: What,
}

/// What a clause asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A word or a part of one; see [`Text`].
    Text(Text),
    /// `from:name`.
    From(Who),
    /// `in:room`, a name as it was written.
    In(String),
    /// `has:…`.
    Has(Has),
    /// `before:day`: sent before this moment.
    Before(Timestamp),
    /// `after:day`: sent at this moment or later, which is the end of the day.
    After(Timestamp),
    /// `on:day`: from the first moment up to the second.
    On(Timestamp, Timestamp),
    /// `pinned:yes`, `pinned:no`.
    Pinned(bool),
    /// `is:…`.
    Is(Is),
    /// `mentions:me`, `mentions:name`.
    Mentions(Who),
}

/// A person as a query names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Whoever asks.
    Me,
    /// A user name, in lower case, without `@`.
    Name(String),
}

/// What a message may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    File,
    Image,
    Audio,
    Video,
    Link,
    Poll,
}

impl Has {
    /// Every one, by its word.
    pub const ALL: [(&'static str, Self); 6] = [
        ("file", Self::File),
        ("image", Self::Image),
        ("audio", Self::Audio),
        ("video", Self::Video),
        ("link", Self::Link),
        ("poll", Self::Poll),
    ];
}

/// What a message may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    /// It has a thread, or stands in one.
    Thread,
    Edited,
    Reply,
}

impl Is {
    /// Every one, by its word.
    pub const ALL: [(&'static str, Self); 3] = [
        ("thread", Self::Thread),
        ("edited", Self::Edited),
        ("reply", Self::Reply),
    ];
}

/// The filters, as a help text shows them: what is written, and what it finds.
pub const FILTERS: [(&str, &str); 12] = [
    ("word", "messages with this word, or a part of it"),
    ("\"a phrase\"", "exactly these words"),
    ("-word", "without it; also before a filter"),
    ("from:name", "sent by this person, or by me"),
    ("in:room", "in this room"),
    ("has:link", "also file, image, audio, video, poll"),
    ("before:2026-01-31", "earlier than this day"),
    ("after:yesterday", "later than this day"),
    ("on:today", "on this day"),
    ("pinned:yes", "pinned messages"),
    ("is:reply", "also edited, thread"),
    ("mentions:me", "that name me, or a person"),
];

impl Query {
    /// The texts that must be in a message.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.clauses.iter().filter_map(|clause| match &clause.what {
            What::Text(text) if !clause.negated => Some(text),
            _ => None,
        })
    }

    /// The names that have to be looked up before [`Query::matches`] can decide.
    pub fn people(&self) -> impl Iterator<Item = (&str, usize)> {
        self.clauses.iter().filter_map(|clause| match &clause.what {
            What::From(Who::Name(name)) | What::Mentions(Who::Name(name)) => {
                Some((name.as_str(), clause.at))
            }
            _ => None,
        })
    }

    /// The names of rooms.
    pub fn rooms(&self) -> impl Iterator<Item = (&str, usize)> {
        self.clauses.iter().filter_map(|clause| match &clause.what {
            What::In(name) => Some((name.as_str(), clause.at)),
            _ => None,
        })
    }

    /// The first moment at which a message can have been sent, and the first at which it can't any
    /// more.
    #[must_use]
    pub fn span(&self) -> (Timestamp, Timestamp) {
        let (mut from, mut to) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        for clause in self.clauses.iter().filter(|clause| !clause.negated) {
            match clause.what {
                What::Before(at) => to = to.min(at),
                What::After(at) => from = from.max(at),
                What::On(first, end) => (from, to) = (from.max(first), to.min(end)),
                _ => {}
            }
        }
        (from, to)
    }

    /// The people who must have sent it, if the query says so by name alone.
    #[must_use]
    pub fn senders(&self, named: &Named) -> Option<Vec<UserId>> {
        self.clauses.iter().find_map(|clause| match &clause.what {
            What::From(who) if !clause.negated => Some(named.people(who)),
            _ => None,
        })
    }

    /// The rooms in which it must stand, if the query says so.
    #[must_use]
    pub fn in_rooms(&self, named: &Named) -> Option<Vec<RoomId>> {
        self.clauses.iter().find_map(|clause| match &clause.what {
            What::In(name) if !clause.negated => Some(named.rooms(name)),
            _ => None,
        })
    }
}
