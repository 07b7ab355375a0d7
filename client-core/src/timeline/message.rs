//! One message as it is shown: the row, with what is on its way to it laid over.

use erc_protocol::{
    Capability, ClientId, ExpiryFrom, Lifetime, Message, MessageId, MessageType, Reaction, RoomId,
    Timestamp, UserId,
};
use jiff::{Zoned, tz::TimeZone};
use rusqlite::Connection;

use super::{Setting, poll};
use crate::{
    SafeText,
    cache::{
        blocks, members, messages,
        outbox::{Entry, Kind, State},
        votes,
    },
    error::Result,
    markdown::{self, Body},
    sync::salvage,
    view::{Delivery, MessageView, Quote, Reach, ReactionView, ThreadBadge},
};

/// How much of a quoted message is shown.
const QUOTE_CHARS: usize = 200;

/// What stands for a message of somebody whom this user blocks.
pub(crate) const FOLDED: &str = "a message of somebody you blocked";

pub(super) fn local(at: Timestamp, setting: &Setting) -> Zoned {
    at.to_jiff().to_zoned(setting.zone.clone())
}

/// `pending`: the operations that concern this message, in the order of writing.
pub(super) fn of_row(row: &Message, pending: &[&Entry], setting: &Setting) -> MessageView {
    let own = row.sender_id == setting.me;
    let is_text = row.message_type == MessageType::Text;
    let poll = poll::of_row(row, setting);
    let is_open = poll.as_ref().is_some_and(|poll| !poll.closed);
    let can = |what| setting.can.contains(&what);
    let mut view = MessageView {
        key: key(row.sender_id, row.client_id),
        client_id: row.client_id,
        message_id: Some(row.message_id),
        seq: Some(row.seq),
        sender_id: row.sender_id,
        sender: SafeText::line(name(setting, row)),
        text: text(row),
        body: Body::default(),
        at: row.created_at,
        time: time(row.created_at, setting),
        own,
        follows: false,
        edited: row.edited_at.is_some() && !row.is_deleted(),
        deleted: row.is_deleted(),
        delivery: Delivery::Sent,
        reach: reach(row, setting),
        mentions_me: row.mentions.contains(&setting.me),
        reply: row.reply_to.map(|id| quote(id, setting)),
        thread_id: row.thread_id,
        also_in_room: row.also_in_room,
        thread: thread(row, setting),
        can_answer: can(Capability::Send)
            && (row.thread_id.is_some() || row.thread.is_some() || !row.is_deleted()),
        can_edit: own && (is_text || is_open) && !row.is_deleted(),
        can_delete: (own || can(Capability::DeleteOthers)) && !row.is_deleted(),
        reactions: reactions(row, setting),
        pinned: row.pinned.is_some(),
        can_pin: can(Capability::Pin) && !row.is_deleted(),
        can_react: can(Capability::React) && !row.is_deleted(),
        forwarded_from: row
            .forwarded
            .as_ref()
            .map(|origin| SafeText::line(&origin.sender_name)),
        blocked: setting.blocked.contains(&row.sender_id),
        expires_at: row.expiry.and_then(|expiry| expiry.at),
        lifetime: row.expiry.and_then(|expiry| {
            expiry.after_read_s.map(|after_s| Lifetime {
                after_s,
                from: ExpiryFrom::Read,
            })
        }),
        poll,
    };
    for entry in pending {
        lay_over(&mut view, entry, setting);
    }
    if is_text {
        read(&mut view, setting);
    } else {
        view.body = Body::plain(view.text.as_str());
    }
    view
}

/// Reads the marks of the text, once it is the one that will be shown.
fn read(view: &mut MessageView, setting: &Setting) {
    view.body = markdown::parse(view.text.as_str(), &setting.username, &setting.emoji);
}

/// How far one's own message got; counted are those who were in the room when it was sent.
fn reach(row: &Message, setting: &Setting) -> Option<Reach> {
    if row.sender_id != setting.me || row.is_deleted() {
        return None;
    }
    let mut reach = Reach {
        of: 0,
        delivered: 0,
        read: 0,
    };
    for mark in setting
        .marks
        .iter()
        .filter(|mark| mark.joined_at <= row.created_at)
    {
        reach.of += 1;
        reach.delivered += u32::from(mark.delivered >= row.seq);
        reach.read += u32::from(mark.read >= row.seq);
    }
    (reach.of > 0).then_some(reach)
}

