//! Finds what no message told: asks the store how far the rooms and users of this node's listeners
//! have come.
//!
//! A lost *last* message of a room is betrayed by nothing else: every other hole shows at the next
//! `rev`. Sessions that ended without a word, as by a command on the server's machine, are found too.
//! A commit without an answer is looked after at once ([`requests`]).
//! Started by [`crate::app::App`] for every server, owned by the lifecycle, ends with the hub.
//! Each round asks for at most [`Times::most`] rooms by primary key, those after the ones of the
//! round before; so a node with fewer listened rooms than that is never behind for longer than one
//! round, and rows need no index on when they changed, which every message would have to pay for.

mod requests;

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Weak};
use std::time::Duration;

use erc_protocol::{Rev, RoomId, SessionId, UserId, UserRev};
use tokio::time::{Instant, sleep, sleep_until};

use requests::Doubts;
pub(super) use requests::Requests;

use super::{Inner, Message, Note, Tail, roster::Rosters};
use crate::hub::Hub;
use crate::store::{self, Db};

/// Rooms or users asked for in one statement.
const SLICE: usize = 512;

/// How often.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Between two rounds over rooms.
    pub rooms: Duration,
    /// Between two rounds over users and their sessions.
    pub users: Duration,
    /// Added to both, at most, so that nodes don't ask in step.
    pub jitter: Duration,
    /// How long a message may still be on its way before what it tells counts as lost.
    pub grace: Duration,
    /// Rooms in one round.
    pub most: usize,
    /// Between two looks at who is present elsewhere.
    pub presence: Duration,
    /// Between two times that this node tells all who are present on it.
    pub roster: Duration,
    /// How long a silent node's users count as present.
    pub lease: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            rooms: Duration::from_secs(5),
            users: Duration::from_secs(15),
            jitter: Duration::from_secs(1),
            grace: Duration::from_millis(250),
            most: 4_096,
            presence: Duration::from_secs(3),
            roster: Duration::from_secs(15),
            lease: Duration::from_secs(50),
        }
    }
}

struct Sweep {
    db: Db,
    hub: Weak<Hub>,
    shared: Arc<Inner>,
    times: Times,
    /// The last room of the last round.
    after: RoomId,
}

/// The task, until the hub is gone. Takes nothing from the tail but what it shares.
pub(crate) fn start(
    tail: &Tail,
    db: Db,
    hub: Weak<Hub>,
    times: Times,
) -> impl Future<Output = ()> + Send + 'static {
    let ended = tail.ended.clone();
    let sweep = Sweep {
        db,
        hub,
        shared: tail.shared.clone(),
        times,
        after: RoomId(0),
    };
    async move {
        tokio::select! {
            () = ended.cancelled() => {}
            () = sweep.run() => {}
        }
    }
}

impl Sweep {
    async fn run(mut self) {
        let shared = self.shared.clone();
        let mut rooms_at = self.next(self.times.rooms);
        let mut users_at = self.next(self.times.users);
        let mut presence_at = Instant::now() + self.times.presence;
        let mut rosters = Rosters::default();
        loop {
            let result = tokio::select! {
                () = shared.sweep.notified() => self.requested().await,
                () = sleep_until(rooms_at) => {
                    let result = self.doubts().await.and(self.round().await);
                    rooms_at = self.next(self.times.rooms);
                    result
                }
                () = sleep_until(users_at) => {
                    let result = self.users(self.connected()).await.and(self.sessions().await);
                    let result = result.and(self.emoji().await);
                    users_at = self.next(self.times.users);
                    result
                }
                () = sleep_until(presence_at) => {
                    presence_at = Instant::now() + self.times.presence;
                    rosters.go_round(&self.db, &self.hub, &self.shared, &self.times).await
                }
            };
            if let Err(error) = result {
                tracing::debug!(%error, "the sweep has to wait for the store");
            }
        }
    }

    fn next(&self, pause: Duration) -> Instant {
        let jitter = self
            .times
            .jitter
            .mul_f64(f64::from(rand::random::<u8>()) / 255.0);
        Instant::now() + pause + jitter
    }

    async fn requested(&mut self) -> store::Result<()> {
        self.doubts().await?;
        if self.shared.sweep.take_all() {
            let rooms: Vec<_> = self.listened().into_iter().collect();
            self.rooms(&rooms).await?;
            self.emoji().await?;
            return self.users(self.connected()).await;
        }
        self.rooms(&self.shared.sweep.take_rooms()).await
    }

    /// What a commit without an answer was about: if it happened, this node and the others learn it
    /// now.
    async fn doubts(&self) -> store::Result<()> {
        let doubts = self.shared.sweep.take_doubts();
        if doubts.is_empty() {
            return Ok(());
        }
        let result = self.settle(&doubts).await;
        if result.is_err() {
            self.shared.sweep.put_back(doubts);
        }
        result
    }

    async fn settle(&self, doubts: &Doubts) -> store::Result<()> {
        let rooms: Vec<_> = doubts.rooms.iter().copied().collect();
        let users: Vec<_> = doubts.users.iter().copied().collect();
        let sessions: Vec<_> = doubts.sessions.keys().copied().collect();
        let ended = over(&self.db, &sessions).await?;
        let mut heads = Vec::new();
        for slice in rooms.chunks(SLICE) {
            heads.extend(self.db.snapshot().await?.room_heads(slice).await?);
        }
        self.rooms(&rooms).await?;
        self.users(users.clone()).await?;
        if doubts.emoji {
            self.emoji().await?;
        }
        let Some(hub) = self.hub.upgrade() else {
            return Ok(());
        };
        let bus = hub.bus();
        if doubts.emoji {
            let rev = hub.emoji_rev();
            bus.tell(|| Message::Note(Note::Emoji { rev }));
        }
        for (room, rev) in heads {
            bus.tell(|| Message::Head { room, rev });
        }
        for user in users {
            bus.tell(|| Message::Note(Note::User { user }));
        }
        for session in ended {
            let reason = doubts.sessions[&session];
            bus.tell(|| {
                let reason = reason.to_owned();
                Message::Note(Note::SessionEnded { session, reason })
            });
            hub.end_session(session, reason);
        }
        Ok(())
    }

