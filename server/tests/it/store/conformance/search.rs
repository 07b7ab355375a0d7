//! The index of messages.

use erc_protocol::search::{Named, Now, Query, grams};
use erc_protocol::{Message, MessageId, RoomId, Timestamp, UserId};
use erc_server::store::{Db, HitPlace, Sought, Tx};

use super::messages::message;
use super::{at, enter, new_room, new_user};

conformance! { with_db =>
    candidates_have_every_piece_and_come_newest_first,
    what_is_changed_or_deleted_moves_in_the_index,
    a_room_is_behind_until_its_place_is_moved,
    messages_are_had_by_their_ids,
}

fn sought(query: &str, rooms: &[RoomId]) -> Sought {
    let now = Now {
        time: at(0),
        offset_minutes: 0,
    };
    let query = Query::parse(query, now).unwrap();
    Sought {
        grams: grams::wanted(&query, &Named::new(UserId(1))),
        rooms: rooms.to_vec(),
        span: query.span(),
    }
}

async fn candidates(tx: &mut Tx, sought: &Sought) -> Vec<i64> {
    let found = tx
        .search_candidates(sought, HitPlace::NEWEST, 50)
        .await
        .unwrap();
    found.iter().map(|place| place.id.0).collect()
}

/// Ada's two rooms with messages of these texts, by turns.
async fn talk(tx: &mut Tx, texts: &[&str]) -> (UserId, [RoomId; 2], Vec<Message>) {
    let ada = new_user(tx, "ada").await.id;
    let rooms = [new_room(tx, ada, 1).await.id, new_room(tx, ada, 2).await.id];
    let mut all = Vec::new();
    for ((n, room), text) in (1..).zip(rooms.into_iter().cycle()).zip(texts) {
        let mut new = message(room, ada, n, n);
        (*text).clone_into(&mut new.message.content);
        all.push(new);
    }
    tx.insert_messages(&all).await.unwrap();
    let messages: Vec<_> = all.into_iter().map(|new| new.message).collect();
    tx.index_messages(&messages).await.unwrap();
    (ada, rooms, messages)
}

async fn candidates_have_every_piece_and_come_newest_first(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let texts = [
        "Café au lait",
        "日本語のテスト",
        "a cafe",
        "we meet",
        "café 日本",
    ];
    let (_, rooms, messages) = talk(&mut tx, &texts).await;
    for (query, expected) in [
        ("cafe", vec![5, 3, 1]),
        ("CAFÉ 日本", vec![5]),
        ("日本", vec![5, 2]),
        ("テ", vec![2]),
        ("eet", vec![4]),
        ("a", vec![3]),
        ("au", vec![1]),
        ("nothing", vec![]),
        ("", vec![5, 4, 3, 2, 1]),
    ] {
        assert_eq!(
            candidates(&mut tx, &sought(query, &rooms)).await,
            expected,
            "{query}"
        );
    }
    assert_eq!(
        candidates(&mut tx, &sought("cafe", &rooms[1..])).await,
        Vec::<i64>::new()
    );
    assert_eq!(
        candidates(&mut tx, &sought("cafe", &[])).await,
        Vec::<i64>::new()
    );
    let one = tx
        .search_candidates(&sought("cafe", &rooms), HitPlace::NEWEST, 1)
        .await
        .unwrap();
    let rest = tx
        .search_candidates(&sought("cafe", &rooms), one[0], 50)
        .await
        .unwrap();
    let rest: Vec<_> = rest.iter().map(|place| place.id.0).collect();
    assert_eq!(rest, [3, 1], "behind a place");
    // A span leaves out nothing that lies in it. SQLite may be generous: ids stand for times there.
    let mut some = sought("", &rooms);
    some.span = (messages[1].created_at, messages[3].created_at);
    let found = candidates(&mut tx, &some).await;
    assert!(found.contains(&2) && found.contains(&3), "{found:?}");
    some.span = (Timestamp(i64::MIN), Timestamp(0));
    assert!(candidates(&mut tx, &some).await.len() <= 5);
}

async fn what_is_changed_or_deleted_moves_in_the_index(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (_, rooms, mut messages) = talk(&mut tx, &["first words", "second words"]).await;
    messages[0].content = "another text".into();
    messages[1].content = String::new();
    messages[1].deleted_at = Some(at(9));
    tx.index_messages(&messages).await.unwrap();
    tx.index_messages(&messages).await.unwrap();
    assert_eq!(
        candidates(&mut tx, &sought("words", &rooms)).await,
        Vec::<i64>::new()
    );
    assert_eq!(candidates(&mut tx, &sought("another", &rooms)).await, [1]);
    tx.commit().await.unwrap();
    let mut tx = db.snapshot().await.unwrap();
    assert_eq!(candidates(&mut tx, &sought("", &rooms)).await, [1]);
}

async fn a_room_is_behind_until_its_place_is_moved(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    enter(&mut tx, room, ada).await;
    assert_eq!(tx.rooms_to_index(RoomId(0), 10).await.unwrap(), [room]);
    assert_eq!(tx.index_behind(ada).await.unwrap(), 2);
    let (indexed, head) = tx.index_place(room).await.unwrap().unwrap();
    assert_eq!((indexed.0, head.0), (0, 2));
    tx.set_index_place(room, head).await.unwrap();
    assert_eq!(tx.index_place(room).await.unwrap(), Some((head, head)));
    assert_eq!(tx.rooms_to_index(RoomId(0), 10).await.unwrap(), []);
    assert_eq!(tx.index_behind(ada).await.unwrap(), 0);
    assert_eq!(tx.index_place(RoomId(99)).await.unwrap(), None);
    tx.next_rev(room).await.unwrap();
    assert_eq!(tx.rooms_to_index(RoomId(0), 10).await.unwrap(), [room]);
    assert_eq!(tx.rooms_to_index(RoomId(0), 0).await.unwrap(), []);
    assert_eq!(tx.rooms_to_index(room, 10).await.unwrap(), []);
}

async fn messages_are_had_by_their_ids(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    talk(&mut tx, &["one", "two", "three"]).await;
    let wanted = [MessageId(3), MessageId(1), MessageId(77)];
    let mut rows = tx.messages_by_id(&wanted).await.unwrap();
    rows.sort_by_key(|row| row.id);
    let texts: Vec<_> = rows.iter().map(|row| row.content.as_str()).collect();
    assert_eq!(texts, ["one", "three"]);
    assert!(tx.messages_by_id(&[]).await.unwrap().is_empty());
}
