//! What a room, or the server, doesn't take.

use erc_client_core::{
    SafeText,
    protocol::{
        FilterId, RoomId,
        filter::{FilterAction, FilterKind},
        role::UnknownWord,
        validate,
    },
    view::FilterView,
};

use super::forms::text;
use crate::{
    command::Command,
    state::{
        Loadable, Overlay, State,
        overlay::{Form, FormPurpose},
        picker::{Entry, Pick, Picker, Purpose},
    },
};

/// Lists filters of the open room, or of the server.
pub(super) fn list(state: &mut State, of_room: bool) {
    let open = state.chat().and_then(|chat| chat.open.as_ref());
    let room = open.map(|open| open.id).filter(|_| of_room);
    let Some(chat) = state.chat_mut() else { return };
    if of_room && room.is_none() {
        return chat.say("no room is open");
    }
    let picker = Picker::new(Purpose::Filters(room), Loadable::Loading);
    chat.overlay = Some(Overlay::Picker(picker));
    state.ask(Command::Filters { room });
}

/// The list as it is shown: first the way to another one.
pub(crate) fn entries(room: Option<RoomId>, filters: Vec<FilterView>) -> Vec<Entry> {
    let add = Entry {
        label: SafeText::line("add a filter"),
        hint: SafeText::default(),
        at: None,
        pick: Pick::AddFilter(room),
    };
    let shown = filters.into_iter().map(move |filter| {
        let kind = match filter.kind {
            FilterKind::Words => "words",
            FilterKind::Pattern => "pattern",
        };
        let action = match filter.action {
            FilterAction::Refuse => "refused",
            FilterAction::Mask => "masked",
            FilterAction::Flag => "told to moderators",
        };
        Entry {
            label: filter.text,
            hint: SafeText::line(&format!("{kind}, {action}, by {}", filter.by)),
            at: None,
            pick: Pick::Filter(room, filter.id),
        }
    });
    [add].into_iter().chain(shown).collect()
}

/// Asks for another filter.
pub(super) fn add(state: &mut State, room: Option<RoomId>) {
    let fields = vec![
        text("Words, or a pattern (a regular expression)", ""),
        text("words or pattern", "words"),
        text(
            "refuse, mask (asterisks), or flag (moderators are told)",
            "refuse",
        ),
    ];
    let purpose = FormPurpose::AddFilter { room };
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
    }
}

/// What the form asks for, or why it can't.
pub(super) fn request(form: &Form, room: Option<RoomId>) -> Result<Command, String> {
    let wrong = |e: UnknownWord| e.to_string();
    Ok(Command::AddFilter {
        room,
        text: validate::filter(&form.text(0))?,
        kind: form.text(1).trim().parse().map_err(wrong)?,
        action: form.text(2).trim().parse().map_err(wrong)?,
    })
}

/// Takes the filter away that is selected in the list. False if the list is another.
pub(super) fn remove_selected(state: &mut State) -> bool {
    let Some((room, id)) = selected(state) else {
        return false;
    };
    state.ask(Command::RemoveFilter { room, id });
    true
}

fn selected(state: &State) -> Option<(Option<RoomId>, FilterId)> {
    let Some(Overlay::Picker(picker)) = &state.chat()?.overlay else {
        return None;
    };
    match picker.shown().get(picker.selected)?.pick {
        Pick::Filter(room, id) => Some((room, id)),
        _ => None,
    }
}
