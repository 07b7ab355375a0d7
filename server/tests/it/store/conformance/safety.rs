//! `blocks`, `erasures`, and what erasing takes.

use erc_protocol::{
    MessageId, ReportId, Rev, RoomRole, ServerRole, Timestamp, UserRev,
    message::Forwarded,
    report::{ReportKind, ReportState},
};
use erc_server::store::{AuditLine, AuditWanted, Db, ErasureRow, Phase, ReportRow};

use super::{at, client_id, enter, has_changed_at, messages::message, new_room, new_user};

conformance! { with_db =>
    blocks_hold_until_they_are_taken_back,
    who_is_blocked_by_another_member_is_shut_out,
    a_blanked_account_has_no_name_and_nothing_of_its_own,
    what_an_erased_user_left_is_found_in_pieces,
    reports_are_kept_counted_and_told,
    lines_of_the_log_are_found_by_what_is_asked,
    the_doors_are_closed_until_then,
}

async fn blocks_hold_until_they_are_taken_back(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let cy = new_user(&mut tx, "cy").await.id;
    assert_eq!(tx.block(ada, bo).await.unwrap(), None);
    tx.put_block(ada, bo, "loud", Some(at(1)), UserRev(1))
        .await
        .unwrap();
    tx.put_block(ada, cy, "", Some(at(2)), UserRev(2))
        .await
        .unwrap();
    let names = |rows: Vec<erc_server::store::BlockRow>| -> Vec<String> {
        rows.into_iter().map(|row| row.username).collect()
    };
    assert_eq!(names(tx.blocks(ada, 9).await.unwrap()), ["cy", "bo"]);
    assert_eq!(names(tx.blocks(ada, 1).await.unwrap()), ["cy"]);
    let row = tx.block(ada, bo).await.unwrap().unwrap();
    assert_eq!(row.reason, "loud");
    assert_eq!(row.blocked_at, Some(at(1).0));
    let asked = [(ada, bo), (bo, ada), (ada, cy)];
    let mut holding = tx.blocking(&asked).await.unwrap();
    holding.sort_unstable();
    assert_eq!(holding, [(ada, bo), (ada, cy)]);
    assert_eq!(tx.blocking(&[]).await.unwrap(), []);

    tx.put_block(ada, bo, "", None, UserRev(3)).await.unwrap();
    assert_eq!(tx.blocking(&asked).await.unwrap(), [(ada, cy)]);
    assert_eq!(names(tx.blocks(ada, 9).await.unwrap()), ["cy"]);
    let told = |rows: Vec<erc_server::store::BlockRow>| -> Vec<(String, bool)> {
        let one = |row: erc_server::store::BlockRow| (row.username, row.blocked_at.is_some());
        rows.into_iter().map(one).collect()
    };
    let all = tx.blocks_changed(ada, UserRev(1)).await.unwrap();
    assert_eq!(
        told(all),
        [("cy".to_owned(), true), ("bo".to_owned(), false)]
    );
    assert_eq!(tx.blocks_changed(ada, UserRev(3)).await.unwrap(), []);
    has_changed_at(&mut tx, ada, UserRev(3), |has| has.blocks).await;
}

async fn who_is_blocked_by_another_member_is_shut_out(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    for user in [ada, bo] {
        enter(&mut tx, room, user).await;
    }
    let both = [(room, ada), (room, bo)];
    assert_eq!(tx.shut_out(&both).await.unwrap(), []);
    assert_eq!(tx.shut_out(&[]).await.unwrap(), []);
    tx.put_block(ada, bo, "", Some(at(1)), UserRev(1))
        .await
        .unwrap();
    assert_eq!(tx.shut_out(&both).await.unwrap(), [(room, bo)]);
    tx.put_block(ada, bo, "", None, UserRev(2)).await.unwrap();
    assert_eq!(tx.shut_out(&both).await.unwrap(), []);
}

