//! A database saved into a file while it is written, and the new life of a restored one.

use erc_protocol::{History, Timestamp};
use erc_server::clock;
use erc_server::ops::repair;
use erc_server::store::{Db, NewSession};

use super::world::World;

conformance!(with_people =>
    what_is_saved_is_one_moment_and_whole,
    a_new_life_has_another_name_and_gives_no_id_again,
    all_sessions_end_at_once,
);

async fn saved(world: &World, path: &std::path::Path) -> Db {
    world.app.db.save_to(path).await.unwrap();
    Db::open_as_it_is(&format!("sqlite:{}", path.display()))
        .await
        .unwrap()
}

async fn what_is_saved_is_one_moment_and_whole(world: &mut World) {
    let room = world.room(false, History::Shared, &[1, 2]).await;
    for n in 0..40 {
        world.say(n % 2, room, &format!("number {n}")).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.db");
    let (copy, told) = tokio::join!(saved(world, &path), async {
        for n in 0..40 {
            world.say(n % 2, room, "meanwhile").await;
        }
        world
            .app
            .db
            .snapshot()
            .await
            .unwrap()
            .counters()
            .await
            .unwrap()
    });
    let mut tx = copy.snapshot().await.unwrap();
    assert_eq!(tx.damage().await.unwrap(), Vec::<String>::new());
    let rows = tx.rows().await.unwrap();
    assert!((40..=80).contains(&rows["messages"]), "{rows:?}");
    assert_eq!((rows["users"], rows["rooms"]), (4, 1));
    let head = tx.room(room).await.unwrap().unwrap();
    assert_eq!(head.last_seq.0, rows["messages"], "of one moment");
    assert_eq!(
        tx.current_instance().await.unwrap(),
        Some(world.app.instance)
    );
    let counters = tx.counters().await.unwrap();
    assert_eq!(counters["user"], told["user"]);
    drop(tx);
    assert_eq!(repair::check(&copy).await.unwrap(), []);
    copy.close().await;
    // Nothing is overwritten.
    assert!(world.app.db.save_to(&path).await.is_err());
}

async fn a_new_life_has_another_name_and_gives_no_id_again(world: &mut World) {
    let mut tx = world.app.db.snapshot().await.unwrap();
    let mut before = tx.counters().await.unwrap();
    drop(tx);
    // No id: in a new life everybody is told of all emoji again.
    assert!(before.remove("emoji").is_some());
    let name = clock::new_instance();
    world.app.db.new_life(name).await.unwrap();
    let mut tx = world.app.db.snapshot().await.unwrap();
    assert_eq!(tx.current_instance().await.unwrap(), Some(name));
    let after = tx.counters().await.unwrap();
    assert_eq!(before.len(), 3);
    for (kind, last) in before {
        assert!(after[&kind] >= last + (1 << 20), "{kind}");
    }
    drop(tx);
    assert_eq!(repair::check(&world.app.db).await.unwrap(), []);
}

async fn all_sessions_end_at_once(world: &mut World) {
    let mut tx = world.app.db.begin().await.unwrap();
    for person in &world.people {
        let new = NewSession {
            id: person.session,
            user_id: person.user,
            device_name: "a device".into(),
            refresh_hash: person.user.0.to_be_bytes().repeat(4),
        };
        tx.insert_session(&new, Timestamp(1)).await.unwrap();
    }
    tx.commit().await.unwrap();
    world.app.db.end_all_sessions(Timestamp(2)).await.unwrap();
    let mut tx = world.app.db.snapshot().await.unwrap();
    assert_eq!(tx.stats().await.unwrap().sessions, 0);
}
