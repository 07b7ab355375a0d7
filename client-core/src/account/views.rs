//! What views read: rooms and members, from the cache alone.

use erc_protocol::{
    Capability, Level, Message, Presence, PresenceState, RequestState, RoomId, RoomKind, Seq,
    Timestamp, User, UserId, limit, presence::Status,
};
use rusqlite::Connection;

use super::live::Live;
use crate::{
    SafeText,
    cache::{
        blocks, drafts, members, messages, outbox,
        rooms::{self, RoomRow},
    },
    error::Result,
    timeline::message,
    unread,
    view::{MemberView, PinView, Preview, RoomSummary, StatusView},
};

/// How much of a message stands in a line.
const LINE_CHARS: usize = 200;

pub(super) fn summaries(conn: &Connection, me: &User, now: Timestamp) -> Result<Vec<RoomSummary>> {
    let drafts = drafts::used(conn)?;
    let failed = outbox::parked(conn)?;
    rooms::joined(conn)?
        .iter()
        .map(|room| {
            let has_draft = drafts.contains(&(room.id, None));
            let failed = failed.get(&room.id).copied().unwrap_or(0);
            summary(conn, me, room, has_draft, failed, now)
        })
        .collect()
}

/// Requests that wait for this user's answer.
pub(super) fn requests(conn: &Connection, me: &User, now: Timestamp) -> Result<Vec<RoomSummary>> {
    let rows = rooms::asked(conn)?;
    let summary = |room| summary(conn, me, room, false, 0, now);
    rows.iter().map(summary).collect()
}

pub(super) fn one(
    conn: &Connection,
    me: &User,
    room: &RoomRow,
    now: Timestamp,
) -> Result<RoomSummary> {
    let has_draft = drafts::used(conn)?.contains(&(room.id, None));
    let failed = outbox::parked(conn)?.get(&room.id).copied().unwrap_or(0);
    summary(conn, me, room, has_draft, failed, now)
}

fn summary(
    conn: &Connection,
    me: &User,
    room: &RoomRow,
    has_draft: bool,
    failed: i64,
    now: Timestamp,
) -> Result<RoomSummary> {
    let peer = match room.kind {
        RoomKind::Direct => members::other(conn, room.id, me.id)?,
        RoomKind::Group | RoomKind::Announcement => None,
    };
    let preview = newest(conn, room, now)?;
    let last_activity = preview.as_ref().map_or(room.last_message_at, |row| {
        row.created_at.max(room.last_message_at)
    });
    // Before it is accepted one reads a request, and nothing of it counts.
    let is_asked = room.request.is_received();
    let messages_left = match room.request {
        RequestState::Sent => {
            let written = room.last_seq.0 + outbox::count_sends(conn, room.id)?;
            Some((limit::REQUEST_MESSAGES - written).max(0))
        }
        _ => None,
    };
    let mut can = room.can(me.role, now);
    can.retain(|what| *what != Capability::Send || messages_left != Some(0));
    let counted = |count: i64| if is_asked { 0 } else { count };
    let hushed_until = room.hushed_until.filter(|until| *until > now);
    Ok(RoomSummary {
        id: room.id,
        kind: room.kind,
        name: name(room, peer.as_ref().map(|peer| peer.display_name.as_str())),
        topic: SafeText::line(&room.topic),
        is_private: room.is_private,
        role: room.role,
        unread: counted(unread::of_room(conn, me.id, room)?.count),
        mentions: counted(unread::mentions(conn, me.id, room)?.count),
        marked_unread: room.marked_unread && !is_asked,
        read_seq: unread::read_mark(conn, room)?,
        last_seq: room.last_seq,
        preview: preview
            .map(|row| self::preview(conn, me, room, &row))
            .transpose()?,
        last_activity,
        member_count: room.member_count,
        can_send: can.contains(&Capability::Send),
        can,
        slow_mode_s: room.settings.slow_mode_s,
        archived_at: room.settings.archived_at,
        category: SafeText::line(&room.settings.category),
        permissions: room.settings.permissions.clone(),
        muted_until: room.muted_until.filter(|until| *until > now),
        lifetime: room.settings.lifetime,
        peer: peer.map(|peer| peer.user_id),
        presence: None,
        last_seen: None,
        status: None,
        has_draft,
        level: room.level,
        request: room.request,
        messages_left,
        hushed_until,
        is_silent: hushed_until.is_some() || room.level.within(room.kind) == Level::Nothing,
        failed,
    })
}

/// A pinned message, in a line.
pub(super) fn pin(row: &Message) -> PinView {
    let line: String = row.content.chars().take(LINE_CHARS).collect();
    PinView {
        message_id: row.message_id,
        client_id: row.client_id,
        sender_id: row.sender_id,
        seq: row.seq,
        sender: SafeText::line(&row.sender_name),
        text: SafeText::line(&line),
        at: row.created_at,
    }
}

