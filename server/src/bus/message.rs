//! What nodes say to each other, and its bytes.
//!
//! `version (1) | sender (8) | kind (1) | …`: a room's change is numbers and the frame as every
//! listener gets it; all else is small and rare, and JSON. Reading is total: whatever the bytes are,
//! the result is a message or [`Refused`].

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use erc_protocol::{
    EmojiRev, Presence, PresenceState, Receipt, Rev, RoomId, Seq, SessionId, Timestamp, UserId,
    limit,
    presence::{Typing, UserStatus},
};
use serde::{Deserialize, Serialize};

use super::Subject;
use crate::frame::Frame;
use crate::ops::change::{Effect, RoomChange};

const VERSION: u8 = 1;
/// The largest frame that travels whole; of a larger one only its room and `rev`.
pub(super) const FRAME_BYTES: usize = 32 * 1024;
/// The largest payload that is looked at.
const PAYLOAD_BYTES: usize = 256 * 1024;

const CHANGED: u8 = 1;
const HEAD: u8 = 2;
const NOTE: u8 = 3;

/// One running server; a restarted one is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u64);

/// A message between nodes.
#[derive(Debug, Clone)]
pub enum Message {
    /// A room's next revision.
    Changed(RoomChange),
    /// A room has come so far; what changed is in the store.
    Head { room: RoomId, rev: Rev },
    /// Anything else.
    Note(Note),
}

/// The small and rare ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Note {
    /// A user's own counter moved.
    User { user: UserId },
    /// Custom emoji have come so far.
    Emoji { rev: EmojiRev },
    /// A session is over.
    SessionEnded { session: SessionId, reason: String },
    /// A device said hello: its connections that said so earlier are to close.
    Supersede {
        user: UserId,
        session: SessionId,
        device: String,
        since: Timestamp,
    },
    /// Somebody types, or stopped.
    Typing(Typing),
    /// A member's watermarks rose.
    Receipt { room: RoomId, receipt: Receipt },
    /// How present a user is on the sending node; those who look at one of the rooms are told.
    Present {
        presence: Presence,
        rooms: Vec<RoomId>,
    },
    /// The user said of all their devices how present they are.
    SetPresence {
        user: UserId,
        state: PresenceState,
        rooms: Vec<RoomId>,
    },
    /// What a user says of themselves.
    Status {
        status: UserStatus,
        rooms: Vec<RoomId>,
    },
    /// Who is present on the sending node, in parts; after the last one nobody else is.
    Roster {
        round: u64,
        users: Vec<(UserId, PresenceState)>,
        is_last: bool,
    },
    /// The sending node is stopping: nobody is present on it.
    Leaving,
}

/// Bytes that are no message of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the bus: {0}")]
pub struct Refused(&'static str);

/// A message that was not made bytes of.
#[derive(Debug, thiserror::Error)]
#[error("a message was not encoded: {0}")]
pub struct Unsent(#[from] serde_json::Error);

impl Message {
    /// Whom it concerns.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self {
            Self::Changed(change) => Subject::Room(change.room_id),
            Self::Head { room, .. } | Self::Note(Note::Receipt { room, .. }) => {
                Subject::Room(*room)
            }
            Self::Note(Note::Typing(typing)) => Subject::Room(typing.room_id),
            Self::Note(Note::User { user } | Note::Supersede { user, .. }) => Subject::User(*user),
            Self::Note(_) => Subject::All,
        }
    }

    /// Its bytes, from this node.
    pub fn encode(&self, from: NodeId) -> Result<Bytes, Unsent> {
        let mut bytes = BytesMut::new();
        bytes.put_u8(VERSION);
        bytes.put_u64(from.0);
        match self {
            Self::Changed(change) if change.frame.as_str().len() <= FRAME_BYTES => {
                bytes.reserve(64 + change.frame.bytes().len());
                bytes.put_u8(CHANGED);
                bytes.put_i64(change.room_id.0);
                bytes.put_i64(change.rev.0);
                bytes.put_i64(change.seq.map_or(0, |seq| seq.0));
                let (effect, user) = match change.effect {
                    Effect::None => (0, 0),
                    Effect::Sent(user) => (1, user.0),
                    Effect::Gone(user) => (2, user.0),
                };
                bytes.put_u8(effect);
                bytes.put_i64(user);
                bytes.put_slice(change.frame.as_str().as_bytes());
            }
            Self::Changed(RoomChange { room_id, rev, .. }) | Self::Head { room: room_id, rev } => {
                bytes.put_u8(HEAD);
                bytes.put_i64(room_id.0);
                bytes.put_i64(rev.0);
            }
            Self::Note(note) => {
                bytes.put_u8(NOTE);
                bytes.put_slice(&serde_json::to_vec(note)?);
            }
        }
        Ok(bytes.freeze())
    }

    /// Reads a payload: who said what.
    pub fn decode(mut bytes: Bytes) -> Result<(NodeId, Self), Refused> {
        if bytes.len() > PAYLOAD_BYTES {
            return Err(Refused("too large"));
        }
        if bytes.try_get_u8().map_err(|_| SHORT)? != VERSION {
            return Err(Refused("another version"));
        }
        let from = NodeId(bytes.try_get_u64().map_err(|_| SHORT)?);
        let message = match bytes.try_get_u8().map_err(|_| SHORT)? {
            CHANGED => Self::Changed(changed(bytes)?),
            HEAD => Self::Head {
                room: RoomId(positive(&mut bytes)?),
                rev: Rev(positive(&mut bytes)?),
            },
            NOTE => {
                Self::Note(serde_json::from_slice(&bytes).map_err(|_| Refused("unknown note"))?)
            }
            _ => return Err(Refused("unknown kind")),
        };
        Ok((from, message))
    }
}

const SHORT: Refused = Refused("cut short");

fn changed(mut bytes: Bytes) -> Result<RoomChange, Refused> {
    let room_id = RoomId(positive(&mut bytes)?);
    let rev = Rev(positive(&mut bytes)?);
    let seq = match bytes.try_get_i64().map_err(|_| SHORT)? {
        0 => None,
        seq => Some(Seq(in_range(seq)?)),
    };
    let effect = bytes.try_get_u8().map_err(|_| SHORT)?;
    let user = bytes.try_get_i64().map_err(|_| SHORT)?;
    let effect = match effect {
        0 => Effect::None,
        1 => Effect::Sent(UserId(in_range(user)?)),
        2 => Effect::Gone(UserId(in_range(user)?)),
        _ => return Err(Refused("unknown effect")),
    };
    if bytes.len() > FRAME_BYTES {
        return Err(Refused("too large"));
    }
    let frame = str::from_utf8(&bytes).map_err(|_| Refused("not text"))?;
    if frame.is_empty() {
        return Err(SHORT);
    }
    Ok(RoomChange {
        room_id,
        rev,
        seq,
        frame: Frame::text(frame),
        effect,
    })
}

fn positive(bytes: &mut Bytes) -> Result<i64, Refused> {
    in_range(bytes.try_get_i64().map_err(|_| SHORT)?)
}

fn in_range(number: i64) -> Result<i64, Refused> {
    if (1..=limit::MAX_SAFE_INTEGER).contains(&number) {
        Ok(number)
    } else {
        Err(Refused("a number out of range"))
    }
}

#[cfg(test)]
mod tests;
