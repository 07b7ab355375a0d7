//! A signed-in account on the screen: its rooms, the one that is open, and what lies over them.

use std::collections::HashSet;

use erc_client_core::{
    SafeText,
    protocol::{MessageId, RoomId, Seq, Timestamp, presence::PresenceChoice},
    view::{
        Connection, EmojiList, Hit, Item, Me, MemberView, MyPresenceView, OpenedRoom, RoomSummary,
        Timeline,
    },
};

use super::{
    Composer, Loadable, Overlay,
    rows::{self, Part, Row},
    scroll::Place,
    window::Span,
};

/// The chat.
#[derive(Debug)]
pub struct Chat {
    pub me: Me,
    pub connection: Connection,
    /// What the user decided of how present they are; absent until it is read.
    pub mine: Option<MyPresenceView>,
    pub rooms: Loadable<Vec<RoomSummary>>,
    /// Requests of strangers that wait for an answer, in no list but their own.
    pub requests: Vec<RoomSummary>,
    pub open: Option<OpenRoom>,
    pub focus: Focus,
    pub overlay: Option<Overlay>,
    pub notice: Option<Notice>,
    /// The members stand beside the timeline.
    pub members_shown: bool,
    /// The last search, to step through with `n`.
    pub hits: Vec<Hit>,
    pub hit: usize,
    /// client-core was told to connect.
    pub started: bool,
    pub wants: Wants,
    /// Rooms are being read, and have not been answered yet.
    pub rooms_asked: bool,
    /// The community's own emoji.
    pub emoji: EmojiList,
    /// Reports that wait to be looked after.
    pub reports: i64,
    /// Until when the doors of the server are closed, if one may know.
    pub raid_until: Option<Timestamp>,
}

/// What the keys act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Composer,
    Timeline,
    Members,
}

/// What should be read again, once what is being read has arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wants {
    pub rooms: bool,
    pub timeline: bool,
    pub members: bool,
}

/// A sentence in the status line, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub text: SafeText,
    pub is_error: bool,
}

/// A place that the reader is on the way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// A message, which is selected then.
    Message(Seq),
    /// The first unread message.
    Unread(Seq),
}

impl Goal {
    pub const fn seq(self) -> Seq {
        match self {
            Self::Message(seq) | Self::Unread(seq) => seq,
        }
    }
}

/// The hole that this place lies in.
pub fn hole_at(items: &[Item], seq: Seq) -> Option<(Seq, Seq)> {
    items.iter().find_map(|item| match item {
        Item::Hole { from, to } if (*from..=*to).contains(&seq) => Some((*from, *to)),
        _ => None,
    })
}

/// The room on the screen.
#[derive(Debug)]
pub struct OpenRoom {
    pub id: RoomId,
    /// The thread of it that is shown instead of the room itself.
    pub thread: Option<MessageId>,
    /// Of a thread: its replies count as unread.
    pub follows: bool,
    /// Absent while it is being opened.
    pub opened: Option<OpenedRoom>,
    pub timeline: Loadable<Timeline>,
    pub span: Span,
    /// What the timeline that is loaded, or under way, was asked for as.
    pub asked_span: Span,
    /// Rows of the timeline at `laid_width`.
    pub rows: Vec<Row>,
    pub laid_width: u16,
    pub place: Place,
    /// Key of the message that keys act on.
    pub selected: Option<String>,
    /// Keys of the messages whose spoilers are uncovered.
    pub revealed: HashSet<String>,
    pub composer: Composer,
    pub typing: Vec<SafeText>,
    pub members: Loadable<Vec<MemberView>>,
    pub member: usize,
    /// Read up to here, as far as client-core was told.
    pub marked: Seq,
    /// Messages were asked for and have not come yet.
    pub timeline_asked: bool,
    pub members_asked: bool,
    /// Holes that were asked for since the link came up.
    pub filling: Vec<(Seq, Seq)>,
    /// A place to go to once it is loaded.
    pub going_to: Option<Goal>,
}

impl Chat {
    /// With nothing loaded yet.
    pub fn new(me: Me) -> Self {
        Self {
            me,
            connection: Connection::Idle,
            mine: None,
            rooms: Loadable::Loading,
            requests: Vec::new(),
            open: None,
            focus: Focus::Composer,
            overlay: None,
            notice: None,
            members_shown: false,
            hits: Vec::new(),
            hit: 0,
            started: false,
            wants: Wants::default(),
            rooms_asked: true,
            emoji: EmojiList::default(),
            reports: 0,
            raid_until: None,
        }
    }

