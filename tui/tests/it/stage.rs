//! A stage: a community in memory, a client in front of it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use erc::{
    action,
    command::{Answer, Command, Opening},
    event::Event,
    state::{SignInForm, Size, State},
    theme::{Depth, Glyphs, Look, Theme},
    view,
};
use erc_client_core::{
    SafeText,
    complete::{Completion, Completions},
    protocol::{
        Capability, ClientId, Level, MessageId, Permissions, PresenceState, RoomId, RoomKind,
        RoomRole, Seq, ServerRole, Timestamp, UserId, presence::PresenceChoice,
    },
    view::{
        AccountInfo, Connection, Delivery, DraftView, EmojiList, Item, Me, MemberView, MessageView,
        MyPresenceView, OpenedRoom, Quote, RoomSummary, Timeline, Update, Whereabouts, Window,
    },
};
use ratatui::{Terminal, backend::TestBackend};

pub(crate) const GENERAL: RoomId = RoomId(1);
pub(crate) const ADA: RoomId = RoomId(2);
const ME: UserId = UserId(7);

/// A client of a given size before a community.
pub(crate) struct Stage {
    pub(crate) state: State,
    pub(crate) look: Look,
    pub(crate) rooms: Vec<RoomSummary>,
    /// Of #general; the other rooms are empty.
    pub(crate) messages: Vec<MessageView>,
    /// Places of #general that are not on this machine.
    pub(crate) hole: Option<(i64, i64)>,
    pub(crate) read: Seq,
    pub(crate) emoji: EmojiList,
    pub(crate) draft: DraftView,
    /// Commands that the stage has no answer for.
    pub(crate) asked: Vec<Command>,
}

impl Stage {
    /// A furnished community, everything read, connected, #general open.
    pub(crate) fn furnished(width: u16, height: u16) -> Self {
        let mut stage = Self::new(width, height);
        stage.rooms = rooms();
        stage.messages = conversation();
        stage.sync_heads();
        stage.read = Seq(i64::from(i32::MAX));
        stage.play();
        stage.connect();
        stage
    }

    /// #general with this many one-line messages, the newest `unread` of them unread.
    pub(crate) fn long(width: u16, height: u16, count: i64, unread: i64) -> Self {
        let mut stage = Self::new(width, height);
        stage.rooms = rooms();
        stage.messages = (1..=count)
            .map(|n| message(n, 3, "Ada", &format!("message {n}")))
            .collect();
        stage.read = Seq(count - unread);
        stage.rooms[0].unread = unread;
        stage.sync_heads();
        stage.play();
        stage.connect();
        stage
    }

