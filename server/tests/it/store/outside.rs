//! The database looked at from outside, as an operator does.

use erc_protocol::History;
use erc_server::store::{Db, Schema, Tx};

use super::world::World;

conformance!(with_people =>
    its_figures_are_those_of_its_rows,
    a_healthy_database_has_no_damage_and_a_current_schema,
    a_newer_programs_database_is_told_from_an_older_ones,
    other_servers_are_counted,
);

async fn its_figures_are_those_of_its_rows(world: &mut World) {
    let room = world.room(false, History::Shared, &[1, 2]).await;
    world.pass(5_000);
    let first = world.say(0, room, "one").await;
    world.pass(5_000);
    let last = world.say(1, room, "two").await;
    world.edit_all(1, std::slice::from_ref(&last), "too").await;
    world.delete(0, first.message_id).await.unwrap();
    let mut tx = world.app.db.snapshot().await.unwrap();
    let stats = tx.stats().await.unwrap();
    assert_eq!(
        [
            stats.users,
            stats.rooms,
            stats.direct_rooms,
            stats.deleted_rooms,
            stats.memberships
        ],
        [4, 1, 0, 0, 3]
    );
    assert_eq!(
        [stats.messages, stats.deleted_messages, stats.edits],
        [1, 1, 1]
    );
    assert_eq!(stats.oldest_message_at, Some(first.created_at.0));
    assert_eq!(stats.newest_message_at, Some(last.created_at.0));
    assert_eq!((stats.sessions, stats.last_used_at), (0, None));
    assert!(stats.created_at.is_some());
    assert!(tx.size().await.unwrap() > 4_096);
    // SQLite has no other machine's clock.
    let time = tx.database_time().await.unwrap();
    assert_eq!(time.is_some(), matches!(world.app.db, Db::Postgres(_)));
}

async fn a_healthy_database_has_no_damage_and_a_current_schema(world: &mut World) {
    world.room(false, History::Shared, &[1]).await;
    let mut tx = world.app.db.snapshot().await.unwrap();
    assert_eq!(tx.damage().await.unwrap(), Vec::<String>::new());
    drop(tx);
    assert!(
        matches!(world.app.db.schema().await.unwrap(), Schema::Current(version) if version >= 1)
    );
    // Looking at it changes nothing: an empty database stays empty.
    if let Db::Sqlite { .. } = world.app.db {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.db");
        std::fs::write(&path, b"").unwrap();
        let db = Db::open_as_it_is(&format!("sqlite:{}", path.display()))
            .await
            .unwrap();
        assert_eq!(db.schema().await.unwrap(), Schema::None);
        db.close().await;
    }
}

async fn a_newer_programs_database_is_told_from_an_older_ones(world: &mut World) {
    let db = &world.app.db;
    execute(
        db,
        "UPDATE _sqlx_migrations SET version = 9000 WHERE version = 1",
    )
    .await;
    let Schema::Unknown(why) = db.schema().await.unwrap() else {
        panic!("version 9000 is known")
    };
    assert!(why.contains("9000"), "{why}");
    execute(db, "DELETE FROM _sqlx_migrations WHERE version = 9000").await;
    assert_eq!(db.schema().await.unwrap(), Schema::Behind(1));
}

async fn other_servers_are_counted(world: &mut World) {
    assert_eq!(world.app.db.others().await.unwrap(), 0);
    let other = Db::open_as_it_is(&world.app.config.database_url)
        .await
        .unwrap();
    other.snapshot().await.unwrap();
    let others = world.app.db.others().await.unwrap();
    // An embedded database is guarded by a lock instead.
    assert_eq!(others > 0, matches!(world.app.db, Db::Postgres(_)));
    other.close().await;
}

async fn execute(db: &Db, sql: &'static str) {
    let mut tx = db.begin().await.unwrap();
    match &mut tx {
        Tx::Sqlite(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
    }
    tx.commit().await.unwrap();
}
