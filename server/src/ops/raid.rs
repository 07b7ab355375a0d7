//! The raid switch: strangers pour in, so for a while nobody signs up, no link lets anybody in, and
//! accounts that are new come into no room and open none. Who is in stays, and may write. It ends by
//! itself; what it keeps from happening is decided in the transaction that would do it.

use erc_protocol::{
    ErrorCode, ServerRole, Timestamp, UserId,
    api::raid::{Raid, RaidRequest},
    limit,
};
use serde_json::json;

use super::access::existing_user;
use super::change::Change;
use super::committer::{Committer, Done, Lane};
use super::error::{Error, Result};
use super::{Actor, audit};
use crate::app::App;
use crate::rules::permission::{ServerAction, check_on_server};
use crate::store::Tx;

/// Fails while the doors are closed: whoever it is.
pub(super) async fn keeps_out(tx: &mut Tx, now: Timestamp) -> Result<()> {
    if tx.raid(now).await?.is_some() {
        return Err(Error::refused(
            ErrorCode::RegistrationClosed,
            "the server lets nobody new in just now; try again later",
        ));
    }
    Ok(())
}

/// Fails while the doors are closed, for an account that is new.
pub(super) async fn keeps_newcomer_out(tx: &mut Tx, user: UserId, now: Timestamp) -> Result<()> {
    let row = existing_user(tx, user).await?;
    let is_new = row.created_at.plus_ms(limit::NEW_ACCOUNT_MS) > now;
    if is_new && row.role < ServerRole::Moderator && tx.raid(now).await?.is_some() {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "new accounts come into no room just now; try again later",
        ));
    }
    Ok(())
}

/// Until when the doors are closed, for those who moderate the server.
pub async fn get(app: &App, actor: Option<Actor>) -> Result<Raid> {
    let mut tx = app.db.snapshot().await?;
    moderates(&mut tx, actor).await?;
    let until = tx.raid(app.clock.now()).await?;
    Ok(Raid { until })
}

async fn moderates(tx: &mut Tx, actor: Option<Actor>) -> Result<()> {
    let Some(actor) = actor else { return Ok(()) };
    let role = existing_user(tx, actor.user).await?.role;
    Ok(check_on_server(role, ServerAction::RunDoors)?)
}

/// Closes the doors for so long, from now on; without an actor, from the shell.
pub async fn start(app: &App, actor: Option<Actor>, request: RaidRequest) -> Result<Raid> {
    if !(1..=limit::RAID_S).contains(&request.seconds) {
        let most = limit::RAID_S;
        return Err(Error::invalid("seconds", format!("from 1 to {most}")));
    }
    let ms = i64::from(request.seconds) * 1_000;
    switch(app, actor, Some(ms)).await
}

/// Opens them again.
pub async fn stop(app: &App, actor: Option<Actor>) -> Result<Raid> {
    switch(app, actor, None).await
}

async fn switch(app: &App, actor: Option<Actor>, ms: Option<i64>) -> Result<Raid> {
    let receipt = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                moderates(tx, actor).await?;
                let told = tx.server_moderators().await?;
                tx.users_for_update(&told).await?;
                let until = ms.map(|ms| now.plus_ms(ms));
                let before = tx.raid(now).await?;
                if before.is_none() && until.is_none() {
                    return Ok(Done::unchanged(Raid { until }));
                }
                match until {
                    Some(until) => {
                        let by = actor.map(|actor| actor.user);
                        tx.start_raid(by, until, now).await?;
                    }
                    None => tx.stop_raid().await?,
                }
                let action = if until.is_some() {
                    "raid.start"
                } else {
                    "raid.stop"
                };
                let details = json!({ "until": until });
                audit::add(tx, actor, action, None, None, details, now).await?;
                let changes = tell(tx, told).await?;
                Ok(Done::new(Raid { until }, changes))
            })
        })
        .await?;
    app.timer.wake();
    receipt.await
}

/// Opens the doors if their time is over. On several nodes once: the row is gone after that.
pub(crate) async fn over(committer: &Committer) -> Result<()> {
    let receipt = committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                let told = tx.server_moderators().await?;
                tx.users_for_update(&told).await?;
                if tx.next_raid_end().await?.is_none_or(|until| until > now) {
                    return Ok(Done::unchanged(()));
                }
                tx.stop_raid().await?;
                audit::add(tx, None, "raid.end", None, None, json!({}), now).await?;
                let changes = tell(tx, told).await?;
                Ok(Done::new((), changes))
            })
        })
        .await?;
    receipt.await
}

/// Moves the counters of those who moderate the server: what they see of themselves has changed.
async fn tell(tx: &mut Tx, told: Vec<UserId>) -> Result<Vec<Change>> {
    let mut changes = Vec::with_capacity(told.len());
    for user in told {
        tx.next_user_rev(user).await?;
        changes.push(Change::User(user));
    }
    Ok(changes)
}
