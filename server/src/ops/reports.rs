//! Reports: somebody tells those who moderate of a message or of a person; one of these takes it and
//! closes it with an outcome, which goes through the operation that anybody would use for it, with
//! the rights of the one who closes.
//!
//! What a room's report is about, its moderators see and those of the server; what is about a person
//! alone, those of the server. Nobody sees what they are reported for themselves. How many wait is part of what each of them sees of themselves: it is
//! told under their own counter, like any private change.

mod handling;

use std::collections::BTreeSet;

use super::access::{Access, existing_user};
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::filters::Flagged;
use super::{Actor, messages};
use crate::app::App;
use crate::clock;
use crate::rules::permission::Action;
use crate::store::{self, ErasureRow, MessageRow, ReportRow, Tx};
use erc_protocol::{
    ErrorCode, Message, MessageId, Report, ReportId, RoomId, RoomKind, Seq, ServerRole, Timestamp,
    UserId, UserRev, limit,
    report::{MyReport, ReportKind, ReportList, ReportRequest, ReportState, ReportedMessage},
    validate,
};

pub use handling::{close, take};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Reports a message that the actor sees, or somebody. The same again, while it isn't closed, is the
/// same report.
pub async fn report(app: &App, actor: Actor, request: ReportRequest) -> Result<Receipt<MyReport>> {
    let words = validate::report_words(&request.words);
    let words = words.map_err(|reason| Error::invalid("words", reason))?;
    app.committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let (user, place) = match (request.message_id, request.user_id) {
                    (Some(id), None) => {
                        let (message, access) = messages::visible(tx, actor, id, true).await?;
                        let context = around(tx, &access, message.seq).await?;
                        (message.sender_id, Some((message, context)))
                    }
                    (None, Some(user)) => (existing_user(tx, user).await?.id, None),
                    _ => {
                        let why = "give a message or a user";
                        return Err(Error::invalid("message_id", why));
                    }
                };
                if user == actor.user {
                    return Err(Error::invalid("user_id", "that is you"));
                }
                let room = place.as_ref().map(|(message, _)| message.chat_room_id);
                let told = listeners(tx, room, actor.user, user).await?;
                tx.users_for_update(&told).await?;
                let same = tx.open_report(actor.user, user, request.message_id).await?;
                if let Some(row) = same {
                    return Ok(Done::unchanged(row.mine()));
                }
                let since = Timestamp(now.0 - DAY_MS);
                let most = limit::REPORTS_PER_DAY;
                if tx.count_reports_by(actor.user, since).await? >= most {
                    let why = format!("at most {most} reports a day");
                    return Err(Error::refused(ErrorCode::LimitReached, why));
                }
                let message = request.message_id.zip(room);
                let context = place.map_or_else(Vec::new, |(_, context)| context);
                let row = ReportRow {
                    kind: request.kind,
                    words,
                    context: serde_json::to_string(&context).unwrap_or_default(),
                    ..new_row(actor.user, user, message, now)
                };
                put(tx, row, &told).await
            })
        })
        .await
}

/// Tells those who moderate what filters found in messages that were just written: whoever made the
/// filter reports. Of one person in one room once while that isn't closed: they are looked at anyway.
pub(super) async fn flagged(
    tx: &mut Tx,
    found: Vec<(Message, Flagged)>,
    now: Timestamp,
) -> store::Result<Vec<Change>> {
    let mut changes = Vec::new();
    let mut rows: Vec<(ReportRow, Vec<UserId>)> = Vec::new();
    for (message, (by, text)) in found {
        let (user, room) = (message.sender_id, message.chat_room_id);
        let same = |row: &ReportRow| {
            (row.reporter_id, row.user_id, row.room_id) == (by, user, Some(room.0))
        };
        if by == user
            || rows.iter().any(|(row, _)| same(row))
            || tx.open_report_in(by, user, room).await?
        {
            continue;
        }
        let told = listeners(tx, Some(room), by, user).await?;
        let context = context(tx, room, Seq(1), message.seq).await?;
        let row = ReportRow {
            kind: ReportKind::Other,
            words: format!("the filter “{text}” found this"),
            context: serde_json::to_string(&context).unwrap_or_default(),
            ..new_row(by, user, Some((message.message_id, room)), now)
        };
        rows.push((row, told));
    }
    // All at once, so that two who write at the same moment don't wait for each other.
    let mut all: Vec<_> = rows.iter().flat_map(|(_, told)| told).copied().collect();
    all.sort_unstable();
    all.dedup();
    if !all.is_empty() {
        tx.users_for_update(&all).await?;
    }
    for (row, told) in rows {
        changes.extend(write(tx, row, &told).await?.1);
    }
    Ok(changes)
}

