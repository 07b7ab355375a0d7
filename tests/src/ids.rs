//! The one place of this crate where ids are drawn.

use erc_protocol::ClientId;

/// A client id never used before.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the file that ids come from"
)]
pub fn client_id() -> ClientId {
    ClientId(uuid::Uuid::now_v7())
}

/// A seed never used before, for a plan that nobody asked to replay.
pub fn seed() -> u64 {
    rand::random()
}
