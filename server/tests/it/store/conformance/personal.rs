//! What is held of one user: every section reads on both databases, and nothing is left out without
//! a reason.

use std::collections::{BTreeMap, BTreeSet};

use erc_protocol::{Rev, Timestamp, UserRev, limit};
use erc_server::ops::personal::{NOT_TOLD, SECTIONS};
use erc_server::store::polls::NewVote;
use erc_server::store::{Db, Tx};
use futures_util::TryStreamExt as _;

use super::messages::message;
use super::{at, enter, new_room, new_user};

conformance! { with_db =>
    a_user_has_their_rows_and_nobody_elses,
    the_next_time_is_kept,
    everything_that_knows_users_is_told_or_has_a_reason,
}

async fn a_user_has_their_rows_and_nobody_elses(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    let ben = new_user(&mut tx, "ben").await.id;
    let room = new_room(&mut tx, ada, 1).await.id;
    enter(&mut tx, room, ada).await;
    enter(&mut tx, room, ben).await;
    let all = [message(room, ada, 1, 1), message(room, ben, 2, 2)];
    tx.insert_messages(&all).await.unwrap();
    let every = u8::try_from(*limit::POLL_OPTIONS.end()).unwrap();
    let vote = NewVote {
        message: all[1].message.message_id,
        user: ada,
        options: (0..every).collect(),
        at: at(3),
        rev: Rev(3),
        user_rev: UserRev(3),
    };
    tx.put_vote(&vote).await.unwrap();
    let name = all[0].message.client_id;
    tx.keep_ballot(vote.message, ada, name, &[0, 2])
        .await
        .unwrap();
    let mut told = BTreeMap::new();
    for section in SECTIONS {
        let rows: Vec<_> = tx.personal(section, ada).try_collect().await.unwrap();
        told.insert(section.name, rows);
    }
    assert_eq!(told["account"][0]["username"], "ada");
    assert_eq!(told["messages"].len(), 1);
    let mine = &told["messages"][0];
    assert_eq!(mine["content"], "message 1");
    assert_eq!(mine["created_at"], at(1).to_string());
    assert_eq!(mine["client_id"], all[0].message.client_id.to_string());
    assert!(
        mine.get("edited_at").is_none(),
        "what is absent is left out"
    );
    assert_eq!(told["rooms"][0]["room_name"], "room 1");
    assert_eq!(told["rooms"][0]["marked_unread"], false);
    assert_eq!(told["votes"][0]["options"], " 0 1 2 3 4 5 6 7 8 9 10 11");
    assert_eq!(told["ballots"][0]["options"], " 0 2");
    assert_eq!(told["rooms_made"].len(), 1);
    assert!(told["bans"].is_empty());
}

async fn the_next_time_is_kept(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ada = new_user(&mut tx, "ada").await.id;
    assert_eq!(tx.personal_export(ada).await.unwrap(), None);
    for time in [at(5), Timestamp(7)] {
        tx.set_personal_export(ada, time).await.unwrap();
        assert_eq!(tx.personal_export(ada).await.unwrap(), Some(time));
    }
}

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' \
                      AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> '_sqlx_migrations' \
                      AND name NOT LIKE 'search!_grams%' ESCAPE '!'";
const COLUMNS: &str = "SELECT name FROM pragma_table_info($1)";
const USERS: &str = "SELECT \"from\" FROM pragma_foreign_key_list($1) WHERE \"table\" = 'users'";

/// Looks at SQLite's schema; that PostgreSQL's is the same is held elsewhere.
async fn everything_that_knows_users_is_told_or_has_a_reason(db: &Db) {
    let Tx::Sqlite(mut tx) = db.snapshot().await.unwrap() else {
        return;
    };
    let reasons: BTreeSet<&str> = NOT_TOLD.iter().map(|(what, _)| *what).collect();
    assert_eq!(reasons.len(), NOT_TOLD.len());
    // Content of users' that knows them by way of another table.
    let mut known: BTreeSet<String> = BTreeSet::from(["users".into(), "message_edits".into()]);
    let mut columns: BTreeSet<String> = BTreeSet::new();
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    for table in &tables {
        let names: Vec<String> = sqlx::query_scalar(COLUMNS)
            .bind(table)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        let refer: Vec<String> = sqlx::query_scalar(USERS)
            .bind(table)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        let looks_like_one = |name: &String| {
            name.ends_with("user_id") || name.ends_with("_by") || name.ends_with("sender_id")
        };
        if !refer.is_empty() || names.iter().any(looks_like_one) {
            known.insert(table.clone());
        }
        columns.extend(names.iter().map(|name| format!("{table}.{name}")));
    }
    assert!(known.len() > 12, "{known:?}");
    let told: BTreeSet<&str> = SECTIONS.iter().map(|section| section.table).collect();
    for table in &known {
        if !reasons.contains(table.as_str()) {
            assert!(
                told.contains(table.as_str()),
                "{table} knows users: tell it in ops/personal/sections.rs, or say there why not"
            );
        }
    }
    let mut read = BTreeSet::new();
    for section in SECTIONS {
        for (sql, ..) in section.columns {
            // Words of the expression, without the name of the table.
            for word in sql.split([' ', '(', ')']) {
                let column = word.rsplit('.').next().unwrap();
                read.insert(format!("{}.{column}", section.table));
            }
        }
    }
    for column in &columns {
        let table = column.split('.').next().unwrap();
        if told.contains(table) {
            assert!(
                read.contains(column) || reasons.contains(column.as_str()),
                "{column}: tell it in ops/personal/sections.rs, or say there why not"
            );
        }
    }
    for reason in reasons {
        let is_there = columns.contains(reason) || tables.iter().any(|table| table == reason);
        assert!(is_there, "{reason} is no more");
    }
}
