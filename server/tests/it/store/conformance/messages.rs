//! `messages` and `message_edits`.

use erc_protocol::{Message, MessageId, MessageType, Rev, RoomId, Seq, UserId};
use erc_server::store::{Db, MessageRow, NewMessage, Tx};

use super::{at, client_id, new_room, new_user};

conformance! { with_db =>
    a_message_keeps_all_that_was_given,
    a_place_and_a_client_id_are_taken_once,
    pages_go_both_ways_and_keep_to_what_is_visible,
    changed_messages_come_by_revision_without_what_is_skipped,
    unread_is_what_others_said_and_did_not_delete,
    an_edit_is_kept_under_its_name,
    a_deleted_message_leaves_a_tombstone_only,
}

/// A message whose id, name and revision follow from its number; `seq` is its place.
pub(super) fn message(room: RoomId, sender: UserId, number: i64, seq: i64) -> NewMessage {
    NewMessage {
        message: Message {
            message_id: MessageId(number),
            chat_room_id: room,
            sender_id: sender,
            sender_name: String::new(),
            content: format!("message {number}"),
            message_type: MessageType::Text,
            created_at: at(number),
            seq: Seq(seq),
            rev: Rev(number + 100),
            client_id: client_id(u128::try_from(number).unwrap()),
            reply_to: None,
            thread_id: None,
            also_in_room: false,
            thread: None,
            deleted_rev: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            pinned: None,
            poll: None,
            forwarded: None,
            expiry: None,
            edited_at: None,
            deleted_at: None,
        },
        fingerprint: vec![7; 16],
    }
}

fn places(rows: &[MessageRow]) -> Vec<i64> {
    rows.iter().map(|row| row.seq.0).collect()
}

/// A room with messages 1 to `count` in places 1 to `count`, by one sender.
async fn filled(tx: &mut Tx, count: i64) -> (RoomId, UserId) {
    let ada = new_user(tx, "ada").await.id;
    let room = new_room(tx, ada, 1).await.id;
    let all: Vec<_> = (1..=count).map(|n| message(room, ada, n, n)).collect();
    assert_eq!(tx.insert_messages(&all).await.unwrap(), all.len() as u64);
    (room, ada)
}

async fn a_message_keeps_all_that_was_given(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada) = filled(&mut tx, 1).await;
    let mut new = message(room, ada, 2, 2);
    new.message.content = "tab\tline\n🦀 'quote' \u{202e}".into();
    new.message.message_type = MessageType::Other("later".into());
    new.message.reply_to = Some(MessageId(1));
    tx.insert_messages(std::slice::from_ref(&new))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.snapshot().await.unwrap();
    let read = Message::from(tx.message(MessageId(2)).await.unwrap().unwrap());
    let expected = Message {
        sender_name: "ADA".into(),
        ..new.message
    };
    assert_eq!(read, expected);
    assert!(tx.message(MessageId(3)).await.unwrap().is_none());
}

async fn a_place_and_a_client_id_are_taken_once(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada) = filled(&mut tx, 2).await;
    let same_place = message(room, ada, 3, 2);
    let mut same_name = message(room, ada, 4, 3);
    same_name.message.client_id = client_id(1);
    for twin in [same_place, same_name] {
        // As many rows as a statement has, and fewer; wherever the twin stands, and whether it or
        // another fills the statement up.
        for (before, behind, content) in [(1, 0, "x"), (2, 2, "longer than the others"), (5, 0, "")]
        {
            let new = |number| message(room, ada, number, number);
            let mut all: Vec<_> = (9..9 + before + behind).map(new).collect();
            let mut twin = twin.clone();
            twin.message.content = content.to_owned();
            all.insert(usize::try_from(before).unwrap(), twin);
            let added = tx.insert_messages(&all).await.unwrap();
            assert_eq!(added, all.len() as u64 - 1);
            assert!(tx.message(MessageId(9)).await.unwrap().is_some());
            tx.take_back_messages(&all).await.unwrap();
        }
    }
    assert_eq!(tx.insert_messages(&[]).await.unwrap(), 0);
    assert!(tx.message(MessageId(9)).await.unwrap().is_none());
}

async fn pages_go_both_ways_and_keep_to_what_is_visible(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada) = filled(&mut tx, 9).await;
    let other = new_room(&mut tx, ada, 2).await.id;
    tx.insert_messages(&[message(other, ada, 20, 5)])
        .await
        .unwrap();
    for (first, before, limit, expected) in [
        (1, 100, 3, vec![7, 8, 9]),
        (1, 4, 10, vec![1, 2, 3]),
        (3, 6, 10, vec![3, 4, 5]),
        (9, 9, 10, vec![]),
    ] {
        let rows = tx
            .messages_before(room, Seq(first), Seq(before), limit)
            .await
            .unwrap();
        assert_eq!(places(&rows), expected);
    }
    for (first, after, limit, expected) in [
        (1, 0, 3, vec![1, 2, 3]),
        (1, 7, 10, vec![8, 9]),
        (5, 2, 2, vec![5, 6]),
        (1, 9, 10, vec![]),
    ] {
        let rows = tx
            .messages_after(room, Seq(first), Seq(after), limit)
            .await
            .unwrap();
        assert_eq!(places(&rows), expected);
    }
}

