//! What an operator does in the shell. Nobody's permission is asked, but everything that must hold of
//! rooms and accounts holds, it is committed and told like anything else, and it stands in the audit
//! log without an actor. It works beside running servers: those with a bus hear of it at once, others
//! find it with their sweep, within seconds.

pub mod accounts;
pub mod invites;
pub mod rooms;

use erc_protocol::validate;

use super::error::{Error, Result};
use crate::store::{Tx, UserRow};

/// The user of this name.
async fn named(tx: &mut Tx, username: &str) -> Result<UserRow> {
    let username =
        validate::username(username).map_err(|reason| Error::invalid("username", reason))?;
    tx.user_by_name(&username)
        .await?
        .ok_or_else(|| Error::not_found("user"))
}
