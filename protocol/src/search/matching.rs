//! Whether a message fits a query, and how well.

use std::collections::HashMap;

use super::fold::{Folded, fold};
use super::text::{has_link, is_border};
use super::{Has, Is, Query, What, Who};
use crate::{Message, RoomId, Timestamp, UserId};

/// What the names in a query stand for, looked up by whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Named {
    me: UserId,
    people: HashMap<String, Vec<UserId>>,
    rooms: HashMap<String, Vec<RoomId>>,
}

impl Named {
    /// Nobody but the one who asks.
    #[must_use]
    pub fn new(me: UserId) -> Self {
        Self {
            me,
            ..Self::default()
        }
    }

    /// These people have this name.
    pub fn name_people(&mut self, name: &str, people: Vec<UserId>) {
        self.people.insert(name.to_owned(), people);
    }

    /// These rooms have this name.
    pub fn name_rooms(&mut self, name: &str, rooms: Vec<RoomId>) {
        self.rooms.insert(name.to_owned(), rooms);
    }

    pub(super) fn people(&self, who: &Who) -> Vec<UserId> {
        match who {
            Who::Me => vec![self.me],
            Who::Name(name) => self.people.get(name).cloned().unwrap_or_default(),
        }
    }

    pub(super) fn rooms(&self, name: &str) -> Vec<RoomId> {
        self.rooms.get(name).cloned().unwrap_or_default()
    }
}

/// A message that fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// How well its words fit; higher is better. What was sent lately counts for more.
    pub score: f64,
}

/// After so many days a message counts for half of a fresh one.
const HALF_LIFE_DAYS: f64 = 60.0;
const HOUR_MS: i64 = 3_600_000;

impl Query {
    /// Whether the message fits. A deleted one never does.
    #[must_use]
    pub fn matches(&self, message: &Message, named: &Named, now: Timestamp) -> Option<Found> {
        if message.is_deleted() {
            return None;
        }
        let text = Folded::of(&message.content).chars;
        let mut score = 0.0;
        for clause in &self.clauses {
            let holds = match &clause.what {
                What::Text(wanted) => {
                    let worth = worth(wanted.places(&text), &text);
                    if !clause.negated {
                        score += worth;
                    }
                    worth > 0.0
                }
                What::From(who) => named.people(who).contains(&message.sender_id),
                What::In(name) => named.rooms(name).contains(&message.chat_room_id),
                What::Has(what) => has(*what, message),
                What::Before(at) => message.created_at < *at,
                What::After(at) => message.created_at >= *at,
                What::On(first, end) => (*first..*end).contains(&message.created_at),
                What::Pinned(yes) => message.pinned.is_some() == *yes,
                What::Is(Is::Thread) => message.thread_id.is_some() || message.thread.is_some(),
                What::Is(Is::Edited) => message.edited_at.is_some(),
                What::Is(Is::Reply) => message.reply_to.is_some(),
                What::Mentions(who) => named
                    .people(who)
                    .iter()
                    .any(|user| message.mentions.contains(user)),
            };
            if holds == clause.negated {
                return None;
            }
        }
        // A word in a short message says more about it than in a long one.
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let length = 1.0 + (f64::from(length) / 80.0).sqrt();
        let age = now.0.saturating_sub(message.created_at.0).max(0) / HOUR_MS;
        let age = f64::from(u32::try_from(age).unwrap_or(u32::MAX)) / 24.0;
        let fresh = 1.0 + 1.0 / (1.0 + age / HALF_LIFE_DAYS);
        Some(Found {
            score: (score / length).max(f64::MIN_POSITIVE) * fresh,
        })
    }
}

/// Whole words are worth more than their beginnings, and those more than parts; often is a little
/// better than once.
fn worth(places: impl Iterator<Item = (usize, usize)>, text: &[char]) -> f64 {
    let (mut best, mut count) = (0.0_f64, 0.0_f64);
    for (start, end) in places {
        let worth = match (is_border(text, start), is_border(text, end)) {
            (true, true) => 4.0,
            (true, false) => 2.0,
            (false, _) => 1.0,
        };
        best = best.max(worth);
        count += 1.0;
    }
    if count > 0.0 {
        best + count.ln_1p() * 0.5
    } else {
        0.0
    }
}

fn has(what: Has, message: &Message) -> bool {
    let kind = message.message_type.as_str();
    match what {
        Has::Link => has_link(&message.content),
        Has::Poll => kind == "poll",
        Has::File => matches!(kind, "file" | "image" | "audio" | "video"),
        Has::Image => kind == "image",
        Has::Audio => kind == "audio",
        Has::Video => kind == "video",
    }
}

/// Whether a room or a person is called so, whatever case and accents.
#[must_use]
pub fn is_called(name: &str, wanted: &str) -> bool {
    fold(name) == fold(wanted)
}