    /// Just signed in: nothing answered yet.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let size = Size { width, height };
        let info = AccountInfo {
            key: "you@chat".into(),
            server_url: "https://chat.example.org".into(),
            username: SafeText::line("you"),
            display_name: SafeText::line("You"),
            user_id: ME,
        };
        let me = Me {
            id: ME,
            username: SafeText::line("you"),
            display_name: SafeText::line("You"),
            role: ServerRole::Member,
        };
        Self::with(State::opened(size, info, me))
    }

    /// Nobody is signed in.
    pub(crate) fn signed_out(width: u16, height: u16) -> Self {
        let size = Size { width, height };
        Self::with(State::signed_out(size, SignInForm::new("", "")))
    }

    fn with(state: State) -> Self {
        Self {
            state,
            look: Look {
                theme: Theme::new(Depth::None, false),
                glyphs: Glyphs::of(false),
                zone: jiff::tz::TimeZone::UTC,
            },
            rooms: Vec::new(),
            messages: Vec::new(),
            hole: None,
            read: Seq(0),
            draft: DraftView::default(),
            emoji: EmojiList::default(),
            asked: Vec::new(),
        }
    }

    pub(crate) fn connect(&mut self) {
        self.connection(Connection::Live {
            latency_ms: Some(18),
        });
    }

    pub(crate) fn connection(&mut self, connection: Connection) {
        self.update(Update::Connection(connection));
    }

    pub(crate) fn offline(&mut self) {
        self.connection(Connection::Offline {
            reason: SafeText::line("no route to the server"),
            retry_at: Some(Timestamp(0)),
        });
    }

    pub(crate) fn update(&mut self, update: Update) {
        self.answer(Answer::Update(update));
    }

    pub(crate) fn answer(&mut self, answer: Answer) {
        self.event(Event::Answer(Box::new(answer)));
    }

    pub(crate) fn event(&mut self, event: Event) {
        action::handle(&mut self.state, event);
        self.play();
    }

    /// Presses keys, as `press("j j r")`; words in angle brackets name keys, as `<enter>`.
    pub(crate) fn press(&mut self, keys: &str) {
        for word in keys.split(' ') {
            self.event(Event::Key(key(word)));
        }
    }

    /// Types a text.
    pub(crate) fn write(&mut self, text: &str) {
        for c in text.chars() {
            self.event(Event::Key(KeyEvent::new(
                KeyCode::Char(c),
                KeyModifiers::NONE,
            )));
        }
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        self.event(Event::Resize(Size { width, height }));
    }

    /// Answers commands until no more come.
    pub(crate) fn play(&mut self) {
        loop {
            action::settle(&mut self.state);
            let commands = self.state.take_commands();
            if commands.is_empty() {
                return;
            }
            for command in commands {
                match self.reply(&command) {
                    Some(answer) => {
                        action::handle(&mut self.state, Event::Answer(Box::new(answer)));
                    }
                    None => self.asked.push(command),
                }
            }
        }
    }

    fn reply(&self, command: &Command) -> Option<Answer> {
        Some(match command {
            Command::LoadRooms => Answer::Rooms(Ok(self.rooms.clone())),
            Command::LoadEmoji => Answer::Emoji(Ok(self.emoji.clone())),
            Command::LoadPresence => Answer::Presence(Ok(as_usual())),
            Command::OpenRoom { room, window } => Answer::Opened {
                room: *room,
                result: Ok(Box::new(Opening {
                    opened: OpenedRoom {
                        read_seq: self.read,
                        unread: 0,
                    },
                    timeline: self.timeline(*room, *window, Some(self.read)),
                    draft: self.draft.clone(),
                    typing: Vec::new(),
                })),
            },
            Command::LoadTimeline {
                room,
                window,
                unread_after,
            } => Answer::Timeline {
                room: *room,
                result: Ok(self.timeline(*room, *window, *unread_after)),
            },
            Command::Complete { room, before } => Answer::Completions {
                room: *room,
                before: before.clone(),
                result: Ok(completions(before)),
            },
            Command::FindPlace { room, seq } => Answer::Located(Ok(Whereabouts {
                room_id: *room,
                seq: *seq,
                message_id: MessageId(seq.0),
                thread_id: None,
            })),
            Command::LoadDraft { room, thread } => Answer::Draft {
                thread: *thread,
                room: *room,
                result: Ok(self.draft.clone()),
            },
            Command::LoadMembers { room } => Answer::Members {
                room: *room,
                result: Ok(members()),
            },
            _ => return None,
        })
    }

    fn timeline(&self, room: RoomId, window: Window, unread_after: Option<Seq>) -> Timeline {
        if room != GENERAL {
            return Timeline {
                at_start: true,
                at_end: true,
                ..Timeline::default()
            };
        }
        let last = self.messages.iter().filter_map(|m| m.seq).max();
        let last = last.map_or(0, |seq| seq.0);
        let (from, to) = match window {
            Window::Newest { count } => (last - i64::from(count) + 1, last),
            Window::Since { seq } => (seq.0, last),
            Window::Around { seq, before, after } => {
                // Counted in what is here.
                let (low, high) = match self.hole {
                    Some((lo, hi)) if (lo..=hi).contains(&seq.0) => (lo, hi),
                    _ => (seq.0, seq.0),
                };
                (low - i64::from(before), high + i64::from(after))
            }
            Window::Between { from, to } => (from.0, to.0),
        };
        let (from, to) = (from.max(1), to.min(last));
        let at_end = to >= last;
        let mut items = vec![Item::Day {
            date: "2026-11-24".into(),
        }];
        let mut line = unread_after.map(|seq| seq.0);
        for message in &self.messages {
            let seq = message.seq.map_or(i64::MAX, |seq| seq.0);
            if (message.seq.is_some() && !(from..=to).contains(&seq))
                || (message.seq.is_none() && !at_end)
            {
                continue;
            }
            if line.is_some_and(|line| seq > line && message.seq.is_some() && !message.own) {
                line = None;
                let count = last - unread_after.map_or(0, |seq| seq.0);
                items.push(Item::Unread { count });
            }
            if let Some((lo, hi)) = self.hole
                && (lo..=hi).contains(&seq)
            {
                // All of it belongs to the window, as in client-core.
                let hole = Item::Hole {
                    from: Seq(lo),
                    to: Seq(hi),
                };
                if !items.contains(&hole) {
                    items.push(hole);
                }
                continue;
            }
            items.push(Item::Message(message.clone()));
        }
        Timeline {
            items,
            from_seq: Some(Seq(from)),
            to_seq: Some(Seq(to)),
            at_start: from <= 1,
            at_end,
        }
    }

    /// The heads in the list of rooms follow the messages.
    pub(crate) fn sync_heads(&mut self) {
        let last = self.messages.iter().filter_map(|m| m.seq).max();
        if let Some(room) = self.rooms.first_mut() {
            room.last_seq = last.unwrap_or_default();
        }
    }

    /// More messages arrive in #general.
    pub(crate) fn arrive(&mut self, texts: &[&str]) {
        for text in texts {
            let next = self.messages.iter().filter_map(|m| m.seq).max();
            let next = next.map_or(1, |seq| seq.0 + 1);
            self.messages.push(message(next, 4, "Bo", text));
        }
        self.sync_heads();
        self.update(Update::Timeline(GENERAL));
    }

    /// What is on the screen.
    pub(crate) fn screen(&mut self) -> String {
        let Size { width, height } = self.state.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| view::draw(frame, &self.state, &self.look))
            .unwrap();
        let buffer = terminal.backend().buffer();
        let mut text = String::new();
        for y in 0..height {
            let mut x = 0;
            while x < width {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(erc::wrap::width(symbol).max(1)).unwrap();
            }
            text.push('\n');
        }
        text
    }

    /// The line of the screen that holds this text.
    pub(crate) fn line_of(&mut self, text: &str) -> Option<usize> {
        self.screen().lines().position(|line| line.contains(text))
    }
}

