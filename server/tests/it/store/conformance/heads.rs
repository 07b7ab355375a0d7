//! How far rooms and users have come.

use erc_protocol::{Rev, RoomId, UserId, UserRev};
use erc_server::store::Db;

use super::{at, enter, new_room, new_user};

conformance! { with_db =>
    the_heads_are_those_of_the_rows,
}

async fn the_heads_are_those_of_the_rows(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let one = new_room(&mut tx, ada, 1).await.id;
    let other = new_room(&mut tx, ada, 2).await.id;
    let gone = new_room(&mut tx, ada, 3).await.id;
    enter(&mut tx, one, ada).await;
    let rev = tx.next_rev(one).await.unwrap();
    tx.delete_room(gone, at(1)).await.unwrap();
    let user_rev = tx.next_user_rev(ada).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.snapshot().await.unwrap();
    let mut heads = tx
        .room_heads(&[one, gone, other, RoomId(99)])
        .await
        .unwrap();
    heads.sort_unstable();
    assert_eq!(heads, [(one, rev), (other, Rev(1)), (gone, Rev(1))]);
    let mut heads = tx.user_heads(&[ben, ada, UserId(99)]).await.unwrap();
    heads.sort_unstable();
    assert_eq!(heads, [(ada, user_rev), (ben, UserRev::ZERO)]);
    assert!(tx.room_heads(&[]).await.unwrap().is_empty());
}
