//! That figures are what counting every message by hand gives, whatever people did, whenever it was
//! counted, and in whichever zone one asks.

use std::collections::{BTreeMap, BTreeSet};

use erc_protocol::api::analytics::{Analytics, AnalyticsQuery, FiguresFormat, ResponseTimes};
use erc_protocol::{History, Message, RoomId, Timestamp, UserId};
use erc_server::analytics::CLASSES_S;
use erc_server::ops::{analytics, reactions};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::database::System;
use super::schedule::{PEOPLE, Plan, Play, plan};
use super::world::{World, block_on_world, text, unless_refused};

const ZONES: [&str; 4] = [
    "UTC",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Chatham",
];
const EMOJI: [&str; 3] = ["👍", "🦀", "❤️"];
const DAYS: u32 = 3;

/// What happens after a wave of the plan.
#[derive(Debug, Clone)]
struct Between {
    /// Who reacts to which of the newest messages of which room with what.
    reactions: Vec<(usize, usize, usize, usize)>,
    pass_ms: i64,
    count: bool,
}

fn between() -> impl Strategy<Value = Between> {
    let reaction = (0..PEOPLE, 0..3_usize, 0..8_usize, 0..EMOJI.len());
    (
        prop::collection::vec(reaction, 0..4),
        prop_oneof![Just(0), 0..40 * 60_000_i64, 0..20 * 3_600_000_i64],
        prop::bool::weighted(0.4),
    )
        .prop_map(|(reactions, pass_ms, count)| Between {
            reactions,
            pass_ms,
            count,
        })
}

