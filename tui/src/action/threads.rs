//! Threads: going into one and back to its room, following, lists of them; permalinks of messages.

use erc_client_core::{
    permalink::{self, Permalink},
    protocol::{MessageId, RoomId, Seq},
    view::{MessageView, Whereabouts},
};

use super::{compose, draft, reading, rooms, settle};
use crate::{
    command::{Command, Failure, ThreadOpening},
    keymap::Action,
    state::{
        Chat, Effect, Focus, Goal, Loadable, OpenRoom, Overlay, State,
        picker::{Picker, Purpose},
        window::Span,
    },
};

/// Something about the selected message. False if the action is none of these.
pub(super) fn about(state: &mut State, action: Action, message: &MessageView) -> bool {
    match action {
        Action::Thread => enter(state, message),
        Action::CopyLink => copy_link(state, message),
        Action::FollowLink => follow_link(state, message),
        _ => return false,
    }
    true
}

/// From a message into its thread, or from a thread back to the room.
fn enter(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(here) = &chat.open else { return };
    if here.thread.is_some() {
        return back(state);
    }
    let Some(thread) = message.thread_id.or(message.message_id) else {
        return chat.say("this message is not on the server yet");
    };
    if message.thread_id.is_none() && message.thread.is_none() && !message.can_answer {
        return chat.say("no thread can be begun here");
    }
    let room = here.id;
    open(state, room, thread, message.thread_id.and(message.seq));
}

/// Opens a thread, at a place in it if one is given.
pub(super) fn open(state: &mut State, room: RoomId, thread: MessageId, at: Option<Seq>) {
    let Some(chat) = state.chat() else { return };
    let is_there = chat
        .open
        .as_ref()
        .is_some_and(|open| open.id == room && open.thread == Some(thread));
    if is_there {
        if let (Some(seq), Some(chat)) = (at, state.chat_mut()) {
            reading::go_to(chat, seq);
        }
        return;
    }
    compose::save_draft(state);
    let other = state.chat().and_then(|chat| chat.open.as_ref());
    let other = other.map(|open| open.id).filter(|id| *id != room);
    if let Some(room) = other {
        state.ask(Command::CloseRoom { room });
    }
    let Some(chat) = state.chat_mut() else { return };
    let mut here = OpenRoom::new(room, 0);
    here.thread = Some(thread);
    here.going_to = at.map(Goal::Message);
    let count = count(here.span);
    chat.open = Some(here);
    chat.focus = Focus::Composer;
    chat.wants.timeline = false;
    chat.wants.members = true;
    state.ask(Command::OpenThread {
        room,
        thread,
        count,
    });
}

/// Replies that a span of a thread holds.
pub(super) const fn count(span: Span) -> u32 {
    match span {
        Span::Newest(count) => count,
        _ => u32::MAX,
    }
}

/// Back to the room, where the thread began.
pub(super) fn back(state: &mut State) {
    let Some(chat) = state.chat() else { return };
    let Some((room, thread)) = chat
        .open
        .as_ref()
        .and_then(|open| Some((open.id, open.thread?)))
    else {
        return;
    };
    let began = chat.open.as_ref().and_then(|open| open.root(thread)?.seq);
    rooms::open(state, room);
    if let (Some(seq), Some(chat)) = (began, state.chat_mut()) {
        reading::go_to(chat, seq);
    }
}

/// What the cache has of a thread that is being opened.
pub(super) fn opened(
    state: &mut State,
    room: RoomId,
    thread: MessageId,
    result: Result<Box<ThreadOpening>, Failure>,
) {
    let size = state.size;
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = chat
        .open
        .as_mut()
        .filter(|open| open.id == room && open.thread == Some(thread))
    else {
        return;
    };
    open.timeline_asked = false;
    match result {
        Ok(opening) => {
            open.opened = Some(opening.opened);
            open.marked = opening.opened.read_seq;
            open.follows = opening.follows;
            draft::left(&mut open.composer, opening.draft);
            settle::put_timeline(open, opening.timeline);
            settle::show_unread_line(chat, size);
        }
        Err(reason) => open.timeline = Loadable::Failed(reason),
    }
}

