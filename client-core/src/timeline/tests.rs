mod polls;

use std::collections::{HashMap, HashSet};

use erc_protocol::{
    Capability, ClientId, Message, MessageId, MessageType, Reaction, Rev, RoomId, Seq, Timestamp,
    UserId,
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use uuid::Uuid;

use super::{Setting, Source, merge};
use crate::{
    SafeText,
    cache::outbox::{Entry, Kind, State},
    emoji::Custom,
    view::{Delivery, Item, MessageView, Timeline},
};

const ME: UserId = UserId(1);
const ADA: UserId = UserId(2);
const MINUTE: i64 = 60_000;
/// 2026-11-24T12:00:00Z
const NOON: i64 = 1_795_521_600_000;

fn row(seq: i64, sender: UserId, at: i64) -> Message {
    Message {
        message_id: MessageId(100 + seq),
        chat_room_id: RoomId(1),
        sender_id: sender,
        sender_name: "old name".to_owned(),
        content: format!("text {seq}"),
        message_type: MessageType::Text,
        created_at: Timestamp(at),
        seq: Seq(seq),
        rev: Rev(seq),
        client_id: id(seq),
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        deleted_rev: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        expiry: None,
        edited_at: None,
        deleted_at: None,
    }
}

fn id(number: i64) -> ClientId {
    ClientId(Uuid::from_u128(u128::try_from(number).unwrap()))
}

fn entry(kind: Kind, number: i64, state: State) -> Entry {
    Entry {
        id: number,
        room: RoomId(1),
        kind,
        op_id: id(number),
        sender: Some(ME),
        client_id: Some(id(number)),
        message_id: None,
        content: format!("unsent {number}"),
        reply_to: None,
        poll: None,
        base_rev: None,
        seq: None,
        is_on: true,
        thread_id: None,
        also_in_room: false,
        drafts: Vec::new(),
        forget: Vec::new(),
        state,
        attempts: 0,
        reason: (state == State::Parked).then(|| "too long".to_owned()),
        created_at: Timestamp(NOON),
        lifetime: None,
    }
}

fn setting() -> Setting {
    Setting {
        me: ME,
        username: "ada".to_owned(),
        can: vec![Capability::Send, Capability::React],
        names: HashMap::from([(ME, "Me".to_owned()), (ADA, "Ada".to_owned())]),
        quoted: HashMap::new(),
        blocked: HashSet::new(),
        unread_after: None,
        unread_beyond: 0,
        marks: Vec::new(),
        threads: HashMap::new(),
        votes: HashMap::new(),
        emoji: Custom::default(),
        now: Timestamp(0),
        zone: TimeZone::UTC,
    }
}

fn whole(rows: Vec<Message>) -> Source {
    Source {
        rows,
        at_start: true,
        at_end: true,
        ..Source::default()
    }
}

fn messages(timeline: &Timeline) -> Vec<&MessageView> {
    timeline
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Message(view) => Some(view),
            _ => None,
        })
        .collect()
}

#[test]
fn messages_of_one_sender_within_five_minutes_stand_together() {
    let rows = vec![
        row(1, ADA, NOON),
        row(2, ADA, NOON + 5 * MINUTE),
        row(3, ADA, NOON + 11 * MINUTE),
        row(4, ME, NOON + 11 * MINUTE),
    ];
    let timeline = merge::build(&whole(rows), &setting());
    let follows: Vec<bool> = messages(&timeline)
        .iter()
        .map(|view| view.follows)
        .collect();
    assert_eq!(follows, [false, true, false, false]);
}

#[test]
fn a_day_begins_where_it_begins_for_the_reader() {
    let rows = vec![
        row(1, ADA, NOON),
        row(2, ADA, NOON + MINUTE),
        row(3, ADA, NOON + 12 * 60 * MINUTE),
    ];
    let days = |zone: TimeZone| -> Vec<String> {
        let timeline = merge::build(&whole(rows.clone()), &Setting { zone, ..setting() });
        let days = timeline.items.into_iter().filter_map(|item| match item {
            Item::Day { date } => Some(date),
            _ => None,
        });
        days.collect()
    };
    assert_eq!(days(TimeZone::UTC), ["2026-11-24", "2026-11-25"]);
    assert_eq!(days(TimeZone::fixed(jiff::tz::offset(-5))), ["2026-11-24"]);
}

#[test]
fn the_unread_line_stands_before_the_first_message_of_others() {
    let rows = vec![
        row(1, ADA, NOON),
        row(2, ME, NOON),
        row(3, ADA, NOON),
        row(4, ADA, NOON),
    ];
    let setting = Setting {
        unread_after: Some(Seq(1)),
        ..setting()
    };
    let timeline = merge::build(&whole(rows.clone()), &setting);
    let line = timeline
        .items
        .iter()
        .position(|item| *item == Item::Unread { count: 2 });
    let Some(Item::Message(next)) = timeline.items.get(line.unwrap() + 1) else {
        panic!()
    };
    assert_eq!(next.seq, Some(Seq(3)));
    assert!(!next.follows, "a line stands between");
    let read = Setting {
        unread_after: Some(Seq(4)),
        ..setting
    };
    let timeline = merge::build(&whole(rows), &read);
    assert!(
        !timeline
            .items
            .iter()
            .any(|item| matches!(item, Item::Unread { .. }))
    );
}

