//! Sending messages, many at a time: a handful of statements for a whole batch.

mod mentioned;
mod places;
mod threads;

use std::collections::{HashMap, HashSet};
use std::ops::Deref;

use erc_protocol::{
    ClientId, ErrorCode, Lifetime, Message, MessageId, MessageType, Poll, PresenceState, RoomId,
    Timestamp, UserId, mention::Everybody, message::Forwarded,
};
use sha2::{Digest, Sha256};

use super::change::Change;
use super::drafts::{self, SentDraft};
use super::error::{Error, Result};
use super::filters::{Filters, Flagged};
use super::{reports, requests};
use crate::hub::Hub;
use crate::store::{self, Db, NewMessage, Tx};
use mentioned::Mentioned;
use places::Places;

/// A message to be sent; its text has been validated.
#[derive(Debug, Clone)]
pub struct Send {
    pub sender: UserId,
    pub room: RoomId,
    pub content: String,
    pub kind: MessageType,
    pub client_id: ClientId,
    pub reply_to: Option<MessageId>,
    /// The root of the thread in which it shall stand.
    pub thread_id: Option<MessageId>,
    /// Of a reply in a thread: whether it is shown in the room, too.
    pub also_in_room: bool,
    /// Whom it calls besides those it names.
    pub call: Option<Call>,
    /// What it asks; the text says the same.
    pub poll: Option<Box<Poll>>,
    /// The message whose text it is, and what is told of it.
    pub forwarded: Option<(MessageId, Option<Forwarded>)>,
    /// How long it stays, by its sender's wish.
    pub lifetime: Option<Lifetime>,
    /// The states of the sender's draft that became it.
    pub drafts: Vec<ClientId>,
    /// What its room doesn't take.
    pub filters: Filters,
}

/// A call to everybody in the room.
#[derive(Debug, Clone)]
pub enum Call {
    /// To all members.
    All,
    /// To those members who are among these: who was there when the message was to be sent. It is
    /// decided once and kept with the message, so that counts stay exact whoever comes and goes.
    Here(HashSet<UserId>),
}

impl Call {
    /// Of a word in a message that is to be sent now.
    pub(super) async fn now(
        who: Everybody,
        room: RoomId,
        hub: &Hub,
        tx: &mut Tx,
    ) -> store::Result<Self> {
        if who == Everybody::All {
            return Ok(Self::All);
        }
        let members = tx.joined_user_ids(room).await?.into_iter();
        let is_here = |user: &UserId| hub.presence_of(*user) != PresenceState::Offline;
        Ok(Self::Here(members.filter(is_here).collect()))
    }
}

impl Send {
    /// Tells a repetition from a reuse of the same client id.
    fn fingerprint(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(self.room.0.to_be_bytes());
        hash.update(self.reply_to.map_or(0, |id| id.0).to_be_bytes());
        hash.update(self.kind.as_str());
        hash.update([0]);
        if let Some(root) = self.thread_id {
            hash.update(root.0.to_be_bytes());
            hash.update([u8::from(self.also_in_room)]);
        }
        if let Some(poll) = &self.poll {
            hash.update(serde_json::to_vec(poll).unwrap_or_default());
        }
        if let Some((source, told)) = &self.forwarded {
            // Which message, not what it says: that may have changed when this is repeated.
            hash.update(source.0.to_be_bytes());
            hash.update([u8::from(told.is_some())]);
        } else {
            hash.update(&self.content);
        }
        if let Some(lifetime) = self.lifetime {
            hash.update([0]);
            hash.update(lifetime.after_s.to_be_bytes());
            hash.update(lifetime.from.as_str());
        }
        hash.finalize()[..16].to_vec()
    }
}

/// A message to be sent, with what tells it from another of the same name: reckoned before it waits
/// for its turn, because everybody waits for the writer.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    send: Send,
    fingerprint: Vec<u8>,
}

impl From<Send> for Signed {
    fn from(send: Send) -> Self {
        let fingerprint = send.fingerprint();
        Self { send, fingerprint }
    }
}

impl Deref for Signed {
    type Target = Send;

