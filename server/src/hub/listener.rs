//! One connection, as the hub sees it: what it still has to be told.

use std::collections::{BTreeMap, HashSet};
use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};

use erc_protocol::{
    PresenceState, RoomId, SessionId, Timestamp, UserId, UserRev, presence::PresenceChoice,
};
use tokio::time::Instant;

use super::lock;
use crate::frame::Frame;

/// Typing, presence and receipts that wait for a slow listener, at most; the rest is dropped, as it may be.
const EPHEMERAL: usize = 256;

/// Places for rooms with news that an idle connection keeps.
const KEPT_ROOMS: usize = 8;

/// Why a connection is closed from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The session is over.
    SessionEnded(&'static str),
    /// The same device connected again.
    Superseded,
    /// The server is stopping.
    Draining,
}

/// What is told of somebody: the newest of each counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Whether they are there.
    Presence,
    /// What they say of themselves.
    Status,
}

/// What a listener has to be told; taken all at once.
#[derive(Debug, Default)]
pub struct Pending {
    pub rooms: HashSet<RoomId>,
    /// The user's own counter moved.
    pub user: bool,
    /// Custom emoji came or went.
    pub emoji: bool,
    pub presence: BTreeMap<(UserId, About), Frame>,
    pub typing: BTreeMap<(RoomId, UserId), Frame>,
    pub receipts: Vec<Frame>,
    pub close: Option<CloseReason>,
    /// It is time to ping, and to see whether the session goes on.
    pub is_due: bool,
}

impl Pending {
    /// Empty again; keeps its space unless that is much.
    pub fn clear(&mut self) {
        let mut rooms = std::mem::take(&mut self.rooms);
        rooms.clear();
        rooms.shrink_to(KEPT_ROOMS);
        *self = Self {
            rooms,
            ..Self::default()
        };
    }

    /// Whether there is something of what may be dropped.
    #[must_use]
    pub fn has_ephemeral(&self) -> bool {
        !(self.presence.is_empty() && self.typing.is_empty() && self.receipts.is_empty())
    }

    fn is_empty(&self) -> bool {
        self.rooms.is_empty()
            && !self.user
            && !self.emoji
            && !self.has_ephemeral()
            && self.close.is_none()
            && !self.is_due
    }
}

#[derive(Debug)]
struct Inner {
    pending: Pending,
    /// The connection waits; taken by the first who tells it something.
    waker: Option<Waker>,
    /// When the connection is to look after itself.
    due: Option<Instant>,
    rooms: HashSet<RoomId>,
    /// The device, and when it said hello.
    device: Option<(String, Timestamp)>,
    presence: PresenceState,
    /// What the user has chosen for all devices; they are not there before it is known.
    choice: Option<PresenceChoice>,
}

/// One connection's ear.
#[derive(Debug)]
pub struct Listener {
    pub(super) id: u64,
    pub(super) user: UserId,
    pub(super) session: SessionId,
    /// How far the connection has read under the user's own counter.
    user_rev: AtomicI64,
    inner: Mutex<Inner>,
}

impl Listener {
    pub(super) fn new(
        id: u64,
        user: UserId,
        session: SessionId,
        choice: Option<PresenceChoice>,
    ) -> Self {
        let inner = Inner {
            pending: Pending::default(),
            waker: None,
            due: None,
            rooms: HashSet::new(),
            device: None,
            presence: PresenceState::Online,
            choice,
        };
        Self {
            id,
            user,
            session,
            user_rev: AtomicI64::new(UserRev::ZERO.0),
            inner: Mutex::new(inner),
        }
    }

    /// Waits until there is something to tell, and takes it.
    pub async fn pending(&self) -> Pending {
        let mut pending = Pending::default();
        poll_fn(|cx| self.poll_pending(cx, &mut pending)).await;
        pending
    }

    /// Takes what there is to tell into `into`, which is empty and lends its space.
    pub fn poll_pending(&self, cx: &Context<'_>, into: &mut Pending) -> Poll<()> {
        let mut inner = lock(&self.inner);
        if inner.pending.is_empty() {
            match &mut inner.waker {
                Some(waker) => waker.clone_from(cx.waker()),
                none => *none = Some(cx.waker().clone()),
            }
            return Poll::Pending;
        }
        std::mem::swap(&mut inner.pending, into);
        Poll::Ready(())
    }

