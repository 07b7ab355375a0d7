//! What the views show: plain data, the same for terminal and window.

use erc_protocol::api::analytics::{ActiveUsers, Totals};
use erc_protocol::{
    AuditId, Capability, ClientId, EmojiId, FilterId, Level, Lifetime, LinkId, MessageId,
    Permissions, PresenceState, ReportId, RequestState, RoomId, RoomKind, RoomRole, Seq,
    ServerRole, SessionId, Timestamp, UserId,
    attention::Why,
    auth::Registration,
    filter::{FilterAction, FilterKind},
    presence::PresenceChoice,
    report::{ReportKind, ReportOutcome, ReportState},
    request::WhoWrites,
    schedule::{ScheduledKind, ScheduledState},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{SafeText, markdown::Body};

/// An account on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountInfo {
    /// Names it on this machine (`user@host:port`); a folder name too.
    pub key: String,
    pub server_url: String,
    pub username: SafeText,
    pub display_name: SafeText,
    pub user_id: UserId,
}

/// What a server says before one signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServerInfo {
    /// The address, completed (`chat.example.org` becomes `https://chat.example.org`).
    pub server_url: String,
    pub server_name: SafeText,
    pub registration: Registration,
}

/// How the account stands with its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Connection {
    /// Not started.
    Idle,
    /// Opening the socket.
    Connecting,
    /// Connected, catching up.
    Syncing,
    /// Up to date.
    Live {
        /// Round trip of the last ping, once there was one.
        #[ts(type = "number | null")]
        latency_ms: Option<u64>,
    },
    /// No link; trying again by itself.
    Offline {
        reason: SafeText,
        /// When the next try begins.
        retry_at: Option<Timestamp>,
    },
    /// The session is over; the cache stays readable.
    SignedOut { reason: SafeText },
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Me {
    pub id: UserId,
    pub username: SafeText,
    pub display_name: SafeText,
    pub role: ServerRole,
}

/// A room in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that are independent of each other"
)]
pub struct RoomSummary {
    pub id: RoomId,
    pub kind: RoomKind,
    /// For a direct room, the other person.
    pub name: SafeText,
    pub topic: SafeText,
    pub is_private: bool,
    pub role: RoomRole,
    #[ts(type = "number")]
    pub unread: i64,
    /// How many of them mention this user.
    #[ts(type = "number")]
    pub mentions: i64,
    /// The user wants to come back to it: shown as unread, whatever the count.
    pub marked_unread: bool,
    pub read_seq: Seq,
    pub last_seq: Seq,
    /// Newest message, if any is known.
    pub preview: Option<Preview>,
    /// Orders the list.
    pub last_activity: Timestamp,
    #[ts(type = "number")]
    pub member_count: i64,
    /// Whether this user may write here.
    pub can_send: bool,
    /// All that this user may do here.
    pub can: Vec<Capability>,
    /// Seconds between two messages of a member; 0 if there is no such rule.
    pub slow_mode_s: u32,
    /// Since when nothing is added to it.
    pub archived_at: Option<Timestamp>,
    /// The heading that it stands under; empty if none.
    pub category: SafeText,
    /// Where the room departs from what roles usually permit.
    pub permissions: Permissions,
    /// Until when this user only reads here; absent if they aren't muted.
    pub muted_until: Option<Timestamp>,
    /// How long messages stay that are sent from now on; absent if for ever.
    pub lifetime: Option<Lifetime>,
    /// The other person of a direct room.
    pub peer: Option<UserId>,
    /// Of the other person of a direct room, if known.
    pub presence: Option<PresenceState>,
    /// When they were last there, if they aren't and it is known.
    pub last_seen: Option<Timestamp>,
    /// What they say of themselves.
    pub status: Option<StatusView>,
    /// Text waiting in the composer, or texts beside it.
    pub has_draft: bool,
    /// Which of its messages ring, as this user chose.
    pub level: Level,
    /// Until when none does, whatever the level; absent if it isn't so.
    pub hushed_until: Option<Timestamp>,
    /// Whether it is a request: sent to a stranger who has not accepted it, or received.
    pub request: RequestState,
    /// Of a request that was sent: how many messages one may still write before it is accepted.
    #[ts(type = "number | null")]
    pub messages_left: Option<i64>,
    /// Nothing of it rings now: its count is shown silently.
    pub is_silent: bool,
    /// Messages that the server refused and that wait for a decision.
    #[ts(type = "number")]
    pub failed: i64,
}

