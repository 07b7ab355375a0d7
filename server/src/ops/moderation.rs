//! Muting and banning. A mute and a ban hold until their end or until they are lifted, whether or not
//! the person is in the room meanwhile.

use erc_protocol::{
    Member, MemberState, RoomId, Timestamp, UserId,
    api::moderation::{Ban, BanList, SanctionRequest},
    limit, validate,
};
use serde_json::json;

use super::access::{Access, existing_user, member_change};
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Fields, Result};
use super::{Actor, audit, members};
use crate::app::App;
use crate::rules::permission::Action;
use crate::store::{BanRow, Place, Tx};

/// What somebody is told who is kept out.
pub(super) fn banned(ban: &BanRow) -> String {
    let until = match ban.expires_at {
        Some(until) => format!("until {}", Timestamp(until)),
        None => "until the ban is lifted".to_owned(),
    };
    let because = if ban.reason.is_empty() {
        String::new()
    } else {
        format!(": {}", ban.reason)
    };
    format!(
        "{} is banned from this room {until}{because}",
        ban.display_name
    )
}

/// How long, and why.
struct Sanction {
    ms: Option<i64>,
    reason: String,
}

impl Sanction {
    fn read(request: &SanctionRequest) -> Result<Self> {
        let mut fields = Fields::default();
        let reason = fields.take("reason", validate::reason(&request.reason));
        if request
            .seconds
            .is_some_and(|s| !(1..=limit::SANCTION_S).contains(&s))
        {
            let most = limit::SANCTION_S;
            fields.refuse("seconds", format!("from 1 to {most}, or absent"));
        }
        fields.finish()?;
        let ms = request.seconds.map(|seconds| i64::from(seconds) * 1_000);
        Ok(Self { ms, reason })
    }

    fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.ms.map(|ms| now.plus_ms(ms))
    }
}

/// Puts somebody out, if they are in, and keeps them out.
pub async fn ban(
    app: &App,
    actor: Actor,
    room: RoomId,
    user: UserId,
    request: SanctionRequest,
) -> Result<Receipt<Ban>> {
    let sanction = Sanction::read(&request)?;
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                sanctioned(tx, actor, room, user).await?;
                let (until, reason) = (sanction.until(now), &sanction.reason);
                tx.put_ban(room, user, actor.user, reason, now, until)
                    .await?;
                // What they passed on lets nobody in any more, nor themselves under another name.
                tx.delete_links_of(room, user).await?;
                let mut changes = Vec::new();
                if let Some(place) = tx.place(room, user).await?.filter(Place::is_joined) {
                    members::exit(tx, place, MemberState::Removed, &mut changes).await?;
                }
                let details = json!({ "until": until, "reason": reason });
                audit::add(
                    tx,
                    actor,
                    "member.ban",
                    Some(room),
                    Some(user),
                    details,
                    now,
                )
                .await?;
                let ban = tx
                    .ban(room, user, now)
                    .await?
                    .ok_or_else(|| Error::not_found("ban"))?;
                Ok(Done::new(ban.into(), changes))
            })
        })
        .await
}

/// Lets somebody come back.
pub async fn unban(app: &App, actor: Actor, room: RoomId, user: UserId) -> Result<Receipt<()>> {
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                sanctioned(tx, actor, room, user).await?;
                if tx.delete_ban(room, user).await? {
                    let at = (Some(room), Some(user));
                    audit::add(tx, actor, "member.unban", at.0, at.1, json!({}), now).await?;
                }
                Ok(Done::unchanged(()))
            })
        })
        .await
}

/// Who is kept out now, newest first.
pub async fn bans(app: &App, actor: Actor, room: RoomId) -> Result<BanList> {
    let mut tx = app.db.snapshot().await?;
    Access::load(&mut tx, room, actor.user)
        .await?
        .check(Action::SeeBans)?;
    let rows = tx.bans(room, app.clock.now(), limit::ROOM_ROWS).await?;
    Ok(BanList {
        bans: rows.into_iter().map(Ban::from).collect(),
    })
}

/// Lets somebody only read.
pub async fn mute(
    app: &App,
    actor: Actor,
    room: RoomId,
    user: UserId,
    request: SanctionRequest,
) -> Result<Receipt<Member>> {
    let sanction = Sanction::read(&request)?;
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                sanctioned(tx, actor, room, user).await?;
                let until = sanction.until(now).unwrap_or(Timestamp::NEVER);
                let details = json!({ "until": sanction.until(now), "reason": sanction.reason });
                let at = (Some(room), Some(user));
                audit::add(tx, actor, "member.mute", at.0, at.1, details, now).await?;
                silence(tx, room, user, Some(until)).await
            })
        })
        .await
}

/// Lets somebody write again.
pub async fn unmute(
    app: &App,
    actor: Actor,
    room: RoomId,
    user: UserId,
) -> Result<Receipt<Member>> {
    app.committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                sanctioned(tx, actor, room, user).await?;
                let at = (Some(room), Some(user));
                audit::add(tx, actor, "member.unmute", at.0, at.1, json!({}), now).await?;
                silence(tx, room, user, None).await
            })
        })
        .await
}

/// Fails unless the actor may do this to that person.
async fn sanctioned(tx: &mut Tx, actor: Actor, room: RoomId, user: UserId) -> Result<()> {
    let access = Access::load_for_update(tx, room, actor.user).await?;
    access.check(Action::Read)?;
    existing_user(tx, user).await?;
    let role = access.rank_of(tx, user).await?;
    access.check(Action::Sanction { role })?;
    if user == actor.user {
        return Err(Error::invalid("user_id", "nobody does this to themselves"));
    }
    Ok(())
}

async fn silence(
    tx: &mut Tx,
    room: RoomId,
    user: UserId,
    until: Option<Timestamp>,
) -> Result<Done<Member>> {
    let place = tx
        .place(room, user)
        .await?
        .filter(Place::is_joined)
        .ok_or_else(|| Error::not_found("member"))?;
    let mut changes = Vec::new();
    if place.muted_until != until.map(|until| until.0) {
        let rev = tx.next_rev(room).await?;
        let user_rev = tx.next_user_rev(user).await?;
        tx.set_mute(room, user, until, rev, user_rev).await?;
        changes.push(member_change(tx, room, user).await?);
        changes.push(Change::User(user));
    }
    let member = tx
        .member(room, user)
        .await?
        .ok_or_else(|| Error::not_found("member"))?;
    Ok(Done::new(member.into(), changes))
}
