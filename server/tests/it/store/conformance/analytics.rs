//! `analytics_…`.

use erc_protocol::{MessageId, Rev, RoomId, Seq, UserId};
use erc_server::store::{AnswerKey, CountKey, CountMark, Counts, Db, Tx};

use super::messages::message;
use super::{at, enter, new_room, new_user};

conformance! { with_db =>
    a_room_is_to_be_counted_until_its_place_is_moved,
    messages_to_count_come_by_place_and_changed_ones_by_revision,
    counts_and_answers_add_up_and_are_told_by_room_and_time,
    marks_are_kept_and_everything_of_a_room_is_forgotten,
    those_who_are_there_are_told_by_when_they_came,
}

async fn place(tx: &mut Tx, room: RoomId) -> (i64, i64, Option<i64>) {
    let place = tx.count_place(room).await.unwrap().unwrap();
    (place.seq.0, place.rev.0, place.head.map(|head| head.0))
}

async fn a_room_is_to_be_counted_until_its_place_is_moved(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    assert_eq!(tx.rooms_to_count(RoomId(0), 10).await.unwrap(), [room]);
    assert_eq!(tx.rooms_to_count(room, 10).await.unwrap(), []);
    assert_eq!(tx.counts_behind(Some(room)).await.unwrap(), 1);
    assert_eq!(place(&mut tx, room).await, (0, 0, Some(1)));
    tx.set_count_place(room, Seq(0), Rev(1)).await.unwrap();
    assert_eq!(place(&mut tx, room).await, (0, 1, Some(1)));
    assert_eq!(tx.rooms_to_count(RoomId(0), 10).await.unwrap(), []);
    assert_eq!(tx.counts_behind(None).await.unwrap(), 0);
    assert_eq!(tx.count_place(RoomId(99)).await.unwrap(), None);
    // Counted anew: its places come after its revision is known.
    let mut row = tx.room(room).await.unwrap().unwrap();
    row.last_seq = Seq(5);
    tx.advance_rooms(&[&row.into()]).await.unwrap();
    assert_eq!(tx.rooms_to_count(RoomId(0), 10).await.unwrap(), [room]);
    assert_eq!(tx.counts_behind(Some(room)).await.unwrap(), 5);
    assert_eq!(tx.rooms_to_count(RoomId(0), 0).await.unwrap(), []);
    tx.delete_room(room, at(9)).await.unwrap();
    assert_eq!(
        tx.rooms_to_count(RoomId(0), 10).await.unwrap(),
        [room],
        "still counted"
    );
    assert_eq!(place(&mut tx, room).await, (0, 1, None));
    assert_eq!(tx.counts_behind(None).await.unwrap(), 0);
    tx.forget_counts(room).await.unwrap();
    assert_eq!(tx.rooms_to_count(RoomId(0), 10).await.unwrap(), []);
}

async fn messages_to_count_come_by_place_and_changed_ones_by_revision(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let other = new_room(&mut tx, ada, 2).await.id;
    let mut all: Vec<_> = (1..=4).map(|n| message(room, ada, n, n)).collect();
    all[3].message.reply_to = Some(MessageId(1));
    all.push(message(other, ada, 5, 1));
    tx.insert_messages(&all).await.unwrap();
    tx.delete_message(MessageId(2), Rev(200), at(9))
        .await
        .unwrap();
    let places = |rows: Vec<erc_server::store::Counted>| -> Vec<i64> {
        rows.iter().map(|row| row.seq.0).collect()
    };
    let rows = tx.to_count(room, Seq(3), 10).await.unwrap();
    assert_eq!(rows[1].reply_to, Some(1));
    assert_eq!((rows[0].sender_id, rows[0].created_at), (ada, at(3)));
    assert_eq!(places(rows), [3, 4]);
    let rows = tx.to_count(room, Seq(1), 2).await.unwrap();
    assert_eq!(rows[1].deleted_at, Some(at(9).0));
    assert_eq!(places(rows), [1, 2]);
    let rows = tx.to_count_again(room, Seq(3), Rev(101), 10).await.unwrap();
    assert_eq!(places(rows), [3, 2], "in the order of their changes");
    let rows = tx.to_count_again(room, Seq(3), Rev(103), 10).await.unwrap();
    assert_eq!(places(rows), [2]);
    let ids = [MessageId(4), MessageId(5), MessageId(9)];
    let rows = tx.counted_by_id(room, &ids).await.unwrap();
    assert_eq!(places(rows), [4], "of this room");
    assert!(tx.counted_by_id(room, &[]).await.unwrap().is_empty());
}

