//! Where the senders of a batch stand: their rooms, locked, and what decides whether they may.

use std::collections::{HashMap, HashSet};

use erc_protocol::{
    ErrorCode, Expiry, MemberState, Message, MessageId, RequestState, Rev, RoomId, RoomKind,
    RoomRole, Seq, ServerRole, Timestamp, UserId, limit,
};

use super::{MessageIds, Send, Signed};
use crate::ops::error::{Error, Result};
use crate::ops::filters::Flagged;
use crate::ops::polls;
use crate::rules::pace;
use crate::rules::permission::{self, Action, Standing};
use crate::rules::visibility::Visibility;
use crate::store::{self, Counters, RootRow, Tx};

/// A sender's place in a room, as far as sending goes.
struct Sender {
    role: RoomRole,
    state: MemberState,
    muted_until: Option<i64>,
    last_sent_at: Option<i64>,
    request: RequestState,
    server_role: ServerRole,
    display_name: String,
    visibility: Option<Visibility>,
}

/// Whether everybody in the room may be called.
fn check_call(room: &Counters) -> Result<()> {
    let (most, here) = (limit::CALLED_MEMBERS, room.member_count);
    if here > most {
        let why = format!("@all and @here call at most {most} members, and here are {here}");
        return Err(Error::invalid("content", why));
    }
    Ok(())
}

/// Whether who began a request may write once more in it: only they have, so that its last place says
/// how often they did.
fn check_request(request: RequestState, room: &Counters) -> Result<()> {
    let most = limit::REQUEST_MESSAGES;
    if request == RequestState::Sent && room.last_seq.0 >= most {
        let why = format!(
            "you have written {most} messages to somebody who has not accepted your request: wait \
             until they do"
        );
        return Err(Error::refused(ErrorCode::LimitReached, why));
    }
    Ok(())
}

/// Whether somebody may write in the thread of this message, if it was found.
fn check_thread(top: Option<&RootRow>, room: RoomId, visibility: Option<Visibility>) -> Result<()> {
    let top = top.filter(|top| {
        let newest = top.thread_last_seq.map(Seq);
        top.room_id == room
            && visibility.is_some_and(|visible| {
                visible.allows(top.seq) || newest.is_some_and(|seq| visible.allows(seq))
            })
    });
    let Some(top) = top else {
        let why = "there is no such message to begin a thread here";
        return Err(Error::invalid("thread_id", why));
    };
    if top.thread_id.is_some() {
        let why = "a reply begins no thread of its own: name the message that began this one";
        return Err(Error::invalid("thread_id", why));
    }
    if top.deleted_at.is_some() && top.thread_replies == 0 {
        let why = "the message was deleted";
        return Err(Error::refused(ErrorCode::MessageDeleted, why));
    }
    Ok(())
}

/// All of them. The rooms' counters are moved here first and written at the end.
pub(super) struct Places {
    rooms: HashMap<RoomId, (Counters, bool)>,
    senders: HashMap<(RoomId, UserId), Sender>,
    parents: HashMap<MessageId, (RoomId, Seq)>,
    /// Those in direct rooms whom the other one blocks.
    shut_out: HashSet<(RoomId, UserId)>,
    roots: HashMap<MessageId, RootRow>,
    /// Who wrote in a room in slow mode: when is kept.
    paced: Vec<(RoomId, UserId)>,
    /// Requests in which who was asked has written: that accepts them.
    accepted: Vec<RoomId>,
}

