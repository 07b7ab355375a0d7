//! What the state asks of client-core, and what comes back. Plain data both ways, so that every
//! action can be tested without either.

use std::path::PathBuf;

use erc_client_core::{
    SafeText,
    account::NewRoom,
    complete::Completions,
    export::{ExportFormat, ExportProgress, Exported},
    permalink::Permalink,
    protocol::{
        AuditId, ClientId, EmojiId, FilterId, Level, Lifetime, LinkId, MessageId, ReportId, RoomId,
        RoomRole, Seq, SessionId, Timestamp, UserId,
        api::{rooms::UpdateRoomRequest, users::SetPresenceRequest},
        auth::ErasedMessages,
        filter::{FilterAction, FilterKind},
        poll::NewPoll,
        report::{ReportKind, ReportOutcome},
        request::WhoWrites,
    },
    view::{
        AccountInfo, AnalyticsView, AttentionView, DirectoryEntry, DraftView, EmojiList, Found,
        Hit, LinkPreviewView, LinkView, MadeLinkView, Me, MemberView, MyPresenceView, OpenedRoom,
        RoomSummary, ServerInfo, SessionView, ThreadView, Timeline, Update, UserView, Whereabouts,
        Window, Written,
    },
};

use crate::keymap::Action;
use crate::state::picker::{Entry, Purpose};

/// What a message that is to be sent later begins with; then comes when, then its text.
pub const SCHEDULE: &str = "/schedule ";

/// What a message that goes by itself begins with; then comes how long it stays, then its text.
pub const EXPIRE: &str = "/expire ";

/// What, standing alone in the composer, is a command and no message.
pub const WORDS: &[(&str, Action)] = &[
    ("/analytics", Action::Analytics),
    ("/server-analytics", Action::ServerAnalytics),
    ("/export", Action::ExportRoom),
    ("/export-me", Action::ExportMe),
    ("/notify", Action::Notify),
    ("/keywords", Action::Attention),
    ("/emoji", Action::Emoji),
];

/// Where a poll is to stand, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollPlace {
    pub room: RoomId,
    pub thread: Option<MessageId>,
    /// In a thread: shown in the room, too.
    pub also_in_room: bool,
    pub lifetime: Option<Lifetime>,
}

