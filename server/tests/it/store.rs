//! The store, and what the operations promise on top of it, on both databases.
//!
//! SQLite is always there. PostgreSQL is the server that `ERC_TEST_POSTGRES_URL` names: every test
//! makes a database of its own there and drops it. Without the variable those tests say so and
//! pass, except with `CI=true`: then they fail.

mod conformance;
mod coverage;
mod database;
mod migrations;
