//! Figures of the room or of the server, on one screen.

use erc_client_core::{
    SafeText,
    protocol::{Capability, RoomKind, ServerRole},
    view::AnalyticsView,
};

use crate::{
    command::{Command, Failure},
    keymap::Action,
    state::{
        Chat, Loadable, Overlay, State,
        overlay::{Figures, RANGES},
    },
};

/// Shows the figures of the open room.
pub(super) fn of_room(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(room) = chat.open_summary() else {
        return chat.say("no room is open");
    };
    if room.kind == RoomKind::Direct || !room.can.contains(&Capability::Moderate) {
        return chat.say("only moderators see the figures of a room");
    }
    let figures = Figures {
        room: Some(room.id),
        title: room.name.clone(),
        range: 1,
        seen: Loadable::Loading,
        scroll: 0,
    };
    open(state, figures);
}

/// Shows the figures of the whole server.
pub(super) fn of_server(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    if chat.me.role < ServerRole::Admin {
        return chat.say("only admins of the server see its figures");
    }
    let figures = Figures {
        room: None,
        title: SafeText::line("this server"),
        range: 1,
        seen: Loadable::Loading,
        scroll: 0,
    };
    open(state, figures);
}

fn open(state: &mut State, figures: Figures) {
    let command = ask(&figures);
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Figures(figures));
    }
    state.ask(command);
}

fn ask(figures: &Figures) -> Command {
    Command::Analytics {
        room: figures.room,
        days: RANGES[figures.range].0,
    }
}

/// On the screen.
pub(super) fn act(state: &mut State, action: Action) -> bool {
    let Some(chat) = state.chat_mut() else {
        return false;
    };
    let Some(Overlay::Figures(figures)) = chat.overlay.as_mut() else {
        return false;
    };
    match action {
        Action::Down => figures.scroll = figures.scroll.saturating_add(1),
        Action::Up => figures.scroll = figures.scroll.saturating_sub(1),
        Action::PageDown => figures.scroll = figures.scroll.saturating_add(10),
        Action::PageUp => figures.scroll = figures.scroll.saturating_sub(10),
        Action::Longer | Action::Shorter => {
            let step = if action == Action::Longer { 1 } else { -1 };
            let range = figures.range.saturating_add_signed(step);
            let range = range.min(RANGES.len() - 1);
            if range != figures.range {
                figures.range = range;
                figures.seen = Loadable::Loading;
                figures.scroll = 0;
                let command = ask(figures);
                state.ask(command);
            }
        }
        Action::Close => chat.overlay = None,
        _ => return false,
    }
    true
}

/// What the server answered, if it is still what is looked at.
pub(super) fn answered(
    chat: &mut Chat,
    room: Option<erc_client_core::protocol::RoomId>,
    days: u32,
    result: Result<Box<AnalyticsView>, Failure>,
) {
    if let Some(Overlay::Figures(figures)) = &mut chat.overlay
        && figures.room == room
        && RANGES[figures.range].0 == days
    {
        figures.seen = result.into();
    }
}
