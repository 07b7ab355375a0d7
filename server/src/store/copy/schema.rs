//! Which tables there are, in an order in which rows may refer to rows. Without those of the index
//! of messages (`search_…`) and of the figures (`analytics_…`): they are made again from the messages.

use std::collections::{BTreeMap, BTreeSet};

use super::super::snapshot::SQLITE_TABLES;
use super::super::{Db, Result, Tx};
use super::CopyError;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Bool,
    Text,
    Bytes,
    Uuid,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Kind,
    in_key: bool,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    columns: Vec<Column>,
    /// Tables that its rows refer to.
    needs: BTreeSet<String>,
}

impl Table {
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.columns.iter().map(|column| column.kind)
    }

    pub(super) fn column_list(&self) -> String {
        let names: Vec<_> = self
            .columns
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        names.join(", ")
    }

    /// Its rows in the order of its key; texts bytewise, by this collation.
    pub(super) fn select(&self, collation: &str) -> String {
        let keys = self.columns.iter().filter(|column| column.in_key);
        let order: Vec<_> = keys
            .map(|column| {
                let name = quoted(&column.name);
                if column.kind == Kind::Text {
                    format!("{name} COLLATE {collation}")
                } else {
                    name
                }
            })
            .collect();
        let columns = self.column_list();
        format!(
            "SELECT {columns} FROM {} ORDER BY {}",
            self.name,
            order.join(", ")
        )
    }

    /// The key of a row of this table, for people.
    pub(super) fn key_of(&self, row: &[super::Value]) -> String {
        let parts = self
            .columns
            .iter()
            .zip(row)
            .filter(|(column, _)| column.in_key);
        let parts: Vec<_> = parts
            .map(|(column, value)| format!("{}={value:?}", column.name))
            .collect();
        parts.join(" ")
    }

    pub(super) fn column_name(&self, n: usize) -> &str {
        &self.columns[n].name
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// The tables of both, which must be the same; a table comes after those that it refers to.
pub(super) async fn tables(from: &Db, to: &Db) -> std::result::Result<Vec<Table>, CopyError> {
    let (sqlite, postgres) = match (from, to) {
        (Db::Sqlite { .. }, Db::Postgres(_)) => (from, to),
        (Db::Postgres(_), Db::Sqlite { .. }) => (to, from),
        (Db::Sqlite { .. }, Db::Sqlite { .. }) => {
            return Err(CopyError::Schema(
                "both are SQLite: with the server stopped, copy the file".into(),
            ));
        }
        (Db::Postgres(_), Db::Postgres(_)) => {
            return Err(CopyError::Schema(
                "both are PostgreSQL: use pg_dump and pg_restore".into(),
            ));
        }
    };
    if from.schema().await? != to.schema().await? {
        return Err(CopyError::Schema(format!(
            "the two are not of one version: of the source, {}; of the target, {}",
            from.schema().await?,
            to.schema().await?
        )));
    }
    let kinds = kinds(postgres).await?;
    let tables = read(sqlite, &kinds).await?;
    let there = tables
        .iter()
        .map(|table| table.columns.len())
        .sum::<usize>();
    if there != kinds.len() {
        return Err(CopyError::Schema(
            "the two databases don't have the same columns".into(),
        ));
    }
    Ok(in_order(tables))
}

type Kinds = BTreeMap<(String, String), String>;

async fn kinds(postgres: &Db) -> Result<Kinds> {
    const SQL: &str = "SELECT table_name::text, column_name::text, data_type::text \
                       FROM information_schema.columns WHERE table_schema = current_schema() \
                       AND table_name <> '_sqlx_migrations' \
                       AND table_name NOT LIKE 'search!_%' ESCAPE '!' \
                       AND table_name NOT LIKE 'analytics!_%' ESCAPE '!'";
    let Tx::Postgres(mut tx) = postgres.snapshot().await? else {
        return Ok(Kinds::new());
    };
    let rows: Vec<(String, String, String)> = sqlx::query_as(SQL).fetch_all(&mut *tx).await?;
    Ok(rows
        .into_iter()
        .map(|(table, column, kind)| ((table, column), kind))
        .collect())
}

async fn read(sqlite: &Db, kinds: &Kinds) -> std::result::Result<Vec<Table>, CopyError> {
    const COLUMNS: &str = "SELECT name, pk > 0 FROM pragma_table_info($1) ORDER BY cid";
    const NEEDS: &str = "SELECT \"table\" FROM pragma_foreign_key_list($1)";
    let Tx::Sqlite(mut tx) = sqlite.snapshot().await? else {
        return Ok(Vec::new());
    };
    let mut tables = Vec::new();
    let names: Vec<String> = sqlx::query_scalar(SQLITE_TABLES)
        .fetch_all(&mut *tx)
        .await?;
    for name in names {
        let rows: Vec<(String, bool)> = sqlx::query_as(COLUMNS)
            .bind(&name)
            .fetch_all(&mut *tx)
            .await?;
        let columns = rows.into_iter().map(|(column, in_key)| {
            let declared = kinds.get(&(name.clone(), column.clone()));
            Ok(Column {
                kind: kind(&name, &column, declared)?,
                name: column,
                in_key,
            })
        });
        let columns = columns.collect::<std::result::Result<_, CopyError>>()?;
        let needs: Vec<String> = sqlx::query_scalar(NEEDS)
            .bind(&name)
            .fetch_all(&mut *tx)
            .await?;
        let needs = needs.into_iter().filter(|other| *other != name).collect();
        tables.push(Table {
            name,
            columns,
            needs,
        });
    }
    Ok(tables)
}

fn kind(
    table: &str,
    column: &str,
    declared: Option<&String>,
) -> std::result::Result<Kind, CopyError> {
    match declared.map(String::as_str) {
        Some("bigint") => Ok(Kind::Int),
        Some("boolean") => Ok(Kind::Bool),
        Some("text") => Ok(Kind::Text),
        Some("bytea") => Ok(Kind::Bytes),
        Some("uuid") => Ok(Kind::Uuid),
        Some(other) => Err(CopyError::Schema(format!(
            "{table}.{column} is of type {other}, which is not known here"
        ))),
        None => Err(CopyError::Schema(format!(
            "{table}.{column} is not in PostgreSQL"
        ))),
    }
}

/// Those first that need nothing; the databases let no circle come into being.
fn in_order(mut rest: Vec<Table>) -> Vec<Table> {
    let mut done: Vec<Table> = Vec::new();
    while !rest.is_empty() {
        let is_ready = |table: &Table| {
            table
                .needs
                .iter()
                .all(|need| done.iter().any(|other| other.name == *need))
        };
        let next = rest.iter().position(is_ready).unwrap_or(0);
        done.push(rest.remove(next));
    }
    done
}
