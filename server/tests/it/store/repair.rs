//! Looking for what does not hold: nothing after our own code, and every rule speaks when it is
//! broken on purpose.

use erc_protocol::api::rooms::CreateRoomRequest;
use erc_protocol::{History, RequestState, RoomId, RoomKind};
use erc_server::ops::repair::{apply, check};
use erc_server::ops::{rooms, threads};
use erc_server::store::{Db, RULES, Tx};
use sqlx::AssertSqlSafe;

use super::world::World;

conformance!(with_people =>
    nothing_is_found_after_our_own_code,
    every_rule_speaks_and_what_can_be_computed_is_put_right,
    what_people_wrote_is_told_and_left_alone,
    what_was_put_right_reaches_those_who_were_up_to_date,
);

/// A stranger's request: who made the room in which the other is has not been looked at there.
async fn ask(world: &World, from: usize, to: usize) -> RoomId {
    let request = CreateRoomRequest {
        name: String::new(),
        topic: String::new(),
        kind: RoomKind::Direct,
        is_private: true,
        history: None,
        member_ids: vec![world.people[to].user],
        client_id: None,
    };
    let made = rooms::create(&world.app, world.people[from], request).await;
    let made = made.unwrap().await.unwrap();
    assert_eq!(made.request, RequestState::Sent);
    made.room.id
}

/// A room with all that happens in rooms, and one that was deleted.
async fn live(world: &World) -> RoomId {
    let room = world.room(false, History::Shared, &[1, 2]).await;
    let mut messages = Vec::new();
    for n in 0..6 {
        world.pass(1_000);
        messages.push(world.say(n % 3, room, &format!("message {n}")).await);
    }
    let naming = world.named(&[1, 2]).await;
    world.say(0, room, &naming).await;
    world.edit_all(1, &messages[1..2], "edited").await;
    world.edit_all(2, &messages[2..3], "edited").await;
    world.delete(2, messages[2].message_id).await.unwrap();
    // A thread whose root is gone, and that goes on.
    let (top, read) = (messages[4].message_id, messages[5].seq);
    for who in [1, 2, 0] {
        world.reply(who, room, top, "a reply").await;
    }
    let deleted = world.reply(2, room, top, "soon gone").await;
    world.delete(2, deleted.message_id).await.unwrap();
    world.delete(1, top).await.unwrap();
    world.reply(0, room, top, "on it goes").await;
    let reading = threads::read(&world.app, world.people[2], top, read).await;
    reading.unwrap().await.unwrap();
    world.join(3, room).await;
    world.leave(1, room).await;
    let asked = ask(world, 0, 3).await;
    world.say(0, asked, "hello, stranger").await;
    let gone = world.room(true, History::Joined, &[1]).await;
    let top = world.say(0, gone, "soon gone").await.message_id;
    world.reply(1, gone, top, "soon gone, too").await;
    let deleted = rooms::delete(&world.app, world.people[0], gone).await;
    deleted.unwrap().await.unwrap();
    room
}

async fn run(db: &Db, sql: String) {
    let mut tx = db.begin().await.unwrap();
    let sql = AssertSqlSafe(sql);
    let rows = match &mut tx {
        Tx::Sqlite(tx) => sqlx::raw_sql(sql)
            .execute(&mut **tx)
            .await
            .unwrap()
            .rows_affected(),
        Tx::Postgres(tx) => sqlx::raw_sql(sql)
            .execute(&mut **tx)
            .await
            .unwrap()
            .rows_affected(),
    };
    assert!(
        rows > 0 || matches!(tx, Tx::Postgres(_)),
        "that broke nothing"
    );
    tx.commit().await.unwrap();
}

async fn broken(db: &Db) -> Vec<&'static str> {
    let findings = check(db).await.unwrap();
    assert!(findings.iter().all(|finding| !finding.faults.is_empty()));
    findings.iter().map(|finding| finding.rule).collect()
}

