//! Lists under a field: the switcher, search, the directory, people.

use erc_client_core::{permalink, protocol::RoomKind};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{draft, emoji, filters, palette, picker, reading, rooms, safety, schedule, threads};
use crate::{
    command::Command,
    keymap::{Action, COMMANDS},
    state::{
        Chat, Input, Loadable, Overlay, State,
        overlay::{Choice, Directory, People, PeoplePurpose, Search, Switcher},
    },
};

/// Rows that Page Down moves in a list.
const PAGE: isize = 10;

pub(super) fn act(state: &mut State, action: Action) -> bool {
    let Some(chat) = state.chat_mut() else {
        return false;
    };
    let Some(overlay) = chat.overlay.as_mut() else {
        return false;
    };
    match action {
        Action::Down => overlay.select(1),
        Action::Up => overlay.select(-1),
        Action::PageDown => overlay.select(PAGE),
        Action::PageUp => overlay.select(-PAGE),
        Action::Close => chat.overlay = None,
        Action::Choose => choose(state),
        Action::End => {
            return schedule::cancel(state)
                || safety::unblock_selected(state)
                || draft::about_aside(state, action)
                || filters::remove_selected(state)
                || emoji::remove_selected(state);
        }
        Action::Toggle => {
            return match overlay {
                Overlay::Picker(o) => picker::toggle(o),
                _ => false,
            };
        }
        _ => return false,
    }
    true
}

/// Opens the switcher.
pub(super) fn switcher(chat: &mut Chat) {
    let mut switcher = Switcher {
        input: Input::line(""),
        found: Vec::new(),
        selected: 0,
    };
    switcher.found = find(chat, "");
    chat.overlay = Some(Overlay::Switcher(switcher));
    chat.wants.members = true;
}

/// Opens the search.
pub(super) fn search(chat: &mut Chat) {
    chat.overlay = Some(Overlay::Search(Search {
        input: Input::line(""),
        hits: None,
        selected: 0,
        asked: String::new(),
    }));
}

/// Opens the directory.
pub(super) fn directory(state: &mut State) {
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Directory(Directory {
            input: Input::line(""),
            entries: Loadable::Loading,
            selected: 0,
        }));
        state.ask(Command::Directory);
    }
}

/// Opens the list of people.
pub(super) fn people(state: &mut State, purpose: PeoplePurpose) {
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::People(People {
            input: Input::line(""),
            purpose,
            users: Loadable::Loading,
            selected: 0,
            asked: String::new(),
        }));
        state.ask(asked_of(purpose, String::new()));
    }
}

/// Who is listed: people of the server, or those who are banned.
fn asked_of(purpose: PeoplePurpose, query: String) -> Command {
    match purpose {
        PeoplePurpose::Unban(room) => Command::Bans { room, query },
        PeoplePurpose::Write | PeoplePurpose::AddTo(_) => Command::FindUsers { query },
    }
}

/// After typing: what is found at once is found now, the rest when the typing pauses.
pub(super) fn typed(chat: &mut Chat) {
    let query = match chat.overlay.as_mut() {
        Some(Overlay::Switcher(o)) if o.input.take_changed() => o.input.text(),
        Some(Overlay::Directory(o)) if o.input.take_changed() => {
            o.selected = 0;
            return;
        }
        Some(Overlay::Form(form)) => {
            form.error = None;
            return;
        }
        Some(Overlay::Picker(o)) => return picker::typed(o, &chat.emoji),
        _ => return,
    };
    let found = find(chat, &query);
    if let Some(Overlay::Switcher(o)) = chat.overlay.as_mut() {
        o.found = found;
        o.selected = 0;
    }
}

/// The typing paused: asks for what has to be asked for.
pub(super) fn pause(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let command = match chat.overlay.as_mut() {
        Some(Overlay::Search(o)) => {
            let query = o.input.text().trim().to_owned();
            if query == o.asked {
                return;
            }
            o.asked.clone_from(&query);
            o.selected = 0;
            if query.is_empty() {
                o.hits = None;
                return;
            }
            if o.hits.as_ref().and_then(Loadable::ready).is_none() {
                o.hits = Some(Loadable::Loading);
            }
            Command::Search { query }
        }
        Some(Overlay::People(o)) => {
            let query = o.input.text().trim().to_owned();
            if query == o.asked {
                return;
            }
            o.asked.clone_from(&query);
            o.selected = 0;
            asked_of(o.purpose, query)
        }
        _ => return,
    };
    state.ask(command);
}

