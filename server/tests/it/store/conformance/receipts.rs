//! Watermarks, when they rose, and `mentions`.

use erc_protocol::{MemberState, Receipt, RoomId, Seq, UserId, UserRev, receipt::Reached};
use erc_server::store::{Db, Mark, Place, Sent, Tx};

use super::{at, enter, new_room, new_user};

conformance! { with_db =>
    a_mark_of_delivery_never_moves_back,
    reading_is_getting,
    watermarks_are_those_of_everybody_there,
    who_was_reached_is_told_with_the_first_advance_past_it,
    old_advances_are_forgotten,
    a_room_marked_unread_takes_the_users_counter,
    mentions_are_counted_above_a_place,
}

/// A room with ada, ben and eve, who came in this order.
async fn three(tx: &mut Tx) -> (RoomId, [UserId; 3]) {
    let mut people = Vec::new();
    for name in ["ada", "ben", "eve"] {
        people.push(new_user(tx, name).await.id);
    }
    let room = new_room(tx, people[0], 1).await.id;
    for user in &people {
        enter(tx, room, *user).await;
    }
    (room, people.try_into().unwrap())
}

async fn marks(tx: &mut Tx, room: RoomId, user: UserId) -> (i64, i64) {
    let Receipt {
        delivered_seq,
        read_seq,
        ..
    } = tx.receipt(room, user).await.unwrap().unwrap();
    (delivered_seq.0, read_seq.0)
}

async fn leave(tx: &mut Tx, room: RoomId, user: UserId) {
    let place = tx.place(room, user).await.unwrap().unwrap();
    let left = Place {
        state: MemberState::Left,
        ..place
    };
    tx.put_place(&left).await.unwrap();
}

async fn a_mark_of_delivery_never_moves_back(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, [ada, ben, eve]) = three(&mut tx).await;
    for (seq, rises, then) in [(5, true, 5), (5, false, 5), (3, false, 5), (6, true, 6)] {
        let rose = tx.set_delivered(room, ada, Seq(seq), at(seq)).await;
        assert_eq!(rose.unwrap(), rises, "to {seq}");
        assert_eq!(marks(&mut tx, room, ada).await, (then, 0));
    }
    let receipt = tx.receipt(room, ada).await.unwrap().unwrap();
    assert_eq!((receipt.delivered_at, receipt.read_at), (Some(at(6)), None));
    assert_eq!(
        marks(&mut tx, room, ben).await,
        (0, 0),
        "another's is theirs"
    );
    leave(&mut tx, room, eve).await;
    assert!(!tx.set_delivered(room, eve, Seq(9), at(9)).await.unwrap());
    assert_eq!(tx.receipt(room, eve).await.unwrap(), None);
}

async fn reading_is_getting(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, [ada, ..]) = three(&mut tx).await;
    tx.set_read(room, ada, Seq(4), UserRev(9), at(4))
        .await
        .unwrap();
    assert_eq!(marks(&mut tx, room, ada).await, (4, 4));
    assert!(!tx.set_delivered(room, ada, Seq(4), at(5)).await.unwrap());
    assert!(tx.set_delivered(room, ada, Seq(7), at(6)).await.unwrap());
    tx.set_read(room, ada, Seq(5), UserRev(10), at(7))
        .await
        .unwrap();
    assert_eq!(marks(&mut tx, room, ada).await, (7, 5));
    let receipt = tx.receipt(room, ada).await.unwrap().unwrap();
    assert_eq!(
        (receipt.delivered_at, receipt.read_at),
        (Some(at(6)), Some(at(7)))
    );
}

async fn watermarks_are_those_of_everybody_there(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, [ada, ben, eve]) = three(&mut tx).await;
    tx.set_delivered(room, eve, Seq(2), at(2)).await.unwrap();
    leave(&mut tx, room, ben).await;
    let all = tx.receipts(room).await.unwrap();
    let users: Vec<_> = all.iter().map(|receipt| receipt.user_id).collect();
    assert_eq!(users, [ada, eve]);
    assert_eq!(all[1], tx.receipt(room, eve).await.unwrap().unwrap());
}

