//! One transaction on either database.

use sqlx::{Postgres, Sqlite, Transaction};

use super::Result;

/// A transaction; dropped without [`Tx::commit`], it never happened.
pub enum Tx {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl std::fmt::Debug for Tx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Tx::Sqlite",
            Self::Postgres(_) => "Tx::Postgres",
        })
    }
}

/// Runs the same expression on the connection of either database; `$conn` is its executor. Each
/// arm is compiled on its own with concrete types, so no generic bounds are needed.
macro_rules! on {
    ($tx:expr, |$conn:ident| $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $conn = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}
pub(super) use on;

impl Tx {
    /// Makes everything durable.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Begins a part that can be undone alone.
    pub async fn savepoint(&mut self) -> Result<()> {
        on!(self, |conn| sqlx::query("SAVEPOINT part")
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keeps what was done since the savepoint.
    pub async fn release(&mut self) -> Result<()> {
        on!(self, |conn| sqlx::query("RELEASE SAVEPOINT part")
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Undoes what was done since the savepoint.
    pub async fn undo(&mut self) -> Result<()> {
        on!(self, |conn| sqlx::query("ROLLBACK TO SAVEPOINT part")
            .execute(conn)
            .await
            .map(|_| ()))?;
        self.release().await
    }
}
