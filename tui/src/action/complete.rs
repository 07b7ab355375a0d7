//! What is proposed while one writes: `@name`, `#room`, `:emoji:`, and `/` with what the client can
//! do.

use erc_client_core::{
    complete::{self, Completions, Wanted},
    protocol::RoomId,
};

use super::{compose, palette};
use crate::{
    command::{Command, Failure},
    keymap::{Action, COMMANDS},
    state::{
        Chat, State,
        composer::{Choices, Completing},
    },
};

/// Commands proposed at a time.
const MOST: usize = 8;

/// Whether something is proposed.
pub(super) fn offers(chat: &Chat) -> bool {
    chat.open
        .as_ref()
        .is_some_and(|open| open.composer.completing.is_some())
}

/// After the text changed: asks what may be meant.
pub(super) fn look(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    open.composer.completing = None;
    let (room, before) = (open.id, open.composer.input.before_cursor());
    match complete::wanted(&before) {
        Some(Wanted::Command(words)) => {
            let words = words.to_lowercase();
            let choices = commands(chat, &words);
            if let Some(open) = chat.open.as_mut() {
                open.composer.completing = proposal(before, Choices::Commands(choices));
            }
        }
        Some(_) => state.ask(Command::Complete { room, before }),
        None => {}
    }
}

fn commands(chat: &Chat, words: &str) -> Vec<(Action, &'static str)> {
    let mut found: Vec<_> = COMMANDS
        .iter()
        .filter(|(action, name)| name.contains(words) && palette::makes_sense(chat, *action))
        .copied()
        .collect();
    found.sort_by_key(|(_, name)| !name.starts_with(words));
    found.truncate(MOST);
    found
}

fn proposal(typed: String, choices: Choices) -> Option<Completing> {
    (choices.count() > 0).then_some(Completing {
        typed,
        choices,
        selected: 0,
        moved: false,
    })
}

/// What client-core proposes, if the text is still the one that was asked about.
pub(super) fn offered(
    chat: &mut Chat,
    room: RoomId,
    before: &str,
    result: Result<Completions, Failure>,
) {
    let Some(open) = chat.open.as_mut().filter(|open| open.id == room) else {
        return;
    };
    if open.composer.input.before_cursor() != before {
        return;
    }
    match result {
        Ok(found) => {
            open.composer.completing = proposal(found.typed, Choices::Text(found.choices));
        }
        Err(reason) => chat.complain(reason.as_str()),
    }
}

pub(super) fn act(state: &mut State, action: Action) -> bool {
    match action {
        Action::Choose => choose(state),
        Action::Down => step(state, 1),
        Action::Up => step(state, -1),
        Action::Close => {
            completing(state, |shown| *shown = None);
        }
        _ => return false,
    }
    true
}

fn completing<T>(state: &mut State, act: impl FnOnce(&mut Option<Completing>) -> T) -> Option<T> {
    let open = state.chat_mut()?.open.as_mut()?;
    Some(act(&mut open.composer.completing))
}

fn step(state: &mut State, by: isize) {
    completing(state, |shown| {
        let Some(shown) = shown else { return };
        let count = isize::try_from(shown.choices.count()).unwrap_or(1);
        let at = isize::try_from(shown.selected).unwrap_or(0) + by;
        shown.selected = usize::try_from(at.rem_euclid(count)).unwrap_or(0);
        shown.moved = true;
    });
}

/// Whether Enter means the choice: one moved to it, or it is a command of the client.
pub(super) fn takes_enter(state: &mut State) -> bool {
    completing(state, |shown| {
        shown
            .as_ref()
            .is_some_and(|shown| shown.moved || matches!(shown.choices, Choices::Commands(_)))
    })
    .unwrap_or(false)
}

/// Writes what is chosen, or carries it out.
pub(super) fn choose(state: &mut State) {
    let Some(shown) = completing(state, Option::take).flatten() else {
        return;
    };
    let Some(open) = state.chat_mut().and_then(|chat| chat.open.as_mut()) else {
        return;
    };
    let input = &mut open.composer.input;
    match shown.choices {
        Choices::Text(choices) => {
            if let Some(choice) = choices.get(shown.selected) {
                input.replace_before(&shown.typed, choice.insert.as_str());
            }
            compose::changed(state);
        }
        Choices::Commands(choices) => {
            input.replace_before(&shown.typed, "");
            compose::changed(state);
            if let Some((action, _)) = choices.get(shown.selected) {
                super::dispatch(state, super::Context::Timeline, *action);
            }
        }
    }
}