/// The newest message, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Preview {
    pub sender: SafeText,
    pub text: SafeText,
    pub at: Timestamp,
    pub own: bool,
}

/// A public room that one may join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryEntry {
    pub id: RoomId,
    pub name: SafeText,
    pub topic: SafeText,
    #[ts(type = "number")]
    pub member_count: i64,
    pub is_member: bool,
}

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MemberView {
    pub user_id: UserId,
    pub username: SafeText,
    pub name: SafeText,
    pub role: RoomRole,
    /// Until when they only read; absent if they aren't muted.
    pub muted_until: Option<Timestamp>,
    /// Unknown while offline.
    pub presence: Option<PresenceState>,
    /// When they were last there, if they aren't and it is known.
    pub last_seen: Option<Timestamp>,
    /// This user blocks them.
    pub blocked: bool,
    /// What they say of themselves.
    pub status: Option<StatusView>,
}

/// What somebody says of themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatusView {
    /// May be empty if there is an emoji.
    pub text: SafeText,
    pub emoji: Option<SafeText>,
    /// Then it is over.
    pub until: Option<Timestamp>,
}

/// What this user decided of their presence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MyPresenceView {
    pub choice: PresenceChoice,
    pub choice_until: Option<Timestamp>,
    pub status: Option<StatusView>,
    pub hides_last_seen: bool,
}

/// Somebody who may not come back into a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BanView {
    pub user_id: UserId,
    pub username: SafeText,
    pub name: SafeText,
    pub reason: SafeText,
    /// Absent if it lasts until it is lifted.
    pub expires_at: Option<Timestamp>,
}

/// Somebody whom this user blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BlockView {
    pub user_id: UserId,
    pub username: SafeText,
    pub name: SafeText,
    /// For oneself; may be empty.
    pub reason: SafeText,
}

/// A report, for those who moderate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportView {
    pub id: ReportId,
    pub kind: ReportKind,
    pub state: ReportState,
    /// Absent until it is closed.
    pub outcome: Option<ReportOutcome>,
    pub reporter: SafeText,
    pub user_id: UserId,
    /// Who is reported.
    pub user: SafeText,
    /// Absent if it is of no room.
    pub room_id: Option<RoomId>,
    pub room: Option<SafeText>,
    /// Absent if it is of no message.
    pub message_id: Option<MessageId>,
    /// What the reporter said.
    pub words: SafeText,
    /// What stood there when it was reported, oldest first.
    pub context: Vec<ReportLine>,
    pub taken_by: Option<SafeText>,
    pub note: SafeText,
    pub created_at: Timestamp,
}

/// A message around a reported one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportLine {
    pub sender: SafeText,
    pub text: SafeText,
    pub at: Timestamp,
    /// It is the reported one.
    pub reported: bool,
}

/// A page of the log of what moderators did, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditView {
    pub lines: Vec<AuditLineView>,
    /// There are older ones.
    pub has_more: bool,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditLineView {
    pub id: AuditId,
    pub at: Timestamp,
    /// Absent for what was done in the shell.
    pub actor: Option<SafeText>,
    /// A word: `member.ban`.
    pub action: SafeText,
    /// Whom it was done to.
    pub user: Option<SafeText>,
    pub room: Option<SafeText>,
    /// What else is known; may be empty.
    pub details: SafeText,
}

/// A word filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FilterView {
    pub id: FilterId,
    pub kind: FilterKind,
    pub text: SafeText,
    pub action: FilterAction,
    /// Who made it.
    pub by: SafeText,
}

/// The community's own emoji.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmojiList {
    /// This user adds some and takes some away.
    pub can_manage: bool,
    /// By name.
    pub emoji: Vec<EmojiView>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmojiView {
    pub id: EmojiId,
    /// Without its colons.
    pub name: SafeText,
    /// Bytes of its picture.
    #[ts(type = "number")]
    pub size: i64,
    pub width: u32,
    pub height: u32,
    pub is_animated: bool,
    /// Who added it; nobody, if it was done in the shell.
    pub by: Option<SafeText>,
}

