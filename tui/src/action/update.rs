//! What changed by itself: messages, rooms, members, the connection.

use erc_client_core::{
    SafeText,
    protocol::{MessageId, RoomId, attention::Why},
    view::{Connection, Update},
};

use super::{draft, picker, reports, safety, schedule, threads};
use crate::{
    command::Command,
    state::{Effect, OpenRoom, State},
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
        Update::Arrived {
            room_id,
            thread_id,
            rings,
            ..
        } => arrived(state, (room_id, thread_id), rings),
        Update::Draft(room) => draft::changed_elsewhere(state, room),
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
        Update::Raid { until } => reports::raid(state, until),
        Update::Reports(waiting) => reports::counted(state, waiting),
        Update::ReportClosed { .. } => chat.say("those who moderate have closed your report"),
        Update::Scheduled => schedule::reload(state),
        Update::MyPresence => state.ask(Command::LoadPresence),
        Update::Threads => threads::reload(state),
        // Read when it is asked for.
        Update::Attention => {}
        Update::TimeHasCome(what) => schedule::has_come(state, &what),
        Update::Everything => {
            safety::reload(state);
            if let Some(room) = open {
                draft::changed_elsewhere(state, room);
            }
            state.ask(Command::LoadModeration);
            state.ask(Command::LoadEmoji);
            let Some(chat) = state.chat_mut() else { return };
            chat.wants.rooms = true;
            chat.wants.timeline = open.is_some();
            chat.wants.members = open.is_some();
        }
    }
}

/// Rings where nobody looks.
fn arrived(state: &mut State, place: (RoomId, Option<MessageId>), rings: Option<Why>) {
    let focused = state.focused;
    let Some(chat) = state.chat() else { return };
    let is_it = |open: &OpenRoom| (open.id, open.thread) == place;
    let seen = focused && chat.open.as_ref().is_some_and(is_it);
    if rings.is_some() && !seen {
        state.effect(Effect::Bell);
    }
}
