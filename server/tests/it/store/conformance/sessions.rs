//! `sessions`.

use erc_protocol::{SessionId, UserId};
use erc_server::store::{Db, Error, NewSession, Tx};
use uuid::Uuid;

use super::{at, new_user};

conformance! { with_db =>
    a_session_begins_unconfirmed_and_is_found_by_its_token,
    a_refresh_token_belongs_to_one_session,
    rotating_knows_the_new_token_and_the_one_that_was_used,
    a_generation_is_confirmed_forward_only,
    an_ended_session_is_listed_no_more_and_ends_once,
    sessions_come_by_latest_use_first,
    sessions_that_go_on_are_told_from_those_that_ended_or_never_were,
}

fn id(number: u128) -> SessionId {
    SessionId(Uuid::from_u128(number))
}

async fn begin(tx: &mut Tx, user: UserId, number: u128, ms: i64) -> SessionId {
    let new = NewSession {
        id: id(number),
        user_id: user,
        device_name: format!("device {number}"),
        refresh_hash: format!("hash {number}").into_bytes(),
    };
    tx.insert_session(&new, at(ms)).await.unwrap();
    new.id
}

async fn a_session_begins_unconfirmed_and_is_found_by_its_token(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let one = begin(&mut tx, ada, 1, 3).await;
    tx.commit().await.unwrap();

    let mut tx = db.begin().await.unwrap();
    let by_id = tx.session(one).await.unwrap().unwrap();
    let by_token = tx.session_by_refresh(b"hash 1").await.unwrap().unwrap();
    for row in [by_id, by_token] {
        assert_eq!((row.id, row.user_id), (one, ada));
        assert_eq!(row.device_name, "device 1");
        assert_eq!(
            (row.refresh_hash, row.previous_hash),
            (b"hash 1".to_vec(), None)
        );
        assert_eq!((row.generation, row.confirmed_generation), (1, 0));
        assert_eq!((row.created_at, row.last_used_at), (at(3), at(3)));
        assert_eq!(row.ended_at, None);
    }
    assert!(tx.session(id(2)).await.unwrap().is_none());
    assert!(tx.session_by_refresh(b"hash").await.unwrap().is_none());
}

async fn a_refresh_token_belongs_to_one_session(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    begin(&mut tx, ada, 1, 0).await;
    let twin = NewSession {
        id: id(2),
        user_id: ada,
        device_name: String::new(),
        refresh_hash: b"hash 1".to_vec(),
    };
    tx.savepoint().await.unwrap();
    let refused = tx.insert_session(&twin, at(1)).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict), "{refused}");
    tx.undo().await.unwrap();
    assert_eq!(tx.sessions_of(ada).await.unwrap().len(), 1);
}

async fn rotating_knows_the_new_token_and_the_one_that_was_used(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let one = begin(&mut tx, ada, 1, 0).await;
    tx.rotate_refresh(one, b"hash 1", b"second", at(5))
        .await
        .unwrap();
    // The answer was lost: the first one is presented once more.
    tx.rotate_refresh(one, b"hash 1", b"third", at(6))
        .await
        .unwrap();
    for known in [&b"hash 1"[..], b"third"] {
        let row = tx.session_by_refresh(known).await.unwrap().unwrap();
        assert_eq!((row.id, row.generation, row.last_used_at), (one, 3, at(6)));
    }
    assert!(tx.session_by_refresh(b"second").await.unwrap().is_none());
}

async fn a_generation_is_confirmed_forward_only(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let one = begin(&mut tx, ada, 1, 0).await;
    for (generation, ms, kept, used) in [(2, 4, 2, 4), (1, 9, 2, 4), (3, 10, 3, 10)] {
        tx.confirm_generation(one, generation, at(ms))
            .await
            .unwrap();
        let row = tx.session(one).await.unwrap().unwrap();
        assert_eq!(
            (row.confirmed_generation, row.last_used_at),
            (kept, at(used))
        );
    }
}

async fn an_ended_session_is_listed_no_more_and_ends_once(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let one = begin(&mut tx, ada, 1, 0).await;
    assert!(tx.end_session(one, at(5)).await.unwrap());
    assert!(!tx.end_session(one, at(9)).await.unwrap());
    assert!(!tx.end_session(id(7), at(9)).await.unwrap());
    assert!(tx.sessions_of(ada).await.unwrap().is_empty());
    let row = tx.session(one).await.unwrap().unwrap();
    assert_eq!(row.ended_at, Some(at(5).0));
}

async fn sessions_come_by_latest_use_first(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    for (number, ms) in [(1, 0), (2, 5), (3, 5), (4, 9)] {
        begin(&mut tx, ada, number, ms).await;
    }
    begin(&mut tx, ben, 5, 99).await;
    tx.confirm_generation(id(1), 1, at(20)).await.unwrap();
    let rows = tx.sessions_of(ada).await.unwrap();
    let order: Vec<_> = rows.iter().map(|row| row.id).collect();
    assert_eq!(order, [1, 4, 2, 3].map(id));
}

async fn sessions_that_go_on_are_told_from_those_that_ended_or_never_were(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let mut all = Vec::new();
    for number in 1..=5 {
        all.push(begin(&mut tx, ada, number, 3).await);
    }
    tx.end_session(all[1], at(4)).await.unwrap();
    let asked = [&all[..], &[id(99)]].concat();
    let mut go_on = tx.sessions_going_on(&asked).await.unwrap();
    go_on.sort_unstable();
    assert_eq!(go_on, [all[0], all[2], all[3], all[4]]);
    assert_eq!(tx.sessions_going_on(&[]).await.unwrap(), []);
}
