//! From counts of quarters of an hour to figures of days, in a time zone: pure.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use erc_protocol::api::analytics::{
    ActiveUsers, Analytics, DayFigures, ResponseTimes, Totals, TypeFigures, UserFigures,
};
use erc_protocol::{MessageType, Timestamp, UserId};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::analytics::{CLASSES_S, NEXT_SPEAKER, SLOT_MS};
use crate::store::{CountKey, Counts};

/// Days of a zone, the last of which is today.
pub(super) struct Days {
    zone: TimeZone,
    first: Date,
    last: Date,
}

impl Days {
    pub(super) fn up_to(now: Timestamp, zone: &TimeZone, count: i64) -> Self {
        let last = now.to_jiff().to_zoned(zone.clone()).date();
        Self {
            zone: zone.clone(),
            first: last.saturating_sub((count - 1).days()),
            last,
        }
    }

    /// The quarters of an hour that they are made of.
    pub(super) fn slots(&self) -> Range<i64> {
        self.slot(self.first)..self.slot(self.last.saturating_add(1.day()))
    }

    /// Those of the last so many days, or of all if those are more.
    pub(super) fn back(&self, days: i64) -> Range<i64> {
        let first = self.last.saturating_sub((days - 1).days()).min(self.first);
        self.slot(first)..self.slots().end
    }

    /// In which quarter of an hour a day begins.
    fn slot(&self, day: Date) -> i64 {
        let begins = day.to_zoned(self.zone.clone());
        let ms = begins.map_or(i64::MAX, |at| at.timestamp().as_millisecond());
        ms.div_euclid(SLOT_MS)
    }

    /// How many days after the first; negative before it.
    fn number(&self, day: Date) -> i64 {
        (day - self.first).get_days().into()
    }

    fn local(&self, at: Timestamp) -> jiff::civil::DateTime {
        self.zone.to_datetime(at.to_jiff())
    }
}

/// What is summed up so far.
pub(super) struct Sums<'d> {
    days: &'d Days,
    /// The number of the first day of the longest time over which people count as active.
    month: i64,
    totals: Totals,
    by_type: BTreeMap<String, i64>,
    by_hour: [i64; 24],
    by_weekday: [i64; 7],
    by_day: Vec<DayFigures>,
    writers: Vec<HashSet<UserId>>,
    users: HashMap<UserId, Counts>,
    /// The last day on which each wrote.
    seen: HashMap<UserId, i64>,
    next_speaker: [i64; CLASSES_S.len()],
    replies: [i64; CLASSES_S.len()],
    /// Who came before the first day, and is there.
    members: i64,
    /// A slot's day, hour and weekday, of the last one that was asked for: many counts are of one.
    last: Option<(i64, Place)>,
}

#[derive(Clone, Copy)]
struct Place {
    day: i64,
    hour: usize,
    weekday: usize,
}

impl<'d> Sums<'d> {
    pub(super) fn new(days: &'d Days, month: i64) -> Self {
        let count = usize::try_from(days.number(days.last) + 1).unwrap_or(1);
        let dates = (0..count).map(|n| days.first.saturating_add((n as i64).days()));
        Self {
            days,
            month: days.number(days.last) - month + 1,
            totals: Totals::default(),
            by_type: BTreeMap::new(),
            by_hour: [0; 24],
            by_weekday: [0; 7],
            by_day: dates
                .map(|date| DayFigures {
                    date: date.to_string(),
                    messages: 0,
                    replies: 0,
                    reactions: 0,
                    writers: 0,
                    joined: 0,
                    members: 0,
                })
                .collect(),
            writers: vec![HashSet::new(); count],
            users: HashMap::new(),
            seen: HashMap::new(),
            next_speaker: [0; CLASSES_S.len()],
            replies: [0; CLASSES_S.len()],
            members: 0,
            last: None,
        }
    }