/// A message to be sent later, or a reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduledView {
    pub client_id: ClientId,
    pub kind: ScheduledKind,
    pub room_id: RoomId,
    /// The room's name.
    pub room: SafeText,
    /// The message's text, or the reminder's note.
    pub text: SafeText,
    /// Of a reminder: the message that it is about, in a line, and its place; unknown if that is not
    /// on this machine.
    pub about: Option<SafeText>,
    pub about_seq: Option<Seq>,
    pub due_at: Timestamp,
    /// The wish, if it was one of a clock on a wall, and where that hangs.
    pub local_time: Option<SafeText>,
    pub time_zone: Option<SafeText>,
    pub state: ScheduledState,
    /// Why it was refused.
    pub error: Option<SafeText>,
}

/// What stands in the composer of a room or a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DraftView {
    /// This user's own text, as it was typed.
    pub text: String,
    /// The message that it will answer.
    pub reply: Option<Quote>,
    /// What it is called: the base of what is written next. Absent if there never was one.
    pub version: Option<ClientId>,
    /// What other devices had written when this took its place, oldest first.
    pub aside: Vec<AsideView>,
    /// Why the other devices don't get it.
    pub refused: Option<SafeText>,
}

/// A text of another device that this one's took the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AsideView {
    pub version: ClientId,
    pub text: SafeText,
    pub at: Timestamp,
}

/// What this user left in a composer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Written {
    pub text: String,
    pub reply_to: Option<MessageId>,
    /// The draft that was shown when it was written ([`DraftView::version`]).
    pub base: Option<ClientId>,
    /// Texts of other devices that are no longer wanted ([`AsideView::version`]).
    #[serde(default)]
    pub forget: Vec<ClientId>,
}

impl Written {
    /// A text that answers nothing and goes on from nothing.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }
}

/// What rings for this user in all rooms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AttentionView {
    /// Words that ring like a mention.
    pub keywords: Vec<SafeText>,
    /// Hours in which nothing rings, as one writes them ([`crate::quiet::EXAMPLES`]).
    pub quiet: SafeText,
    /// Where the clock of these hours hangs.
    pub time_zone: SafeText,
    /// Who may begin to write to this user.
    pub who_writes: WhoWrites,
}

/// A user found by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UserView {
    pub user_id: UserId,
    pub username: SafeText,
    pub name: SafeText,
}

/// One sign-in of this user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionView {
    pub id: SessionId,
    pub device_name: SafeText,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub is_current: bool,
}

/// Which part of a room a view wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Window {
    /// The newest messages, and everything unsent.
    Newest { count: u32 },
    /// From this place to the newest, and everything unsent.
    Since { seq: Seq },
    /// Some on each side of this place.
    Around { seq: Seq, before: u32, after: u32 },
    /// These places.
    Between { from: Seq, to: Seq },
}

/// A part of a room, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Timeline {
    pub items: Vec<Item>,
    /// Lowest and highest place covered, holes included; absent if nothing is.
    pub from_seq: Option<Seq>,
    pub to_seq: Option<Seq>,
    /// Nothing visible lies before `items`.
    pub at_start: bool,
    /// The newest message known is in `items` (and so is everything unsent).
    pub at_end: bool,
}

/// A row of the timeline.
#[expect(clippy::large_enum_variant, reason = "nearly all items are messages")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Item {
    /// The following messages are of this day, in local time: `2026-11-24`.
    Day {
        date: String,
    },
    /// What follows was unread when the room was opened.
    Unread {
        #[ts(type = "number")]
        count: i64,
    },
    /// Messages that are not here yet; a view that shows it asks for them
    /// ([`crate::Account::fill`]).
    Hole {
        from: Seq,
        to: Seq,
    },
    Message(MessageView),
}