async fn a_blanked_account_has_no_name_and_nothing_of_its_own(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    tx.set_password(ada, "hash").await.unwrap();
    tx.put_block(ada, bo, "", Some(at(1)), UserRev(1))
        .await
        .unwrap();
    for owner in [ada, bo] {
        tx.set_server_role(owner, ServerRole::Owner).await.unwrap();
    }
    assert_eq!(tx.count_other_owners(ada).await.unwrap(), 1);
    tx.set_deactivated(bo, Some(at(2))).await.unwrap();
    assert_eq!(tx.count_other_owners(ada).await.unwrap(), 0);
    let resting = tx.user(bo).await.unwrap().unwrap();
    assert_eq!(resting.deactivated_at, Some(at(2).0));
    assert!(tx.find_users("bo", 9).await.unwrap().is_empty());
    tx.set_deactivated(bo, None).await.unwrap();
    assert_eq!(tx.find_users("bo", 9).await.unwrap().len(), 1);

    tx.blank_user(ada, at(5)).await.unwrap();
    tx.set_last_seen(ada, at(6)).await.unwrap();
    let row = tx.user(ada).await.unwrap().unwrap();
    assert_eq!(row.display_name, "deleted user");
    assert!(erc_protocol::validate::username(&row.username).is_err());
    assert_eq!((row.password_hash, row.role), (None, ServerRole::Guest));
    assert_eq!((row.erased_at, row.last_seen_at), (Some(at(5).0), None));
    assert_eq!(tx.blocks(ada, 9).await.unwrap(), []);
    assert!(
        tx.find_users("", 9)
            .await
            .unwrap()
            .iter()
            .all(|u| u.id != ada)
    );
    assert!(tx.user_by_name("ada").await.unwrap().is_none());
}

async fn what_an_erased_user_left_is_found_in_pieces(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let first = new_room(&mut tx, ada, 1).await.id;
    let second = new_room(&mut tx, ada, 2).await.id;
    for room in [first, second] {
        enter(&mut tx, room, ada).await;
    }
    assert_eq!(tx.rooms_ever(ada, 0, 9).await.unwrap(), [first, second]);
    assert_eq!(tx.rooms_ever(ada, 0, 1).await.unwrap(), [first]);
    assert_eq!(tx.rooms_ever(ada, first.0, 9).await.unwrap(), [second]);
    assert_eq!(tx.rooms_ever(bo, 0, 9).await.unwrap(), []);
    tx.set_read(first, ada, erc_protocol::Seq(0), UserRev(1), at(1))
        .await
        .unwrap();
    tx.forget_marks(first, ada).await.unwrap();
    let receipt = tx.receipt(first, ada).await.unwrap().unwrap();
    assert_eq!((receipt.read_at, receipt.delivered_at), (None, None));

    let new = [
        message(first, ada, 11, 1),
        message(first, bo, 12, 2),
        message(second, ada, 10, 1),
    ];
    tx.insert_messages(&new).await.unwrap();
    let ids = |n: usize| new[n].message.message_id;
    let by = tx.sent_by(ada, None, 9).await.unwrap();
    assert_eq!(
        by,
        [
            (second, ids(2), client_id(10)),
            (first, ids(0), client_id(11))
        ]
    );
    let after = Some(client_id(10).0);
    assert_eq!(tx.sent_by(ada, after, 9).await.unwrap(), by[1..]);
    assert_eq!(tx.sent_by(ada, None, 1).await.unwrap(), by[..1]);

    tx.set_reaction(ids(1), ada, "👍", Some((Rev(9), at(3))))
        .await
        .unwrap();
    tx.set_reaction(ids(1), ada, "🎉", Some((Rev(10), at(3))))
        .await
        .unwrap();
    assert_eq!(tx.reacted_by(ada, 9).await.unwrap(), [(first, ids(1))]);
    tx.drop_reactions(ids(1), ada).await.unwrap();
    assert_eq!(tx.reacted_by(ada, 9).await.unwrap(), []);

    let origin = Forwarded {
        sender_id: ada,
        sender_name: "ADA".into(),
        created_at: Timestamp(1),
    };
    tx.write_forwarded(ids(1), &origin, Rev(11)).await.unwrap();
    assert_eq!(
        tx.forwarded_from(ada, 0, 9).await.unwrap(),
        [(first, ids(1))]
    );
    assert_eq!(tx.forwarded_from(ada, ids(1).0, 9).await.unwrap(), []);
    assert_eq!(tx.forwarded_from(bo, 0, 9).await.unwrap(), []);

    let mut row = ErasureRow {
        user_id: ada,
        keeps_messages: false,
        asked_at: at(5),
        phase: Phase::Rooms,
        after_id: 0,
        after_name: None,
        done_at: None,
    };
    assert_eq!(tx.open_erasure().await.unwrap(), None);
    tx.put_erasure(&row).await.unwrap();
    assert_eq!(tx.open_erasure().await.unwrap(), Some(row));
    for phase in [Phase::Reactions, Phase::Forwards, Phase::Messages] {
        row.phase = phase;
        row.after_id = 3;
        row.after_name = Some(client_id(7).0);
        tx.put_erasure(&row).await.unwrap();
        assert_eq!(tx.erasure(ada).await.unwrap(), Some(row));
    }
    row.done_at = Some(at(9).0);
    tx.put_erasure(&row).await.unwrap();
    assert_eq!(tx.open_erasure().await.unwrap(), None);
    assert_eq!(tx.erasure(bo).await.unwrap(), None);
}

