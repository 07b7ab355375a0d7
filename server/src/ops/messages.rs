//! Sending, reading, editing and deleting messages.

use erc_protocol::{
    ClientId, ErrorCode, Lifetime, Message, MessageId, MessageType, Poll, Rev, RoomId, Seq,
    Timestamp,
    api::messages::{EditMessageRequest, MessageHistory, MessageVersion, SendMessageRequest},
    api::rooms::{MessagePage, PageQuery},
    limit, mention,
    validate::{self, ContentError},
};

use super::Actor;
use super::access::Access;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use super::filters::Filters;
use super::polls;
use super::send::{Call, Send};
use super::{reports, threads};
use crate::app::App;
use crate::clock;
use crate::rules::permission::Action;
use crate::rules::visibility::Visibility;
use crate::store::{Beside, MessageRow, Tx};

pub(super) fn valid_content(text: &str) -> Result<String> {
    validate::content(text).map_err(|error| match error {
        ContentError::TooLarge { .. } | ContentError::DraftTooLarge { .. } => {
            Error::refused(ErrorCode::TooLarge, error.to_string())
        }
        ContentError::Empty | ContentError::Control(_) => {
            Error::invalid("content", error.to_string())
        }
    })
}

/// Sends a message. The receipt holds it once it is durable; a repeated `client_id` gives the
/// first result.
pub async fn send(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: SendMessageRequest,
) -> Result<Receipt<Message>> {
    send_draft(app, actor, room, request, Vec::new()).await
}

/// As [`send`]; the actor's draft is emptied in the same transaction, if it is in one of these
/// states.
pub async fn send_draft(
    app: &App,
    actor: Actor,
    room: RoomId,
    request: SendMessageRequest,
    drafts: Vec<ClientId>,
) -> Result<Receipt<Message>> {
    if drafts.len() > limit::DRAFT_NAMES {
        let why = format!("at most {} at a time", limit::DRAFT_NAMES);
        return Err(Error::invalid("drafts", why));
    }
    let content = valid_content(&request.content)?;
    let lifetime = Lifetime::asked(request.expires_in, request.expires_from)
        .map_err(|reason| Error::invalid("expires_in", reason))?;
    let poll = match (&request.message_type, &request.poll) {
        (MessageType::Text, None) => None,
        (MessageType::Poll, Some(new)) => {
            let wrong = |(field, reason)| Error::invalid(field, reason);
            Some(Box::new(Poll::new(&content, new).map_err(wrong)?))
        }
        (MessageType::Text | MessageType::Poll, _) => {
            let why = "it goes with the type poll, which takes it";
            return Err(Error::invalid("poll", why));
        }
        _ => {
            return Err(Error::invalid(
                "message_type",
                "this server takes messages of the types text and poll",
            ));
        }
    };
    let content = poll.as_ref().map_or(content, |poll| poll.text());
    let call = match mention::everybody(&content) {
        None => None,
        Some(who) => Some(Box::pin(called_now(app, room, who)).await?),
    };
    let filters = app.filters.of(&app.db, Some(room)).await?;
    let send = Send {
        sender: actor.user,
        room,
        content,
        call,
        kind: request.message_type,
        client_id: request.client_id.unwrap_or_else(clock::new_client_id),
        reply_to: request.reply_to,
        thread_id: request.thread_id,
        also_in_room: request.also_in_room && request.thread_id.is_some(),
        poll,
        forwarded: None,
        lifetime,
        drafts,
        filters,
    };
    app.committer.submit_send(send).await
}

async fn called_now(app: &App, room: RoomId, who: mention::Everybody) -> Result<Call> {
    let mut tx = app.db.snapshot().await?;
    Ok(Call::now(who, room, &app.hub, &mut tx).await?)
}

/// A message that the actor may see, with what decides about changing it.
pub(super) async fn visible(
    tx: &mut Tx,
    actor: Actor,
    id: MessageId,
    for_update: bool,
) -> Result<(Message, Access)> {
    let unknown = || Error::not_found("message");
    let found = tx.message(id).await?.ok_or_else(unknown)?;
    let room = found.room_id;
    let access = if for_update {
        Access::load_for_update(tx, room, actor.user).await
    } else {
        Access::load(tx, room, actor.user).await
    };
    let access = access.map_err(|error| match error {
        Error::Refused(_) => unknown(),
        failure => failure,
    })?;
    if !access
        .visibility()
        .is_some_and(|visible| visible.allows(found.seq))
    {
        return Err(unknown());
    }
    // Read again: it may have changed before the room was locked.
    let message = tx.message(id).await?.ok_or_else(unknown)?;
    Ok((message.into(), access))
}

/// One message.
pub async fn get(app: &App, actor: Actor, id: MessageId) -> Result<Message> {
    let mut tx = app.db.snapshot().await?;
    Ok(visible(&mut tx, actor, id, false).await?.0)
}

