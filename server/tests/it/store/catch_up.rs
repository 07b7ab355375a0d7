//! Catching up where it is hard: long absences, many changes, cut connections, coming back into a
//! room. `replica` is the client; at the end it must equal the database.

use erc_protocol::api::rooms::PageQuery;
use erc_protocol::{ErrorCode, History, MemberState, RoomRole, Seq, UserRev};
use erc_server::ops::{catch_up, members, messages};

use super::database::System;
use super::replica::{Link, Replica};
use super::world::{World, code, with_world};

conformance! { with_people =>
    two_hundred_new_messages_come_whole_and_one_more_leaves_a_hole,
    a_hole_is_filled_by_pages,
    changes_of_what_is_held_come_in_a_limited_batch_too,
    many_changes_come_in_several_batches_on_any_connection,
    many_changes_and_many_messages_leave_one_hole_on_any_connection,
    what_happens_between_batches_is_not_missed,
    a_newcomer_to_a_room_without_history_sees_what_follows,
    coming_back_hides_what_was_before_and_nothing_else,
    a_removed_member_gets_nothing,
    a_users_own_changes_tell_of_rooms_that_are_gone,
}

/// Places from one to another.
fn places(from: i64, to: i64) -> Vec<Seq> {
    (from..=to).map(Seq).collect()
}

fn holes(replica: &Replica) -> Vec<Seq> {
    replica.holes.iter().copied().collect()
}

async fn two_hundred_new_messages_come_whole_and_one_more_leaves_a_hole(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let ben = world.people[1].user;
    world.send_many(0, room, 10).await;
    let mut early = Replica::default();
    assert!(early.catch_up(&world.app, ben, room, Link::Kept).await);
    world.send_many(0, room, 200).await;
    let mut whole = early.clone();
    assert!(whole.catch_up(&world.app, ben, room, Link::Kept).await);
    assert_eq!((whole.limited, holes(&whole)), (0, places(1, 0)));
    whole.check(world, ben, room).await;

    world.say(0, room, "one more").await;
    let mut fresh = Replica::default();
    for (replica, first) in [(&mut early, 11), (&mut fresh, 1)] {
        assert!(replica.catch_up(&world.app, ben, room, Link::Kept).await);
        assert_eq!((replica.limited, holes(replica)), (1, places(first, 161)));
        replica.check(world, ben, room).await;
    }
}

async fn a_hole_is_filled_by_pages(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    world.send_many(0, room, 300).await;
    let mut replica = Replica::default();
    let ben = world.people[1];
    replica
        .catch_up(&world.app, ben.user, room, Link::Kept)
        .await;
    assert_eq!(holes(&replica), places(1, 250));
    while let Some(last) = replica.holes.last() {
        let query = PageQuery {
            before_seq: Some(last.next()),
            limit: Some(100),
            ..PageQuery::default()
        };
        let page = messages::page(&world.app, ben, room, query).await.unwrap();
        replica.fill(page.messages);
    }
    replica.check(world, ben.user, room).await;
}

async fn changes_of_what_is_held_come_in_a_limited_batch_too(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let ben = world.people[1].user;
    let held = world.send_many(0, room, 5).await;
    let mut replica = Replica::default();
    replica.catch_up(&world.app, ben, room, Link::Kept).await;
    let missed = world.send_many(0, room, 260).await;
    world.edit_all(0, &held[..2], "new text").await;
    world.delete(0, held[3].message_id).await.unwrap();
    // Inside and above what will be the hole.
    world
        .edit_all(0, &[missed[7].clone(), missed[250].clone()], "other text")
        .await;
    world.delete(0, missed[255].message_id).await.unwrap();
    assert!(replica.catch_up(&world.app, ben, room, Link::Kept).await);
    assert_eq!((replica.limited, holes(&replica)), (1, places(6, 215)));
    replica.check(world, ben, room).await;
}

async fn many_changes_come_in_several_batches_on_any_connection(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let ben = world.people[1].user;
    let mut replica = Replica::default();
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.extend(world.send_many(0, room, 200).await);
        replica.catch_up(&world.app, ben, room, Link::Kept).await;
    }
    assert!(replica.holes.is_empty());
    world.edit_all(0, &sent, "new text").await;
    world.send_many(0, room, 20).await;
    for link in [Link::Kept, Link::Cut] {
        let mut replica = replica.clone();
        let before = replica.batches;
        assert!(replica.catch_up(&world.app, ben, room, link).await);
        assert_eq!(replica.batches, before + 2);
        assert_eq!((replica.limited, holes(&replica)), (0, vec![]));
        replica.check(world, ben, room).await;
    }
}

