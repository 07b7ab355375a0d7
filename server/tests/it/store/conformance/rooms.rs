//! `rooms`.

use erc_protocol::{History, Rev, RoomId, RoomKind, RoomSettings, Seq};
use erc_server::store::{Counters, Db, Error, NewMessage, NewRoom};

use super::{FIRST_REV, at, client_id, enter, messages::message, new_room, new_user, room_of};

conformance! { with_db =>
    a_room_keeps_all_that_was_given,
    a_room_is_found_by_what_its_maker_called_it,
    there_is_one_direct_room_for_a_pair,
    each_change_takes_the_next_revision,
    new_fields_are_stamped,
    a_deleted_room_is_gone_with_its_messages_and_its_names,
    public_rooms_come_largest_first,
    members_are_counted_as_they_are,
    rooms_that_took_messages_are_advanced_together,
}

async fn a_room_keeps_all_that_was_given(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let new = NewRoom {
        name: "Café ☕".into(),
        topic: "talk".into(),
        kind: RoomKind::Announcement,
        is_private: true,
        history: History::Joined,
        created_by: ada,
        client_id: client_id(9),
        direct_key: None,
    };
    let made = tx.insert_room(&new, at(5)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.begin().await.unwrap();
    let read = tx.room(made.id).await.unwrap().unwrap();
    let locked = tx.room_for_update(made.id).await.unwrap().unwrap();
    for row in [made, read, locked] {
        assert_eq!((row.name.as_str(), row.topic.as_str()), ("Café ☕", "talk"));
        assert_eq!((row.kind, row.history), (new.kind, new.history));
        assert!(row.is_private);
        assert_eq!((row.created_by, row.created_at), (ada, at(5)));
        assert_eq!((row.rev, row.state_rev), (FIRST_REV, FIRST_REV));
        assert_eq!((row.last_seq, row.last_message_at), (Seq::ZERO, at(5)));
        assert_eq!(row.member_count, 0);
    }
    assert!(tx.room(RoomId(99)).await.unwrap().is_none());
    assert!(tx.room_for_update(RoomId(99)).await.unwrap().is_none());
}

async fn a_room_is_found_by_what_its_maker_called_it(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let hers = new_room(&mut tx, ada, 1).await.id;
    let his = new_room(&mut tx, ben, 1).await.id;
    for (maker, room) in [(ada, hers), (ben, his)] {
        let found = tx.room_by_client_id(maker, client_id(1)).await.unwrap();
        assert_eq!(found.unwrap().id, room);
    }
    assert!(
        tx.room_by_client_id(ada, client_id(2))
            .await
            .unwrap()
            .is_none()
    );
}

async fn there_is_one_direct_room_for_a_pair(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let direct = |number| NewRoom {
        kind: RoomKind::Direct,
        is_private: true,
        direct_key: Some("1:2".into()),
        ..room_of(ada, number)
    };
    assert!(tx.direct_room("1:2").await.unwrap().is_none());
    let made = tx.insert_room(&direct(1), at(0)).await.unwrap();
    assert_eq!(tx.direct_room("1:2").await.unwrap().unwrap().id, made.id);
    tx.savepoint().await.unwrap();
    let refused = tx.insert_room(&direct(2), at(0)).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict), "{refused}");
    tx.undo().await.unwrap();
    // Rooms without the key are as many as one likes.
    new_room(&mut tx, ada, 3).await;
    new_room(&mut tx, ada, 4).await;
}

async fn each_change_takes_the_next_revision(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let [one, two] = [
        new_room(&mut tx, ada, 1).await.id,
        new_room(&mut tx, ada, 2).await.id,
    ];
    assert_eq!(tx.next_rev(one).await.unwrap(), Rev(2));
    assert_eq!(tx.next_rev(one).await.unwrap(), Rev(3));
    assert_eq!(tx.next_rev(two).await.unwrap(), Rev(2));
    assert_eq!(tx.room(one).await.unwrap().unwrap().rev, Rev(3));
}

async fn new_fields_are_stamped(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let [room, other] = [
        new_room(&mut tx, ada, 1).await.id,
        new_room(&mut tx, ada, 2).await.id,
    ];
    let rev = tx.next_rev(room).await.unwrap();
    let row = tx
        .update_room(room, rev, "new", "fresh", true, &RoomSettings::default())
        .await
        .unwrap();
    assert_eq!((row.name.as_str(), row.topic.as_str()), ("new", "fresh"));
    assert_eq!((row.is_private, row.rev, row.state_rev), (true, rev, rev));
    let row = tx.room(other).await.unwrap().unwrap();
    assert_eq!((row.name.as_str(), row.state_rev), ("room 2", FIRST_REV));
}