/// Follows the thread that is open or selected, or no longer.
pub(super) fn follow(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = &chat.open else {
        return chat.say("no room is open");
    };
    let room = open.id;
    let selected = open.selected_message();
    let of = |message: &MessageView| {
        let follows = message.thread.as_ref().is_some_and(|one| one.following);
        Some((message.message_id?, follows))
    };
    let here = open.thread.map(|thread| (thread, open.follows));
    let Some((thread, follows)) = here.or_else(|| selected.and_then(of)) else {
        return chat.say("no message is selected: j and k select one");
    };
    chat.say(if follows {
        "no longer followed: its replies don't count as unread"
    } else {
        "followed: its replies count as unread"
    });
    if let Some(open) = chat.open.as_mut().filter(|open| open.thread.is_some()) {
        open.follows = !follows;
    }
    state.ask(Command::FollowThread {
        room,
        thread,
        on: !follows,
    });
}

/// A reply is shown in the room, too, or no longer.
pub(super) fn also_in_room(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    match chat.open.as_mut().filter(|open| open.thread.is_some()) {
        Some(open) => open.composer.also_in_room = !open.composer.also_in_room,
        None => chat.say("this is the room: t at a message goes into its thread"),
    }
}

/// The list of what is followed.
pub(super) fn list(state: &mut State) {
    pick(state, Purpose::Threads, Command::Threads);
}

/// The list of a room's threads.
pub(super) fn of_room(state: &mut State) {
    let room = state.chat().and_then(|chat| chat.open.as_ref());
    match room.map(|open| open.id) {
        Some(room) => pick(
            state,
            Purpose::RoomThreads(room),
            Command::RoomThreads { room },
        ),
        None => {
            if let Some(chat) = state.chat_mut() {
                chat.say("no room is open");
            }
        }
    }
}

fn pick(state: &mut State, purpose: Purpose, command: Command) {
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Picker(Picker::new(purpose, Loadable::Loading)));
    }
    state.ask(command);
}

/// Threads changed: the list of them is read again, if it is open.
pub(super) fn reload(state: &mut State) {
    let Some(Overlay::Picker(picker)) = state.chat().and_then(|chat| chat.overlay.as_ref()) else {
        return;
    };
    if picker.purpose == Purpose::Threads {
        state.ask(Command::Threads);
    }
}

fn copy_link(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    let room = chat.open.as_ref().map(|open| open.id);
    let (Some(room), Some(message)) = (room, message.message_id) else {
        return chat.say("this message is not on the server yet");
    };
    state.ask(Command::CopyPermalink { room, message });
}

/// Goes where a permalink in the message leads; other addresses are copied.
fn follow_link(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    let links = message.body.links();
    let inside = links.iter().find_map(|link| permalink::read(link.as_str()));
    let Some(first) = links.first().map(|link| link.as_str().to_owned()) else {
        return chat.say("there is no link in this message");
    };
    if let Some(link) = inside {
        return follow_permalink(state, link);
    }
    chat.say("copied: it leads out of the chat");
    state.effect(Effect::Copy(first));
}

/// Goes to the message, if it is on this server and may be seen.
pub(super) fn follow_permalink(state: &mut State, link: Permalink) {
    state.ask(Command::FindMessage { link });
}

/// Where the message of a permalink stands.
pub(super) fn found(state: &mut State, result: Result<Whereabouts, Failure>) {
    match result {
        Ok(found) => go_to_message(state, found),
        Err(reason) => {
            if let Some(chat) = state.chat_mut() {
                chat.complain(reason.as_str());
            }
        }
    }
}

/// Shows a message wherever it stands: in its room, or in the thread in which alone it is shown.
pub(super) fn go_to_message(state: &mut State, to: Whereabouts) {
    if let Some(thread) = to.thread_id {
        return open(state, to.room_id, thread, Some(to.seq));
    }
    let is_there = |chat: &Chat| {
        let open = chat.open.as_ref();
        open.is_some_and(|open| open.id == to.room_id && open.thread.is_none())
    };
    if !state.chat().is_some_and(is_there) {
        rooms::open(state, to.room_id);
    }
    if let Some(chat) = state.chat_mut() {
        reading::go_to(chat, to.seq);
    }
}