async fn who_was_reached_is_told_with_the_first_advance_past_it(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, [ada, ben, eve]) = three(&mut tx).await;
    let sent = Sent {
        room,
        seq: Seq(5),
        sender: ada,
        at: at(1),
    };
    assert_eq!(tx.count_reached(sent).await.unwrap(), (2, 0, 0));
    for (user, seq, mark) in [
        (eve, 5, Mark::Delivered),
        (ben, 4, Mark::Delivered),
        (ben, 8, Mark::Delivered),
        (ben, 9, Mark::Delivered),
        (eve, 6, Mark::Read),
        (ada, 9, Mark::Read),
    ] {
        let now = at(seq * 10);
        match mark {
            Mark::Delivered => {
                tx.set_delivered(room, user, Seq(seq), now).await.unwrap();
            }
            Mark::Read => tx
                .set_read(room, user, Seq(seq), UserRev(seq), now)
                .await
                .unwrap(),
        }
        tx.keep_advance((room, user), mark, Seq(seq), now, 1_000)
            .await
            .unwrap();
    }
    let reached = |user_id, ms: Option<i64>| Reached {
        user_id,
        at: ms.map(at),
    };
    assert_eq!(
        tx.reached(sent, Mark::Delivered, 1_000).await.unwrap(),
        [reached(eve, Some(50)), reached(ben, Some(80))]
    );
    assert_eq!(
        tx.reached(sent, Mark::Read, 1_000).await.unwrap(),
        [reached(eve, Some(60))]
    );
    assert_eq!(tx.count_reached(sent).await.unwrap(), (2, 2, 1));
    // Who came later, or may not see it, does not count.
    let before = Sent { at: at(0), ..sent };
    assert_eq!(tx.count_reached(before).await.unwrap(), (0, 0, 0));
    leave(&mut tx, room, eve).await;
    assert_eq!(tx.count_reached(sent).await.unwrap(), (1, 1, 0));
}

async fn old_advances_are_forgotten(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, [ada, ben, _]) = three(&mut tx).await;
    for seq in 1..=20 {
        tx.set_delivered(room, ben, Seq(seq), at(seq))
            .await
            .unwrap();
        tx.keep_advance((room, ben), Mark::Delivered, Seq(seq), at(seq), 10)
            .await
            .unwrap();
    }
    for (seq, known) in [(9, None), (10, Some(at(10))), (20, Some(at(20)))] {
        let sent = Sent {
            room,
            seq: Seq(seq),
            sender: ada,
            at: at(1),
        };
        let reached = tx.reached(sent, Mark::Delivered, 10).await.unwrap();
        assert_eq!(
            reached,
            [Reached {
                user_id: ben,
                at: known
            }],
            "message {seq}"
        );
    }
}

async fn a_room_marked_unread_takes_the_users_counter(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, [ada, ben, _]) = three(&mut tx).await;
    for (flag, rev) in [(true, 7), (false, 8)] {
        tx.mark_unread(room, ada, flag, UserRev(rev)).await.unwrap();
        let place = tx.place(room, ada).await.unwrap().unwrap();
        assert_eq!((place.marked_unread, place.user_rev), (flag, UserRev(rev)));
        let other = tx.place(room, ben).await.unwrap().unwrap();
        assert!(!other.marked_unread, "another's is theirs");
    }
}

async fn mentions_are_counted_above_a_place(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, [ada, ben, _]) = three(&mut tx).await;
    let other = new_room(&mut tx, ada, 2).await.id;
    let all = [
        (ada, room, Seq(2)),
        (ada, room, Seq(5)),
        (ada, other, Seq(9)),
        (ben, room, Seq(5)),
    ];
    tx.insert_mentions(&all).await.unwrap();
    tx.insert_mentions(&[]).await.unwrap();
    let places = [(0, 9, 2), (1, 9, 2), (2, 9, 1), (5, 9, 0), (0, 4, 1)];
    for (after, last, count) in places.map(|(a, l, c)| (Seq(a), Seq(l), c)) {
        let counted = tx.count_mentions(room, ada, after, last).await.unwrap();
        assert_eq!(counted, count, "above {after} up to {last}");
    }
    tx.delete_mentions(room, Seq(5)).await.unwrap();
    for (room, user, count) in [(room, ada, 1), (room, ben, 0), (other, ada, 1)] {
        let counted = tx.count_mentions(room, user, Seq(0), Seq(9)).await.unwrap();
        assert_eq!(counted, count);
    }
}
