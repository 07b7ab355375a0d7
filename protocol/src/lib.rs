//! What travels between an ERC Chat server and its clients.
//!
//! Types only: no I/O, no async, no storage. Both ends link this crate, so a field exists once.
//!
//! Rules that every type here keeps:
//! - Names and shapes that the original brief fixed never change; ours carry more fields, never
//!   fewer.
//! - Unknown fields are ignored, unknown kinds are kept ([`Row::Unknown`], [`gateway::ServerFrame`]):
//!   no input stops a sync.
//! - Ids of users, rooms and messages are JSON numbers below 2^53; ids of sessions are random.
//! - Times are RFC 3339 in UTC with milliseconds; order comes from [`Seq`] and [`Rev`], never from
//!   a time.

pub mod api;
pub mod attention;
pub mod auth;
pub mod block;
pub mod draft;
pub mod emoji;
pub mod error;
pub mod expiry;
pub mod filter;
pub mod gateway;
pub mod id;
pub mod limit;
pub mod member;
pub mod mention;
pub mod message;
pub mod permission;
pub mod poll;
pub mod presence;
pub mod reaction;
pub mod receipt;
pub mod report;
pub mod request;
pub mod role;
pub mod room;
pub mod row;
pub mod schedule;
pub mod search;
pub mod sync;
pub mod thread;
pub mod time;
pub mod user;
pub mod validate;

pub use attention::{Attention, Level};
pub use block::Block;
pub use draft::Draft;
pub use emoji::CustomEmoji;
pub use error::{ErrorBody, ErrorCode};
pub use expiry::{Expiry, ExpiryFrom, Lifetime};
pub use filter::Filter;
pub use id::{
    AuditId, ClientId, EmojiId, EmojiRev, FilterId, InstanceId, LinkId, MessageId, ReportId, Rev,
    RoomId, Seq, SessionId, UserId, UserRev,
};
pub use member::{Member, MemberState};
pub use message::{Message, MessageType};
pub use permission::{Capability, Permissions};
pub use poll::Poll;
pub use presence::{MyPresence, Presence, PresenceState};
pub use reaction::Reaction;
pub use receipt::Receipt;
pub use report::Report;
pub use request::{Request, RequestState};
pub use role::{RoomRole, ServerRole};
pub use room::{History, Room, RoomKind, RoomSettings};
pub use row::Row;
pub use schedule::Scheduled;
pub use thread::{ThreadSummary, UserThread};
pub use time::Timestamp;
pub use user::User;
