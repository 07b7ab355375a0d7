//! Accounts: signing up, and what administrators do to accounts from the shell.

use erc_protocol::{
    ErrorCode, ServerRole, User,
    auth::{CreateInviteRequest, InviteResponse, RegisterRequest, Registration, TokenResponse},
    validate,
};

use super::Actor;
use super::access::existing_user;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Fields, Result};
use super::{audit, links, raid, sessions};
use crate::app::App;
use crate::auth::token;
use crate::store::{self, NewUser, Tx};

const HOUR_MS: i64 = 3_600_000;
/// Longest life of an invite: a year.
const INVITE_HOURS: std::ops::RangeInclusive<i64> = 1..=8_760;
const INVITE_USES: std::ops::RangeInclusive<i64> = 1..=10_000;

/// Signs up and signs in.
pub async fn register(app: &App, request: RegisterRequest) -> Result<TokenResponse> {
    let registration = app.config.registration;
    if registration == Registration::Closed {
        return Err(Error::refused(
            ErrorCode::RegistrationClosed,
            "this server takes no sign-ups; ask an administrator for an account",
        ));
    }
    let invite = request
        .invite
        .as_deref()
        .map(str::trim)
        .filter(|code| !code.is_empty());
    let invite = invite.map(token::hash);
    if registration == Registration::Invite && invite.is_none() {
        return Err(Error::refused(
            ErrorCode::InvalidInvite,
            "this server takes sign-ups by invite only",
        ));
    }
    let new = new_user(
        app,
        &request.username,
        request.display_name.as_deref(),
        &request.password,
        ServerRole::Member,
    )
    .await?;
    let filters = app.filters.of(&app.db, None).await?;
    filters.check("username", &new.username)?;
    filters.check("display_name", &new.display_name)?;
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                raid::keeps_out(tx, now).await?;
                let link = match &invite {
                    Some(code) => links::for_newcomer(tx, code, now).await?,
                    None => None,
                };
                if let Some(link) = link {
                    let role = links::role_of_newcomer(tx, &link, registration).await?;
                    let user = insert(tx, &NewUser { role, ..new }, now).await?;
                    let changes = links::welcome(tx, &link, user.id, now).await?;
                    return Ok(Done::new(user, changes));
                }
                if registration == Registration::Invite
                    && let Some(code) = &invite
                    && !tx.use_invite(code, now).await?
                {
                    return Err(Error::refused(
                        ErrorCode::InvalidInvite,
                        "the invite is unknown, used up or too old",
                    ));
                }
                Ok(Done::unchanged(insert(tx, &new, now).await?))
            })
        })
        .await?;
    let user = receipt.await?;
    sessions::begin(app, user, request.device_name).await
}

/// Validates all fields, then hashes the password.
async fn new_user(
    app: &App,
    username: &str,
    display_name: Option<&str>,
    password: &str,
    role: ServerRole,
) -> Result<NewUser> {
    let mut fields = Fields::default();
    let username = fields.take("username", validate::new_username(username));
    let display_name = match display_name {
        Some(name) => fields.take("display_name", validate::display_name(name)),
        None => username.clone(),
    };
    fields.take("password", validate::password(password));
    fields.finish()?;
    let password_hash = Some(app.passwords.hash(password).await);
    Ok(NewUser {
        username,
        display_name,
        role,
        password_hash,
    })
}

async fn insert(tx: &mut Tx, new: &NewUser, now: erc_protocol::Timestamp) -> Result<User> {
    match tx.insert_user(new, now).await {
        Ok(row) => Ok(row.public()),
        Err(store::Error::Conflict) => Err(Error::refused(
            ErrorCode::UsernameTaken,
            format!("the user name {} is taken", new.username),
        )),
        Err(error) => Err(error.into()),
    }
}

/// Adds a user as an administrator does.
pub async fn add_user(
    app: &App,
    username: &str,
    display_name: Option<&str>,
    password: &str,
    role: ServerRole,
) -> Result<User> {
    let new = new_user(app, username, display_name, password, role).await?;
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move { Ok(Done::unchanged(insert(tx, &new, now).await?)) })
        })
        .await?;
    receipt.await
}

/// Gives a user a new password and ends all of their sessions.
pub async fn set_password(app: &App, username: &str, password: &str) -> Result<User> {
    let username =
        validate::username(username).map_err(|reason| Error::invalid("username", reason))?;
    validate::password(password).map_err(|reason| Error::invalid("password", reason))?;
    let hash = app.passwords.hash(password).await;
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let user = tx
                    .user_by_name(&username)
                    .await?
                    .ok_or_else(|| Error::not_found("user"))?;
                tx.set_password(user.id, &hash).await?;
                let details = serde_json::json!({});
                audit::add(tx, None, "user.password", None, Some(user.id), details, now).await?;
                let changes = sessions::end_all(tx, user.id, "the password changed", now).await?;
                Ok(Done::new(user.public(), changes))
            })
        })
        .await?;
    receipt.await
}

/// Makes an invite; `by` is absent for one made from the shell.
pub async fn create_invite(
    app: &App,
    by: Option<Actor>,
    request: &CreateInviteRequest,
) -> Result<Receipt<InviteResponse>> {
    let (uses, hours) = (
        request.uses.unwrap_or(1),
        request.valid_hours.unwrap_or(24 * 7),
    );
    let mut fields = Fields::default();
    if !INVITE_USES.contains(&uses) {
        fields.refuse("uses", "from 1 to 10000");
    }
    if !INVITE_HOURS.contains(&hours) {
        fields.refuse("valid_hours", "from 1 to 8760");
    }
    fields.finish()?;
    app.committer
        .submit(
            by.map_or(Lane::New, |actor| Lane::User(actor.user)),
            move |tx, now| {
                Box::pin(async move {
                    if let Some(actor) = by {
                        let role = existing_user(tx, actor.user).await?.role;
                        if role < ServerRole::Admin {
                            return Err(Error::refused(
                                ErrorCode::Forbidden,
                                "only administrators make invites",
                            ));
                        }
                    }
                    let (code, hash) = token::opaque();
                    let expires_at = now.plus_ms(hours * HOUR_MS);
                    tx.insert_invite(&hash, by.map(|actor| actor.user), uses, now, expires_at)
                        .await?;
                    Ok(Done::unchanged(InviteResponse {
                        code,
                        uses,
                        expires_at,
                    }))
                })
            },
        )
        .await
}
