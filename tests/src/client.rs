//! A real client-core with a home of its own.

use std::path::{Path, PathBuf};

use erc_client_core::{
    Account, Home,
    home::SignIn,
    protocol::{RoomId, Seq, limit::PAGE_MESSAGES},
    view::{Connection, Delivery, Item, MessageView, Window},
};
use tempfile::TempDir;

use crate::{server::PASSWORD, wait::eventually};

/// A signed-in client and the folder that it lives in.
pub struct Client {
    pub account: Account,
    home: PathBuf,
    /// Removed with the client, if it was made for it.
    folder: Option<TempDir>,
}

/// A message as an oracle compares it: what two views of the same room must agree on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub seq: i64,
    pub message_id: i64,
    pub sender_id: i64,
    pub text: String,
    pub deleted: bool,
    pub edited: bool,
}

impl Client {
    /// Signs in from a fresh home and starts.
    pub async fn sign_in(server: &str, username: &str) -> Self {
        let folder = tempfile::tempdir().expect("the temporary folder takes one more");
        let mut client = Self::sign_in_at(folder.path(), server, username).await;
        client.folder = Some(folder);
        client
    }

    /// Signs in from this home and starts.
    pub async fn sign_in_at(home: &Path, server: &str, username: &str) -> Self {
        let account = Home::open(home)
            .expect("a home is made")
            .sign_in(SignIn {
                server: server.to_owned(),
                username: username.to_owned(),
                password: PASSWORD.to_owned(),
                device_name: "test".to_owned(),
            })
            .await
            .expect("the name and password are good");
        account.start();
        Self {
            account,
            home: home.to_owned(),
            folder: None,
        }
    }

    /// Opens the account of this home as it was left, and starts.
    pub fn reopen(home: &Path) -> Self {
        let home_folder = Home::open(home).expect("the home is there");
        let key = home_folder
            .accounts()
            .expect("the accounts can be read")
            .into_iter()
            .next()
            .expect("somebody signed in here")
            .key;
        let account = home_folder
            .open_account(&key)
            .expect("nobody else has it open");
        account.start();
        Self {
            account,
            home: home.to_owned(),
            folder: None,
        }
    }

    /// Its folder.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Waits until it is connected and has caught up.
    pub async fn live(&self) {
        let connection = self.account.connection();
        eventually("the client is live", async || {
            matches!(*connection.borrow(), Connection::Live { .. }).then_some(())
        })
        .await;
    }

    /// Waits until it knows that the link is gone.
    pub async fn offline(&self) {
        let connection = self.account.connection();
        eventually("the client is offline", async || {
            matches!(*connection.borrow(), Connection::Offline { .. }).then_some(())
        })
        .await;
    }

    /// The room of this name, once it is in the list.
    pub async fn room(&self, name: &str) -> RoomId {
        eventually(&format!("the room {name}"), async || {
            let rooms = self.account.rooms().expect("the cache reads");
            rooms
                .into_iter()
                .find(|room| room.name.as_str() == name)
                .map(|room| room.id)
        })
        .await
    }

    /// What the room shows, from its first place on.
    pub fn messages(&self, room: RoomId) -> Vec<MessageView> {
        self.items(room)
            .into_iter()
            .filter_map(|item| match item {
                Item::Message(message) => Some(message),
                _ => None,
            })
            .collect()
    }

    /// The texts of the room, as they are shown.
    pub fn texts(&self, room: RoomId) -> Vec<String> {
        self.messages(room)
            .into_iter()
            .filter(|message| !message.deleted)
            .map(|message| message.text.as_str().to_owned())
            .collect()
    }

    /// Whether something waits to be sent, or was refused.
    pub fn unsent(&self, room: RoomId) -> usize {
        self.messages(room)
            .iter()
            .filter(|message| message.delivery != Delivery::Sent)
            .count()
    }

    fn items(&self, room: RoomId) -> Vec<Item> {
        self.account
            .timeline(room, Window::Since { seq: Seq(1) }, None)
            .expect("the cache reads")
            .items
    }

    /// Asks for every hole until there is none, then gives the whole room in the order shown.
    pub async fn whole_room(&self, room: RoomId) -> Vec<Line> {
        loop {
            let holes = Self::pieces(&self.items(room));
            if holes.is_empty() {
                return self.messages(room).iter().map(Line::of).collect();
            }
            // Few at a time: what is asked for beyond some number is forgotten.
            for some in holes.chunks(16) {
                eventually("the room without holes", async || {
                    let mut whole = true;
                    for (from, to) in some {
                        let window = Window::Between {
                            from: *from,
                            to: *to,
                        };
                        let there = self.account.timeline(room, window, None);
                        for (from, to) in Self::pieces(&there.expect("the cache reads").items) {
                            self.account.fill(room, from, to);
                            whole = false;
                        }
                    }
                    whole.then_some(())
                })
                .await;
            }
        }
    }

    /// Asks for what is missing in a room, as somebody does who looks at it.
    pub fn fill(&self, room: RoomId) {
        for (from, to) in Self::pieces(&self.items(room)).into_iter().take(16) {
            self.account.fill(room, from, to);
        }
    }

    /// The holes, in pieces of a page.
    fn pieces(items: &[Item]) -> Vec<(Seq, Seq)> {
        let mut pieces = Vec::new();
        for item in items {
            if let Item::Hole { from, to } = item {
                let page = usize::try_from(PAGE_MESSAGES).expect("a page is a small number");
                for first in (from.0..=to.0).step_by(page) {
                    let last = to.0.min(first + PAGE_MESSAGES - 1);
                    pieces.push((Seq(first), Seq(last)));
                }
            }
        }
        pieces
    }

    /// What the room list says is unread.
    pub fn unread(&self, room: RoomId) -> i64 {
        self.account
            .room(room)
            .expect("the room is in the list")
            .unread
    }
}

impl Line {
    /// # Panics
    /// If the message is not on the server yet.
    pub fn of(message: &MessageView) -> Self {
        Self {
            seq: message.seq.expect("the message was sent").0,
            message_id: message.message_id.expect("the message was sent").0,
            sender_id: message.sender_id.0,
            text: message.text.as_str().to_owned(),
            deleted: message.deleted,
            edited: message.edited,
        }
    }
}
