//! Whom a user takes nothing from. Rows are the blocker's alone and live under their `user_rev`;
//! what a block keeps from happening is decided in the transaction that would do it.

use std::collections::BTreeSet;

use erc_protocol::{
    Block, ErrorCode, Timestamp, UserId,
    block::{BlockList, BlockRequest},
    limit, validate,
};

use super::access::existing_user;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::{Actor, requests};
use crate::app::App;
use crate::rules::permission::SHUT_OUT;
use crate::store::Tx;

/// Takes nothing from somebody any more; what they ask is declined. Blocking again changes the reason.
pub async fn block(
    app: &App,
    actor: Actor,
    user: UserId,
    request: BlockRequest,
) -> Result<Receipt<Block>> {
    let reason =
        validate::reason(&request.reason).map_err(|reason| Error::invalid("reason", reason))?;
    if user == actor.user {
        return Err(Error::invalid("user_id", "nobody blocks themselves"));
    }
    app.committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                tx.users_for_update(&[actor.user]).await?;
                existing_user(tx, user).await?;
                let held = tx.block(actor.user, user).await?;
                let since = held.as_ref().and_then(|row| row.blocked_at);
                if since.is_none() {
                    let most = limit::BLOCKS;
                    if tx.blocks(actor.user, most).await?.len() as i64 >= most {
                        let why = format!("at most {most} people are blocked: take one back first");
                        return Err(Error::refused(ErrorCode::LimitReached, why));
                    }
                }
                let at = since.map_or(now, Timestamp);
                if since.is_some() && held.is_some_and(|row| row.reason == reason) {
                    return current(tx, actor, user, Vec::new()).await;
                }
                let user_rev = tx.next_user_rev(actor.user).await?;
                tx.put_block(actor.user, user, &reason, Some(at), user_rev)
                    .await?;
                requests::decline_from(tx, actor.user, user, user_rev).await?;
                current(tx, actor, user, vec![Change::User(actor.user)]).await
            })
        })
        .await
}

/// Takes a block back; one that isn't there is no change.
pub async fn unblock(app: &App, actor: Actor, user: UserId) -> Result<Receipt<()>> {
    app.committer
        .submit(Lane::User(actor.user), move |tx, _| {
            Box::pin(async move {
                tx.users_for_update(&[actor.user]).await?;
                let held = tx.block(actor.user, user).await?;
                if held.is_none_or(|row| row.blocked_at.is_none()) {
                    return Ok(Done::unchanged(()));
                }
                let user_rev = tx.next_user_rev(actor.user).await?;
                tx.put_block(actor.user, user, "", None, user_rev).await?;
                Ok(Done::new((), vec![Change::User(actor.user)]))
            })
        })
        .await
}

/// Whom the actor blocks, the latest first.
pub async fn list(app: &App, actor: Actor) -> Result<BlockList> {
    let mut tx = app.db.snapshot().await?;
    let rows = tx.blocks(actor.user, limit::BLOCKS).await?;
    Ok(BlockList {
        blocks: rows.into_iter().map(Block::from).collect(),
    })
}

async fn current(
    tx: &mut Tx,
    actor: Actor,
    user: UserId,
    changes: Vec<Change>,
) -> Result<Done<Block>> {
    let row = tx.block(actor.user, user).await?;
    let row = row.ok_or_else(|| Error::not_found("block"))?;
    Ok(Done::new(row.into(), changes))
}

/// Fails if one of these people takes nothing from the actor, or the actor would open a direct room
/// with somebody whom they block.
pub(super) async fn may_bring(
    tx: &mut Tx,
    actor: Actor,
    others: &BTreeSet<UserId>,
    direct: bool,
) -> Result<()> {
    let pairs: Vec<_> = others.iter().map(|other| (*other, actor.user)).collect();
    if !tx.blocking(&pairs).await?.is_empty() {
        let why = if direct {
            SHUT_OUT
        } else {
            "you can't add this person"
        };
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    let mine: Vec<_> = others.iter().map(|other| (actor.user, *other)).collect();
    if direct && !tx.blocking(&mine).await?.is_empty() {
        let why = "you block this person: take that back first";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    Ok(())
}
