//! Tests of the desktop app without a window. The real window is driven from `tests/`.

mod types;
