//! The ERC Chat server: one binary that a community runs on its own machine.
//!
//! Edges ([`http`], [`gateway`], [`cli`]) are thin and call only [`ops`]; [`ops`] authorises with
//! the pure [`rules`], runs one transaction of the [`store`] through the committer, and only then
//! publishes to the [`hub`], and through it, if several nodes serve one database, to the [`bus`].

pub mod analytics;
pub mod app;
pub mod auth;
pub mod backup;
pub mod blobs;
pub mod bus;
pub mod cli;
pub mod clock;
pub mod config;
pub mod disk;
pub mod failpoints;
pub mod frame;
pub mod gateway;
pub mod http;
pub mod hub;
pub mod indexer;
pub mod lifecycle;
pub mod limits;
pub mod listen;
pub mod metrics;
pub mod ops;
pub mod rules;
pub mod seldom;
pub mod session_cache;
pub mod slow;
pub mod store;
pub mod timer;