/// Changes the content of one's own message. The same `client_id` again changes nothing, and is
/// refused with another text.
pub async fn edit(
    app: &App,
    actor: Actor,
    id: MessageId,
    request: EditMessageRequest,
) -> Result<Receipt<Message>> {
    let content = valid_content(&request.content)?;
    let client_id = request.client_id.unwrap_or_else(clock::new_client_id);
    let (base_rev, options) = (request.base_rev, request.options);
    let filters = filters_of(app, id).await?;
    app.committer
        .submit(Lane::Message(id), move |tx, now| {
            Box::pin(async move {
                let (message, access) = visible(tx, actor, id, true).await?;
                let own = message.sender_id == actor.user;
                access.check_at(Action::EditMessage { own }, now)?;
                if message.is_deleted() {
                    return Err(Error::refused(
                        ErrorCode::MessageDeleted,
                        "the message was deleted",
                    ));
                }
                let reworded = match (&message.poll, &options) {
                    (Some(poll), _) => Some(polls::reworded(poll, &content, options.as_deref())?),
                    (None, None) => None,
                    (None, Some(_)) => {
                        return Err(Error::invalid("options", "the message is no poll"));
                    }
                };
                let content = reworded.as_ref().map_or(content, |(poll, _)| poll.text());
                let passed = match filters.pass(&content, reworded.is_some()) {
                    // It was taken once.
                    Err(_) if tx.edit_by_client_id(id, client_id).await?.is_some() => {
                        return Ok(Done::unchanged(message));
                    }
                    passed => passed?,
                };
                let content = passed.masked.unwrap_or(content);
                if is_settled(tx, &message, client_id, base_rev, &content, now).await? {
                    return Ok(Done::unchanged(message));
                }
                if let Some((poll, other_options)) = &reworded {
                    polls::check_edit(poll, *other_options, now)?;
                }
                keep_first(tx, &message).await?;
                let rev = tx.next_rev(message.chat_room_id).await?;
                tx.edit_message(id, client_id, &content, rev, now).await?;
                if let Some((poll, _)) = &reworded {
                    tx.write_poll(id, poll, rev).await?;
                }
                let mut done = changed(tx, id).await?;
                if let Some(by) = passed.flagged {
                    let flagged = vec![(done.value.clone(), by)];
                    done.changes
                        .extend(reports::flagged(tx, flagged, now).await?);
                }
                Ok(done)
            })
        })
        .await
}

/// What the room of a message doesn't take.
async fn filters_of(app: &App, id: MessageId) -> Result<Filters> {
    let room = app.db.snapshot().await?.message(id).await?;
    let room = room.map(|row| row.room_id);
    Ok(app.filters.of(&app.db, room).await?)
}

/// Whether nothing is left to do; fails if the message changed under the editor's hands.
async fn is_settled(
    tx: &mut Tx,
    message: &Message,
    client_id: ClientId,
    base_rev: Option<Rev>,
    content: &str,
    now: Timestamp,
) -> Result<bool> {
    let id = message.message_id;
    let reused = || {
        Error::refused(
            ErrorCode::ClientIdReused,
            "this client_id is another edit's",
        )
    };
    if client_id == message.client_id {
        return Err(reused());
    }
    if let Some(first) = tx.edit_by_client_id(id, client_id).await? {
        return if first == content {
            Ok(true)
        } else {
            Err(reused())
        };
    }
    let text_rev = tx.text_rev(id).await?;
    if base_rev.is_some_and(|base| base < text_rev) {
        return Err(Error::refused(
            ErrorCode::EditConflict,
            "the message was changed in the meantime",
        ));
    }
    let is_there = message.content == content;
    if is_there {
        // Kept all the same: repeated after another edit, it must not undo that one.
        keep_first(tx, message).await?;
        tx.keep_edit(id, client_id, content, text_rev, now).await?;
    }
    Ok(is_there)
}

/// Keeps what the message said before its first edit, so that its history begins there.
async fn keep_first(tx: &mut Tx, message: &Message) -> Result<()> {
    let edits = tx.count_edits(message.message_id).await?;
    if edits >= limit::EDITS {
        return Err(Error::refused(
            ErrorCode::LimitReached,
            format!("a message is edited {} times at most", limit::EDITS),
        ));
    }
    if edits == 0 {
        let (id, name) = (message.message_id, message.client_id);
        tx.keep_edit(id, name, &message.content, Rev::ZERO, message.created_at)
            .await?;
    }
    Ok(())
}

