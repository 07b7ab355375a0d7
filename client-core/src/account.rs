//! One signed-in account on one server: the cheap handle that both clients hold.
//!
//! Reading is from the cache; writing goes through the outbox; the network is the supervisor's
//! ([`supervisor`]), who keeps one [`session`] and the fetcher ([`fetch`]).

mod analytics;
pub(crate) mod api;
mod blocks;
pub(crate) mod credentials;
mod emoji;
mod expiry;
mod export;
mod fetch;
mod filters;
pub(crate) mod hits;
mod intent;
mod leaving;
mod links;
mod live;
pub(crate) mod lock;
mod moderation;
mod permalinks;
pub(crate) mod personal;
mod polls;
mod presence;
mod remote;
mod reports;
mod requests;
pub(crate) mod schedule;
mod session;
pub(crate) mod shared;
mod supervisor;
mod threads;
pub(crate) mod views;

use std::{sync::Arc, time::Instant};

use erc_protocol::{
    ClientId, Lifetime, MessageId, RoomId, RoomKind, Seq, SessionId, UserId, reaction, validate,
};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    SafeText,
    cache::{messages, rooms},
    complete::{self, Completions},
    error::{Error, Result},
    outbox::compose::{self, Answer, Author, Switch},
    timeline::{load, merge},
    unread,
    view::{
        AccountInfo, Connection, DirectoryEntry, Found, Hit, Item, Me, MemberView, OpenedRoom,
        PinView, ReactedView, RoomSummary, SessionView, Timeline, Update, UserView, VersionView,
        Window,
    },
};
use hits::Asked;
use intent::Want;
use shared::{Running, Shared};

/// The handle. Clones share everything; reading is from the local cache and takes milliseconds;
/// what changes something returns when it is safely on disk, not when the server has it.
#[derive(Debug, Clone)]
pub struct Account {
    shared: Arc<Shared>,
}

/// A room to be made.
#[derive(Debug, Clone)]
pub struct NewRoom {
    pub name: String,
    pub topic: String,
    pub kind: RoomKind,
    pub is_private: bool,
    pub members: Vec<UserId>,
}

