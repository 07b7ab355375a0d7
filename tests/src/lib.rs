//! The harness of the end-to-end tests: real servers, real clients, real programs, and a network
//! that can be made bad.
//!
//! - [`server::TestServer`]: an `erc-server` process on a data directory of its own; `kill -9`,
//!   restart on the same port.
//! - [`nodes::Cluster`]: several of them on one `PostgreSQL` and one NATS.
//! - [`rest::Person`] and [`socket::Wire`]: somebody who speaks the protocol directly, as other
//!   people's clients do.
//! - [`client::Client`]: a real client-core with a home of its own.
//! - [`disk::Disk`]: a small file system that a test fills and breaks.
//! - [`postgres`]: fresh databases (`ERC_TEST_ON=postgres`), and a PostgreSQL that can be stopped.
//! - [`network::Link`]: a proxy that cuts, stalls, delays and throttles on command.
//! - [`terminal::Terminal`], [`window::Window`]: the real `erc` in a pseudo-terminal, the real
//!   `erc-desktop` under a `WebDriver`.
//! - [`browser::Browser`]: the server's own pages in a headless Chromium.
//! - [`sim`]: the simulator: whole communities in this process, and an oracle.
//! - [`plan`]: seeded random schedules that print their seed and replay.
//!
//! Nothing here sleeps and hopes: [`wait::eventually`] asks until a deadline that only a broken
//! program reaches. A test fails with what the programs logged.

pub mod bench;
pub mod browser;
pub mod client;
pub mod community;
pub mod disk;
pub mod ids;
pub mod nats;
pub mod network;
pub mod nginx;
pub mod nodes;
pub mod picture;
pub mod plan;
pub mod postgres;
pub mod programs;
pub mod rest;
pub mod server;
pub mod sim;
pub mod socket;
pub mod talk;
pub mod terminal;
pub mod wait;
pub mod window;
