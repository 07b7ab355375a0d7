//! A room, or everything about oneself, into a file.

use erc_client_core::{
    SafeText,
    export::{ExportFormat, ExportProgress, Exported},
};

use super::forms::{answered, switched, text};
use crate::{
    command::{Command, Failure},
    state::{
        Chat, Overlay, State,
        overlay::{Form, FormPurpose},
    },
};

const REPLACE: &str = "Replace a file that is there";

/// Asks how the open room is to be written, and where to.
pub(super) fn room(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(room) = chat.open_summary().map(|room| room.id) else {
        return chat.say("no room is open");
    };
    let fields = vec![
        text("Format: html, markdown or json", "html"),
        text("File; empty: one called as the room, in your folder", ""),
        switched(REPLACE, false),
    ];
    let purpose = FormPurpose::ExportRoom { room };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

/// Asks where everything about oneself is to go.
pub(super) fn me(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let fields = vec![
        text("File; empty: one called as you, in your folder", ""),
        switched(REPLACE, false),
    ];
    chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::ExportMe, fields)));
}

/// What the form asks for.
pub(super) fn request(form: &Form) -> Result<Command, String> {
    match form.purpose {
        FormPurpose::ExportRoom { room } => Ok(Command::ExportRoom {
            room,
            format: form.text(0).parse::<ExportFormat>()?,
            path: form.text(1),
            force: form.is_on(2),
        }),
        _ => Ok(Command::ExportMe {
            path: form.text(0),
            force: form.is_on(1),
        }),
    }
}

/// How far it is.
pub(super) fn hear(chat: &mut Chat, progress: ExportProgress) {
    if let Some(Overlay::Form(form)) = &mut chat.overlay
        && is_export(form)
    {
        form.progress = form.busy.then_some(progress);
    }
}

/// Whether a form that is closed leaves something to be stopped.
pub(super) fn runs(form: &Form) -> bool {
    form.busy && is_export(form)
}

fn is_export(form: &Form) -> bool {
    matches!(
        form.purpose,
        FormPurpose::ExportRoom { .. } | FormPurpose::ExportMe
    )
}

/// It is written, or why not.
pub(super) fn done(chat: &mut Chat, result: Result<Exported, Failure>) {
    match result {
        Ok(done) => {
            answered(chat, None);
            let path = done.path.unwrap_or_default();
            let missing: i64 = done.missing.iter().map(|gap| gap.to - gap.from + 1).sum();
            if done.from_server {
                chat.say(format!("written: {path}"));
            } else {
                chat.complain(format!(
                    "written from this machine alone, {missing} messages are missing: {path}"
                ));
            }
        }
        Err(reason) => {
            if let Some(Overlay::Form(form)) = &mut chat.overlay {
                form.progress = None;
            }
            if !answered(chat, Some(reason.clone())) {
                chat.complain(SafeText::line(reason.as_str()).as_str());
            }
        }
    }
}
