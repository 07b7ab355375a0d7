//! Transactions themselves: what is kept, what never happened, what one sees of another.

use erc_server::store::{Db, Error};

use super::{new_room, new_user};

conformance! { with_db =>
    what_was_not_committed_never_happened,
    a_part_is_undone_alone,
    a_part_can_fail_and_the_rest_goes_on,
    a_snapshot_sees_one_moment_throughout,
    a_snapshot_writes_nothing,
    opening_again_keeps_what_is_there,
    a_closed_database_is_unavailable,
}

async fn what_was_not_committed_never_happened(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    new_user(&mut tx, "ada").await;
    drop(tx);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.count_users().await.unwrap(), 0);
    let ben = new_user(&mut tx, "ben").await;
    assert_eq!(ben.id.0, 1, "its id was not taken either");
    tx.commit().await.unwrap();
    assert_eq!(db.snapshot().await.unwrap().count_users().await.unwrap(), 1);
}

async fn a_part_is_undone_alone(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    tx.savepoint().await.unwrap();
    new_user(&mut tx, "ada").await;
    tx.release().await.unwrap();
    tx.savepoint().await.unwrap();
    new_user(&mut tx, "ben").await;
    tx.undo().await.unwrap();
    tx.savepoint().await.unwrap();
    new_user(&mut tx, "eve").await;
    tx.release().await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.snapshot().await.unwrap();
    let rows = tx.find_users("", 10).await.unwrap();
    let names: Vec<_> = rows.iter().map(|row| row.username.as_str()).collect();
    assert_eq!(names, ["ada", "eve"]);
}

async fn a_part_can_fail_and_the_rest_goes_on(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    new_room(&mut tx, ada, 1).await;
    tx.savepoint().await.unwrap();
    let again = super::room_of(ada, 1);
    let refused = tx.insert_room(&again, super::at(1)).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict), "{refused}");
    tx.undo().await.unwrap();
    new_user(&mut tx, "ben").await;
    tx.commit().await.unwrap();
    assert_eq!(db.snapshot().await.unwrap().count_users().await.unwrap(), 2);
}

async fn a_snapshot_sees_one_moment_throughout(db: &Db) {
    let mut before = db.snapshot().await.unwrap();
    assert_eq!(before.count_users().await.unwrap(), 0);
    let mut tx = db.begin().await.unwrap();
    new_user(&mut tx, "ada").await;
    tx.commit().await.unwrap();
    assert_eq!(before.count_users().await.unwrap(), 0);
    let mut after = db.snapshot().await.unwrap();
    assert_eq!(after.count_users().await.unwrap(), 1);
}

async fn a_snapshot_writes_nothing(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    tx.commit().await.unwrap();
    let mut snapshot = db.snapshot().await.unwrap();
    assert!(snapshot.set_display_name(ada, "Mallory").await.is_err());
    drop(snapshot);
    let row = db
        .snapshot()
        .await
        .unwrap()
        .user(ada)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.display_name, "ADA");
}

async fn opening_again_keeps_what_is_there(db: &Db) {
    let url = match db {
        Db::Sqlite { write, .. } => format!(
            "sqlite:{}",
            write.connect_options().get_filename().display()
        ),
        Db::Postgres(pool) => {
            use sqlx::ConnectOptions as _;
            pool.connect_options().to_url_lossy().to_string()
        }
    };
    let mut tx = db.begin().await.unwrap();
    new_user(&mut tx, "ada").await;
    tx.commit().await.unwrap();
    db.close().await;
    let again = Db::open(&url).await.unwrap();
    assert_eq!(
        again.snapshot().await.unwrap().count_users().await.unwrap(),
        1
    );
    again.close().await;
}

async fn a_closed_database_is_unavailable(db: &Db) {
    db.close().await;
    for refused in [db.begin().await, db.snapshot().await] {
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    }
}