async fn many_changes_and_many_messages_leave_one_hole_on_any_connection(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let ben = world.people[1].user;
    let mut replica = Replica::default();
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.extend(world.send_many(0, room, 200).await);
        replica.catch_up(&world.app, ben, room, Link::Kept).await;
    }
    let missed = world.send_many(0, room, 260).await;
    world.edit_all(0, &sent, "new text").await;
    world.edit_all(0, &missed[..10], "in the hole").await;
    for (link, hole) in [
        (Link::Kept, places(601, 810)),
        // The server has forgotten what it left out, and brings what changed of it.
        (Link::Cut, places(611, 810)),
    ] {
        let mut replica = replica.clone();
        assert!(replica.catch_up(&world.app, ben, room, link).await);
        assert!(replica.limited > 0);
        assert_eq!(holes(&replica), hole, "{link:?}");
        replica.check(world, ben, room).await;
    }
}

async fn what_happens_between_batches_is_not_missed(world: &mut World) {
    let room = world.room(false, History::Shared, &[1]).await;
    let (ada, ben) = (world.people[0], world.people[1].user);
    let mut start = Replica::default();
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.extend(world.send_many(0, room, 200).await);
        start.catch_up(&world.app, ben, room, Link::Kept).await;
    }
    for (number, (before, between)) in [(0, 3), (0, 230), (230, 3), (230, 230)]
        .into_iter()
        .enumerate()
    {
        world.edit_all(0, &sent, &format!("text {number}")).await;
        world.send_many(0, room, before).await;
        let mut replica = start.clone();
        let position = replica.position();
        let (next, is_done) = replica
            .take(&world.app, ben, room, &position)
            .await
            .unwrap();
        assert!(!is_done, "there is more than one batch");
        // New messages, a change of what came, one of what is to come, and a member.
        world.send_many(0, room, between).await;
        world
            .edit_all(0, &[sent[0].clone(), sent[599].clone()], "between")
            .await;
        world.join(2, room).await;
        let again = members::remove(&world.app, ada, room, world.people[2].user).await;
        again.unwrap().await.unwrap();
        for mut position in [next, replica.position()] {
            let mut replica = replica.clone();
            loop {
                let (next, is_done) = replica
                    .take(&world.app, ben, room, &position)
                    .await
                    .unwrap();
                position = next;
                if is_done {
                    break;
                }
            }
            replica.check(world, ben, room).await;
        }
    }
}

async fn a_newcomer_to_a_room_without_history_sees_what_follows(world: &mut World) {
    let room = world.room(false, History::Joined, &[]).await;
    let ben = world.people[1];
    let before = world.send_many(0, room, 10).await;
    world.join(1, room).await;
    let head = catch_up::head(&world.app, ben.user, room).await.unwrap();
    assert_eq!((head.preview, head.unread.count), (None, 0));
    let mut replica = Replica::default();
    assert!(
        replica
            .catch_up(&world.app, ben.user, room, Link::Kept)
            .await
    );
    replica.check(world, ben.user, room).await;

    world.edit_all(0, &before, "changed since").await;
    world.send_many(0, room, 201).await;
    let mut fresh = Replica::default();
    for replica in [&mut replica, &mut fresh] {
        assert!(
            replica
                .catch_up(&world.app, ben.user, room, Link::Kept)
                .await
        );
        assert_eq!(holes(replica), places(11, 161));
        replica.check(world, ben.user, room).await;
    }
    let hidden = messages::get(&world.app, ben, before[9].message_id).await;
    assert_eq!(code(hidden), ErrorCode::NotFound);
    let answer = erc_protocol::api::messages::SendMessageRequest {
        reply_to: Some(before[9].message_id),
        ..super::world::text("an answer to what one may not see")
    };
    assert_eq!(
        code(world.send(1, room, answer).await),
        ErrorCode::ValidationFailed
    );
}

