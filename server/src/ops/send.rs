//! Sending messages, many at a time: a handful of statements for a whole batch.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

use erc_protocol::{
    ClientId, ErrorCode, MemberState, Message, MessageId, MessageType, RoomId, Seq, Timestamp,
    UserId,
};
use sha2::{Digest, Sha256};

use super::change::Change;
use super::committer::Done;
use super::error::{Error, Result};
use crate::rules::permission::{self, Action, RoomFacts, Standing};
use crate::rules::visibility::Visibility;
use crate::store::{self, Db, NewMessage, RoomRow, Tx};

/// A message to be sent; its text has been validated.
#[derive(Debug, Clone)]
pub struct Send {
    pub sender: UserId,
    pub room: RoomId,
    pub content: String,
    pub kind: MessageType,
    pub client_id: ClientId,
    pub reply_to: Option<MessageId>,
}

impl Send {
    /// Tells a repetition from a reuse of the same client id.
    fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.room.0.to_be_bytes());
        hash.update(self.reply_to.map_or(0, |id| id.0).to_be_bytes());
        hash.update(self.kind.as_str());
        hash.update([0]);
        hash.update(&self.content);
        hash.finalize()[..16].to_vec()
    }
}

/// A sender's place in a room, as far as sending goes.
struct Sender {
    role: erc_protocol::RoomRole,
    state: MemberState,
    server_role: erc_protocol::ServerRole,
    display_name: String,
    visibility: Option<Visibility>,
}

/// Ids for messages, taken from the database many at a time, so that writers don't wait for each
/// other at its counter. Those that a stop leaves over are never used.
#[derive(Debug, Default)]
pub(super) struct MessageIds {
    next: i64,
    left: usize,
}

impl MessageIds {
    /// Ids taken at a time.
    const BLOCK: usize = 4_096;

    /// Makes sure of this many, in a transaction of its own.
    pub(super) async fn reserve(&mut self, db: &Db, count: usize) -> store::Result<()> {
        if self.left < count {
            let block = Self::BLOCK.max(count);
            let mut tx = db.begin().await?;
            let first = tx.take_ids(store::Kind::Message, block as i64).await?;
            tx.commit().await?;
            (self.next, self.left) = (first, block);
        }
        Ok(())
    }

    fn take(&mut self) -> MessageId {
        debug_assert!(self.left > 0, "ids are reserved before they are taken");
        self.next += 1;
        self.left = self.left.saturating_sub(1);
        MessageId(self.next - 1)
    }
}

/// Sends all of them: one result each, in order. An error of the whole is the database's; nothing
/// was sent then.
pub(super) async fn send_all(
    tx: &mut Tx,
    ids: &mut MessageIds,
    sends: &[Send],
    now: Timestamp,
) -> store::Result<Vec<Result<Done<Message>>>> {
    // First the rooms: what is read after they are locked, no other writer changes.
    let mut pairs: Vec<_> = sends.iter().map(|send| (send.room, send.sender)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut of_rooms: Vec<_> = pairs.iter().map(|(room, _)| *room).collect();
    of_rooms.dedup();
    let mut rooms: HashMap<RoomId, RoomRow> = tx
        .rooms_for_update(&of_rooms)
        .await?
        .into_iter()
        .map(|room| (room.id, room))
        .collect();
    let senders: HashMap<(RoomId, UserId), Sender> = tx
        .senders(&pairs)
        .await?
        .into_iter()
        .map(|row| {
            let sender = Sender {
                role: row.role,
                state: row.state,
                server_role: row.server_role,
                display_name: row.display_name,
                visibility: Visibility::of(row.state, row.first_visible_seq),
            };
            ((row.room_id, row.user_id), sender)
        })
        .collect();

    let keys: Vec<_> = sends
        .iter()
        .map(|send| (send.sender, send.client_id))
        .collect();
    let mut sent: HashMap<_, _> = tx
        .sent_before(&keys)
        .await?
        .into_iter()
        .map(|row| {
            let message = Message::from(row.message);
            (
                (message.sender_id, message.client_id),
                (message, row.fingerprint),
            )
        })
        .collect();

    let parents: Vec<_> = sends.iter().filter_map(|send| send.reply_to).collect();
    let parents: HashMap<MessageId, (RoomId, Seq)> = if parents.is_empty() {
        HashMap::new()
    } else {
        tx.whereabouts(&parents)
            .await?
            .into_iter()
            .map(|(id, room, seq)| (id, (room, seq)))
            .collect()
    };

    let mut fresh = Vec::new();
    let mut results = Vec::with_capacity(sends.len());
    for send in sends {
        let fingerprint = send.fingerprint();
        let result = match sent.entry((send.sender, send.client_id)) {
            MapEntry::Occupied(before) => repeat(before.get(), &fingerprint),
            MapEntry::Vacant(place) => {
                match accept(send, &senders, &mut rooms, &parents, ids, now) {
                    Ok(message) => {
                        place.insert((message.clone(), Some(fingerprint.clone())));
                        fresh.push(NewMessage {
                            message: message.clone(),
                            fingerprint,
                        });
                        let change = Change::new_message(&message);
                        Ok(Done::new(message, vec![change]))
                    }
                    Err(error) => Err(error),
                }
            }
        };
        results.push(result);
    }
    if !fresh.is_empty() {
        tx.insert_messages(&fresh).await?;
        let touched: Vec<_> = rooms
            .values()
            .filter(|room| fresh.iter().any(|new| new.message.chat_room_id == room.id))
            .collect();
        tx.advance_rooms(&touched).await?;
    }
    Ok(results)
}

fn repeat(
    (first, fingerprint): &(Message, Option<Vec<u8>>),
    again: &[u8],
) -> Result<Done<Message>> {
    // A deleted message has no fingerprint left: its repetition gets the tombstone.
    if fingerprint.as_deref().is_none_or(|first| first == again) {
        Ok(Done::unchanged(first.clone()))
    } else {
        Err(Error::refused(
            ErrorCode::ClientIdReused,
            "this client_id was used for another message",
        ))
    }
}

fn accept(
    send: &Send,
    senders: &HashMap<(RoomId, UserId), Sender>,
    rooms: &mut HashMap<RoomId, RoomRow>,
    parents: &HashMap<MessageId, (RoomId, Seq)>,
    ids: &mut MessageIds,
    now: Timestamp,
) -> Result<Message> {
    // Somebody without a row here has never been in the room, public or not.
    let (Some(sender), Some(room)) = (
        senders.get(&(send.room, send.sender)),
        rooms.get_mut(&send.room),
    ) else {
        return Err(Error::not_found("room"));
    };
    let standing = Standing {
        server_role: sender.server_role,
        room_role: (sender.state == MemberState::Joined).then_some(sender.role),
    };
    let facts = RoomFacts {
        kind: room.kind,
        is_private: room.is_private,
    };
    permission::check(standing, Action::Send, facts)?;
    if let Some(parent) = send.reply_to {
        let visible = parents.get(&parent).is_some_and(|(room, seq)| {
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
    room.rev = room.rev.next();
    room.last_seq = room.last_seq.next();
    room.last_message_at = room.last_message_at.max(now);
    Ok(Message {
        message_id: ids.take(),
        chat_room_id: room.id,
        sender_id: send.sender,
        sender_name: sender.display_name.clone(),
        content: send.content.clone(),
        message_type: send.kind.clone(),
        created_at: room.last_message_at,
        seq: room.last_seq,
        rev: room.rev,
        client_id: send.client_id,
        reply_to: send.reply_to,
        edited_at: None,
        deleted_at: None,
    })
}