    /// The rooms, as far as they are known.
    pub fn room_list(&self) -> &[RoomSummary] {
        self.rooms.ready().map_or(&[], Vec::as_slice)
    }

    /// A room by its id.
    pub fn summary(&self, room: RoomId) -> Option<&RoomSummary> {
        let all = self.room_list().iter().chain(&self.requests);
        all.into_iter().find(|r| r.id == room)
    }

    /// Whether what is open is a request that waits for an answer.
    pub fn is_asked(&self) -> bool {
        let open = self.open_summary();
        open.is_some_and(|room| room.request.is_received())
    }

    /// The summary of the open room.
    pub fn open_summary(&self) -> Option<&RoomSummary> {
        self.summary(self.open.as_ref()?.id)
    }

    /// Whether nothing is to ring.
    pub fn is_quiet(&self) -> bool {
        let mine = self.mine.as_ref();
        mine.is_some_and(|mine| mine.choice == PresenceChoice::DoNotDisturb)
    }

    /// Shows a sentence that asks for nothing.
    pub fn say(&mut self, text: impl AsRef<str>) {
        self.notice = Some(Notice {
            text: SafeText::line(text.as_ref()),
            is_error: false,
        });
    }

    /// Shows a sentence about something that went wrong.
    pub fn complain(&mut self, text: impl AsRef<str>) {
        self.notice = Some(Notice {
            text: SafeText::line(text.as_ref()),
            is_error: true,
        });
    }
}

impl OpenRoom {
    /// A room that is being opened.
    pub fn new(id: RoomId, unread: i64) -> Self {
        Self {
            id,
            thread: None,
            follows: false,
            opened: None,
            timeline: Loadable::Loading,
            span: Span::on_opening(unread),
            asked_span: Span::on_opening(unread),
            rows: Vec::new(),
            laid_width: 0,
            place: Place::Newest,
            selected: None,
            revealed: HashSet::new(),
            composer: Composer::default(),
            typing: Vec::new(),
            members: Loadable::Loading,
            member: 0,
            marked: Seq::ZERO,
            timeline_asked: true,
            members_asked: false,
            filling: Vec::new(),
            going_to: None,
        }
    }

    /// The message that began a thread, if it is loaded.
    pub fn root(&self, thread: MessageId) -> Option<&erc_client_core::view::MessageView> {
        self.items()
            .iter()
            .filter_map(rows::as_message)
            .find(|message| message.message_id == Some(thread))
    }

    /// The loaded items.
    pub fn items(&self) -> &[Item] {
        self.timeline.ready().map_or(&[], |t| t.items.as_slice())
    }

    /// Computes the rows anew for this width; the reader's place stays.
    pub fn lay(&mut self, width: u16) {
        self.rows = rows::lay(self.items(), width, &self.revealed);
        if self.thread.is_some() {
            // Where everything stands in the thread it need not say so.
            self.rows
                .retain(|row| !matches!(row.part, Part::InThread | Part::Thread));
        }
        self.laid_width = width;
    }

    /// The first row on the screen.
    pub fn top(&self, height: u16) -> usize {
        self.place.top(self.items(), &self.rows, height)
    }

    /// The message that keys act on.
    pub fn selected_message(&self) -> Option<&erc_client_core::view::MessageView> {
        let key = self.selected.as_deref()?;
        self.items()
            .iter()
            .filter_map(rows::as_message)
            .find(|m| m.key == key)
    }

    /// The newest place in these rows of the screen.
    pub fn last_visible(&self, height: u16) -> Option<Seq> {
        let top = self.top(height);
        let end = (top + usize::from(height)).min(self.rows.len());
        self.rows[top..end]
            .iter()
            .rev()
            .find_map(|row| rows::message(self.items(), row)?.seq)
    }

    /// How many messages lie below the screen; 0 at the newest.
    pub fn below(&self, height: u16, last: Seq) -> i64 {
        if self.place == Place::Newest && self.timeline.ready().is_none_or(|t| t.at_end) {
            return 0;
        }
        self.last_visible(height)
            .map_or(0, |seen| (last.0 - seen.0).max(0))
    }
}