impl Account {
    pub(crate) fn from_shared(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Begins to connect and stay connected. Until then everything works offline. To be called
    /// within a tokio runtime; starting twice is starting once.
    pub fn start(&self) {
        let mut running = self.shared.running();
        if running.is_none() {
            let stop = CancellationToken::new();
            let task = supervisor::run(Arc::clone(&self.shared), stop.clone());
            *running = Some(Running {
                stop,
                task: tokio::spawn(task),
            });
        }
    }
    /// Stops the network and closes the store; unsent operations stay on disk.
    pub async fn close(&self) {
        self.stop().await;
        self.shared.store.close().await;
        self.shared.unlock();
    }
    /// Ends the session on the server (if it can be reached) and forgets its tokens. The cache is
    /// removed with `forget`.
    pub async fn sign_out(&self, forget: bool) -> Result<()> {
        if self.shared.api.keys.get().tokens.is_some()
            && let Err(error) = remote::sign_out(&self.shared).await
        {
            // The tokens go all the same; the session can be ended from another device.
            tracing::warn!(%error, "the server was not told of signing out");
        }
        self.end_session_here(forget).await
    }
    /// What is left of signing out once the server knows.
    async fn end_session_here(&self, forget: bool) -> Result<()> {
        self.stop().await;
        self.shared.api.keys.forget_tokens().await?;
        let reason = SafeText::line("you signed out");
        self.shared.set_connection(Connection::SignedOut { reason });
        if forget {
            self.shared.store.close().await;
            std::fs::remove_dir_all(&self.shared.folder)
                .map_err(|e| Error::Storage(format!("{}: {e}", self.shared.folder.display())))?;
            self.shared.unlock();
        }
        Ok(())
    }
    /// Try to connect now instead of waiting for the backoff to end.
    pub fn reconnect_now(&self) {
        self.shared.reconnect.notify_one();
    }

    pub fn info(&self) -> AccountInfo {
        let credentials = self.shared.api.keys.get();
        let me = self.shared.me();
        AccountInfo {
            key: self.shared.key.clone(),
            server_url: credentials.server_url,
            username: SafeText::line(&me.username),
            display_name: SafeText::line(&me.display_name),
            user_id: me.id,
        }
    }
    pub fn me(&self) -> Me {
        let me = self.shared.me();
        Me {
            id: me.id,
            username: SafeText::line(&me.username),
            display_name: SafeText::line(&me.display_name),
            role: me.role,
        }
    }
    pub fn connection(&self) -> watch::Receiver<Connection> {
        self.shared.connection()
    }
    /// What changes from now on. A receiver that lags gets `Lagged`: read everything again.
    pub fn updates(&self) -> broadcast::Receiver<Update> {
        self.shared.updates()
    }

    // --- from the cache
    /// Most recently active first.
    pub fn rooms(&self) -> Result<Vec<RoomSummary>> {
        let (me, now) = (self.shared.me(), self.shared.clock.now());
        let mut rooms = self
            .shared
            .store
            .read(|conn| views::summaries(conn, &me, now))?;
        views::add_presence(&mut rooms, &self.shared.live(), now);
        rooms.sort_by_key(|room| std::cmp::Reverse((room.last_activity, room.id)));
        Ok(rooms)
    }
    pub fn room(&self, room: RoomId) -> Result<RoomSummary> {
        let (me, now) = (self.shared.me(), self.shared.clock.now());
        let summary = self.shared.store.read(|conn| {
            let row = rooms::get(conn, room)?.filter(|row| row.is_known);
            views::one(conn, &me, &row.ok_or(Error::NotFound)?, now)
        })?;
        let mut rooms = [summary];
        views::add_presence(&mut rooms, &self.shared.live(), now);
        let [summary] = rooms;
        Ok(summary)
    }
    /// `unread_after`: where the unread line stands ([`OpenedRoom::read_seq`]).
    pub fn timeline(
        &self,
        room: RoomId,
        window: Window,
        unread_after: Option<Seq>,
    ) -> Result<Timeline> {
        let me = self.shared.me();
        let (now, zone) = (self.shared.clock.now(), self.shared.clock.zone());
        let timeline = self.shared.store.read(|conn| {
            let row = rooms::get(conn, room)?.ok_or(Error::NotFound)?;
            let source = load::source(conn, &row, window, now)?;
            let setting = load::setting(conn, &row, &source, &me, unread_after, (now, zone))?;
            Ok(merge::build(&source, &setting))
        })?;
        self.want_quotes(room, &timeline);
        Ok(timeline)
    }
    /// Asks for what messages answer and is not here.
    fn want_quotes(&self, room: RoomId, timeline: &Timeline) {
        for item in &timeline.items {
            if let Item::Message(view) = item
                && let Some(quote) = view.reply.as_ref().filter(|quote| !quote.known)
            {
                self.want(Want::Quote {
                    room,
                    id: quote.message_id,
                });
            }
        }
    }
    /// Joined members, present ones first.
    pub fn members(&self, room: RoomId) -> Result<Vec<MemberView>> {
        let now = self.shared.clock.now();
        let mut members = self
            .shared
            .store
            .read(|conn| views::members(conn, room, now))?;
        views::sort_by_presence(&mut members, &self.shared.live(), now);
        Ok(members)
    }
    /// What may be meant by the text before the cursor.
    pub fn complete(&self, room: RoomId, before: &str) -> Result<Completions> {
        let store = &self.shared.store;
        store.read(|conn| complete::choices(conn, room, before))
    }
    /// Names of those who type now.
    pub fn typing(&self, room: RoomId) -> Vec<SafeText> {
        self.shared.live().typing(room)
    }
    /// Messages on this machine that fit a query ([`erc_protocol::search`]), newest first, in one
    /// room or all. [`Error::Invalid`] says what is wrong with a query, and where.
    pub fn search(&self, query: &str, room: Option<RoomId>, limit: u32) -> Result<Vec<Hit>> {
        let asked = Asked::new(&self.shared.clock, query, room, limit)?;
        let me = self.shared.my_id();
        self.shared.store.read(|conn| asked.here(conn, me))
    }

    // --- from the cache and from the server
    /// As [`Self::search`], and what the server finds beside it. Only what is on this machine, if
    /// the server can't be reached.
    pub async fn search_everywhere(
        &self,
        query: &str,
        room: Option<RoomId>,
        limit: u32,
    ) -> Result<Found> {
        let asked = Asked::new(&self.shared.clock, query, room, limit)?;
        let answer = asked.ask(&self.shared.api).await?;
        let me = self.shared.my_id();
        self.shared.store.read(|conn| asked.merge(conn, me, answer))
    }

    // --- what is on screen
    /// The view shows this room: catch it up first, follow its typing and presence.
    #[expect(
        clippy::unused_async,
        reason = "part of the interface, whatever it does inside"
    )]
    pub async fn open_room(&self, room: RoomId) -> Result<OpenedRoom> {
        let me = self.shared.my_id();
        let (opened, has_all_members) = self.shared.store.read(|conn| {
            let row = rooms::get(conn, room)?
                .filter(|row| row.is_known)
                .ok_or(Error::NotFound)?;
            let opened = OpenedRoom {
                read_seq: unread::read_mark(conn, &row)?,
                unread: unread::of_room(conn, me, &row)?.count,
            };
            Ok((opened, row.members_complete))
        })?;
        self.shared.intent().open(room);
        self.shared.intent_changed.notify_one();
        if !has_all_members {
            self.want(Want::Members(room));
        }
        Ok(opened)
    }
    #[expect(
        clippy::unused_async,
        reason = "part of the interface, whatever it does inside"
    )]
    pub async fn close_room(&self, room: RoomId) {
        self.shared.intent().close(room);
        self.shared.intent_changed.notify_one();
    }
    /// Ask for the messages of a hole, or for what lies before the oldest known; they arrive as an
    /// update. Asking twice is one question.
    pub fn fill(&self, room: RoomId, from: Seq, to: Seq) {
        self.want(Want::Hole { room, from, to });
    }
    /// The user types (or stopped). Sent at most every few seconds, never stored.
    pub fn set_typing(&self, room: RoomId, typing: bool) {
        if self.shared.intent().typing(room, typing, Instant::now()) {
            self.shared.intent_changed.notify_one();
        }
    }
    /// The user is at the screen (or not).
    pub fn set_active(&self, active: bool) {
        self.shared.intent().set_active(active);
        self.shared.intent_changed.notify_one();
    }

    // --- through the outbox: return once on disk
    pub async fn send(
        &self,
        room: RoomId,
        text: &str,
        reply_to: Option<MessageId>,
    ) -> Result<ClientId> {
        self.send_for(room, text, reply_to, None).await
    }
    /// Sends a message that goes by itself.
    pub async fn send_for(
        &self,
        room: RoomId,
        text: &str,
        reply_to: Option<MessageId>,
        lifetime: Option<Lifetime>,
    ) -> Result<ClientId> {
        let text = content(text)?;
        let lifetime = lifetime.map(Lifetime::valid).transpose();
        let lifetime = lifetime.map_err(Error::Invalid)?;
        let author = self.author();
        self.queue(room, move |tx| {
            let to = Answer {
                reply_to,
                lifetime,
                ..Answer::default()
            };
            compose::send(tx, author, room, text, to)
        })
        .await?;
        Ok(author.op_id)
    }

    /// Changes a message of one's own, sent or still waiting (then the waiting entry changes).
    pub async fn edit(&self, room: RoomId, message: ClientId, text: &str) -> Result<()> {
        let text = content(text)?;
        let author = self.author();
        self.queue(room, move |tx| {
            compose::edit(tx, author, room, message, text)
        })
        .await
    }
    /// Deletes a message (by `key` parts: whose and which), sent or still waiting (then it is just
    /// not sent).
    pub async fn delete(&self, room: RoomId, sender: UserId, message: ClientId) -> Result<()> {
        let author = self.author();
        self.queue(room, move |tx| {
            compose::delete(tx, author, room, sender, message)
        })
        .await
    }
    /// Answers a sent message (by `key` parts: whose and which) with an emoji, or takes that back.
    pub async fn react(
        &self,
        room: RoomId,
        message: (UserId, ClientId),
        emoji: &str,
        on: bool,
    ) -> Result<()> {
        let emoji =
            reaction::form(emoji).ok_or_else(|| Error::Invalid("that is no emoji".to_owned()))?;
        self.switch(room, message, Switch::Reaction(emoji.into()), on)
            .await
    }
    /// Pins a sent message, or unpins it.
    pub async fn pin(&self, room: RoomId, message: (UserId, ClientId), on: bool) -> Result<()> {
        self.switch(room, message, Switch::Pin, on).await
    }
    async fn switch(
        &self,
        room: RoomId,
        message: (UserId, ClientId),
        switch: Switch,
        on: bool,
    ) -> Result<()> {
        let author = self.author();
        self.queue(room, move |tx| {
            compose::switch(tx, author, room, message, &switch, on)
        })
        .await
    }
    /// Sends the text of a message into another room (or the same).
    pub async fn forward(
        &self,
        source: MessageId,
        room: RoomId,
        with_author: bool,
    ) -> Result<ClientId> {
        let author = self.author();
        self.queue(room, move |tx| {
            compose::forward(tx, author, room, source, with_author)
        })
        .await?;
        Ok(author.op_id)
    }
    /// Read up to and including this place. Never goes back.
    pub async fn mark_read(&self, room: RoomId, seq: Seq) -> Result<()> {
        let author = self.author();
        let has_moved = self
            .shared
            .store
            .write(move |tx| compose::read(tx, author, room, seq))
            .await?;
        if has_moved {
            self.shared.outbox_changed.notify_one();
            self.shared.tell(Update::Rooms);
        }
        Ok(())
    }
    /// Sends a refused operation again.
    pub async fn retry(&self, room: RoomId, message: ClientId) -> Result<()> {
        self.queue(room, move |tx| compose::retry(tx, room, message))
            .await
    }
    /// Gives up a refused operation; the text of an unsent message is returned, for the composer.
    pub async fn discard(&self, room: RoomId, message: ClientId) -> Result<Option<String>> {
        let text = self
            .shared
            .store
            .write(move |tx| compose::discard(tx, room, message))
            .await?;
        self.shared.tell_room(room);
        self.shared.outbox_changed.notify_one();
        Ok(text)
    }

    /// What a room keeps at hand, the latest first: what the server says, or what is held here if
    /// it can't be reached.
    pub async fn pins(&self, room: RoomId) -> Result<Vec<PinView>> {
        let rows = match remote::pins(&self.shared, room).await {
            Err(Error::Offline(_)) => self
                .shared
                .store
                .read(|conn| messages::pinned(conn, room))?,
            rows => rows?,
        };
        Ok(rows.iter().map(views::pin).collect())
    }

    // --- asked of the server now; fail while offline
    /// Every text that a message had, oldest first; the last is the one it has.
    pub async fn history(&self, message: MessageId) -> Result<Vec<VersionView>> {
        remote::history(&self.shared, message).await
    }
    /// Who reacted to a message, in the order in which they did.
    pub async fn reactions(&self, message: MessageId) -> Result<Vec<ReactedView>> {
        remote::reactions(&self.shared, message).await
    }
    pub async fn create_room(&self, room: NewRoom) -> Result<RoomId> {
        remote::create_room(&self.shared, room).await
    }
    /// The direct room with this user, made if need be.
    pub async fn direct_room(&self, user: UserId) -> Result<RoomId> {
        let room = NewRoom {
            name: String::new(),
            topic: String::new(),
            kind: RoomKind::Direct,
            is_private: true,
            members: vec![user],
        };
        remote::create_room(&self.shared, room).await
    }
    pub async fn rename_room(
        &self,
        room: RoomId,
        name: Option<String>,
        topic: Option<String>,
    ) -> Result<()> {
        remote::update_room(&self.shared, room, name, topic).await
    }
    /// How long messages stay that are sent into the room from now on.
    pub async fn set_lifetime(&self, room: RoomId, lifetime: Option<Lifetime>) -> Result<()> {
        remote::set_lifetime(&self.shared, room, lifetime).await
    }
    pub async fn delete_room(&self, room: RoomId) -> Result<()> {
        remote::delete_room(&self.shared, room).await
    }
    pub async fn join_room(&self, room: RoomId) -> Result<()> {
        remote::join_room(&self.shared, room).await
    }
    pub async fn leave_room(&self, room: RoomId) -> Result<()> {
        remote::leave_room(&self.shared, room).await
    }
    pub async fn add_member(&self, room: RoomId, user: UserId) -> Result<()> {
        remote::add_member(&self.shared, room, user).await
    }
    pub async fn remove_member(&self, room: RoomId, user: UserId) -> Result<()> {
        remote::remove_member(&self.shared, room, user).await
    }
    pub async fn directory(&self) -> Result<Vec<DirectoryEntry>> {
        remote::directory(&self.shared).await
    }
    pub async fn find_users(&self, query: &str) -> Result<Vec<UserView>> {
        remote::find_users(&self.shared, query).await
    }
    pub async fn sessions(&self) -> Result<Vec<SessionView>> {
        remote::sessions(&self.shared).await
    }
    pub async fn end_session(&self, session: SessionId) -> Result<()> {
        remote::end_session(&self.shared, session).await
    }
    /// Changes the name that others see.
    pub async fn set_display_name(&self, name: &str) -> Result<()> {
        remote::set_display_name(&self.shared, name).await
    }

    /// What happened to the local store when it was opened, if the user should know (it was
    /// damaged and set aside).
    pub fn notice(&self) -> Option<SafeText> {
        self.shared.store.notice().map(SafeText::line)
    }

    async fn stop(&self) {
        let running = self.shared.running().take();
        if let Some(Running { stop, task }) = running {
            stop.cancel();
            if let Err(error) = task.await {
                tracing::error!(%error, "the connection's task ended badly");
            }
        }
    }

    fn author(&self) -> Author {
        Author {
            me: self.shared.my_id(),
            now: self.shared.clock.now(),
            op_id: ClientId(self.shared.clock.operation_id()),
        }
    }

    /// Changes the outbox; returns when that is durable.
    async fn queue(
        &self,
        room: RoomId,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        self.shared.store.write(work).await?;
        self.shared.outbox_changed.notify_one();
        self.shared.tell_room(room);
        Ok(())
    }

    fn want(&self, want: Want) {
        if self.shared.intent().want(want) {
            self.shared.wants_changed.notify_one();
        }
    }
}

/// What the server would refuse is refused here.
fn content(text: &str) -> Result<String> {
    validate::content(text).map_err(|e| Error::Invalid(e.to_string()))
}