    fn place(&mut self, slot: i64) -> Place {
        if let Some((_, place)) = self.last.filter(|(last, _)| *last == slot) {
            return place;
        }
        let local = self.days.local(Timestamp(slot * SLOT_MS));
        let place = Place {
            day: self.days.number(local.date()),
            hour: usize::try_from(local.hour()).unwrap_or(0),
            weekday: usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0),
        };
        self.last = Some((slot, place));
        place
    }

    pub(super) fn count(&mut self, key: &CountKey, counts: &Counts) {
        let place = self.place(key.slot);
        if counts.messages > 0 && place.day >= self.month {
            let seen = self.seen.entry(key.user).or_insert(place.day);
            *seen = place.day.max(*seen);
        }
        let Some(number) = usize::try_from(place.day)
            .ok()
            .filter(|number| *number < self.by_day.len())
        else {
            return;
        };
        self.totals.messages += counts.messages;
        self.totals.replies += counts.replies;
        self.totals.answered += counts.answered;
        self.totals.reactions += counts.reactions;
        self.totals.edited += counts.edited;
        self.totals.deleted += counts.deleted;
        *self.by_type.entry(key.kind.clone()).or_default() += counts.messages;
        self.by_hour[place.hour] += counts.messages;
        self.by_weekday[place.weekday] += counts.messages;
        let day = &mut self.by_day[number];
        day.messages += counts.messages;
        day.replies += counts.replies;
        day.reactions += counts.reactions;
        *self.users.entry(key.user).or_default() += *counts;
        if counts.messages > 0 {
            self.writers[number].insert(key.user);
        }
    }

    pub(super) fn answers(&mut self, way: &str, class: i64, answers: i64) {
        let classes = if way == NEXT_SPEAKER {
            &mut self.next_speaker
        } else {
            &mut self.replies
        };
        if let Some(sum) = usize::try_from(class)
            .ok()
            .and_then(|class| classes.get_mut(class))
        {
            *sum += answers;
        }
    }

    /// Somebody who is there came then.
    pub(super) fn came(&mut self, at: Timestamp) {
        let day = self.days.number(self.days.local(at).date());
        self.totals.members += 1;
        // A clock may have been set back since.
        match usize::try_from(day) {
            Err(_) => self.members += 1,
            Ok(number) => {
                let last = self.by_day.len() - 1;
                self.by_day[number.min(last)].joined += 1;
                self.totals.joined += 1;
            }
        }
    }

    /// The figures without names, and people, who wrote most first.
    pub(super) fn finish(mut self) -> (Analytics, Vec<UserFigures>) {
        let mut members = self.members;
        for (day, writers) in self.by_day.iter_mut().zip(&self.writers) {
            members += day.joined;
            day.members = members;
            day.writers = writers.len() as i64;
        }
        let last = self.days.number(self.days.last);
        let since = |days: i64| {
            let seen = self.seen.values().filter(|seen| **seen > last - days);
            seen.count() as i64
        };
        let active = ActiveUsers {
            daily: since(1),
            weekly: since(7),
            monthly: since(last - self.month + 1),
        };
        let mut users: Vec<_> = self
            .users
            .iter()
            .filter(|(_, counts)| counts.messages > 0)
            .map(|(user, counts)| UserFigures {
                user_id: *user,
                username: String::new(),
                display_name: String::new(),
                messages: counts.messages,
                replies: counts.replies,
                reactions: counts.reactions,
            })
            .collect();
        users.sort_unstable_by_key(|one| (-one.messages, one.user_id));
        self.totals.writers = users.len() as i64;
        let by_type = self
            .by_type
            .into_iter()
            .map(|(kind, messages)| TypeFigures {
                message_type: MessageType::from(kind),
                messages,
            });
        let figures = Analytics {
            room_id: None,
            from: self.days.first.to_string(),
            to: self.days.last.to_string(),
            time_zone: String::new(),
            behind: 0,
            totals: self.totals,
            active,
            next_speaker: times(&self.next_speaker),
            replies: times(&self.replies),
            by_type: by_type.collect(),
            by_hour: self.by_hour.to_vec(),
            by_weekday: self.by_weekday.to_vec(),
            by_day: self.by_day,
            by_user: Vec::new(),
        };
        (figures, users)
    }
}

fn times(classes: &[i64; CLASSES_S.len()]) -> ResponseTimes {
    let answers: i64 = classes.iter().sum();
    let mut below = 0;
    let median = classes.iter().position(|count| {
        below += count;
        answers > 0 && below * 2 >= answers
    });
    ResponseTimes {
        answers,
        median_s: median.map(|class| CLASSES_S[class]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_class_that_holds_the_middle() {
        let mut classes = [0; CLASSES_S.len()];
        assert_eq!(times(&classes).median_s, None);
        classes[2] = 1;
        classes[9] = 2;
        assert_eq!(times(&classes).median_s, Some(45));
        classes[2] = 2;
        assert_eq!(times(&classes).median_s, Some(3));
    }

    #[test]
    fn days_begin_when_they_begin_there() {
        // 2026-03-29 is 23 hours long in Berlin, and 2026-10-25 is 25.
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (today, slots) in [("2026-03-29T12:00:00Z", 92), ("2026-10-25T12:00:00Z", 100)] {
            let now: jiff::Timestamp = today.parse().unwrap();
            let days = Days::up_to(Timestamp(now.as_millisecond()), &zone, 1);
            let range = days.slots();
            assert_eq!(range.end - range.start, slots, "{today}");
        }
        let zone = TimeZone::get("Asia/Kathmandu").unwrap();
        let days = Days::up_to(Timestamp(0), &zone, 7);
        // Its clocks were 5:30 ahead then: the day began at 18:30 UTC.
        assert_eq!(days.slots().end.rem_euclid(96), 74);
    }
}
