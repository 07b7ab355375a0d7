//! Requests and answers of the REST routes, one family a file.

pub mod analytics;
pub mod audit;
pub mod links;
pub mod messages;
pub mod moderation;
pub mod raid;
pub mod rooms;
pub mod search;
pub mod users;
