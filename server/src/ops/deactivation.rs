//! An account that rests: nobody is signed in to it, what it said and where it is stays. Signing in
//! takes it up again for some weeks; after that an administrator does.

use erc_protocol::{ErrorCode, ServerRole, Timestamp, UserId, auth::DeactivateRequest, limit};
use serde_json::json;

use super::access::existing_user;
use super::committer::{Done, Lane};
use super::error::{Error, Result};
use super::{Actor, audit, sessions};
use crate::app::App;
use crate::store::{Tx, UserRow};

/// Fails unless it is the actor's password: a device left open is no licence for this.
pub(super) async fn prove(app: &App, actor: Actor, password: &str) -> Result<UserRow> {
    let user = existing_user(&mut app.db.snapshot().await?, actor.user).await?;
    if !app
        .passwords
        .verify(password, user.password_hash.as_deref())
        .await
    {
        return Err(Error::refused(
            ErrorCode::InvalidCredentials,
            "the password is wrong",
        ));
    }
    Ok(user)
}

/// Fails for the last owner of the server.
pub(super) async fn leaves_an_owner(tx: &mut Tx, user: &UserRow) -> Result<()> {
    if user.role == ServerRole::Owner && tx.count_other_owners(user.id).await? == 0 {
        let why = "the server needs an owner: make somebody else one first";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}

/// Lets the actor's account rest: every session ends.
pub async fn deactivate(app: &App, actor: Actor, request: DeactivateRequest) -> Result<()> {
    prove(app, actor, &request.password).await?;
    let receipt = app
        .committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                tx.users_for_update(&[actor.user]).await?;
                let user = existing_user(tx, actor.user).await?;
                leaves_an_owner(tx, &user).await?;
                if user.deactivated_at.is_none() {
                    tx.set_deactivated(user.id, Some(now)).await?;
                    let whom = Some(user.id);
                    audit::add(tx, actor, "user.deactivate", None, whom, json!({}), now).await?;
                }
                let why = "the account is deactivated";
                let changes = sessions::end_all(tx, user.id, why, now).await?;
                Ok(Done::new((), changes))
            })
        })
        .await?;
    receipt.await
}

/// Takes an account up again whose owner has just proved who they are.
pub(super) async fn take_up(app: &App, user: UserId, since: Timestamp) -> Result<()> {
    let receipt = app
        .committer
        .submit(Lane::User(user), move |tx, now| {
            Box::pin(async move {
                if since.plus_ms(limit::DEACTIVATED_MS) < now {
                    return Err(Error::refused(
                        ErrorCode::Forbidden,
                        "this account was deactivated long ago; ask an administrator",
                    ));
                }
                tx.set_deactivated(user, None).await?;
                audit::add(tx, None, "user.take_up", None, Some(user), json!({}), now).await?;
                Ok(Done::unchanged(()))
            })
        })
        .await?;
    receipt.await
}
