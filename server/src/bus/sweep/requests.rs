//! What the sweep is to look at before its time.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use erc_protocol::{RoomId, SessionId, UserId};
use tokio::sync::Notify;

use crate::ops::change::Change;

/// Left by those who find something, taken by the sweep. Bounded by the number of rooms, users and
/// sessions.
#[derive(Debug, Default)]
pub(in crate::bus) struct Requests {
    rooms: Mutex<HashSet<RoomId>>,
    doubts: Mutex<Doubts>,
    is_all: AtomicBool,
    notify: Notify,
}

/// What a commit without an answer was about: it may have happened or not, and who listens, on any
/// node, was not told.
#[derive(Debug, Default, Clone)]
pub(super) struct Doubts {
    pub(super) rooms: HashSet<RoomId>,
    pub(super) users: HashSet<UserId>,
    /// Perhaps ended, and why.
    pub(super) sessions: HashMap<SessionId, &'static str>,
    pub(super) emoji: bool,
}

impl Doubts {
    fn add(&mut self, change: &Change) {
        match change {
            Change::Room(change) => {
                self.rooms.insert(change.room_id);
            }
            Change::User(user) => {
                self.users.insert(*user);
            }
            Change::SessionEnded { session, reason } => {
                self.sessions.insert(*session, reason);
            }
            Change::Emoji(_) => self.emoji = true,
            // The next one says the same and more.
            Change::Receipt { .. } => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.users.is_empty() && self.sessions.is_empty() && !self.emoji
    }
}

impl Requests {
    /// Every room and user.
    pub(in crate::bus) fn everything(&self) {
        self.is_all.store(true, Ordering::Release);
        self.notify.notify_one();
    }

    /// These rooms.
    pub(in crate::bus) fn rooms(&self, rooms: Vec<RoomId>) {
        lock(&self.rooms).extend(rooms);
        self.notify.notify_one();
    }

    /// Whatever these would have changed.
    pub(in crate::bus) fn doubt(&self, changes: impl IntoIterator<Item = Change>) {
        {
            let mut doubts = lock(&self.doubts);
            for change in changes {
                doubts.add(&change);
            }
        }
        self.notify.notify_one();
    }

    /// The store could not say: it is asked again in the next round.
    pub(super) fn put_back(
        &self,
        Doubts {
            rooms,
            users,
            sessions,
            emoji,
        }: Doubts,
    ) {
        let mut doubts = lock(&self.doubts);
        doubts.rooms.extend(rooms);
        doubts.users.extend(users);
        doubts.sessions.extend(sessions);
        doubts.emoji |= emoji;
    }

    pub(super) async fn notified(&self) {
        self.notify.notified().await;
    }

    pub(super) fn take_all(&self) -> bool {
        self.is_all.swap(false, Ordering::AcqRel)
    }

    pub(super) fn take_rooms(&self) -> Vec<RoomId> {
        std::mem::take(&mut *lock(&self.rooms))
            .into_iter()
            .collect()
    }

    pub(super) fn take_doubts(&self) -> Doubts {
        std::mem::take(&mut *lock(&self.doubts))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
