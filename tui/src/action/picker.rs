//! What is done about a message that is there: reactions, pins, forwarding, its history.

use erc_client_core::{
    SafeText, complete,
    emoji::Custom,
    protocol::{RoomId, RoomKind},
    view::{EmojiList, MessageView, RoomSummary},
};

use super::{draft, emoji as own, filters, polls, reports, requests, schedule, threads};
use crate::{
    command::Command,
    keymap::Action,
    state::{
        Chat, Loadable, Overlay, State,
        picker::{Entry, Pick, Picker, Purpose, Target},
    },
};

/// Something about the selected message. False if the action is none of these.
pub(super) fn about(state: &mut State, action: Action, message: &MessageView) -> bool {
    match action {
        Action::React => react(state, message),
        Action::Pin => pin(state, message),
        Action::Forward => forward(state, message),
        Action::History => history(state, message),
        Action::Reacted => reacted(state, message),
        _ => return false,
    }
    true
}

fn open(state: &mut State, picker: Picker, ask: Option<Command>) {
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Picker(picker));
    }
    if let Some(command) = ask {
        state.ask(command);
    }
}

fn say(state: &mut State, words: &'static str) {
    if let Some(chat) = state.chat_mut() {
        chat.say(words);
    }
}

fn target(chat: &Chat, message: &MessageView) -> Option<Target> {
    let own = message.reactions.iter().filter(|one| one.own);
    Some(Target {
        room: chat.open.as_ref()?.id,
        sender: message.sender_id,
        message: message.client_id,
        own: own.map(|one| one.emoji.clone()).collect(),
    })
}

fn react(state: &mut State, message: &MessageView) {
    if !message.can_react {
        return say(state, "you can't react to this message");
    }
    let Some(chat) = state.chat() else { return };
    let custom = own::custom(&chat.emoji);
    let Some(target) = target(chat, message) else {
        return;
    };
    let entries = emoji("", &custom);
    let picker = Picker::new(Purpose::React(target), Loadable::Ready(entries));
    open(state, picker, None);
}

fn emoji(letters: &str, custom: &Custom) -> Vec<Entry> {
    let label = |found: &complete::Completion| match found.picture {
        // There is nothing to show of it but its name.
        Some(_) => found.label.clone(),
        None => SafeText::line(&format!("{}  {}", found.insert, found.label)),
    };
    let entry = |found: complete::Completion| Entry {
        label: label(&found),
        hint: SafeText::default(),
        at: None,
        pick: Pick::Emoji(found.insert),
    };
    let found = complete::reactions(letters, custom).into_iter();
    found.map(entry).collect()
}

fn pin(state: &mut State, message: &MessageView) {
    if !message.can_pin {
        return say(state, "you can't pin here");
    }
    let Some(target) = state.chat().and_then(|chat| target(chat, message)) else {
        return;
    };
    let on = !message.pinned;
    say(
        state,
        if on {
            "pinned: P lists what is"
        } else {
            "no longer pinned"
        },
    );
    state.ask(Command::Pin {
        room: target.room,
        sender: target.sender,
        message: target.message,
        on,
    });
}

fn forward(state: &mut State, message: &MessageView) {
    let Some(source) = message.message_id.filter(|_| !message.deleted) else {
        return say(state, "this message can't be forwarded");
    };
    let Some(chat) = state.chat() else { return };
    let rooms = chat.room_list().iter();
    let entries = rooms.filter(|room| room.can_send).map(room_entry).collect();
    let purpose = Purpose::Forward {
        source,
        with_author: true,
    };
    open(state, Picker::new(purpose, Loadable::Ready(entries)), None);
}

fn room_entry(room: &RoomSummary) -> Entry {
    let sign = match room.kind {
        RoomKind::Direct => '@',
        RoomKind::Group | RoomKind::Announcement => '#',
    };
    Entry {
        label: SafeText::line(&format!("{sign}{}", room.name)),
        hint: room.topic.clone(),
        at: None,
        pick: Pick::Room(room.id),
    }
}

