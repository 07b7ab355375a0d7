//! `word_filters`.

use erc_protocol::{
    FilterId,
    filter::{FilterAction, FilterKind},
};
use erc_server::store::{Db, FilterRow};

use super::{at, client_id, new_room, new_user};

conformance! { with_db =>
    filters_of_a_room_and_of_the_server_are_kept_apart,
}

async fn filters_of_a_room_and_of_the_server_are_kept_apart(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let row = |number: u128, room_id, text: &str| FilterRow {
        id: FilterId(client_id(number).0),
        room_id,
        kind: FilterKind::Words,
        text: text.into(),
        action: FilterAction::Mask,
        created_by: ada,
        created_by_name: "ADA".into(),
        created_at: at(1),
    };
    let rows = [
        row(1, Some(room.0), "of the room"),
        row(2, None, "of the server"),
        row(3, None, "another"),
    ];
    for row in &rows {
        tx.put_filter(row).await.unwrap();
    }
    assert_eq!(tx.filters(Some(room)).await.unwrap(), rows[..1]);
    assert_eq!(tx.filters(None).await.unwrap(), rows[1..]);
    assert_eq!(tx.all_filters().await.unwrap(), rows);
    let changed = FilterRow {
        action: FilterAction::Refuse,
        ..rows[1].clone()
    };
    tx.put_filter(&changed).await.unwrap();
    assert_eq!(tx.filters(None).await.unwrap()[0], changed);
    tx.drop_filter(rows[2].id).await.unwrap();
    assert_eq!(
        tx.filters(None).await.unwrap(),
        std::slice::from_ref(&changed)
    );
    tx.delete_room(room, at(2)).await.unwrap();
    assert_eq!(tx.all_filters().await.unwrap(), [changed]);
}
