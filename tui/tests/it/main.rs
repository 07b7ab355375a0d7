//! The terminal client against a stage: real state, actions and views; the worker's answers come
//! from a small community in memory. No terminal, no network, no clock.
//!
//! [`stage::Stage`] is the manual: build one of a size, press keys, look at the screen.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can't get what it builds on has failed"
)]

mod clean;
mod completing;
mod emoji;
mod going;
mod hostile;
mod insight;
mod keys;
mod later;
mod links;
mod moderation;
mod personal;
mod picking;
mod polls;
mod reading;
mod reports;
mod requests;
mod safety;
mod screens;
mod sign_in;
mod stage;
mod status;
mod terminal;
mod threads;
mod writing;