async fn a_deleted_room_is_gone_with_its_messages_and_its_names(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let direct = NewRoom {
        direct_key: Some("1:2".into()),
        ..room_of(ada, 1)
    };
    let room = tx.insert_room(&direct, at(0)).await.unwrap().id;
    let other = new_room(&mut tx, ada, 2).await.id;
    enter(&mut tx, room, ada).await;
    let [gone, stays] = [message(room, ada, 1, 1), message(other, ada, 2, 1)];
    let all: [NewMessage; 2] = [gone.clone(), stays.clone()];
    assert_eq!(tx.insert_messages(&all).await.unwrap(), all.len() as u64);
    let gone = gone.message.message_id;
    tx.edit_message(gone, client_id(50), "edited", Rev(9), at(2))
        .await
        .unwrap();
    tx.set_reaction(gone, ada, "👍", Some((Rev(10), at(2))))
        .await
        .unwrap();

    tx.delete_room(room, at(3)).await.unwrap();
    assert!(tx.room(room).await.unwrap().is_none());
    assert!(tx.room_for_update(room).await.unwrap().is_none());
    assert!(
        tx.room_by_client_id(ada, client_id(1))
            .await
            .unwrap()
            .is_none()
    );
    assert!(tx.direct_room("1:2").await.unwrap().is_none());
    assert!(tx.message(gone).await.unwrap().is_none());
    assert_eq!(
        tx.edit_by_client_id(gone, client_id(50)).await.unwrap(),
        None
    );
    assert!(
        tx.message(stays.message.message_id)
            .await
            .unwrap()
            .is_some()
    );
    // The pair may begin anew.
    let anew = NewRoom {
        client_id: client_id(3),
        ..direct
    };
    tx.insert_room(&anew, at(4)).await.unwrap();
}

async fn public_rooms_come_largest_first(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let small = new_room(&mut tx, ada, 1).await.id;
    let large = new_room(&mut tx, ada, 2).await.id;
    let none = new_room(&mut tx, ada, 3).await.id;
    let hidden = NewRoom {
        is_private: true,
        ..room_of(ada, 4)
    };
    tx.insert_room(&hidden, at(0)).await.unwrap();
    let direct = NewRoom {
        kind: RoomKind::Direct,
        ..room_of(ada, 5)
    };
    tx.insert_room(&direct, at(0)).await.unwrap();
    let deleted = new_room(&mut tx, ada, 6).await.id;
    tx.delete_room(deleted, at(1)).await.unwrap();
    enter(&mut tx, small, ada).await;
    enter(&mut tx, large, ada).await;
    enter(&mut tx, large, ben).await;
    let ids =
        |rows: Vec<erc_server::store::RoomRow>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(
        ids(tx.public_rooms(10).await.unwrap()),
        [large, small, none]
    );
    assert_eq!(ids(tx.public_rooms(1).await.unwrap()), [large]);
}

async fn members_are_counted_as_they_are(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    assert_eq!(tx.recount_members(room).await.unwrap(), 0);
    enter(&mut tx, room, ada).await;
    let place = enter(&mut tx, room, ben).await;
    assert_eq!(tx.recount_members(room).await.unwrap(), 2);
    tx.put_place(&erc_server::store::Place {
        state: erc_protocol::MemberState::Left,
        ..place
    })
    .await
    .unwrap();
    assert_eq!(tx.recount_members(room).await.unwrap(), 1);
    assert_eq!(tx.room(room).await.unwrap().unwrap().member_count, 1);
}

async fn rooms_that_took_messages_are_advanced_together(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let mut rows = Vec::new();
    for number in 1..=3 {
        rows.push(new_room(&mut tx, ada, number).await);
    }
    let untouched = rows.pop().unwrap();
    for (row, by) in rows.iter_mut().zip([2, 5]) {
        row.rev = Rev(row.rev.0 + by);
        row.last_seq = Seq(by);
        row.last_message_at = at(by * 100);
    }
    let both: Vec<Counters> = rows.iter().cloned().map(Counters::from).collect();
    tx.advance_rooms(&both.iter().collect::<Vec<_>>())
        .await
        .unwrap();
    for row in rows.iter().chain([&untouched]) {
        let kept = tx.room(row.id).await.unwrap().unwrap();
        assert_eq!((kept.rev, kept.last_seq), (row.rev, row.last_seq));
        assert_eq!(kept.last_message_at, row.last_message_at);
    }
}