    fn deref(&self) -> &Send {
        &self.send
    }
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

    /// This many, in a transaction that sends few.
    pub(super) async fn within(tx: &mut Tx, count: usize) -> store::Result<Self> {
        let next = tx.take_ids(store::Kind::Message, count as i64).await?;
        Ok(Self { next, left: count })
    }

    fn take(&mut self) -> MessageId {
        debug_assert!(self.left > 0, "ids are reserved before they are taken");
        self.next += 1;
        self.left = self.left.saturating_sub(1);
        MessageId(self.next - 1)
    }
}

/// How often a batch is begun again because a message of it turned out to be there already.
const TRIES: usize = 4;
/// Ids that a message may use up.
pub(super) const IDS_EACH: usize = TRIES;

/// A send that was not refused.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) message: Message,
    /// Whether this send made it.
    pub(super) is_new: bool,
    /// What else the batch changed, told after its messages: with the last one that is new.
    pub(super) more: Vec<Change>,
    /// Whether the sender's draft was emptied with it.
    pub(super) has_emptied: bool,
}

impl Accepted {
    /// What listeners learn, once.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.is_new {
            changes.push(Change::new_message(&self.message));
            changes.append(&mut self.more);
        }
        if self.has_emptied {
            changes.push(Change::User(self.message.sender_id));
        }
        changes
    }
}
type Results = Vec<Result<Accepted>>;
type SenderKey = (UserId, ClientId);

/// Sends all of them: one result each, in order. An error of the whole is the database's; nothing
/// was sent then.
///
/// Repetitions are rare, so nothing is looked up at first: that a message is there already shows
/// when it can't be added, and then the batch begins again with all that is known.
pub(super) async fn send_all(
    tx: &mut Tx,
    ids: &mut MessageIds,
    sends: &[Signed],
    now: Timestamp,
) -> store::Result<Results> {
    if let Some(results) = attempt(tx, ids, sends, None, now).await? {
        return Ok(results);
    }
    for _ in 1..TRIES {
        let sent = sent_before(tx, sends).await?;
        if let Some(results) = attempt(tx, ids, sends, Some(&sent), now).await? {
            return Ok(results);
        }
    }
    let why = "messages that others were adding at the same time";
    Err(store::Error::Contention(why.into()))
}

/// What was sent before under the names of these, with its fingerprint; a deleted one has none.
type Sent = HashMap<SenderKey, (Message, Option<Vec<u8>>)>;

async fn sent_before(tx: &mut Tx, sends: &[Signed]) -> store::Result<Sent> {
    let keys: Vec<_> = sends
        .iter()
        .map(|send| (send.sender, send.client_id))
        .collect();
    let rows = tx.sent_before(&keys).await?;
    let sent = rows.into_iter().map(|row| {
        let message = Message::from(row.message);
        let key = (message.sender_id, message.client_id);
        (key, (message, row.fingerprint))
    });
    Ok(sent.collect())
}

