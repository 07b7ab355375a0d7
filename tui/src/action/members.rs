//! The list of members.

use erc_client_core::{
    protocol::{Capability, RoomKind},
    view::MemberView,
};

use super::{forms, reports, safety};
use crate::{
    command::Command,
    keymap::Action,
    state::{
        Focus, Overlay, State,
        overlay::{Confirm, Doubt},
    },
};

pub(super) fn act(state: &mut State, action: Action) -> bool {
    let Some(chat) = state.chat_mut() else {
        return false;
    };
    match action {
        Action::Down | Action::Up => {
            let Some(open) = chat.open.as_mut() else {
                return true;
            };
            let count = open.members.ready().map_or(0, Vec::len);
            let step = if action == Action::Down { 1 } else { -1 };
            open.member = open
                .member
                .saturating_add_signed(step)
                .min(count.saturating_sub(1));
        }
        Action::Message => {
            if let Some(member) = selected(state).cloned() {
                write_to(state, &member);
            }
        }
        Action::Remove => remove(state),
        Action::Report => {
            if let Some(user) = selected(state).map(|member| member.user_id) {
                reports::person(state, user);
            }
        }
        Action::Block => {
            if let Some(member) = selected(state) {
                let (user, is_blocked) = (member.user_id, member.blocked);
                safety::block(state, user, is_blocked);
            }
        }
        Action::Role | Action::Mute | Action::Ban => moderate(state, action),
        Action::Write => chat.focus = Focus::Composer,
        _ => return false,
    }
    true
}

fn selected(state: &State) -> Option<&MemberView> {
    let open = state.chat()?.open.as_ref()?;
    open.members.ready()?.get(open.member)
}

fn write_to(state: &mut State, member: &MemberView) {
    let Some(chat) = state.chat_mut() else { return };
    if member.user_id == chat.me.id {
        chat.say("that is you");
        return;
    }
    state.ask(Command::DirectRoom {
        user: member.user_id,
    });
}

/// Asks what is needed for it; a mute that holds is lifted at once.
fn moderate(state: &mut State, action: Action) {
    let Some(member) = selected(state).cloned() else {
        return;
    };
    let Some(chat) = state.chat_mut() else { return };
    let Some(room) = chat.open_summary() else {
        return;
    };
    let (needs, refusal) = match action {
        Action::Role => (Capability::Manage, "only admins of the room change roles"),
        _ => (
            Capability::Moderate,
            "only moderators of the room mute and ban people",
        ),
    };
    if room.kind == RoomKind::Direct || !room.can.contains(&needs) {
        chat.say(refusal);
        return;
    }
    let (room, user) = (room.id, member.user_id);
    if action == Action::Mute && member.muted_until.is_some() {
        state.ask(Command::Unmute { room, user });
        return;
    }
    forms::about_member(chat, action, room, &member);
}

fn remove(state: &mut State) {
    let Some(member) = selected(state).cloned() else {
        return;
    };
    let Some(chat) = state.chat_mut() else { return };
    let Some(room) = chat.open_summary() else {
        return;
    };
    if !room.can.contains(&Capability::Moderate) && member.user_id != chat.me.id {
        chat.say("only moderators of the room remove people");
        return;
    }
    let room = room.id;
    chat.overlay = Some(Overlay::Confirm(Confirm {
        what: Doubt::Remove {
            room,
            user: member.user_id,
        },
        question: "Remove this person from the room?",
        about: member.name,
        yes: "remove",
    }));
}
