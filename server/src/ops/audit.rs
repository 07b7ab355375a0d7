//! What is written down of those who have power over others: who, what, where, to whom, when. Each
//! line stands in the transaction of what it tells. What is done in the shell has no actor.

use erc_protocol::{
    ErrorCode, RoomId, ServerRole, Timestamp, UserId,
    api::audit::{AuditEntry, AuditPage, AuditQuery},
    limit,
};
use serde_json::{Map, Value, json};

use super::Actor;
use super::access::{Access, existing_user};
use super::error::{Error, Result};
use crate::app::App;
use crate::clock;
use crate::rules::permission::Action;
use crate::store::{self, AuditLine, AuditWanted, RoomRow, Tx};

/// Adds a line; `action` is a word for programs: `member.ban`.
pub(super) async fn add(
    tx: &mut Tx,
    actor: impl Into<Option<Actor>>,
    action: &'static str,
    room: Option<RoomId>,
    user: Option<UserId>,
    details: Value,
    now: Timestamp,
) -> store::Result<()> {
    let line = AuditLine {
        id: clock::new_audit_id(),
        actor: actor.into().map(|actor| actor.user),
        action,
        room,
        user,
        details: details.to_string(),
    };
    tx.add_audit(&line, now).await
}

/// The room's fields that changed, from what to what.
pub(super) async fn room_changed(
    tx: &mut Tx,
    actor: impl Into<Option<Actor>>,
    old: &RoomRow,
    new: &RoomRow,
    now: Timestamp,
) -> store::Result<()> {
    let fields = |row: &RoomRow| {
        [
            ("name", json!(row.name)),
            ("topic", json!(row.topic)),
            ("is_private", json!(row.is_private)),
            ("settings", json!(row.settings)),
        ]
    };
    let changed: Map<String, Value> = fields(old)
        .into_iter()
        .zip(fields(new))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((name, before), (_, after))| (name.to_owned(), json!([before, after])))
        .collect();
    let details = Value::Object(changed);
    add(tx, actor, "room.change", Some(new.id), None, details, now).await
}

/// Lines of a room's log, for who manages the room.
pub async fn of_room(
    app: &App,
    actor: Actor,
    room: RoomId,
    query: AuditQuery,
) -> Result<AuditPage> {
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, actor.user).await?;
    access.check(Action::SeeAudit)?;
    page(&mut tx, Some(room), query).await
}

/// Lines of the whole server's log, for its administrators.
pub async fn of_server(app: &App, actor: Actor, query: AuditQuery) -> Result<AuditPage> {
    let mut tx = app.db.snapshot().await?;
    if existing_user(&mut tx, actor.user).await?.role < ServerRole::Admin {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "only administrators read the log of the server",
        ));
    }
    page(&mut tx, None, query).await
}

/// The same in the shell.
pub async fn for_operator(app: &App, query: AuditQuery) -> Result<AuditPage> {
    page(&mut app.db.snapshot().await?, None, query).await
}

async fn page(tx: &mut Tx, room: Option<RoomId>, query: AuditQuery) -> Result<AuditPage> {
    let limit = query.limit.unwrap_or(limit::AUDIT_LINES_DEFAULT);
    if !(1..=limit::AUDIT_LINES).contains(&limit) {
        let why = format!("from 1 to {}", limit::AUDIT_LINES);
        return Err(Error::invalid("limit", why));
    }
    let fits = |c: char| c.is_ascii_lowercase() || matches!(c, '.' | '_');
    let action = query.action.filter(|action| !action.is_empty());
    let is_name = |text: &String| text.len() <= limit::AUDIT_ACTION_CHARS && text.chars().all(fits);
    if action.as_ref().is_some_and(|text| !is_name(text)) {
        return Err(Error::invalid("action", "a word such as member.ban"));
    }
    let wanted = AuditWanted {
        room,
        before: query.before,
        action,
        actor: query.actor_id,
        user: query.user_id,
    };
    let mut rows = tx.audit_page(&wanted, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    if has_more {
        rows.pop();
    }
    Ok(AuditPage {
        entries: rows.into_iter().map(AuditEntry::from).collect(),
        has_more,
    })
}
