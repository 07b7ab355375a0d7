//! The table itself.

use crossterm::event::KeyCode as Code;

use super::{
    Action::{self, *},
    Binding,
    Context::{self, *},
    Key,
};

const fn bind(
    context: Context,
    keys: &'static [Key],
    action: Action,
    help: &'static str,
) -> Binding {
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
        Everywhere,
        &[Key::plain(Code::F(1))],
        Help,
        "the keys of where you are",
    ),
    bind(Everywhere, &[Key::ctrl('q')], Quit, "leave the program"),
    bind(
        Everywhere,
        &[Key::ctrl('c')],
        QuitSoon,
        "pressed twice: leave the program",
    ),
    bind(
        Everywhere,
        &[Key::ctrl('l')],
        Redraw,
        "draw the screen afresh",
    ),
    // signing in
    bind(SignIn, &[Key::plain(Code::Enter)], Submit, "go on"),
    bind(
        SignIn,
        &[Key::plain(Code::Tab), Key::plain(Code::Down)],
        NextField,
        "next field",
    ),
    bind(
        SignIn,
        &[Key::plain(Code::BackTab), Key::plain(Code::Up)],
        PreviousField,
        "previous field",
    ),
    bind(
        SignIn,
        &[Key::ctrl('t')],
        SignUp,
        "sign up instead of in, and back",
    ),
    bind(
        SignIn,
        &[Key::plain(Code::Esc)],
        Close,
        "back to the chat, if there is one",
    ),
    // the chat
    bind(
        Chat,
        &[Key::ctrl('k')],
        Switcher,
        "go to a room, a person, a command",
    ),
    bind(
        Chat,
        &[Key::ctrl('n'), Key::alt(Code::Down)],
        NextRoom,
        "next room",
    ),
    bind(
        Chat,
        &[Key::ctrl('p'), Key::alt(Code::Up)],
        PreviousRoom,
        "previous room",
    ),
    bind(Chat, &[Key::plain(Code::PageUp)], PageUp, "a page up"),
    bind(Chat, &[Key::plain(Code::PageDown)], PageDown, "a page down"),
    bind(
        Chat,
        &[Key::alt(Code::Char('m'))],
        ToggleMembers,
        "show the members, hide them",
    ),
    // writing
    bind(Composer, &[Key::plain(Code::Enter)], Send, "send"),
    bind(
        Composer,
        &[Key::alt(Code::Enter), Key::ctrl('j')],
        BreakLine,
        "break the line",
    ),
    bind(
        Composer,
        &[Key::plain(Code::Up)],
        EditLast,
        "with nothing written: edit your last message",
    ),
    bind(
        Composer,
        &[Key::plain(Code::Esc)],
        StopWriting,
        "stop replying or editing, then: read",
    ),
    // reading
    bind(
        Timeline,
        &[Key::char('i'), Key::plain(Code::Enter)],
        Write,
        "write",
    ),
    bind(
        Timeline,
        &[Key::char('j'), Key::plain(Code::Down)],
        Down,
        "next message",
    ),
    bind(
        Timeline,
        &[Key::char('k'), Key::plain(Code::Up)],
        Up,
        "previous message",
    ),
    bind(
        Timeline,
        &[Key::char('g'), Key::plain(Code::Home)],
        Top,
        "oldest message that is here",
    ),
    bind(
        Timeline,
        &[Key::char('G'), Key::plain(Code::End), Key::plain(Code::Esc)],
        Bottom,
        "newest message",
    ),
    bind(Timeline, &[Key::ctrl('u')], PageUp, "a page up"),
    bind(Timeline, &[Key::ctrl('d')], PageDown, "a page down"),
    bind(Timeline, &[Key::char('r')], Reply, "reply"),
    bind(Timeline, &[Key::char('e')], Edit, "edit"),
    bind(
        Timeline,
        &[Key::char('d'), Key::plain(Code::Delete)],
        Delete,
        "delete",
    ),
    bind(Timeline, &[Key::char('y')], Copy, "copy the text"),
    bind(
        Timeline,
        &[Key::char('o')],
        Parent,
        "go to the message that this one answers",
    ),
    bind(
        Timeline,
        &[Key::char('R')],
        Retry,
        "send a refused message again",
    ),
    bind(
        Timeline,
        &[Key::char('x')],
        Discard,
        "give up a refused message; its text goes to the composer",
    ),
    bind(
        Timeline,
        &[Key::char('u')],
        NextUnread,
        "next room with something unread",
    ),
    bind(Timeline, &[Key::char('/')], Search, "search"),
    bind(Timeline, &[Key::char('n')], NextHit, "next message found"),
    bind(
        Timeline,
        &[Key::char('N')],
        PreviousHit,
        "previous message found",
    ),
    bind(Timeline, &[Key::char('m')], ToggleMembers, "members"),
    bind(Timeline, &[Key::char('c')], CreateRoom, "create a room"),
    bind(Timeline, &[Key::char('J')], Directory, "join a public room"),
    bind(Timeline, &[Key::char('@')], WriteTo, "write to somebody"),
    bind(Timeline, &[Key::char('?')], Action::Help, "these keys"),
    // members
    bind(
        Members,
        &[Key::char('j'), Key::plain(Code::Down)],
        Down,
        "next",
    ),
    bind(
        Members,
        &[Key::char('k'), Key::plain(Code::Up)],
        Up,
        "previous",
    ),
    bind(
        Members,
        &[Key::plain(Code::Enter), Key::char('@')],
        Message,
        "write to them",
    ),
    bind(Members, &[Key::char('a')], AddMember, "add somebody"),
    bind(
        Members,
        &[Key::char('x'), Key::plain(Code::Delete)],
        Remove,
        "remove them from the room",
    ),
    bind(
        Members,
        &[Key::plain(Code::Esc), Key::char('m')],
        ToggleMembers,
        "back",
    ),
    bind(
        Members,
        &[Key::char('i'), Key::plain(Code::Tab)],
        Write,
        "write",
    ),
    bind(Members, &[Key::char('?')], Action::Help, "these keys"),
    // lists under a field
    bind(
        List,
        &[Key::plain(Code::Down), Key::ctrl('n')],
        Down,
        "next",
    ),
    bind(
        List,
        &[Key::plain(Code::Up), Key::ctrl('p')],
        Up,
        "previous",
    ),
    bind(List, &[Key::plain(Code::PageDown)], PageDown, "ten on"),
    bind(List, &[Key::plain(Code::PageUp)], PageUp, "ten back"),
    bind(List, &[Key::plain(Code::Enter)], Choose, "take it"),
    bind(
        List,
        &[Key::plain(Code::Esc), Key::ctrl('k')],
        Close,
        "close",
    ),
    // sessions
    bind(
        Context::Sessions,
        &[Key::plain(Code::Down), Key::char('j')],
        Down,
        "next",
    ),
    bind(
        Context::Sessions,
        &[Key::plain(Code::Up), Key::char('k')],
        Up,
        "previous",
    ),
    bind(
        Context::Sessions,
        &[Key::char('x'), Key::plain(Code::Delete)],
        End,
        "end this session",
    ),
    bind(Context::Sessions, &[Key::plain(Code::Esc)], Close, "close"),
    // forms
    bind(Form, &[Key::plain(Code::Enter)], Submit, "do it"),
    bind(
        Form,
        &[Key::plain(Code::Tab), Key::plain(Code::Down)],
        NextField,
        "next field",
    ),
    bind(
        Form,
        &[Key::plain(Code::BackTab), Key::plain(Code::Up)],
        PreviousField,
        "previous field",
    ),
    bind(Form, &[Key::char(' ')], Toggle, "on or off"),
    bind(Form, &[Key::plain(Code::Esc)], Close, "close"),
    // questions
    bind(Confirm, &[Key::char('y')], Yes, "yes"),
    bind(Confirm, &[Key::char('n'), Key::plain(Code::Esc)], No, "no"),
    // help
    bind(
        Context::Help,
        &[Key::plain(Code::Down), Key::char('j')],
        Down,
        "down",
    ),
    bind(
        Context::Help,
        &[Key::plain(Code::Up), Key::char('k')],
        Up,
        "up",
    ),
    bind(
        Context::Help,
        &[Key::plain(Code::PageDown), Key::char(' ')],
        PageDown,
        "a page down",
    ),
    bind(
        Context::Help,
        &[Key::plain(Code::PageUp)],
        PageUp,
        "a page up",
    ),
    bind(
        Context::Help,
        &[Key::plain(Code::Esc), Key::char('?'), Key::char('q')],
        Close,
        "close",
    ),
];

/// What the switcher offers besides rooms and people, in its words.
pub static COMMANDS: &[(Action, &str)] = &[
    (Directory, "join a room"),
    (CreateRoom, "create a room"),
    (WriteTo, "write to somebody"),
    (NextUnread, "next unread room"),
    (Search, "search messages"),
    (ToggleMembers, "members of this room"),
    (AddMember, "add somebody to this room"),
    (ChangeRoom, "change this room's name and topic"),
    (LeaveRoom, "leave this room"),
    (DeleteRoom, "delete this room"),
    (ChangeName, "change your name"),
    (Action::Sessions, "where you are signed in"),
    (Reconnect, "connect now"),
    (SignOut, "sign out"),
    (Action::Help, "help"),
    (Quit, "quit"),
];