impl Places {
    pub(super) async fn load(tx: &mut Tx, sends: &[Signed]) -> store::Result<Self> {
        let mut pairs: Vec<_> = sends.iter().map(|send| (send.room, send.sender)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let (rooms, senders) = tx.placed_senders(&pairs).await?;
        let is_direct = |(room, _): &&(RoomId, UserId)| {
            let of = rooms.binary_search_by_key(room, |row| row.id);
            of.is_ok_and(|place| rooms[place].kind == RoomKind::Direct)
        };
        let direct: Vec<_> = pairs.iter().filter(is_direct).copied().collect();
        let shut_out = tx.shut_out(&direct).await?.into_iter().collect();
        let senders = senders.into_iter().map(|row| {
            let sender = Sender {
                role: row.role,
                state: row.state,
                muted_until: row.muted_until,
                last_sent_at: row.last_sent_at,
                request: row.request,
                server_role: row.server_role,
                display_name: row.display_name,
                visibility: Visibility::of(row.state, row.first_visible_seq),
            };
            ((row.room_id, row.user_id), sender)
        });
        let senders = senders.collect();
        let parents: Vec<_> = sends.iter().filter_map(|send| send.reply_to).collect();
        let parents = if parents.is_empty() {
            Vec::new()
        } else {
            tx.whereabouts(&parents).await?
        };
        let tops: Vec<_> = sends.iter().filter_map(|send| send.thread_id).collect();
        let tops = if tops.is_empty() {
            Vec::new()
        } else {
            tx.roots(&tops).await?
        };
        Ok(Self {
            roots: tops.into_iter().map(|row| (row.id, row)).collect(),
            rooms: rooms
                .into_iter()
                .map(|row| (row.id, (row, false)))
                .collect(),
            senders,
            shut_out,
            paced: Vec::new(),
            accepted: Vec::new(),
            parents: parents
                .into_iter()
                .map(|(id, room, seq)| (id, (room, seq)))
                .collect(),
        })
    }

    /// The message that this send makes, at the next place of its room, and who tells of it; or why
    /// it makes none.
    pub(super) fn accept(
        &mut self,
        send: &Send,
        ids: &mut MessageIds,
        now: Timestamp,
    ) -> Result<(Message, Option<Flagged>)> {
        // Somebody without a row here has never been in the room, public or not.
        let (Some(sender), Some((room, moved))) = (
            self.senders.get_mut(&(send.room, send.sender)),
            self.rooms.get_mut(&send.room),
        ) else {
            return Err(Error::not_found("room"));
        };
        let standing = Standing {
            server_role: sender.server_role,
            room_role: (sender.state == MemberState::Joined).then_some(sender.role),
            is_muted: sender.muted_until.is_some_and(|until| until > now.0),
            is_shut_out: self.shut_out.contains(&(send.room, send.sender)),
            is_asked: sender.request.is_received(),
        };
        permission::check(standing, Action::Send, room.facts())?;
        check_request(sender.request, room)?;
        if let Some(poll) = &send.poll {
            polls::check_end(poll, now)?;
        }
        if send.call.is_some() {
            permission::check(standing, Action::MentionAll, room.facts())?;
            check_call(room)?;
        }
        if let Some(parent) = send.reply_to {
            let visible = self.parents.get(&parent).is_some_and(|(room, seq)| {
                *room == send.room
                    && sender
                        .visibility
                        .is_some_and(|visible| visible.allows(*seq))
            });
            if !visible {
                return Err(Error::invalid(
                    "reply_to",
                    "there is no such message to answer here",
                ));
            }
        }
        if let Some(top) = send.thread_id {
            check_thread(self.roots.get(&top), send.room, sender.visibility)?;
        }
        // Only what is new comes here: what was taken once is not looked at again.
        let passed = send.filters.pass(&send.content, send.poll.is_some())?;
        let rank = sender.role.max(sender.server_role.in_rooms());
        if let Some(gap_ms) = pace::gap_ms(&room.settings, rank) {
            pace::check(gap_ms, sender.last_sent_at, now)?;
            sender.last_sent_at = Some(now.0);
            self.paced.push((send.room, send.sender));
        }
        let accepts = matches!(
            sender.request,
            RequestState::Received | RequestState::Declined
        );
        *moved = true;
        room.rev = room.rev.next();
        room.last_seq = room.last_seq.next();
        room.last_message_at = room.last_message_at.max(now);
        let message = Message {
            message_id: ids.take(),
            chat_room_id: room.id,
            sender_id: send.sender,
            sender_name: sender.display_name.clone(),
            content: passed.masked.unwrap_or_else(|| send.content.clone()),
            message_type: send.kind.clone(),
            created_at: room.last_message_at,
            seq: room.last_seq,
            rev: room.rev,
            client_id: send.client_id,
            reply_to: send.reply_to,
            thread_id: send.thread_id,
            also_in_room: send.also_in_room,
            thread: None,
            deleted_rev: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            pinned: None,
            poll: send.poll.as_deref().cloned(),
            forwarded: send.forwarded.as_ref().and_then(|(_, told)| told.clone()),
            expiry: Expiry::of(send.lifetime, room.settings.lifetime, room.last_message_at),
            edited_at: None,
            deleted_at: None,
        };
        if accepts {
            self.accepted.push(send.room);
            let places = self.senders.iter_mut();
            for (_, place) in places.filter(|((room, _), _)| *room == send.room) {
                place.request = RequestState::None;
            }
        }
        Ok((message, passed.flagged))
    }

    /// Whether its sender waits for the other to accept what it stands in.
    pub(super) fn waits(&self, send: &Send) -> bool {
        let sender = self.senders.get(&(send.room, send.sender));
        sender.is_some_and(|sender| sender.request == RequestState::Sent)
    }

    /// Requests that are accepted by what was written.
    pub(super) fn accepted(&self) -> &[RoomId] {
        &self.accepted
    }

    /// Who began a thread that nobody had answered yet.
    pub(super) fn began(&self, top: MessageId) -> Option<UserId> {
        let top = self.roots.get(&top)?;
        (top.thread_replies == 0).then_some(top.sender_id)
    }

    /// The next change of a room that took a message.
    pub(super) fn next_rev(&mut self, room: RoomId) -> Option<Rev> {
        let (room, _) = self.rooms.get_mut(&room)?;
        room.rev = room.rev.next();
        Some(room.rev)
    }

    /// Who wrote in a room in slow mode.
    pub(super) fn paced(&self) -> &[(RoomId, UserId)] {
        &self.paced
    }

    /// The rooms that took a message.
    pub(super) fn advanced(&self) -> Vec<&Counters> {
        let moved = self.rooms.values().filter(|(_, moved)| *moved);
        moved.map(|(row, _)| row).collect()
    }
}
