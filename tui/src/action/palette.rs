//! Commands of the chat that are not about a message: from keys and from the switcher.

use erc_client_core::protocol::{Capability, RoomKind, ServerRole, poll::NewPoll};

use super::{
    analytics, attention, compose, draft, emoji, expiry, export, filters, forms, links, lists,
    picker, polls, presence, reports, requests, rooms, safety, schedule, sign_in, threads,
};
use crate::{
    command::Command,
    keymap::Action,
    state::{
        Chat, Focus, Overlay, State,
        overlay::{Confirm, Doubt, PeoplePurpose},
    },
};

/// Runs a command. False if it is none.
pub(super) fn run(state: &mut State, action: Action) -> bool {
    match action {
        Action::Switcher => with_chat(state, lists::switcher),
        Action::Search => with_chat(state, lists::search),
        Action::Pins => picker::pins(state),
        Action::Scheduled => schedule::list(state),
        Action::Threads => threads::list(state),
        Action::RoomThreads => threads::of_room(state),
        Action::Follow => threads::follow(state),
        Action::AlsoInRoom => threads::also_in_room(state),
        Action::Later => schedule::later(state),
        Action::Expire => expiry::compose(state),
        Action::Lifetime => with_chat(state, expiry::ask),
        Action::Status => with_chat(state, presence::ask),
        Action::Notify => with_chat(state, attention::ask_in_room),
        Action::Attention => attention::ask(state),
        Action::Aside => draft::list_aside(state),
        Action::MakePoll => polls::make(state, "", &NewPoll::default(), None),
        Action::Directory => lists::directory(state),
        Action::NextRoom => rooms::step(state, 1),
        Action::PreviousRoom => rooms::step(state, -1),
        Action::NextUnread => rooms::next_unread(state),
        Action::ToggleMembers => with_chat(state, toggle_members),
        Action::CreateRoom => with_chat(state, forms::create_room),
        Action::ChangeRoom => with_chat(state, forms::change_room),
        Action::ChangeName => with_chat(state, forms::change_name),
        Action::WriteTo => lists::people(state, PeoplePurpose::Write),
        Action::AddMember => add_member(state),
        Action::Bans => bans(state),
        Action::Links => links::open(state),
        Action::Analytics => analytics::of_room(state),
        Action::ServerAnalytics => analytics::of_server(state),
        Action::ExportRoom => export::room(state),
        Action::ExportMe => export::me(state),
        Action::MakeLink => with_chat(state, links::ask_for_new),
        Action::JoinByLink => with_chat(state, links::ask_for_one),
        Action::LeaveRoom => with_chat(state, |chat| {
            ask_about_room(chat, Doubt::Leave, "Leave this room?", "leave");
        }),
        Action::DeleteRoom => with_chat(state, |chat| {
            let question = "Delete this room and all its messages, for everybody?";
            ask_about_room(chat, Doubt::DeleteRoom, question, "delete");
        }),
        Action::Reports => reports::queue(state),
        Action::Raid => reports::switch(state),
        Action::RoomFilters => filters::list(state, true),
        Action::ServerFilters => filters::list(state, false),
        Action::RoomLog => reports::log(state, true),
        Action::ServerLog => reports::log(state, false),
        Action::Emoji => emoji::list(state),
        Action::Requests => requests::list(state),
        Action::Accept | Action::Decline | Action::BlockAsker => {
            return requests::act(state, action);
        }
        Action::Blocks => safety::blocks(state),
        Action::Deactivate => with_chat(state, safety::deactivate),
        Action::Erase => with_chat(state, safety::erase),
        Action::Sessions => forms::open_sessions(state),
        Action::Reconnect => {
            with_chat(state, |chat| chat.say("connecting…"));
            state.ask(Command::Reconnect);
        }
        Action::SignOut => sign_out(state),
        Action::SignInAgain => {
            compose::save_draft(state);
            sign_in::again(state, None);
        }
        _ => return false,
    }
    true
}