fn key(slot: i64, user: UserId) -> CountKey {
    CountKey {
        slot,
        user,
        kind: "text".into(),
    }
}

fn sent(messages: i64) -> Counts {
    Counts {
        messages,
        ..Counts::default()
    }
}

async fn told(tx: &mut Tx, room: Option<RoomId>, slots: std::ops::Range<i64>) -> Vec<(i64, i64)> {
    let mut told = Vec::new();
    tx.each_count(room, slots, |key, counts| {
        told.push((key.slot, counts.messages));
    })
    .await
    .unwrap();
    told.sort_unstable();
    told
}

async fn counts_and_answers_add_up_and_are_told_by_room_and_time(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let rooms = [
        new_room(&mut tx, ada, 1).await.id,
        new_room(&mut tx, ada, 2).await.id,
    ];
    let life = Counts {
        messages: 0,
        replies: 1,
        answered: 2,
        reactions: 3,
        edited: 4,
        deleted: 5,
    };
    for room in rooms {
        let both = [(key(7, ada), sent(2)), (key(8, ada), sent(1))];
        tx.add_counts(room, &both).await.unwrap();
        tx.add_counts(room, &[(key(7, ada), life)]).await.unwrap();
    }
    assert_eq!(
        told(&mut tx, Some(rooms[0]), 0..100).await,
        [(7, 2), (8, 1)]
    );
    assert_eq!(told(&mut tx, None, 8..9).await, [(8, 1), (8, 1)]);
    let mut sum = Counts::default();
    tx.each_count(Some(rooms[1]), 7..8, |_, counts| sum += counts)
        .await
        .unwrap();
    assert_eq!(
        sum,
        Counts {
            messages: 2,
            ..life
        }
    );
    let answer = |slot, class| AnswerKey {
        slot,
        way: "reply",
        class,
    };
    for room in rooms {
        let all = [(answer(7, 1), 2), (answer(8, 1), 3), (answer(8, 4), 1)];
        tx.add_answers(room, &all).await.unwrap();
        tx.add_answers(room, &[(answer(7, 1), 1)]).await.unwrap();
    }
    let mut answers = Vec::new();
    tx.each_answer(Some(rooms[0]), 0..9, |way, class, count| {
        answers.push((way.to_owned(), class, count));
    })
    .await
    .unwrap();
    answers.sort_unstable();
    assert_eq!(answers, [("reply".into(), 1, 6), ("reply".into(), 4, 1)]);
    tx.delete_room(rooms[1], at(9)).await.unwrap();
    assert_eq!(
        told(&mut tx, None, 8..9).await,
        [(8, 1)],
        "without those that are gone"
    );
    tx.each_answer(Some(rooms[1]), 0..9, |_, _, _| panic!("it is gone"))
        .await
        .unwrap();
}

async fn marks_are_kept_and_everything_of_a_room_is_forgotten(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let mark = |message_id, reactions| CountMark {
        message_id,
        answered: 1,
        reactions,
        edited: 1,
        deleted: 0,
    };
    let all = [mark(1, 1), mark(2, 2), mark(3, 3)];
    tx.put_count_marks(room, &all).await.unwrap();
    tx.put_count_marks(room, &[mark(2, 7)]).await.unwrap();
    let ids = [MessageId(3), MessageId(2), MessageId(9)];
    let mut marks = tx.count_marks(&ids).await.unwrap();
    marks.sort_by_key(|mark| mark.message_id);
    assert_eq!(marks, [mark(2, 7), mark(3, 3)]);
    assert!(tx.count_marks(&[]).await.unwrap().is_empty());
    tx.add_counts(room, &[(key(7, ada), sent(2))])
        .await
        .unwrap();
    tx.count_place(room).await.unwrap();
    tx.forget_counts(room).await.unwrap();
    assert!(tx.count_marks(&ids).await.unwrap().is_empty());
    assert!(told(&mut tx, Some(room), 0..100).await.is_empty());
    assert_eq!(tx.rooms_to_count(RoomId(0), 10).await.unwrap(), [room]);
}

async fn those_who_are_there_are_told_by_when_they_came(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    enter(&mut tx, room, ben).await;
    assert_eq!(tx.comings(Some(room)).await.unwrap(), [at(1)]);
    assert_eq!(tx.comings(None).await.unwrap(), [at(0), at(0)]);
    let mut names = tx.names(&[ben, UserId(99), ada]).await.unwrap();
    names.sort();
    let told = |id, name: &str| (id, name.to_owned(), name.to_uppercase());
    assert_eq!(names, [told(ada, "ada"), told(ben, "ben")]);
    assert!(tx.names(&[]).await.unwrap().is_empty());
}
