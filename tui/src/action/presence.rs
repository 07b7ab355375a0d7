//! How present one is: away without a key for long, and what one says and decides oneself.

use erc_client_core::{
    protocol::{
        PresenceState,
        api::users::{SetPresenceRequest, SetStatus},
        presence::PresenceChoice,
        reaction,
    },
    when,
};

use super::forms;
use crate::{
    command::Command,
    state::{
        Chat, Overlay, State,
        overlay::{Form, FormPurpose},
    },
};

/// There was no key for long.
pub(super) fn away(state: &mut State) {
    if !state.idle && state.focused {
        state.idle = true;
        state.ask(Command::SetActive(false));
    }
}

/// Somebody is at the keyboard.
pub(super) fn back(state: &mut State) {
    if state.idle {
        state.idle = false;
        state.ask(Command::SetActive(true));
    }
}

const COMMANDS: [&str; 5] = ["/status", "/away", "/dnd", "/invisible", "/online"];

/// Whether a text is one of the commands.
pub(super) fn is_command(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    COMMANDS.contains(&word)
}

/// What a command asks for: `/status 1h 📅 in a meeting`, `/dnd 2h`, `/away`, `/online`.
pub(super) fn said(text: &str) -> Result<Command, String> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let state = match word {
        "/status" => return Ok(set(status(rest)?)),
        "/away" => PresenceState::Idle,
        "/dnd" => PresenceState::DoNotDisturb,
        "/invisible" => PresenceState::Offline,
        _ => PresenceState::Online,
    };
    let chooses = matches!(state, PresenceState::DoNotDisturb | PresenceState::Offline);
    let state_for_s = match rest {
        "" => None,
        _ if !chooses => return Err(format!("{word} takes nothing behind it")),
        _ => Some(whole(rest)?),
    };
    Ok(set(SetPresenceRequest {
        state: Some(state),
        state_for_s,
        ..SetPresenceRequest::default()
    }))
}

fn set(request: SetPresenceRequest) -> Command {
    Command::SetPresence(Box::new(request))
}

/// How long it stands if that comes first, an emoji if that comes next, then the text.
fn status(typed: &str) -> Result<SetPresenceRequest, String> {
    let (for_s, rest) = match when::length(typed) {
        Some((seconds, rest)) => (Some(seconds), rest),
        None => (None, typed),
    };
    let (first, behind) = rest.split_once(' ').unwrap_or((rest, ""));
    let (emoji, text) = match reaction::canonical(first) {
        Some(emoji) => (Some(emoji.to_owned()), behind),
        None => (None, rest),
    };
    if for_s.is_some() && emoji.is_none() && text.is_empty() {
        return Err("write what you say behind how long it stands".to_owned());
    }
    Ok(SetPresenceRequest {
        status: Some(SetStatus {
            text: text.to_owned(),
            emoji,
            for_s,
        }),
        ..SetPresenceRequest::default()
    })
}

fn whole(typed: &str) -> Result<u32, String> {
    match when::length(typed) {
        Some((seconds, "")) => Ok(seconds),
        _ => Err("how long? For example: 30m, 2h, 1d".to_owned()),
    }
}

/// Asks for all of it at once.
pub(super) fn ask(chat: &mut Chat) {
    let mine = chat.mine.as_ref();
    let said = mine.and_then(|mine| mine.status.as_ref());
    let text = said.map_or("", |said| said.text.as_str());
    let emoji = said.and_then(|said| said.emoji.as_ref());
    let choice = mine.map_or(PresenceChoice::Automatic, |mine| mine.choice);
    let hides = mine.is_some_and(|mine| mine.hides_last_seen);
    let fields = vec![
        forms::text("What you say of yourself: in a meeting", text),
        forms::text("Emoji", emoji.map_or("", |emoji| emoji.as_str())),
        forms::text("For how long: 1h, 2d; empty: until you take it back", ""),
        forms::switched(
            "Do not disturb: nothing rings",
            choice == PresenceChoice::DoNotDisturb,
        ),
        forms::switched(
            "Invisible: you look offline",
            choice == PresenceChoice::Invisible,
        ),
        forms::text("For how long: 1h, 2d; empty: until you lift it", ""),
        forms::switched("Tell nobody when you were last here", hides),
    ];
    let purpose = FormPurpose::Status { choice };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

/// What the form asks for; `choice` is what held before.
pub(super) fn request(choice: PresenceChoice, form: &Form) -> Result<Command, String> {
    let length = |field| match form.text(field).trim() {
        "" => Ok(None),
        typed => whole(typed).map(Some),
    };
    let wanted = match (form.is_on(3), form.is_on(4)) {
        (true, true) => return Err("either do not disturb or invisible".to_owned()),
        (true, false) => PresenceState::DoNotDisturb,
        (false, true) => PresenceState::Offline,
        (false, false) => PresenceState::Online,
    };
    let chooses = wanted != PresenceState::Online;
    let is_lifted = !chooses && choice != PresenceChoice::Automatic;
    Ok(set(SetPresenceRequest {
        state: (chooses || is_lifted).then_some(wanted),
        state_for_s: length(5)?.filter(|_| chooses),
        status: Some(SetStatus {
            text: form.text(0).trim().to_owned(),
            emoji: Some(form.text(1).trim().to_owned()),
            for_s: length(2)?,
        }),
        hides_last_seen: Some(form.is_on(6)),
    }))
}
