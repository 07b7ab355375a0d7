//! Requests of strangers: their list, and what one says to one that is open.

use erc_client_core::{
    SafeText,
    protocol::{RequestState, RoomId},
    view::RoomSummary,
};

use super::rooms;
use crate::{
    command::Command,
    keymap::Action,
    state::{
        Chat, Focus, Loadable, Overlay, State,
        overlay::{Confirm, Doubt},
        picker::{Entry, Pick, Picker, Purpose},
    },
};

/// Those of what was read that are requests go into their own list.
pub(super) fn part(chat: &mut Chat, mut all: Vec<RoomSummary>) {
    chat.requests = all
        .extract_if(.., |room| room.request.is_received())
        .collect();
    chat.rooms = Loadable::Ready(all);
    let entries = entries(chat);
    if let Some(Overlay::Picker(picker)) = &mut chat.overlay
        && picker.purpose == Purpose::Requests
    {
        picker.selected = picker.selected.min(entries.len().saturating_sub(1));
        picker.entries = Loadable::Ready(entries);
    }
}

fn entries(chat: &Chat) -> Vec<Entry> {
    let entry = |room: &RoomSummary| Entry {
        label: match &room.preview {
            Some(said) => SafeText::line(&format!("{}: {}", room.name, said.text)),
            None => room.name.clone(),
        },
        hint: SafeText::default(),
        at: Some(room.last_activity),
        pick: Pick::Request(room.id),
    };
    chat.requests.iter().map(entry).collect()
}

/// Lists them.
pub(super) fn list(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let entries = Loadable::Ready(entries(chat));
    chat.overlay = Some(Overlay::Picker(Picker::new(Purpose::Requests, entries)));
}

/// The request that is open.
fn asked(state: &State) -> Option<&RoomSummary> {
    let room = state.chat()?.open_summary()?;
    room.request.is_received().then_some(room)
}

/// What the keys of a request do. False if the action is none of these.
pub(super) fn act(state: &mut State, action: Action) -> bool {
    match action {
        Action::Accept => answer(state, true),
        Action::Decline => answer(state, false),
        Action::BlockAsker => block(state),
        Action::Write | Action::Reply if asked(state).is_some() => {
            if let Some(chat) = state.chat_mut() {
                chat.say("accept it first: a");
            }
        }
        _ => return false,
    }
    true
}

fn answer(state: &mut State, accept: bool) {
    let room = asked(state).map(|room| room.id);
    let Some(chat) = state.chat_mut() else { return };
    let Some(room) = room else {
        return chat.say("no request is open");
    };
    chat.say(if accept {
        "accepted: i writes"
    } else {
        "declined: they are not told"
    });
    state.ask(Command::AnswerRequest { room, accept });
}

fn block(state: &mut State) {
    let about = asked(state).and_then(|room| Some((room.peer?, room.name.clone())));
    let Some(chat) = state.chat_mut() else { return };
    let Some((user, about)) = about else {
        return chat.say("no request is open");
    };
    chat.overlay = Some(Overlay::Confirm(Confirm {
        what: Doubt::Block(user),
        question: "Block this person? Their request goes away, and they can't write to you.",
        about,
        yes: "block",
    }));
}

/// Goes into one.
pub(super) fn open(state: &mut State, room: RoomId) {
    rooms::open(state, room);
}

/// One reads a request, and does not write in it: the keys are its answers.
pub(super) fn keep_reading(chat: &mut Chat) {
    let is_asked = chat
        .open_summary()
        .is_some_and(|room| room.request == RequestState::Received);
    if is_asked && chat.focus == Focus::Composer {
        chat.focus = Focus::Timeline;
    }
}