async fn nothing_is_found_after_our_own_code(world: &mut World) {
    assert_eq!(check(&world.app.db).await.unwrap(), []);
    live(world).await;
    assert_eq!(check(&world.app.db).await.unwrap(), []);
    assert_eq!(apply(&world.app.db).await.unwrap(), []);
}

/// What breaks a rule that can be computed.
const DERIVED: &[(&str, &str)] = &[
    (
        "messages.tombstones_empty",
        "UPDATE messages SET content = 'x' WHERE deleted_at IS NOT NULL",
    ),
    (
        "messages.tombstones_empty",
        "UPDATE messages SET mentions = '1' WHERE deleted_at IS NOT NULL",
    ),
    (
        "mentions.as_in_messages",
        "UPDATE mentions SET seq = seq + 1 WHERE user_id = 2",
    ),
    ("mentions.as_in_messages", "DELETE FROM mentions"),
    (
        "mentions.as_in_messages",
        "UPDATE messages SET mentions = '1' WHERE seq = 1 AND deleted_at IS NULL",
    ),
    (
        "rooms.deleted_empty",
        "UPDATE rooms SET member_count = 3 WHERE deleted_at IS NOT NULL",
    ),
    (
        "rooms.deleted_empty",
        "UPDATE members SET state = 'joined' WHERE room_id IN \
         (SELECT id FROM rooms WHERE deleted_at IS NOT NULL)",
    ),
    (
        "rooms.head_is_newest",
        "UPDATE rooms SET rev = rev - 1 WHERE deleted_at IS NULL",
    ),
    (
        "rooms.head_is_newest",
        "UPDATE rooms SET rev = rev + 5 WHERE deleted_at IS NULL",
    ),
    (
        "rooms.last_seq",
        "UPDATE rooms SET last_seq = last_seq + 3 WHERE deleted_at IS NULL",
    ),
    (
        "rooms.last_seq",
        "UPDATE rooms SET last_seq = 1 WHERE deleted_at IS NULL",
    ),
    (
        "rooms.last_message_at",
        "UPDATE rooms SET last_message_at = 1 WHERE deleted_at IS NULL",
    ),
    (
        "rooms.member_count",
        "UPDATE rooms SET member_count = 0 WHERE deleted_at IS NULL",
    ),
    (
        "members.marks_in_bounds",
        "UPDATE members SET read_seq = 999 WHERE user_id = 1",
    ),
    (
        "members.marks_in_bounds",
        "UPDATE members SET first_visible_seq = 999",
    ),
    (
        "members.marks_in_bounds",
        "UPDATE members SET first_visible_seq = 0, read_seq = -4",
    ),
    (
        "requests.paired",
        "UPDATE members SET request = 'none' WHERE request = 'received'",
    ),
    (
        "requests.paired",
        "UPDATE members SET request = 'declined' WHERE user_id = 1",
    ),
    (
        "members.delivered_in_bounds",
        "UPDATE members SET delivered_seq = 999 WHERE user_id = 1",
    ),
    (
        "members.delivered_in_bounds",
        "UPDATE members SET delivered_seq = -1 WHERE user_id = 2",
    ),
    (
        "threads.as_their_replies",
        "UPDATE messages SET thread_replies = 77 WHERE thread_replies > 0",
    ),
    (
        "threads.as_their_replies",
        "UPDATE messages SET thread_last_seq = 1, thread_last_at = 1 WHERE thread_replies > 0",
    ),
    (
        "threads.as_their_replies",
        "UPDATE messages SET thread_replies = 3 WHERE seq IN (1, 2) AND deleted_at IS NULL",
    ),
    (
        "threads.marks_in_bounds",
        "UPDATE user_threads SET read_seq = 999 WHERE user_id = 3",
    ),
    (
        "threads.marks_in_bounds",
        "UPDATE user_threads SET read_seq = -1",
    ),
    ("users.counter_is_newest", "UPDATE users SET user_rev = 0"),
    (
        "counters.above_ids",
        "UPDATE counters SET value = 0 WHERE name = 'user'",
    ),
    (
        "counters.above_ids",
        "UPDATE counters SET value = 0 WHERE name = 'room'",
    ),
    (
        "counters.above_ids",
        "UPDATE counters SET value = 0 WHERE name = 'message'",
    ),
];

