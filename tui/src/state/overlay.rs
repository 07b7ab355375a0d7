//! What lies over the chat: one thing at a time.

use erc_client_core::{
    SafeText,
    export::ExportProgress,
    protocol::{
        ClientId, EmojiId, MessageId, ReportId, RoomId, UserId, presence::PresenceChoice,
        report::ReportOutcome,
    },
    view::{AnalyticsView, DirectoryEntry, Hit, LinkView, SessionView, UserView},
};

use super::{Input, Loadable, picker::Picker};
use crate::{command::PollPlace, keymap::Action};

/// The overlay.
#[derive(Debug)]
pub enum Overlay {
    /// Ctrl-K: rooms, people, commands.
    Switcher(Switcher),
    /// Words in the messages that are on this machine.
    Search(Search),
    /// Public rooms.
    Directory(Directory),
    /// People of the server, to write to or to add.
    People(People),
    /// Something about a message: an emoji, a room to send it to, what it said before.
    Picker(Picker),
    /// A few fields.
    Form(Form),
    /// Yes or no.
    Confirm(Confirm),
    /// Where this account is signed in.
    Sessions(Sessions),
    /// Links by which people come into the room.
    Links(Links),
    /// Figures of the room or the server.
    Figures(Figures),
}

/// Fuzzy search over everything one can go to or do.
#[derive(Debug)]
pub struct Switcher {
    pub input: Input,
    pub found: Vec<Choice>,
    pub selected: usize,
}

/// Something to choose in the switcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Room(RoomId),
    /// Somebody of the open room.
    Person {
        user: UserId,
        name: SafeText,
    },
    Command(Action),
}

/// A search.
#[derive(Debug)]
pub struct Search {
    pub input: Input,
    /// Absent before the first word.
    pub hits: Option<Loadable<Vec<Hit>>>,
    pub selected: usize,
    /// What the hits on the screen, or the question under way, are about.
    pub asked: String,
}

/// The public rooms of the server.
#[derive(Debug)]
pub struct Directory {
    pub input: Input,
    pub entries: Loadable<Vec<DirectoryEntry>>,
    pub selected: usize,
}

/// People of the server.
#[derive(Debug)]
pub struct People {
    pub input: Input,
    pub purpose: PeoplePurpose,
    pub users: Loadable<Vec<UserView>>,
    pub selected: usize,
    /// What the list, or the question under way, is about.
    pub asked: String,
}

/// What is done with the person chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeoplePurpose {
    Write,
    AddTo(RoomId),
    Unban(RoomId),
}

/// A few fields and what they are for.
#[derive(Debug)]
pub struct Form {
    pub purpose: FormPurpose,
    pub fields: Vec<FormField>,
    pub focus: usize,
    pub error: Option<SafeText>,
    pub busy: bool,
    /// How far it is, of what takes its time.
    pub progress: Option<ExportProgress>,
}

/// What a form does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormPurpose {
    CreateRoom,
    ChangeRoom {
        room: RoomId,
        /// Whether members write there before it.
        members_write: bool,
    },
    ChangeName,
    Block {
        user: UserId,
    },
    ReportMessage {
        id: MessageId,
    },
    ReportPerson {
        user: UserId,
    },
    Raid,
    AddEmoji,
    AddFilter {
        room: Option<RoomId>,
    },
    CloseReport {
        id: ReportId,
        outcome: ReportOutcome,
    },
    Deactivate,
    Erase,
    /// How long messages stay there.
    Lifetime {
        room: RoomId,
    },
    /// What one says and decides of how present one is; before it, this was chosen.
    Status {
        choice: PresenceChoice,
    },
    Remind {
        message: MessageId,
    },
    /// Another text or time of a message that is scheduled.
    Reschedule {
        id: ClientId,
    },
    /// What rings in a room.
    Notify {
        room: RoomId,
    },
    /// What rings in all rooms.
    Attention,
    Poll(PollPlace),
    MakeLink {
        room: RoomId,
    },
    /// Shows a link that was made; does nothing more.
    ShowLink,
    JoinByLink,
    /// Writes a room into a file.
    ExportRoom {
        room: RoomId,
    },
    /// Writes everything about oneself into a file.
    ExportMe,
    Role {
        room: RoomId,
        user: UserId,
    },
    Mute {
        room: RoomId,
        user: UserId,
    },
    Ban {
        room: RoomId,
        user: UserId,
    },
}

/// A field.
#[derive(Debug)]
pub struct FormField {
    pub label: &'static str,
    pub kind: FieldKind,
}

/// What is entered in a field.
#[derive(Debug)]
pub enum FieldKind {
    Text(Box<Input>),
    /// On or off, by the space bar.
    Switch(bool),
}

