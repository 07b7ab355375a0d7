//! Links by which people come into a room: making, listing, taking back, following one.

use erc_client_core::{
    SafeText,
    protocol::{Capability, RoomId, RoomKind, limit},
    view::{LinkPreviewView, MadeLinkView},
};

use super::forms::{answered, text};
use crate::{
    command::{Command, Failure},
    keymap::Action,
    state::{
        Chat, Effect, Loadable, Overlay, State,
        overlay::{Confirm, Doubt, Form, FormPurpose, Links},
    },
};

/// Shows the links into the open room.
pub(super) fn open(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(room) = chat.open_summary().map(|room| room.id) else {
        chat.say("no room is open");
        return;
    };
    chat.overlay = Some(Overlay::Links(Links {
        room,
        links: Loadable::Loading,
        selected: 0,
    }));
    state.ask(Command::Links { room });
}

/// In the list.
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
        Action::Close => chat.overlay = None,
        Action::NewLink => ask_for_new(chat),
        Action::End => {
            let Overlay::Links(list) = overlay else {
                return false;
            };
            if let Some(link) = list.links.ready().and_then(|all| all.get(list.selected)) {
                let (room, link) = (list.room, link.id);
                state.ask(Command::RevokeLink { room, link });
            }
        }
        _ => return false,
    }
    true
}

/// Asks how long a new link works, and for how many.
pub(super) fn ask_for_new(chat: &mut Chat) {
    let Some(room) = chat.open_summary() else {
        chat.say("no room is open");
        return;
    };
    if room.kind == RoomKind::Direct || !room.can.contains(&Capability::Invite) {
        chat.say("your role in this room doesn't invite people");
        return;
    }
    let days = limit::LINK_DEFAULT_S / DAY_S;
    let fields = vec![
        text("Days that it works", &days.to_string()),
        text("How many may come in by it; empty: any number", ""),
    ];
    let purpose = FormPurpose::MakeLink { room: room.id };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

const DAY_S: u32 = 24 * 60 * 60;

/// What the form of a new link asks for.
pub(super) fn request(room: RoomId, days: &str, uses: &str) -> Result<Command, String> {
    let days: Option<u32> = days.trim().parse().ok();
    let seconds = days.and_then(|days| days.checked_mul(DAY_S));
    let seconds = seconds.filter(|seconds| (1..=limit::LINK_S).contains(seconds));
    let most = limit::LINK_S / DAY_S;
    let seconds = seconds.ok_or_else(|| format!("a link works for 1 to {most} days"))?;
    let uses = match uses.trim() {
        "" => None,
        typed => {
            let uses: Option<i64> = typed.parse().ok();
            let most = limit::LINK_USES;
            let uses = uses.filter(|uses| (1..=most).contains(uses));
            Some(uses.ok_or_else(|| format!("a link is for 1 to {most} people"))?)
        }
    };
    Ok(Command::MakeLink {
        room,
        seconds: Some(seconds),
        uses,
    })
}

/// A link was made: copies and shows it.
pub(super) fn made(state: &mut State, result: Result<MadeLinkView, Failure>) {
    let Some(chat) = state.chat_mut() else { return };
    match result {
        Ok(made) => {
            answered(chat, None);
            let label = "Pass it on; it is shown only now";
            let fields = vec![text(label, made.text.as_str())];
            chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::ShowLink, fields)));
            state.effect(Effect::Copy(made.text.as_str().to_owned()));
        }
        Err(reason) => {
            if !answered(chat, Some(reason.clone())) {
                chat.complain(reason.as_str());
            }
        }
    }
}

/// Asks for a link to follow.
pub(super) fn ask_for_one(chat: &mut Chat) {
    let fields = vec![text("Paste the link, or its code", "")];
    chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::JoinByLink, fields)));
}

/// What the link leads to is known: asks whether to go there.
pub(super) fn previewed(chat: &mut Chat, link: String, result: Result<LinkPreviewView, Failure>) {
    match result {
        Ok(seen) => {
            if !answered(chat, None) {
                return;
            }
            let members = seen.member_count;
            let about = format!("{} · {members} members · {}", seen.name, seen.server_name);
            let about = match seen.topic.as_str() {
                "" => about,
                topic => format!("{about}\n{topic}"),
            };
            chat.overlay = Some(Overlay::Confirm(Confirm {
                what: Doubt::Join(link),
                question: "Join this room?",
                about: SafeText::block(&about),
                yes: "join",
            }));
        }
        Err(reason) => {
            answered(chat, Some(reason));
        }
    }
}
