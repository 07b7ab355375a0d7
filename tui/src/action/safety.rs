//! Keeping people off, and giving up one's account.

use erc_client_core::{
    protocol::{UserId, auth::ErasedMessages, validate},
    view::MessageView,
};

use super::forms::{switch, text};
use crate::{
    command::{Command, Secret},
    state::{
        Chat, Input, Loadable, Overlay, State,
        overlay::{FieldKind, Form, FormField, FormPurpose},
        picker::{Pick, Picker, Purpose},
    },
};

/// What has to be typed before an account is erased.
const SURE: &str = "erase";

/// Asks why somebody is blocked, for oneself; who is blocked is so no longer, at once.
pub(super) fn block(state: &mut State, user: UserId, is_blocked: bool) {
    let Some(chat) = state.chat_mut() else { return };
    if user == chat.me.id {
        return chat.say("that is you");
    }
    if is_blocked {
        return state.ask(Command::Unblock { user });
    }
    let field = text("They can't write to you, call you; why, for yourself", "");
    let purpose = FormPurpose::Block { user };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, vec![field])));
}

/// The same of whoever wrote a message.
pub(super) fn block_sender(state: &mut State, message: &MessageView) {
    block(state, message.sender_id, message.blocked);
}

/// Lists whom one blocks.
pub(super) fn blocks(state: &mut State) {
    if let Some(chat) = state.chat_mut() {
        let picker = Picker::new(Purpose::Blocks, Loadable::Loading);
        chat.overlay = Some(Overlay::Picker(picker));
    }
    state.ask(Command::Blocks);
}

/// The list changed: it is read again if it is on the screen.
pub(super) fn reload(state: &mut State) {
    let is_shown = state.chat().is_some_and(
        |chat| matches!(&chat.overlay, Some(Overlay::Picker(o)) if o.purpose == Purpose::Blocks),
    );
    if is_shown {
        state.ask(Command::Blocks);
    }
}

/// Takes back the block that is selected in the list. False if the list is another.
pub(super) fn unblock_selected(state: &mut State) -> bool {
    let Some(Overlay::Picker(picker)) = state.chat().and_then(|chat| chat.overlay.as_ref()) else {
        return false;
    };
    let shown = picker.shown();
    let Some(Pick::Blocked(user)) = shown.get(picker.selected).map(|entry| &entry.pick) else {
        return false;
    };
    let user = *user;
    state.ask(Command::Unblock { user });
    true
}

fn password() -> FormField {
    FormField {
        label: "Your password",
        kind: FieldKind::Text(Box::new(Input::secret())),
    }
}

/// Asks whether the account shall rest.
pub(super) fn deactivate(chat: &mut Chat) {
    chat.overlay = Some(Overlay::Form(Form::new(
        FormPurpose::Deactivate,
        vec![password()],
    )));
}

/// Asks whether nothing of the account shall be left.
pub(super) fn erase(chat: &mut Chat) {
    let fields = vec![
        password(),
        text("There is no way back. Type erase to go on", ""),
        switch("Delete all that I wrote; else it stays, nameless"),
    ];
    chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::Erase, fields)));
}

/// What a form of these asks for, or why it can't.
pub(super) fn request(form: &Form) -> Result<Command, String> {
    match form.purpose {
        FormPurpose::Block { user } => Ok(Command::Block {
            user,
            reason: validate::reason(&form.text(0))?,
        }),
        FormPurpose::Deactivate => Ok(Command::Deactivate {
            password: Secret(form.text(0)),
        }),
        _ if form.text(1).trim() != SURE => Err("type erase if you mean it".to_owned()),
        _ => Ok(Command::Erase {
            password: Secret(form.text(0)),
            messages: if form.is_on(2) {
                ErasedMessages::Remove
            } else {
                ErasedMessages::Keep
            },
        }),
    }
}
