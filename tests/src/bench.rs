//! The benchmark's parts: a load generator of raw sockets, the floors, and one file a row of the
//! table in `docs/performance.md`.
//!
//! It measures the built server as a process of its own. What holds everywhere: server and floor
//! take turns in one run, CPU is what the kernel counted for the server's process (user and system)
//! around a window, and every number is the median of the rounds. Nothing here is a test.

#![expect(
    clippy::cast_precision_loss,
    reason = "figures for people, far below 2^53"
)]

pub mod durability_floor;
pub mod frames;
pub mod machine;
pub mod page_floor;
pub mod population;
pub mod process;
pub mod report;
pub mod rows;
pub mod socket_floor;
pub mod swarm;
