//! Invites to sign up, as an operator looks after them.

use erc_protocol::{ErrorCode, Timestamp, UserId};
use serde::Serialize;

use crate::app::App;
use crate::auth::token;
use crate::ops::committer::{Done, Lane};
use crate::ops::error::{Error, Result};
use crate::store::InviteRow;

/// Bytes of its code's SHA-256 that name an invite.
const NAME: usize = 6;

/// An invite that still lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invite {
    /// What it is called here; its code is known to nobody but those who were told.
    pub name: String,
    /// Absent for one made in the shell.
    pub created_by: Option<UserId>,
    pub created_by_name: Option<String>,
    pub uses_left: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

fn name(hash: &[u8]) -> String {
    let bytes = hash.iter().take(NAME);
    bytes.fold(String::new(), |name, byte| format!("{name}{byte:02x}"))
}

impl From<InviteRow> for Invite {
    fn from(row: InviteRow) -> Self {
        Self {
            name: name(&row.code_hash),
            created_by: row.created_by.map(UserId),
            created_by_name: row.created_by_name,
            uses_left: row.uses_left,
            created_at: row.created_at,
            expires_at: row.expires_at,
        }
    }
}

/// Those that still let somebody in, newest first.
pub async fn list(app: &App) -> Result<Vec<Invite>> {
    let rows = app.db.snapshot().await?.invites(app.clock.now()).await?;
    Ok(rows.into_iter().map(Invite::from).collect())
}

/// Makes an invite void, by its name or its code.
pub async fn revoke(app: &App, name_or_code: &str) -> Result<()> {
    let wanted = name_or_code.trim().to_owned();
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let rows = tx.invites(now).await?;
                let hash = token::hash(&wanted);
                let mut meant = rows
                    .iter()
                    .filter(|row| row.code_hash == hash || name(&row.code_hash) == wanted);
                let Some(row) = meant.next() else {
                    return Err(Error::not_found("invite"));
                };
                if meant.next().is_some() {
                    return Err(Error::refused(
                        ErrorCode::Forbidden,
                        "two invites are called so; name it by its code",
                    ));
                }
                tx.delete_invite(&row.code_hash).await?;
                Ok(Done::unchanged(()))
            })
        })
        .await?;
    receipt.await
}
