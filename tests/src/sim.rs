//! The simulator: seeded plans of everything that can go wrong, on the real server and the real
//! client-core, and an oracle that tells what must hold afterwards.
//!
//! - [`plan`]: a plan is data; [`draw`] draws one from a seed; [`shrink`] makes one that fails
//!   smaller.
//! - [`node`]: server nodes, killed between any two steps or at a point of the committer;
//!   [`device`]: clients, killed likewise; [`link`]: frames lost, doubled, late, out of order.
//! - [`run`]: carries a plan out. [`rows`], [`oracle`] and [`ledger`]: what is held, and what must.
//!
//! Which clause holds which invariant of the protocol (and which test besides):
//!
//! | invariant | clause | also |
//! | --- | --- | --- |
//! | 1 `rev` and `seq` are 1..head, in commit order | [`oracle::of_server`], [`oracle::of_server_time`] | `server/tests/it/store/invariants.rs`, `schedule.rs` |
//! | 2 every member gets every `rev`; a gap is found | [`plan::Check::Soft`] after lost live frames | `server/tests/it/live.rs`, `client-core/src/sync/tests/schedule.rs` |
//! | 3 cursor, rows and holes move together | [`oracle::of_cache`] after [`plan::Step::KillAtWrite`] | `client-core/src/sync/tests` |
//! | 4 a missing range is a stored hole | [`oracle::of_cache`]; [`plan::Check::Whole`] fills them all | `client-core/src/sync/tests/schedule.rs` |
//! | 5 nobody sees what is not theirs | [`oracle::of_cache`]: below the first visible place, after leaving | `server/src/rules/visibility.rs`, `server/tests/it/live.rs` |
//! | 6 marks and counters never go back | [`oracle::of_time`], [`oracle::of_server_time`], [`ledger`] | `server/tests/it/store/schedule.rs`, `store/lost.rs` |
//! | 7 no input stops a sync | – | `client-core/src/sync/tests`, the fuzz targets of `protocol` |
//! | 8 losing a hint delays, and never loses | [`plan::Check::Soft`], [`plan::Step::Bus`] | `server/tests/it/resume.rs` |
//! | 9 a cache equals a fresh sign-in, its counts the server's | [`oracle::of_twins`], [`oracle::of_counts`] | `server/tests/it/live.rs`, `tests/e2e/random_plan.rs` |
//!
//! That a stranger's request stands in its own list and counts nowhere is [`oracle::of_requests`]'s.
//! Sending exactly once is [`ledger`]'s; that no text is lost which was typed is [`typed`]'s. That
//! nothing is left of a message whose time has come is
//! [`oracle::of_expiry`]'s on the server, by the nodes' clocks, and [`oracle::of_cache`]'s in caches,
//! by their own. That polls tell
//! what was chosen, and are over when their time is, is [`oracle::of_server`]'s and [`oracle::of_ends`]'s.
//! What is counted
//! of rooms ([`oracle::of_figures`]) is compared at every check.

pub mod database;
pub mod device;
pub mod draw;
pub mod frames;
pub mod ledger;
pub mod link;
pub mod node;
pub mod oracle;
pub mod plan;
pub mod rows;
pub mod run;
pub mod shrink;
pub mod tally;
pub mod typed;
