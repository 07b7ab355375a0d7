//! When messages go by themselves, and `expiry_reads`.

use erc_protocol::{Expiry, Message, MessageId, Rev, RoomId, Seq, Timestamp, UserId};
use erc_server::store::{Db, NewMessage, ReadRow, Tx};

use super::messages::message;
use super::{at, new_room, new_user};

conformance! { with_db =>
    what_is_due_comes_in_the_order_of_its_time,
    a_deleted_message_keeps_its_time_only_if_it_had_come,
    what_waits_for_being_read_is_of_others_and_in_the_range,
    reading_is_kept_once_and_forgotten_once,
}

#[expect(clippy::unnecessary_wraps, reason = "rows hold options")]
fn due(at: Timestamp) -> Option<Expiry> {
    Some(Expiry {
        at: Some(at),
        after_read_s: None,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "rows hold options")]
fn read_in(s: u32) -> Option<Expiry> {
    Some(Expiry {
        at: None,
        after_read_s: Some(s),
    })
}

/// A room with a message for each of these, by one sender.
async fn filled(tx: &mut Tx, expiries: &[Option<Expiry>]) -> (RoomId, UserId) {
    let ada = new_user(tx, "ada").await.id;
    let room = new_room(tx, ada, 1).await.id;
    let all: Vec<NewMessage> = (1..)
        .zip(expiries)
        .map(|(n, expiry)| {
            let mut new = message(room, ada, n, n);
            new.message.expiry = *expiry;
            new
        })
        .collect();
    tx.insert_messages(&all).await.unwrap();
    tx.dress_messages(&all).await.unwrap();
    (room, ada)
}

async fn expiry(tx: &mut Tx, id: i64) -> Option<Expiry> {
    let row = tx.message(MessageId(id)).await.unwrap().unwrap();
    Message::from(row).expiry
}

async fn what_is_due_comes_in_the_order_of_its_time(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let kept = [due(at(30)), None, due(at(10)), due(at(20)), read_in(5)];
    let (room, _) = filled(&mut tx, &kept).await;
    for (n, held) in (1..).zip(kept) {
        assert_eq!(expiry(&mut tx, n).await, held, "message {n}");
    }
    assert_eq!(tx.next_expiry().await.unwrap(), Some(at(10)));
    assert_eq!(tx.expired(at(9), 9).await.unwrap(), []);
    let of = |ids: &[i64]| {
        ids.iter()
            .map(|id| (room, MessageId(*id)))
            .collect::<Vec<_>>()
    };
    assert_eq!(tx.expired(at(20), 9).await.unwrap(), of(&[3, 4]));
    assert_eq!(tx.expired(at(99), 2).await.unwrap(), of(&[3, 4]));
    tx.delete_message(MessageId(3), Rev(200), at(15))
        .await
        .unwrap();
    assert_eq!(tx.expired(at(99), 9).await.unwrap(), of(&[4, 1]));
    assert_eq!(tx.next_expiry().await.unwrap(), Some(at(20)));
}

async fn a_deleted_message_keeps_its_time_only_if_it_had_come(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let both = Some(Expiry {
        at: Some(at(10)),
        after_read_s: Some(5),
    });
    filled(&mut tx, &[both, both, read_in(5)]).await;
    for (n, when) in [(1, at(9)), (2, at(10)), (3, at(10))] {
        tx.delete_message(MessageId(n), Rev(200 + n), when)
            .await
            .unwrap();
    }
    assert_eq!(expiry(&mut tx, 1).await, None);
    assert_eq!(expiry(&mut tx, 2).await, due(at(10)));
    assert_eq!(expiry(&mut tx, 3).await, None);
}

async fn what_waits_for_being_read_is_of_others_and_in_the_range(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada) = filled(&mut tx, &[read_in(1), None, read_in(2), read_in(3)]).await;
    let bo = new_user(&mut tx, "bo").await.id;
    let read = |user, from: i64, to: i64| ReadRow {
        room_id: room,
        user_id: user,
        seq: Seq(to),
        from_seq: Seq(from),
        at: at(1),
    };
    let mut waiting = async |read, limit| -> Vec<i64> {
        let rows = tx.to_be_read(&read, limit).await.unwrap();
        rows.iter().map(|row| row.seq.0).collect()
    };
    assert_eq!(waiting(read(bo, 0, 4), 9).await, [1, 3, 4]);
    assert_eq!(waiting(read(bo, 1, 3), 9).await, [3]);
    assert_eq!(waiting(read(bo, 0, 4), 1).await, [1]);
    assert_eq!(
        waiting(read(ada, 0, 4), 9).await,
        [0; 0],
        "they are her own"
    );
    tx.write_expiry(MessageId(3), due(at(7)).unwrap(), Rev(300))
        .await
        .unwrap();
    assert_eq!(expiry(&mut tx, 3).await, due(at(7)));
    let rest = tx.to_be_read(&read(bo, 0, 4), 9).await.unwrap();
    assert_eq!(rest.len(), 2);
}

async fn reading_is_kept_once_and_forgotten_once(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada) = filled(&mut tx, &[]).await;
    let read = |seq: i64, ms: i64| ReadRow {
        room_id: room,
        user_id: ada,
        seq: Seq(seq),
        from_seq: Seq(0),
        at: at(ms),
    };
    tx.keep_read(&read(4, 9)).await.unwrap();
    tx.keep_read(&read(3, 5)).await.unwrap();
    tx.keep_read(&read(3, 8)).await.unwrap();
    let kept = tx.reads_kept(9).await.unwrap();
    assert_eq!(kept, [read(3, 5), read(4, 9)], "the first time counts");
    assert_eq!(tx.reads_kept(1).await.unwrap(), kept[..1]);
    assert!(tx.forget_read(&kept[0]).await.unwrap());
    assert!(!tx.forget_read(&kept[0]).await.unwrap());
    tx.delete_room(room, at(10)).await.unwrap();
    assert_eq!(tx.reads_kept(9).await.unwrap(), []);
}
