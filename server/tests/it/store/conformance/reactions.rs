//! `reactions`, pins, and what else hangs on a message.

use erc_protocol::message::{Forwarded, Pinned};
use erc_protocol::{Message, MessageId, Rev, RoomId, Seq, UserId, limit};
use erc_server::store::reactions::summary;
use erc_server::store::{Db, Tx};

use super::messages::message;
use super::{at, client_id, new_room, new_user};

conformance! { with_db =>
    reactions_come_in_the_order_in_which_they_were_given,
    a_row_names_the_first_and_counts_all,
    pins_are_told_from_a_place_on_the_latest_first,
    texts_are_kept_in_the_order_of_their_revisions,
    where_a_message_comes_from_is_kept,
    with_a_message_all_that_hangs_on_it_goes,
}

const ID: MessageId = MessageId(1);

/// A room with three messages of ada's, and ben.
async fn den(tx: &mut Tx) -> (RoomId, UserId, UserId) {
    let ada = new_user(tx, "ada").await.id;
    let ben = new_user(tx, "ben").await.id;
    let room = new_room(tx, ada, 1).await.id;
    let all: Vec<_> = (1..=3).map(|n| message(room, ada, n, n)).collect();
    tx.insert_messages(&all).await.unwrap();
    (room, ada, ben)
}

async fn row(tx: &mut Tx, id: MessageId) -> Message {
    tx.message(id).await.unwrap().unwrap().into()
}

async fn reactions_come_in_the_order_in_which_they_were_given(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (_, ada, ben) = den(&mut tx).await;
    // The clock may stand still; the order is that of the changes.
    for (user, emoji, rev) in [(ben, "🦀", 301), (ada, "👍", 302), (ada, "🦀", 303)] {
        let on = Some((Rev(rev), at(1)));
        tx.set_reaction(ID, user, emoji, on).await.unwrap();
        assert!(tx.has_reaction(ID, user, emoji).await.unwrap());
    }
    assert!(!tx.has_reaction(ID, ben, "👍").await.unwrap());
    assert!(!tx.has_reaction(MessageId(2), ada, "👍").await.unwrap());
    let all = tx.reactions(ID).await.unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|one| (one.display_name.as_str(), one.emoji.as_str(), one.at))
        .collect();
    assert_eq!(
        told,
        [
            ("BEN", "🦀", at(1)),
            ("ADA", "👍", at(1)),
            ("ADA", "🦀", at(1))
        ]
    );
    tx.set_reaction(ID, ben, "🦀", None).await.unwrap();
    let all = summary(&tx.reactions(ID).await.unwrap());
    tx.write_reactions(ID, &all, Rev(500)).await.unwrap();
    let row = row(&mut tx, ID).await;
    assert_eq!((row.rev, &row.reactions), (Rev(500), &all));
    assert_eq!(all[0].emoji, "👍");
    assert_eq!(all[1].users, [ada]);
}

async fn a_row_names_the_first_and_counts_all(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    den(&mut tx).await;
    let crowd = limit::REACTION_USERS + 2;
    for number in 0..crowd {
        let user = new_user(&mut tx, &format!("user{number}")).await.id;
        let on = Some((Rev(i64::try_from(number).unwrap()), at(1)));
        tx.set_reaction(ID, user, "👍", on).await.unwrap();
    }
    let all = summary(&tx.reactions(ID).await.unwrap());
    assert_eq!(all[0].count, i64::try_from(crowd).unwrap());
    assert_eq!(all[0].users.len(), limit::REACTION_USERS);
}

async fn pins_are_told_from_a_place_on_the_latest_first(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, _) = den(&mut tx).await;
    for (id, time) in [(1, 3), (2, 1), (3, 2)] {
        let pin = Some((ada, at(time)));
        tx.write_pin(MessageId(id), pin, Rev(600 + id))
            .await
            .unwrap();
    }
    let pinned = async |tx: &mut Tx, from| {
        let rows = tx.pinned(room, Seq(from)).await.unwrap();
        rows.iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!(pinned(&mut tx, 1).await, [1, 3, 2]);
    assert_eq!(pinned(&mut tx, 2).await, [3, 2]);
    assert_eq!(tx.count_pinned(room).await.unwrap(), 3);
    let row = row(&mut tx, ID).await;
    let pin = Pinned { by: ada, at: at(3) };
    assert_eq!((row.pinned, row.rev), (Some(pin), Rev(601)));
    tx.write_pin(ID, None, Rev(700)).await.unwrap();
    assert_eq!(pinned(&mut tx, 1).await, [3, 2]);
}

async fn texts_are_kept_in_the_order_of_their_revisions(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    den(&mut tx).await;
    assert_eq!(tx.count_edits(ID).await.unwrap(), 0);
    for (name, text, rev) in [(2, "two", 202), (1, "one", 201)] {
        let kept = tx.keep_edit(ID, client_id(name), text, Rev(rev), at(rev));
        kept.await.unwrap();
    }
    let told = tx.edits(ID).await.unwrap();
    assert_eq!(told, [("one".into(), at(201)), ("two".into(), at(202))]);
    assert_eq!(tx.count_edits(ID).await.unwrap(), 2);
}

async fn where_a_message_comes_from_is_kept(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, ben) = den(&mut tx).await;
    let mut new = message(room, ada, 4, 4);
    new.message.forwarded = Some(Forwarded {
        sender_id: ben,
        sender_name: "Ben \"B\"".into(),
        created_at: at(1),
    });
    let all = [new, message(room, ada, 5, 5)];
    tx.insert_messages(&all).await.unwrap();
    tx.dress_messages(&all).await.unwrap();
    for new in &all {
        let told = row(&mut tx, new.message.message_id).await.forwarded;
        assert_eq!(told, new.message.forwarded);
    }
}

async fn with_a_message_all_that_hangs_on_it_goes(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada, _) = den(&mut tx).await;
    let on = Some((Rev(400), at(1)));
    tx.set_reaction(ID, ada, "👍", on).await.unwrap();
    let all = summary(&tx.reactions(ID).await.unwrap());
    tx.write_reactions(ID, &all, Rev(500)).await.unwrap();
    tx.write_pin(ID, Some((ada, at(1))), Rev(501))
        .await
        .unwrap();
    tx.delete_message(ID, Rev(502), at(2)).await.unwrap();
    let row = row(&mut tx, ID).await;
    assert!(row.reactions.is_empty() && row.pinned.is_none() && row.forwarded.is_none());
    assert!(tx.reactions(ID).await.unwrap().is_empty());
    assert_eq!(tx.count_pinned(room).await.unwrap(), 0);
}
