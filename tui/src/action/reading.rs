//! Reading: moving over the messages, and what can be done with the selected one.

use erc_client_core::{
    SafeText,
    protocol::Seq,
    view::{Delivery, MessageView, Whereabouts},
};

use super::{compose, picker, polls, reports, safety, schedule, threads};
use crate::{
    command::Command,
    keymap::Action,
    layout,
    state::{
        Chat, Effect, Focus, Goal, Overlay, State,
        overlay::{Confirm, Doubt},
        rows,
        scroll::Place,
        window::Span,
    },
};

pub(super) fn act(state: &mut State, action: Action) -> bool {
    match action {
        Action::Down => move_selection(state, 1),
        Action::Up => move_selection(state, -1),
        Action::PageUp => page(state, -1),
        Action::PageDown => page(state, 1),
        Action::Top => top(state),
        Action::Bottom => bottom(state),
        Action::Write => {
            if let Some(chat) = state.chat_mut() {
                chat.focus = Focus::Composer;
            }
        }
        Action::Reply => with_selected(state, compose::reply),
        Action::Edit => with_selected(state, compose::edit),
        Action::Delete => with_selected(state, delete),
        Action::Copy => with_selected(state, copy),
        Action::Reveal => with_selected(state, reveal),
        Action::Parent => with_selected(state, parent),
        Action::Retry => with_selected(state, |state, m| refused(state, m, true)),
        Action::Discard => with_selected(state, |state, m| refused(state, m, false)),
        Action::React | Action::Reacted | Action::Pin | Action::Forward | Action::History => {
            with_selected(state, |state, m| {
                picker::about(state, action, m);
            });
        }
        Action::Vote | Action::Voted | Action::ClosePoll => {
            with_selected(state, |state, m| {
                polls::about(state, action, m);
            });
        }
        Action::Remind => with_selected(state, schedule::remind),
        Action::Report => with_selected(state, reports::message),
        Action::Block => with_selected(state, safety::block_sender),
        Action::Thread if is_in_empty_thread(state) => threads::back(state),
        Action::Thread | Action::CopyLink | Action::FollowLink => {
            with_selected(state, |state, m| {
                threads::about(state, action, m);
            });
        }
        Action::NextHit => hit(state, 1),
        Action::PreviousHit => hit(state, -1),
        _ => return false,
    }
    true
}

/// A thread of which nothing is here to be selected: one goes back all the same.
fn is_in_empty_thread(state: &State) -> bool {
    let open = state.chat().and_then(|chat| chat.open.as_ref());
    open.is_some_and(|open| open.thread.is_some() && open.selected_message().is_none())
}

fn with_selected(state: &mut State, act: impl FnOnce(&mut State, &MessageView)) {
    let Some(chat) = state.chat_mut() else { return };
    let selected = chat
        .open
        .as_ref()
        .and_then(|o| o.selected_message())
        .cloned();
    match selected {
        Some(message) => act(state, &message),
        None => chat.say("no message is selected: j and k select one"),
    }
}

fn height(state: &State) -> u16 {
    state
        .chat()
        .map_or(0, |chat| layout::panes(state.size, chat).timeline.height)
}

/// Selects the newest message on the screen, unless one on the screen is selected.
pub(super) fn select_something(state: &mut State) {
    let height = height(state);
    let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) else {
        return;
    };
    let top = open.top(height);
    let end = (top + usize::from(height)).min(open.rows.len());
    let visible = |key: &str| {
        rows::rows_of(open.items(), &open.rows, key)
            .is_some_and(|range| range.start < end && range.end > top)
    };
    if open.selected.as_deref().is_some_and(visible) {
        return;
    }
    open.selected = open.rows[top..end]
        .iter()
        .rev()
        .find_map(|row| rows::message(open.items(), row))
        .map(|m| m.key.clone());
}

fn move_selection(state: &mut State, step: isize) {
    let height = height(state);
    if state
        .chat()
        .and_then(|c| c.open.as_ref())
        .is_some_and(|o| o.selected_message().is_none())
    {
        select_something(state);
        return;
    }
    let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) else {
        return;
    };
    let keys: Vec<&str> = open
        .items()
        .iter()
        .filter_map(rows::as_message)
        .map(|m| m.key.as_str())
        .collect();
    let Some(at) = keys
        .iter()
        .position(|k| Some(*k) == open.selected.as_deref())
    else {
        return;
    };
    let to = at.saturating_add_signed(step);
    if to >= keys.len() {
        // Past the newest: stay with it.
        let at_end = open.timeline.ready().is_some_and(|t| t.at_end);
        if at_end {
            open.place = Place::Newest;
        }
        return;
    }
    let key = keys[to].to_owned();
    open.going_to = None;
    open.selected = Some(key.clone());
    show(open, &key, height);
}

/// Scrolls as little as it takes to see this message.
fn show(open: &mut crate::state::OpenRoom, key: &str, height: u16) {
    let Some(range) = rows::rows_of(open.items(), &open.rows, key) else {
        return;
    };
    let top = open.top(height);
    let lines = usize::from(height);
    let above = range.start < top;
    let below = range.end > top + lines;
    if above || (below && range.len() >= lines) {
        open.place = Place::on(open.items(), key, 0);
    } else if below {
        scroll_to(open, range.end - lines, height);
    }
}