fn day() -> impl Strategy<Value = (Plan, Vec<Between>)> {
    (plan(), prop::collection::vec(between(), 16))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn figures_are_what_counting_by_hand_gives_on_sqlite((plan, between) in day()) {
        run(System::Sqlite, &plan, &between);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn figures_are_what_counting_by_hand_gives_on_postgres((plan, between) in day()) {
        run(System::Postgres, &plan, &between);
    }
}

fn run(system: System, plan: &Plan, between: &[Between]) {
    block_on_world(system, PEOPLE, async |world| {
        let world = &*world;
        let mut stage = Play::new(world).await;
        for (wave, between) in plan.iter().zip(between) {
            stage.run(&vec![wave.clone()]).await;
            for (who, room, back, emoji) in &between.reactions {
                let rows = world.rows(stage.rooms[*room]).await;
                if let Some(row) = rows.iter().rev().nth(*back) {
                    let actor = world.people[*who];
                    let done =
                        reactions::react(&world.app, actor, row.id, EMOJI[*emoji], None).await;
                    unless_refused(done.unwrap().await);
                }
            }
            world.pass(between.pass_ms);
            if between.count {
                world.app.count().await.unwrap();
            }
        }
        world.app.count().await.unwrap();
        check(world, &stage.rooms).await;
        // From the beginning, as after a move, it comes to the same.
        let mut tx = world.app.db.begin().await.unwrap();
        for room in &stage.rooms {
            tx.forget_counts(*room).await.unwrap();
        }
        tx.commit().await.unwrap();
        world.app.count().await.unwrap();
        check(world, &stage.rooms).await;
    });
}

async fn check(world: &World, rooms: &[RoomId]) {
    for (n, room) in rooms.iter().enumerate() {
        let rows = world.rows(*room).await;
        let all: Vec<Message> = rows.into_iter().map(Message::from).collect();
        for actor in &world.people {
            let query = AnalyticsQuery {
                days: Some(DAYS),
                time_zone: Some(ZONES[n % ZONES.len()].into()),
                format: None,
            };
            let figures = analytics::of_room(&world.app, *actor, *room, &query).await;
            let Some(figures) = unless_refused(figures) else {
                continue;
            };
            let first = {
                let mut tx = world.app.db.snapshot().await.unwrap();
                let place = tx.place(*room, actor.user).await.unwrap().unwrap();
                assert!(place.is_joined(), "only members see figures");
                place.first_visible_seq
            };
            let hidden = all.iter().rfind(|m| m.seq < first);
            let since = hidden.map_or(i64::MIN, |m| quarter(m.created_at) + 1);
            let visible = |m: &&Message| quarter(m.created_at) >= since;
            let by_hand = ByHand::of(&all, visible, world.app.clock.now(), &query);
            by_hand.check(&figures);
            assert!(
                all.iter().filter(visible).all(|m| m.seq >= first),
                "nothing that they may not see"
            );
        }
    }
}

fn quarter(at: Timestamp) -> i64 {
    at.0.div_euclid(15 * 60_000)
}

/// The figures, counted from the messages.
struct ByHand {
    dates: Vec<String>,
    messages: i64,
    replies: i64,
    answered: i64,
    reactions: i64,
    edited: i64,
    deleted: i64,
    by_hour: Vec<i64>,
    by_weekday: Vec<i64>,
    by_date: BTreeMap<String, (i64, BTreeSet<UserId>)>,
    by_user: BTreeMap<UserId, i64>,
    monthly: usize,
    next_speaker: Vec<i64>,
    reply: Vec<i64>,
}

impl ByHand {
    fn of(
        all: &[Message],
        visible: impl Fn(&&Message) -> bool,
        now: Timestamp,
        query: &AnalyticsQuery,
    ) -> Self {
        let zone = TimeZone::get(query.time_zone.as_ref().unwrap()).unwrap();
        let local = |at: Timestamp| at.to_jiff().to_zoned(zone.clone());
        let today = local(now).date();
        let dates: Vec<_> = (0..i64::from(DAYS))
            .rev()
            .map(|back| today.saturating_sub(back.days()).to_string())
            .collect();
        let inside = |m: &Message| dates.contains(&local(m.created_at).date().to_string());
        let mut hand = Self {
            messages: 0,
            replies: 0,
            answered: 0,
            reactions: 0,
            edited: 0,
            deleted: 0,
            by_hour: vec![0; 24],
            by_weekday: vec![0; 7],
            by_date: BTreeMap::new(),
            by_user: BTreeMap::new(),
            monthly: 0,
            next_speaker: Vec::new(),
            reply: Vec::new(),
            dates: dates.clone(),
        };
        let month = today.saturating_sub(29.days());
        let writers: BTreeSet<_> = all
            .iter()
            .filter(&visible)
            .filter(|m| (month..=today).contains(&local(m.created_at).date()))
            .map(|m| m.sender_id)
            .collect();
        hand.monthly = writers.len();
        for m in all.iter().filter(&visible).filter(|m| inside(m)) {
            let at = local(m.created_at);
            hand.messages += 1;
            hand.replies += i64::from(m.reply_to.is_some());
            hand.reactions += m.reactions.iter().map(|r| r.count).sum::<i64>();
            hand.edited += i64::from(m.edited_at.is_some());
            hand.deleted += i64::from(m.deleted_at.is_some());
            let answer = |other: &&Message| {
                other.reply_to == Some(m.message_id) && other.sender_id != m.sender_id
            };
            hand.answered += i64::from(all.iter().any(|other| answer(&other)));
            hand.by_hour[usize::try_from(at.hour()).unwrap()] += 1;
            let weekday = at.weekday().to_monday_zero_offset();
            hand.by_weekday[usize::try_from(weekday).unwrap()] += 1;
            let date = hand.by_date.entry(at.date().to_string()).or_default();
            date.0 += 1;
            date.1.insert(m.sender_id);
            *hand.by_user.entry(m.sender_id).or_default() += 1;
            let took = |other: &Message| m.created_at.0 - other.created_at.0;
            if let Some(before) = all.iter().find(|other| other.seq.0 == m.seq.0 - 1)
                && before.sender_id != m.sender_id
            {
                hand.next_speaker.push(took(before));
            }
            let parent = all
                .iter()
                .find(|other| Some(other.message_id) == m.reply_to);
            if let Some(parent) = parent.filter(|parent| parent.sender_id != m.sender_id) {
                hand.reply.push(took(parent));
            }
        }
        hand
    }

    fn check(&self, figures: &Analytics) {
        let all = &figures.totals;
        assert_eq!(
            (
                all.messages,
                all.replies,
                all.answered,
                all.reactions,
                all.edited,
                all.deleted
            ),
            (
                self.messages,
                self.replies,
                self.answered,
                self.reactions,
                self.edited,
                self.deleted
            ),
        );
        assert_eq!(figures.by_hour, self.by_hour);
        assert_eq!(figures.by_weekday, self.by_weekday);
        let dates: Vec<_> = figures.by_day.iter().map(|day| day.date.clone()).collect();
        assert_eq!(dates, self.dates);
        for day in &figures.by_day {
            let (messages, writers) = self.by_date.get(&day.date).cloned().unwrap_or_default();
            assert_eq!(
                (day.messages, day.writers),
                (messages, writers.len() as i64)
            );
        }
        let by_user: BTreeMap<_, _> = figures
            .by_user
            .iter()
            .map(|user| (user.user_id, user.messages))
            .collect();
        assert_eq!(by_user, self.by_user);
        assert_eq!(all.writers, self.by_user.len() as i64);
        let today = self.by_date.get(self.dates.last().unwrap());
        let today = today.map_or(0, |(_, writers)| writers.len() as i64);
        assert_eq!(figures.active.daily, today);
        assert_eq!(figures.active.monthly, self.monthly as i64);
        let types: i64 = figures.by_type.iter().map(|kind| kind.messages).sum();
        assert_eq!(types, self.messages);
        check_times(figures.next_speaker, &self.next_speaker);
        check_times(figures.replies, &self.reply);
        assert_eq!(figures.behind, 0);
    }
}

/// The median is exact but for the class that it lies in.
fn check_times(told: ResponseTimes, times: &[i64]) {
    let mut times: Vec<_> = times
        .iter()
        .copied()
        .filter(|ms| *ms <= 86_400_000)
        .collect();
    times.sort_unstable();
    assert_eq!(told.answers, times.len() as i64);
    let median = times.len().checked_sub(1).map(|last| times[last / 2]);
    let class = median.map(|ms| *CLASSES_S.iter().find(|end| **end * 1_000 >= ms).unwrap());
    assert_eq!(told.median_s, class);
}

conformance! { with_people =>
    a_backlog_larger_than_a_batch_is_counted_once,
}

async fn a_backlog_larger_than_a_batch_is_counted_once(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let sent = world.send_many(0, room, 700).await;
    let mut answer = text("yes");
    answer.reply_to = Some(sent[10].message_id);
    world.send(1, room, answer).await.unwrap();
    world.edit_all(0, &sent[..300], "edited").await;
    world.app.count().await.unwrap();
    world.edit_all(0, &sent[200..600], "edited again").await;
    for message in &sent[590..] {
        world.delete(0, message.message_id).await.unwrap();
    }
    world.app.count().await.unwrap();
    world.app.count().await.unwrap();
    let query = AnalyticsQuery {
        format: Some(FiguresFormat::Json),
        ..AnalyticsQuery::default()
    };
    let figures = analytics::of_room(&world.app, world.people[0], room, &query).await;
    let figures = figures.unwrap();
    assert_eq!(figures.totals.messages, 701);
    assert_eq!(figures.totals.edited, 590);
    assert_eq!(figures.totals.deleted, 110);
    assert_eq!((figures.totals.answered, figures.totals.replies), (1, 1));
    assert_eq!((figures.totals.members, figures.totals.joined), (2, 2));
    assert_eq!(figures.by_user[0].messages, 700);
}