async fn coming_back_hides_what_was_before_and_nothing_else(world: &mut World) {
    for (history, first) in [(History::Joined, 26), (History::Shared, 1)] {
        let room = world.room(false, history, &[1]).await;
        let ben = world.people[1].user;
        world.send_many(0, room, 10).await;
        let mut old = Replica::default();
        assert!(old.catch_up(&world.app, ben, room, Link::Kept).await);
        world.leave(1, room).await;
        let missed = world.send_many(0, room, 15).await;
        let gone = catch_up::room(&world.app, ben, room, &old.position()).await;
        assert_eq!(code(gone.map(|_| ())), ErrorCode::Forbidden);
        world.join(1, room).await;
        world.edit_all(0, &missed, "changed since").await;
        world.send_many(0, room, 5).await;
        for replica in [&mut old, &mut Replica::default()] {
            assert!(replica.catch_up(&world.app, ben, room, Link::Kept).await);
            assert_eq!(replica.places(), places(first, 30));
            replica.check(world, ben, room).await;
        }
    }
}

async fn a_removed_member_gets_nothing(world: &mut World) {
    let room = world.room(true, History::Shared, &[1]).await;
    let [ada, ben] = [world.people[0], world.people[1]];
    let sent = world.say(0, room, "before").await;
    let mut replica = Replica::default();
    replica
        .catch_up(&world.app, ben.user, room, Link::Kept)
        .await;
    let removed = members::remove(&world.app, ada, room, ben.user).await;
    removed.unwrap().await.unwrap();
    let position = replica.position();
    let refused = catch_up::room(&world.app, ben.user, room, &position).await;
    assert_eq!(code(refused.map(|_| ())), ErrorCode::NotFound);
    let refused = catch_up::head(&world.app, ben.user, room).await;
    assert_eq!(code(refused), ErrorCode::NotFound);
    let refused = messages::page(&world.app, ben, room, PageQuery::default()).await;
    assert_eq!(code(refused), ErrorCode::NotFound);
    let refused = messages::get(&world.app, ben, sent.message_id).await;
    assert_eq!(code(refused), ErrorCode::NotFound);
}

async fn a_users_own_changes_tell_of_rooms_that_are_gone(world: &mut World) {
    let stays = world.room(false, History::Shared, &[1]).await;
    let goes = world.room(false, History::Shared, &[1]).await;
    let ben = world.people[1].user;
    let rooms = async |world: &World, from| {
        let sync = catch_up::user(&world.app, ben, from).await.unwrap();
        let rows = sync.rooms.into_iter().map(|row| row.known().unwrap());
        let rooms: Vec<_> = rows.map(|row| (row.room_id, row.state)).collect();
        (rooms, sync.to)
    };
    let (both, cursor) = rooms(world, UserRev::ZERO).await;
    assert_eq!(
        both,
        [(stays, MemberState::Joined), (goes, MemberState::Joined)]
    );
    world.leave(1, goes).await;
    let (changed, _) = rooms(world, cursor).await;
    assert_eq!(changed, [(goes, MemberState::Left)]);
    let (all, _) = rooms(world, UserRev::ZERO).await;
    assert_eq!(
        all,
        [(stays, MemberState::Joined)],
        "a new device learns what is"
    );
}

#[tokio::test]
async fn the_first_batch_of_a_large_room_leaves_its_members_to_be_asked_for() {
    with_world(System::Sqlite, 202, async |world| {
        let world = &*world;
        let room = world.room(false, History::Shared, &[]).await;
        let add = async |who: usize| {
            let user = world.people[who].user;
            let added = members::add(&world.app, world.people[0], room, user, RoomRole::Member);
            added.await.unwrap().await.unwrap();
        };
        for who in 1..200 {
            add(who).await;
        }
        let ben = world.people[1].user;
        let start = Replica::default().position();
        let (small, position, _) = catch_up::room(&world.app, ben, room, &start).await.unwrap();
        assert_eq!((small.members.len(), small.members_complete), (200, true));
        add(200).await;
        let (large, ..) = catch_up::room(&world.app, ben, room, &start).await.unwrap();
        assert_eq!((large.members.len(), large.members_complete), (0, false));
        let (next, ..) = catch_up::room(&world.app, ben, room, &position)
            .await
            .unwrap();
        assert_eq!((next.members.len(), next.members_complete), (1, false));
    })
    .await;
}
