//! The table itself.

use crossterm::event::KeyCode as Code;

use super::{Action as A, Binding, Context as C, Key};

const fn bind(context: C, keys: &'static [Key], action: A, help: &'static str) -> Binding {
    Binding {
        context,
        keys,
        action,
        help,
    }
}

/// Every key.
pub static BINDINGS: &[Binding] = &[
    bind(
        C::Everywhere,
        &[Key::plain(Code::F(1))],
        A::Help,
        "the keys of where you are",
    ),
    bind(
        C::Everywhere,
        &[Key::ctrl('q')],
        A::Quit,
        "leave the program",
    ),
    bind(
        C::Everywhere,
        &[Key::ctrl('c')],
        A::QuitSoon,
        "pressed twice: leave the program",
    ),
    bind(
        C::Everywhere,
        &[Key::ctrl('l')],
        A::Redraw,
        "draw the screen afresh",
    ),
    // signing in
    bind(C::SignIn, &[Key::plain(Code::Enter)], A::Submit, "go on"),
    bind(
        C::SignIn,
        &[Key::plain(Code::Tab), Key::plain(Code::Down)],
        A::NextField,
        "next field",
    ),
    bind(
        C::SignIn,
        &[Key::plain(Code::BackTab), Key::plain(Code::Up)],
        A::PreviousField,
        "previous field",
    ),
    bind(
        C::SignIn,
        &[Key::ctrl('t')],
        A::SignUp,
        "sign up instead of in, and back",
    ),
    bind(
        C::SignIn,
        &[Key::plain(Code::Esc)],
        A::Close,
        "back to the chat, if there is one",
    ),
    // the chat
    bind(
        C::Chat,
        &[Key::ctrl('k')],
        A::Switcher,
        "go to a room, a person, a command",
    ),
    bind(
        C::Chat,
        &[Key::ctrl('n'), Key::alt(Code::Down)],
        A::NextRoom,
        "next room",
    ),
    bind(
        C::Chat,
        &[Key::ctrl('p'), Key::alt(Code::Up)],
        A::PreviousRoom,
        "previous room",
    ),
    bind(C::Chat, &[Key::plain(Code::PageUp)], A::PageUp, "a page up"),
    bind(
        C::Chat,
        &[Key::plain(Code::PageDown)],
        A::PageDown,
        "a page down",
    ),
    bind(
        C::Chat,
        &[Key::alt(Code::Char('m'))],
        A::ToggleMembers,
        "show the members, hide them",
    ),
    // writing
    bind(C::Composer, &[Key::plain(Code::Enter)], A::Send, "send"),
    bind(
        C::Composer,
        &[Key::alt(Code::Enter), Key::ctrl('j')],
        A::BreakLine,
        "break the line",
    ),
    bind(
        C::Composer,
        &[Key::plain(Code::Up)],
        A::EditLast,
        "with nothing written: edit your last message",
    ),
    bind(
        C::Composer,
        &[Key::plain(Code::Esc)],
        A::StopWriting,
        "stop replying or editing, then: read",
    ),
    // something to choose from
    bind(
        C::Completing,
        &[Key::plain(Code::Tab)],
        A::Choose,
        "take it",
    ),
    bind(C::Completing, &[Key::plain(Code::Down)], A::Down, "next"),
    bind(C::Completing, &[Key::plain(Code::Up)], A::Up, "previous"),
    bind(
        C::Completing,
        &[Key::plain(Code::Esc)],
        A::Close,
        "go on writing",
    ),
    // reading
    bind(
        C::Timeline,
        &[Key::char('i'), Key::plain(Code::Enter)],
        A::Write,
        "write",
    ),
    bind(
        C::Timeline,
        &[Key::char('j'), Key::plain(Code::Down)],
        A::Down,
        "next message",
    ),
    bind(
        C::Timeline,
        &[Key::char('k'), Key::plain(Code::Up)],
        A::Up,
        "previous message",
    ),
    bind(
        C::Timeline,
        &[Key::char('g'), Key::plain(Code::Home)],
        A::Top,
        "oldest message that is here",
    ),
    bind(
        C::Timeline,
        &[Key::char('G'), Key::plain(Code::End), Key::plain(Code::Esc)],
        A::Bottom,
        "newest message",
    ),
    bind(C::Timeline, &[Key::ctrl('u')], A::PageUp, "a page up"),
    bind(C::Timeline, &[Key::ctrl('d')], A::PageDown, "a page down"),
    bind(C::Timeline, &[Key::char('r')], A::Reply, "reply"),
    bind(C::Timeline, &[Key::char('e')], A::Edit, "edit"),
    bind(
        C::Timeline,
        &[Key::char('d'), Key::plain(Code::Delete)],
        A::Delete,
        "delete",
    ),
    bind(C::Timeline, &[Key::char('y')], A::Copy, "copy the text"),
    bind(
        C::Timeline,
        &[Key::char('s')],
        A::Reveal,
        "uncover what is hidden in it, cover it again",
    ),
    bind(
        C::Timeline,
        &[Key::char('o')],
        A::Parent,
        "go to the message that this one answers",
    ),
    bind(
        C::Timeline,
        &[Key::char('+')],
        A::React,
        "react with an emoji, or take it back",
    ),
    bind(C::Timeline, &[Key::char('w')], A::Reacted, "who reacted"),
    bind(
        C::Timeline,
        &[Key::char('p')],
        A::Pin,
        "pin it, or no longer",
    ),
    bind(
        C::Timeline,
        &[Key::char('P')],
        A::Pins,
        "what is pinned here",
    ),
    bind(
        C::Timeline,
        &[Key::char('f')],
        A::Forward,
        "forward it to a room",
    ),
    bind(
        C::Timeline,
        &[Key::char('h')],
        A::History,
        "what it said before it was edited",
    ),
    bind(
        C::Timeline,
        &[Key::char('R')],
        A::Retry,
        "send a refused message again",
    ),
    bind(
        C::Timeline,
        &[Key::char('x')],
        A::Discard,
        "give up a refused message, take its text back",
    ),
    bind(
        C::Timeline,
        &[Key::char('u')],
        A::NextUnread,
        "next room with something unread",
    ),
    bind(C::Timeline, &[Key::char('/')], A::Search, "search"),
    bind(
        C::Timeline,
        &[Key::char('n')],
        A::NextHit,
        "next message found",
    ),
    bind(
        C::Timeline,
        &[Key::char('N')],
        A::PreviousHit,
        "previous message found",
    ),
    bind(C::Timeline, &[Key::char('m')], A::ToggleMembers, "members"),
    bind(
        C::Timeline,
        &[Key::char('c')],
        A::CreateRoom,
        "create a room",
    ),
    bind(
        C::Timeline,
        &[Key::char('J')],
        A::Directory,
        "join a public room",
    ),
    bind(
        C::Timeline,
        &[Key::char('@')],
        A::WriteTo,
        "write to somebody",
    ),
    bind(C::Timeline, &[Key::char('?')], A::Help, "these keys"),
    // members
    bind(
        C::Members,
        &[Key::char('j'), Key::plain(Code::Down)],
        A::Down,
        "next",
    ),
    bind(
        C::Members,
        &[Key::char('k'), Key::plain(Code::Up)],
        A::Up,
        "previous",
    ),
    bind(
        C::Members,
        &[Key::plain(Code::Enter), Key::char('@')],
        A::Message,
        "write to them",
    ),
    bind(C::Members, &[Key::char('a')], A::AddMember, "add somebody"),
    bind(
        C::Members,
        &[Key::char('x'), Key::plain(Code::Delete)],
        A::Remove,
        "remove them from the room",
    ),
    bind(C::Members, &[Key::char('p')], A::Role, "their role"),
    bind(
        C::Members,
        &[Key::char('s')],
        A::Mute,
        "mute them, or no longer",
    ),
    bind(C::Members, &[Key::char('b')], A::Ban, "ban them"),
    bind(
        C::Members,
        &[Key::plain(Code::Esc), Key::char('m')],
        A::ToggleMembers,
        "back",
    ),
    bind(
        C::Members,
        &[Key::char('i'), Key::plain(Code::Tab)],
        A::Write,
        "write",
    ),
    bind(C::Members, &[Key::char('?')], A::Help, "these keys"),
    // lists under a field
    bind(
        C::List,
        &[Key::plain(Code::Down), Key::ctrl('n')],
        A::Down,
        "next",
    ),
    bind(
        C::List,
        &[Key::plain(Code::Up), Key::ctrl('p')],
        A::Up,
        "previous",
    ),
    bind(
        C::List,
        &[Key::plain(Code::PageDown)],
        A::PageDown,
        "ten on",
    ),
    bind(C::List, &[Key::plain(Code::PageUp)], A::PageUp, "ten back"),
    bind(C::List, &[Key::plain(Code::Enter)], A::Choose, "take it"),
    bind(
        C::List,
        &[Key::ctrl('t')],
        A::Toggle,
        "when forwarding: with its author's name or without",
    ),
    bind(
        C::List,
        &[Key::plain(Code::Esc), Key::ctrl('k')],
        A::Close,
        "close",
    ),
    // sessions
    bind(
        C::Sessions,
        &[Key::plain(Code::Down), Key::char('j')],
        A::Down,
        "next",
    ),
    bind(
        C::Sessions,
        &[Key::plain(Code::Up), Key::char('k')],
        A::Up,
        "previous",
    ),
    bind(
        C::Sessions,
        &[Key::char('x'), Key::plain(Code::Delete)],
        A::End,
        "end this session",
    ),
    bind(C::Sessions, &[Key::plain(Code::Esc)], A::Close, "close"),
    // links
    bind(
        C::Links,
        &[Key::plain(Code::Down), Key::char('j')],
        A::Down,
        "next",
    ),
    bind(
        C::Links,
        &[Key::plain(Code::Up), Key::char('k')],
        A::Up,
        "previous",
    ),
    bind(C::Links, &[Key::char('n')], A::NewLink, "make a link"),
    bind(
        C::Links,
        &[Key::char('x'), Key::plain(Code::Delete)],
        A::End,
        "take this link back",
    ),
    bind(C::Links, &[Key::plain(Code::Esc)], A::Close, "close"),
    // forms
    bind(C::Form, &[Key::plain(Code::Enter)], A::Submit, "do it"),
    bind(
        C::Form,
        &[Key::plain(Code::Tab), Key::plain(Code::Down)],
        A::NextField,
        "next field",
    ),
    bind(
        C::Form,
        &[Key::plain(Code::BackTab), Key::plain(Code::Up)],
        A::PreviousField,
        "previous field",
    ),
    bind(C::Form, &[Key::char(' ')], A::Toggle, "on or off"),
    bind(C::Form, &[Key::plain(Code::Esc)], A::Close, "close"),
    // questions
    bind(C::Confirm, &[Key::char('y')], A::Yes, "yes"),
    bind(
        C::Confirm,
        &[Key::char('n'), Key::plain(Code::Esc)],
        A::No,
        "no",
    ),
    // help
    bind(
        C::Help,
        &[Key::plain(Code::Down), Key::char('j')],
        A::Down,
        "down",
    ),
    bind(
        C::Help,
        &[Key::plain(Code::Up), Key::char('k')],
        A::Up,
        "up",
    ),
    bind(
        C::Help,
        &[Key::plain(Code::PageDown), Key::char(' ')],
        A::PageDown,
        "a page down",
    ),
    bind(C::Help, &[Key::plain(Code::PageUp)], A::PageUp, "a page up"),
    bind(
        C::Help,
        &[Key::plain(Code::Esc), Key::char('?'), Key::char('q')],
        A::Close,
        "close",
    ),
];

/// What the switcher offers besides rooms and people, in its words.
pub static COMMANDS: &[(A, &str)] = &[
    (A::Directory, "join a room"),
    (A::JoinByLink, "join by a link"),
    (A::CreateRoom, "create a room"),
    (A::WriteTo, "write to somebody"),
    (A::NextUnread, "next unread room"),
    (A::Search, "search messages"),
    (A::Pins, "what is pinned in this room"),
    (A::ToggleMembers, "members of this room"),
    (A::AddMember, "add somebody to this room"),
    (A::MakeLink, "invite people by a link into this room"),
    (A::Links, "links into this room"),
    (A::Bans, "who is banned from this room"),
    (A::ChangeRoom, "change this room and its settings"),
    (A::LeaveRoom, "leave this room"),
    (A::DeleteRoom, "delete this room"),
    (A::ChangeName, "change your name"),
    (A::Sessions, "where you are signed in"),
    (A::Reconnect, "connect now"),
    (A::SignInAgain, "sign in again, or as somebody else"),
    (A::SignOut, "sign out"),
    (A::Help, "help"),
    (A::Quit, "quit"),
];
