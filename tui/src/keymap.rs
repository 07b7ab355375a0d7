//! The keys: one table of context, key, action and the words that help shows.
//!
//! Help, the switcher's commands and the dispatch all read this table, so what is listed is what
//! works.

mod key;
mod table;

use crossterm::event::KeyEvent;

pub use key::Key;
pub use table::{BINDINGS, COMMANDS};

/// Where one is. A key means what the context says, else what [`Context::Everywhere`] says; in
/// contexts with a field, other keys are typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    Everywhere,
    SignIn,
    /// Anywhere in the chat, with nothing over it.
    Chat,
    Composer,
    /// In the composer, with something to choose from.
    Completing,
    Timeline,
    /// Reading a stranger's request.
    Request,
    Members,
    /// A list under a field: switcher, search, directory, people.
    List,
    Sessions,
    Links,
    Figures,
    Form,
    Confirm,
    Help,
}

impl Context {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Everywhere,
        Self::SignIn,
        Self::Chat,
        Self::Composer,
        Self::Completing,
        Self::Timeline,
        Self::Request,
        Self::Members,
        Self::List,
        Self::Sessions,
        Self::Links,
        Self::Figures,
        Self::Form,
        Self::Confirm,
        Self::Help,
    ];

    /// What help calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::SignIn => "signing in",
            Self::Chat => "in the chat",
            Self::Composer => "writing",
            Self::Completing => "when something is proposed",
            Self::Timeline => "reading",
            Self::Request => "in a request",
            Self::Members => "in the list of members",
            Self::List => "choosing",
            Self::Sessions => "in the list of sessions",
            Self::Links => "in the list of links",
            Self::Figures => "in figures",
            Self::Form => "in a form",
            Self::Confirm => "when asked",
            Self::Help => "in this help",
        }
    }

    /// The contexts whose keys work here, nearest first.
    pub const fn chain(self) -> &'static [Self] {
        match self {
            Self::Everywhere => &[Self::Everywhere],
            Self::SignIn => &[Self::SignIn, Self::Everywhere],
            Self::Chat => &[Self::Chat, Self::Everywhere],
            Self::Composer => &[Self::Composer, Self::Chat, Self::Everywhere],
            Self::Completing => &[
                Self::Completing,
                Self::Composer,
                Self::Chat,
                Self::Everywhere,
            ],
            Self::Timeline => &[Self::Timeline, Self::Chat, Self::Everywhere],
            Self::Request => &[Self::Request, Self::Timeline, Self::Chat, Self::Everywhere],
            Self::Members => &[Self::Members, Self::Chat, Self::Everywhere],
            Self::List => &[Self::List, Self::Everywhere],
            Self::Sessions => &[Self::Sessions, Self::Everywhere],
            Self::Links => &[Self::Links, Self::Everywhere],
            Self::Figures => &[Self::Figures, Self::Everywhere],
            Self::Form => &[Self::Form, Self::Everywhere],
            Self::Confirm => &[Self::Confirm, Self::Everywhere],
            Self::Help => &[Self::Help, Self::Everywhere],
        }
    }
}

/// What a key or a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Help,
    Quit,
    QuitSoon,
    Redraw,
    Switcher,
    PreviousRoom,
    NextRoom,
    NextUnread,
    PageUp,
    PageDown,
    ToggleMembers,
    Search,
    NextHit,
    PreviousHit,
    Directory,
    CreateRoom,
    WriteTo,
    ChangeRoom,
    AddMember,
    Bans,
    Links,
    MakeLink,
    /// Make one, in the list of links.
    NewLink,
    JoinByLink,
    /// Figures of the room.
    Analytics,
    /// Of the server.
    ServerAnalytics,
    /// More days in figures.
    Longer,
    /// Fewer.
    Shorter,
    ExportRoom,
    ExportMe,
    LeaveRoom,
    DeleteRoom,
    ChangeName,
    /// What waits to be looked after.
    Reports,
    /// The doors of the server.
    Raid,
    RoomLog,
    ServerLog,
    /// What isn't taken.
    RoomFilters,
    ServerFilters,
    /// The community's own emoji.
    Emoji,
    /// Whom one blocks.
    Blocks,
    Deactivate,
    Erase,
    /// What one says of oneself, whether anything may ring.
    Status,
    /// How long messages stay in the room.
    Lifetime,
    Sessions,
    Reconnect,
    SignOut,
    SignInAgain,
    // writing
    Send,
    BreakLine,
    EditLast,
    StopWriting,
    /// Send it later.
    Later,
    /// Let it go by itself.
    Expire,
    /// What other devices wrote.
    Aside,
    /// What rings in the room, and everywhere.
    Notify,
    Attention,
    MakePoll,
    /// What strangers began.
    Requests,
    // a request
    Accept,
    Decline,
    /// Block who began it.
    BlockAsker,
    // reading
    Write,
    Down,
    Up,
    Top,
    Bottom,
    Reply,
    Edit,
    Delete,
    Copy,
    Reveal,
    Parent,
    React,
    Reacted,
    Pin,
    Pins,
    Forward,
    History,
    Vote,
    Voted,
    ClosePoll,
    Remind,
    /// Into the thread of a message, or back.
    Thread,
    /// Follow the thread, or no longer.
    Follow,
    Threads,
    RoomThreads,
    AlsoInRoom,
    CopyLink,
    FollowLink,
    Scheduled,
    Retry,
    Discard,
    // members
    Message,
    Remove,
    Role,
    Mute,
    Ban,
    /// Tell those who moderate.
    Report,
    /// Block somebody, or no longer.
    Block,
    // lists, forms, questions
    Choose,
    Close,
    NextField,
    PreviousField,
    Toggle,
    Submit,
    SignUp,
    Yes,
    No,
    End,
}

/// A row of the table.
#[derive(Debug)]
pub struct Binding {
    pub context: Context,
    pub keys: &'static [Key],
    pub action: Action,
    pub help: &'static str,
}

/// What this key does here, if anything.
pub fn action(context: Context, event: &KeyEvent) -> Option<Action> {
    context.chain().iter().find_map(|context| {
        BINDINGS
            .iter()
            .filter(|b| b.context == *context)
            .find(|b| b.keys.iter().any(|key| key.matches(event)))
            .map(|b| b.action)
    })
}

/// The first key of an action, for hints.
pub fn key_of(action: Action) -> Option<&'static Key> {
    BINDINGS.iter().find(|b| b.action == action)?.keys.first()
}
