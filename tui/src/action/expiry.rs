//! Messages that go by themselves: one that is written, those of a room.

use erc_client_core::{
    protocol::{Capability, ExpiryFrom, Lifetime, RoomId, RoomKind},
    when,
};

use super::{forms, schedule};
use crate::{
    command::{Command, EXPIRE},
    state::{
        Chat, Overlay, State,
        overlay::{Form, FormPurpose},
    },
};

/// Puts the word before what is being written: how long it stays is typed behind it.
pub(super) fn compose(state: &mut State) {
    let hint = "how long? 1h, 7d, read 10m: so long after somebody has read it; then Enter";
    schedule::begin_with(state, EXPIRE, hint);
}

/// Asks how long messages stay in the open room.
pub(super) fn ask(chat: &mut Chat) {
    let Some(room) = chat.open_summary() else {
        return chat.say("no room is open");
    };
    if room.kind != RoomKind::Direct && !room.can.contains(&Capability::Manage) {
        return chat.say("only admins say how long messages stay here");
    }
    let stays = room.lifetime;
    let length = stays.map_or_else(String::new, |stays| when::words(stays.after_s));
    let by_reading = stays.is_some_and(|stays| stays.from == ExpiryFrom::Read);
    let fields = vec![
        forms::text("New messages stay: 1h, 7d; empty: for ever", &length),
        forms::switched("Counted from when somebody else has read them", by_reading),
    ];
    let purpose = FormPurpose::Lifetime { room: room.id };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

/// What the form asks for.
pub(super) fn request(room: RoomId, form: &Form) -> Result<Command, String> {
    let typed = form.text(0);
    let lifetime = if typed.trim().is_empty() {
        None
    } else {
        let from = if form.is_on(1) {
            ExpiryFrom::Read
        } else {
            ExpiryFrom::Sent
        };
        let length = when::length(&typed).filter(|(_, rest)| rest.is_empty());
        let (after_s, _) = length.ok_or("how long? For example: 1h, 7d, 4 weeks")?;
        Some(Lifetime { after_s, from }.valid()?)
    };
    Ok(Command::SetLifetime { room, lifetime })
}
