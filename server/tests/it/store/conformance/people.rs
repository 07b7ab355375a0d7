//! `server`, `counters`, `users`, `invites`.

use erc_protocol::{InstanceId, MyPresence, ServerRole, UserId, UserRev, presence::PresenceChoice};
use erc_server::store::{Db, Error, Kind, NewUser};
use uuid::Uuid;

use super::{at, enter, new_room, new_user};

conformance! { with_db =>
    a_database_keeps_the_instance_that_it_was_first_given,
    ids_are_taken_once_and_without_gaps,
    a_user_is_found_by_id_and_by_name_with_all_that_was_given,
    a_user_name_belongs_to_one_user,
    several_users_are_locked_as_far_as_they_exist,
    what_changes_about_a_user_changes_alone,
    people_are_found_by_the_beginning_of_a_name,
    wildcards_in_a_search_mean_themselves,
    nobody_is_called_what_no_text_can_hold,
    the_time_last_seen_never_moves_back,
    what_is_decided_of_presence_is_kept_and_due_in_its_order,
    an_invite_is_used_as_often_as_it_says_and_not_after_its_time,
}

async fn a_database_keeps_the_instance_that_it_was_first_given(db: &Db) {
    let [first, second] = [1, 2].map(|n| InstanceId(Uuid::from_u128(n)));
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.instance(first, at(0)).await.unwrap(), first);
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.instance(second, at(1)).await.unwrap(), first);
}

async fn ids_are_taken_once_and_without_gaps(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.take_ids(Kind::Message, 3).await.unwrap(), 1);
    assert_eq!(tx.take_ids(Kind::Message, 1).await.unwrap(), 4);
    assert_eq!(tx.take_ids(Kind::Room, 1).await.unwrap(), 1);
    assert_eq!(tx.take_ids(Kind::User, 2).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.take_ids(Kind::Message, 1).await.unwrap(), 5);
}

async fn several_users_are_locked_as_far_as_they_exist(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let mut ids = Vec::new();
    for name in ["ada", "bo", "cy"] {
        ids.push(new_user(&mut tx, name).await.id);
    }
    let asked = [ids[2], UserId(99), ids[0]];
    let there = tx.users_for_update(&asked).await.unwrap();
    assert_eq!(there, [ids[0], ids[2]]);
    assert!(tx.users_for_update(&[]).await.unwrap().is_empty());
}

async fn a_user_is_found_by_id_and_by_name_with_all_that_was_given(db: &Db) {
    let new = NewUser {
        username: "ada".into(),
        display_name: "Ada 🦀 Lovelace".into(),
        role: ServerRole::Admin,
        password_hash: Some("$argon2id$…".into()),
    };
    let mut tx = db.begin().await.unwrap();
    let made = tx.insert_user(&new, at(7)).await.unwrap();
    assert_eq!((made.id, made.user_rev), (UserId(1), UserRev::ZERO));
    tx.commit().await.unwrap();

    let mut tx = db.snapshot().await.unwrap();
    let by_id = tx.user(made.id).await.unwrap().unwrap();
    let by_name = tx.user_by_name("ada").await.unwrap().unwrap();
    for row in [made, by_id, by_name] {
        assert_eq!(row.username, new.username);
        assert_eq!(row.display_name, new.display_name);
        assert_eq!(row.role, new.role);
        assert_eq!(row.password_hash, new.password_hash);
        assert_eq!((row.created_at, row.last_seen_at), (at(7), None));
    }
    assert!(tx.user(UserId(2)).await.unwrap().is_none());
    assert!(tx.user_by_name("Ada").await.unwrap().is_none());
    assert_eq!(tx.count_users().await.unwrap(), 1);
}

async fn a_user_name_belongs_to_one_user(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await;
    let again = NewUser {
        username: "ada".into(),
        display_name: "other".into(),
        role: ServerRole::Guest,
        password_hash: None,
    };
    tx.savepoint().await.unwrap();
    let refused = tx.insert_user(&again, at(1)).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict), "{refused}");
    tx.undo().await.unwrap();
    assert_eq!(tx.user_by_name("ada").await.unwrap().unwrap().id, ada.id);
    assert_eq!(tx.count_users().await.unwrap(), 1);
}

async fn what_changes_about_a_user_changes_alone(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let [ada, ben] = [
        new_user(&mut tx, "ada").await,
        new_user(&mut tx, "ben").await,
    ];
    tx.set_display_name(ada.id, "Ada L.").await.unwrap();
    tx.set_password(ada.id, "hash").await.unwrap();
    tx.set_server_role(ada.id, ServerRole::Moderator)
        .await
        .unwrap();
    assert_eq!(tx.next_user_rev(ada.id).await.unwrap(), UserRev(1));
    assert_eq!(tx.next_user_rev(ada.id).await.unwrap(), UserRev(2));
    tx.commit().await.unwrap();

    let mut tx = db.snapshot().await.unwrap();
    let row = tx.user(ada.id).await.unwrap().unwrap();
    assert_eq!(row.display_name, "Ada L.");
    assert_eq!(row.password_hash.as_deref(), Some("hash"));
    assert_eq!(
        (row.role, row.user_rev),
        (ServerRole::Moderator, UserRev(2))
    );
    let other = tx.user(ben.id).await.unwrap().unwrap();
    assert_eq!(
        (other.display_name, other.role),
        ("BEN".into(), ServerRole::Member)
    );
    assert_eq!((other.password_hash, other.user_rev), (None, UserRev::ZERO));
}

