//! A database copied into one of the other kind, and back.

use erc_protocol::{ClientId, History, Rev, RoomId, Seq, sync::Cursor};
use erc_server::clock;
use erc_server::ops::catch_up::{self, Position};
use erc_server::ops::repair;
use erc_server::store::{CopyError, Db, NewSession, Tx, copy};

use super::database::{System, with_db, with_url};
use super::world::{World, named, with_people};

/// A community with all that rows may hold: edits, tombstones, people who left, sessions, rooms
/// that are gone, text of every kind.
async fn live(world: &World) -> RoomId {
    let room = world.room(false, History::Joined, &[1, 2, 3]).await;
    let texts = [
        "one",
        "häuser \u{1f980}",
        "\u{0}nul?",
        "line\nline",
        "a'b\"c\\d",
        "%_",
    ];
    for (n, text) in texts.iter().cycle().take(700).enumerate() {
        let text = if text.contains('\0') { "no nul" } else { text };
        world.say(n % 3, room, text).await;
    }
    let message = world.say(1, room, "to be edited").await;
    world
        .edit_all(1, std::slice::from_ref(&message), "edited")
        .await;
    let message = world.say(2, room, "to be deleted").await;
    world.delete(2, message.message_id).await.unwrap();
    world.leave(3, room).await;
    let mut tx = world.app.db.begin().await.unwrap();
    for person in &world.people {
        let new = NewSession {
            id: person.session,
            user_id: person.user,
            device_name: "a device".into(),
            refresh_hash: person.user.0.to_be_bytes().repeat(4),
        };
        tx.insert_session(&new, world.app.clock.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    room
}

/// What a client gets that has been told everything up to this revision.
async fn news(world: &World, room: RoomId, rev: i64) -> String {
    let from = Position::from(Cursor {
        rev: Rev(rev),
        seq: Seq(rev.min(690)),
    });
    let batch = catch_up::room(&world.app, world.people[0].user, room, &from).await;
    serde_json::to_string(&batch.unwrap().0).unwrap()
}

async fn there_and_back(first: System, second: System) {
    with_people(first, async |world| {
        let room = live(world).await;
        let instance = world.app.instance;
        let before = (news(world, room, 0).await, news(world, room, 695).await);
        let source = world.app.db.clone();
        with_url(second, async |url| {
            let there = Db::open(&url).await.unwrap();
            let mut told = 0;
            let copied = copy(&source, &there, |_, _, _| told += 1).await.unwrap();
            assert!(told > 4, "it is told what goes on");
            let messages = copied
                .iter()
                .find(|table| table.table == "messages")
                .unwrap();
            assert_eq!(messages.rows, 702);
            with_db(first, async |back| {
                let again = copy(&there, back, |_, _, _| {}).await.unwrap();
                assert_eq!(
                    copied, again,
                    "the same rows, by their digests, in both directions"
                );
            })
            .await;
            there.close().await;
            world.move_to(&url).await;
            assert_eq!(world.app.instance, instance, "cursors go on being good");
            let after = (news(world, room, 0).await, news(world, room, 695).await);
            assert_eq!(before, after, "clients are told the same");
            assert_eq!(repair::check(&world.app.db).await.unwrap(), []);
            // Life goes on: new ids and revisions follow the old ones.
            let message = world.say(0, room, "in the new house").await;
            assert_eq!(message.seq, Seq(703));
            assert_eq!(repair::check(&world.app.db).await.unwrap(), []);
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn everything_moves_to_postgresql_and_back() {
    there_and_back(System::Sqlite, System::Postgres).await;
}

#[tokio::test]
async fn everything_moves_to_sqlite_and_back() {
    there_and_back(System::Postgres, System::Sqlite).await;
}

#[tokio::test]
async fn a_database_that_is_in_use_is_not_written_over() {
    with_people(System::Sqlite, async |world| {
        let source = world.app.db.clone();
        with_people(System::Postgres, async |other| {
            let room = other.room(false, History::Shared, &[1]).await;
            other.say(0, room, "mine").await;
            let refused = copy(&source, &other.app.db, |_, _, _| {})
                .await
                .unwrap_err();
            assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
            let stats = other
                .app
                .db
                .snapshot()
                .await
                .unwrap()
                .stats()
                .await
                .unwrap();
            assert_eq!((stats.users, stats.messages), (4, 1));
        })
        .await;
    })
    .await;
}

/// Something that rewrites rows on their way in stands for a fault on the way.
#[tokio::test]
async fn a_copy_that_is_not_true_is_not_kept() {
    with_people(System::Sqlite, async |world| {
        let room = world.room(false, History::Shared, &[1]).await;
        world.say(0, room, "true").await;
        with_db(System::Postgres, async |target| {
            let mut tx = target.begin().await.unwrap();
            if let Tx::Postgres(tx) = &mut tx {
                let lie = "CREATE FUNCTION lie() RETURNS trigger AS $$ BEGIN NEW.content := 'false'; \
                           RETURN NEW; END $$ LANGUAGE plpgsql; CREATE TRIGGER lie BEFORE INSERT \
                           ON messages FOR EACH ROW EXECUTE FUNCTION lie()";
                sqlx::raw_sql(lie).execute(&mut **tx).await.unwrap();
            }
            tx.commit().await.unwrap();
            let refused = copy(&world.app.db, target, |_, _, _| {}).await.unwrap_err();
            assert!(matches!(refused, CopyError::Differs(_)), "{refused}");
            let stats = target.snapshot().await.unwrap().stats().await.unwrap();
            assert_eq!((stats.users, stats.messages), (0, 0), "it is empty again");
        })
        .await;
    })
    .await;
}

/// Who sends again after the move what was sent before gets the same message.
#[tokio::test]
async fn what_was_sent_before_the_move_is_not_sent_twice() {
    with_people(System::Sqlite, async |world| {
        let room = world.room(false, History::Shared, &[1]).await;
        let id = ClientId(clock::new_instance().0);
        let before = world.send(0, room, named("once", id)).await.unwrap();
        let source = world.app.db.clone();
        with_url(System::Postgres, async |url| {
            let there = Db::open(&url).await.unwrap();
            copy(&source, &there, |_, _, _| {}).await.unwrap();
            there.close().await;
            world.move_to(&url).await;
            let after = world.send(0, room, named("once", id)).await.unwrap();
            assert_eq!(before, after);
        })
        .await;
    })
    .await;
}
