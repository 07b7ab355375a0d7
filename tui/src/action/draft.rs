//! What stands in the composer, as it comes from disk and from other devices.

use erc_client_core::{
    protocol::{ClientId, MessageId, RoomId},
    view::{DraftView, Quote},
};

use super::compose;
use crate::{
    command::{Command, Failure},
    keymap::Action,
    state::{
        Chat, Focus, Loadable, OpenRoom, Overlay, State,
        composer::{Composer, Purpose as Writing},
        picker::{Entry, Pick, Picker, Purpose},
    },
};

/// What was left in a composer that is being opened. What was typed ahead meanwhile stands behind it.
pub(super) fn left(composer: &mut Composer, draft: DraftView) {
    let ahead = composer.input.text();
    if !draft.text.is_empty() {
        composer.input.set(&format!("{}{ahead}", draft.text));
        composer.input.take_changed();
        composer.unsaved = !ahead.is_empty();
    }
    if draft.reply.is_some() && composer.purpose == Writing::New {
        composer.purpose = purpose(draft.reply);
    }
    composer.base = draft.version;
    composer.aside = draft.aside;
    composer.refused = draft.refused;
}

/// Another device changed a draft of this room: it is read again if one is on the screen.
pub(super) fn changed_elsewhere(state: &mut State, room: RoomId) {
    let open = state.chat().and_then(|chat| chat.open.as_ref());
    if let Some(open) = open.filter(|open| open.id == room) {
        let thread = open.thread;
        state.ask(Command::LoadDraft { room, thread });
    }
}

/// What the draft is called that was saved.
pub(super) fn saved(
    chat: &mut Chat,
    (room, thread): (RoomId, Option<MessageId>),
    version: Option<ClientId>,
) {
    let here = |open: &&mut OpenRoom| open.id == room && open.thread == thread;
    if let Some(open) = chat.open.as_mut().filter(here) {
        open.composer.base = version;
    }
}

/// As it is now. It is shown unless somebody is writing here: then later.
pub(super) fn read(
    chat: &mut Chat,
    (room, thread): (RoomId, Option<MessageId>),
    result: Result<DraftView, Failure>,
) {
    let here = |open: &&mut OpenRoom| open.id == room && open.thread == thread;
    let Some(open) = chat.open.as_mut().filter(here) else {
        return;
    };
    match result {
        Ok(draft) => show(&mut open.composer, draft),
        Err(reason) => chat.complain(reason.as_str()),
    }
}

fn show(composer: &mut Composer, draft: DraftView) {
    let forgotten = &composer.forget;
    composer.aside = draft.aside;
    composer
        .aside
        .retain(|text| !forgotten.contains(&text.version));
    composer.refused = draft.refused;
    let is_shown = composer.draft() == draft.text;
    let is_free = !composer.busy && !composer.unsaved && !composer.is_editing();
    composer.behind = !is_shown && !is_free;
    if is_shown {
        composer.base = draft.version;
    }
    if composer.behind || composer.is_editing() {
        return;
    }
    if !is_shown {
        composer.input.set(&draft.text);
        composer.input.take_changed();
        composer.completing = None;
        composer.base = draft.version;
    }
    if is_free {
        composer.purpose = purpose(draft.reply);
    }
}

/// What a text that was left will do.
fn purpose(reply: Option<Quote>) -> Writing {
    match reply {
        Some(quote) => Writing::Reply {
            to: quote.message_id,
            sender: quote.sender,
            text: quote.text,
        },
        None => Writing::New,
    }
}

/// Nobody has typed for a while: what other devices wrote may be shown.
pub(super) fn rest(state: &mut State) {
    let Some(open) = state.chat_mut().and_then(|chat| chat.open.as_mut()) else {
        return;
    };
    open.composer.busy = false;
    if std::mem::take(&mut open.composer.behind) {
        let (room, thread) = (open.id, open.thread);
        state.ask(Command::LoadDraft { room, thread });
    }
}

/// Lists what other devices had written here.
pub(super) fn list_aside(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = &chat.open else {
        return chat.say("no room is open");
    };
    if open.composer.aside.is_empty() {
        return chat.say("no other device wrote anything else here");
    }
    let entries = open.composer.aside.iter().map(|text| Entry {
        label: text.text.clone(),
        hint: erc_client_core::SafeText::default(),
        at: Some(text.at),
        pick: Pick::Aside(text.clone()),
    });
    let entries = Loadable::Ready(entries.collect());
    let picker = Picker::new(Purpose::Aside(open.id), entries);
    chat.overlay = Some(Overlay::Picker(picker));
}

/// Takes the selected text into the composer, or only forgets it. False if the list is another.
pub(super) fn about_aside(state: &mut State, action: Action) -> bool {
    let Some(Overlay::Picker(picker)) = state.chat().and_then(|chat| chat.overlay.as_ref()) else {
        return false;
    };
    let shown = picker.shown();
    let Some(Pick::Aside(text)) = shown.get(picker.selected).map(|entry| entry.pick.clone()) else {
        return false;
    };
    let Some(chat) = state.chat_mut() else {
        return false;
    };
    chat.overlay = None;
    let Some(open) = chat.open.as_mut() else {
        return true;
    };
    let composer = &mut open.composer;
    composer.aside.retain(|one| one.version != text.version);
    composer.forget.push(text.version);
    composer.unsaved = true;
    if action == Action::Choose {
        composer.abandon();
        let written = composer.input.text();
        let gap = if written.is_empty() { "" } else { "\n" };
        composer.input.set(&format!("{written}{gap}{}", text.text));
        chat.focus = Focus::Composer;
        compose::changed(state);
    }
    compose::save_draft(state);
    true
}
