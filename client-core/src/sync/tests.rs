//! The oracle: after any schedule of lost, doubled and swapped frames, cut links, holes and late
//! answers, the cache equals what the server has, and the unread count is the server's.

mod engine;
mod model;
mod schedule;
