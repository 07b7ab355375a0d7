//! What both clients share: accounts, the sync engine, the offline cache, the outbox, timelines,
//! and the one door through which other people's text reaches a screen.
//!
//! A client is a view over this crate: it reads [`account::Account`], subscribes to its
//! [`view::Update`]s and hands it what the user did. A view never waits for the network.
//!
//! Layers, each using only those below it:
//! `account` (the handle) · `transport` (REST, socket, reconnection) · `outbox` (what waits to be
//! sent) · `sync` (a state machine without I/O) · `timeline` (pure) · `cache` (SQLite) · `markdown` · `text`.

pub mod account;
pub mod ask;
mod cache;
pub mod clock;
pub mod complete;
pub mod emoji;
pub mod error;
pub mod export;
pub mod failpoints;
pub mod home;
pub mod link;
pub mod markdown;
mod outbox;
pub mod permalink;
pub mod quick;
pub mod quiet;
mod sync;
pub mod text;
mod timeline;
mod transport;
mod unread;
pub mod view;
pub mod when;

pub use account::Account;
pub use erc_protocol as protocol;
pub use error::{Error, ErrorKind};
pub use home::Home;
pub use quick::Quick;
pub use text::SafeText;
