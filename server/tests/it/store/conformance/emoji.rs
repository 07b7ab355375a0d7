//! `custom_emoji`.

use erc_protocol::{EmojiId, EmojiRev};
use erc_server::store::{Db, EmojiRow};

use super::{at, client_id, new_user};

conformance! { with_db =>
    emoji_are_found_by_name_by_picture_and_by_when_they_changed,
}

async fn emoji_are_found_by_name_by_picture_and_by_when_they_changed(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    assert_eq!(tx.emoji_rev().await.unwrap(), EmojiRev::ZERO);
    tx.lock_emoji().await.unwrap();
    let mut rows = Vec::new();
    for (number, name, blob) in [(1, "parrot", "aa"), (2, "owl", "aa"), (3, "crow", "bb")] {
        let rev = tx.next_emoji_rev().await.unwrap();
        assert_eq!(rev, EmojiRev(number));
        let row = EmojiRow {
            id: EmojiId(client_id(number.unsigned_abs().into()).0),
            name: name.into(),
            content_type: "image/png".into(),
            size: 100 + number,
            width: 64,
            height: 48,
            is_animated: number == 2,
            blob: blob.into(),
            created_by: (number != 3).then_some(ada.0),
            created_by_name: (number != 3).then(|| "ADA".to_owned()),
            created_at: at(number),
            removed_at: None,
            clearing_until: None,
            rev,
        };
        tx.put_emoji(&row).await.unwrap();
        rows.push(row);
    }
    assert_eq!(tx.emoji_rev().await.unwrap(), EmojiRev(3));
    assert_eq!(tx.emoji(rows[0].id).await.unwrap(), Some(rows[0].clone()));
    assert_eq!(tx.emoji_named("owl").await.unwrap(), Some(rows[1].clone()));
    assert_eq!(tx.emoji_named("raven").await.unwrap(), None);
    assert_eq!(tx.emoji_of_blob("aa").await.unwrap(), rows[..2]);
    let by_name = [rows[2].clone(), rows[1].clone(), rows[0].clone()];
    assert_eq!(tx.all_emoji().await.unwrap(), by_name);
    assert_eq!(tx.emoji_after(EmojiRev::ZERO).await.unwrap(), rows);
    assert_eq!(tx.emoji_after(EmojiRev(2)).await.unwrap(), rows[2..]);

    // Taken away: told to those who knew it, and to nobody else.
    let rev = tx.next_emoji_rev().await.unwrap();
    let gone = EmojiRow {
        removed_at: Some(at(9).0),
        clearing_until: Some(at(20).0),
        rev,
        ..rows[2].clone()
    };
    tx.put_emoji(&gone).await.unwrap();
    assert_eq!(tx.emoji_after(EmojiRev::ZERO).await.unwrap(), rows[..2]);
    assert_eq!(
        tx.emoji_after(EmojiRev(3)).await.unwrap(),
        std::slice::from_ref(&gone)
    );
    assert_eq!(tx.emoji_count().await.unwrap(), 2);
    assert_eq!(tx.all_emoji().await.unwrap().len(), 2);
    assert_eq!(tx.next_emoji_clearing().await.unwrap(), Some(at(20)));
    assert_eq!(tx.emoji_to_clear(at(19)).await.unwrap(), []);
    assert_eq!(
        tx.emoji_to_clear(at(20)).await.unwrap(),
        std::slice::from_ref(&gone)
    );

    // The name has another picture: another id, the same row.
    let again = EmojiRow {
        id: EmojiId(client_id(4).0),
        removed_at: None,
        clearing_until: None,
        rev: tx.next_emoji_rev().await.unwrap(),
        ..gone.clone()
    };
    tx.put_emoji(&again).await.unwrap();
    assert_eq!(tx.emoji(gone.id).await.unwrap(), None);
    assert_eq!(tx.emoji_named("crow").await.unwrap(), Some(again));
    assert_eq!(tx.next_emoji_clearing().await.unwrap(), None);
}
