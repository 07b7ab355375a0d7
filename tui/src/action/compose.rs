//! Writing: sending, replying, editing, drafts.

use crossterm::event::KeyEvent;
use erc_client_core::{
    SafeText, ask, markdown,
    protocol::{Capability, Lifetime, limit, mention, validate},
    view::MessageView,
    when,
};

use super::{complete, emoji, palette, polls, presence};
use crate::{
    command::{Command, EXPIRE, SCHEDULE, WORDS},
    keymap::Action,
    state::{
        Chat, Focus, OpenRoom, State,
        composer::Purpose,
        overlay::{Confirm, Doubt, Overlay},
        rows,
        scroll::Place,
        why::why_not,
        window::Span,
    },
};

pub(super) fn act(state: &mut State, action: Action) -> bool {
    match action {
        Action::Send => send(state, false),
        Action::BreakLine => {
            if let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) {
                open.composer.input.break_line();
            }
            changed(state);
        }
        Action::EditLast => return edit_last(state),
        Action::StopWriting => stop(state),
        _ => return false,
    }
    true
}

/// A key that is typed.
pub(super) fn key(state: &mut State, key: KeyEvent) {
    let Some(chat) = state.chat_mut() else { return };
    let refusal = chat
        .open_summary()
        .filter(|room| !room.can_send)
        .map(why_not);
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    if let Some(refusal) = refusal {
        chat.say(refusal);
        return;
    }
    open.composer.input.key(key);
    changed(state);
}

/// Pasted text; it goes to the composer wherever the keys go. Answers what was left out.
pub(super) fn paste(state: &mut State, text: &str) -> usize {
    let Some(chat) = state.chat_mut() else {
        return 0;
    };
    let Some(open) = chat.open.as_mut() else {
        return 0;
    };
    chat.focus = Focus::Composer;
    let dropped = open.composer.input.paste(text);
    changed(state);
    dropped
}

/// After the text may have changed: the draft is to be saved, the others may see that one types.
pub(super) fn changed(state: &mut State) {
    let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) else {
        return;
    };
    if !open.composer.input.take_changed() {
        return;
    }
    open.composer.unsaved = true;
    open.composer.busy = true;
    let typing = !open.composer.input.is_empty();
    let room = open.id;
    let was = std::mem::replace(&mut open.composer.said_typing, typing);
    // client-core sends the repeats only as often as they are needed.
    if typing || was {
        state.ask(Command::SetTyping { room, typing });
    }
    complete::look(state);
}

/// Gives the draft away to be saved, if it changed.
pub(super) fn save_draft(state: &mut State) {
    let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) else {
        return;
    };
    if open.opened.is_none() {
        return;
    }
    let (room, thread) = (open.id, open.thread);
    if let Some(written) = open.composer.take_unsaved() {
        state.ask(Command::SaveDraft {
            room,
            thread,
            written,
        });
    }
}

/// Sends what was asked about before: it calls everybody.
pub(super) fn send_the_call(state: &mut State) {
    send(state, true);
}

/// What stands against sending a text that calls everybody, and whether one is to be asked first.
pub(super) fn check_call(chat: &Chat, text: &str) -> Result<bool, String> {
    let Some(room) = chat.open_summary() else {
        return Ok(false);
    };
    if mention::everybody(text).is_none() {
        return Ok(false);
    }
    if !room.can.contains(&Capability::MentionAll) {
        return Err(
            "your role here doesn't call everybody: write without @all and @here".to_owned(),
        );
    }
    if room.member_count > limit::CALLED_MEMBERS {
        return Err(format!(
            "@all and @here call at most {} members, and here are {}",
            limit::CALLED_MEMBERS,
            room.member_count
        ));
    }
    Ok(room.member_count >= limit::CALL_ASKS_MEMBERS)
}

