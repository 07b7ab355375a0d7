//! Which operations may go now: one a lane, a few lanes at a time, with a rest after a refusal
//! that is not final. Pure: the time is given.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use erc_protocol::{
    MessageType, RoomId,
    draft::DraftRequest,
    gateway::ClientFrame,
    gateway::client::{
        AnswerRequest, CastVote, ClosePoll, DeleteMessage, EditMessage, FollowThread,
        ForwardMessage, MarkRead, PinMessage, React, ReadThread, SaveDraft, SendMessage,
    },
};

use crate::{
    cache::{
        outbox::{Entry, Kind},
        votes,
    },
    clock::Clock,
};

/// Operations with the network at a time.
const IN_FLIGHT: usize = 16;
/// The first rest of a lane; doubles with every further one.
const REST: Duration = Duration::from_millis(500);
const LONGEST_REST: Duration = Duration::from_mins(1);

/// A line in which operations wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Lane {
    room: RoomId,
    line: Line,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Line {
    Messages,
    ReadMark,
    Draft,
}

impl Lane {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            room: entry.room,
            line: match entry.kind {
                Kind::Draft => Line::Draft,
                // What is read waits for it.
                Kind::Answer => Line::ReadMark,
                kind if kind.is_mark() => Line::ReadMark,
                _ => Line::Messages,
            },
        }
    }
}

/// The lanes of one connection.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// The first rest and the longest.
    rests: (Duration, Duration),
    busy: HashMap<Lane, i64>,
    resting: HashMap<Lane, Rest>,
}

#[derive(Debug)]
struct Rest {
    until: Instant,
    times: u32,
    /// Its end was told.
    is_over: bool,
}

impl Lanes {
    /// None busy, none at rest.
    pub(crate) fn paced(clock: &Clock) -> Self {
        Self {
            rests: (clock.pace(REST), clock.pace(LONGEST_REST)),
            busy: HashMap::new(),
            resting: HashMap::new(),
        }
    }

    /// Of the first entries of all lanes, those that may go now. They count as gone.
    pub(crate) fn choose(&mut self, heads: Vec<Entry>, now: Instant) -> Vec<Entry> {
        let mut chosen = Vec::new();
        for entry in heads {
            let lane = Lane::of(&entry);
            let rests = self.resting.get(&lane).is_some_and(|rest| rest.until > now);
            if self.busy.len() >= IN_FLIGHT || rests || self.busy.contains_key(&lane) {
                continue;
            }
            self.busy.insert(lane, entry.id);
            chosen.push(entry);
        }
        chosen
    }

    /// The operation was answered for good.
    pub(crate) fn finished(&mut self, lane: Lane) {
        self.busy.remove(&lane);
        self.resting.remove(&lane);
    }

    /// The operation is to go again later: after `wait`, if the server said so.
    pub(crate) fn postponed(&mut self, lane: Lane, wait: Option<Duration>, now: Instant) {
        self.busy.remove(&lane);
        let times = self.resting.get(&lane).map_or(0, |rest| rest.times);
        let (first, longest) = self.rests;
        let own = first.saturating_mul(1 << times.min(8)).min(longest);
        let until = now + wait.unwrap_or_default().max(own);
        self.resting.insert(
            lane,
            Rest {
                until,
                times: times + 1,
                is_over: false,
            },
        );
    }

    /// Whether a lane has rested long enough. Says so once.
    pub(crate) fn has_due(&mut self, now: Instant) -> bool {
        let mut is_due = false;
        for rest in self.resting.values_mut() {
            if !rest.is_over && rest.until <= now {
                rest.is_over = true;
                is_due = true;
            }
        }
        is_due
    }
}

/// The frame that carries an entry out; `None` for an edit or deletion of a message that the
/// server was never given.
pub(crate) fn frame(entry: &Entry) -> Option<ClientFrame> {
    Some(match entry.kind {
        Kind::Send => ClientFrame::SendMessage(SendMessage {
            room_id: entry.room,
            content: entry.content.clone(),
            message_type: match entry.poll {
                Some(_) => MessageType::Poll,
                None => MessageType::Text,
            },
            client_id: Some(entry.op_id),
            reply_to: entry.reply_to,
            expires_in: entry.lifetime.map(|lifetime| lifetime.after_s),
            expires_from: entry.lifetime.map(|lifetime| lifetime.from),
            thread_id: entry.thread_id,
            also_in_room: entry.also_in_room,
            drafts: entry.drafts.clone(),
            poll: entry.poll.clone(),
        }),
        Kind::Edit => ClientFrame::EditMessage(EditMessage {
            message_id: entry.message_id?,
            content: entry.content.clone(),
            client_id: Some(entry.op_id),
            base_rev: entry.base_rev,
            options: None,
        }),
        Kind::Delete => ClientFrame::DeleteMessage(DeleteMessage {
            message_id: entry.message_id?,
        }),
        Kind::React => ClientFrame::React(React {
            message_id: entry.message_id?,
            emoji: entry.content.clone(),
            on: entry.is_on,
        }),
        Kind::Pin => ClientFrame::PinMessage(PinMessage {
            message_id: entry.message_id?,
            on: entry.is_on,
        }),
        Kind::Vote => ClientFrame::Vote(CastVote {
            message_id: entry.message_id?,
            options: votes::numbers(&entry.content),
            client_id: Some(entry.op_id),
        }),
        Kind::ClosePoll => ClientFrame::ClosePoll(ClosePoll {
            message_id: entry.message_id?,
        }),
        Kind::Forward => ClientFrame::ForwardMessage(ForwardMessage {
            message_id: entry.message_id?,
            room_id: entry.room,
            client_id: Some(entry.op_id),
            with_author: entry.is_on,
        }),
        Kind::Follow => ClientFrame::FollowThread(FollowThread {
            thread_id: entry.thread_id?,
            on: entry.is_on,
        }),
        Kind::ReadThread => ClientFrame::ReadThread(ReadThread {
            thread_id: entry.thread_id?,
            seq: entry.seq?,
        }),
        Kind::Read => ClientFrame::MarkRead(MarkRead {
            room_id: entry.room,
            seq: entry.seq?,
            unread: None,
        }),
        Kind::Answer => ClientFrame::AnswerRequest(AnswerRequest {
            room_id: entry.room,
            accept: entry.is_on,
        }),
        Kind::Draft => ClientFrame::SaveDraft(SaveDraft {
            room_id: entry.room,
            draft: DraftRequest {
                content: entry.content.clone(),
                reply_to: entry.reply_to,
                thread_id: entry.thread_id,
                client_id: Some(entry.op_id),
                base: entry.drafts.clone(),
                forget: entry.forget.clone(),
            },
        }),
    })
}
