//! Frames of the socket: `{ "type": …, "data": { … }, "id"?: … }` both ways.

pub mod client;
pub mod server;

pub use client::{ClientFrame, ClientPacket, DecodeError};
pub use server::{ServerFrame, ServerPacket};

/// The subprotocol of clients that say `hello`; others get live frames at once.
pub const SUBPROTOCOL: &str = "erc.v1";
/// Prefix of the subprotocol entry that carries the access token.
pub const TOKEN_SUBPROTOCOL_PREFIX: &str = "bearer.";
