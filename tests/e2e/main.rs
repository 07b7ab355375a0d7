//! End to end: real servers, real clients, real programs. `erc-tests` (the library) is the manual
//! of the harness.
//!
//! Needs the programs beside this one (`cargo build --workspace --all-targets`), node 20 for the
//! brief's JavaScript, and a display with `WebKitWebDriver` for the window (`scripts/test` brings
//! one up), Chromium for the server's own pages. What is missing is a failure, unless `ERC_TEST_NO_NODE`, `ERC_TEST_NO_WINDOW`, `ERC_TEST_NO_BROWSER` or
//! `ERC_TEST_NO_NGINX` says that it is missed on purpose.

#![cfg(test)]

mod accounts;
mod administration;
mod backup;
mod bad_input;
mod brief;
mod cloned;
mod crash;
mod demo;
mod description;
mod disk;
mod insight;
mod messages;
mod nodes;
mod offline;
mod operations;
mod proxy;
mod quotas;
mod random_plan;
mod rolling;
mod rooms;
mod shell;
mod socket;
mod terminal;
mod web;
mod window;
