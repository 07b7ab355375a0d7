//! A message as people read it, for the formats that people read.

use std::{collections::HashMap, fmt::Write as _};

use erc_protocol::{Message, MessageId, Poll, Timestamp, UserId};
use jiff::tz::TimeZone;

use super::{
    Head, Missing,
    recent::{Answered, Recent},
};
use crate::{SafeText, timeline::message};

/// Names that a reaction, or an option of a poll, shows.
const NAMES: usize = 10;

/// What a message needs besides its row.
pub(super) struct Reader {
    zone: TimeZone,
    names: HashMap<UserId, SafeText>,
    recent: Recent,
    day: String,
}

/// A message with everything that is shown of it.
pub(super) struct Shown<'m> {
    pub(super) id: MessageId,
    /// The day, if it is another than that of the message before.
    pub(super) new_day: Option<String>,
    pub(super) who: SafeText,
    pub(super) at: String,
    /// Absent if it was deleted.
    pub(super) text: Option<SafeText>,
    pub(super) edited: Option<String>,
    pub(super) answers: Option<(MessageId, Option<Answered>)>,
    /// The thread that it stands in, and how that began.
    pub(super) thread: Option<(MessageId, Option<Answered>)>,
    pub(super) forwarded: Option<(SafeText, String)>,
    pub(super) pinned: bool,
    /// Emoji, how many, and who as far as they are known.
    pub(super) reactions: Vec<(SafeText, i64, String)>,
    /// What was chosen, if it is a poll.
    pub(super) tally: Option<Tally>,
    pub(super) row: &'m Message,
}

/// What was chosen in a poll.
pub(super) struct Tally {
    /// How many voted, and whether one still may.
    pub(super) state: String,
    /// Options, how many chose each, and who as far as they are known; none while that is hidden.
    pub(super) options: Vec<(SafeText, i64, String)>,
}

impl Reader {
    pub(super) fn new(head: &Head) -> Self {
        let names = head.people.iter();
        Self {
            zone: head.zone.clone(),
            names: names
                .map(|person| (person.user_id, SafeText::line(&person.display_name)))
                .collect(),
            recent: Recent::default(),
            day: String::new(),
        }
    }

    pub(super) fn read<'m>(&mut self, row: &'m Message) -> Shown<'m> {
        let day = self.local(row.created_at, "%A, %-d %B %Y");
        let new_day = (day != self.day).then(|| day.clone());
        self.day = day;
        let answers = row.reply_to.map(|id| (id, self.recent.get(id).cloned()));
        let thread = row.thread_id.map(|id| (id, self.recent.get(id).cloned()));
        let forwarded = row.forwarded.as_ref().map(|from| {
            let at = self.local(from.created_at, "%Y-%m-%d %H:%M");
            (SafeText::line(&from.sender_name), at)
        });
        let reactions = row.reactions.iter().map(|one| {
            (
                SafeText::line(&one.emoji),
                one.count,
                self.named(&one.users),
            )
        });
        let shown = Shown {
            id: row.message_id,
            new_day,
            who: SafeText::line(&row.sender_name),
            at: self.local(row.created_at, "%H:%M"),
            text: (!row.is_deleted()).then(|| message::text(row)),
            edited: row
                .edited_at
                .filter(|_| !row.is_deleted())
                .map(|at| self.local(at, "%Y-%m-%d %H:%M")),
            answers,
            thread,
            forwarded,
            pinned: row.pinned.is_some(),
            reactions: reactions.collect(),
            tally: row.poll.as_ref().map(|poll| self.tally(poll)),
            row,
        };
        self.recent.note(row);
        shown
    }

    fn named(&self, users: &[UserId]) -> String {
        let names = users.iter().filter_map(|user| self.names.get(user));
        let names: Vec<_> = names.take(NAMES).map(SafeText::as_str).collect();
        names.join(", ")
    }

    fn tally(&self, poll: &Poll) -> Tally {
        let have = if poll.voters == 1 { "has" } else { "have" };
        let until = match (poll.closed_at, poll.closes_at) {
            (Some(_), _) => "the poll is over".to_owned(),
            (None, Some(end)) => format!("open until {}", self.local(end, "%Y-%m-%d %H:%M")),
            (None, None) => "open".to_owned(),
        };
        let options = poll.options.iter().filter_map(|one| {
            let text = SafeText::line(&one.text);
            one.votes.map(|votes| (text, votes, self.named(&one.users)))
        });
        Tally {
            state: format!("{} {have} voted, {until}", poll.voters),
            options: options.collect(),
        }
    }

    fn local(&self, at: Timestamp, form: &str) -> String {
        at.to_jiff()
            .to_zoned(self.zone.clone())
            .strftime(form)
            .to_string()
    }
}

/// Adds to a text.
pub(super) fn put(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a String takes everything");
}

/// What stands under the title: when it was made, for which time, in which zone.
pub(super) fn about(head: &Head) -> String {
    let local = |at: Timestamp| {
        let at = at.to_jiff().to_zoned(head.zone.clone());
        at.strftime("%Y-%m-%d %H:%M").to_string()
    };
    let zone = head.zone.iana_name().unwrap_or("local time");
    let mut about = format!("Exported {} ({zone})", local(head.at));
    if let Some(since) = head.wish.since {
        put(&mut about, format_args!(", from {}", local(since)));
    }
    if let Some(until) = head.wish.until {
        put(&mut about, format_args!(", up to {}", local(until)));
    }
    about
}

/// What stands at the end if it isn't all.
pub(super) fn gaps(from_server: bool, missing: &[Missing]) -> Option<String> {
    if from_server {
        return None;
    }
    let count: i64 = missing.iter().map(|gap| gap.to - gap.from + 1).sum();
    Some(match count {
        0 => "The server was not asked: this is what was on the machine.".to_owned(),
        1 => "The server was not asked: 1 message was not on the machine.".to_owned(),
        _ => format!("The server was not asked: {count} messages were not on the machine."),
    })
}
