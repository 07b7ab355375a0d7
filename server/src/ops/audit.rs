//! What is written down of those who have power over others: who, what, where, to whom, when. Each
//! line stands in the transaction of what it tells. What is done in the shell has no actor.

use erc_protocol::{RoomId, Timestamp, UserId};
use serde_json::{Map, Value, json};

use super::Actor;
use crate::clock;
use crate::store::{self, AuditLine, RoomRow, Tx};

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
