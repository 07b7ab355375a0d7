//! `attention`, and what `members` says of it.

use erc_protocol::attention::{QuietHours, QuietSpan, Weekday};
use erc_protocol::{Attention, Level, UserRev};
use erc_server::store::Db;

use super::{at, enter, has_changed_at, new_room, new_user};

conformance! { with_db =>
    what_rings_comes_back_as_it_was_kept,
}

async fn what_rings_comes_back_as_it_was_kept(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    assert_eq!(tx.attention(ada).await.unwrap(), None);
    let mut kept = Attention {
        keywords: vec!["déploy".into()],
        quiet_hours: QuietHours {
            time_zone: "Europe/Berlin".into(),
            spans: vec![QuietSpan {
                days: vec![Weekday::Monday],
                from: "22:00".into(),
                to: "07:00".into(),
            }],
        },
        who_writes: erc_protocol::request::WhoWrites::Acquainted,
        user_rev: UserRev(4),
    };
    tx.put_attention(ada, &kept).await.unwrap();
    assert_eq!(tx.attention(ada).await.unwrap(), Some(kept.clone()));
    kept.keywords.clear();
    kept.user_rev = UserRev(5);
    tx.put_attention(ada, &kept).await.unwrap();
    assert_eq!(tx.attention(ada).await.unwrap(), Some(kept));
    has_changed_at(&mut tx, ada, UserRev(5), |has| has.attention).await;

    let room = new_room(&mut tx, ada, 1).await.id;
    enter(&mut tx, room, ada).await;
    let place = tx.place(room, ada).await.unwrap().unwrap();
    assert_eq!((place.level, place.hushed_until), (Level::Usual, None));
    let until = Some(at(9));
    tx.set_level(room, ada, Level::Nothing, until, UserRev(6))
        .await
        .unwrap();
    let place = tx.place(room, ada).await.unwrap().unwrap();
    assert_eq!(place.level, Level::Nothing);
    assert_eq!(place.hushed_until, until.map(|at| at.0));
    assert_eq!(place.user_rev, UserRev(6));
    // Coming again leaves it as it was.
    tx.put_place(&place).await.unwrap();
    let again = tx.place(room, ada).await.unwrap().unwrap();
    assert_eq!(again.level, Level::Nothing);
}
