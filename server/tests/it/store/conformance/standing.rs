//! A room, one user in it, and the messages beside a place, in one statement.

use erc_protocol::{Level, MemberState, Rev, RoomId, RoomKind, Seq, UserId, UserRev};
use erc_server::store::{Beside, Db, NewRoom};

use super::messages::message;
use super::{at, enter, new_room, new_user, room_of};

conformance! { with_db =>
    a_standing_is_the_room_the_role_and_the_place_as_they_are_read_one_by_one,
    who_is_blocked_is_shut_out_of_the_direct_room_and_of_no_other,
    a_page_comes_with_where_its_reader_stands_and_keeps_to_what_they_may_see,
}

async fn a_standing_is_the_room_the_role_and_the_place_as_they_are_read_one_by_one(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await;
    let ben = new_user(&mut tx, "ben").await;
    let room = new_room(&mut tx, ada.id, 1).await.id;
    enter(&mut tx, room, ada.id).await;
    let (rev, user_rev) = (Rev(8), UserRev(9));
    tx.set_mute(room, ada.id, Some(at(90)), rev, user_rev)
        .await
        .unwrap();
    tx.set_level(room, ada.id, Level::Mentions, Some(at(80)), user_rev)
        .await
        .unwrap();
    let row = tx.standing(room, ada.id).await.unwrap().unwrap();
    let (alone, place) = (tx.room(room).await, tx.place(room, ada.id).await);
    assert_eq!(
        format!("{:?}", row.room),
        format!("{:?}", alone.unwrap().unwrap())
    );
    assert_eq!(format!("{:?}", row.place), format!("{:?}", place.unwrap()));
    assert_eq!(row.place.unwrap().muted_until, Some(at(90).0));
    assert_eq!((row.server_role, row.is_shut_out), (Some(ada.role), false));

    let outside = tx.standing(room, ben.id).await.unwrap().unwrap();
    assert!(outside.place.is_none());
    assert_eq!(outside.server_role, Some(ben.role));
    let nobody = tx.standing(room, UserId(999)).await.unwrap().unwrap();
    assert_eq!(nobody.server_role, None);
    assert!(tx.standing(RoomId(999), ada.id).await.unwrap().is_none());
    tx.delete_room(room, at(9)).await.unwrap();
    assert!(tx.standing(room, ada.id).await.unwrap().is_none());
}

async fn who_is_blocked_is_shut_out_of_the_direct_room_and_of_no_other(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let direct = NewRoom {
        kind: RoomKind::Direct,
        direct_key: Some(format!("{ada}:{ben}")),
        ..room_of(ada, 1)
    };
    let direct = tx.insert_room(&direct, at(0)).await.unwrap().id;
    let group = new_room(&mut tx, ada, 2).await.id;
    for (room, user) in [(direct, ada), (direct, ben), (group, ada), (group, ben)] {
        enter(&mut tx, room, user).await;
    }
    let mut shut_out = Vec::new();
    for since in [Some(at(5)), None] {
        tx.put_block(ada, ben, "", since, UserRev(3)).await.unwrap();
        for (room, user) in [(direct, ada), (direct, ben), (group, ben)] {
            let row = tx.standing(room, user).await.unwrap().unwrap();
            shut_out.push(row.is_shut_out);
        }
    }
    assert_eq!(shut_out, [false, true, false, false, false, false]);
}

async fn a_page_comes_with_where_its_reader_stands_and_keeps_to_what_they_may_see(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    enter(&mut tx, room, ada).await;
    let mut late = enter(&mut tx, room, ben).await;
    late.first_visible_seq = Seq(5);
    tx.put_place(&late).await.unwrap();
    let all: Vec<_> = (1..=9).map(|n| message(room, ada, n, n)).collect();
    tx.insert_messages(&all).await.unwrap();
    tx.commit().await.unwrap();

    let newest = Beside::Before(Seq(100));
    for (reader, beside, limit, expected) in [
        (ada, newest, 3, vec![7, 8, 9]),
        (ada, Beside::Before(Seq(4)), 10, vec![1, 2, 3]),
        (ada, Beside::After(Seq(0)), 3, vec![1, 2, 3]),
        (ada, Beside::After(Seq(9)), 3, vec![]),
        (ben, Beside::Before(Seq(7)), 10, vec![5, 6]),
        (ben, Beside::After(Seq(0)), 2, vec![5, 6]),
        (UserId(999), newest, 3, vec![]),
    ] {
        let found = db.standing_with_page(room, reader, beside, limit).await;
        let (row, page) = found.unwrap().unwrap();
        assert_eq!(row.room.id, room);
        assert_eq!(row.place.is_some(), reader != UserId(999));
        let seqs: Vec<_> = page.iter().map(|row| row.seq.0).collect();
        assert_eq!(seqs, expected, "{beside:?} of {reader}");
        assert!(page.iter().all(|row| row.sender_name == "ADA"));
    }
    let nowhere = db.standing_with_page(RoomId(999), ada, newest, 3).await;
    assert!(nowhere.unwrap().is_none());

    // Whether somebody who left may see anything is decided by who asks: it is said that they left.
    let mut tx = db.begin().await.unwrap();
    late.state = MemberState::Left;
    tx.put_place(&late).await.unwrap();
    tx.commit().await.unwrap();
    let (row, _) = db
        .standing_with_page(room, ben, newest, 3)
        .await
        .unwrap()
        .unwrap();
    assert!(!row.place.unwrap().is_joined());
}
