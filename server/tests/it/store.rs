//! The store, and what the operations promise on top of it, on both databases.
//!
//! SQLite is always there. PostgreSQL is the server that `ERC_TEST_POSTGRES_URL` names: every test
//! makes a database of its own there and drops it. Without the variable those tests say so and
//! pass, except with `CI=true`: then they fail.

/// Makes of each function one test on each database. They take what `with_db` gives (`&Db`) or
/// what `with_people` gives (`&mut World`).
macro_rules! conformance {
    (@on $name:ident = $system:ident $with:ident { $($test:ident),+ }) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $test() {
                    crate::store::$with(crate::store::System::$system, super::$test).await;
                }
            )+
        }
    };
    ($with:ident => $($test:ident),+ $(,)?) => {
        conformance!(@on sqlite = Sqlite $with { $($test),+ });
        conformance!(@on postgres = Postgres $with { $($test),+ });
    };
}

mod analytics;
mod catch_up;
mod conformance;
mod coverage;
pub(crate) mod database;
mod invariants;
mod lost;
mod migrations;
mod moving;
mod operator;
mod outside;
mod repair;
mod repeats;
mod replica;
mod saving;
mod schedule;
mod world;
mod writers;

use database::{System, with_db};
use world::with_people;
