//! Pure decisions: no I/O, no clock.

pub mod permission;
pub mod visibility;
