//! One signed-in account on one server: the cheap handle that both clients hold.

use erc_protocol::{ClientId, RoomId, RoomKind, Seq, SessionId, UserId};
use tokio::sync::{broadcast, watch};

use crate::{
    error::Result,
    view::{
        AccountInfo, Connection, DirectoryEntry, Hit, Me, MemberView, OpenedRoom, RoomSummary,
        SessionView, Timeline, Update, UserView, Window,
    },
};

/// The handle. Clones share everything; reading is from the local cache and takes milliseconds;
/// what changes something returns when it is safely on disk, not when the server has it.
#[derive(Debug, Clone)]
pub struct Account {}

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
    /// Begins to connect and stay connected. Until then everything works offline.
    pub fn start(&self) {
        unimplemented!()
    }
    /// Stops the network and closes the store; unsent operations stay on disk.
    pub async fn close(&self) {
        unimplemented!()
    }
    /// Ends the session on the server (if it can be reached) and forgets its tokens. The cache is
    /// removed with `forget`.
    pub async fn sign_out(&self, forget: bool) -> Result<()> {
        let _ = forget;
        unimplemented!()
    }
    /// Try to connect now instead of waiting for the backoff to end.
    pub fn reconnect_now(&self) {
        unimplemented!()
    }

    pub fn info(&self) -> AccountInfo {
        unimplemented!()
    }
    pub fn me(&self) -> Me {
        unimplemented!()
    }
    pub fn connection(&self) -> watch::Receiver<Connection> {
        unimplemented!()
    }
    /// What changes from now on. A receiver that lags gets `Lagged`: read everything again.
    pub fn updates(&self) -> broadcast::Receiver<Update> {
        unimplemented!()
    }

    // --- from the cache
    /// Most recently active first.
    pub fn rooms(&self) -> Result<Vec<RoomSummary>> {
        unimplemented!()
    }
    pub fn room(&self, room: RoomId) -> Result<RoomSummary> {
        let _ = room;
        unimplemented!()
    }
    /// `unread_after`: where the unread line stands ([`OpenedRoom::read_seq`]).
    pub fn timeline(
        &self,
        room: RoomId,
        window: Window,
        unread_after: Option<Seq>,
    ) -> Result<Timeline> {
        let _ = (room, window, unread_after);
        unimplemented!()
    }
    /// Joined members, present ones first.
    pub fn members(&self, room: RoomId) -> Result<Vec<MemberView>> {
        let _ = room;
        unimplemented!()
    }
    /// Names of those who type now.
    pub fn typing(&self, room: RoomId) -> Vec<crate::SafeText> {
        let _ = room;
        unimplemented!()
    }
    /// Messages that hold all the words (or parts of words), newest first, in one room or all.
    pub fn search(&self, query: &str, room: Option<RoomId>, limit: u32) -> Result<Vec<Hit>> {
        let _ = (query, room, limit);
        unimplemented!()
    }
    /// Text left in the composer.
    pub fn draft(&self, room: RoomId) -> Result<String> {
        let _ = room;
        unimplemented!()
    }

    // --- what is on screen
    /// The view shows this room: catch it up first, follow its typing and presence.
    pub async fn open_room(&self, room: RoomId) -> Result<OpenedRoom> {
        let _ = room;
        unimplemented!()
    }
    pub async fn close_room(&self, room: RoomId) {
        let _ = room;
        unimplemented!()
    }
    /// Ask for the messages of a hole, or for what lies before the oldest known; they arrive as an
    /// update. Asking twice is one question.
    pub fn fill(&self, room: RoomId, from: Seq, to: Seq) {
        let _ = (room, from, to);
        unimplemented!()
    }
    /// The user types (or stopped). Sent at most every few seconds, never stored.
    pub fn set_typing(&self, room: RoomId, typing: bool) {
        let _ = (room, typing);
        unimplemented!()
    }
    /// The user is at the screen (or not).
    pub fn set_active(&self, active: bool) {
        let _ = active;
        unimplemented!()
    }

    // --- through the outbox: return once on disk
    pub async fn send(
        &self,
        room: RoomId,
        text: &str,
        reply_to: Option<erc_protocol::MessageId>,
    ) -> Result<ClientId> {
        let _ = (room, text, reply_to);
        unimplemented!()
    }
    /// Changes a message of one's own, sent or still waiting (then the waiting entry changes).
    pub async fn edit(&self, room: RoomId, message: ClientId, text: &str) -> Result<()> {
        let _ = (room, message, text);
        unimplemented!()
    }
    /// Deletes a message (by `key` parts: whose and which), sent or still waiting (then it is just
    /// not sent).
    pub async fn delete(&self, room: RoomId, sender: UserId, message: ClientId) -> Result<()> {
        let _ = (room, sender, message);
        unimplemented!()
    }
    /// Read up to and including this place. Never goes back.
    pub async fn mark_read(&self, room: RoomId, seq: Seq) -> Result<()> {
        let _ = (room, seq);
        unimplemented!()
    }
    /// Sends a refused operation again.
    pub async fn retry(&self, room: RoomId, message: ClientId) -> Result<()> {
        let _ = (room, message);
        unimplemented!()
    }
    /// Gives up a refused operation; the text of an unsent message is returned, for the composer.
    pub async fn discard(&self, room: RoomId, message: ClientId) -> Result<Option<String>> {
        let _ = (room, message);
        unimplemented!()
    }
    pub async fn save_draft(&self, room: RoomId, text: &str) -> Result<()> {
        let _ = (room, text);
        unimplemented!()
    }

    // --- asked of the server now; fail while offline
    pub async fn create_room(&self, room: NewRoom) -> Result<RoomId> {
        let _ = room;
        unimplemented!()
    }
    /// The direct room with this user, made if need be.
    pub async fn direct_room(&self, user: UserId) -> Result<RoomId> {
        let _ = user;
        unimplemented!()
    }
    pub async fn rename_room(
        &self,
        room: RoomId,
        name: Option<String>,
        topic: Option<String>,
    ) -> Result<()> {
        let _ = (room, name, topic);
        unimplemented!()
    }
    pub async fn delete_room(&self, room: RoomId) -> Result<()> {
        let _ = room;
        unimplemented!()
    }
    pub async fn join_room(&self, room: RoomId) -> Result<()> {
        let _ = room;
        unimplemented!()
    }
    pub async fn leave_room(&self, room: RoomId) -> Result<()> {
        let _ = room;
        unimplemented!()
    }
    pub async fn add_member(&self, room: RoomId, user: UserId) -> Result<()> {
        let _ = (room, user);
        unimplemented!()
    }
    pub async fn remove_member(&self, room: RoomId, user: UserId) -> Result<()> {
        let _ = (room, user);
        unimplemented!()
    }
    pub async fn directory(&self) -> Result<Vec<DirectoryEntry>> {
        unimplemented!()
    }
    pub async fn find_users(&self, query: &str) -> Result<Vec<UserView>> {
        let _ = query;
        unimplemented!()
    }
    pub async fn sessions(&self) -> Result<Vec<SessionView>> {
        unimplemented!()
    }
    pub async fn end_session(&self, session: SessionId) -> Result<()> {
        let _ = session;
        unimplemented!()
    }
    /// Changes the name that others see.
    pub async fn set_display_name(&self, name: &str) -> Result<()> {
        let _ = name;
        unimplemented!()
    }
}
