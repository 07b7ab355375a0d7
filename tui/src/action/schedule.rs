//! What is to be done later: sending a message, being reminded of one.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use erc_client_core::{
    SafeText,
    protocol::{
        RoomId,
        schedule::{ScheduledKind, ScheduledState},
    },
    view::{MessageView, ScheduledView},
};

use super::{compose, forms::text, rooms};
use crate::{
    command::{Command, SCHEDULE, Unsent},
    state::{
        Effect, Focus, Loadable, Overlay, State,
        composer::Purpose as Writing,
        overlay::{Form, FormPurpose},
        picker::{Pick, Picker, Purpose},
    },
};

/// What stands for a broken line in a field of one line.
const BREAK: &str = " ⏎ ";

/// Lists what is to come.
pub(super) fn list(state: &mut State) {
    if let Some(chat) = state.chat_mut() {
        let picker = Picker::new(Purpose::Scheduled, Loadable::Loading);
        chat.overlay = Some(Overlay::Picker(picker));
    }
    state.ask(Command::Scheduled);
}

/// The list changed: it is read again if it is on the screen.
pub(super) fn reload(state: &mut State) {
    let is_shown = state.chat().is_some_and(
        |chat| matches!(&chat.overlay, Some(Overlay::Picker(o)) if o.purpose == Purpose::Scheduled),
    );
    if is_shown {
        state.ask(Command::Scheduled);
    }
}

/// Puts the word before what is being written: the time is typed behind it.
pub(super) fn later(state: &mut State) {
    let hint = "when? 9:00, tomorrow 18:30, in 2h; then Enter";
    begin_with(state, SCHEDULE, hint);
}

/// Puts a word before what is being written, and the cursor behind it.
pub(super) fn begin_with(state: &mut State, begin: &str, hint: &str) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = chat.open.as_mut() else {
        return chat.say("no room is open");
    };
    if matches!(open.composer.purpose, Writing::Edit { .. }) {
        return chat.say("the message is sent already");
    }
    chat.focus = Focus::Composer;
    let input = &mut open.composer.input;
    let text = input.text();
    if !text.starts_with(begin) {
        let gap = if text.is_empty() { "" } else { " " };
        input.set(&format!("{begin}{gap}{text}"));
        for _ in 0..=text.matches('\n').count() {
            input.key(KeyEvent::new(KeyCode::Up, KeyModifiers::NONE));
        }
        input.key(KeyEvent::new(KeyCode::Home, KeyModifiers::NONE));
        for _ in begin.chars() {
            input.key(KeyEvent::new(KeyCode::Right, KeyModifiers::NONE));
        }
    }
    chat.say(hint);
    compose::changed(state);
}

/// Asks when, about a message.
pub(super) fn remind(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(id) = message.message_id.filter(|_| !message.deleted) else {
        return chat.say("there is nothing to be reminded of");
    };
    let fields = vec![
        text("When: 9:00, tomorrow 18:30, in 2h", ""),
        text("Note, for yourself", ""),
    ];
    let purpose = FormPurpose::Remind { message: id };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

/// Changes a message that waits; goes to what a reminder is about.
pub(super) fn choose(state: &mut State, what: &ScheduledView) {
    let Some(chat) = state.chat_mut() else { return };
    if what.kind == ScheduledKind::Reminder {
        if what.state == ScheduledState::Due {
            let id = what.client_id;
            state.ask(Command::CancelScheduled { id });
        }
        return go_to(state, what);
    }
    let fields = vec![
        text("When: 9:00, in 2h; empty: it stays", ""),
        text("Text", &what.text.as_str().replace('\n', BREAK)),
    ];
    let purpose = FormPurpose::Reschedule { id: what.client_id };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

/// A text of one line with its lines broken again.
pub(super) fn lines(typed: &str) -> String {
    typed.replace(BREAK, "\n")
}

fn go_to(state: &mut State, what: &ScheduledView) {
    let room = what.room_id;
    match what.about_seq {
        Some(seq) => state.ask(Command::FindPlace { room, seq }),
        None => rooms::open(state, room),
    }
}

/// Cancels what is selected in the list. False if the list is another.
pub(super) fn cancel(state: &mut State) -> bool {
    let Some(Overlay::Picker(picker)) = state.chat().and_then(|chat| chat.overlay.as_ref()) else {
        return false;
    };
    let shown = picker.shown();
    let Some(Pick::Scheduled(what)) = shown.get(picker.selected).map(|entry| &entry.pick) else {
        return false;
    };
    let id = what.client_id;
    state.ask(Command::CancelScheduled { id });
    true
}

/// A reminder rings, or a message could not be sent when its time came.
pub(super) fn has_come(state: &mut State, what: &ScheduledView) {
    let Some(chat) = state.chat_mut() else { return };
    if let Some(reason) = &what.error {
        chat.complain(format!("not sent in {}: {reason}: T lists it", what.room));
    } else {
        let about = what.about.clone().unwrap_or_default();
        let words = match what.text.as_str() {
            "" => about.as_str(),
            note => note,
        };
        chat.say(format!("reminder: {words} ({}): T lists it", what.room));
    }
    if !chat.is_quiet() {
        state.effect(Effect::Bell);
    }
    reload(state);
}

/// The server has it, or its text comes back.
pub(super) fn kept(state: &mut State, room: RoomId, result: Result<(), Unsent>) {
    let is_kept = result.is_ok();
    super::answer::sent(state, room, None, result.map(|()| None));
    if let Some(chat) = state.chat_mut().filter(|_| is_kept) {
        chat.say(SafeText::line("kept until its time: T lists what is to come").as_str());
    }
}
