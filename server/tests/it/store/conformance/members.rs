//! `members`.

use erc_protocol::{MemberState, Rev, RoomRole, Seq, UserId, UserRev};
use erc_server::store::{Db, MemberRow, Place};

use super::{NO_USER_REV, at, enter, has_changed_at, messages::message, new_room, new_user};

conformance! { with_db =>
    a_place_is_written_whole_and_written_over_whole,
    members_that_changed_come_by_revision_within_bounds,
    joined_members_come_by_id_in_pages,
    rooms_of_a_user_come_by_latest_activity,
    places_that_changed_come_by_the_users_own_counter,
    a_read_mark_never_moves_back,
    a_restamped_member_changes_nothing_else,
    deleting_a_room_takes_everybody_out_under_their_own_counters,
}

fn ids(rows: &[MemberRow]) -> Vec<UserId> {
    rows.iter().map(|row| row.user_id).collect()
}

async fn a_place_is_written_whole_and_written_over_whole(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    assert!(tx.place(room, ada).await.unwrap().is_none());
    assert!(tx.member(room, ada).await.unwrap().is_none());
    let first = enter(&mut tx, room, ada).await;
    let second = Place {
        role: RoomRole::Moderator,
        state: MemberState::Removed,
        rev: Rev(7),
        joined_at: at(8),
        read_seq: Seq(9),
        first_visible_seq: Seq(10),
        user_rev: UserRev(11),
        ..first
    };
    for written in [first, second] {
        tx.put_place(&written).await.unwrap();
        let row = tx.place(room, ada).await.unwrap().unwrap();
        assert_eq!((row.room_id, row.user_id), (room, ada));
        assert_eq!((row.role, row.state), (written.role, written.state));
        assert_eq!((row.rev, row.user_rev), (written.rev, written.user_rev));
        assert_eq!(row.joined_at, written.joined_at);
        assert_eq!(row.read_seq, written.read_seq);
        assert_eq!(row.first_visible_seq, written.first_visible_seq);
        let member = tx.member(room, ada).await.unwrap().unwrap();
        assert_eq!(
            (member.username.as_str(), member.display_name.as_str()),
            ("ada", "ADA")
        );
        assert_eq!((member.role, member.state), (written.role, written.state));
        assert_eq!(
            (member.rev, member.joined_at),
            (written.rev, written.joined_at)
        );
    }
}

async fn members_that_changed_come_by_revision_within_bounds(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let mut people = Vec::new();
    for name in ["ada", "ben", "eve"] {
        people.push(new_user(&mut tx, name).await.id);
    }
    let [ada, ben, eve] = people[..] else {
        unreachable!()
    };
    let room = new_room(&mut tx, ada, 1).await.id;
    let other = new_room(&mut tx, ada, 2).await.id;
    enter(&mut tx, other, ada).await;
    for user in [eve, ada, ben] {
        enter(&mut tx, room, user).await; // revisions 2, 3, 4
    }
    let place = tx.place(room, eve).await.unwrap().unwrap();
    let left = Place {
        state: MemberState::Left,
        rev: Rev(5),
        ..place
    };
    tx.put_place(&left).await.unwrap();

    let all = tx.members_changed(room, Rev(0), Rev(5), 10).await.unwrap();
    assert_eq!(ids(&all), [ada, ben, eve]);
    assert_eq!(all[2].state, MemberState::Left);
    let above = tx.members_changed(room, Rev(3), Rev(5), 10).await.unwrap();
    assert_eq!(ids(&above), [ben, eve]);
    let between = tx.members_changed(room, Rev(3), Rev(4), 10).await.unwrap();
    assert_eq!(ids(&between), [ben]);
    let few = tx.members_changed(room, Rev(0), Rev(5), 1).await.unwrap();
    assert_eq!(ids(&few), [ada]);
}

async fn joined_members_come_by_id_in_pages(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let mut people = Vec::new();
    for name in ["ada", "ben", "eve", "gus"] {
        people.push(new_user(&mut tx, name).await.id);
    }
    let room = new_room(&mut tx, people[0], 1).await.id;
    for user in people.iter().rev() {
        enter(&mut tx, room, *user).await;
    }
    let place = tx.place(room, people[1]).await.unwrap().unwrap();
    tx.put_place(&Place {
        state: MemberState::Left,
        ..place
    })
    .await
    .unwrap();

    let stayed = [people[0], people[2], people[3]];
    let first = tx.joined_members(room, UserId(0), 2).await.unwrap();
    assert_eq!(ids(&first), stayed[..2]);
    let rest = tx.joined_members(room, stayed[1], 2).await.unwrap();
    assert_eq!(ids(&rest), stayed[2..]);
    assert_eq!(tx.joined_user_ids(room).await.unwrap(), stayed);
}