/// Sends all of them, given what was sent before. `None`, and nothing done, if one can't be decided
/// without knowing that, or if more was sent before than is known.
async fn attempt(
    tx: &mut Tx,
    ids: &mut MessageIds,
    sends: &[Signed],
    sent: Option<&Sent>,
    now: Timestamp,
) -> store::Result<Option<Results>> {
    // First the rooms: what is read after they are locked, no other writer changes.
    let mut places = Places::load(tx, sends).await?;
    let mentioned = Mentioned::load(tx, sends).await?;
    let mut fresh: Vec<NewMessage> = Vec::with_capacity(sends.len());
    // Where in `fresh` the first of this name is, for repetitions within the batch.
    let mut firsts: HashMap<SenderKey, usize> = HashMap::with_capacity(sends.len());
    let mut outcomes = Vec::with_capacity(sends.len());
    let mut flagged: Vec<(usize, Flagged)> = Vec::new();
    for send in sends {
        let key = (send.sender, send.client_id);
        let outcome = if let Some((message, before)) = sent.and_then(|sent| sent.get(&key)) {
            repeat(before.as_deref(), &send.fingerprint).map(|()| Outcome::Before(message))
        } else if let Some(first) = firsts.get(&key) {
            repeat(Some(&fresh[*first].fingerprint), &send.fingerprint)
                .map(|()| Outcome::Again(*first))
        } else {
            let accepted = places.accept(send, ids, now);
            accepted.map(|(mut message, by)| {
                // What a stranger writes calls nobody.
                if send.forwarded.is_none() && !places.waits(send) {
                    message.mentions = mentioned.by(send);
                }
                flagged.extend(by.map(|by| (fresh.len(), by)));
                firsts.insert(key, fresh.len());
                fresh.push(NewMessage {
                    message,
                    fingerprint: send.fingerprint.clone(),
                });
                Outcome::Fresh(fresh.len() - 1)
            })
        };
        if outcome.is_err() && sent.is_none() {
            // It may be a repetition of what was permitted once.
            return Ok(None);
        }
        outcomes.push(outcome);
    }
    let mut more = Vec::new();
    if !fresh.is_empty() {
        let added = tx.insert_messages(&fresh).await?;
        if added < fresh.len() as u64 {
            tx.take_back_messages(&fresh).await?;
            return Ok(None);
        }
        tx.dress_messages(&fresh).await?;
        tx.insert_mentions(&mentioned::rows(&fresh)).await?;
        more = threads::grown(tx, &fresh, &mut places).await?;
        tx.advance_rooms(&places.advanced()).await?;
        let flagged = flagged.into_iter();
        let flagged = flagged.map(|(place, by)| (fresh[place].message.clone(), by));
        more.extend(reports::flagged(tx, flagged.collect(), now).await?);
        more.extend(requests::accept_all(tx, places.accepted()).await?);
        for (room, sender) in places.paced() {
            tx.set_last_sent(*room, *sender, now).await?;
        }
    }
    let emptied = empty_drafts(tx, sends, &outcomes, now).await?;
    let results = outcomes.into_iter().map(|outcome| {
        let (message, is_new) = match outcome? {
            Outcome::Before(message) => (message.clone(), false),
            Outcome::Again(first) => (fresh[first].message.clone(), false),
            Outcome::Fresh(place) => (fresh[place].message.clone(), true),
        };
        Ok(Accepted {
            has_emptied: is_new && emptied.contains(&message.sender_id),
            message,
            is_new,
            more: Vec::new(),
        })
    });
    let mut results: Results = results.collect();
    let mut made = results.iter_mut().rev().flatten();
    if let Some(last) = made.find(|accepted| accepted.is_new) {
        last.more = more;
    }
    Ok(Some(results))
}

/// Empties the drafts that became new messages; answers whose. Most sends were no draft that the
/// server knows, and cost nothing here.
async fn empty_drafts(
    tx: &mut Tx,
    sends: &[Signed],
    outcomes: &[Result<Outcome<'_>>],
    now: Timestamp,
) -> store::Result<HashSet<UserId>> {
    let is_new = |outcome: &Result<Outcome<'_>>| matches!(outcome, Ok(Outcome::Fresh(_)));
    let sent = sends.iter().zip(outcomes);
    let sent = sent.filter(|(send, outcome)| !send.drafts.is_empty() && is_new(outcome));
    let sent: Vec<_> = sent
        .map(|(send, _)| SentDraft {
            user: send.sender,
            room: send.room,
            thread: send.thread_id,
            message: send.client_id,
            states: &send.drafts,
        })
        .collect();
    drafts::empty_sent(tx, &sent, now).await
}

/// What became of a send that was not refused.
enum Outcome<'s> {
    Fresh(usize),
    Again(usize),
    Before(&'s Message),
}

fn repeat(first: Option<&[u8]>, again: &[u8]) -> Result<()> {
    // A deleted message has no fingerprint left: its repetition gets the tombstone.
    if first.is_none_or(|first| first == again) {
        Ok(())
    } else {
        Err(Error::refused(
            ErrorCode::ClientIdReused,
            "this client_id was used for another message",
        ))
    }
}