/// Whether a command has something to act on.
pub(super) fn makes_sense(chat: &Chat, action: Action) -> bool {
    let room = chat.open_summary();
    match action {
        Action::ToggleMembers
        | Action::Pins
        | Action::Later
        | Action::Expire
        | Action::Remind
        | Action::ExportRoom
        | Action::RoomThreads
        | Action::Follow
        | Action::CopyLink
        | Action::Notify
        | Action::LeaveRoom => room.is_some(),
        Action::Aside => chat
            .open
            .as_ref()
            .is_some_and(|open| !open.composer.aside.is_empty()),
        Action::Raid => chat.me.role >= ServerRole::Moderator,
        Action::RoomLog | Action::RoomFilters => {
            room.is_some_and(|r| r.kind != RoomKind::Direct && r.can.contains(&Capability::Manage))
        }
        Action::Reports => {
            chat.me.role >= ServerRole::Moderator
                || chat.reports > 0
                || chat
                    .room_list()
                    .iter()
                    .any(|r| r.can.contains(&Capability::Moderate))
        }
        Action::Accept | Action::Decline | Action::BlockAsker => chat.is_asked(),
        Action::MakePoll => room.is_some_and(|r| r.can_send),
        Action::AddMember | Action::MakeLink | Action::Links => {
            room.is_some_and(|r| r.kind != RoomKind::Direct && r.can.contains(&Capability::Invite))
        }
        Action::ChangeRoom | Action::DeleteRoom => {
            room.is_some_and(|r| r.kind != RoomKind::Direct && r.can.contains(&Capability::Manage))
        }
        Action::Lifetime => {
            room.is_some_and(|r| r.kind == RoomKind::Direct || r.can.contains(&Capability::Manage))
        }
        Action::ServerAnalytics | Action::ServerLog | Action::ServerFilters => {
            chat.me.role >= ServerRole::Admin
        }
        Action::Bans | Action::Analytics => room
            .is_some_and(|r| r.kind != RoomKind::Direct && r.can.contains(&Capability::Moderate)),
        _ => true,
    }
}

fn with_chat(state: &mut State, act: impl FnOnce(&mut Chat)) {
    if let Some(chat) = state.chat_mut() {
        act(chat);
    }
}

fn toggle_members(chat: &mut Chat) {
    if chat.open.is_none() {
        chat.say("no room is open");
        return;
    }
    chat.members_shown = !chat.members_shown;
    if chat.members_shown {
        chat.focus = Focus::Members;
        chat.wants.members = true;
    } else if chat.focus == Focus::Members {
        chat.focus = Focus::Timeline;
    }
}

fn add_member(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    match chat.open_summary() {
        None => chat.say("no room is open"),
        Some(room) if room.kind == RoomKind::Direct => {
            chat.say("a direct room has just the two of you");
        }
        Some(room) => {
            let purpose = PeoplePurpose::AddTo(room.id);
            lists::people(state, purpose);
        }
    }
}

fn bans(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    match chat.open_summary().map(|room| room.id) {
        None => chat.say("no room is open"),
        Some(room) => lists::people(state, PeoplePurpose::Unban(room)),
    }
}

fn ask_about_room(
    chat: &mut Chat,
    what: impl FnOnce(erc_client_core::protocol::RoomId) -> Doubt,
    question: &'static str,
    yes: &'static str,
) {
    let Some(room) = chat.open_summary() else {
        chat.say("no room is open");
        return;
    };
    chat.overlay = Some(Overlay::Confirm(Confirm {
        what: what(room.id),
        question,
        about: room.name.clone(),
        yes,
    }));
}

fn sign_out(state: &mut State) {
    let Some(name) = state.account.as_ref().map(|a| a.username.clone()) else {
        return;
    };
    with_chat(state, |chat| {
        chat.overlay = Some(Overlay::Confirm(Confirm {
            what: Doubt::SignOut,
            question: "Sign out? What is not sent yet stays on this machine.",
            about: name,
            yes: "sign out",
        }));
    });
}
