//! The server from outside: its store on both databases, its routes, its socket.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod accounts;
mod analytics;
mod attention;
mod audit;
mod blobs;
mod blocks;
mod brief;
mod crowd;
mod drafts;
mod edge_cases;
mod emoji;
mod endings;
mod entering;
mod erasure;
mod expiry;
mod filters;
mod gateway;
mod guide;
mod harness;
mod limits;
mod links;
mod live;
mod messages;
mod moderation;
mod nodes;
mod openapi;
mod personal;
mod polls;
mod presence;
mod raid;
mod reactions;
mod receipts;
mod reports;
mod requests;
mod resume;
mod rooms;
mod schedule;
mod search;
mod slow;
mod store;
mod strangers;
mod threads;
mod watching;