/// Carries out a command about how present one is.
fn tell(state: &mut State, text: &str) {
    match presence::said(text) {
        Ok(command) => {
            if let Some(open) = state.chat_mut().and_then(|chat| chat.open.as_mut()) {
                open.composer.input.set("");
            }
            state.ask(command);
            changed(state);
        }
        Err(why) => {
            if let Some(chat) = state.chat_mut() {
                chat.complain(why);
            }
        }
    }
}

fn about_emoji(state: &mut State, text: &str) {
    match emoji::typed(state, text) {
        Ok(()) => {
            if let Some(open) = state.chat_mut().and_then(|chat| chat.open.as_mut()) {
                open.composer.input.set("");
            }
            changed(state);
        }
        Err(why) => {
            if let Some(chat) = state.chat_mut() {
                chat.complain(why);
            }
        }
    }
}

/// How long a message is to stay that begins with such a wish, and its text.
fn stays(text: String, purpose: &Purpose) -> Result<(Option<Lifetime>, String), String> {
    let Some(typed) = text.strip_prefix(EXPIRE) else {
        return Ok((None, text));
    };
    if matches!(purpose, Purpose::Edit { .. }) {
        return Err("how long a message stays is decided when it is sent".to_owned());
    }
    match when::lifetime(typed).map_err(|error| error.to_string())? {
        (_, rest) if rest.trim().is_empty() => {
            Err("write the text behind how long it stays".to_owned())
        }
        (lifetime, rest) => Ok((Some(lifetime), rest.to_owned())),
    }
}

/// What a text means that is a command and no message.
fn word(text: &str, purpose: &Purpose) -> Option<Action> {
    let found = WORDS.iter().find(|(word, _)| *word == text.trim());
    let found = found.filter(|_| *purpose == Purpose::New);
    found.map(|(_, action)| *action)
}

fn send(state: &mut State, is_sure: bool) {
    if complete::takes_enter(state) {
        complete::choose(state);
        return;
    }
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = chat.open.as_mut() else {
        chat.say("no room is open: Ctrl-K finds one");
        return;
    };
    let text = open.composer.input.text();
    let text = text.trim_end();
    if text.trim().is_empty() {
        return;
    }
    if let Some(action) = word(text, &open.composer.purpose) {
        open.composer.input.set("");
        changed(state);
        palette::run(state, action);
        return;
    }
    if let Err(error) = validate::content(text) {
        chat.complain(error.to_string());
        return;
    }
    let room = open.id;
    let text = text.to_owned();
    let purpose = open.composer.purpose.clone();
    // An edit calls nobody.
    if !matches!(purpose, Purpose::Edit { .. }) {
        match check_call(chat, &text) {
            Err(why) => {
                chat.complain(why);
                return;
            }
            Ok(true) if !is_sure => {
                chat.overlay = Some(Overlay::Confirm(Confirm {
                    what: Doubt::Call,
                    question: "This calls everybody in the room. Send it?",
                    about: SafeText::line(&text),
                    yes: "send",
                }));
                return;
            }
            Ok(_) => {}
        }
    }
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    if open.thread.is_some() && text.starts_with(SCHEDULE) {
        return chat.say("in a thread nothing is sent later: t goes back to the room");
    }
    if matches!(purpose, Purpose::New) && presence::is_command(&text) {
        return tell(state, &text);
    }
    if matches!(purpose, Purpose::New) && emoji::is_command(&text) {
        return about_emoji(state, &text);
    }
    let (lifetime, text) = match stays(text, &purpose) {
        Ok(both) => both,
        Err(why) => return chat.complain(why),
    };
    if let Some(typed) = text.strip_prefix(SCHEDULE) {
        let reply_to = match purpose {
            Purpose::New => None,
            Purpose::Reply { to, .. } => Some(to),
            Purpose::Edit { .. } => return chat.say("a message that is sent can't be sent later"),
        };
        open.composer.input.set("");
        open.composer.purpose = Purpose::New;
        let typed = typed.to_owned();
        state.ask(Command::Schedule {
            room,
            typed,
            reply_to,
        });
        return changed(state);
    }
    if open.thread.is_some() && lifetime.is_some() {
        return chat.say("in a thread a message can't go by itself: t goes back to the room");
    }
    if let Some((question, poll)) = ask::poll(&text) {
        return match purpose {
            Purpose::New => polls::typed(state, question, poll, lifetime),
            _ => chat.say("a poll answers nothing: stop replying or editing first"),
        };
    }
    let command = command(open, purpose, text, lifetime);
    if matches!(command, Command::Edit { .. }) {
        open.composer.abandon();
    } else {
        open.composer.input.set("");
        open.composer.purpose = Purpose::New;
        to_newest(chat);
    }
    state.ask(command);
    changed(state);
}

