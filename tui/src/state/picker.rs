//! A list under a field that is about a message or the room: filtered here as one types.

use erc_client_core::{
    SafeText,
    protocol::{
        AuditId, ClientId, EmojiId, FilterId, MessageId, ReportId, RoomId, Seq, Timestamp, UserId,
        report::ReportOutcome,
    },
    view::{AsideView, ReportView, ScheduledView},
};

use super::{Input, Loadable};

/// The list.
#[derive(Debug)]
pub struct Picker {
    pub input: Input,
    pub purpose: Purpose,
    /// All that can be picked from.
    pub entries: Loadable<Vec<Entry>>,
    pub selected: usize,
}

/// What it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// An emoji for this message.
    React(Target),
    /// A room that this message is sent to.
    Forward {
        source: MessageId,
        with_author: bool,
    },
    /// What is pinned in the room.
    Pins(RoomId),
    /// The texts that a message had.
    History(MessageId),
    /// Who reacted to a message.
    Reacted(MessageId),
    /// What to choose in a poll.
    Vote(Ballot),
    /// Who chose what in a poll with these options.
    Voted(MessageId, Vec<SafeText>),
    /// What is to be done later.
    Scheduled,
    /// Whom one blocks.
    Blocks,
    /// What strangers began.
    Requests,
    /// Threads that one follows.
    Threads,
    /// Threads of a room.
    RoomThreads(RoomId),
    /// What other devices had written in the room.
    Aside(RoomId),
    /// Reports that wait to be looked after.
    Reports,
    /// One of them.
    Report(ReportId),
    /// What a room, or the server, doesn't take.
    Filters(Option<RoomId>),
    /// The community's own emoji.
    Emoji,
    /// What was done in a room, or on the server, before this line.
    Audit {
        room: Option<RoomId>,
        before: Option<AuditId>,
    },
}

/// What this user chooses in a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ballot {
    pub target: Target,
    /// Places of options.
    pub choice: Vec<u8>,
    pub multiple: bool,
}

impl Ballot {
    /// Chooses this option, or takes that back.
    pub fn toggle(&mut self, place: u8) {
        let had = self.choice.contains(&place);
        if self.multiple {
            self.choice.retain(|other| *other != place);
        } else {
            self.choice.clear();
        }
        if !had {
            self.choice.push(place);
        }
    }
}

/// A sent message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub room: RoomId,
    pub sender: UserId,
    pub message: ClientId,
    /// The emoji with which this user answered it.
    pub own: Vec<SafeText>,
}

/// Something in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub label: SafeText,
    /// What it is besides.
    pub hint: SafeText,
    pub at: Option<Timestamp>,
    pub pick: Pick,
}

/// What picking it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    Emoji(SafeText),
    Room(RoomId),
    /// The option in this place of a poll.
    Option(u8, SafeText),
    /// Go to this place of the open room.
    Place(Seq),
    /// Go into this thread.
    Thread {
        room: RoomId,
        thread: MessageId,
    },
    /// Change it, or go to what it is about.
    Scheduled(Box<ScheduledView>),
    /// A stranger's request.
    Request(RoomId),
    /// Blocked: no longer.
    Blocked(UserId),
    /// Write it again.
    Aside(AsideView),
    /// Look at it.
    Report(Box<ReportView>),
    /// Do this about it.
    Deed(ReportId, Deed),
    /// Ask for another filter.
    AddFilter(Option<RoomId>),
    /// A filter.
    Filter(Option<RoomId>, FilterId),
    /// Ask for another emoji.
    AddEmoji,
    /// One of the community's own.
    CustomEmoji(EmojiId),
    /// The next page of the log.
    Older {
        room: Option<RoomId>,
        before: AuditId,
    },
    /// It is there to be read.
    Nothing,
}

/// What is done about a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Take,
    Release,
    Close(ReportOutcome),
}

impl Picker {
    /// A list that is there, or asked for.
    pub fn new(purpose: Purpose, entries: Loadable<Vec<Entry>>) -> Self {
        Self {
            input: Input::line(""),
            purpose,
            entries,
            selected: 0,
        }
    }

    /// The entries that hold what was typed; emoji come as they were looked up.
    pub fn shown(&self) -> Vec<&Entry> {
        let all = self.entries.ready().map_or(&[][..], Vec::as_slice);
        if matches!(self.purpose, Purpose::React(_)) {
            return all.iter().collect();
        }
        let wanted = self.input.text().to_lowercase();
        let holds = |text: &SafeText| text.as_str().to_lowercase().contains(&wanted);
        all.iter()
            .filter(|entry| holds(&entry.label) || holds(&entry.hint))
            .collect()
    }

    /// Whether it has a field: what is only read is not searched.
    pub fn has_field(&self) -> bool {
        !matches!(
            self.purpose,
            Purpose::History(_) | Purpose::Reacted(_) | Purpose::Voted(..)
        )
    }
}
