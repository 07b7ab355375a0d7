//! The two folders of migrations, held against each other: what they are called and what they make.
//! The index of messages (`search_…`) is another one on each system, and not looked at.

use std::collections::BTreeSet;
use std::path::Path;

use erc_server::store::{Db, Tx};

use super::database::{System, with_db};

fn files(system: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(system);
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn both_folders_have_the_same_numbers_and_names() {
    let sqlite = files("sqlite");
    assert_eq!(sqlite, files("postgres"));
    let numbers: Vec<u32> = sqlite
        .iter()
        .map(|name| name[..4].parse().unwrap())
        .collect();
    let distinct: BTreeSet<u32> = numbers.iter().copied().collect();
    assert_eq!(
        distinct.len(),
        numbers.len(),
        "each number once: {numbers:?}"
    );
}

/// What a schema says, as lines that are alike on both systems.
type Facts = BTreeSet<String>;

/// The types that stand for each other.
fn kind(system: System, declared: &str) -> &str {
    match (system, declared) {
        (System::Sqlite, "INTEGER") | (System::Postgres, "bigint" | "boolean") => "number",
        (System::Sqlite, "BLOB") | (System::Postgres, "bytea" | "uuid") => "bytes",
        (System::Sqlite, "TEXT") | (System::Postgres, "text") => "text",
        (_, other) => panic!("{other} is a type of neither"),
    }
}

const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' \
                      AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations' \
                      AND name NOT LIKE 'search!_%' ESCAPE '!'";
const COLUMNS: &str =
    "SELECT name, type, \"notnull\" = 1 OR pk > 0, dflt_value FROM pragma_table_info($1)";
const INDEXES: &str = "SELECT l.\"unique\" = 1, l.origin, \
                       (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) \
                       ORDER BY seqno)) FROM pragma_index_list($1) l";
const ROWID_KEY: &str = "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk";
const REFERENCES: &str = "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list($1)";

async fn sqlite_facts(db: &Db) -> Facts {
    let mut facts = Facts::new();
    let Tx::Sqlite(mut tx) = db.snapshot().await.unwrap() else {
        panic!("not SQLite");
    };
    let tables: Vec<String> = sqlx::query_scalar(TABLES)
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    for table in tables {
        let columns: Vec<(String, String, bool, Option<String>)> = sqlx::query_as(COLUMNS)
            .bind(&table)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        for (name, declared, required, default) in columns {
            let kind = kind(System::Sqlite, &declared);
            facts.insert(format!(
                "{table}.{name} {kind} required={required} default={default:?}"
            ));
        }
        let key: Vec<String> = sqlx::query_scalar(ROWID_KEY)
            .bind(&table)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        facts.insert(format!("{table} key {}", key.join(",")));
        let indexes: Vec<(bool, String, String)> = sqlx::query_as(INDEXES)
            .bind(&table)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        for (unique, origin, columns) in indexes {
            if origin != "pk" {
                facts.insert(format!("{table} index {columns} unique={unique}"));
            }
        }
        let references: Vec<(String, String, String)> = sqlx::query_as(REFERENCES)
            .bind(&table)
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        for (from, other, to) in references {
            facts.insert(format!("{table}.{from} references {other}.{to}"));
        }
    }
    facts
}

const PG_COLUMNS: &str = "SELECT table_name::text, column_name::text, data_type::text, \
                          is_nullable = 'NO', column_default::text FROM information_schema.columns \
                          WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations' \
                          AND table_name NOT LIKE 'search!_%' ESCAPE '!'";
const PG_INDEXES: &str = "SELECT t.relname::text, i.indisunique, i.indisprimary, \
    (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(i.indkey) \
    WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attrelid = t.oid \
    AND a.attnum = k.number) FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
    JOIN pg_namespace n ON n.oid = t.relnamespace \
    WHERE n.nspname = 'public' AND t.relname <> '_sqlx_migrations' \
    AND t.relname NOT LIKE 'search!_%' ESCAPE '!'";
const PG_REFERENCES: &str = "SELECT t.relname::text, a.attname::text, o.relname::text, \
    b.attname::text FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
    JOIN pg_class o ON o.oid = c.confrelid \
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] \
    JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = c.confkey[1] WHERE c.contype = 'f' \
    AND t.relname NOT LIKE 'search!_%' ESCAPE '!'";

async fn postgres_facts(db: &Db) -> Facts {
    let mut facts = Facts::new();
    let Tx::Postgres(mut tx) = db.snapshot().await.unwrap() else {
        panic!("not PostgreSQL");
    };
    let columns: Vec<(String, String, String, bool, Option<String>)> = sqlx::query_as(PG_COLUMNS)
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    for (table, name, declared, required, default) in columns {
        let default = default.map(|text| match text.as_str() {
            // What SQLite has for it.
            "false" => "0".to_owned(),
            _ => text.trim_end_matches("::text").to_owned(),
        });
        let kind = kind(System::Postgres, &declared);
        facts.insert(format!(
            "{table}.{name} {kind} required={required} default={default:?}"
        ));
    }
    let indexes: Vec<(String, bool, bool, String)> = sqlx::query_as(PG_INDEXES)
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    for (table, unique, primary, columns) in indexes {
        facts.insert(if primary {
            format!("{table} key {columns}")
        } else {
            format!("{table} index {columns} unique={unique}")
        });
    }
    let references: Vec<(String, String, String, String)> = sqlx::query_as(PG_REFERENCES)
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    for (table, from, other, to) in references {
        facts.insert(format!("{table}.{from} references {other}.{to}"));
    }
    facts
}

#[tokio::test]
async fn both_make_the_same_tables_columns_keys_and_indexes() {
    with_db(System::Postgres, async |postgres| {
        let postgres = postgres_facts(postgres).await;
        with_db(System::Sqlite, async |sqlite| {
            let sqlite = sqlite_facts(sqlite).await;
            assert!(sqlite.len() > 60, "the facts are read: {sqlite:#?}");
            let differ: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
            assert!(differ.is_empty(), "only one of the two says: {differ:#?}");
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_table_of_sqlite_is_strict() {
    with_db(System::Sqlite, async |db| {
        let Tx::Sqlite(mut tx) = db.snapshot().await.unwrap() else {
            panic!("not SQLite");
        };
        let lax: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
             AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
        )
        .fetch_all(&mut *tx)
        .await
        .unwrap();
        assert!(lax.is_empty(), "{lax:?}");
    })
    .await;
}