/// Every text that a message had.
pub async fn history(app: &App, actor: Actor, id: MessageId) -> Result<MessageHistory> {
    let mut tx = app.db.snapshot().await?;
    let (message, _) = visible(&mut tx, actor, id, false).await?;
    let mut versions: Vec<MessageVersion> = Vec::new();
    for (content, at) in tx.edits(id).await? {
        // An edit that found its text there already is kept for its name only.
        if versions.last().is_none_or(|last| last.content != content) {
            versions.push(MessageVersion { content, at });
        }
    }
    if versions.is_empty() && !message.is_deleted() {
        versions.push(MessageVersion {
            content: message.content,
            at: message.created_at,
        });
    }
    Ok(MessageHistory { versions })
}

pub(super) async fn changed(tx: &mut Tx, id: MessageId) -> Result<Done<Message>> {
    let row = tx
        .message(id)
        .await?
        .ok_or_else(|| Error::not_found("message"))?;
    let message = Message::from(row);
    let change = Change::message_updated(&message);
    Ok(Done::new(message, vec![change]))
}

/// Leaves a tombstone. Deleting again gives the same one.
pub async fn delete(app: &App, actor: Actor, id: MessageId) -> Result<Receipt<Message>> {
    app.committer
        .submit(Lane::Message(id), move |tx, now| {
            Box::pin(async move {
                let (message, access) = visible(tx, actor, id, true).await?;
                let own = message.sender_id == actor.user;
                access.check(Action::DeleteMessage { own })?;
                if message.is_deleted() {
                    return Ok(Done::unchanged(message));
                }
                let rev = tx.next_rev(message.chat_room_id).await?;
                tx.delete_message(id, rev, now).await?;
                tx.delete_mentions(message.chat_room_id, message.seq)
                    .await?;
                let mut done = changed(tx, id).await?;
                done.changes.extend(threads::shrunk(tx, &message).await?);
                Ok(done)
            })
        })
        .await
}

/// A page of history, newest last.
pub async fn page(app: &App, actor: Actor, room: RoomId, query: PageQuery) -> Result<MessagePage> {
    let given = [query.before_seq, query.after_seq, query.around_seq];
    if given.iter().flatten().count() > 1 {
        return Err(Error::invalid(
            "before_seq",
            "give one of before_seq, after_seq, around_seq",
        ));
    }
    if given
        .iter()
        .flatten()
        .any(|seq| !(0..=limit::MAX_SAFE_INTEGER).contains(&seq.0))
    {
        return Err(Error::invalid(
            "before_seq",
            "a place is a number from 0 to 2^53 - 1",
        ));
    }
    let limit = query.limit.unwrap_or(limit::PAGE_MESSAGES_DEFAULT);
    if !(1..=limit::PAGE_MESSAGES).contains(&limit) {
        return Err(Error::invalid(
            "limit",
            format!("from 1 to {}", limit::PAGE_MESSAGES),
        ));
    }
    if let Some(around) = query.around_seq {
        return around_page(app, actor, room, around, limit).await;
    }
    let beside = match (query.after_seq, query.before_seq) {
        (Some(after), _) => Beside::After(after),
        (None, before) => Beside::Before(before.unwrap_or(Seq(limit::MAX_SAFE_INTEGER))),
    };
    let found = app
        .db
        .standing_with_page(room, actor.user, beside, limit + 1)
        .await?;
    let (standing, rows) = found.unzip();
    let visible = readable(&Access::of(standing)?)?;
    let mut rows = rows.unwrap_or_default();
    rows.retain(|row| visible.allows(row.seq));
    Ok(cut(rows, beside, limit))
}

async fn around_page(
    app: &App,
    actor: Actor,
    room: RoomId,
    around: Seq,
    limit: i64,
) -> Result<MessagePage> {
    let mut tx = app.db.snapshot().await?;
    let first = readable(&Access::load(&mut tx, room, actor.user).await?)?.first();
    let (half, last) = (limit / 2, around.prev());
    let before = tx.messages_before(room, first, around, half + 1).await?;
    let after = tx
        .messages_after(room, first, last, limit - half + 1)
        .await?;
    let before = cut(before, Beside::Before(around), half);
    let after = cut(after, Beside::After(last), limit - half);
    let has_more = before.has_more || after.has_more;
    let messages = before.messages.into_iter().chain(after.messages).collect();
    Ok(MessagePage { messages, has_more })
}

/// What somebody may read of the room.
fn readable(access: &Access) -> Result<Visibility> {
    access.check(Action::Read)?;
    let visible = access.visibility();
    visible.ok_or_else(|| Error::not_found("room"))
}

/// A page of rows, of which there is one too many if there is more.
fn cut(mut rows: Vec<MessageRow>, beside: Beside, limit: i64) -> MessagePage {
    let has_more = rows.len() as i64 > limit;
    if has_more {
        match beside {
            Beside::Before(_) => drop(rows.remove(0)),
            Beside::After(_) => drop(rows.pop()),
        }
    }
    MessagePage {
        messages: rows.into_iter().map(Message::from).collect(),
        has_more,
    }
}