async fn every_rule_speaks_and_what_can_be_computed_is_put_right(world: &mut World) {
    live(world).await;
    let db = &world.app.db.clone();
    for (rule, sql) in DERIVED {
        run(db, (*sql).to_owned()).await;
        let found = broken(db).await;
        assert!(found.contains(rule), "{rule} after {sql}: {found:?}");
        let applied = apply(db).await.unwrap();
        assert!(
            applied
                .iter()
                .any(|finding| finding.rule == *rule && finding.repairable)
        );
        assert_eq!(check(db).await.unwrap(), [], "after {sql}");
    }
    for rule in RULES.iter().filter(|rule| rule.is_repairable()) {
        assert!(
            DERIVED.iter().any(|(name, _)| *name == rule.name),
            "{} is not tested",
            rule.name
        );
    }
    // It still is a server's database: the next one's operations go on from what was put right.
    world.restart().await;
    let db = &world.app.db.clone();
    let room = world.room(false, History::Shared, &[1]).await;
    world.say(1, room, "as if nothing had been").await;
    assert_eq!(check(db).await.unwrap(), []);
}

async fn what_people_wrote_is_told_and_left_alone(world: &mut World) {
    let room = live(world).await;
    let db = &world.app.db;
    let second = format!("WHERE room_id = {room} AND seq = 2");
    let cases = [
        (
            "messages.contiguous",
            format!("seq = -2 {second}"),
            format!("seq = 2 WHERE room_id = {room} AND seq = -2"),
        ),
        (
            "messages.in_time",
            format!("created_at = created_at - 1000000 {second}"),
            format!("created_at = created_at + 1000000 {second}"),
        ),
        (
            "threads.roots_in_place",
            format!("thread_id = 99999999 {second}"),
            format!("thread_id = NULL {second}"),
        ),
        (
            "rooms.revisions_once",
            format!("rev = -rev {second}"),
            format!("rev = -rev {second}"),
        ),
    ];
    for (rule, breaks, mends) in cases {
        run(db, format!("UPDATE messages SET {breaks}")).await;
        let found = broken(db).await;
        assert!(found.contains(&rule), "{rule}: {found:?}");
        apply(db).await.unwrap();
        assert!(broken(db).await.contains(&rule), "{rule} can't be computed");
        run(db, format!("UPDATE messages SET {mends}")).await;
        assert_eq!(check(db).await.unwrap(), []);
    }
    if matches!(db, Db::Postgres(_)) {
        run(
            db,
            "ALTER TABLE messages DROP CONSTRAINT messages_sender_id_client_id_key".into(),
        )
        .await;
        let same = format!(
            "UPDATE messages SET client_id = (SELECT client_id FROM messages {second}), sender_id = \
             (SELECT sender_id FROM messages {second}) WHERE room_id = {room} AND seq = 4"
        );
        run(db, same).await;
        assert_eq!(broken(db).await, ["messages.sent_once"]);
    }
}

async fn what_was_put_right_reaches_those_who_were_up_to_date(world: &mut World) {
    let room = live(world).await;
    let db = &world.app.db;
    let before = db
        .snapshot()
        .await
        .unwrap()
        .room(room)
        .await
        .unwrap()
        .unwrap();
    run(
        db,
        format!("UPDATE rooms SET member_count = 77 WHERE id = {room}"),
    )
    .await;
    apply(db).await.unwrap();
    let after = db
        .snapshot()
        .await
        .unwrap()
        .room(room)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(after.member_count, before.member_count);
    assert_eq!(after.rev, before.rev.next());
    assert_eq!(after.state_rev, after.rev);
}
