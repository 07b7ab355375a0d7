//! Whom the messages of a batch name. Most name nobody, and then nothing is asked.

use std::collections::HashMap;

use erc_protocol::{RoomId, Seq, UserId, mention};

use super::Send;
use crate::store::{self, NewMessage, Tx};

/// Names looked up in one statement.
const NAMES: usize = 256;

/// Members of the rooms, by the names that stand in the messages.
#[derive(Debug, Default)]
pub(super) struct Mentioned(HashMap<(RoomId, String), UserId>);

impl Mentioned {
    pub(super) async fn load(tx: &mut Tx, sends: &[Send]) -> store::Result<Self> {
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
        let mut found = HashMap::new();
        for some in names.chunks(NAMES) {
            let keys: Vec<_> = some
                .iter()
                .map(|(room, name)| (*room, name.as_str()))
                .collect();
            let rows = tx.named(&keys).await?.into_iter();
            found.extend(rows.map(|(room, name, user)| ((room, name), user)));
        }
        Ok(Self(found))
    }

    /// Whom this message names, without its sender.
    pub(super) fn by(&self, send: &Send) -> Vec<UserId> {
        if self.0.is_empty() {
            return Vec::new();
        }
        mention::usernames(&send.content)
            .into_iter()
            .filter_map(|name| self.0.get(&(send.room, name)).copied())
            .filter(|user| *user != send.sender)
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