/// Something to do. The worker does the quick ones (cache, outbox) in their order, and the slow
/// ones (questions to the server) beside them.
#[derive(Debug)]
pub enum Command {
    /// Connect and stay connected.
    Start,
    /// Connect now instead of later.
    Reconnect,
    AskServer {
        server: String,
    },
    SignIn(Box<Credentials>),
    SignOut,
    LoadRooms,
    OpenRoom {
        room: RoomId,
        window: Window,
    },
    CloseRoom {
        room: RoomId,
    },
    LoadTimeline {
        room: RoomId,
        window: Window,
        unread_after: Option<Seq>,
    },
    LoadMembers {
        room: RoomId,
    },
    Fill {
        room: RoomId,
        from: Seq,
        to: Seq,
    },
    SetTyping {
        room: RoomId,
        typing: bool,
    },
    /// What may be meant by what stands before the cursor.
    Complete {
        room: RoomId,
        before: String,
    },
    SetActive(bool),
    Send {
        room: RoomId,
        text: String,
        reply_to: Option<MessageId>,
        /// How long it stays.
        lifetime: Option<Lifetime>,
        /// The draft that it was.
        base: Option<ClientId>,
    },
    Edit {
        room: RoomId,
        message: ClientId,
        text: String,
    },
    Delete {
        room: RoomId,
        sender: UserId,
        message: ClientId,
    },
    /// Answers a message with an emoji, or takes that back.
    React {
        room: RoomId,
        sender: UserId,
        message: ClientId,
        emoji: String,
        on: bool,
    },
    Pin {
        room: RoomId,
        sender: UserId,
        message: ClientId,
        on: bool,
    },
    /// Sends a message's text into a room.
    Forward {
        source: MessageId,
        room: RoomId,
        with_author: bool,
    },
    /// What is pinned.
    Pins {
        room: RoomId,
    },
    /// The texts that a message had.
    History {
        message: MessageId,
    },
    /// Sends a poll that ends at a moment (as it was typed), or when it is closed.
    SendPoll {
        place: PollPlace,
        question: String,
        poll: Box<NewPoll>,
        ends: String,
    },
    /// All that one chooses in a poll.
    Vote {
        room: RoomId,
        sender: UserId,
        message: ClientId,
        options: Vec<u8>,
    },
    ClosePoll {
        room: RoomId,
        sender: UserId,
        message: ClientId,
    },
    /// Who chose what in a poll with these options.
    Votes {
        message: MessageId,
        options: Vec<SafeText>,
    },
    /// Who reacted to it.
    Reacted {
        message: MessageId,
    },
    MarkRead {
        room: RoomId,
        seq: Seq,
    },
    Retry {
        room: RoomId,
        message: ClientId,
    },
    Discard {
        room: RoomId,
        message: ClientId,
    },
    /// Of the room's composer, or of a thread's.
    SaveDraft {
        room: RoomId,
        thread: Option<MessageId>,
        written: Written,
    },
    LoadDraft {
        room: RoomId,
        thread: Option<MessageId>,
    },
    /// Accepts a request, or declines it.
    AnswerRequest {
        room: RoomId,
        accept: bool,
    },
    /// Which messages of a room ring; absent: as it is.
    Notify {
        room: RoomId,
        level: Level,
        hush: Option<Hush>,
    },
    /// What rings in all rooms.
    Attention,
    SetAttention {
        keywords: Vec<String>,
        quiet: String,
        time_zone: String,
        who_writes: WhoWrites,
    },
    Search {
        query: String,
    },
    Directory,
    FindUsers {
        query: String,
    },
    CreateRoom(NewRoom),
    DirectRoom {
        user: UserId,
    },
    JoinRoom {
        room: RoomId,
    },
    LeaveRoom {
        room: RoomId,
    },
    DeleteRoom {
        room: RoomId,
    },
    ChangeRoom {
        room: RoomId,
        change: Box<UpdateRoomRequest>,
    },
    /// How long messages stay that are sent from now on.
    SetLifetime {
        room: RoomId,
        lifetime: Option<Lifetime>,
    },
    /// What the user decided of how present they are.
    LoadPresence,
    /// What waits for this user as a moderator.
    LoadModeration,
    SetPresence(Box<SetPresenceRequest>),
    SetRole {
        room: RoomId,
        user: UserId,
        role: RoomRole,
        hand_over: bool,
    },
    /// Absent seconds: until it is lifted.
    Mute {
        room: RoomId,
        user: UserId,
        seconds: Option<u32>,
    },
    Unmute {
        room: RoomId,
        user: UserId,
    },
    Ban {
        room: RoomId,
        user: UserId,
        seconds: Option<u32>,
        reason: String,
    },
    Unban {
        room: RoomId,
        user: UserId,
    },
    /// Those who are banned and whose name holds the query.
    Bans {
        room: RoomId,
        query: String,
    },
    AddMember {
        room: RoomId,
        user: UserId,
    },
    RemoveMember {
        room: RoomId,
        user: UserId,
    },
    Links {
        room: RoomId,
    },
    /// Absent seconds: a week; absent uses: any number.
    MakeLink {
        room: RoomId,
        seconds: Option<u32>,
        uses: Option<i64>,
    },
    RevokeLink {
        room: RoomId,
        link: LinkId,
    },
    PreviewLink {
        link: String,
    },
    /// Figures of a room, or of the server.
    Analytics {
        room: Option<RoomId>,
        days: u32,
    },
    /// An empty path: one called as the room, in the user's folder.
    ExportRoom {
        room: RoomId,
        format: ExportFormat,
        path: String,
        force: bool,
    },
    ExportMe {
        path: String,
        force: bool,
    },
    /// Ends an export that runs; it leaves no file.
    StopExport,
    JoinByLink {
        link: String,
    },
    OpenThread {
        room: RoomId,
        thread: MessageId,
        count: u32,
    },
    LoadThread {
        room: RoomId,
        thread: MessageId,
        count: u32,
        unread_after: Option<Seq>,
    },
    FillThread {
        room: RoomId,
        thread: MessageId,
    },
    SendInThread {
        room: RoomId,
        thread: MessageId,
        text: String,
        reply_to: Option<MessageId>,
        also_in_room: bool,
        /// The draft that it was.
        base: Option<ClientId>,
    },
    MarkThreadRead {
        room: RoomId,
        thread: MessageId,
        seq: Seq,
    },
    FollowThread {
        room: RoomId,
        thread: MessageId,
        on: bool,
    },
    /// Those that one follows.
    Threads,
    RoomThreads {
        room: RoomId,
    },
    CopyPermalink {
        room: RoomId,
        message: MessageId,
    },
    /// Where the message of a permalink stands.
    FindMessage {
        link: Permalink,
    },
    /// Whether what stands at a place is shown in the room or in a thread.
    FindPlace {
        room: RoomId,
        seq: Seq,
    },
    /// Keeps a message to be sent later: a moment, then the text.
    Schedule {
        room: RoomId,
        typed: String,
        reply_to: Option<MessageId>,
    },
    /// Another text, another time of something scheduled; an empty time stays.
    Reschedule {
        id: ClientId,
        text: String,
        when: String,
    },
    Remind {
        message: MessageId,
        when: String,
        note: String,
    },
    /// Cancels it, or puts a reminder away.
    CancelScheduled {
        id: ClientId,
    },
    /// What is to be done later.
    Scheduled,
    /// Tells those who moderate of a message, or of somebody.
    Report {
        message: Option<MessageId>,
        user: Option<UserId>,
        kind: ReportKind,
        words: String,
    },
    /// What waits to be looked after.
    Reports,
    TakeReport {
        id: ReportId,
        taken: bool,
    },
    CloseReport {
        id: ReportId,
        outcome: ReportOutcome,
        seconds: Option<u32>,
        note: String,
    },
    /// Closes the doors of the server for so long, or opens them.
    Raid {
        seconds: Option<u32>,
    },
    /// What a room, or the server, doesn't take.
    Filters {
        room: Option<RoomId>,
    },
    AddFilter {
        room: Option<RoomId>,
        kind: FilterKind,
        text: String,
        action: FilterAction,
    },
    RemoveFilter {
        room: Option<RoomId>,
        id: FilterId,
    },
    /// The community's own emoji.
    LoadEmoji,
    /// Adds one, from a file.
    AddEmoji {
        name: String,
        path: PathBuf,
    },
    RemoveEmoji {
        id: EmojiId,
    },
    /// What was done in a room, or on the server.
    Audit {
        room: Option<RoomId>,
        before: Option<AuditId>,
    },
    /// Takes nothing from somebody any more; the reason is for oneself.
    Block {
        user: UserId,
        reason: String,
    },
    Unblock {
        user: UserId,
    },
    /// Whom one blocks.
    Blocks,
    /// Lets the account rest.
    Deactivate {
        password: Secret,
    },
    Erase {
        password: Secret,
        messages: ErasedMessages,
    },
    SetDisplayName {
        name: String,
    },
    Sessions,
    EndSession {
        session: SessionId,
    },
}

