//! What a batch of messages adds to the figures: pure.

use std::collections::{BTreeMap, HashMap};

use erc_protocol::{Reaction, UserId};

use crate::store::{AnswerKey, CountKey, CountMark, Counted, Counts};

/// A quarter of an hour. Milliseconds.
pub const SLOT_MS: i64 = 15 * 60 * 1_000;
/// A message by somebody else than who wrote the one before it.
pub const NEXT_SPEAKER: &str = "next_speaker";
/// A reply to somebody else's message.
pub const REPLY: &str = "reply";
/// Times of answers are kept in classes that end at these, so that a median is known without each
/// of them. Seconds. What took longer than the last is no answer.
pub const CLASSES_S: [i64; 31] = [
    1, 2, 3, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900, 1_200, 1_800, 2_700,
    3_600, 5_400, 7_200, 10_800, 14_400, 21_600, 28_800, 43_200, 64_800, 86_400,
];

/// The class of a time.
fn class(ms: i64) -> Option<i64> {
    let class = CLASSES_S.partition_point(|end| end * 1_000 < ms);
    (class < CLASSES_S.len()).then_some(class as i64)
}

fn slot(row: &Counted) -> i64 {
    row.created_at.0.div_euclid(SLOT_MS)
}

fn key(row: &Counted) -> CountKey {
    CountKey {
        slot: slot(row),
        user: row.sender_id,
        kind: row.kind.clone(),
    }
}

/// What of a message's later life its row tells.
fn life(row: &Counted) -> CountMark {
    let reactions: Vec<Reaction> = serde_json::from_str(&row.reactions).unwrap_or_default();
    CountMark {
        message_id: row.id.0,
        answered: 0,
        reactions: reactions.iter().map(|one| one.count).sum(),
        edited: i64::from(row.edited_at.is_some()),
        deleted: i64::from(row.deleted_at.is_some()),
    }
}

/// A batch being counted.
pub(super) struct Batch<'p> {
    /// Who wrote the message before, and when.
    before: Option<(UserId, i64)>,
    /// What is answered.
    parents: &'p HashMap<i64, Counted>,
    /// As they were, and as they are to be if they change.
    marks: HashMap<i64, (CountMark, CountMark)>,
    counts: BTreeMap<CountKey, Counts>,
    answers: BTreeMap<AnswerKey, i64>,
}

/// What is to be added and written.
pub(super) struct Sums {
    pub(super) counts: Vec<(CountKey, Counts)>,
    pub(super) answers: Vec<(AnswerKey, i64)>,
    pub(super) marks: Vec<CountMark>,
}

impl<'p> Batch<'p> {
    pub(super) fn new(
        before: Option<Counted>,
        parents: &'p HashMap<i64, Counted>,
        marks: Vec<CountMark>,
    ) -> Self {
        let marks = marks.into_iter();
        Self {
            before: before.map(|row| (row.sender_id, row.created_at.0)),
            parents,
            marks: marks.map(|mark| (mark.message_id, (mark, mark))).collect(),
            counts: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }

    /// The next message of the room.
    pub(super) fn count(&mut self, row: &Counted) {
        let at = row.created_at.0;
        let parent = row.reply_to.and_then(|id| self.parents.get(&id));
        *self.counts.entry(key(row)).or_default() += Counts {
            messages: 1,
            replies: i64::from(row.reply_to.is_some()),
            ..Counts::default()
        };
        if let Some((sender, before)) = self.before
            && sender != row.sender_id
        {
            self.answer(row, NEXT_SPEAKER, at - before);
        }
        self.before = Some((row.sender_id, at));
        if let Some(parent) = parent.filter(|parent| parent.sender_id != row.sender_id) {
            self.answer(row, REPLY, at - parent.created_at.0);
            self.change(parent, |mark| mark.answered = 1);
        }
        self.count_again(row);
    }

    /// A message that is counted, as it is now.
    pub(super) fn count_again(&mut self, row: &Counted) {
        let life = life(row);
        self.change(row, |mark| {
            *mark = CountMark {
                answered: mark.answered,
                ..life
            };
        });
    }

    fn answer(&mut self, row: &Counted, way: &'static str, ms: i64) {
        if let Some(class) = class(ms) {
            let slot = slot(row);
            *self
                .answers
                .entry(AnswerKey { slot, way, class })
                .or_default() += 1;
        }
    }

    /// Changes what is counted of a message's later life, and counts the difference.
    fn change(&mut self, row: &Counted, change: impl FnOnce(&mut CountMark)) {
        let none = CountMark {
            message_id: row.id.0,
            ..CountMark::default()
        };
        let (_, mark) = self.marks.entry(row.id.0).or_insert((none, none));
        let was = *mark;
        change(mark);
        if *mark != was {
            *self.counts.entry(key(row)).or_default() += Counts {
                answered: mark.answered - was.answered,
                reactions: mark.reactions - was.reactions,
                edited: mark.edited - was.edited,
                deleted: mark.deleted - was.deleted,
                ..Counts::default()
            };
        }
    }

    pub(super) fn finish(self) -> Sums {
        let changed = self.marks.into_values().filter(|(was, is)| was != is);
        Sums {
            counts: self.counts.into_iter().collect(),
            answers: self.answers.into_iter().collect(),
            marks: changed.map(|(_, is)| is).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_fall_into_the_class_that_ends_at_or_after_them() {
        assert_eq!(class(0), Some(0));
        assert_eq!(class(1_000), Some(0));
        assert_eq!(class(1_001), Some(1));
        assert_eq!(class(86_400_000), Some(30));
        assert_eq!(class(86_400_001), None);
        assert!(CLASSES_S.is_sorted());
    }
}