fn key(word: &str) -> KeyEvent {
    let (modifiers, name) = match word.split_once('-') {
        Some(("ctrl", rest)) => (KeyModifiers::CONTROL, rest),
        Some(("alt", rest)) => (KeyModifiers::ALT, rest),
        _ => (KeyModifiers::NONE, word),
    };
    let code = match name {
        "<enter>" => KeyCode::Enter,
        "<esc>" => KeyCode::Esc,
        "<up>" => KeyCode::Up,
        "<down>" => KeyCode::Down,
        "<tab>" => KeyCode::Tab,
        "<backspace>" => KeyCode::Backspace,
        "<space>" => KeyCode::Char(' '),
        "<pageup>" => KeyCode::PageUp,
        "<pagedown>" => KeyCode::PageDown,
        "<f1>" => KeyCode::F(1),
        c => KeyCode::Char(c.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

/// What client-core would propose for the last word.
fn completions(before: &str) -> Completions {
    let typed = before.rsplit(' ').next().unwrap_or_default();
    let all = [
        ("@ada", "Ada", "@ada "),
        ("@anders", "Anders", "@anders "),
        ("#design", "how it looks", "#design "),
        (":tada:", "🎉", "🎉 "),
    ];
    let choices = all
        .iter()
        .filter(|(label, ..)| label.starts_with(typed))
        .map(|(label, hint, insert)| Completion {
            picture: None,
            label: SafeText::line(label),
            hint: SafeText::line(hint),
            insert: SafeText::line(insert),
        });
    Completions {
        typed: typed.to_owned(),
        choices: choices.collect(),
    }
}

/// A message of #general.
pub(crate) fn message(seq: i64, sender: i64, name: &str, text: &str) -> MessageView {
    MessageView {
        key: format!("{sender}:{seq}"),
        client_id: client_id(seq),
        message_id: Some(MessageId(seq)),
        seq: Some(Seq(seq)),
        sender_id: UserId(sender),
        sender: SafeText::line(name),
        text: SafeText::block(text),
        body: erc_client_core::markdown::parse(
            SafeText::block(text).as_str(),
            "ada",
            &erc_client_core::emoji::Custom::NONE,
        ),
        at: Timestamp(1_795_521_600_000 + seq * 1_000),
        time: format!("12:{:02}", seq % 60),
        own: sender == ME.0,
        follows: false,
        edited: false,
        deleted: false,
        delivery: Delivery::Sent,
        reach: None,
        mentions_me: false,
        reply: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        can_answer: true,
        can_edit: sender == ME.0,
        can_delete: sender == ME.0,
        reactions: Vec::new(),
        pinned: false,
        can_pin: false,
        can_react: true,
        forwarded_from: None,
        blocked: false,
        expires_at: None,
        lifetime: None,
        poll: None,
    }
}

/// An own message that the server doesn't have.
pub(crate) fn unsent(number: i64, text: &str, delivery: Delivery) -> MessageView {
    MessageView {
        key: format!("7:u{number}"),
        client_id: client_id(9_000 + number),
        message_id: None,
        seq: None,
        delivery,
        ..message(0, ME.0, "You", text)
    }
}

fn client_id(number: i64) -> ClientId {
    format!("00000000-0000-7000-8000-{number:012}")
        .parse()
        .unwrap()
}

fn conversation() -> Vec<MessageView> {
    let mut messages = vec![
        message(1, 3, "Ada", "Shall we meet at six?"),
        message(2, 4, "Bo", "Fine with me"),
        message(
            3,
            4,
            "Bo",
            "I bring the big pot, and whoever comes late washes up; that has always worked so far",
        ),
        message(4, 7, "You", "日本語 and 👨‍👩‍👧 and e\u{301} are all welcome"),
        message(5, 3, "Ada", "gone"),
        message(
            6,
            5,
            "Cleo Okafor-Lindqvist",
            "- one\n- two\n\n    indented",
        ),
        message(7, 7, "You", "see you all at six"),
    ];
    messages[1].reply = Some(Quote {
        message_id: MessageId(1),
        seq: Some(Seq(1)),
        thread_id: None,
        sender: SafeText::line("Ada"),
        text: SafeText::line("Shall we meet at six?"),
        deleted: false,
        known: true,
    });
    messages[2].follows = true;
    messages[3].edited = true;
    messages[4].deleted = true;
    messages[4].text = SafeText::line("");
    messages
}

fn rooms() -> Vec<RoomSummary> {
    let room = |id: i64, name: &str, topic: &str| RoomSummary {
        request: erc_client_core::protocol::RequestState::None,
        messages_left: None,
        id: RoomId(id),
        kind: RoomKind::Group,
        name: SafeText::line(name),
        topic: SafeText::line(topic),
        is_private: false,
        role: RoomRole::Member,
        unread: 0,
        mentions: 0,
        marked_unread: false,
        read_seq: Seq(0),
        last_seq: Seq(0),
        preview: None,
        last_activity: Timestamp(1_000 - id),
        member_count: 4,
        can_send: true,
        can: vec![Capability::Send, Capability::React],
        slow_mode_s: 0,
        archived_at: None,
        category: SafeText::line(""),
        permissions: Permissions::default(),
        muted_until: None,
        lifetime: None,
        peer: None,
        presence: None,
        last_seen: None,
        status: None,
        has_draft: false,
        level: Level::Usual,
        hushed_until: None,
        is_silent: false,
        failed: 0,
    };
    let mut ada = room(2, "Ada", "");
    ada.kind = RoomKind::Direct;
    ada.peer = Some(UserId(3));
    ada.presence = Some(PresenceState::Online);
    ada.unread = 1;
    let mut design = room(3, "design", "Posters and flyers");
    design.unread = 12;
    design.has_draft = true;
    let mut keys = room(4, "organisers", "Keys and letters");
    keys.is_private = true;
    keys.failed = 1;
    vec![room(1, "general", "Weekly plan"), ada, design, keys]
}

/// Nothing was decided.
fn as_usual() -> MyPresenceView {
    MyPresenceView {
        choice: PresenceChoice::Automatic,
        choice_until: None,
        status: None,
        hides_last_seen: false,
    }
}

fn members() -> Vec<MemberView> {
    [
        (3, "Ada", RoomRole::Owner, Some(PresenceState::Online)),
        (7, "You", RoomRole::Member, Some(PresenceState::Online)),
        (4, "Bo", RoomRole::Moderator, Some(PresenceState::Idle)),
        (5, "Cleo Okafor-Lindqvist", RoomRole::Member, None),
    ]
    .into_iter()
    .map(|(id, name, role, presence)| MemberView {
        user_id: UserId(id),
        username: SafeText::line(&name.to_lowercase()),
        name: SafeText::line(name),
        role,
        muted_until: None,
        presence,
        last_seen: None,
        blocked: false,
        status: None,
    })
    .collect()
}