/// Until when nothing of a room rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hush {
    No,
    Ever,
    /// As it was typed: `2h`, `tomorrow 9:00`.
    Until(String),
}

/// What signing in or up takes.
pub struct Credentials {
    pub server: String,
    pub username: String,
    pub password: String,
    /// Given: sign up.
    pub sign_up: Option<SignUpExtras>,
}

/// What signing up takes besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUpExtras {
    pub display_name: Option<String>,
    pub invite: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("server", &self.server)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// A password on its way; it never stands in a log.
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Why something failed: a sentence, made safe.
pub type Failure = SafeText;

/// What came back.
#[derive(Debug)]
pub enum Answer {
    Server {
        asked: String,
        info: Result<ServerInfo, Failure>,
    },
    SignedIn(Result<Box<(AccountInfo, Me)>, Failure>),
    SignedOut(Result<(), Failure>),
    Rooms(Result<Vec<RoomSummary>, Failure>),
    Opened {
        room: RoomId,
        result: Result<Box<Opening>, Failure>,
    },
    Timeline {
        room: RoomId,
        result: Result<Timeline, Failure>,
    },
    ThreadOpened {
        room: RoomId,
        thread: MessageId,
        result: Result<Box<ThreadOpening>, Failure>,
    },
    ThreadRead {
        room: RoomId,
        thread: MessageId,
        result: Result<Box<ThreadView>, Failure>,
    },
    /// The reply is safely on disk, or its text comes back.
    SentInThread {
        room: RoomId,
        thread: MessageId,
        result: Result<ClientId, Unsent>,
    },
    /// A text for the clipboard.
    Copied(Result<String, Failure>),
    /// Where a message stands.
    Located(Result<Whereabouts, Failure>),
    Members {
        room: RoomId,
        result: Result<Vec<MemberView>, Failure>,
    },
    Completions {
        room: RoomId,
        before: String,
        result: Result<Completions, Failure>,
    },
    /// The message is safely on disk, or its text comes back.
    Sent {
        room: RoomId,
        result: Result<ClientId, Unsent>,
    },
    /// What the draft that was saved is called.
    DraftSaved {
        room: RoomId,
        thread: Option<MessageId>,
        version: Option<ClientId>,
    },
    Draft {
        room: RoomId,
        thread: Option<MessageId>,
        result: Result<DraftView, Failure>,
    },
    Attention(Result<AttentionView, Failure>),
    /// The server keeps the message until its time, or its text comes back.
    Scheduled {
        room: RoomId,
        result: Result<(), Unsent>,
    },
    /// The unsent text of a message that was given up.
    Discarded {
        room: RoomId,
        result: Result<Option<String>, Failure>,
    },
    /// What was found on this machine.
    Hits {
        query: String,
        result: Result<Vec<Hit>, Failure>,
    },
    /// The same with what the server found beside it.
    Found {
        query: String,
        result: Result<Found, Failure>,
    },
    /// What was asked for a [`Purpose`].
    Picked {
        purpose: Purpose,
        result: Result<Vec<Entry>, Failure>,
    },
    Presence(Result<MyPresenceView, Failure>),
    Emoji(Result<EmojiList, Failure>),
    /// How many reports wait, and until when the doors of the server are closed.
    Moderation(Result<(i64, Option<Timestamp>), Failure>),
    Directory(Result<Vec<DirectoryEntry>, Failure>),
    Users {
        query: String,
        result: Result<Vec<UserView>, Failure>,
    },
    /// A room was made, joined or found: go there.
    Entered(Result<RoomId, Failure>),
    /// A room was left or deleted.
    Gone {
        room: RoomId,
        result: Result<(), Failure>,
    },
    Sessions(Result<Vec<SessionView>, Failure>),
    /// The account was given up.
    GivenUp(Result<&'static str, Failure>),
    Links(Result<Vec<LinkView>, Failure>),
    Analytics {
        room: Option<RoomId>,
        days: u32,
        result: Result<Box<AnalyticsView>, Failure>,
    },
    Exporting(ExportProgress),
    Exported(Result<Exported, Failure>),
    /// A link was made: its text is shown this once.
    LinkMade(Result<MadeLinkView, Failure>),
    Previewed {
        link: String,
        result: Result<LinkPreviewView, Failure>,
    },
    /// Something was done that needs no more than a word.
    Done(Result<&'static str, Failure>),
    Update(Update),
}

/// A room as it is opened: everything that its first picture needs.
#[derive(Debug)]
pub struct Opening {
    pub opened: OpenedRoom,
    pub timeline: Timeline,
    pub draft: DraftView,
    pub typing: Vec<SafeText>,
}

/// A thread as it is opened.
#[derive(Debug)]
pub struct ThreadOpening {
    pub opened: OpenedRoom,
    pub follows: bool,
    pub timeline: Timeline,
    pub draft: DraftView,
}

/// A message that could not be put into the outbox.
#[derive(Debug)]
pub struct Unsent {
    pub text: String,
    pub reason: Failure,
}
