//! Sessions: one sign-in on one device, kept alive by a refresh token that is replaced at each use.
//!
//! Reuse of a replaced token means that two hold it, so the session ends. Except when its owner
//! never got the replacement (the answer was lost): that shows by no access token of the newer
//! generation ever having been seen, and then the old token is taken once more.

use erc_protocol::{
    ErrorCode, SessionId, Timestamp, User, UserId,
    auth::{LoginRequest, SessionInfo, SessionList, TokenResponse},
    limit,
};

use super::access::existing_user;
use super::change::Change;
use super::committer::{Done, Lane};
use super::error::{Error, Result};
use super::{Actor, deactivation};
use crate::app::App;
use crate::auth::token::{self, Access};
use crate::clock;
use crate::store::{NewSession, SessionRow, Tx};

const DEVICE_NAME_CHARS: usize = 80;

fn ended() -> Error {
    Error::refused(
        ErrorCode::SessionEnded,
        "the session has ended; sign in again",
    )
}

fn invalid() -> Error {
    Error::refused(ErrorCode::InvalidToken, "the token is wrong or has expired")
}

/// Signs in by password. The same answer, after the same work, for a wrong password and for no
/// such user.
pub async fn login(app: &App, request: LoginRequest) -> Result<TokenResponse> {
    let username = request.username.trim().to_lowercase();
    let user = app.db.snapshot().await?.user_by_name(&username).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    if !app.passwords.verify(&request.password, hash).await {
        return Err(Error::refused(
            ErrorCode::InvalidCredentials,
            "user name or password is wrong",
        ));
    }
    let user = user.ok_or_else(|| Error::Internal("a password of nobody".into()))?;
    if user.disabled_at.is_some() {
        // Only who knows the password is told.
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "this account is disabled; ask an administrator",
        ));
    }
    if let Some(since) = user.deactivated_at {
        deactivation::take_up(app, user.id, Timestamp(since)).await?;
    }
    begin(app, user.public(), request.device_name).await
}

/// Begins a session for a user who has proved who they are; past the cap, the one that was used
/// least recently ends.
pub async fn begin(app: &App, user: User, device_name: Option<String>) -> Result<TokenResponse> {
    let device_name: String = device_name
        .unwrap_or_default()
        .chars()
        .filter(|c| !erc_protocol::validate::is_deceptive(*c))
        .take(DEVICE_NAME_CHARS)
        .collect();
    let (refresh_token, refresh_hash) = token::opaque();
    let new = NewSession {
        id: clock::new_session_id(),
        user_id: user.id,
        device_name: if device_name.trim().is_empty() {
            "unnamed device".into()
        } else {
            device_name
        },
        refresh_hash,
    };
    let id = new.id;
    let receipt = app
        .committer
        .submit(Lane::User(new.user_id), move |tx, now| {
            Box::pin(async move {
                tx.insert_session(&new, now).await?;
                let mut changes = Vec::new();
                let all = tx.sessions_of(new.user_id).await?;
                let cap = usize::try_from(limit::SESSIONS_PER_USER).unwrap_or(usize::MAX);
                for old in all.iter().filter(|row| row.id != new.id).skip(cap - 1) {
                    tx.end_session(old.id, now).await?;
                    let reason = "too many newer sessions";
                    changes.push(Change::SessionEnded {
                        session: old.id,
                        reason,
                    });
                }
                Ok(Done::new((), changes))
            })
        })
        .await?;
    receipt.await?;
    Ok(tokens(app, user, id, 1, refresh_token))
}

fn tokens(
    app: &App,
    user: User,
    session_id: SessionId,
    generation: i64,
    refresh_token: String,
) -> TokenResponse {
    let access = Access {
        user: user.id,
        session: session_id,
        generation,
        since: user.created_at,
    };
    TokenResponse {
        access_token: app.tokens.sign(access, app.clock.now()),
        token_type: "bearer".to_owned(),
        expires_in: token::ACCESS_SECONDS.unsigned_abs(),
        refresh_token,
        session_id,
        user,
    }
}

enum Refreshed {
    Fresh {
        user: User,
        session: SessionId,
        generation: i64,
    },
    Reused,
}

