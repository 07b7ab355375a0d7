//! The community's own emoji: listed, added, taken away.

use std::path::PathBuf;

use erc_client_core::{
    SafeText,
    emoji::Custom,
    protocol::emoji as names,
    view::{EmojiList, EmojiView},
};

use super::forms::text;
use crate::{
    command::{Command, Failure},
    state::{
        Loadable, Overlay, State,
        overlay::{Confirm, Doubt, Form, FormPurpose},
        picker::{Entry, Pick, Picker, Purpose},
    },
};

/// What a command about emoji begins with; alone it lists them.
const WORD: &str = "/emoji ";
const HOW: &str = "/emoji add NAME FILE, /emoji remove NAME, or /emoji to list them";
const NOT_YOU: &str = "only moderators of the server add emoji and take them away";

/// Their names, for choosing among them.
pub(super) fn custom(list: &EmojiList) -> Custom {
    let all = list.emoji.iter();
    all.map(|one| (one.name.as_str().to_owned(), one.id))
        .collect()
}

/// What is there now.
pub(super) fn known(state: &mut State, result: Result<EmojiList, Failure>) {
    let Some(chat) = state.chat_mut() else { return };
    match result {
        Ok(list) => chat.emoji = list,
        Err(reason) => return chat.complain(reason.as_str()),
    }
    if let Some(Overlay::Picker(picker)) = &mut chat.overlay
        && picker.purpose == Purpose::Emoji
    {
        picker.entries = Loadable::Ready(entries(&chat.emoji));
        let count = picker.shown().len();
        picker.selected = picker.selected.min(count.saturating_sub(1));
    }
}

/// Lists them, as they are known to be; what one may do about them is read again.
pub(super) fn list(state: &mut State) {
    if let Some(chat) = state.chat_mut() {
        let entries = Loadable::Ready(entries(&chat.emoji));
        chat.overlay = Some(Overlay::Picker(Picker::new(Purpose::Emoji, entries)));
    }
    state.ask(Command::LoadEmoji);
}

/// For who may, first the way to another one.
fn entries(list: &EmojiList) -> Vec<Entry> {
    let add = list.can_manage.then(|| Entry {
        label: SafeText::line("add an emoji"),
        hint: SafeText::default(),
        at: None,
        pick: Pick::AddEmoji,
    });
    let shown = list.emoji.iter().map(|one| Entry {
        label: SafeText::line(&names::code(one.name.as_str())),
        hint: about(one),
        at: None,
        pick: Pick::CustomEmoji(one.id),
    });
    add.into_iter().chain(shown).collect()
}

fn about(one: &EmojiView) -> SafeText {
    let moves = if one.is_animated { ", moves" } else { "" };
    let by = match &one.by {
        Some(name) => format!("by {name}"),
        None => "from the shell".to_owned(),
    };
    let kib = (one.size + 1_023) / 1_024;
    SafeText::line(&format!(
        "{by}, {}×{}{moves}, {kib} KiB",
        one.width, one.height
    ))
}

/// Whether a text is a command about emoji.
pub(super) fn is_command(text: &str) -> bool {
    text.starts_with(WORD)
}

/// Carries out what was typed; a sentence if it can't.
pub(super) fn typed(state: &mut State, text: &str) -> Result<(), String> {
    let words = text.strip_prefix(WORD).unwrap_or_default().trim();
    let (what, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let rest = rest.trim();
    let Some(chat) = state.chat() else {
        return Ok(());
    };
    match (what, rest) {
        ("", _) => list(state),
        ("add", "") => add(state),
        ("add", rest) => {
            let (name, path) = rest.split_once(char::is_whitespace).ok_or(HOW)?;
            let command = command(name, path)?;
            state.ask(command);
        }
        ("remove", name) => {
            let name = name.trim_matches(':');
            let found = chat.emoji.emoji.iter();
            let found = found.into_iter().find(|one| one.name.as_str() == name);
            let one = found
                .cloned()
                .ok_or_else(|| format!("there is no :{name}:"))?;
            ask_to_remove(state, &one);
        }
        _ => return Err(HOW.to_owned()),
    }
    Ok(())
}

fn command(name: &str, path: &str) -> Result<Command, String> {
    let path = path.trim().trim_matches('"');
    if path.is_empty() {
        return Err("name the file of the picture".to_owned());
    }
    Ok(Command::AddEmoji {
        name: names::new_name(name)?,
        path: PathBuf::from(path),
    })
}

/// Asks for another one.
pub(super) fn add(state: &mut State) {
    let fields = vec![
        text("Name: small letters, digits and _", ""),
        text("File: PNG, GIF or WebP, at most 256 KiB and 512×512", ""),
    ];
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::AddEmoji, fields)));
    }
}

/// What the form asks for, or why it can't.
pub(super) fn request(form: &Form) -> Result<Command, String> {
    command(&form.text(0), &form.text(1))
}

/// Asks whether the one that is selected in the list is to go. False if the list is another.
pub(super) fn remove_selected(state: &mut State) -> bool {
    let Some(chat) = state.chat_mut() else {
        return false;
    };
    let Some(Overlay::Picker(picker)) = &chat.overlay else {
        return false;
    };
    let Some(Pick::CustomEmoji(id)) = picker.shown().get(picker.selected).map(|one| &one.pick)
    else {
        return false;
    };
    let found = chat.emoji.emoji.iter().find(|one| one.id == *id);
    match found.cloned() {
        Some(one) if chat.emoji.can_manage => ask_to_remove(state, &one),
        Some(_) => chat.say(NOT_YOU),
        None => {}
    }
    true
}

fn ask_to_remove(state: &mut State, one: &EmojiView) {
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Confirm(Confirm {
            what: Doubt::RemoveEmoji(one.id),
            question: "Take this emoji away? What was written with it stays, as text.",
            about: SafeText::line(&names::code(one.name.as_str())),
            yes: "take it away",
        }));
    }
}