/// Presence is laid over what was read, so that no lock is held while reading.
pub(super) fn add_presence(rooms: &mut [RoomSummary], live: &Live, now: Timestamp) {
    for room in rooms {
        let Some(presence) = room.peer.and_then(|peer| live.presence(peer)) else {
            continue;
        };
        room.presence = Some(presence.state);
        room.last_seen = last_seen(presence);
        room.status = presence.status.as_ref().and_then(|said| status(said, now));
    }
}

/// Of who is not there.
fn last_seen(presence: &Presence) -> Option<Timestamp> {
    let is_away = presence.state == PresenceState::Offline;
    presence.last_seen.filter(|_| is_away)
}

/// What somebody says of themselves, unless it is over.
pub(super) fn status(said: &Status, now: Timestamp) -> Option<StatusView> {
    said.holds(now).then(|| StatusView {
        text: SafeText::line(&said.text),
        emoji: said.emoji.as_deref().map(SafeText::line),
        until: said.until,
    })
}

fn name(room: &RoomRow, peer: Option<&str>) -> SafeText {
    match (room.kind, peer) {
        (RoomKind::Direct, Some(peer)) => SafeText::line(peer),
        (RoomKind::Direct, None) if room.name.is_empty() => SafeText::line("Direct messages"),
        _ => SafeText::line(&room.name),
    }
}

/// The room's name as its members see it.
pub(crate) fn room_name(conn: &Connection, me: UserId, room: &RoomRow) -> Result<SafeText> {
    let peer = match room.kind {
        RoomKind::Direct => members::other(conn, room.id, me)?,
        RoomKind::Group | RoomKind::Announcement => None,
    };
    Ok(name(
        room,
        peer.as_ref().map(|peer| peer.display_name.as_str()),
    ))
}

/// The newest message known that is shown: the newest row, unless a head told of a newer one.
fn newest(conn: &Connection, room: &RoomRow, now: Timestamp) -> Result<Option<Message>> {
    let held = messages::shown_up_to(conn, room.id, Seq(i64::MAX), 1, now)?.pop();
    let is_shown = |told: &Message| {
        let is_of_it = told.chat_room_id == room.id && told.is_in_room();
        is_of_it && !told.has_expired() && !message::is_over(told, now)
    };
    let told = room.preview.clone().filter(is_shown);
    Ok(match (held, told) {
        (Some(held), Some(told)) if told.seq > held.seq => Some(told),
        (Some(held), _) => Some(held),
        (None, told) => told,
    })
}

fn preview(conn: &Connection, me: &User, room: &RoomRow, row: &Message) -> Result<Preview> {
    let text = if blocks::users(conn)?.contains(&row.sender_id) {
        SafeText::line(message::FOLDED)
    } else if row.is_deleted() {
        SafeText::line("message deleted")
    } else {
        line(row)
    };
    Ok(Preview {
        sender: sender(conn, room.id, row)?,
        text,
        at: row.created_at,
        own: row.sender_id == me.id,
    })
}

/// What a row says, in a line.
pub(super) fn line(row: &Message) -> SafeText {
    let text = message::summary(row);
    SafeText::line(&text.as_str().chars().take(LINE_CHARS).collect::<String>())
}

/// Whoever sent it, by the name that they have now.
pub(super) fn sender(conn: &Connection, room: RoomId, row: &Message) -> Result<SafeText> {
    let member = members::get(conn, room, row.sender_id)?;
    Ok(SafeText::line(
        member
            .as_ref()
            .map_or(&row.sender_name, |member| &member.display_name),
    ))
}

pub(super) fn members(conn: &Connection, room: RoomId, now: Timestamp) -> Result<Vec<MemberView>> {
    let members = members::joined(conn, room)?;
    let blocked = blocks::users(conn)?;
    Ok(members
        .iter()
        .map(|member| MemberView {
            user_id: member.user_id,
            username: SafeText::line(&member.username),
            name: SafeText::line(&member.display_name),
            role: member.role,
            muted_until: member.muted_until.filter(|until| *until > now),
            presence: None,
            last_seen: None,
            blocked: blocked.contains(&member.user_id),
            status: None,
        })
        .collect())
}

/// Adds who is there, and puts them first.
pub(super) fn sort_by_presence(members: &mut [MemberView], live: &Live, now: Timestamp) {
    for member in &mut *members {
        if let Some(presence) = live.presence(member.user_id) {
            member.presence = Some(presence.state);
            member.last_seen = last_seen(presence);
            member.status = presence.status.as_ref().and_then(|said| status(said, now));
        }
    }
    // Who does not want to be disturbed is there like the others.
    members
        .sort_by_key(|member| std::cmp::Reverse(member.presence.min(Some(PresenceState::Online))));
}
