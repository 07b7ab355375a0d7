//! A fresh database for one test, on either system, gone when the test ends (also when it fails).

use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};

use erc_server::clock;
use erc_server::store::Db;
use futures_util::FutureExt as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Sqlite,
    Postgres,
}

/// Runs a test on the address of an empty database.
pub(super) async fn with_url<F>(system: System, test: impl FnOnce(String) -> F)
where
    F: Future<Output = ()>,
{
    match system {
        System::Sqlite => {
            let folder = tempfile::tempdir().unwrap();
            test(format!("sqlite:{}", folder.path().join("erc.db").display())).await;
        }
        System::Postgres => {
            let Some(server) = postgres() else { return };
            let name = format!("erc_test_{}", clock::new_instance().0.simple());
            administer(&server, format!("CREATE DATABASE {name}")).await;
            let outcome = AssertUnwindSafe(test(with_database(&server, &name)))
                .catch_unwind()
                .await;
            administer(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
            if let Err(panic) = outcome {
                resume_unwind(panic);
            }
        }
    }
}

/// Runs a test on an empty, migrated database.
pub(super) async fn with_db(system: System, test: impl AsyncFnOnce(&Db)) {
    with_url(system, async |url| {
        let db = Db::open(&url).await.unwrap();
        test(&db).await;
        db.close().await;
    })
    .await;
}

/// Where PostgreSQL is, if the tests are told.
fn postgres() -> Option<String> {
    let url = std::env::var("ERC_TEST_POSTGRES_URL").ok();
    if url.is_none() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "ERC_TEST_POSTGRES_URL is not set, and in CI nothing may be skipped"
        );
        eprintln!("skipped: ERC_TEST_POSTGRES_URL is not set");
    }
    url
}

pub(crate) async fn administer(server: &str, statement: String) {
    let mut connection = PgConnection::connect(server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// The same server's address, with another database.
pub(crate) fn with_database(server: &str, name: &str) -> String {
    let (address, options) = server.split_once('?').unwrap_or((server, ""));
    let scheme_end = address.find("://").unwrap() + 3;
    let authority = address[scheme_end..].split('/').next().unwrap();
    let query = if options.is_empty() { "" } else { "?" };
    format!(
        "{}{authority}/{name}{query}{options}",
        &address[..scheme_end]
    )
}

#[test]
fn only_the_name_of_the_database_is_replaced() {
    assert_eq!(
        with_database("postgres://erc@127.0.0.1:5432/postgres", "mine"),
        "postgres://erc@127.0.0.1:5432/mine"
    );
    assert_eq!(
        with_database("postgres://erc:pw@host?sslmode=disable", "mine"),
        "postgres://erc:pw@host/mine?sslmode=disable"
    );
}
