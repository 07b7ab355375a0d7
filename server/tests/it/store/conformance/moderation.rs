//! `bans`, `audit_log`, and what of `rooms` and `members` moderation writes.

use erc_protocol::{Capability, RoomRole, RoomSettings};
use erc_server::store::{AuditLine, Db};

use super::{at, enter, new_room, new_user};

conformance! { with_db =>
    a_ban_holds_until_its_end_and_until_it_is_lifted,
    a_ban_anew_takes_the_place_of_the_first,
    a_mute_is_stamped_and_outlives_another_place,
    settings_come_back_as_they_were_kept,
    what_was_done_is_told_in_order_and_by_room,
}

async fn a_ban_holds_until_its_end_and_until_it_is_lifted(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let [ada, bo, cy] = [
        new_user(&mut tx, "ada").await.id,
        new_user(&mut tx, "bo").await.id,
        new_user(&mut tx, "cy").await.id,
    ];
    let [room, other] = [
        new_room(&mut tx, ada, 1).await.id,
        new_room(&mut tx, ada, 2).await.id,
    ];
    tx.put_ban(room, bo, ada, "spam", at(5), Some(at(10)))
        .await
        .unwrap();
    tx.put_ban(room, cy, ada, "", at(6), None).await.unwrap();
    let ban = tx.ban(room, bo, at(9)).await.unwrap().unwrap();
    assert_eq!((ban.reason.as_str(), ban.banned_by), ("spam", ada));
    assert_eq!((ban.created_at, ban.expires_at), (at(5), Some(at(10).0)));
    assert!(tx.ban(room, bo, at(10)).await.unwrap().is_none());
    assert!(tx.ban(other, cy, at(9)).await.unwrap().is_none());
    let who = |rows: Vec<erc_server::store::BanRow>| -> Vec<_> {
        rows.into_iter().map(|row| row.user_id).collect()
    };
    assert_eq!(who(tx.bans(room, at(9), 9).await.unwrap()), [cy, bo]);
    assert_eq!(who(tx.bans(room, at(9), 1).await.unwrap()), [cy]);
    assert_eq!(who(tx.bans(room, at(10), 9).await.unwrap()), [cy]);
    assert!(tx.delete_ban(room, cy).await.unwrap());
    assert!(!tx.delete_ban(room, cy).await.unwrap());
    assert!(tx.ban(room, cy, at(10)).await.unwrap().is_none());
}

async fn a_ban_anew_takes_the_place_of_the_first(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    for (reason, until) in [("a", Some(at(3))), ("b", None)] {
        tx.put_ban(room, bo, ada, reason, at(1), until)
            .await
            .unwrap();
    }
    let ban = tx.ban(room, bo, at(4)).await.unwrap().unwrap();
    assert_eq!((ban.reason.as_str(), ban.expires_at), ("b", None));
}

async fn a_mute_is_stamped_and_outlives_another_place(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let place = enter(&mut tx, room, ada).await;
    let rev = tx.next_rev(room).await.unwrap();
    let user_rev = tx.next_user_rev(ada).await.unwrap();
    tx.set_mute(room, ada, Some(at(9)), rev, user_rev)
        .await
        .unwrap();
    tx.put_place(&place).await.unwrap();
    let muted = tx.place(room, ada).await.unwrap().unwrap();
    assert!(muted.is_muted(at(8)) && !muted.is_muted(at(9)));
    assert_eq!(
        tx.member(room, ada).await.unwrap().unwrap().muted_until,
        Some(at(9).0)
    );
    tx.set_mute(room, ada, None, rev, user_rev).await.unwrap();
    let free = tx.place(room, ada).await.unwrap().unwrap();
    assert_eq!((free.muted_until, free.rev), (None, rev));
    assert_eq!(free.user_rev, user_rev);
}

async fn settings_come_back_as_they_were_kept(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await;
    assert!(room.settings.is_usual());
    let mut settings = RoomSettings {
        slow_mode_s: 30,
        archived_at: Some(at(3)),
        category: "Tools 🛠".into(),
        ..RoomSettings::default()
    };
    settings
        .permissions
        .set(Capability::Pin, Some(RoomRole::Member));
    for settings in [settings, RoomSettings::default()] {
        let rev = tx.next_rev(room.id).await.unwrap();
        let row = tx
            .update_room(room.id, rev, "a", "", false, &settings)
            .await
            .unwrap();
        assert_eq!((row.settings, row.state_rev), (settings.clone(), rev));
        let row = tx.room(room.id).await.unwrap().unwrap();
        assert_eq!(row.public().settings, settings);
    }
}

async fn what_was_done_is_told_in_order_and_by_room(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let other = new_room(&mut tx, ada, 2).await.id;
    for (id, (action, room)) in (1..).zip([("b", room), ("a", room), ("c", other)]) {
        let line = AuditLine {
            id: uuid::Uuid::from_u128(id),
            actor: Some(ada),
            action,
            room: Some(room),
            user: None,
            details: "{}".into(),
        };
        tx.add_audit(&line, at(1)).await.unwrap();
    }
    let lines = tx.audit_of_room(room, 9).await.unwrap();
    let words: Vec<_> = lines.iter().map(|line| line.0.as_str()).collect();
    assert_eq!(words, ["b", "a"]);
    assert_eq!(lines[0], ("b".into(), Some(ada), None, "{}".into()));
    assert_eq!(tx.audit_of_room(room, 1).await.unwrap().len(), 1);
}
