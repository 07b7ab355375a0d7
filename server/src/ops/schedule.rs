//! What users ask to be done later: sending a message, reminding them of one.
//!
//! Rows are the owner's alone and live under their `user_rev`. What is due is done by [`due`], in the
//! transaction that also says so in the row, and the row's name is the message's: whichever node
//! comes second finds it done, and a message can't be there twice. Whoever changes a row locks its
//! owner's counter first, so that changes of one user's rows come one after the other.

use std::sync::Arc;

use erc_protocol::{
    ClientId, ErrorCode, MessageId, MessageType, RoomId, Scheduled, Timestamp, limit, mention,
    schedule::{
        RemindRequest, RescheduleRequest, ScheduleRequest, ScheduledKind, ScheduledList,
        ScheduledState, When,
    },
    validate,
};

use super::access::Access;
use super::change::Change;
use super::committer::{Committer, Done, Lane, Receipt};
use super::error::{Error, Result};
use super::send::{self, Accepted, Call, MessageIds, Send};
use super::{Actor, filters, messages};
use crate::app::App;
use crate::clock;
use crate::hub::Hub;
use crate::rules::permission::Action;
use crate::store::{ScheduledRow, Tx};

/// What of a wish stands in the row.
fn set_time(row: &mut ScheduledRow, when: &When, now: Timestamp) -> Result<()> {
    row.due_at = when
        .resolve(now)
        .map_err(|wrong| Error::invalid(wrong.field, wrong.reason))?;
    row.local_time = when.local_time.clone().unwrap_or_default();
    row.time_zone = when.time_zone.clone().unwrap_or_default();
    row.state = ScheduledState::Waiting;
    row.error = String::new();
    Ok(())
}

fn valid_note(text: &str) -> Result<String> {
    validate::note(text).map_err(|reason| Error::invalid("note", reason))
}

/// Keeps a message to be sent into a room. The same `client_id` again gives the row as it stands.
pub async fn message(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: ScheduleRequest,
) -> Result<Scheduled> {
    let content = messages::valid_content(&request.content)?;
    let client_id = request.client_id.unwrap_or_else(clock::new_client_id);
    let made = app
        .committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                // Whether they may write is decided when the time comes.
                let access = Access::load(tx, room, actor.user).await?;
                access.check(Action::Read)?;
                access.joined().ok_or_else(|| Error::not_found("room"))?;
                let row = ScheduledRow {
                    reply_to: request.reply_to.map(|id| id.0),
                    content,
                    ..blank(actor, client_id, ScheduledKind::Message, room)
                };
                add(tx, row, &request.when, now).await
            })
        })
        .await?
        .await;
    app.timer.wake();
    made
}

/// Keeps a reminder of a message that the actor may see.
pub async fn remind(
    app: &App,
    actor: Actor,
    id: MessageId,
    request: RemindRequest,
) -> Result<Scheduled> {
    let content = valid_note(&request.note)?;
    let client_id = request.client_id.unwrap_or_else(clock::new_client_id);
    let made = app
        .committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let (message, _) = messages::visible(tx, actor, id, false).await?;
                let room = message.chat_room_id;
                let row = ScheduledRow {
                    message_id: Some(id.0),
                    content,
                    ..blank(actor, client_id, ScheduledKind::Reminder, room)
                };
                add(tx, row, &request.when, now).await
            })
        })
        .await?
        .await;
    app.timer.wake();
    made
}

fn blank(actor: Actor, client_id: ClientId, kind: ScheduledKind, room: RoomId) -> ScheduledRow {
    ScheduledRow {
        user_id: actor.user,
        client_id,
        kind,
        room_id: room,
        message_id: None,
        content: String::new(),
        reply_to: None,
        due_at: Timestamp(0),
        local_time: String::new(),
        time_zone: String::new(),
        state: ScheduledState::Waiting,
        error: String::new(),
        user_rev: erc_protocol::UserRev::ZERO,
    }
}

async fn add(
    tx: &mut Tx,
    mut row: ScheduledRow,
    when: &When,
    now: Timestamp,
) -> Result<Done<Scheduled>> {
    let user = row.user_id;
    tx.users_for_update(&[user]).await?;
    if let Some(there) = tx.scheduled(user, row.client_id).await? {
        if there.kind != row.kind || there.room_id != row.room_id {
            let why = "this client_id was used for something else";
            return Err(Error::refused(ErrorCode::ClientIdReused, why));
        }
        return Ok(Done::unchanged(there.into()));
    }
    let most = limit::SCHEDULED_PER_USER;
    if tx.scheduled_open(user, most).await?.len() as i64 >= most {
        let why = format!("at most {most} scheduled messages and reminders: cancel one first");
        return Err(Error::refused(ErrorCode::LimitReached, why));
    }
    set_time(&mut row, when, now)?;
    put(tx, row).await
}

/// Writes a changed row under its owner's next number.
async fn put(tx: &mut Tx, mut row: ScheduledRow) -> Result<Done<Scheduled>> {
    row.user_rev = tx.next_user_rev(row.user_id).await?;
    tx.put_scheduled(&row).await?;
    let change = Change::User(row.user_id);
    Ok(Done::new(row.into(), vec![change]))
}

