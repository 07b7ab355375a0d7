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
use crate::store::{self, NewMessage, RoomRow, Tx};

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

/// Sends all of them: one result each, in order. An error of the whole is the database's; nothing
/// was sent then.
pub(super) async fn send_all(
    tx: &mut Tx,
    sends: &[Send],
    now: Timestamp,
) -> store::Result<Vec<Result<Done<Message>>>> {
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

    let mut pairs: Vec<_> = sends.iter().map(|send| (send.room, send.sender)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut rooms: HashMap<RoomId, RoomRow> = HashMap::new();
    let mut senders: HashMap<(RoomId, UserId), Sender> = HashMap::new();
    for row in tx.senders(&pairs).await? {
        let sender = Sender {
            role: row.role,
            state: row.state,
            server_role: row.server_role,
            display_name: row.display_name,
            visibility: Visibility::of(row.state, row.first_visible_seq),
        };
        senders.insert((row.room.id, row.user_id), sender);
        rooms.entry(row.room.id).or_insert(row.room);
    }

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

    let mut next_id = tx
        .take_ids(store::Kind::Message, sends.len() as i64)
        .await?;
    let mut fresh = Vec::new();
    let mut results = Vec::with_capacity(sends.len());
    for send in sends {
        let fingerprint = send.fingerprint();
        let result = match sent.entry((send.sender, send.client_id)) {
            MapEntry::Occupied(before) => repeat(before.get(), &fingerprint),
            MapEntry::Vacant(place) => {
                match accept(send, &senders, &mut rooms, &parents, next_id, now) {
                    Ok(message) => {
                        next_id += 1;
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
    id: i64,
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
        message_id: MessageId(id),
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