/// A message that the server doesn't have yet (or we don't know it).
pub(super) fn of_send(send: &Entry, pending: &[&Entry], setting: &Setting) -> MessageView {
    let sender_id = send.sender.unwrap_or(setting.me);
    let client_id = send.client_id.unwrap_or(send.op_id);
    let sender = setting.names.get(&sender_id).map_or("", String::as_str);
    let mut view = MessageView {
        key: key(sender_id, client_id),
        client_id,
        message_id: None,
        seq: None,
        sender_id,
        sender: SafeText::line(sender),
        text: SafeText::block(&send.content),
        body: Body::default(),
        at: send.created_at,
        time: time(send.created_at, setting),
        own: true,
        follows: false,
        edited: false,
        deleted: false,
        delivery: Delivery::Sent,
        reach: None,
        mentions_me: false,
        reply: send.reply_to.map(|id| quote(id, setting)),
        thread_id: send.thread_id,
        also_in_room: send.also_in_room,
        thread: None,
        can_answer: false,
        can_edit: send.kind == Kind::Send,
        can_delete: true,
        reactions: Vec::new(),
        pinned: false,
        can_pin: false,
        can_react: false,
        forwarded_from: None,
        blocked: false,
        expires_at: None,
        lifetime: send.lifetime,
        poll: poll::of_send(send, setting),
    };
    for entry in pending {
        lay_over(&mut view, entry, setting);
    }
    if let Some(poll) = &view.poll {
        view.text = SafeText::block(&poll::text(poll));
        view.body = Body::plain(view.text.as_str());
    } else {
        read(&mut view, setting);
    }
    view.edited = false;
    view.delivery = match send.state {
        State::Queued => Delivery::Waiting,
        State::Sending => Delivery::Sending,
        State::Parked => failed(send),
    };
    view
}

/// What a root tells of its thread.
fn thread(row: &Message, setting: &Setting) -> Option<ThreadBadge> {
    let told = row.thread?;
    let (following, unread) = setting
        .threads
        .get(&row.message_id)
        .copied()
        .unwrap_or_default();
    Some(ThreadBadge {
        replies: told.replies,
        last: moment(told.last_at, setting.now, &setting.zone),
        following,
        unread: unread.count,
        mentions: unread.mentions,
    })
}

/// A time of day, or a day that is not today.
pub(crate) fn moment(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (
        at.to_jiff().to_zoned(zone.clone()),
        now.to_jiff().to_zoned(zone.clone()),
    );
    let form = if at.date() == now.date() {
        "%H:%M"
    } else {
        "%Y-%m-%d"
    };
    at.strftime(form).to_string()
}

/// People whom a reaction names.
const NAMED: usize = 10;

fn reactions(row: &Message, setting: &Setting) -> Vec<ReactionView> {
    let hidden = |reaction: &Reaction| {
        let users = reaction.users.iter();
        users.filter(|user| setting.blocked.contains(user)).count()
    };
    let view = |reaction: &Reaction| ReactionView {
        emoji: SafeText::line(&reaction.emoji),
        picture: setting.emoji.of_code(&reaction.emoji),
        count: reaction.count - i64::try_from(hidden(reaction)).unwrap_or(0),
        own: reaction.users.contains(&setting.me),
        names: reaction
            .users
            .iter()
            .filter(|user| !setting.blocked.contains(user))
            .filter_map(|user| setting.names.get(user))
            .take(NAMED)
            .map(|name| SafeText::line(name))
            .collect(),
    };
    let all = row.reactions.iter().map(view);
    all.filter(|reaction| reaction.count > 0).collect()
}

/// A reaction of one's own, before the server has it.
fn lay_reaction(view: &mut MessageView, emoji: &str, on: bool, setting: &Setting) {
    let place = view
        .reactions
        .iter()
        .position(|held| held.emoji.as_str() == emoji);
    let own_name = setting
        .names
        .get(&setting.me)
        .map(|name| SafeText::line(name));
    match place {
        Some(place) if view.reactions[place].own != on => {
            let reaction = &mut view.reactions[place];
            reaction.own = on;
            reaction.count += if on { 1 } else { -1 };
            if on {
                reaction.names.extend(own_name);
            } else {
                reaction
                    .names
                    .retain(|name| Some(name) != own_name.as_ref());
            }
            if reaction.count <= 0 {
                view.reactions.remove(place);
            }
        }
        None if on => view.reactions.push(ReactionView {
            emoji: SafeText::line(emoji),
            picture: setting.emoji.of_code(emoji),
            count: 1,
            own: true,
            names: own_name.into_iter().collect(),
        }),
        _ => {}
    }
}

fn lay_over(view: &mut MessageView, entry: &Entry, setting: &Setting) {
    match entry.kind {
        Kind::React if !view.deleted => {
            return lay_reaction(view, &entry.content, entry.is_on, setting);
        }
        Kind::Pin if !view.deleted => {
            view.pinned = entry.is_on;
            return;
        }
        Kind::Vote => {
            if let Some(poll) = &mut view.poll {
                poll::lay_vote(poll, &votes::numbers(&entry.content), setting);
            }
            return;
        }
        Kind::ClosePoll => {
            if let Some(poll) = &mut view.poll {
                poll::lay_close(poll);
            }
            return;
        }
        _ => {}
    }
    if entry.state == State::Parked {
        view.delivery = failed(entry);
        return;
    }
    match entry.kind {
        Kind::Edit if !view.deleted => {
            view.text = match &mut view.poll {
                Some(poll) => {
                    poll.question = SafeText::line(&entry.content);
                    SafeText::block(&poll::text(poll))
                }
                None => SafeText::block(&entry.content),
            };
            view.edited = true;
        }
        Kind::Delete => {
            view.text = SafeText::default();
            view.poll = None;
            view.deleted = true;
            view.edited = false;
            view.can_edit = false;
            view.can_delete = false;
            view.reactions.clear();
            view.pinned = false;
            view.can_pin = false;
            view.can_react = false;
        }
        _ => return,
    }
    view.delivery = Delivery::Changing;
}