#[expect(clippy::too_many_lines, reason = "the life of a report")]
async fn reports_are_kept_counted_and_told(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    enter(&mut tx, room, bo).await;
    let mut place = enter(&mut tx, room, ada).await;
    place.role = RoomRole::Owner;
    tx.put_place(&place).await.unwrap();
    let mut row = ReportRow {
        id: ReportId(client_id(1).0),
        reporter_id: ada,
        reporter_name: "ADA".into(),
        user_id: bo,
        user_name: "BO".into(),
        room_id: Some(room.0),
        room_name: Some("room 1".into()),
        message_id: Some(7),
        kind: ReportKind::Spam,
        words: "look".into(),
        context: "[]".into(),
        state: ReportState::Open,
        taken_by: None,
        taken_by_name: None,
        outcome: None,
        note: String::new(),
        created_at: at(5),
        changed_at: at(5),
        user_rev: UserRev(3),
    };
    tx.put_report(&row).await.unwrap();
    assert_eq!(tx.report(row.id).await.unwrap().as_ref(), Some(&row));
    // Ada owns the room; who is reported sees nothing, not even with the whole server to look after.
    let cy = new_user(&mut tx, "cy").await.id;
    enter(&mut tx, room, cy).await;
    for (user, all, count) in [
        (ada, false, 1),
        (bo, false, 0),
        (bo, true, 0),
        (cy, false, 0),
        (cy, true, 1),
    ] {
        let open = tx.open_reports(user, all, 9).await.unwrap();
        assert_eq!(open, vec![row.clone(); count], "{user} {all}");
        let counted = tx.count_open_reports(user, all).await.unwrap();
        assert_eq!(counted, vec![(Some(room), 1); count], "{user} {all}");
    }
    assert_eq!(tx.open_reports(cy, true, 0).await.unwrap(), []);
    assert_eq!(tx.closed_reports(ada, false, 9).await.unwrap(), []);
    let same = tx.open_report(ada, bo, Some(MessageId(7))).await.unwrap();
    assert_eq!(same.as_ref(), Some(&row));
    assert_eq!(tx.open_report(ada, bo, None).await.unwrap(), None);
    assert!(tx.open_report_in(ada, bo, room).await.unwrap());
    assert!(!tx.open_report_in(bo, ada, room).await.unwrap());
    assert_eq!(tx.count_reports_by(ada, at(4)).await.unwrap(), 1);
    assert_eq!(tx.count_reports_by(ada, at(5)).await.unwrap(), 0);
    assert_eq!(tx.reports_quoting(bo, None, 9).await.unwrap(), []);
    let context = r#"[{"sender_id":2,"content":"x"}]"#.replace('2', &bo.to_string());
    tx.write_report_context(row.id, &context).await.unwrap();
    row.context.clone_from(&context);
    let quoting = tx.reports_quoting(bo, None, 9).await.unwrap();
    assert_eq!(quoting, [(row.id, context)]);
    let after = Some(row.id.0);
    assert_eq!(tx.reports_quoting(bo, after, 9).await.unwrap(), []);
    assert_eq!(tx.reports_changed(ada, UserRev(2)).await.unwrap().len(), 1);
    assert_eq!(tx.reports_changed(ada, UserRev(3)).await.unwrap(), []);
    has_changed_at(&mut tx, ada, UserRev(3), |has| has.reports).await;
    let waits = async |tx: &mut erc_server::store::Tx| {
        let has = tx.own_changes(bo, UserRev(0)).await.unwrap();
        has.reports_wait
    };
    assert!(waits(&mut tx).await, "whoever it is of");
    row.state = ReportState::Closed;
    row.taken_by = Some(bo.0);
    row.taken_by_name = Some("BO".into());
    row.outcome = Some("warned".into());
    tx.put_report(&row).await.unwrap();
    assert_eq!(
        tx.closed_reports(ada, false, 9).await.unwrap(),
        [row.clone()]
    );
    assert_eq!(tx.closed_reports(bo, true, 9).await.unwrap(), []);
    assert_eq!(tx.open_reports(ada, true, 9).await.unwrap(), []);
    assert!(!waits(&mut tx).await);
    assert_eq!(tx.count_open_reports(ada, true).await.unwrap(), []);
    assert_eq!(
        tx.open_report(ada, bo, Some(MessageId(7))).await.unwrap(),
        None
    );

    assert_eq!(tx.server_moderators().await.unwrap(), []);
    tx.set_server_role(bo, ServerRole::Moderator).await.unwrap();
    assert_eq!(tx.server_moderators().await.unwrap(), [bo]);
    assert_eq!(tx.room_moderators(room).await.unwrap(), [ada]);
    let mut place = tx.place(room, bo).await.unwrap().unwrap();
    place.role = RoomRole::Moderator;
    tx.put_place(&place).await.unwrap();
    assert_eq!(tx.room_moderators(room).await.unwrap(), [ada, bo]);

    // With its room it is not gone, and then it is for those of the server.
    tx.delete_room(room, at(9)).await.unwrap();
    let left = tx.closed_reports(ada, true, 9).await.unwrap();
    assert_eq!((left[0].id, left[0].room_id), (row.id, None));
    assert_eq!(tx.closed_reports(ada, false, 9).await.unwrap(), []);
    // Of somebody who is erased no word is left.
    tx.blank_user(ada, at(10)).await.unwrap();
    assert_eq!(tx.report(row.id).await.unwrap().unwrap().words, "");
}

