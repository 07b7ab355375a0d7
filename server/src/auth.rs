//! Proofs of identity: passwords and tokens. No storage here.

pub mod password;
pub mod token;
