//! What changed by itself: messages, rooms, members, the connection.

use erc_client_core::{
    SafeText,
    protocol::{RoomId, RoomKind},
    view::{Connection, Update},
};

use super::{picker, safety, schedule, threads};
use crate::{
    command::Command,
    state::{Effect, State},
};

pub(super) fn handle(state: &mut State, update: Update) {
    let Some(chat) = state.chat_mut() else { return };
    let open = chat.open.as_ref().map(|o| o.id);
    match update {
        Update::Connection(connection) => {
            if matches!(connection, Connection::Live { .. })
                && !matches!(chat.connection, Connection::Live { .. })
                && let Some(open) = &mut chat.open
            {
                // Questions that the cut link swallowed are asked again when the hole is seen.
                open.filling.clear();
            }
            chat.connection = connection;
        }
        Update::Rooms => chat.wants.rooms = true,
        Update::Timeline(room) => {
            chat.wants.rooms = true;
            chat.wants.timeline |= open == Some(room);
            picker::changed(state, room);
        }
        Update::Members(room) => chat.wants.members |= open == Some(room),
        Update::Typing { room_id, names } => {
            if let Some(open) = chat.open.as_mut().filter(|o| o.id == room_id) {
                open.typing = names;
            }
        }
        Update::Arrived { room_id, text, .. } => arrived(state, room_id, &text),
        Update::Refused { room_id, reason } => {
            if open != Some(room_id) {
                let room = chat
                    .summary(room_id)
                    .map_or_else(SafeText::default, |r| r.name.clone());
                chat.complain(format!("not sent in {room}: {reason}"));
            }
        }
        Update::Paced { seconds, .. } => {
            chat.say(format!(
                "the server asks to wait {seconds} s; what waits is sent then"
            ));
        }
        Update::Scheduled => schedule::reload(state),
        Update::MyPresence => state.ask(Command::LoadPresence),
        Update::Threads => threads::reload(state),
        Update::TimeHasCome(what) => schedule::has_come(state, &what),
        Update::Everything => {
            safety::reload(state);
            let Some(chat) = state.chat_mut() else { return };
            chat.wants.rooms = true;
            chat.wants.timeline = open.is_some();
            chat.wants.members = open.is_some();
        }
    }
}

/// Rings for direct messages and for one's own name, where nobody looks.
fn arrived(state: &mut State, room: RoomId, text: &SafeText) {
    let focused = state.focused;
    let Some(chat) = state.chat() else { return };
    let seen = focused && chat.open.as_ref().is_some_and(|o| o.id == room);
    if seen || chat.is_quiet() {
        return;
    }
    let direct = chat
        .summary(room)
        .is_some_and(|r| r.kind == RoomKind::Direct);
    let me = format!("@{}", chat.me.username.as_str().to_lowercase());
    if direct || text.as_str().to_lowercase().contains(&me) {
        state.effect(Effect::Bell);
    }
}