async fn lines_of_the_log_are_found_by_what_is_asked(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let lines = [
        (1, "member.ban", Some(room), Some(bo)),
        (2, "members.other", Some(room), None),
        (3, "user.role", None, Some(bo)),
    ];
    for (number, action, room, user) in lines {
        let line = AuditLine {
            id: client_id(number).0,
            actor: (number < 3).then_some(ada),
            action,
            room,
            user,
            details: "{}".into(),
        };
        tx.add_audit(&line, at(1)).await.unwrap();
    }
    let wanted = AuditWanted::default();
    let all = tx.audit_page(&wanted, 9).await.unwrap();
    let words = |rows: &[erc_server::store::AuditRow]| -> Vec<String> {
        rows.iter().map(|row| row.action.clone()).collect()
    };
    assert_eq!(words(&all), ["user.role", "members.other", "member.ban"]);
    assert_eq!(
        (all[0].actor_name.as_deref(), all[2].actor_name.as_deref()),
        (None, Some("ADA"))
    );
    assert_eq!(
        words(&tx.audit_page(&wanted, 1).await.unwrap()),
        ["user.role"]
    );
    let of = [
        (
            AuditWanted {
                room: Some(room),
                ..AuditWanted::default()
            },
            2,
        ),
        (
            AuditWanted {
                before: Some(all[1].id),
                ..AuditWanted::default()
            },
            1,
        ),
        (
            AuditWanted {
                action: Some("member".into()),
                ..AuditWanted::default()
            },
            1,
        ),
        (
            AuditWanted {
                action: Some("user.role".into()),
                ..AuditWanted::default()
            },
            1,
        ),
        (
            AuditWanted {
                actor: Some(ada),
                ..AuditWanted::default()
            },
            2,
        ),
        (
            AuditWanted {
                user: Some(bo),
                ..AuditWanted::default()
            },
            2,
        ),
    ];
    for (wanted, count) in of {
        let found = tx.audit_page(&wanted, 9).await.unwrap();
        assert_eq!(found.len(), count, "{wanted:?}");
    }
}

async fn the_doors_are_closed_until_then(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    assert_eq!(tx.raid(at(0)).await.unwrap(), None);
    tx.start_raid(Some(ada), at(9), at(1)).await.unwrap();
    assert_eq!(tx.raid(at(8)).await.unwrap(), Some(at(9)));
    assert_eq!(tx.next_raid_end().await.unwrap(), Some(at(9)));
    assert_eq!(tx.raid(at(9)).await.unwrap(), None);
    tx.start_raid(None, at(20), at(2)).await.unwrap();
    assert_eq!(tx.raid(at(9)).await.unwrap(), Some(at(20)));
    tx.stop_raid().await.unwrap();
    assert_eq!(tx.raid(at(9)).await.unwrap(), None);
    assert_eq!(tx.next_raid_end().await.unwrap(), None);
}
