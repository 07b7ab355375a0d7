//! What rings: in a room, and in all of them.

use erc_client_core::{
    SafeText,
    protocol::{Level, RoomId, role::UnknownWord},
    view::AttentionView,
};

use super::forms::text;
use crate::{
    command::{Command, Failure, Hush},
    state::{
        Chat, Overlay, State,
        overlay::{Form, FormPurpose},
    },
};

/// Asks what rings in the open room.
pub(super) fn ask_in_room(chat: &mut Chat) {
    let Some(room) = chat.open_summary() else {
        chat.say("no room is open");
        return;
    };
    let hush = if room.hushed_until.is_some() {
        "Hushed. Until: 2h, tomorrow 9:00, ever; no: no longer; empty: as it is"
    } else {
        "Hush it until: 2h, tomorrow 9:00, ever; empty: not"
    };
    let fields = vec![
        text("Rings: usual, all, mentions, none", room.level.as_str()),
        text(hush, ""),
    ];
    let purpose = FormPurpose::Notify { room: room.id };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

/// What the form of a room asks for.
pub(super) fn request_in_room(room: RoomId, form: &Form) -> Result<Command, String> {
    let level = form.text(0).trim().to_lowercase();
    let level: Level = level
        .parse()
        .map_err(|_| "say usual, all, mentions or none".to_owned())?;
    let typed = form.text(1);
    let hush = match typed.trim() {
        "" => None,
        "no" => Some(Hush::No),
        "ever" | "for ever" => Some(Hush::Ever),
        until => Some(Hush::Until(until.to_owned())),
    };
    Ok(Command::Notify { room, level, hush })
}

/// As it is now: a form to change it.
pub(super) fn read(chat: &mut Chat, result: Result<AttentionView, Failure>) {
    match result {
        Ok(now) => {
            let keywords: Vec<_> = now.keywords.iter().map(SafeText::as_str).collect();
            let fields = vec![
                text(
                    "Words that ring like your name, by commas",
                    &keywords.join(", "),
                ),
                text(
                    "Quiet hours: mon-fri 22:00-7:00, sat sun 0:00-24:00; empty: none",
                    now.quiet.as_str(),
                ),
                text("Time zone of the quiet hours", now.time_zone.as_str()),
                text(
                    "Who may begin to write to you: everybody, acquainted, nobody",
                    now.who_writes.as_str(),
                ),
            ];
            chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::Attention, fields)));
        }
        Err(reason) => chat.complain(reason.as_str()),
    }
}

/// What the form of all rooms asks for.
pub(super) fn request(form: &Form) -> Result<Command, String> {
    let words = form.text(0);
    let words = words.split(',').map(str::trim);
    let wrong = |e: UnknownWord| e.to_string();
    Ok(Command::SetAttention {
        keywords: words
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        quiet: form.text(1),
        time_zone: form.text(2),
        who_writes: form.text(3).trim().parse().map_err(wrong)?,
    })
}

/// Asks how it is, for the form.
pub(super) fn ask(state: &mut State) {
    state.ask(Command::Attention);
}