async fn people_are_found_by_the_beginning_of_a_name(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for name in ["grace", "ada", "adam"] {
        new_user(&mut tx, name).await;
    }
    let grace = tx.user_by_name("grace").await.unwrap().unwrap();
    tx.set_display_name(grace.id, "Grace Hopper").await.unwrap();
    let mut found = async |prefix: &str, limit| {
        let rows = tx.find_users(prefix, limit).await.unwrap();
        rows.into_iter().map(|row| row.username).collect::<Vec<_>>()
    };
    assert_eq!(found("", 10).await, ["ada", "adam", "grace"]);
    assert_eq!(found("ad", 10).await, ["ada", "adam"]);
    assert_eq!(found("ad", 1).await, ["ada"]);
    assert_eq!(found("hop", 10).await, ["grace"]);
    assert_eq!(found("opper", 10).await, [""; 0]);
}

async fn wildcards_in_a_search_mean_themselves(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    for name in ["a_b", "axb", "ayb"] {
        new_user(&mut tx, name).await;
    }
    let odd = tx.user_by_name("ayb").await.unwrap().unwrap();
    tx.set_display_name(odd.id, "100% !Odd\\").await.unwrap();
    for (prefix, name) in [
        ("a_", "a_b"),
        ("100%", "ayb"),
        ("!o", "ayb"),
        ("!odd\\", "ayb"),
    ] {
        let rows = tx.find_users(prefix, 10).await.unwrap();
        let names: Vec<_> = rows.iter().map(|row| row.username.as_str()).collect();
        assert_eq!(names, [name], "of {prefix:?}");
    }
    assert!(tx.find_users("%", 10).await.unwrap().is_empty());
}

async fn nobody_is_called_what_no_text_can_hold(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    new_user(&mut tx, "ada").await;
    for asked in ["\0", "a\0", "ada\0"] {
        assert!(tx.user_by_name(asked).await.unwrap().is_none());
        assert!(tx.find_users(asked, 10).await.unwrap().is_empty());
    }
}

async fn the_time_last_seen_never_moves_back(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    for (seen, kept) in [(5, 5), (3, 5), (9, 9)] {
        tx.set_last_seen(ada, at(seen)).await.unwrap();
        let row = tx.user(ada).await.unwrap().unwrap();
        assert_eq!(row.last_seen_at, Some(at(kept).0));
    }
}

async fn an_invite_is_used_as_often_as_it_says_and_not_after_its_time(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    tx.insert_invite(b"twice", Some(ada), 2, at(0), at(100))
        .await
        .unwrap();
    tx.insert_invite(b"old", None, 1, at(0), at(50))
        .await
        .unwrap();
    assert!(tx.use_invite(b"twice", at(1)).await.unwrap());
    assert!(tx.use_invite(b"twice", at(99)).await.unwrap());
    assert!(!tx.use_invite(b"twice", at(99)).await.unwrap(), "used up");
    assert!(!tx.use_invite(b"old", at(50)).await.unwrap(), "too old");
    assert!(!tx.use_invite(b"unknown", at(1)).await.unwrap());
}

async fn what_is_decided_of_presence_is_kept_and_due_in_its_order(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await;
    let bo = new_user(&mut tx, "bo").await.id;
    assert_eq!(ada.presence, MyPresence::default());
    let room = new_room(&mut tx, bo, 1).await.id;
    for user in [ada.id, bo] {
        enter(&mut tx, room, user).await;
    }
    let until = |ms| MyPresence {
        choice: PresenceChoice::DoNotDisturb,
        choice_until: Some(at(ms)),
        ..MyPresence::default()
    };
    tx.set_presence(ada.id, &until(20)).await.unwrap();
    assert_eq!(
        tx.presences_of(room).await.unwrap(),
        [(ada.id, until(20))],
        "who decided nothing is left out"
    );
    tx.set_presence(bo, &until(10)).await.unwrap();
    let held = tx.user(ada.id).await.unwrap().unwrap().presence;
    assert_eq!(held, until(20));
    assert_eq!(tx.next_presence_due().await.unwrap(), Some(at(10)));
    assert_eq!(tx.presence_due(at(9), 9).await.unwrap(), []);
    assert_eq!(tx.presence_due(at(20), 9).await.unwrap(), [bo, ada.id]);
    assert_eq!(tx.presence_due(at(20), 1).await.unwrap(), [bo]);
    for user in [ada.id, bo] {
        let usual = MyPresence::default();
        tx.set_presence(user, &usual).await.unwrap();
    }
    assert_eq!(tx.next_presence_due().await.unwrap(), None);
    assert_eq!(tx.presences_of(room).await.unwrap(), []);
}