    fn tell(&self, what: impl FnOnce(&mut Pending)) {
        let waker = {
            let mut inner = lock(&self.inner);
            what(&mut inner.pending);
            inner.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The connection wants to look after itself at this time.
    pub fn set_due(&self, at: Instant) {
        lock(&self.inner).due = Some(at);
    }

    pub(super) fn pulse(&self, now: Instant) {
        let is_due = lock(&self.inner).due.take_if(|due| *due <= now).is_some();
        if is_due {
            self.tell(|pending| pending.is_due = true);
        }
    }

    /// This room has news.
    pub fn wake_for_room(&self, room: RoomId) {
        self.tell(|pending| {
            pending.rooms.insert(room);
        });
    }

    /// The user's own counter moved.
    pub fn wake_for_user(&self) {
        self.tell(|pending| pending.user = true);
    }

    pub(super) fn wake_for_emoji(&self) {
        self.tell(|pending| pending.emoji = true);
    }

    pub(super) fn tell_typing(&self, who: (RoomId, UserId), frame: Frame) {
        self.tell(|pending| {
            if pending.typing.len() < EPHEMERAL || pending.typing.contains_key(&who) {
                pending.typing.insert(who, frame);
            }
        });
    }

    pub(super) fn forget_typing(&self, room: RoomId, user: UserId) {
        lock(&self.inner).pending.typing.remove(&(room, user));
    }

    pub(super) fn tell_receipts(&self, frame: Frame) {
        self.tell(|pending| {
            if pending.receipts.len() < EPHEMERAL {
                pending.receipts.push(frame);
            }
        });
    }

    pub(super) fn tell_presence(&self, user: UserId, about: About, frame: Frame) {
        let key = (user, about);
        self.tell(|pending| {
            if pending.presence.len() < EPHEMERAL || pending.presence.contains_key(&key) {
                pending.presence.insert(key, frame);
            }
        });
    }

    pub(super) fn close(&self, reason: CloseReason) {
        self.tell(|pending| pending.close = Some(reason));
    }

    /// Why the connection is to be closed, if it is; [`Self::pending`] says so too.
    #[must_use]
    pub fn closing(&self) -> Option<CloseReason> {
        lock(&self.inner).pending.close
    }

    /// The connection has read so far under the user's own counter.
    pub fn knows_user_rev(&self, rev: UserRev) {
        self.user_rev.fetch_max(rev.0, Ordering::Relaxed);
    }

    pub(super) fn is_behind_user(&self, rev: UserRev) -> bool {
        self.user_rev.load(Ordering::Relaxed) < rev.0
    }

    pub(super) fn set_device(&self, device: &str, since: Timestamp) {
        lock(&self.inner).device = Some((device.to_owned(), since));
    }

    pub(super) fn is_device(&self, device: &str) -> bool {
        matches!(&lock(&self.inner).device, Some((own, _)) if own == device)
    }

    pub(super) fn is_device_before(&self, device: &str, before: Timestamp) -> bool {
        matches!(&lock(&self.inner).device, Some((own, since)) if own == device && *since < before)
    }

    pub(super) fn rooms(&self) -> Vec<RoomId> {
        lock(&self.inner).rooms.iter().copied().collect()
    }

    pub(super) fn remember_room(&self, room: RoomId) {
        lock(&self.inner).rooms.insert(room);
    }

    pub(super) fn forget_room(&self, room: RoomId) {
        let mut inner = lock(&self.inner);
        inner.rooms.remove(&room);
        inner.pending.rooms.remove(&room);
    }

    pub(super) fn presence(&self) -> PresenceState {
        let inner = lock(&self.inner);
        let over = |choice: PresenceChoice| choice.over(inner.presence);
        inner.choice.map_or(PresenceState::Offline, over)
    }

    pub(super) fn choice(&self) -> Option<PresenceChoice> {
        lock(&self.inner).choice
    }

    /// What the user has chosen for all devices; `false` if that was known.
    pub(super) fn set_choice(&self, choice: PresenceChoice) -> bool {
        lock(&self.inner).choice.replace(choice) != Some(choice)
    }

    /// The user is at this device (or not); `false` if that was known.
    pub fn set_presence(&self, presence: PresenceState) -> bool {
        let mut inner = lock(&self.inner);
        std::mem::replace(&mut inner.presence, presence) != presence
    }
}