/// Replaces the refresh token and gives a new access token.
pub async fn refresh(app: &App, refresh_token: &str) -> Result<TokenResponse> {
    let presented = token::hash(refresh_token);
    let (fresh_token, fresh_hash) = token::opaque();
    let receipt = app
        .committer
        .submit(Lane::Token(token::lane(&presented)), move |tx, now| {
            Box::pin(async move {
                let Some(row) = tx.session_by_refresh(&presented).await? else {
                    return Err(invalid());
                };
                if row.ended_at.is_some() {
                    return Err(ended());
                }
                if row.refresh_hash != presented && row.confirmed_generation >= row.generation {
                    // Kept, not undone: so it is an answer and not an error.
                    tx.end_session(row.id, now).await?;
                    let reason = "its refresh token was used twice";
                    let change = Change::SessionEnded {
                        session: row.id,
                        reason,
                    };
                    return Ok(Done::new(Refreshed::Reused, vec![change]));
                }
                tx.rotate_refresh(row.id, &presented, &fresh_hash, now)
                    .await?;
                let user = existing_user(tx, row.user_id).await?.public();
                let generation = row.generation + 1;
                Ok(Done::unchanged(Refreshed::Fresh {
                    user,
                    session: row.id,
                    generation,
                }))
            })
        })
        .await?;
    match receipt.await? {
        Refreshed::Fresh {
            user,
            session,
            generation,
        } => Ok(tokens(app, user, session, generation, fresh_token)),
        Refreshed::Reused => {
            tracing::warn!("a refresh token was used twice; its session is ended");
            Err(ended())
        }
    }
}

/// Who a token says it is of. It is one of ours and not too old; whether its session goes on is not
/// asked.
pub fn claimed(app: &App, access_token: &str) -> Result<Actor> {
    let access = app.tokens.check(access_token, app.clock.now());
    let access = access.ok_or_else(invalid)?;
    Ok(Actor {
        user: access.user,
        session: access.session,
        since: access.since,
    })
}

/// Checks an access token, and that its session goes on.
pub async fn authenticate(app: &App, access_token: &str) -> Result<Actor> {
    let now = app.clock.now();
    let access = app.tokens.check(access_token, now).ok_or_else(invalid)?;
    let actor = Actor {
        user: access.user,
        session: access.session,
        since: access.since,
    };
    if app
        .hub
        .sessions
        .is_fresh(access.session, access.generation, now)
    {
        return Ok(actor);
    }
    let before = app.hub.sessions.moment();
    let row = valid(app, actor).await?;
    if row.confirmed_generation < access.generation {
        let receipt = app
            .committer
            .submit(Lane::User(access.user), move |tx, now| {
                Box::pin(async move {
                    tx.confirm_generation(access.session, access.generation, now)
                        .await?;
                    Ok(Done::unchanged(()))
                })
            })
            .await?;
        receipt.await?;
    }
    app.hub
        .sessions
        .remember(before, access.session, access.generation, now);
    Ok(actor)
}

/// The actor's session, if it goes on; asked of the store.
pub async fn valid(app: &App, actor: Actor) -> Result<SessionRow> {
    let row = app
        .db
        .snapshot()
        .await?
        .session(actor.session)
        .await?
        .ok_or_else(invalid)?;
    if row.ended_at.is_some() || row.user_id != actor.user {
        return Err(ended());
    }
    Ok(row)
}

/// The actor's sessions, most recently used first.
pub async fn list(app: &App, actor: Actor) -> Result<SessionList> {
    let rows = app.db.snapshot().await?.sessions_of(actor.user).await?;
    let sessions = rows
        .into_iter()
        .map(|row| SessionInfo {
            id: row.id,
            device_name: row.device_name,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            is_current: row.id == actor.session,
        })
        .collect();
    Ok(SessionList { sessions })
}

/// Ends one of the actor's sessions.
pub async fn end(app: &App, actor: Actor, session: SessionId) -> Result<()> {
    let receipt = app
        .committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let row = tx.session(session).await?;
                if row.is_none_or(|row| row.user_id != actor.user) {
                    return Err(Error::not_found("session"));
                }
                let mut changes = Vec::new();
                if tx.end_session(session, now).await? {
                    let reason = "you signed out";
                    changes.push(Change::SessionEnded { session, reason });
                }
                Ok(Done::new((), changes))
            })
        })
        .await?;
    receipt.await
}

/// Ends all sessions of a user.
pub(super) async fn end_all(
    tx: &mut Tx,
    user: UserId,
    reason: &'static str,
    now: Timestamp,
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for row in tx.sessions_of(user).await? {
        tx.end_session(row.id, now).await?;
        changes.push(Change::SessionEnded {
            session: row.id,
            reason,
        });
    }
    Ok(changes)
}