/// A report that nobody has looked at.
fn new_row(
    reporter: UserId,
    user: UserId,
    message: Option<(MessageId, RoomId)>,
    now: Timestamp,
) -> ReportRow {
    ReportRow {
        id: clock::new_report_id(),
        reporter_id: reporter,
        reporter_name: String::new(),
        user_id: user,
        user_name: String::new(),
        room_id: message.map(|(_, room)| room.0),
        room_name: None,
        message_id: message.map(|(message, _)| message.0),
        kind: ReportKind::Other,
        words: String::new(),
        context: "[]".to_owned(),
        state: ReportState::Open,
        taken_by: None,
        taken_by_name: None,
        outcome: None,
        note: String::new(),
        created_at: now,
        changed_at: now,
        user_rev: UserRev::ZERO,
    }
}

/// The messages around a place that the reporter sees, as they are now.
async fn around(tx: &mut Tx, access: &Access, seq: Seq) -> Result<Vec<ReportedMessage>> {
    let Some(visible) = access.visibility() else {
        return Err(Error::not_found("message"));
    };
    Ok(context(tx, access.room.id, visible.first(), seq).await?)
}

/// The messages around a place, from the first that counts.
async fn context(
    tx: &mut Tx,
    room: RoomId,
    first: Seq,
    seq: Seq,
) -> store::Result<Vec<ReportedMessage>> {
    let each = limit::REPORT_CONTEXT;
    let mut rows = tx
        .messages_before(room, first, seq.next(), each + 1)
        .await?;
    rows.extend(tx.messages_after(room, first, seq, each).await?);
    let kept = |row: MessageRow| ReportedMessage {
        message_id: row.id,
        seq: row.seq,
        sender_id: row.sender_id,
        sender_name: row.sender_name,
        content: row.content,
        created_at: row.created_at,
    };
    let there = rows.into_iter().filter(|row| row.deleted_at.is_none());
    Ok(there.map(kept).collect())
}

/// Everybody whose own counter moves with a report, in order: those who may look after it, and the
/// reporter. Those of the room are asked for at this moment; whoever becomes a moderator later sees
/// the queue with that change.
async fn listeners(
    tx: &mut Tx,
    room: Option<RoomId>,
    by: UserId,
    of: UserId,
) -> store::Result<Vec<UserId>> {
    let mut all = BTreeSet::from([by]);
    all.extend(tx.server_moderators().await?);
    if let Some(room) = room {
        all.extend(tx.room_moderators(room).await?);
    }
    all.remove(&of);
    Ok(all.into_iter().collect())
}

/// Writes a report, moves the counters of all of these, and tells them. They are locked.
async fn put(tx: &mut Tx, row: ReportRow, told: &[UserId]) -> Result<Done<MyReport>> {
    let (row, changes) = write(tx, row, told).await?;
    Ok(Done::new(row.mine(), changes))
}

async fn write(
    tx: &mut Tx,
    mut row: ReportRow,
    told: &[UserId],
) -> store::Result<(ReportRow, Vec<Change>)> {
    let mut changes = Vec::with_capacity(told.len());
    for user in told {
        let user_rev = tx.next_user_rev(*user).await?;
        if *user == row.reporter_id {
            row.user_rev = user_rev;
        }
        changes.push(Change::User(*user));
    }
    tx.put_report(&row).await?;
    Ok((row, changes))
}