    fn listened(&self) -> BTreeSet<RoomId> {
        self.hub
            .upgrade()
            .map(|hub| hub.listened_rooms().into_iter().collect())
            .unwrap_or_default()
    }

    fn connected(&self) -> Vec<UserId> {
        self.hub
            .upgrade()
            .map(|hub| hub.users())
            .unwrap_or_default()
    }

    /// The rooms whose turn it is.
    async fn round(&mut self) -> store::Result<()> {
        let all = self.listened();
        let from = (
            std::ops::Bound::Excluded(self.after),
            std::ops::Bound::Unbounded,
        );
        let turn: Vec<_> = all
            .range(from)
            .chain(all.range(..=self.after))
            .take(self.times.most)
            .copied()
            .collect();
        self.after = turn.last().copied().unwrap_or(RoomId(0));
        self.rooms(&turn).await
    }

    async fn rooms(&self, rooms: &[RoomId]) -> store::Result<()> {
        let found = behind_rooms(&self.db, &self.hub, rooms).await?;
        if found.is_empty() {
            return Ok(());
        }
        sleep(self.times.grace).await;
        if let Some(hub) = self.hub.upgrade() {
            for (room, rev) in found {
                if hub.note_head(room, rev) {
                    self.shared.counters.healed.add();
                }
            }
        }
        Ok(())
    }

    /// How far the custom emoji have come.
    async fn emoji(&self) -> store::Result<()> {
        if emoji(&self.db, &self.hub).await? {
            self.shared.counters.healed.add();
        }
        Ok(())
    }

    async fn sessions(&self) -> store::Result<()> {
        sessions(&self.db, &self.hub).await
    }

    async fn users(&self, users: Vec<UserId>) -> store::Result<()> {
        let found = behind_users(&self.db, &self.hub, &users).await?;
        if found.is_empty() {
            return Ok(());
        }
        sleep(self.times.grace).await;
        if let Some(hub) = self.hub.upgrade() {
            for (user, rev) in found {
                if hub.note_user_rev(user, rev) {
                    self.shared.counters.healed.add();
                }
            }
        }
        Ok(())
    }
}

/// Whether this node was not told how far the custom emoji have come; now it is.
async fn emoji(db: &Db, hub: &Weak<Hub>) -> store::Result<bool> {
    let rev = db.snapshot().await?.emoji_rev().await?;
    Ok(hub.upgrade().is_some_and(|hub| hub.note_emoji(rev)))
}

/// Closes what is open of sessions that are over.
async fn sessions(db: &Db, hub: &Weak<Hub>) -> store::Result<()> {
    let sessions = hub
        .upgrade()
        .map(|hub| hub.open_sessions())
        .unwrap_or_default();
    for session in over(db, &sessions).await? {
        let Some(hub) = hub.upgrade() else { break };
        hub.end_session(session, "it was ended elsewhere");
    }
    Ok(())
}

/// Those of these sessions that are over.
async fn over(db: &Db, sessions: &[SessionId]) -> store::Result<Vec<SessionId>> {
    let mut over = Vec::new();
    for slice in sessions.chunks(SLICE) {
        let go_on: HashSet<_> = db
            .snapshot()
            .await?
            .sessions_going_on(slice)
            .await?
            .into_iter()
            .collect();
        let has_ended = |session: &&SessionId| !go_on.contains(session);
        over.extend(slice.iter().filter(has_ended));
    }
    Ok(over)
}

/// Rooms of which the store has more than this node was told.
async fn behind_rooms(
    db: &Db,
    hub: &Weak<Hub>,
    rooms: &[RoomId],
) -> store::Result<Vec<(RoomId, Rev)>> {
    let mut found = Vec::new();
    for slice in rooms.chunks(SLICE) {
        let heads = db.snapshot().await?.room_heads(slice).await?;
        let Some(hub) = hub.upgrade() else { break };
        let is_news = |(room, rev): &(RoomId, Rev)| hub.is_behind(*room, *rev);
        found.extend(heads.into_iter().filter(is_news));
    }
    Ok(found)
}

async fn behind_users(
    db: &Db,
    hub: &Weak<Hub>,
    users: &[UserId],
) -> store::Result<Vec<(UserId, UserRev)>> {
    let mut found = Vec::new();
    for slice in users.chunks(SLICE) {
        let heads = db.snapshot().await?.user_heads(slice).await?;
        let Some(hub) = hub.upgrade() else { break };
        let is_news = |(user, rev): &(UserId, UserRev)| hub.is_user_behind(*user, *rev);
        found.extend(heads.into_iter().filter(is_news));
    }
    Ok(found)
}

/// Looks at everything that somebody listens to here, now, without grace: what this node was not
/// told by the time that this returns was not committed when it began.
pub async fn now(db: &Db, hub: &Arc<Hub>) -> store::Result<()> {
    let weak = Arc::downgrade(hub);
    for (room, rev) in behind_rooms(db, &weak, &hub.listened_rooms()).await? {
        hub.note_head(room, rev);
    }
    for (user, rev) in behind_users(db, &weak, &hub.users()).await? {
        hub.note_user_rev(user, rev);
    }
    emoji(db, &weak).await?;
    sessions(db, &weak).await
}
