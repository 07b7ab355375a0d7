//! The wire, seen from outside: what each type looks like in JSON, what a hostile frame is
//! answered, what a newer server's frame becomes, and which crates may lean on which.
//!
//! The snapshots are the contract with other people's clients: a change in one is a change of the
//! protocol, and only an added field is a harmless one. `INSTA_UPDATE=always` rewrites them.

#![cfg(test)]

mod brief;
mod client_frames;
mod dependencies;
mod fixtures;
mod limits;
mod named;
mod search;
mod server_frames;
mod snapshots;