/// A message as it is shown.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each drawn by itself"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageView {
    /// Stays the same from the moment of writing, through sending, for ever.
    pub key: String,
    pub client_id: ClientId,
    /// Absent until the server has it.
    pub message_id: Option<MessageId>,
    /// Absent until the server has it.
    pub seq: Option<Seq>,
    pub sender_id: UserId,
    pub sender: SafeText,
    /// As it was written; empty once deleted.
    pub text: SafeText,
    /// What is drawn: the text with its marks read.
    pub body: Body,
    pub at: Timestamp,
    /// Local time of day, `12:04`.
    pub time: String,
    pub own: bool,
    /// Comes soon after a message of the same sender: the name need not be repeated.
    pub follows: bool,
    pub edited: bool,
    pub deleted: bool,
    pub delivery: Delivery,
    /// Of one's own messages, in rooms small enough to know.
    pub reach: Option<Reach>,
    /// Names this user.
    pub mentions_me: bool,
    pub reply: Option<Quote>,
    /// The root of the thread in which it stands.
    pub thread_id: Option<MessageId>,
    /// Of a reply in a thread: it is shown in the room, too.
    pub also_in_room: bool,
    /// Of a root: its thread.
    pub thread: Option<ThreadBadge>,
    /// A thread can be begun here, or gone on with.
    pub can_answer: bool,
    pub can_edit: bool,
    pub can_delete: bool,
    /// In the order in which each emoji came first.
    pub reactions: Vec<ReactionView>,
    /// The room keeps it at hand.
    pub pinned: bool,
    pub can_pin: bool,
    pub can_react: bool,
    /// Whose text it is, if it was forwarded with its author's name.
    pub forwarded_from: Option<SafeText>,
    /// Of somebody whom this user blocks: folded until it is asked for.
    pub blocked: bool,
    /// When it goes by itself.
    pub expires_at: Option<Timestamp>,
    /// How long it stays once that begins to count: when it is sent, or when somebody else has read
    /// it.
    pub lifetime: Option<Lifetime>,
    /// What is asked and what was chosen; drawn in place of the body.
    pub poll: Option<PollView>,
}

impl MessageView {
    /// What its author changes when they edit it.
    #[must_use]
    pub fn editable(&self) -> &SafeText {
        self.poll.as_ref().map_or(&self.text, |poll| &poll.question)
    }
}

/// A poll as it is shown.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each drawn by itself"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PollView {
    pub question: SafeText,
    pub options: Vec<PollOptionView>,
    /// One may choose several.
    pub multiple: bool,
    /// Nobody learns who chose what.
    pub anonymous: bool,
    /// What was chosen is told when it is closed.
    pub hidden: bool,
    /// How many people chose something.
    #[ts(type = "number")]
    pub voters: i64,
    /// When it closes by itself.
    pub closes_at: Option<Timestamp>,
    /// Nobody votes any more.
    pub closed: bool,
    pub can_vote: bool,
    pub can_close: bool,
}

/// Something that one may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PollOptionView {
    pub text: SafeText,
    /// Absent while it is hidden.
    #[ts(type = "number | null")]
    pub votes: Option<i64>,
    /// Of the people who chose something, in hundredths.
    pub percent: Option<u8>,
    /// This user chose it.
    pub own: bool,
    /// The first who did and whose names are known.
    pub names: Vec<SafeText>,
}

/// Who chose what, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VoteView {
    pub user_id: UserId,
    pub name: SafeText,
    /// Numbers of options, from 0.
    pub options: Vec<u8>,
    pub at: Timestamp,
}

/// A thread as it stands under its root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ThreadBadge {
    #[ts(type = "number")]
    pub replies: i64,
    /// When the newest came: a time of day, or a day.
    pub last: String,
    /// Its replies count as unread for this user.
    pub following: bool,
    #[ts(type = "number")]
    pub unread: i64,
    /// How many of them mention this user.
    #[ts(type = "number")]
    pub mentions: i64,
}

/// A thread as it is open: its root, if that may be seen, and the replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ThreadView {
    pub room_id: RoomId,
    pub thread_id: MessageId,
    /// The root first. Holes are replies that are not here yet; a view that shows one asks for them
    /// ([`crate::Account::fill_thread`]).
    pub timeline: Timeline,
    /// The root is on this machine.
    pub has_root: bool,
    #[ts(type = "number")]
    pub replies: i64,
    pub following: bool,
    #[ts(type = "number")]
    pub unread: i64,
    #[ts(type = "number")]
    pub mentions: i64,
    /// Whether this user may write here.
    pub can_send: bool,
}