async fn changed_messages_come_by_revision_without_what_is_skipped(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, _) = filled(&mut tx, 9).await; // revisions 101 to 109
    let edited = MessageId(2);
    tx.edit_message(edited, client_id(90), "edited", Rev(110), at(50))
        .await
        .unwrap();
    for (rev, first, (from, to), limit, expected) in [
        (0, 1, (0, 0), 100, vec![1, 3, 4, 5, 6, 7, 8, 9, 2]),
        (107, 1, (0, 0), 100, vec![8, 9, 2]),
        (107, 3, (0, 0), 100, vec![8, 9]),
        (104, 1, (6, 8), 100, vec![5, 9, 2]),
        (0, 1, (0, 0), 2, vec![1, 3]),
        (110, 1, (0, 0), 100, vec![]),
    ] {
        let rows = tx
            .messages_changed(room, Rev(rev), Seq(first), Seq(from)..=Seq(to), limit)
            .await
            .unwrap();
        assert_eq!(places(&rows), expected);
    }
}

async fn unread_is_what_others_said_and_did_not_delete(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (room, ada) = filled(&mut tx, 4).await;
    let ben = new_user(&mut tx, "ben").await.id;
    tx.insert_messages(&[message(room, ben, 5, 5)])
        .await
        .unwrap();
    tx.delete_message(MessageId(3), Rev(200), at(60))
        .await
        .unwrap();
    let now = (Seq(5), Rev(200));
    for (user, after, expected) in [(ben, 0, 3), (ben, 2, 1), (ada, 0, 1), (ada, 5, 0)] {
        let after = Seq(after);
        let count = tx.count_unread(room, user, after, now).await.unwrap();
        assert_eq!(count, expected, "of user {user} after {after}");
    }
    // Before the deletion, and before the last message too.
    for (at, expected) in [((Seq(5), Rev(199)), 4), ((Seq(2), Rev(2)), 2)] {
        let count = tx.count_unread(room, ben, Seq(0), at).await.unwrap();
        assert_eq!(count, expected, "at {at:?}");
    }
}

async fn an_edit_is_kept_under_its_name(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    filled(&mut tx, 2).await;
    let id = MessageId(1);
    assert!(
        tx.edit_by_client_id(id, client_id(90))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(tx.text_rev(id).await.unwrap(), Rev::ZERO);
    tx.edit_message(id, client_id(90), "first", Rev(120), at(5))
        .await
        .unwrap();
    tx.edit_message(id, client_id(91), "second", Rev(121), at(6))
        .await
        .unwrap();
    assert_eq!(tx.text_rev(id).await.unwrap(), Rev(121));
    let row = tx.message(id).await.unwrap().unwrap();
    assert_eq!((row.content.as_str(), row.rev), ("second", Rev(121)));
    assert_eq!((row.edited_at, row.created_at), (Some(at(6).0), at(1)));
    for (name, text) in [(90, "first"), (91, "second")] {
        let known = tx.edit_by_client_id(id, client_id(name)).await.unwrap();
        assert_eq!(known.as_deref(), Some(text));
    }
    tx.keep_edit(id, client_id(92), "second", Rev(121), at(7))
        .await
        .unwrap();
    let kept = tx.edit_by_client_id(id, client_id(92)).await.unwrap();
    assert_eq!(kept.as_deref(), Some("second"));
    let unchanged = tx.message(id).await.unwrap().unwrap();
    assert_eq!(
        (unchanged.rev, unchanged.edited_at),
        (Rev(121), Some(at(6).0))
    );
    let elsewhere = tx
        .edit_by_client_id(MessageId(2), client_id(90))
        .await
        .unwrap();
    assert!(elsewhere.is_none(), "of another message");
    let untouched = tx.message(MessageId(2)).await.unwrap().unwrap();
    assert_eq!(
        (untouched.content.as_str(), untouched.edited_at),
        ("message 2", None)
    );
}

async fn a_deleted_message_leaves_a_tombstone_only(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let (_, ada) = filled(&mut tx, 1).await;
    let id = MessageId(1);
    tx.edit_message(id, client_id(90), "edited", Rev(120), at(5))
        .await
        .unwrap();
    tx.delete_message(id, Rev(121), at(6)).await.unwrap();
    let row = tx.message(id).await.unwrap().unwrap();
    assert_eq!((row.content.as_str(), row.rev), ("", Rev(121)));
    assert_eq!((row.edited_at, row.deleted_at), (None, Some(at(6).0)));
    assert_eq!(
        (row.sender_id, row.seq, row.created_at),
        (ada, Seq(1), at(1))
    );
    assert!(
        tx.edit_by_client_id(id, client_id(90))
            .await
            .unwrap()
            .is_none()
    );
}
