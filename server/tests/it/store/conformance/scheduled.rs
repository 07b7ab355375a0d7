//! `scheduled`.

use erc_protocol::schedule::{ScheduledKind, ScheduledState};
use erc_protocol::{RoomId, Scheduled, UserId, UserRev};
use erc_server::store::{Db, ScheduledRow};

use super::{at, client_id, has_changed_at, new_room, new_user};

conformance! { with_db =>
    what_is_scheduled_comes_back_as_it_was_kept,
    only_what_waits_is_due_and_the_oldest_comes_first,
    what_changed_is_told_by_the_owners_counter,
}

fn row(user: UserId, room: RoomId, number: u128, due: i64) -> ScheduledRow {
    ScheduledRow {
        user_id: user,
        client_id: client_id(number),
        kind: ScheduledKind::Message,
        room_id: room,
        message_id: None,
        content: format!("text {number}"),
        reply_to: Some(7),
        due_at: at(due),
        local_time: "2026-03-29T09:00".into(),
        time_zone: "Europe/Berlin".into(),
        state: ScheduledState::Waiting,
        error: String::new(),
        user_rev: UserRev(i64::try_from(number).unwrap()),
    }
}

async fn what_is_scheduled_comes_back_as_it_was_kept(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let mut kept = row(ada, room, 1, 5);
    tx.put_scheduled(&kept).await.unwrap();
    let held = tx.scheduled(ada, client_id(1)).await.unwrap();
    assert_eq!(held.as_ref(), Some(&kept));
    let told = Scheduled::from(kept.clone());
    assert_eq!(told.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(told.error, None);

    kept.state = ScheduledState::Refused;
    kept.error = r#"{"code":"forbidden","message":"no"}"#.into();
    kept.message_id = Some(9);
    kept.local_time = String::new();
    tx.put_scheduled(&kept).await.unwrap();
    let held = tx.scheduled(ada, client_id(1)).await.unwrap();
    assert_eq!(held.as_ref(), Some(&kept));
    let told = Scheduled::from(kept);
    assert_eq!(told.error.unwrap().message, "no");
    assert_eq!(told.local_time, None);
    assert_eq!(tx.scheduled(ada, client_id(2)).await.unwrap(), None);
}

async fn only_what_waits_is_due_and_the_oldest_comes_first(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    assert_eq!(tx.next_scheduled().await.unwrap(), None);
    for (user, number, due) in [(ada, 1, 30), (bo, 2, 10), (ada, 3, 20)] {
        tx.put_scheduled(&row(user, room, number, due))
            .await
            .unwrap();
    }
    for (number, state) in [(4, ScheduledState::Done), (5, ScheduledState::Refused)] {
        let mut other = row(ada, room, number, 1);
        other.state = state;
        tx.put_scheduled(&other).await.unwrap();
    }
    assert_eq!(tx.next_scheduled().await.unwrap(), Some(at(10)));
    let names = |rows: Vec<ScheduledRow>| -> Vec<_> {
        rows.into_iter()
            .map(|row| row.client_id.0.as_u128())
            .collect()
    };
    assert_eq!(names(tx.scheduled_due(at(9), 9).await.unwrap()), [0; 0]);
    assert_eq!(names(tx.scheduled_due(at(20), 9).await.unwrap()), [2, 3]);
    assert_eq!(names(tx.scheduled_due(at(30), 2).await.unwrap()), [2, 3]);
    let open = names(tx.scheduled_open(ada, 9).await.unwrap());
    assert_eq!(open, [5, 3, 1]);
    assert_eq!(names(tx.scheduled_open(ada, 1).await.unwrap()), [5]);
}

async fn what_changed_is_told_by_the_owners_counter(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    for (user, number) in [(ada, 1), (ada, 3), (bo, 4)] {
        tx.put_scheduled(&row(user, room, number, 5)).await.unwrap();
    }
    let mut done = row(ada, room, 2, 5);
    done.state = ScheduledState::Done;
    tx.put_scheduled(&done).await.unwrap();
    let changed = tx.scheduled_changed(ada, UserRev(1)).await.unwrap();
    let revs: Vec<_> = changed.iter().map(|row| row.user_rev.0).collect();
    assert_eq!(revs, [2, 3]);
    has_changed_at(&mut tx, ada, UserRev(3), |has| has.scheduled).await;
}
