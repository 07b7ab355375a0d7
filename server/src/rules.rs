//! Pure decisions: no I/O, no clock.

pub mod filter;
pub mod pace;
pub mod permission;
pub mod picture;
pub mod visibility;
