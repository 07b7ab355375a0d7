//! Where time and randomness come from, so that tests can move the one and seed the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use erc_protocol::{
    ClientId, EmojiId, FilterId, InstanceId, LinkId, ReportId, SessionId, Timestamp,
};
use rand::TryRngCore as _;
use uuid::Uuid;

/// The server's wall clock.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's.
    #[default]
    System,
    /// Stands still until a test moves it. Milliseconds.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Now, in milliseconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the clock")]
            Self::System => Timestamp(jiff::Timestamp::now().as_millisecond()),
            Self::Manual(ms) => Timestamp(ms.load(Ordering::Relaxed)),
        }
    }
}

/// A version 7 UUID for a mutation whose sender named none.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_client_id() -> ClientId {
    ClientId(Uuid::now_v7())
}

/// A version 7 UUID for a line of the audit log.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_audit_id() -> Uuid {
    Uuid::now_v7()
}

/// The id of a word filter; no secret.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_filter_id() -> FilterId {
    FilterId(Uuid::now_v7())
}

/// The id of a custom emoji; no secret.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_emoji_id() -> EmojiId {
    EmojiId(Uuid::now_v7())
}

/// The id of a report; no secret.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_report_id() -> ReportId {
    ReportId(Uuid::now_v7())
}

/// An unguessable session id.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_session_id() -> SessionId {
    SessionId(Uuid::new_v4())
}

/// The id of a link by which people come into a room; no secret.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_link_id() -> LinkId {
    LinkId(Uuid::new_v4())
}

/// A number for this process among the nodes.
#[must_use]
pub fn new_node() -> u64 {
    let bytes = secret();
    bytes[..8]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Tells requests apart in a log: 64 random bits.
#[must_use]
pub fn new_request_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// The id of a new database.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where ids are made")]
pub fn new_instance() -> InstanceId {
    InstanceId(Uuid::new_v4())
}

/// 256 bits from the operating system.
#[must_use]
pub fn secret() -> [u8; 32] {
    let mut bytes = [0; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system gives random bytes");
    bytes
}