/// A thread in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ThreadLine {
    pub room_id: RoomId,
    pub room: SafeText,
    pub thread_id: MessageId,
    /// Who began it, and how; empty while that is not on this machine.
    pub sender: SafeText,
    pub text: SafeText,
    #[ts(type = "number")]
    pub replies: i64,
    pub last_at: Option<Timestamp>,
    /// A time of day, or a day.
    pub last: String,
    pub following: bool,
    #[ts(type = "number")]
    pub unread: i64,
    #[ts(type = "number")]
    pub mentions: i64,
    /// Text waiting in its composer, or texts beside it.
    pub has_draft: bool,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Whereabouts {
    pub room_id: RoomId,
    pub seq: Seq,
    pub message_id: MessageId,
    /// The thread in which alone it is shown.
    pub thread_id: Option<MessageId>,
}

/// One emoji on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReactionView {
    /// An emoji of Unicode, or `:name:`.
    pub emoji: SafeText,
    /// The picture of a custom one that is there.
    pub picture: Option<EmojiId>,
    #[ts(type = "number")]
    pub count: i64,
    /// This user is among them.
    pub own: bool,
    /// The first of them whose names are known.
    pub names: Vec<SafeText>,
}

/// A text that a message once had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VersionView {
    pub text: SafeText,
    pub at: Timestamp,
}

/// A link by which people come into a room, without what it takes to use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkView {
    pub id: LinkId,
    pub made_by: SafeText,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// How many came in by it.
    #[ts(type = "number")]
    pub used: i64,
    /// How many still may; absent if there is no limit.
    #[ts(type = "number | null")]
    pub uses_left: Option<i64>,
}

/// A link that was just made: the only time that it can be copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MadeLinkView {
    pub text: SafeText,
    pub link: LinkView,
}

/// What a link leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkPreviewView {
    pub room_id: RoomId,
    pub name: SafeText,
    pub topic: SafeText,
    pub server_name: SafeText,
    #[ts(type = "number")]
    pub member_count: i64,
}

/// Who reacted with what, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReactedView {
    pub emoji: SafeText,
    /// The picture of a custom one that is there.
    pub picture: Option<EmojiId>,
    pub user_id: UserId,
    pub name: SafeText,
    pub at: Timestamp,
}

/// A message in a list outside its timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PinView {
    pub message_id: MessageId,
    pub client_id: ClientId,
    pub sender_id: UserId,
    pub seq: Seq,
    pub sender: SafeText,
    /// One line.
    pub text: SafeText,
    pub at: Timestamp,
}

/// Where a message is on its way to the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Delivery {
    /// In the outbox: waits for the network or for those before it.
    Waiting,
    /// Given to the server, not yet acknowledged.
    Sending,
    /// The server has it.
    Sent,
    /// On the server, with an edit or a deletion that is still on its way.
    Changing,
    /// Refused: stays in the outbox until it is sent again or discarded.
    Failed { reason: SafeText },
}

/// How far a message got among the others who were in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reach {
    /// So many devices' owners it is for.
    pub of: u32,
    pub delivered: u32,
    pub read: u32,
}

impl Reach {
    /// It reached everybody.
    #[must_use]
    pub const fn is_delivered(self) -> bool {
        self.of > 0 && self.delivered >= self.of
    }

    /// Everybody has read it.
    #[must_use]
    pub const fn is_read(self) -> bool {
        self.of > 0 && self.read >= self.of
    }
}

/// The message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Quote {
    pub message_id: MessageId,
    /// Absent while the quoted message isn't in the cache.
    pub seq: Option<Seq>,
    /// The thread in which alone it is shown.
    pub thread_id: Option<MessageId>,
    pub sender: SafeText,
    /// One line; empty while unknown or once deleted.
    pub text: SafeText,
    pub deleted: bool,
    /// Whether the cache has the quoted message; if not it is being asked for.
    pub known: bool,
}

/// What opening a room tells the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenedRoom {
    /// The read mark at this moment: the unread line stands behind it and stays there.
    pub read_seq: Seq,
    #[ts(type = "number")]
    pub unread: i64,
}

/// A search result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Hit {
    pub room_id: RoomId,
    pub room_name: SafeText,
    pub message_id: MessageId,
    pub seq: Seq,
    /// The thread in which alone it is shown.
    pub thread_id: Option<MessageId>,
    pub sender: SafeText,
    /// Of somebody whom this user blocks: its words are shown where it stands, if they are asked for.
    pub blocked: bool,
    pub at: Timestamp,
    /// One line around the match.
    pub text: SafeText,
    /// Byte ranges of `text` that matched.
    #[ts(type = "Array<[number, number]>")]
    pub matches: Vec<(usize, usize)>,
    /// Who has it.
    pub found_in: FoundIn,
}

