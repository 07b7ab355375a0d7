//! One value, whichever database it came from.

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::super::{Result, Tx};
use super::schema::{Kind, Table};

/// With its type also where it is null, because PostgreSQL asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Int(Option<i64>),
    Bool(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Uuid(Option<Uuid>),
}

impl Value {
    /// Adds it to a digest, so that no two lists of values are alike.
    pub(super) fn digest(&self, hash: &mut Sha256) {
        let mut add = |bytes: Option<&[u8]>| match bytes {
            None => hash.update([0]),
            Some(bytes) => {
                hash.update([1]);
                hash.update((bytes.len() as u64).to_be_bytes());
                hash.update(bytes);
            }
        };
        match self {
            Self::Int(value) => add(value.map(i64::to_be_bytes).as_ref().map(|bytes| &bytes[..])),
            Self::Bool(value) => add(value
                .map(|is| [u8::from(is)])
                .as_ref()
                .map(|bytes| &bytes[..])),
            Self::Text(value) => add(value.as_deref().map(str::as_bytes)),
            Self::Bytes(value) => add(value.as_deref()),
            Self::Uuid(value) => add(value.as_ref().map(|id| &id.as_bytes()[..])),
        }
    }
}

/// The rows of a table in the order of its key.
pub(super) fn rows<'t>(tx: &'t mut Tx, table: &'t Table) -> BoxStream<'t, Result<Vec<Value>>> {
    match tx {
        Tx::Sqlite(tx) => sqlx::query(AssertSqlSafe(table.select("BINARY")))
            .fetch(&mut **tx)
            .map(|row| of_sqlite(&row?, table))
            .boxed(),
        Tx::Postgres(tx) => sqlx::query(AssertSqlSafe(table.select("\"C\"")))
            .fetch(&mut **tx)
            .map(|row| of_postgres(&row?, table))
            .boxed(),
    }
}

fn of_sqlite(row: &SqliteRow, table: &Table) -> Result<Vec<Value>> {
    let value = |(n, kind): (usize, Kind)| {
        sqlx::Result::Ok(match kind {
            Kind::Int => Value::Int(row.try_get(n)?),
            Kind::Bool => Value::Bool(row.try_get(n)?),
            Kind::Text => Value::Text(row.try_get(n)?),
            Kind::Bytes => Value::Bytes(row.try_get(n)?),
            Kind::Uuid => Value::Uuid(row.try_get(n)?),
        })
    };
    Ok(table
        .kinds()
        .enumerate()
        .map(value)
        .collect::<sqlx::Result<_>>()?)
}

fn of_postgres(row: &PgRow, table: &Table) -> Result<Vec<Value>> {
    let value = |(n, kind): (usize, Kind)| {
        sqlx::Result::Ok(match kind {
            Kind::Int => Value::Int(row.try_get(n)?),
            Kind::Bool => Value::Bool(row.try_get(n)?),
            Kind::Text => Value::Text(row.try_get(n)?),
            Kind::Bytes => Value::Bytes(row.try_get(n)?),
            Kind::Uuid => Value::Uuid(row.try_get(n)?),
        })
    };
    Ok(table
        .kinds()
        .enumerate()
        .map(value)
        .collect::<sqlx::Result<_>>()?)
}
