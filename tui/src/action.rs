//! What happens when something happens: events in, a changed state and questions for client-core
//! out. No I/O, no clock.

mod analytics;
mod answer;
mod attention;
mod complete;
mod compose;
mod draft;
mod emoji;
mod expiry;
mod export;
pub(crate) mod filters;
mod forms;
mod links;
mod lists;
mod members;
mod mouse;
mod palette;
mod picker;
mod polls;
mod presence;
mod reading;
pub(crate) mod reports;
mod requests;
mod rooms;
mod safety;
mod schedule;
mod settle;
mod sign_in;
mod threads;
mod update;

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::{
    command::Command,
    event::Event,
    keymap::{self, Action, Context},
    state::{Effect, Focus, Help, Overlay, Screen, State},
};

pub use settle::settle;

/// Where the keys go now.
pub fn context(state: &State) -> Context {
    if state.help.is_some() {
        return Context::Help;
    }
    match &state.screen {
        Screen::SignIn(_) => Context::SignIn,
        Screen::Chat(chat) => match (&chat.overlay, chat.focus) {
            (
                Some(
                    Overlay::Switcher(_)
                    | Overlay::Search(_)
                    | Overlay::Directory(_)
                    | Overlay::People(_)
                    | Overlay::Picker(_),
                ),
                _,
            ) => Context::List,
            (Some(Overlay::Form(_)), _) => Context::Form,
            (Some(Overlay::Confirm(_)), _) => Context::Confirm,
            (Some(Overlay::Sessions(_)), _) => Context::Sessions,
            (Some(Overlay::Links(_)), _) => Context::Links,
            (Some(Overlay::Figures(_)), _) => Context::Figures,
            (None, Focus::Composer) if complete::offers(chat) => Context::Completing,
            (None, Focus::Composer) => Context::Composer,
            (None, Focus::Timeline) if chat.is_asked() => Context::Request,
            (None, Focus::Timeline) => Context::Timeline,
            (None, Focus::Members) => Context::Members,
        },
    }
}

/// Lets one thing happen. Call [`settle()`] when no more are waiting.
pub fn handle(state: &mut State, event: Event) {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => {}
        Event::Key(key) => {
            presence::back(state);
            press(state, key);
        }
        Event::Paste(text) => {
            presence::back(state);
            paste(state, &text);
        }
        Event::Mouse(event) => {
            presence::back(state);
            mouse::handle(state, event);
        }
        Event::Idle => presence::away(state),
        Event::Resize(size) => state.size = size,
        Event::Focus(focused) => {
            state.focused = focused;
            state.idle = false;
            state.ask(Command::SetActive(focused));
        }
        Event::Answer(answer) => answer::handle(state, *answer),
        Event::Pause => pause(state),
        Event::Rest => draft::rest(state),
        Event::Terminate => leave(state),
    }
}

fn press(state: &mut State, key: KeyEvent) {
    let context = context(state);
    let action = keymap::action(context, &key);
    if action != Some(Action::QuitSoon) {
        state.quit_armed = false;
    }
    if let Some(chat) = state.chat_mut() {
        chat.notice = None;
    }
    let done = action.is_some_and(|action| dispatch(state, context, action));
    if !done {
        type_key(state, key);
    }
}

/// Carries out an action. False: the key has no such meaning just now and may be typed.
pub(crate) fn dispatch(state: &mut State, context: Context, action: Action) -> bool {
    match action {
        Action::Help => {
            state.help = Some(Help {
                of: context,
                scroll: 0,
            });
        }
        Action::Quit => leave(state),
        Action::QuitSoon => quit_soon(state),
        Action::Redraw => state.effect(Effect::Redraw),
        _ => {
            return match context {
                Context::Help => help(state, action),
                Context::SignIn => sign_in::act(state, action),
                Context::List => lists::act(state, action),
                Context::Sessions => forms::sessions(state, action),
                Context::Links => links::act(state, action),
                Context::Figures => analytics::act(state, action),
                Context::Form => forms::act(state, action),
                Context::Confirm => forms::confirm(state, action),
                Context::Members => members::act(state, action) || palette::run(state, action),
                Context::Request => {
                    requests::act(state, action)
                        || reading::act(state, action)
                        || palette::run(state, action)
                }
                Context::Composer | Context::Completing => {
                    (context == Context::Completing && complete::act(state, action))
                        || compose::act(state, action)
                        || reading::act(state, action)
                        || palette::run(state, action)
                }
                _ => reading::act(state, action) || palette::run(state, action),
            };
        }
    }
    true
}

fn help(state: &mut State, action: Action) -> bool {
    let Some(help) = &mut state.help else {
        return false;
    };
    match action {
        Action::Down => help.scroll = help.scroll.saturating_add(1),
        Action::Up => help.scroll = help.scroll.saturating_sub(1),
        Action::PageDown => help.scroll = help.scroll.saturating_add(10),
        Action::PageUp => help.scroll = help.scroll.saturating_sub(10),
        _ => state.help = None,
    }
    true
}

fn quit_soon(state: &mut State) {
    if state.quit_armed {
        leave(state);
    } else {
        state.quit_armed = true;
        if let Some(chat) = state.chat_mut() {
            chat.say("Ctrl-C once more leaves; what you wrote is kept");
        }
    }
}

/// Keeps what was being written, and ends.
fn leave(state: &mut State) {
    compose::save_draft(state);
    state.quit = true;
}

fn type_key(state: &mut State, key: KeyEvent) {
    if state.help.is_some() {
        return;
    }
    match &mut state.screen {
        Screen::SignIn(form) if !form.busy => {
            form.focused().key(key);
            form.error = None;
        }
        Screen::SignIn(_) => {}
        Screen::Chat(chat) => {
            if let Some(overlay) = &mut chat.overlay {
                if let Some(input) = overlay.input() {
                    input.key(key);
                }
                lists::typed(chat);
            } else if chat.focus == Focus::Composer {
                compose::key(state, key);
            }
        }
    }
}

fn paste(state: &mut State, text: &str) {
    let dropped = match &mut state.screen {
        Screen::SignIn(form) if !form.busy => form.focused().paste(text),
        Screen::SignIn(_) => 0,
        Screen::Chat(chat) => {
            if let Some(overlay) = &mut chat.overlay {
                let dropped = overlay.input().map_or(0, |input| input.paste(text));
                lists::typed(chat);
                dropped
            } else {
                compose::paste(state, text)
            }
        }
    };
    if dropped > 0
        && let Some(chat) = state.chat_mut()
    {
        chat.say(format!(
            "{dropped} invisible or control characters were left out of the paste"
        ));
    }
}

fn pause(state: &mut State) {
    match &mut state.screen {
        Screen::SignIn(_) => sign_in::pause(state),
        Screen::Chat(_) => {
            compose::save_draft(state);
            lists::pause(state);
        }
    }
}