#[test]
fn the_unread_line_counts_what_lies_above_the_window() {
    let source = Source {
        at_end: false,
        ..whole(vec![row(1, ADA, NOON), row(2, ADA, NOON)])
    };
    let setting = Setting {
        unread_after: Some(Seq(1)),
        unread_beyond: 40,
        ..setting()
    };
    let timeline = merge::build(&source, &setting);
    assert!(timeline.items.contains(&Item::Unread { count: 41 }));
}

#[test]
fn a_line_above_the_window_is_not_drawn() {
    let source = Source {
        at_start: false,
        ..whole(vec![row(9, ADA, NOON)])
    };
    let setting = Setting {
        unread_after: Some(Seq(3)),
        ..setting()
    };
    let timeline = merge::build(&source, &setting);
    assert!(
        !timeline
            .items
            .iter()
            .any(|item| matches!(item, Item::Unread { .. }))
    );
}

#[test]
fn what_is_on_its_way_is_laid_over_the_row() {
    let mut edit = entry(Kind::Edit, 1, State::Queued);
    edit.content = "better".to_owned();
    let mut delete = entry(Kind::Delete, 2, State::Sending);
    delete.content.clear();
    let rows = vec![row(1, ME, NOON), row(2, ME, NOON), row(3, ME, NOON)];
    let source = Source {
        pending: vec![edit, delete],
        ..whole(rows)
    };
    let timeline = merge::build(&source, &setting());
    let views = messages(&timeline);
    assert_eq!(
        (views[0].text.as_str(), &views[0].delivery),
        ("better", &Delivery::Changing)
    );
    assert!(views[1].deleted && views[1].text.is_empty() && !views[1].can_delete);
    assert_eq!(views[2].delivery, Delivery::Sent);
}

#[test]
fn reactions_and_pins_on_their_way_show_as_they_will_be() {
    let reaction = |emoji: &str, users: &[UserId]| Reaction {
        emoji: emoji.to_owned(),
        count: i64::try_from(users.len()).unwrap(),
        users: users.to_vec(),
    };
    let mut liked = row(1, ADA, NOON);
    liked.reactions = vec![reaction("👍", &[ADA, ME]), reaction("🎉", &[ME])];
    let switch = |kind, emoji: &str, is_on| Entry {
        sender: Some(ADA),
        client_id: Some(id(1)),
        content: emoji.to_owned(),
        is_on,
        ..entry(kind, 9, State::Queued)
    };
    let source = Source {
        pending: vec![
            switch(Kind::React, "👍", false),
            switch(Kind::React, "🎉", false),
            switch(Kind::React, "❤️", true),
            switch(Kind::React, "❤️", true),
            switch(Kind::Pin, "", true),
        ],
        ..whole(vec![liked])
    };
    let timeline = merge::build(&source, &setting());
    let view = messages(&timeline)[0];
    let shown: Vec<_> = view
        .reactions
        .iter()
        .map(|one| (one.emoji.as_str(), one.count, one.own, one.names.len()))
        .collect();
    assert_eq!(shown, [("👍", 1, false, 1), ("❤️", 1, true, 1)]);
    assert!(view.pinned && view.can_react && !view.can_pin);
    assert_eq!(view.delivery, Delivery::Sent, "the text is where it was");
}

#[test]
fn a_refused_change_stands_on_its_message() {
    let mut edit = entry(Kind::Edit, 1, State::Parked);
    edit.content = "better".to_owned();
    let source = Source {
        pending: vec![edit],
        ..whole(vec![row(1, ME, NOON)])
    };
    let timeline = merge::build(&source, &setting());
    let view = messages(&timeline)[0];
    assert_eq!(view.text.as_str(), "text 1", "what the others see");
    let Delivery::Failed { reason } = &view.delivery else {
        panic!("{:?}", view.delivery)
    };
    assert!(reason.as_str().contains("too long"));
}

#[test]
fn a_sent_message_keeps_its_key() {
    let source = Source {
        pending: vec![entry(Kind::Send, 7, State::Sending)],
        ..whole(Vec::new())
    };
    let before = messages(&merge::build(&source, &setting()))[0].key.clone();
    let after = merge::build(&whole(vec![row(7, ME, NOON)]), &setting());
    assert_eq!(messages(&after)[0].key, before);
}

#[test]
fn names_come_from_the_list_of_members() {
    let timeline = merge::build(
        &whole(vec![row(1, ADA, NOON), row(2, UserId(9), NOON)]),
        &setting(),
    );
    let names: Vec<&str> = messages(&timeline)
        .iter()
        .map(|view| view.sender.as_str())
        .collect();
    assert_eq!(names, ["Ada", "old name"]);
}

