//! From a permalink to the message, and back.

use erc_protocol::{ErrorCode, Message, MessageId, RoomId, Seq};

use super::Account;
use crate::{
    cache::messages,
    error::{Error, Result},
    permalink::{self, Permalink},
    transport::address,
    view::Whereabouts,
};

impl Account {
    /// The permalink of a message, as people pass it on.
    pub fn permalink(&self, room: RoomId, message: MessageId) -> Result<String> {
        let server = address::complete(&self.shared.api.keys.get().server_url)?;
        Ok(permalink::make(&server, room, message))
    }

    /// Whether a permalink leads to a message on this account's server.
    #[must_use]
    pub fn is_of_my_server(&self, link: &Permalink) -> bool {
        address::complete(&self.shared.api.keys.get().server_url)
            .is_ok_and(|server| permalink::is_same(&link.server, &server))
    }

    /// Where the message of a permalink stands: as this machine knows, or as the server says. A
    /// message that this user may not see is [`Error::NotFound`], as one that isn't there.
    pub async fn find_message(&self, room: RoomId, message: MessageId) -> Result<Whereabouts> {
        let held = self
            .shared
            .store
            .read(|conn| messages::by_id(conn, message))?;
        let row: Message = if let Some(row) = held {
            row
        } else {
            let path = format!("/chat/messages/{message}");
            match self.shared.api.get(&path, &[]).await {
                Err(Error::Refused(body)) if body.code == ErrorCode::NotFound => {
                    return Err(Error::NotFound);
                }
                row => row?,
            }
        };
        if row.chat_room_id != room {
            return Err(Error::NotFound);
        }
        Ok(whereabouts(&row))
    }

    /// The thread in which alone the message at this place is shown, as far as this machine knows.
    pub fn thread_at(&self, room: RoomId, seq: Seq) -> Result<Option<MessageId>> {
        let row = self
            .shared
            .store
            .read(|conn| messages::at(conn, room, seq))?;
        Ok(row.and_then(|row| whereabouts(&row).thread_id))
    }
}

fn whereabouts(row: &Message) -> Whereabouts {
    Whereabouts {
        room_id: row.chat_room_id,
        seq: row.seq,
        message_id: row.message_id,
        thread_id: row.thread_id.filter(|_| !row.is_in_room()),
    }
}
