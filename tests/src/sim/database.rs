//! The database of a world: a file of `SQLite`, or one of `PostgreSQL`'s, made for the plan and
//! dropped after it.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::ids;

/// The `PostgreSQL` server that plans may use; plans that want one use `SQLite` without it.
pub const POSTGRES: &str = "ERC_TEST_POSTGRES_URL";
/// How long `SQLite`'s file stays locked by another program.
const LOCKED: Duration = Duration::from_millis(60);

#[derive(Debug)]
pub struct Database {
    pub url: String,
    /// Where it was made, and under which name.
    made: Option<(String, String)>,
}

impl Database {
    pub async fn make(folder: &Path, wants_postgres: bool) -> anyhow::Result<Self> {
        let server = std::env::var(POSTGRES).ok().filter(|_| wants_postgres);
        let Some(server) = server else {
            return Ok(Self {
                url: format!("sqlite:{}", folder.join("erc.db").display()),
                made: None,
            });
        };
        let name = format!("erc_sim_{}", ids::client_id().0.simple());
        administer(&server, format!("CREATE DATABASE {name}")).await?;
        let (start, _) = server
            .rsplit_once('/')
            .context("the server's URL names a database")?;
        Ok(Self {
            url: format!("{start}/{name}"),
            made: Some((server, name)),
        })
    }

    /// Whether it is `PostgreSQL`.
    pub fn is_postgres(&self) -> bool {
        self.made.is_some()
    }

    /// Every connection to it ends in the middle of whatever it did; of `SQLite`, that another
    /// program holds the file for a moment.
    pub async fn trouble(&self) -> anyhow::Result<()> {
        if let Some((server, name)) = &self.made {
            let ends = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            );
            return administer(server, ends).await;
        }
        let path = self.url.trim_start_matches("sqlite:").to_owned();
        tokio::task::spawn_blocking(move || {
            let conn = rusqlite::Connection::open(path)?;
            conn.busy_timeout(Duration::from_secs(5))?;
            conn.execute_batch("BEGIN IMMEDIATE")?;
            std::thread::sleep(LOCKED);
            conn.execute_batch("ROLLBACK")
        })
        .await?
        .context("locking the file")
    }

    /// Away with it; nobody may use it any more.
    pub async fn drop(self) -> anyhow::Result<()> {
        match self.made {
            Some((server, name)) => {
                administer(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await
            }
            None => Ok(()),
        }
    }
}

/// `sql` is of our own making.
async fn administer(server: &str, sql: String) -> anyhow::Result<()> {
    let mut conn = PgConnection::connect(server).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await?;
    conn.close().await?;
    Ok(())
}
