//! Pure decisions: no I/O, no clock.

pub mod pace;
pub mod permission;
pub mod visibility;
