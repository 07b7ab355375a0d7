//! Figures of a room, for those who look after it; of the whole server, for its admins.
//!
//! They are sums of what [`crate::analytics`] has counted. Of a room one gets those of the quarters of
//! an hour in which one may see every message: who came later, and sees nothing of what was before,
//! learns nothing of how much that was.

mod fold;

use erc_protocol::api::analytics::{Analytics, AnalyticsQuery, UserFigures};
use erc_protocol::{ErrorCode, RoomId, Seq, ServerRole, UserId, limit};
use jiff::tz::TimeZone;

use super::Actor;
use super::access::{Access, existing_user};
use super::error::{Error, Fields, Result};
use crate::analytics::SLOT_MS;
use crate::app::App;
use crate::rules::permission::Action;
use crate::rules::visibility::Visibility;
use crate::store::Tx;
use fold::{Days, Sums};

/// Days over which people count as active in a month.
const MONTH: i64 = 30;

/// Figures of a room.
pub async fn of_room(
    app: &App,
    actor: Actor,
    room: RoomId,
    query: &AnalyticsQuery,
) -> Result<Analytics> {
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, actor.user).await?;
    access.check(Action::SeeFigures)?;
    let Some(visible) = access.visibility() else {
        return Err(Error::not_found("room"));
    };
    let first = first_slot(&mut tx, room, visible).await?;
    figures(app, &mut tx, Some(room), first, query).await
}

/// Figures of the whole server.
pub async fn of_server(app: &App, actor: Actor, query: &AnalyticsQuery) -> Result<Analytics> {
    let mut tx = app.db.snapshot().await?;
    if existing_user(&mut tx, actor.user).await?.role < ServerRole::Admin {
        let why = "only admins of the server see its figures";
        return Err(Error::refused(ErrorCode::Forbidden, why));
    }
    figures(app, &mut tx, None, i64::MIN, query).await
}

/// The first quarter of an hour that holds nothing that may not be seen.
async fn first_slot(tx: &mut Tx, room: RoomId, visible: Visibility) -> Result<i64> {
    let hidden = tx
        .messages_before(room, Seq(1), visible.first(), 1)
        .await?
        .pop();
    Ok(hidden.map_or(i64::MIN, |last| last.created_at.0.div_euclid(SLOT_MS) + 1))
}

fn zone(fields: &mut Fields, name: Option<&str>) -> (String, TimeZone) {
    let name = name.unwrap_or("UTC");
    let zone = TimeZone::get(name).unwrap_or_else(|_| {
        fields.refuse("time_zone", "no time zone is called so");
        TimeZone::UTC
    });
    (zone.iana_name().unwrap_or("UTC").to_owned(), zone)
}

async fn figures(
    app: &App,
    tx: &mut Tx,
    room: Option<RoomId>,
    first: i64,
    query: &AnalyticsQuery,
) -> Result<Analytics> {
    let mut fields = Fields::default();
    let (name, zone) = zone(&mut fields, query.time_zone.as_deref());
    let days = query.days.unwrap_or(limit::ANALYTICS_DAYS_DEFAULT);
    if !(1..=limit::ANALYTICS_DAYS).contains(&days) {
        let most = limit::ANALYTICS_DAYS;
        fields.refuse("days", format!("from 1 to {most}"));
    }
    fields.finish()?;
    let days = Days::up_to(app.clock.now(), &zone, i64::from(days));
    let mut sums = Sums::new(&days, MONTH);
    let read = days.back(MONTH).start.max(first)..days.slots().end;
    tx.each_count(room, read, |key, counts| sums.count(&key, &counts))
        .await?;
    let read = days.slots().start.max(first)..days.slots().end;
    tx.each_answer(room, read, |way, class, answers| {
        sums.answers(way, class, answers);
    })
    .await?;
    for at in tx.comings(room).await? {
        sums.came(at);
    }
    let behind = tx.counts_behind(room).await?;
    let (mut figures, mut users) = sums.finish();
    users.truncate(limit::ANALYTICS_USERS);
    figures.by_user = named(tx, users).await?;
    figures.room_id = room;
    figures.behind = behind;
    figures.time_zone = name;
    Ok(figures)
}

async fn named(tx: &mut Tx, mut users: Vec<UserFigures>) -> Result<Vec<UserFigures>> {
    let ids: Vec<UserId> = users.iter().map(|one| one.user_id).collect();
    for (id, username, name) in tx.names(&ids).await? {
        for one in users.iter_mut().filter(|one| one.user_id == id) {
            one.username.clone_from(&username);
            one.display_name.clone_from(&name);
        }
    }
    Ok(users)
}
