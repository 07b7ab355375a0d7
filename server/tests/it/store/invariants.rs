//! The invariants of the two counters, and that every client ends with the same rooms, whatever
//! people did and whenever each client looked.

use std::collections::BTreeSet;

use erc_protocol::api::rooms::PageQuery;
use erc_protocol::{ErrorCode, MemberState, Rev, RoomId, Seq, UserId};
use erc_server::ops::{Actor, messages, rooms};
use proptest::prelude::*;

use super::database::System;
use super::replica::{Link, Replica};
use super::schedule::{PEOPLE, Plan, Play, plan};
use super::world::{ALL, World, block_on_world, code};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_schedule_keeps_counters_counts_and_copies_exact_on_sqlite(plan in plan()) {
        run(System::Sqlite, &plan);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_schedule_keeps_counters_counts_and_copies_exact_on_postgres(plan in plan()) {
        run(System::Postgres, &plan);
    }
}

fn run(system: System, plan: &Plan) {
    block_on_world(system, PEOPLE, async |world| {
        let world = &*world;
        let mut stage = Play::new(world).await;
        stage.run(plan).await;
        for room in &stage.rooms {
            check_counters(world, *room).await;
            for actor in &world.people {
                check_what_one_sees(world, *room, *actor).await;
            }
        }
        // From every state that a client was ever in, and from none.
        let mut held = stage.held;
        for who in 0..PEOPLE {
            held.extend((0..stage.rooms.len()).map(|room| (who, room, Replica::default())));
        }
        for (who, room, mut replica) in held {
            let (user, room) = (world.people[who].user, stage.rooms[room]);
            if replica.catch_up(&world.app, user, room, Link::Kept).await {
                assert!(replica.holes.is_empty(), "such a short room has no holes");
                replica.check(world, user, room).await;
            }
        }
    });
}

/// Seqs are 1 to the last without holes, no revision stands twice, none is above the head, time
/// goes forward, and the count of members is the number of members.
pub(super) async fn check_counters(world: &World, room: RoomId) {
    let mut tx = world.app.db.snapshot().await.unwrap();
    let Some(row) = tx.room(room).await.unwrap() else {
        assert!(world.rows(room).await.is_empty(), "a deleted room is empty");
        return;
    };
    let messages = world.rows(room).await;
    let seqs: Vec<_> = messages.iter().map(|message| message.seq.0).collect();
    assert_eq!(seqs, (1..=row.last_seq.0).collect::<Vec<_>>());
    assert!(messages.is_sorted_by_key(|message| message.created_at));
    if let Some(last) = messages.last() {
        assert_eq!(row.last_message_at, last.created_at);
    }
    let names: BTreeSet<_> = messages
        .iter()
        .map(|m| (m.sender_id, m.client_id))
        .collect();
    assert_eq!(names.len(), messages.len(), "nothing was sent twice");

    let members = tx
        .members_changed(room, Rev::ZERO, Rev(ALL), ALL)
        .await
        .unwrap();
    let stamped = messages
        .iter()
        .map(|message| message.rev)
        .chain(members.iter().map(|member| member.rev))
        .chain([row.state_rev]);
    let mut seen = BTreeSet::new();
    for rev in stamped {
        assert!(
            Rev::ZERO < rev && rev <= row.rev,
            "{rev} is not of this room's past"
        );
        assert!(seen.insert(rev), "{rev} was given twice");
    }
    let joined = members
        .iter()
        .filter(|member| member.state == MemberState::Joined);
    assert_eq!(usize::try_from(row.member_count).unwrap(), joined.count());
}

/// The list of rooms, pages and single messages show one person exactly what is theirs.
async fn check_what_one_sees(world: &World, room: RoomId, actor: Actor) {
    let app = &world.app;
    let mut tx = app.db.snapshot().await.unwrap();
    let exists = tx.room(room).await.unwrap().is_some();
    let place = tx.place(room, actor.user).await.unwrap();
    let place = place.filter(|place| exists && place.is_joined());
    let all = world.rows(room).await;
    let visible: Vec<_> = all
        .iter()
        .filter(|message| place.is_some_and(|place| message.seq >= place.first_visible_seq))
        .collect();

    let listed = rooms::list(app, actor).await.unwrap().rooms;
    let listed = listed.into_iter().find(|listed| listed.room.id == room);
    assert_eq!(listed.is_some(), place.is_some());
    if let (Some(listed), Some(place)) = (listed, place) {
        let is_unread = |sender: UserId, seq: Seq| sender != actor.user && seq > place.read_seq;
        let unread = visible
            .iter()
            .filter(|m| m.deleted_at.is_none() && is_unread(m.sender_id, m.seq));
        assert_eq!(
            usize::try_from(listed.unread.count).unwrap(),
            unread.count()
        );
        assert_eq!(listed.unread.at_seq, listed.room.last_seq);
    }

    for message in &all {
        let seen = messages::get(app, actor, message.id).await;
        if visible.iter().any(|visible| visible.id == message.id) {
            assert_eq!(seen.unwrap(), message.clone().into());
        } else {
            assert_eq!(code(seen), ErrorCode::NotFound);
        }
    }
    if place.is_some() {
        check_pages(world, room, actor, visible.iter().map(|m| m.seq).collect()).await;
    }
}

/// Pages in every direction, put together, are what is visible, each message once.
async fn check_pages(world: &World, room: RoomId, actor: Actor, visible: Vec<Seq>) {
    let page = async |query: PageQuery| {
        let query = PageQuery {
            limit: Some(7),
            ..query
        };
        let page = messages::page(&world.app, actor, room, query)
            .await
            .unwrap();
        let seqs: Vec<Seq> = page.messages.iter().map(|message| message.seq).collect();
        (seqs, page.has_more)
    };
    let (mut backwards, mut more) = page(PageQuery::default()).await;
    while more {
        let before_seq = backwards.first().copied();
        let (mut older, has_more) = page(PageQuery {
            before_seq,
            ..PageQuery::default()
        })
        .await;
        older.append(&mut backwards);
        (backwards, more) = (older, has_more);
    }
    assert_eq!(backwards, visible);

    let (mut forwards, mut more) = (Vec::new(), true);
    while more {
        let after_seq = Some(forwards.last().copied().unwrap_or(Seq::ZERO));
        let (newer, has_more) = page(PageQuery {
            after_seq,
            ..PageQuery::default()
        })
        .await;
        forwards.extend(newer);
        more = has_more;
    }
    assert_eq!(forwards, visible);

    for around in [Seq::ZERO, Seq(5), Seq(ALL >> 12)] {
        let around_seq = Some(around);
        let (seqs, _) = page(PageQuery {
            around_seq,
            ..PageQuery::default()
        })
        .await;
        let expected: Vec<Seq> = visible
            .windows(seqs.len().max(1))
            .find(|window| *window == seqs)
            .map(<[Seq]>::to_vec)
            .unwrap_or_default();
        assert_eq!(seqs, expected, "one run of visible places");
    }
}
