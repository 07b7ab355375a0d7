//! `drafts`.

use erc_protocol::draft::Aside;
use erc_protocol::{MessageId, UserRev};
use erc_server::store::{Db, DraftRow, Texts};

use super::{at, client_id, enter, has_changed_at, new_room, new_user};

conformance! { with_db =>
    a_draft_comes_back_as_it_was_kept,
    only_drafts_that_are_left_are_listed_and_counted,
    drafts_are_told_by_the_owners_counter,
}

async fn a_draft_comes_back_as_it_was_kept(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    let other = new_room(&mut tx, ada, 2).await.id;
    let mut row = DraftRow {
        content: "héllo\n".into(),
        reply_to: Some(7),
        updated_at: at(5),
        user_rev: UserRev(3),
        ..DraftRow::none(ada, room, None)
    };
    row.call(client_id(1));
    tx.put_draft(&row).await.unwrap();
    assert_eq!(
        tx.draft((ada, room, None)).await.unwrap(),
        Some(row.clone())
    );
    assert_eq!(tx.draft((ada, other, None)).await.unwrap(), None);

    row.aside = Texts(vec![Aside {
        version: client_id(1),
        content: "\"hello\"".into(),
        at: at(5),
    }]);
    row.call(client_id(2));
    row.content = String::new();
    row.reply_to = None;
    tx.put_draft(&row).await.unwrap();
    let held = tx.draft((ada, room, None)).await.unwrap().unwrap();
    assert_eq!(held, row);
    assert!(held.was(client_id(1)) && held.was(client_id(2)) && !held.was(client_id(3)));

    // A thread has a composer of its own.
    let thread = Some(MessageId(9));
    let mut reply = DraftRow::none(ada, room, thread);
    reply.call(client_id(4));
    assert_eq!(tx.draft(reply.key()).await.unwrap(), None);
    tx.put_draft(&reply).await.unwrap();
    assert_eq!(tx.draft(reply.key()).await.unwrap(), Some(reply.clone()));
    assert_eq!(tx.draft(row.key()).await.unwrap(), Some(row.clone()));
    let keys = [(ada, room, None), (ada, room, thread), (ada, other, None)];
    assert_eq!(tx.drafts_of(&keys).await.unwrap(), [row, reply]);
}

async fn only_drafts_that_are_left_are_listed_and_counted(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let mut rows = Vec::new();
    for number in 1..=4_u8 {
        let room = new_room(&mut tx, ada, number.into()).await.id;
        if number != 4 {
            enter(&mut tx, room, ada).await;
        }
        let mut row = DraftRow {
            content: if number == 1 { "" } else { "text" }.into(),
            updated_at: at(number.into()),
            ..DraftRow::none(ada, room, None)
        };
        row.call(client_id(number.into()));
        tx.put_draft(&row).await.unwrap();
        rows.push(row);
    }
    let listed = tx.drafts(ada, 9).await.unwrap();
    assert_eq!(listed, [rows[2].clone(), rows[1].clone()]);
    assert_eq!(tx.drafts(ada, 1).await.unwrap().len(), 1);
    assert_eq!(tx.count_drafts(ada).await.unwrap(), 3);
}

async fn drafts_are_told_by_the_owners_counter(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let bo = new_user(&mut tx, "bo").await.id;
    for (number, user) in [(1, ada), (2, ada), (3, bo)] {
        let room = new_room(&mut tx, ada, number).await.id;
        let mut row = DraftRow {
            user_rev: UserRev(i64::try_from(number).unwrap()),
            ..DraftRow::none(user, room, None)
        };
        row.call(client_id(number));
        tx.put_draft(&row).await.unwrap();
    }
    let all = tx.drafts_changed(ada, UserRev(0)).await.unwrap();
    assert_eq!(all.len(), 2);
    let new = tx.drafts_changed(ada, UserRev(1)).await.unwrap();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].version, client_id(2));
    has_changed_at(&mut tx, ada, new[0].user_rev, |has| has.drafts).await;
}