fn failed(entry: &Entry) -> Delivery {
    let reason = entry.reason.as_deref().unwrap_or("refused");
    let reason = match entry.kind {
        Kind::Edit => format!("the change was not taken: {reason}"),
        Kind::Delete => format!("not deleted: {reason}"),
        Kind::Send
        | Kind::Forward
        | Kind::React
        | Kind::Pin
        | Kind::Vote
        | Kind::ClosePoll
        | Kind::Read
        | Kind::Follow
        | Kind::ReadThread
        | Kind::Answer
        | Kind::Draft => reason.to_owned(),
    };
    Delivery::Failed {
        reason: SafeText::line(&reason),
    }
}

fn quote(id: MessageId, setting: &Setting) -> Quote {
    let row = setting.quoted.get(&id);
    let name = row.map(|row| name(setting, row));
    let is_blocked = row.is_some_and(|row| setting.blocked.contains(&row.sender_id));
    quote_of(id, row, name.unwrap_or_default(), is_blocked, setting.now)
}

/// A message of the room that something answers, by what the cache knows.
pub(crate) fn quoted(
    conn: &Connection,
    room: RoomId,
    id: MessageId,
    now: Timestamp,
) -> Result<Quote> {
    let row = messages::by_id(conn, id)?.filter(|row| row.chat_room_id == room);
    let member = match &row {
        Some(row) => members::get(conn, room, row.sender_id)?,
        None => None,
    };
    let name = member.map(|member| member.display_name);
    let sender = name.or_else(|| row.as_ref().map(|row| row.sender_name.clone()));
    let is_blocked = match &row {
        Some(row) => blocks::users(conn)?.contains(&row.sender_id),
        None => false,
    };
    let sender = sender.unwrap_or_default();
    Ok(quote_of(id, row.as_ref(), &sender, is_blocked, now))
}

fn quote_of(
    id: MessageId,
    row: Option<&Message>,
    sender: &str,
    is_blocked: bool,
    now: Timestamp,
) -> Quote {
    let Some(row) = row else {
        return Quote {
            message_id: id,
            seq: None,
            thread_id: None,
            sender: SafeText::default(),
            text: SafeText::default(),
            deleted: false,
            known: false,
        };
    };
    let deleted = has_gone(row, now);
    let said = if is_blocked {
        SafeText::line(FOLDED)
    } else {
        summary(row)
    };
    let shown = if deleted { "" } else { said.as_str() };
    let start: String = shown.chars().take(QUOTE_CHARS).collect();
    Quote {
        message_id: id,
        seq: Some(row.seq),
        thread_id: row.thread_id.filter(|_| !row.is_in_room()),
        sender: SafeText::line(sender),
        text: SafeText::line(&start),
        deleted,
        known: true,
    }
}

/// Whether its time has come, though the server may not have said so yet.
pub(crate) fn is_over(row: &Message, now: Timestamp) -> bool {
    row.expiry.is_some_and(|expiry| expiry.is_over(now))
}

/// Whether nothing of it is to be shown: it was deleted, or its time has come.
pub(crate) fn has_gone(row: &Message, now: Timestamp) -> bool {
    row.is_deleted() || is_over(row, now)
}

/// A line about a row, with what its writer covered covered.
pub(crate) fn summary(row: &Message) -> SafeText {
    let text = text(row);
    SafeText::line(&markdown::line(text.as_str()))
}

/// What a row says, in words where this build can't show it.
pub(crate) fn text(row: &Message) -> SafeText {
    match &row.message_type {
        _ if row.is_deleted() => SafeText::default(),
        MessageType::Other(kind) if kind == salvage::UNREADABLE => {
            SafeText::line("[a message that this version can't show]")
        }
        MessageType::Other(kind) if row.content.is_empty() => {
            SafeText::line(&format!("[{kind}: this version can't show it]"))
        }
        _ => SafeText::block(&row.content),
    }
}

fn name<'a>(setting: &'a Setting, row: &'a Message) -> &'a str {
    setting
        .names
        .get(&row.sender_id)
        .unwrap_or(&row.sender_name)
}

fn key(sender: UserId, client_id: ClientId) -> String {
    format!("{sender}:{client_id}")
}

fn time(at: Timestamp, setting: &Setting) -> String {
    local(at, setting).strftime("%H:%M").to_string()
}
