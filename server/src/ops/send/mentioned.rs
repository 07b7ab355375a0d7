//! Whom the messages of a batch name. Most name nobody, and then nothing is asked.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use erc_protocol::{RoomId, Seq, UserId, mention};

use super::{Call, Send, Signed};
use crate::store::{self, NewMessage, Tx};

/// Names looked up in one statement.
const NAMES: usize = 256;

/// Members of the rooms: by the names that stand in the messages, and all of a room where somebody
/// calls everybody.
#[derive(Debug, Default)]
pub(super) struct Mentioned {
    named: HashMap<(RoomId, String), UserId>,
    all: HashMap<RoomId, Vec<UserId>>,
    /// Who is not called by whom: those who block, and whom.
    blocking: HashSet<(UserId, UserId)>,
}

impl Mentioned {
    pub(super) async fn load(tx: &mut Tx, sends: &[Signed]) -> store::Result<Self> {
        let mut names: Vec<(RoomId, String)> = sends
            .iter()
            .filter(|send| send.content.contains('@'))
            .flat_map(|send| {
                let names = mention::usernames(&send.content).into_iter();
                names.map(|name| (send.room, name))
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut all = HashMap::new();
        for send in sends.iter().filter(|send| send.call.is_some()) {
            // Also of a room whose members may not be called: that is decided with its row.
            if let Entry::Vacant(room) = all.entry(send.room) {
                room.insert(tx.joined_user_ids(send.room).await?);
            }
        }
        let mut found = HashMap::new();
        for some in names.chunks(NAMES) {
            let keys: Vec<_> = some
                .iter()
                .map(|(room, name)| (*room, name.as_str()))
                .collect();
            let rows = tx.named(&keys).await?.into_iter();
            found.extend(rows.map(|(room, name, user)| ((room, name), user)));
        }
        let mut mentioned = Self {
            named: found,
            all,
            blocking: HashSet::new(),
        };
        let called = sends.iter().flat_map(|send| {
            let users = mentioned.by(send).into_iter();
            users.map(|user| (user, send.sender))
        });
        let mut pairs: Vec<_> = called.collect();
        pairs.sort_unstable();
        pairs.dedup();
        for some in pairs.chunks(NAMES) {
            mentioned.blocking.extend(tx.blocking(some).await?);
        }
        Ok(mentioned)
    }

    /// Whom this message names, without its sender and those who block them.
    pub(super) fn by(&self, send: &Send) -> Vec<UserId> {
        // Most batches name nobody: their texts are not read again.
        let read = (!self.named.is_empty()).then(|| mention::usernames(&send.content));
        let members = read
            .into_iter()
            .flatten()
            .filter_map(|name| self.named.get(&(send.room, name)).copied());
        let all = self.all.get(&send.room).into_iter().flatten().copied();
        let called = all.filter(|user| match &send.call {
            None => false,
            Some(Call::All) => true,
            Some(Call::Here(present)) => present.contains(user),
        });
        let mut seen = HashSet::from([send.sender]);
        members
            .chain(called)
            .filter(|user| seen.insert(*user))
            .filter(|user| !self.blocking.contains(&(*user, send.sender)))
            .collect()
    }
}

/// What is kept of it, by user.
pub(super) fn rows(fresh: &[NewMessage]) -> Vec<(UserId, RoomId, Seq)> {
    let of = |new: &NewMessage| {
        let (room, seq) = (new.message.chat_room_id, new.message.seq);
        let users = new.message.mentions.clone().into_iter();
        users.map(move |user| (user, room, seq))
    };
    fresh.iter().flat_map(of).collect()
}
