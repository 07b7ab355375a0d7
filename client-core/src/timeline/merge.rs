//! Puts rows, holes, lines and what is unsent into one order. Pure.
//!
//! Invariants: every row and every hole of the source is in the result once, by rising place; what
//! is unsent comes last, in the order of writing; no message is there twice.

use std::collections::{HashMap, HashSet};

use erc_protocol::{ClientId, Message, Seq, UserId};

use super::{Setting, Source, message};
use crate::{
    cache::{holes::Hole, outbox::Entry},
    view::{Item, MessageView, Timeline},
};

/// Messages of one sender within this time stand together under one name. Milliseconds.
const TOGETHER_MS: i64 = 5 * 60 * 1000;

type Name = (UserId, ClientId);

enum Place<'a> {
    Row(&'a Message),
    Hole(&'a Hole),
}

impl Place<'_> {
    fn lowest(&self) -> i64 {
        match self {
            Self::Row(row) => row.seq.0,
            Self::Hole(hole) => *hole.start(),
        }
    }
}

pub(crate) fn build(source: &Source, setting: &Setting) -> Timeline {
    let mut places: Vec<Place<'_>> = source.rows.iter().map(Place::Row).collect();
    places.extend(source.holes.iter().map(Place::Hole));
    places.sort_by_key(Place::lowest);
    let pending = by_message(&source.pending);
    let line = unread_line(&places, source, setting);

    let mut list = List::default();
    for (index, place) in places.iter().enumerate() {
        if let Some((_, count)) = line.filter(|(at, _)| *at == index) {
            list.unread = Some(count);
        }
        match place {
            Place::Row(row) => {
                let changes = pending
                    .get(&(row.sender_id, row.client_id))
                    .map_or(&[][..], Vec::as_slice);
                list.push(message::of_row(row, changes, setting), setting);
            }
            Place::Hole(hole) => list.push_hole(hole),
        }
    }
    if source.at_end {
        let held: HashSet<Name> = source
            .rows
            .iter()
            .map(|row| (row.sender_id, row.client_id))
            .collect();
        for send in source.pending.iter().filter(|entry| entry.kind.is_send()) {
            let Some(name) = name(send) else { continue };
            if !held.contains(&name) {
                let changes = pending.get(&name).map_or(&[][..], Vec::as_slice);
                list.push(message::of_send(send, changes, setting), setting);
            }
        }
    }
    let ends = [
        source.rows.first().map(|row| row.seq.0),
        source.rows.last().map(|row| row.seq.0),
        source.holes.first().map(|hole| *hole.start()),
        source.holes.last().map(|hole| *hole.end()),
    ];
    Timeline {
        items: list.items,
        from_seq: ends.iter().flatten().min().map(|seq| Seq(*seq)),
        to_seq: ends.iter().flatten().max().map(|seq| Seq(*seq)),
        at_start: source.at_start,
        at_end: source.at_end,
    }
}

fn name(entry: &Entry) -> Option<Name> {
    entry.sender.zip(entry.client_id)
}

/// What changes messages, by the message that they concern.
fn by_message(pending: &[Entry]) -> HashMap<Name, Vec<&Entry>> {
    let mut by_message: HashMap<Name, Vec<&Entry>> = HashMap::new();
    for entry in pending {
        if !entry.kind.is_send()
            && !entry.kind.is_mark()
            && let Some(name) = name(entry)
        {
            by_message.entry(name).or_default().push(entry);
        }
    }
    by_message
}

/// Before which place the unread line stands, and how many follow. None if the line lies above the
/// window, or if nothing unread follows.
fn unread_line(places: &[Place<'_>], source: &Source, setting: &Setting) -> Option<(usize, i64)> {
    let after = setting.unread_after?.0;
    let starts = places
        .first()
        .is_some_and(|place| place.lowest() <= after + 1);
    if !starts && !source.at_start {
        return None;
    }
    let unread = |place: &Place<'_>| match place {
        Place::Row(row) => {
            i64::from(row.seq.0 > after && row.sender_id != setting.me && !row.is_deleted())
        }
        Place::Hole(hole) => (hole.end() - (*hole.start()).max(after + 1) + 1).max(0),
    };
    let index = places.iter().position(|place| unread(place) > 0)?;
    let inside: i64 = places.iter().map(unread).sum();
    Some((index, inside + setting.unread_beyond))
}

/// The items so far, and what the next one depends on.
#[derive(Default)]
struct List {
    items: Vec<Item>,
    day: Option<String>,
    /// Sender and time of the message just above, if nothing stands between.
    above: Option<(UserId, i64)>,
    /// A line that waits for the next item.
    unread: Option<i64>,
}

impl List {
    fn push(&mut self, mut view: MessageView, setting: &Setting) {
        let day = message::local(view.at, setting)
            .strftime("%Y-%m-%d")
            .to_string();
        // Days go forward only, though the clock of who writes offline may be behind.
        if self.day.as_ref().is_none_or(|held| day > *held) {
            self.items.push(Item::Day { date: day.clone() });
            self.day = Some(day);
            self.above = None;
        }
        self.push_unread();
        view.follows = self.above.is_some_and(|(sender, at)| {
            sender == view.sender_id && (0..=TOGETHER_MS).contains(&(view.at.0 - at))
        });
        self.above = Some((view.sender_id, view.at.0));
        self.items.push(Item::Message(view));
    }

    fn push_hole(&mut self, hole: &Hole) {
        self.push_unread();
        self.above = None;
        self.items.push(Item::Hole {
            from: Seq(*hole.start()),
            to: Seq(*hole.end()),
        });
    }

    fn push_unread(&mut self) {
        if let Some(count) = self.unread.take() {
            self.items.push(Item::Unread { count });
            self.above = None;
        }
    }
}