fn history(state: &mut State, message: &MessageView) {
    let Some(id) = message.message_id.filter(|_| message.edited) else {
        return say(state, "this message was not edited");
    };
    let picker = Picker::new(Purpose::History(id), Loadable::Loading);
    open(state, picker, Some(Command::History { message: id }));
}

fn reacted(state: &mut State, message: &MessageView) {
    let Some(id) = message.message_id.filter(|_| !message.reactions.is_empty()) else {
        return say(state, "nobody reacted to this message: + does");
    };
    let picker = Picker::new(Purpose::Reacted(id), Loadable::Loading);
    open(state, picker, Some(Command::Reacted { message: id }));
}

/// The list of what is pinned.
pub(super) fn pins(state: &mut State) {
    let Some(room) = state
        .chat()
        .and_then(|chat| chat.open.as_ref())
        .map(|open| open.id)
    else {
        return say(state, "no room is open");
    };
    let picker = Picker::new(Purpose::Pins(room), Loadable::Loading);
    open(state, picker, Some(Command::Pins { room }));
}

/// Something changed in this room: it may be a pin.
pub(super) fn changed(state: &mut State, room: RoomId) {
    let Some(Overlay::Picker(picker)) = state.chat().and_then(|chat| chat.overlay.as_ref()) else {
        return;
    };
    if picker.purpose == Purpose::Pins(room) {
        state.ask(Command::Pins { room });
    }
}

/// After typing.
pub(super) fn typed(picker: &mut Picker, known: &EmojiList) {
    if picker.input.take_changed() {
        picker.selected = 0;
        if matches!(picker.purpose, Purpose::React(_)) {
            picker.entries = Loadable::Ready(emoji(&picker.input.text(), &own::custom(known)));
        }
    }
}

/// With the author's name or without.
pub(super) fn toggle(picker: &mut Picker) -> bool {
    if let Purpose::Forward { with_author, .. } = &mut picker.purpose {
        *with_author = !*with_author;
        return true;
    }
    false
}

/// Takes the selected entry.
pub(super) fn choose(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(Overlay::Picker(picker)) = &chat.overlay else {
        return;
    };
    let Some(entry) = picker.shown().get(picker.selected).copied().cloned() else {
        return;
    };
    if entry.pick == Pick::Nothing {
        return;
    }
    if matches!(entry.pick, Pick::Aside(_)) {
        draft::about_aside(state, Action::Choose);
        return;
    }
    if let Pick::Option(place, _) = entry.pick {
        return polls::choose(state, place);
    }
    let purpose = picker.purpose.clone();
    chat.overlay = None;
    match (entry.pick, purpose) {
        (Pick::Emoji(emoji), Purpose::React(target)) => {
            let on = !target.own.contains(&emoji);
            state.ask(Command::React {
                room: target.room,
                sender: target.sender,
                message: target.message,
                emoji: emoji.as_str().to_owned(),
                on,
            });
        }
        (
            Pick::Room(room),
            Purpose::Forward {
                source,
                with_author,
            },
        ) => {
            chat.say(format!("forwarded to {}", entry.label));
            state.ask(Command::Forward {
                source,
                room,
                with_author,
            });
        }
        (Pick::Report(report), _) => reports::show(state, &report),
        (Pick::Deed(id, deed), _) => reports::act(state, id, deed),
        (Pick::Older { room, before }, _) => reports::read_log(state, room, Some(before)),
        (Pick::AddFilter(room), _) => filters::add(state, room),
        (Pick::Filter(..), _) => chat.say("Ctrl-X takes a filter away"),
        (Pick::AddEmoji, _) => own::add(state),
        (Pick::CustomEmoji(_), _) => chat.say("Ctrl-X takes an emoji away"),
        (Pick::Request(room), _) => requests::open(state, room),
        (Pick::Blocked(user), _) => state.ask(Command::Unblock { user }),
        (Pick::Scheduled(what), _) => schedule::choose(state, &what),
        (Pick::Thread { room, thread }, _) => threads::open(state, room, thread, None),
        (Pick::Place(seq), Purpose::Pins(room)) => {
            state.ask(Command::FindPlace { room, seq });
        }
        (Pick::Place(seq), _) => super::reading::go_to(chat, seq),
        _ => {}
    }
}
