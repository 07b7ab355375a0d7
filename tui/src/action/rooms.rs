//! Going from room to room.

use erc_client_core::protocol::RoomId;

use super::compose;
use crate::{
    command::Command,
    state::{Focus, OpenRoom, State, room_list},
};

/// Opens a room; what was being written in the one before is kept as its draft.
pub(super) fn open(state: &mut State, room: RoomId) {
    let Some(chat) = state.chat() else { return };
    if let Some(open) = &chat.open {
        if open.id == room && open.thread.is_none() {
            if let Some(chat) = state.chat_mut() {
                chat.focus = Focus::Composer;
            }
            return;
        }
        let last = open.id;
        compose::save_draft(state);
        if last != room {
            state.ask(Command::CloseRoom { room: last });
        }
    }
    let Some(chat) = state.chat_mut() else { return };
    let unread = chat.summary(room).map_or(0, |r| r.unread);
    let open = OpenRoom::new(room, unread);
    let window = open.span.window();
    chat.open = Some(open);
    chat.focus = if chat.is_asked() {
        Focus::Timeline
    } else {
        Focus::Composer
    };
    chat.wants.timeline = false;
    chat.wants.members = true;
    state.ask(Command::OpenRoom { room, window });
}

/// The room after or before this one in the list.
pub(super) fn step(state: &mut State, step: isize) {
    let Some(chat) = state.chat() else { return };
    let from = chat.open.as_ref().map(|o| o.id);
    if let Some(room) = room_list::neighbour(chat.room_list(), from, step) {
        open(state, room);
    }
}

/// The next room with something unread.
pub(super) fn next_unread(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let from = chat.open.as_ref().map(|o| o.id);
    match room_list::next_unread(chat.room_list(), from) {
        Some(room) => open(state, room),
        None => chat.say("nothing is unread elsewhere"),
    }
}