/// What the actor still waits for, or has to decide on.
pub async fn list(app: &App, actor: Actor) -> Result<ScheduledList> {
    let mut tx = app.db.snapshot().await?;
    let most = limit::SCHEDULED_PER_USER;
    let rows = tx.scheduled_open(actor.user, most).await?;
    let scheduled = rows.into_iter().map(Scheduled::from).collect();
    Ok(ScheduledList { scheduled })
}

/// Another text, another time. What was refused or is due waits again.
pub async fn change(
    app: &App,
    actor: Actor,
    client_id: ClientId,
    request: RescheduleRequest,
) -> Result<Scheduled> {
    let changed = app
        .committer
        .submit(Lane::User(actor.user), move |tx, now| {
            Box::pin(async move {
                let mut row = open(tx, actor, client_id).await?;
                if let Some(content) = &request.content {
                    row.content = match row.kind {
                        ScheduledKind::Message => messages::valid_content(content)?,
                        ScheduledKind::Reminder => valid_note(content)?,
                    };
                }
                if !request.when.is_absent() {
                    set_time(&mut row, &request.when, now)?;
                } else if row.state != ScheduledState::Waiting {
                    return Err(Error::invalid("due_at", "say when it shall be tried again"));
                }
                put(tx, row).await
            })
        })
        .await?
        .await;
    app.timer.wake();
    changed
}

async fn open(tx: &mut Tx, actor: Actor, client_id: ClientId) -> Result<ScheduledRow> {
    tx.users_for_update(&[actor.user]).await?;
    let row = tx.scheduled(actor.user, client_id).await?;
    row.filter(|row| row.state != ScheduledState::Done)
        .ok_or_else(|| Error::not_found("scheduled message or reminder"))
}

/// Cancels it, or puts it away. Only one of this and the sending happens.
pub async fn cancel(app: &App, actor: Actor, client_id: ClientId) -> Result<Receipt<Scheduled>> {
    app.committer
        .submit(Lane::User(actor.user), move |tx, _| {
            Box::pin(async move {
                let mut row = open(tx, actor, client_id).await?;
                finish(&mut row);
                put(tx, row).await
            })
        })
        .await
}

fn finish(row: &mut ScheduledRow) {
    row.state = ScheduledState::Done;
    row.content = String::new();
    row.reply_to = None;
    row.error = String::new();
    row.local_time = String::new();
    row.time_zone = String::new();
}

/// Does what is due, unless another node has, or its owner has changed their mind.
pub(crate) async fn due(
    committer: &Committer,
    hub: &Arc<Hub>,
    row: &ScheduledRow,
) -> Result<Receipt<()>> {
    let hub = hub.clone();
    let (user, client_id, room) = (row.user_id, row.client_id, row.room_id);
    committer
        .submit(Lane::Room(room), move |tx, now| {
            Box::pin(async move {
                // First the room, then the user: as everywhere.
                tx.room_for_update(room).await?;
                tx.users_for_update(&[user]).await?;
                let row = tx.scheduled(user, client_id).await?;
                let is_due =
                    |row: &ScheduledRow| row.state == ScheduledState::Waiting && row.due_at <= now;
                let Some(mut row) = row.filter(is_due) else {
                    return Ok(Done::unchanged(()));
                };
                let mut changes = Vec::new();
                match row.kind {
                    ScheduledKind::Message => match send_now(tx, &hub, &row, now).await {
                        Ok(mut sent) => {
                            changes.extend(sent.changes());
                            finish(&mut row);
                            row.message_id = Some(sent.message.message_id.0);
                        }
                        Err(refused @ Error::Refused(_)) => {
                            row.state = ScheduledState::Refused;
                            row.error = serde_json::to_string(&refused.body()).unwrap_or_default();
                        }
                        Err(failure) => return Err(failure),
                    },
                    ScheduledKind::Reminder => row.state = ScheduledState::Due,
                }
                changes.extend(put(tx, row).await?.changes);
                Ok(Done::new((), changes))
            })
        })
        .await
}

async fn send_now(tx: &mut Tx, hub: &Hub, row: &ScheduledRow, now: Timestamp) -> Result<Accepted> {
    let call = match mention::everybody(&row.content) {
        None => None,
        Some(who) => Some(Call::now(who, row.room_id, hub, tx).await?),
    };
    let send = Send {
        sender: row.user_id,
        room: row.room_id,
        content: row.content.clone(),
        call,
        kind: MessageType::Text,
        client_id: row.client_id,
        reply_to: row.reply_to.map(MessageId),
        thread_id: None,
        also_in_room: false,
        poll: None,
        forwarded: None,
        lifetime: None,
        drafts: Vec::new(),
        filters: filters::within(tx, row.room_id).await?,
    };
    let mut ids = MessageIds::within(tx, send::IDS_EACH).await?;
    let mut results = send::send_all(tx, &mut ids, &[send.into()], now).await?;
    let none = || Error::Internal("a send without a result".into());
    results.pop().ok_or_else(none)?
}