/// A question before something that can't be undone.
#[derive(Debug)]
pub struct Confirm {
    pub what: Doubt,
    pub question: &'static str,
    /// What it is about: a message's text, a name.
    pub about: SafeText,
    pub yes: &'static str,
}

/// What a confirmation is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    DeleteMessage {
        room: RoomId,
        sender: UserId,
        message: ClientId,
    },
    ClosePoll {
        room: RoomId,
        sender: UserId,
        message: ClientId,
    },
    /// Sending what stands in the composer, which calls everybody.
    Call,
    Leave(RoomId),
    DeleteRoom(RoomId),
    /// By this link.
    Join(String),
    Remove {
        room: RoomId,
        user: UserId,
    },
    RemoveEmoji(EmojiId),
    /// Who began a request.
    Block(UserId),
    SignOut,
}

/// The sessions of this account.
#[derive(Debug)]
pub struct Sessions {
    pub sessions: Loadable<Vec<SessionView>>,
    pub selected: usize,
}

/// The links into a room.
#[derive(Debug)]
pub struct Links {
    pub room: RoomId,
    pub links: Loadable<Vec<LinkView>>,
    pub selected: usize,
}

/// Over how many days figures are asked for, in words.
pub const RANGES: [(u32, &str); 4] = [
    (7, "7 days"),
    (30, "30 days"),
    (90, "90 days"),
    (365, "a year"),
];

/// Figures.
#[derive(Debug)]
pub struct Figures {
    /// Absent: of the server.
    pub room: Option<RoomId>,
    pub title: SafeText,
    /// Which of [`RANGES`].
    pub range: usize,
    pub seen: Loadable<Box<AnalyticsView>>,
    /// Lines that are above the first one in sight; more than there are is the last page.
    pub scroll: usize,
}

impl Directory {
    /// The entries that hold what was typed.
    pub fn shown(&self) -> Vec<&DirectoryEntry> {
        let wanted = self.input.text().to_lowercase();
        self.entries
            .ready()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter(|e| {
                e.name.as_str().to_lowercase().contains(&wanted)
                    || e.topic.as_str().to_lowercase().contains(&wanted)
            })
            .collect()
    }
}

impl Form {
    /// A form of these fields.
    pub fn new(purpose: FormPurpose, fields: Vec<FormField>) -> Self {
        Self {
            purpose,
            fields,
            focus: 0,
            error: None,
            busy: false,
            progress: None,
        }
    }

    /// The text of a field (empty for a switch).
    pub fn text(&self, field: usize) -> String {
        match self.fields.get(field).map(|f| &f.kind) {
            Some(FieldKind::Text(input)) => input.text(),
            _ => String::new(),
        }
    }

    /// Whether a switch is on.
    pub fn is_on(&self, field: usize) -> bool {
        matches!(
            self.fields.get(field).map(|f| &f.kind),
            Some(FieldKind::Switch(true))
        )
    }
}

impl Overlay {
    /// The field that typing goes to.
    pub fn input(&mut self) -> Option<&mut Input> {
        match self {
            Self::Switcher(o) => Some(&mut o.input),
            Self::Search(o) => Some(&mut o.input),
            Self::Directory(o) => Some(&mut o.input),
            Self::People(o) => Some(&mut o.input),
            Self::Picker(o) => o.has_field().then_some(&mut o.input),
            Self::Form(form) => match &mut form.fields.get_mut(form.focus)?.kind {
                FieldKind::Text(input) => Some(input),
                FieldKind::Switch(_) => None,
            },
            Self::Confirm(_) | Self::Sessions(_) | Self::Links(_) | Self::Figures(_) => None,
        }
    }

    /// Moves the selection of a list.
    pub fn select(&mut self, step: isize) {
        let (selected, count) = match self {
            Self::Switcher(o) => (&mut o.selected, o.found.len()),
            Self::Search(o) => (
                &mut o.selected,
                o.hits
                    .as_ref()
                    .and_then(Loadable::ready)
                    .map_or(0, Vec::len),
            ),
            Self::Directory(o) => {
                let count = o.shown().len();
                (&mut o.selected, count)
            }
            Self::Picker(o) => {
                let count = o.shown().len();
                (&mut o.selected, count)
            }
            Self::People(o) => (&mut o.selected, o.users.ready().map_or(0, Vec::len)),
            Self::Sessions(o) => (&mut o.selected, o.sessions.ready().map_or(0, Vec::len)),
            Self::Links(o) => (&mut o.selected, o.links.ready().map_or(0, Vec::len)),
            Self::Form(_) | Self::Confirm(_) | Self::Figures(_) => return,
        };
        *selected = selected
            .saturating_add_signed(step)
            .min(count.saturating_sub(1));
    }
}
