//! `room_links`.

use erc_protocol::{LinkId, RoomId, UserId};
use erc_server::store::{Db, LinkRow, NewLink};
use uuid::Uuid;

use super::{at, new_room, new_user};

conformance! { with_db =>
    a_link_is_used_as_often_as_it_says_and_not_after_its_time,
    links_are_listed_while_they_work_and_forgotten_after,
}

fn link(number: u8, room: RoomId, by: UserId, uses: Option<i64>, until: i64) -> NewLink {
    NewLink {
        id: LinkId(Uuid::from_u128(number.into())),
        code_hash: vec![number],
        room_id: room,
        created_by: by,
        uses,
        expires_at: at(until),
    }
}

fn ids(rows: &[LinkRow]) -> Vec<u128> {
    rows.iter().map(|row| row.id.as_u128()).collect()
}

async fn a_link_is_used_as_often_as_it_says_and_not_after_its_time(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let [twice, any] = [link(1, room, ada, Some(2), 9), link(2, room, ada, None, 9)];
    for link in [&twice, &any] {
        tx.insert_link(link, at(1)).await.unwrap();
    }
    assert!(tx.use_link(twice.id, at(8)).await.unwrap());
    let row = tx.link_by_code(&[1], at(8)).await.unwrap().unwrap();
    assert_eq!((row.used, row.uses_left, row.room_id), (1, Some(1), room));
    assert_eq!((row.display_name.as_str(), row.created_at), ("ADA", at(1)));
    assert!(tx.use_link(twice.id, at(8)).await.unwrap());
    assert!(!tx.use_link(twice.id, at(8)).await.unwrap(), "used up");
    assert!(tx.link_by_code(&[1], at(8)).await.unwrap().is_none());
    for _ in 0..3 {
        assert!(tx.use_link(any.id, at(8)).await.unwrap());
    }
    assert!(!tx.use_link(any.id, at(9)).await.unwrap(), "too old");
    assert!(tx.link_by_code(&[2], at(9)).await.unwrap().is_none());
    let row = tx.link_by_code(&[2], at(8)).await.unwrap().unwrap();
    assert_eq!((row.used, row.uses_left), (3, None));
}

async fn links_are_listed_while_they_work_and_forgotten_after(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let [ada, bo] = [
        new_user(&mut tx, "ada").await.id,
        new_user(&mut tx, "bo").await.id,
    ];
    let [room, other] = [
        new_room(&mut tx, ada, 1).await.id,
        new_room(&mut tx, ada, 2).await.id,
    ];
    let all = [
        link(1, room, ada, None, 9),
        link(2, room, bo, Some(1), 20),
        link(3, room, ada, None, 20),
        link(4, other, ada, None, 20),
    ];
    for (ms, link) in (1..).zip(&all) {
        tx.insert_link(link, at(ms)).await.unwrap();
    }
    assert_eq!(ids(&tx.links(room, at(8)).await.unwrap()), [3, 2, 1]);
    assert_eq!(ids(&tx.links(room, at(9)).await.unwrap()), [3, 2]);
    assert!(tx.use_link(all[1].id, at(9)).await.unwrap());
    assert_eq!(ids(&tx.links(room, at(9)).await.unwrap()), [3]);
    tx.prune_links(room, at(9)).await.unwrap();
    assert_eq!(ids(&tx.links(room, at(0)).await.unwrap()), [3]);
    assert!(!tx.delete_link(other, all[2].id).await.unwrap());
    assert!(tx.delete_link(room, all[2].id).await.unwrap());
    assert!(!tx.delete_link(room, all[2].id).await.unwrap());
    tx.delete_links_of(other, bo).await.unwrap();
    assert_eq!(ids(&tx.links(other, at(8)).await.unwrap()), [4]);
    tx.delete_links_of(other, ada).await.unwrap();
    assert!(tx.links(other, at(8)).await.unwrap().is_empty());
}
