//! What waits to be sent: sends, edits, deletions, drafts and read marks, stored before they are shown.
//!
//! Invariants:
//! - An operation keeps its id until the server answered it, so repeating it is harmless.
//! - One operation of a lane (a room's messages; its draft; its read mark) is with the network at a
//!   time, in the order of writing; lanes don't wait for each other,
//!   but a draft does for a message before it that was one.
//! - Once an operation was given to the network (`attempts > 0`) its content never changes,
//!   because the server may have it: a later wish is a later operation.
//! - A refused operation is parked with its reason, and those behind it go on.

pub(crate) mod compose;
pub(crate) mod draft;
pub(crate) mod lanes;
pub(crate) mod polls;
pub(crate) mod requests;
pub(crate) mod settle;

#[cfg(test)]
mod tests;