/// How what was typed is sent: into the thread that is open, or into the room.
fn command(
    open: &mut OpenRoom,
    purpose: Purpose,
    text: String,
    lifetime: Option<Lifetime>,
) -> Command {
    let (room, base) = (open.id, open.composer.base);
    let also_in_room = std::mem::take(&mut open.composer.also_in_room);
    match (purpose, open.thread) {
        (Purpose::Edit { message, .. }, _) => Command::Edit {
            room,
            message,
            text,
        },
        (purpose, Some(thread)) => Command::SendInThread {
            room,
            thread,
            text,
            reply_to: match purpose {
                Purpose::Reply { to, .. } => Some(to),
                _ => None,
            },
            also_in_room,
            base,
        },
        (Purpose::New, None) => Command::Send {
            room,
            text,
            reply_to: None,
            lifetime,
            base,
        },
        (Purpose::Reply { to, .. }, None) => Command::Send {
            room,
            text,
            reply_to: Some(to),
            lifetime,
            base,
        },
    }
}

/// Shows the newest messages, loading them if they aren't.
pub(super) fn to_newest(chat: &mut Chat) {
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    open.going_to = None;
    open.place = Place::Newest;
    open.selected = None;
    if open.timeline.ready().is_some_and(|t| !t.at_end) {
        open.span = Span::on_opening(0);
        chat.wants.timeline = true;
    }
}

fn stop(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    if open.composer.purpose == Purpose::New {
        chat.focus = Focus::Timeline;
        super::reading::select_something(state);
    } else {
        open.composer.abandon();
        open.composer.unsaved = true;
        changed(state);
    }
}

fn edit_last(state: &mut State) -> bool {
    let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) else {
        return false;
    };
    if !open.composer.input.is_empty() || open.composer.purpose != Purpose::New {
        return false;
    }
    let last = open
        .items()
        .iter()
        .rev()
        .filter_map(rows::as_message)
        .find(|m| m.can_edit)
        .cloned();
    match last {
        Some(message) => edit(state, &message),
        None => return false,
    }
    true
}

/// Puts a message into the composer to be changed.
pub(super) fn edit(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    if !message.can_edit {
        chat.say(if message.own {
            "this message can't be edited"
        } else {
            "only its author can edit a message"
        });
        return;
    }
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    let draft = open.composer.draft();
    open.composer.input.set(message.editable().as_str());
    open.composer.purpose = Purpose::Edit {
        message: message.client_id,
        draft,
    };
    chat.focus = Focus::Composer;
}

/// Makes what is being written an answer to a message.
pub(super) fn reply(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(to) = message.message_id else {
        chat.say("this message is not on the server yet");
        return;
    };
    if message.deleted {
        chat.say("this message was deleted");
        return;
    }
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    open.composer.abandon();
    open.composer.purpose = Purpose::Reply {
        to,
        sender: message.sender.clone(),
        text: SafeText::line(&markdown::line(message.text.as_str())),
    };
    open.composer.unsaved = true;
    chat.focus = Focus::Composer;
}

/// Text that comes back because it could not be sent, or was given up.
pub(super) fn give_back(chat: &mut Chat, text: &str) {
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    open.composer.abandon();
    let input = &mut open.composer.input;
    let both = if input.is_empty() {
        text.to_owned()
    } else {
        format!("{text}\n{}", input.text())
    };
    input.set(&both);
    open.composer.unsaved = true;
    chat.focus = Focus::Composer;
}
