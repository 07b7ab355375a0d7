//! A transaction that is lost: everybody in it is told, nothing is published, nothing is kept, and
//! the next one goes through.

use std::ops::ControlFlow;

use erc_protocol::{ErrorCode, History, Rev};
use erc_server::hub::{Pulled, RoomHub};
use erc_server::ops::change::Change;
use erc_server::ops::committer::{Done, Lane};
use erc_server::ops::{Error, Result, messages};
use erc_server::store::{Db, Tx};
use futures_util::FutureExt as _;

use super::world::{World, text};

conformance! { with_people =>
    a_closed_database_answers_unavailable_and_publishes_nothing,
    a_commit_that_fails_takes_all_of_its_transaction_and_publishes_nothing,
    a_failure_is_never_told_as_a_missing_message,
}

fn told<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    result.unwrap_err().body().code
}

fn is_silent(room: &RoomHub, since: Rev) -> bool {
    let pulled = room.pull(since, 10, |_| ControlFlow::Continue(()));
    matches!(pulled, Pulled::UpToDate)
}

async fn a_closed_database_answers_unavailable_and_publishes_nothing(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let ada = world.people[0];
    let listener = world.app.hub.connect(ada.user, ada.session);
    let news = world.app.hub.subscribe(room, &listener);
    let kept = world.say(0, room, "kept").await;
    assert!(!is_silent(&news, Rev::ZERO), "the listener would hear");
    listener.pending().await;

    world.app.db.close().await;
    let lost = world.send(0, room, text("lost")).await.unwrap_err();
    assert!(lost.body().retry_after.is_some());
    assert_eq!(lost.body().code, ErrorCode::Unavailable);
    let (edit, delete) = (
        world.edit(
            0,
            kept.message_id,
            super::world::edit("lost", kept.client_id),
        ),
        world.delete(0, kept.message_id),
    );
    assert_eq!(told(edit.await), ErrorCode::Unavailable);
    assert_eq!(told(delete.await), ErrorCode::Unavailable);
    let read = erc_server::ops::rooms::list(&world.app, ada).await;
    assert_eq!(told(read), ErrorCode::Unavailable);

    assert!(is_silent(&news, kept.rev));
    assert!(listener.pending().now_or_never().is_none());
}

/// Makes the commit fail: a broken reference that the database finds only then.
async fn break_commit(tx: &mut Tx) {
    match tx {
        Tx::Sqlite(tx) => {
            for sql in [
                "PRAGMA defer_foreign_keys = ON",
                "INSERT INTO invites (code_hash, created_by, uses_left, created_at, expires_at) \
                 VALUES (x'00', 999, 1, 0, 0)",
            ] {
                sqlx::query(sql).execute(&mut **tx).await.unwrap();
            }
        }
        Tx::Postgres(tx) => {
            let killed = sqlx::query("SELECT pg_terminate_backend(pg_backend_pid())");
            assert!(killed.execute(&mut **tx).await.is_err());
        }
    }
}

async fn a_commit_that_fails_takes_all_of_its_transaction_and_publishes_nothing(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let ada = world.people[0];
    let listener = world.app.hub.connect(ada.user, ada.session);
    let news = world.app.hub.subscribe(room, &listener);
    let kept = world.say(0, room, "kept").await;
    listener.pending().await;

    // While the first operation waits, the others gather behind it.
    let (go, wait) = tokio::sync::oneshot::channel::<()>();
    let committer = &world.app.committer;
    let gate = committer.submit(Lane::Room(room), move |_tx, _now| {
        Box::pin(async move {
            wait.await.unwrap();
            Ok(Done::unchanged(()))
        })
    });
    let gate = gate.await.unwrap();
    let before = messages::send(&world.app, ada, room, text("lost"))
        .await
        .unwrap();
    let breaks = committer.submit(Lane::Room(room), move |tx, _now| {
        Box::pin(async move {
            break_commit(tx).await;
            Ok(Done::new((), vec![Change::User(ada.user)]))
        })
    });
    let breaks = breaks.await.unwrap();
    let after = messages::send(&world.app, ada, room, text("lost"))
        .await
        .unwrap();
    go.send(()).unwrap();
    // It may have been a batch of its own.
    let _: Result<()> = gate.await;
    let told = |error: Error| assert!(!matches!(error, Error::Refused(_)), "{error}");
    told(breaks.await.unwrap_err());
    let sends = [before.await, after.await];
    let last = match &world.app.db {
        Db::Sqlite { .. } => {
            // One writer: they were of the same transaction.
            for lost in sends {
                told(lost.unwrap_err());
            }
            assert!(is_silent(&news, kept.rev));
            kept
        }
        Db::Postgres { .. } => {
            let [before, after] = sends.map(Result::unwrap);
            assert_eq!(before.seq.next(), after.seq);
            assert!(!is_silent(&news, kept.rev));
            after
        }
    };
    // The breaking one would have told the user.
    assert!(
        !listener
            .pending()
            .now_or_never()
            .is_some_and(|told| told.user)
    );
    assert_eq!(
        world.rows(room).await.len(),
        usize::try_from(last.seq.0).unwrap()
    );

    let next = world.say(0, room, "after").await;
    assert_eq!((next.seq, next.rev), (last.seq.next(), last.rev.next()));
    assert!(!is_silent(&news, last.rev));
}

async fn a_failure_is_never_told_as_a_missing_message(world: &mut World) {
    let room = world.room(false, History::Shared, &[]).await;
    let ada = world.people[0];
    let kept = world.say(0, room, "kept").await;
    let mut tx = world.app.db.begin().await.unwrap();
    let sql = "ALTER TABLE members RENAME TO out_of_reach";
    match &mut tx {
        Tx::Sqlite(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
    }
    tx.commit().await.unwrap();
    let id = kept.message_id;
    let new = super::world::edit("lost", erc_server::clock::new_client_id());
    assert_eq!(
        told(messages::get(&world.app, ada, id).await),
        ErrorCode::Internal
    );
    assert_eq!(told(world.edit(0, id, new).await), ErrorCode::Internal);
    assert_eq!(told(world.delete(0, id).await), ErrorCode::Internal);
}
