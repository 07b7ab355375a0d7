//! What a committed operation tells the listeners.

use erc_protocol::{
    EmojiRev, Message, Receipt, Rev, Room, RoomId, Seq, SessionId, UserId,
    gateway::{ServerFrame, ServerPacket, server::MemberUpdated},
};

use crate::frame::Frame;

/// Something that listeners must learn. Only [`Committed`] ones can be published.
#[derive(Debug, Clone)]
pub enum Change {
    /// One revision of a room.
    Room(RoomChange),
    /// A user's own counter moved.
    User(UserId),
    /// A member's watermarks rose: told to those who look, kept nowhere but in the store.
    Receipt { room: RoomId, receipt: Receipt },
    /// Custom emoji came or went.
    Emoji(EmojiRev),
    /// A session is over.
    SessionEnded {
        session: SessionId,
        reason: &'static str,
    },
}

/// One revision of a room, encoded once for everybody.
#[derive(Debug, Clone)]
pub struct RoomChange {
    pub room_id: RoomId,
    pub rev: Rev,
    /// The place of the message that it is about; who may not see that place gets `void`.
    pub seq: Option<Seq>,
    pub frame: Frame,
    pub effect: Effect,
}

/// What else a change means for those who listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    None,
    /// This user stops typing: their message is here.
    Sent(UserId),
    /// This user is no longer in the room: it is the last that they get of it.
    Gone(UserId),
}

fn encode(frame: ServerFrame) -> Frame {
    ServerPacket::from(frame).encode().into()
}

impl Change {
    /// A message was sent.
    #[must_use]
    pub fn new_message(message: &Message) -> Self {
        Self::Room(RoomChange {
            room_id: message.chat_room_id,
            rev: message.rev,
            seq: Some(message.seq),
            frame: ServerPacket::encode_new_message(message).into(),
            effect: Effect::Sent(message.sender_id),
        })
    }

    /// A message was edited or deleted.
    #[must_use]
    pub fn message_updated(message: &Message) -> Self {
        Self::Room(RoomChange {
            room_id: message.chat_room_id,
            rev: message.rev,
            seq: Some(message.seq),
            frame: encode(ServerFrame::MessageUpdated(message.clone())),
            effect: Effect::None,
        })
    }

    /// The room's own fields changed.
    #[must_use]
    pub fn room_updated(room: &Room) -> Self {
        Self::Room(RoomChange {
            room_id: room.id,
            rev: room.rev,
            seq: None,
            frame: encode(ServerFrame::RoomUpdated(room.clone())),
            effect: Effect::None,
        })
    }

    /// Somebody came, went, or is called or ranked otherwise.
    #[must_use]
    pub fn member_updated(update: MemberUpdated) -> Self {
        let effect = if update.member.state == erc_protocol::MemberState::Joined {
            Effect::None
        } else {
            Effect::Gone(update.member.user_id)
        };
        Self::Room(RoomChange {
            room_id: update.room_id,
            rev: update.rev,
            seq: None,
            frame: encode(ServerFrame::MemberUpdated(update)),
            effect,
        })
    }
}

/// A change that is durable. Only the committer makes one, so publishing before the commit does
/// not compile.
#[derive(Debug)]
pub struct Committed(Change);

impl Committed {
    pub(super) const fn new(change: Change) -> Self {
        Self(change)
    }

    /// For tests of what comes after the commit.
    #[cfg(test)]
    pub(crate) const fn new_for_test(change: Change) -> Self {
        Self(change)
    }

    /// What changed.
    #[must_use]
    pub fn into_change(self) -> Change {
        self.0
    }
}