async fn rooms_of_a_user_come_by_latest_activity(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let mut rooms = Vec::new();
    for (number, ms) in [(1, 30), (2, 10), (3, 20), (4, 20), (5, 99), (6, 99)] {
        let room = tx
            .insert_room(&super::room_of(ada, number), at(ms))
            .await
            .unwrap()
            .id;
        rooms.push(room);
    }
    for room in &rooms[..5] {
        enter(&mut tx, *room, ada).await;
    }
    let left = tx.place(rooms[1], ada).await.unwrap().unwrap();
    tx.put_place(&Place {
        state: MemberState::Left,
        ..left
    })
    .await
    .unwrap();
    tx.remove_everybody(rooms[4]).await.unwrap();
    tx.delete_room(rooms[4], at(100)).await.unwrap();
    tx.set_read(rooms[0], ada, Seq(4), UserRev(9), at(1))
        .await
        .unwrap();

    let listed = tx.rooms_of(ada).await.unwrap();
    let order: Vec<_> = listed.iter().map(|row| row.room.id).collect();
    assert_eq!(order, [rooms[0], rooms[3], rooms[2]]);
    assert_eq!(
        (listed[0].role, listed[0].read_seq),
        (RoomRole::Member, Seq(4))
    );
    assert_eq!(listed[0].first_visible_seq, Seq(1));
    assert_eq!(tx.count_rooms_of(ada).await.unwrap(), 3);
}

async fn places_that_changed_come_by_the_users_own_counter(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let [one, two] = [
        new_room(&mut tx, ada, 1).await.id,
        new_room(&mut tx, ada, 2).await.id,
    ];
    enter(&mut tx, two, ada).await; // 1
    enter(&mut tx, one, ada).await; // 2
    enter(&mut tx, one, ben).await;
    let rooms = async |tx: &mut erc_server::store::Tx, after| {
        let places = tx.places_changed(ada, after).await.unwrap();
        places.iter().map(|place| place.room_id).collect::<Vec<_>>()
    };
    assert_eq!(rooms(&mut tx, NO_USER_REV).await, [two, one]);
    let next = tx.next_user_rev(ada).await.unwrap();
    tx.set_read(two, ada, Seq(1), next, at(1)).await.unwrap();
    assert_eq!(rooms(&mut tx, UserRev(1)).await, [one, two]);
    assert_eq!(rooms(&mut tx, UserRev(2)).await, [two]);
    assert!(rooms(&mut tx, next).await.is_empty());
    has_changed_at(&mut tx, ada, next, |has| has.places).await;
}

async fn a_read_mark_never_moves_back(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    enter(&mut tx, room, ada).await;
    for (seq, rev, kept) in [(5, 2, (5, 2)), (4, 3, (5, 2)), (6, 4, (6, 4))] {
        tx.set_read(room, ada, Seq(seq), UserRev(rev), at(rev))
            .await
            .unwrap();
        let place = tx.place(room, ada).await.unwrap().unwrap();
        assert_eq!((place.read_seq.0, place.user_rev.0), kept);
    }
}

async fn a_restamped_member_changes_nothing_else(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let before = enter(&mut tx, room, ada).await;
    tx.restamp_member(room, ada, Rev(40)).await.unwrap();
    let after = tx.place(room, ada).await.unwrap().unwrap();
    assert_eq!((after.rev, after.user_rev), (Rev(40), before.user_rev));
    assert_eq!(
        (after.state, after.joined_at),
        (before.state, before.joined_at)
    );
}

async fn deleting_a_room_takes_everybody_out_under_their_own_counters(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let eve = new_user(&mut tx, "eve").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    tx.insert_messages(&[message(room, ada, 1, 1)])
        .await
        .unwrap();
    for user in [ada, ben, eve] {
        enter(&mut tx, room, user).await;
    }
    for _ in 0..4 {
        tx.next_user_rev(ben).await.unwrap();
    }
    let place = tx.place(room, eve).await.unwrap().unwrap();
    tx.put_place(&Place {
        state: MemberState::Left,
        ..place
    })
    .await
    .unwrap();

    tx.remove_everybody(room).await.unwrap();
    for (user, state, user_rev) in [
        (ada, MemberState::Removed, 2),
        (ben, MemberState::Removed, 6),
        (eve, MemberState::Left, 1),
    ] {
        let place = tx.place(room, user).await.unwrap().unwrap();
        assert_eq!((place.state, place.user_rev), (state, UserRev(user_rev)));
        assert_eq!(
            tx.user(user).await.unwrap().unwrap().user_rev,
            UserRev(user_rev)
        );
    }
    assert!(tx.joined_user_ids(room).await.unwrap().is_empty());
}