/// Where a search found a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FoundIn {
    /// On this machine; the server was not asked about it.
    Here,
    /// On this machine, and the server did not find it (its index may be behind).
    OnlyHere,
    /// On this machine and on the server.
    Everywhere,
    /// On the server: going there fetches it.
    OnServer,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Found {
    /// Newest first.
    pub hits: Vec<Hit>,
    /// Otherwise only what is on this machine was searched.
    pub asked_server: bool,
    /// The server's index held everything.
    pub complete: bool,
    /// There are older ones.
    pub more: bool,
}

/// Something changed: read again what you show of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Update {
    Connection(Connection),
    /// The list of rooms, or a summary in it.
    Rooms,
    /// Messages of a room, its outbox included.
    Timeline(RoomId),
    /// Members or presence of an open room.
    Members(RoomId),
    /// Who types in an open room now (nobody, if empty).
    Typing {
        room_id: RoomId,
        names: Vec<SafeText>,
    },
    /// A message just arrived live from somebody else (never from catching up).
    Arrived {
        room_id: RoomId,
        sender: SafeText,
        text: SafeText,
        /// The thread in which alone it is shown.
        thread_id: Option<MessageId>,
        /// Whether it rings for this user, and why.
        rings: Option<Why>,
    },
    /// Another device changed what stands in the composer of a room, or of a thread in it.
    Draft(RoomId),
    /// What rings in all rooms changed.
    Attention,
    /// An operation was refused and is parked.
    Refused {
        room_id: RoomId,
        reason: SafeText,
    },
    /// The server asks to wait so many seconds before more of this room is sent; it goes on by itself.
    Paced {
        room_id: RoomId,
        #[ts(type = "number")]
        seconds: u64,
    },
    /// What this user decided of their presence may have changed.
    MyPresence,
    /// Threads that this user follows, or what is unread in them.
    Threads,
    /// What is to be done later changed.
    Scheduled,
    /// A reminder rings, or a scheduled message was refused; heard once on each device.
    TimeHasCome(Box<ScheduledView>),
    /// So many reports wait that this user may look after.
    Reports(#[ts(type = "number")] i64),
    /// The doors of the server are closed until then, or open; told to those who moderate it.
    Raid {
        until: Option<Timestamp>,
    },
    /// Those who moderate have closed a report of this user, of somebody.
    ReportClosed {
        of: UserId,
    },
    /// Updates were missed: read everything again.
    Everything,
}

/// Figures of a room, or of the whole server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AnalyticsView {
    pub room_id: Option<RoomId>,
    /// The first day and the last.
    pub from: SafeText,
    pub to: SafeText,
    pub time_zone: SafeText,
    /// Changes that the server has not counted yet.
    #[ts(type = "number")]
    pub behind: i64,
    pub totals: Totals,
    pub active: ActiveUsers,
    /// Half of the times, somebody else wrote within so many seconds.
    #[ts(type = "number | null")]
    pub next_speaker_s: Option<i64>,
    /// The same of replies.
    #[ts(type = "number | null")]
    pub reply_s: Option<i64>,
    pub by_type: Vec<NumberView>,
    pub by_hour: Vec<NumberView>,
    pub by_weekday: Vec<NumberView>,
    pub by_day: Vec<DayView>,
    pub by_user: Vec<PersonView>,
}

/// A number and what it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NumberView {
    pub name: SafeText,
    #[ts(type = "number")]
    pub count: i64,
}

/// A day in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DayView {
    pub date: SafeText,
    #[ts(type = "number")]
    pub messages: i64,
    #[ts(type = "number")]
    pub reactions: i64,
    #[ts(type = "number")]
    pub writers: i64,
    #[ts(type = "number")]
    pub joined: i64,
    #[ts(type = "number")]
    pub members: i64,
}

/// Somebody in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonView {
    pub user_id: UserId,
    pub username: SafeText,
    pub name: SafeText,
    #[ts(type = "number")]
    pub messages: i64,
    #[ts(type = "number")]
    pub replies: i64,
    #[ts(type = "number")]
    pub reactions: i64,
}
