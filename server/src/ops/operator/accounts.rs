//! Accounts, as an operator looks after them.

use erc_protocol::{ErrorCode, ServerRole, Timestamp, User, UserId, auth::ErasedMessages};
use serde::Serialize;
use serde_json::json;

use super::named;
use crate::app::App;
use crate::ops::Actor;
use crate::ops::access::existing_user;
use crate::ops::change::Change;
use crate::ops::committer::{Done, Lane};
use crate::ops::error::{Error, Result};
use crate::ops::{audit, erasure, sessions};
use crate::store::{AccountRow, SessionRow, Tx, UserRow};

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    #[serde(flatten)]
    pub user: User,
    /// Sessions that have not ended.
    pub sessions: i64,
    /// When it was last seen online; milliseconds.
    pub last_seen_at: Option<i64>,
    /// Since when nobody can sign in to it.
    pub disabled_at: Option<i64>,
    /// Since when it waits to be taken up again.
    pub deactivated_at: Option<i64>,
    /// Since when nothing is left of its person.
    pub erased_at: Option<i64>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            user: row.user.public(),
            sessions: row.sessions,
            last_seen_at: row.user.last_seen_at,
            disabled_at: row.user.disabled_at,
            deactivated_at: row.user.deactivated_at,
            erased_at: row.user.erased_at,
        }
    }
}

/// Everybody, by name.
pub async fn list(app: &App) -> Result<Vec<Account>> {
    let rows = app.db.snapshot().await?.all_accounts().await?;
    Ok(rows.into_iter().map(Account::from).collect())
}

/// Gives somebody another role on the server.
pub async fn set_role(app: &App, username: &str, role: ServerRole) -> Result<User> {
    let username = username.to_owned();
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let user = named(tx, &username).await?;
                if user.role == role {
                    return Ok(Done::unchanged(user.public()));
                }
                tx.set_server_role(user.id, role).await?;
                tx.next_user_rev(user.id).await?;
                let details = json!({ "from": user.role, "to": role });
                audit::add(tx, None, "user.role", None, Some(user.id), details, now).await?;
                let user = named(tx, &username).await?;
                Ok(Done::new(user.public(), vec![Change::User(user.id)]))
            })
        })
        .await?;
    receipt.await
}

/// Keeps somebody from signing in, and signs them out everywhere; or lets them in again. What they
/// wrote stays, and so do their places in rooms.
pub async fn set_disabled(app: &App, username: &str, disabled: bool) -> Result<User> {
    let username = username.to_owned();
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let user = named(tx, &username).await?;
                disable(tx, None, user, disabled, now).await
            })
        })
        .await?;
    receipt.await
}

/// The same by a moderator of the server: of somebody whose role there is lower than theirs.
pub async fn disable_by(app: &App, actor: Actor, user: UserId) -> Result<()> {
    let receipt = app
        .committer
        .submit(Lane::User(user), move |tx, now| {
            Box::pin(async move {
                let mine = existing_user(tx, actor.user).await?.role;
                let row = existing_user(tx, user).await?;
                if mine < ServerRole::Moderator || row.role >= mine {
                    return Err(Error::refused(
                        ErrorCode::Forbidden,
                        "only a moderator of the server with a higher role does this to them",
                    ));
                }
                let done = disable(tx, Some(actor), row, true, now).await?;
                Ok(Done::new((), done.changes))
            })
        })
        .await?;
    receipt.await
}

/// The id of a user.
pub async fn id_of(app: &App, username: &str) -> Result<UserId> {
    Ok(named(&mut app.db.snapshot().await?, username).await?.id)
}

async fn disable(
    tx: &mut Tx,
    actor: Option<Actor>,
    user: UserRow,
    disabled: bool,
    now: Timestamp,
) -> Result<Done<User>> {
    if user.erased_at.is_some() {
        return Err(Error::not_found("user"));
    }
    let whom = Some(user.id);
    if !disabled && user.deactivated_at.is_some() {
        tx.set_deactivated(user.id, None).await?;
        audit::add(tx, actor, "user.take_up", None, whom, json!({}), now).await?;
    }
    if disabled != user.disabled_at.is_some() {
        tx.set_disabled(user.id, disabled.then_some(now)).await?;
        let action = if disabled {
            "user.disable"
        } else {
            "user.enable"
        };
        audit::add(tx, actor, action, None, whom, json!({}), now).await?;
    }
    let mut changes = Vec::new();
    if disabled {
        let why = "the account is disabled";
        changes = sessions::end_all(tx, user.id, why, now).await?;
    }
    Ok(Done::new(user.public(), changes))
}

/// Where somebody is signed in, most recently used first.
pub async fn sessions_of(app: &App, username: &str) -> Result<Vec<SessionRow>> {
    let mut tx = app.db.snapshot().await?;
    let user = named(&mut tx, username).await?;
    Ok(tx.sessions_of(user.id).await?)
}

/// Signs somebody out everywhere; gives how many sessions that were.
pub async fn end_sessions(app: &App, username: &str) -> Result<usize> {
    let username = username.to_owned();
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let user = named(tx, &username).await?;
                let why = "an administrator ended it";
                let changes = sessions::end_all(tx, user.id, why, now).await?;
                if !changes.is_empty() {
                    let details = json!({ "count": changes.len() });
                    audit::add(tx, None, "user.sign_out", None, Some(user.id), details, now)
                        .await?;
                }
                Ok(Done::new(changes.len(), changes))
            })
        })
        .await?;
    receipt.await
}

/// Erases an account, or only finds it unless `sure`. What takes long is done by a node that runs,
/// or by the next one that starts; here as far as this process lives.
pub async fn erase(
    app: &App,
    username: &str,
    messages: ErasedMessages,
    sure: bool,
) -> Result<User> {
    let user = named(&mut app.db.snapshot().await?, username).await?;
    if sure {
        erasure::begin(app, None, user.id, messages).await?;
        app.run_due().await?;
    }
    Ok(user.public())
}