fn scroll_to(open: &mut crate::state::OpenRoom, top: usize, height: u16) {
    // Whoever moves by themselves is not taken elsewhere any more.
    open.going_to = None;
    let most = open.rows.len().saturating_sub(usize::from(height));
    let at_end = open.timeline.ready().is_some_and(|t| t.at_end);
    let upwards = top < open.top(height);
    open.place = if top >= most && at_end {
        Place::Newest
    } else {
        Place::holding(open.items(), &open.rows, top.min(most), height, upwards)
    };
}

/// Scrolls by rows, negative: towards older messages.
pub(super) fn scroll(state: &mut State, by: isize) {
    let height = height(state);
    let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) else {
        return;
    };
    let top = open.top(height).saturating_add_signed(by);
    scroll_to(open, top, height);
}

fn page(state: &mut State, direction: isize) {
    let lines = isize::try_from(height(state).saturating_sub(2).max(1)).unwrap_or(1);
    scroll(state, direction * lines);
    if state.chat().is_some_and(|c| c.focus == Focus::Timeline) {
        select_something(state);
    }
}

fn top(state: &mut State) {
    let height = height(state);
    let Some(open) = state.chat_mut().and_then(|c| c.open.as_mut()) else {
        return;
    };
    let first = open.items().iter().find_map(rows::as_message);
    if let Some(key) = first.map(|m| m.key.clone()) {
        // The very first row: a hole above the message is seen, and so it is filled.
        scroll_to(open, 0, height);
        open.selected = Some(key);
    }
}

/// To the newest message.
pub(super) fn bottom(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    compose::to_newest(chat);
    if chat.focus == Focus::Timeline {
        select_something(state);
    }
}

fn delete(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    if !message.can_delete {
        chat.say("you can't delete this message");
        return;
    }
    let Some(room) = chat.open.as_ref().map(|o| o.id) else {
        return;
    };
    chat.overlay = Some(Overlay::Confirm(Confirm {
        what: Doubt::DeleteMessage {
            room,
            sender: message.sender_id,
            message: message.client_id,
        },
        question: "Delete this message for everybody?",
        about: SafeText::line(message.text.as_str()),
        yes: "delete",
    }));
}

fn copy(state: &mut State, message: &MessageView) {
    let text = message.text.as_str().to_owned();
    if let Some(chat) = state.chat_mut() {
        chat.say(if text.is_empty() {
            "there is nothing to copy"
        } else {
            "copied"
        });
    }
    if !text.is_empty() {
        state.effect(Effect::Copy(text));
    }
}

fn reveal(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    if !message.body.has_spoiler() && !message.blocked {
        chat.say("nothing is hidden in this message");
        return;
    }
    if let Some(open) = chat.open.as_mut() {
        if !open.revealed.remove(&message.key) {
            open.revealed.insert(message.key.clone());
        }
        // What is folded takes one row, what is shown its own.
        open.lay(open.laid_width);
    }
}

fn parent(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = &chat.open else { return };
    let (room, in_thread) = (open.id, open.thread);
    match &message.reply {
        None => match message.thread_id.filter(|_| in_thread.is_none()) {
            Some(thread) => threads::open(state, room, thread, message.seq),
            None => chat.say("this message is no reply"),
        },
        Some(quote) => match quote.seq {
            None => chat.say("the message it answers is not here yet"),
            Some(seq) => threads::go_to_message(
                state,
                Whereabouts {
                    room_id: room,
                    seq,
                    message_id: quote.message_id,
                    thread_id: quote.thread_id,
                },
            ),
        },
    }
}

/// Shows a place of the open room, loading what is around it if need be.
pub(super) fn go_to(chat: &mut Chat, seq: Seq) {
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    chat.focus = Focus::Timeline;
    open.going_to = Some(Goal::Message(seq));
    let here = open
        .items()
        .iter()
        .filter_map(rows::as_message)
        .any(|m| m.seq == Some(seq));
    if !here {
        // All of a thread: it has no places that one could load around.
        open.span = match open.thread {
            Some(_) => Span::Newest(u32::MAX),
            None => Span::Around(seq),
        };
        chat.wants.timeline = true;
    }
}

fn refused(state: &mut State, message: &MessageView, again: bool) {
    let Some(chat) = state.chat_mut() else { return };
    if !matches!(message.delivery, Delivery::Failed { .. }) {
        chat.say("this message was not refused");
        return;
    }
    let Some(room) = chat.open.as_ref().map(|o| o.id) else {
        return;
    };
    let message = message.client_id;
    state.ask(if again {
        Command::Retry { room, message }
    } else {
        Command::Discard { room, message }
    });
}

fn hit(state: &mut State, step: isize) {
    let Some(chat) = state.chat_mut() else { return };
    if chat.hits.is_empty() {
        chat.say("nothing was searched for: / searches");
        return;
    }
    let count = isize::try_from(chat.hits.len()).unwrap_or(1);
    let at = isize::try_from(chat.hit).unwrap_or(0) + step;
    chat.hit = usize::try_from(at.rem_euclid(count)).unwrap_or(0);
    go_to_hit(state);
}

/// Shows the current hit of the last search.
pub(super) fn go_to_hit(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(hit) = chat.hits.get(chat.hit) else {
        return;
    };
    let to = Whereabouts {
        room_id: hit.room_id,
        seq: hit.seq,
        message_id: hit.message_id,
        thread_id: hit.thread_id,
    };
    let text = format!("found {} of {}", chat.hit + 1, chat.hits.len());
    threads::go_to_message(state, to);
    if let Some(chat) = state.chat_mut() {
        chat.say(text);
    }
}