#[test]
fn a_quote_is_known_deleted_or_asked_for() {
    let mut rows = vec![row(5, ADA, NOON), row(6, ADA, NOON), row(7, ADA, NOON)];
    for (row, quoted) in rows.iter_mut().zip([101, 102, 103]) {
        row.reply_to = Some(MessageId(quoted));
    }
    let mut deleted = row(2, ADA, NOON);
    deleted.deleted_at = Some(Timestamp(NOON));
    deleted.content.clear();
    let quoted = HashMap::from([
        (MessageId(101), row(1, ADA, NOON)),
        (MessageId(102), deleted),
    ]);
    let timeline = merge::build(
        &whole(rows),
        &Setting {
            quoted,
            ..setting()
        },
    );
    let shown: Vec<_> = messages(&timeline)
        .iter()
        .map(|view| view.reply.clone().unwrap())
        .collect();
    assert_eq!(
        (shown[0].text.as_str(), shown[0].seq),
        ("text 1", Some(Seq(1)))
    );
    assert!(shown[1].deleted && shown[1].known);
    assert!(!shown[2].known && shown[2].text.is_empty());
}

#[test]
fn hostile_text_is_made_safe() {
    let mut hostile = row(1, UserId(9), NOON);
    hostile.content = "\u{1b}]0;owned\u{7}".to_owned();
    hostile.sender_name = "A\u{202e}da".to_owned();
    let timeline = merge::build(&whole(vec![hostile]), &setting());
    let view = messages(&timeline)[0];
    assert!(!view.text.as_str().contains('\u{1b}') && !view.sender.as_str().contains('\u{202e}'));
}

/// Places 1.. of a room: a row of somebody, or part of a hole; then some unsent.
fn source() -> impl Strategy<Value = Source> {
    let place = prop_oneof![
        4 => (1..4i64, 0..400i64, any::<bool>()).prop_map(Some),
        1 => Just(None),
    ];
    let unsent = prop::sample::select(vec![State::Queued, State::Sending, State::Parked]);
    (
        prop::collection::vec(place, 0..40),
        prop::collection::vec(unsent, 0..5),
        any::<bool>(),
    )
        .prop_map(|(places, unsent, at_end)| {
            let mut source = Source {
                at_start: true,
                at_end,
                ..Source::default()
            };
            let mut at = NOON;
            for (seq, place) in (1..).zip(places) {
                match place {
                    Some((sender, minutes, is_deleted)) => {
                        at += minutes * MINUTE;
                        let mut row = row(seq, UserId(sender), at);
                        row.deleted_at = is_deleted.then_some(Timestamp(at));
                        source.rows.push(row);
                    }
                    None => match source.holes.last_mut() {
                        Some(hole) if *hole.end() == seq - 1 => *hole = *hole.start()..=seq,
                        _ => source.holes.push(seq..=seq),
                    },
                }
            }
            // Some of them are on the server already, and known.
            for (number, state) in (35..).zip(unsent) {
                source.pending.push(entry(Kind::Send, number, state));
            }
            source
        })
}

proptest! {
    #[test]
    fn every_row_hole_and_unsent_message_is_there_once_in_order(
        source in source(),
        unread_after in prop::option::of(0..45i64),
    ) {
        let setting = Setting { unread_after: unread_after.map(Seq), ..setting() };
        let timeline = merge::build(&source, &setting);
        let mut places = Vec::new();
        let mut keys = HashSet::new();
        let mut unsent = Vec::new();
        let mut days = HashSet::new();
        let mut lines = 0;
        let mut is_after_line = true;
        for item in &timeline.items {
            match item {
                Item::Day { date } => prop_assert!(days.insert(date.clone()), "a day begins once"),
                Item::Unread { count } => {
                    lines += 1;
                    prop_assert!(*count > 0);
                }
                Item::Hole { from, to } => places.extend(from.0..=to.0),
                Item::Message(view) => {
                    prop_assert!(keys.insert(view.key.clone()), "nothing is there twice");
                    prop_assert!(!(is_after_line && view.follows));
                    match view.seq {
                        Some(seq) => {
                            prop_assert!(unsent.is_empty(), "what is unsent comes last");
                            places.push(seq.0);
                        }
                        None => unsent.push(view.client_id),
                    }
                }
            }
            is_after_line = !matches!(item, Item::Message(_));
        }
        let count = source.rows.len()
            + source.holes.iter().map(|hole| hole.clone().count()).sum::<usize>();
        prop_assert_eq!(places, (1..=i64::try_from(count).unwrap()).collect::<Vec<_>>());
        prop_assert!(lines <= 1);
        let held: HashSet<_> = source.rows.iter().map(|row| (row.sender_id, row.client_id)).collect();
        let wanted: Vec<_> = source
            .pending
            .iter()
            .filter(|entry| source.at_end && !held.contains(&(ME, entry.op_id)))
            .map(|entry| entry.op_id)
            .collect();
        prop_assert_eq!(unsent, wanted);
    }
}
