//! What other nodes say, and how far this one knows its rooms.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use erc_protocol::{Rev, RoomId, SessionId, UserId, UserRev};

use super::{CloseReason, Hub, News, lock};
use crate::bus::{Message, NodeId, Note};

/// Why a session ended, as its owner is told: words of ours, never of a message.
const REASONS: [&str; 4] = [
    "you signed out",
    "the password changed",
    "too many newer sessions",
    "its refresh token was used twice",
];

fn known(reason: &str) -> &'static str {
    let found = REASONS.iter().find(|known| **known == reason);
    found.copied().unwrap_or("it was ended elsewhere")
}

impl Hub {
    /// Another node said this. Listeners of rooms that changed wait for [`News::tell`].
    pub(crate) fn hear(&self, from: NodeId, message: Message, news: &mut News) {
        match message {
            Message::Changed(change) => news.extend(self.add(change)),
            Message::Head { room, rev } => {
                self.note_head(room, rev);
            }
            Message::Note(note) => self.hear_note(from, note),
        }
    }

    fn hear_note(&self, from: NodeId, note: Note) {
        match note {
            Note::User { user } => self.wake_user(user),
            Note::Emoji { rev } => {
                self.note_emoji(rev);
            }
            Note::SessionEnded { session, reason } => self.end_session(session, known(&reason)),
            Note::Supersede {
                user,
                session,
                device,
                since,
            } => {
                for listener in self.listeners_of(user) {
                    if listener.session == session && listener.is_device_before(&device, since) {
                        listener.close(CloseReason::Superseded);
                    }
                }
            }
            Note::Typing(typing) => self.show_typing(&typing),
            Note::Receipt { room, receipt } => self.gather(room, receipt),
            Note::Present { presence, rooms } => self.hear_presence(from, &presence, &rooms),
            Note::SetPresence { user, state, rooms } => {
                self.hear_set_presence(user, state, &rooms);
            }
            Note::Status { status, rooms } => {
                self.show_status(&status, &rooms.into_iter().collect());
            }
            Note::Roster {
                round,
                users,
                is_last,
            } => self.hear_roster(from, round, &users, is_last),
            Note::Leaving => lock(&self.others).forget(from),
        }
    }

    /// The room has come so far; `true` if this node had not been told.
    pub fn note_head(&self, room: RoomId, rev: Rev) -> bool {
        self.told.fetch_add(1, Ordering::Release);
        let Some(hub) = self.room(room) else {
            return false;
        };
        let is_news = lock(&hub.ring).note(rev);
        if is_news {
            hub.wake(room);
        }
        is_news
    }

    /// Whether somebody listens to the room here, and this node was not told that it has come so far.
    #[must_use]
    pub fn is_behind(&self, room: RoomId, rev: Rev) -> bool {
        self.room(room)
            .is_some_and(|hub| lock(&hub.ring).head() < rev)
    }

    /// The user's own counter has come so far; `true` if a connection of theirs did not know.
    pub fn note_user_rev(&self, user: UserId, rev: UserRev) -> bool {
        let mut is_news = false;
        for listener in self.listeners_of(user) {
            if listener.is_behind_user(rev) {
                is_news = true;
                listener.wake_for_user();
            }
        }
        is_news
    }

    /// Whether a connection of the user's has not read so far.
    #[must_use]
    pub fn is_user_behind(&self, user: UserId, rev: UserRev) -> bool {
        self.listeners_of(user)
            .iter()
            .any(|listener| listener.is_behind_user(rev))
    }

    /// Whether somebody listens to the room here.
    #[must_use]
    pub fn is_listened(&self, room: RoomId) -> bool {
        lock(&self.rooms).contains_key(&room)
    }

    /// Every room that somebody listens to here.
    #[must_use]
    pub fn listened_rooms(&self) -> Vec<RoomId> {
        lock(&self.rooms).keys().copied().collect()
    }

    /// The sessions of every connection here.
    #[must_use]
    pub fn open_sessions(&self) -> Vec<SessionId> {
        let users = lock(&self.users);
        let all: HashSet<_> = users.values().flatten().map(|one| one.session).collect();
        all.into_iter().collect()
    }

    /// Every user who is connected here.
    #[must_use]
    pub fn users(&self) -> Vec<UserId> {
        lock(&self.users).keys().copied().collect()
    }
}