/// Whether somebody looks after all reports of the server.
const fn sees_all(role: ServerRole) -> bool {
    matches!(
        role,
        ServerRole::Moderator | ServerRole::Admin | ServerRole::Owner
    )
}

/// Whether somebody may look after reports of this room, or of none.
async fn may_see(tx: &mut Tx, user: UserId, room: Option<RoomId>) -> Result<bool> {
    if sees_all(existing_user(tx, user).await?.role) {
        return Ok(true);
    }
    let Some(room) = room else { return Ok(false) };
    match Access::load(tx, room, user).await {
        // Of a direct room, nobody but those of the server.
        Ok(access) if access.room.kind == RoomKind::Direct => Ok(false),
        Ok(access) => Ok(access.check(Action::SeeBans).is_ok()),
        Err(Error::Refused(_)) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// How many reports wait that a user of this role may look after.
pub(super) async fn waiting(tx: &mut Tx, user: UserId, role: ServerRole) -> Result<i64> {
    let all = sees_all(role);
    let mut count = 0;
    for (room, waiting) in tx.count_open_reports(user, all).await? {
        // A room may ask for more than a rank.
        if all || may_see(tx, user, room).await? {
            count += waiting;
        }
    }
    Ok(count)
}

/// What the actor may look after: what waits, or what is closed.
pub async fn list(app: &App, actor: Actor, closed: bool) -> Result<ReportList> {
    let mut tx = app.db.snapshot().await?;
    let all = sees_all(existing_user(&mut tx, actor.user).await?.role);
    let rows = if closed {
        tx.closed_reports(actor.user, all, limit::REPORT_ROWS)
            .await?
    } else {
        tx.open_reports(actor.user, all, limit::REPORT_ROWS).await?
    };
    let mut reports = Vec::new();
    for row in rows {
        if all || may_see(&mut tx, actor.user, row.room_id.map(RoomId)).await? {
            reports.push(Report::from(row));
        }
    }
    Ok(ReportList { reports })
}

/// A report that a user may look after.
async fn seen(tx: &mut Tx, user: UserId, id: ReportId) -> Result<ReportRow> {
    let unknown = || Error::not_found("report");
    let row = tx.report(id).await?.ok_or_else(unknown)?;
    if row.user_id == user || !may_see(tx, user, row.room_id.map(RoomId)).await? {
        return Err(unknown());
    }
    Ok(row)
}

/// A report that the actor may look after, its listeners locked.
async fn locked(tx: &mut Tx, actor: Actor, id: ReportId) -> Result<(ReportRow, Vec<UserId>)> {
    let found = seen(tx, actor.user, id).await?;
    let room = found.room_id.map(RoomId);
    if let Some(room) = room {
        // First the rooms, then the users, as everywhere; and no rank changes meanwhile.
        tx.room_for_update(room).await?;
    }
    let mut told = listeners(tx, room, found.reporter_id, found.user_id).await?;
    told.push(actor.user);
    told.sort_unstable();
    told.dedup();
    tx.users_for_update(&told).await?;
    // Again: it may have changed before they were locked.
    let row = seen(tx, actor.user, id).await?;
    if row.state == ReportState::Closed {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "the report is closed already",
        ));
    }
    Ok((row, told))
}

/// One report that the actor may look after.
pub async fn get(app: &App, actor: Actor, id: ReportId) -> Result<Report> {
    let mut tx = app.db.snapshot().await?;
    Ok(seen(&mut tx, actor.user, id).await?.into())
}

/// What a report kept, without the words of somebody who is erased, or only without their name.
pub(super) fn without(context: &str, erased: &ErasureRow) -> String {
    let mut messages: Vec<ReportedMessage> = serde_json::from_str(context).unwrap_or_default();
    for message in &mut messages {
        if message.sender_id == erased.user_id {
            "deleted user".clone_into(&mut message.sender_name);
            if !erased.keeps_messages {
                message.content.clear();
            }
        }
    }
    serde_json::to_string(&messages).unwrap_or_default()
}