fn choose(state: &mut State) {
    // What was typed last counts, even if nobody paused.
    pause(state);
    let Some(chat) = state.chat_mut() else { return };
    match chat.overlay.as_ref() {
        Some(Overlay::Picker(_)) => picker::choose(state),
        Some(Overlay::Switcher(o)) => {
            if let Some(link) = permalink::read(&o.input.text()) {
                chat.overlay = None;
                return threads::follow_permalink(state, link);
            }
            let Some(choice) = o.found.get(o.selected).cloned() else {
                return;
            };
            chat.overlay = None;
            match choice {
                Choice::Room(room) => rooms::open(state, room),
                Choice::Person { user, .. } => state.ask(Command::DirectRoom { user }),
                Choice::Command(action) => {
                    let context = super::context(state);
                    super::dispatch(state, context, action);
                }
            }
        }
        Some(Overlay::Search(o)) => {
            let Some(hits) = o.hits.as_ref().and_then(Loadable::ready) else {
                return;
            };
            // Hits of an older question are no answer to this one.
            if o.input.text().trim() != o.asked || hits.is_empty() {
                return;
            }
            let (hits, selected) = (hits.clone(), o.selected);
            chat.hits = hits;
            chat.hit = selected;
            chat.overlay = None;
            reading::go_to_hit(state);
        }
        Some(Overlay::Directory(o)) => {
            let Some(entry) = o.shown().get(o.selected).copied().cloned() else {
                return;
            };
            chat.overlay = None;
            if entry.is_member {
                rooms::open(state, entry.id);
            } else {
                state.ask(Command::JoinRoom { room: entry.id });
            }
        }
        Some(Overlay::People(o)) => {
            let Some(user) = o.users.ready().and_then(|u| u.get(o.selected)) else {
                return;
            };
            let (user, purpose) = (user.user_id, o.purpose);
            chat.overlay = None;
            state.ask(match purpose {
                PeoplePurpose::Write => Command::DirectRoom { user },
                PeoplePurpose::AddTo(room) => Command::AddMember { room, user },
                PeoplePurpose::Unban(room) => Command::Unban { room, user },
            });
        }
        _ => {}
    }
}

/// Takes an entry of the list by a click.
pub(super) fn click(state: &mut State, index: usize) {
    let Some(overlay) = state.chat_mut().and_then(|c| c.overlay.as_mut()) else {
        return;
    };
    overlay.select(isize::MIN);
    overlay.select(isize::try_from(index).unwrap_or(0));
    choose(state);
}

/// Everything that fits the query, best first; without a query, unread rooms first.
fn find(chat: &Chat, query: &str) -> Vec<Choice> {
    if query.trim().is_empty() {
        let mut rooms: Vec<_> = chat.room_list().iter().collect();
        rooms.sort_by_key(|r| r.unread == 0);
        let current = chat.open.as_ref().map(|o| o.id);
        return rooms
            .into_iter()
            .filter(|r| Some(r.id) != current)
            .map(|r| Choice::Room(r.id))
            .chain(COMMANDS.iter().map(|(action, _)| Choice::Command(*action)))
            .collect();
    }
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut score = |name: &str| pattern.score(Utf32Str::new(name, &mut buffer), &mut matcher);
    let mut found: Vec<(u32, Choice)> = Vec::new();
    for room in chat.room_list() {
        // "#gen" and "@ada" find what they would in a sentence.
        let sign = if room.kind == RoomKind::Direct {
            '@'
        } else {
            '#'
        };
        if let Some(score) = score(&format!("{sign}{}", room.name)) {
            found.push((score + 20, Choice::Room(room.id)));
        }
    }
    let members = chat.open.as_ref().and_then(|o| o.members.ready());
    for member in members.into_iter().flatten() {
        let known = chat
            .room_list()
            .iter()
            .any(|r| r.peer == Some(member.user_id));
        if known || member.user_id == chat.me.id {
            continue;
        }
        let text = format!("@{} {}", member.username, member.name);
        if let Some(score) = score(&text) {
            let choice = Choice::Person {
                user: member.user_id,
                name: member.name.clone(),
            };
            found.push((score, choice));
        }
    }
    for (action, words) in COMMANDS {
        if palette::makes_sense(chat, *action)
            && let Some(score) = score(words)
        {
            found.push((score, Choice::Command(*action)));
        }
    }
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, choice)| choice).collect()
}
