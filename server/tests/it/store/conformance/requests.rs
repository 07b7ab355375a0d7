//! What `members` says of requests.

use erc_protocol::{RequestState, RoomKind, Seq, UserRev};
use erc_server::store::{Db, NewRoom};

use super::{at, client_id, enter, new_room, new_user, room_of};

conformance! { with_db =>
    requests_are_found_counted_and_leave_the_list_of_rooms,
    people_are_acquainted_by_a_room_that_is_small_and_looked_into,
}

async fn requests_are_found_counted_and_leave_the_list_of_rooms(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let mut rooms = Vec::new();
    for number in 1..=3 {
        let room = NewRoom {
            kind: RoomKind::Direct,
            ..room_of(bo, number)
        };
        // Each a minute after the one before.
        let began = at(60_000 * i64::try_from(number).unwrap());
        let room = tx.insert_room(&room, began).await.unwrap().id;
        for (user, request) in [(bo, RequestState::Sent), (ada, RequestState::Received)] {
            let place = enter(&mut tx, room, user).await;
            assert_eq!(place.request, RequestState::None);
            tx.set_request(room, user, request, place.user_rev)
                .await
                .unwrap();
        }
        rooms.push(room);
    }
    let asked = tx.requests_to(ada, 9).await.unwrap();
    let order: Vec<_> = asked.iter().map(|row| row.room.id).collect();
    assert_eq!(order, [rooms[2], rooms[1], rooms[0]]);
    assert_eq!(asked[0].request, RequestState::Received);
    assert_eq!(tx.requests_to(ada, 2).await.unwrap().len(), 2);
    assert!(tx.requests_to(bo, 9).await.unwrap().is_empty());
    assert_eq!(tx.count_requests_by(bo, at(0)).await.unwrap(), 3);
    assert_eq!(tx.count_requests_by(bo, at(60_000)).await.unwrap(), 2);
    assert_eq!(tx.count_requests_by(ada, at(0)).await.unwrap(), 0);

    // One declined, one accepted.
    tx.set_request(rooms[0], ada, RequestState::Declined, UserRev(8))
        .await
        .unwrap();
    for user in [ada, bo] {
        tx.set_request(rooms[1], user, RequestState::None, UserRev(9))
            .await
            .unwrap();
    }
    let place = tx.place(rooms[0], ada).await.unwrap().unwrap();
    assert_eq!((place.user_rev, place.is_joined()), (UserRev(8), false));
    let listed = tx.rooms_of(ada).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|row| row.room.id).collect();
    assert_eq!(listed, [rooms[1]]);
    assert_eq!(tx.rooms_of(bo).await.unwrap().len(), 3);
    let all = tx.rooms_with_requests_of(ada).await.unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(tx.count_rooms_of(ada).await.unwrap(), 2);
    assert_eq!(tx.requests_to(ada, 9).await.unwrap().len(), 1);
    assert_eq!(tx.count_requests_by(bo, at(0)).await.unwrap(), 2);
}

async fn people_are_acquainted_by_a_room_that_is_small_and_looked_into(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let cy = new_user(&mut tx, "cy").await.id;
    assert!(!tx.are_acquainted(ada, bo, 9).await.unwrap());
    let room = new_room(&mut tx, ada, 1).await.id;
    for user in [ada, bo, cy] {
        enter(&mut tx, room, user).await;
    }
    assert!(tx.are_acquainted(bo, cy, 3).await.unwrap());
    assert!(!tx.are_acquainted(bo, cy, 2).await.unwrap(), "too large");
    assert!(tx.are_acquainted(bo, ada, 3).await.unwrap());
    // Who made it, once the other has looked into it.
    assert!(!tx.are_acquainted(ada, bo, 3).await.unwrap());
    tx.set_read(room, bo, Seq(1), UserRev(5), at(1))
        .await
        .unwrap();
    assert!(tx.are_acquainted(ada, bo, 3).await.unwrap());
    tx.delete_room(room, at(2)).await.unwrap();
    assert!(!tx.are_acquainted(bo, cy, 3).await.unwrap());
    let direct = NewRoom {
        kind: RoomKind::Direct,
        client_id: client_id(7),
        ..room_of(bo, 2)
    };
    let direct = tx.insert_room(&direct, at(0)).await.unwrap().id;
    for user in [bo, cy] {
        enter(&mut tx, direct, user).await;
    }
    assert!(!tx.are_acquainted(bo, cy, 3).await.unwrap());
}
