//! Threads that a batch of messages makes grow: their roots tell of it, and who takes part follows.

use erc_protocol::Message;

use super::places::Places;
use crate::ops::change::Change;
use crate::ops::threads::{Joins, join_all};
use crate::store::{self, NewMessage, Tx};

/// What listeners learn after the messages. The rooms' counters move on in `places`.
pub(super) async fn grown(
    tx: &mut Tx,
    fresh: &[NewMessage],
    places: &mut Places,
) -> store::Result<Vec<Change>> {
    let (mut tops, mut joins) = (Vec::new(), Vec::new());
    for new in fresh {
        let message = &new.message;
        let Some(thread) = message.thread_id else {
            continue;
        };
        let mut join = |user, unasked| {
            joins.push(Joins {
                user,
                thread,
                room: message.chat_room_id,
                seq: message.seq,
                unasked,
            });
        };
        join(message.sender_id, false);
        for user in &message.mentions {
            join(*user, false);
        }
        if let Some(began) = places.began(thread) {
            join(began, true);
        }
        if !tops.contains(&(message.chat_room_id, thread)) {
            tops.push((message.chat_room_id, thread));
        }
    }
    let mut changes = Vec::new();
    for (room, top) in tops {
        let Some(rev) = places.next_rev(room) else {
            continue;
        };
        tx.write_thread(top, rev).await?;
        if let Some(row) = tx.message(top).await? {
            changes.push(Change::message_updated(&Message::from(row)));
        }
    }
    let users = join_all(tx, joins).await?;
    changes.extend(users.into_iter().map(Change::User));
    Ok(changes)
}
