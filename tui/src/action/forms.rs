//! Forms, questions before something is done, and the list of sessions.

use erc_client_core::{
    SafeText,
    account::NewRoom,
    protocol::{
        Capability, RoomId, RoomKind, RoomRole, api::rooms::UpdateRoomRequest, limit,
        role::UnknownWord, validate,
    },
    view::MemberView,
};

use super::{
    attention, compose, emoji, expiry, export, filters, links, polls, presence, reports, safety,
    schedule,
};
use crate::{
    command::Command,
    keymap::Action,
    state::{
        Chat, Input, Loadable, Overlay, State,
        overlay::{Doubt, FieldKind, Form, FormField, FormPurpose, Sessions},
    },
};

pub(super) fn text(label: &'static str, value: &str) -> FormField {
    FormField {
        label,
        kind: FieldKind::Text(Box::new(Input::line(value))),
    }
}

pub(super) fn switch(label: &'static str) -> FormField {
    switched(label, false)
}

pub(super) fn switched(label: &'static str, on: bool) -> FormField {
    FormField {
        label,
        kind: FieldKind::Switch(on),
    }
}

/// Asks for a new room.
pub(super) fn create_room(chat: &mut Chat) {
    chat.overlay = Some(Overlay::Form(Form::new(
        FormPurpose::CreateRoom,
        vec![
            text("Name", ""),
            text("Topic", ""),
            switch("Private: only who is added gets in"),
            switch("Announcements: only moderators write"),
        ],
    )));
}

/// Asks for another name and topic of the open room.
pub(super) fn change_room(chat: &mut Chat) {
    let Some(room) = chat.open_summary() else {
        chat.say("no room is open");
        return;
    };
    if room.kind == RoomKind::Direct {
        chat.say("a direct room is called as the other person is");
        return;
    }
    let members_write = room.permissions.least(Capability::Send, room.kind) <= RoomRole::Member;
    let fields = vec![
        text("Name", room.name.as_str()),
        text("Topic", room.topic.as_str()),
        text("Category", room.category.as_str()),
        text(
            "Slow mode: seconds between two messages of a member, 0 for none",
            &room.slow_mode_s.to_string(),
        ),
        switched("Members write, not only moderators", members_write),
        switched("Archived: it is only read", room.archived_at.is_some()),
    ];
    chat.overlay = Some(Overlay::Form(Form::new(
        FormPurpose::ChangeRoom {
            room: room.id,
            members_write,
        },
        fields,
    )));
}

/// Asks for a member's role, or how long they are muted or banned.
pub(super) fn about_member(chat: &mut Chat, action: Action, room: RoomId, member: &MemberView) {
    let user = member.user_id;
    let (purpose, fields) = match action {
        Action::Role => (
            FormPurpose::Role { room, user },
            vec![
                text(
                    "Role: read_only, member, moderator, admin, owner",
                    member.role.as_str(),
                ),
                switch("Hand the room over: they own it, you are an admin"),
            ],
        ),
        Action::Mute => (
            FormPurpose::Mute { room, user },
            vec![text("Minutes; empty: until it is lifted", "")],
        ),
        _ => (
            FormPurpose::Ban { room, user },
            vec![
                text("Hours; empty: until it is lifted", ""),
                text("Reason", ""),
            ],
        ),
    };
    chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
}

/// A whole number of these; nothing if nothing was typed.
pub(super) fn seconds(typed: &str, each: u32) -> Result<Option<u32>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let count: Option<u32> = typed.parse().ok().filter(|count| *count > 0);
    let seconds = count.and_then(|count| count.checked_mul(each));
    seconds
        .filter(|seconds| *seconds <= limit::SANCTION_S)
        .map(Some)
        .ok_or_else(|| "that is no number of them, or too many".to_owned())
}

/// What of the form of a room departs from what the room is.
fn change(form: &Form, members_write: bool) -> Result<UpdateRoomRequest, String> {
    let slow = form.text(3);
    let slow_mode_s = slow.trim().parse().ok();
    let writers = if form.is_on(4) {
        RoomRole::Member
    } else {
        RoomRole::Moderator
    };
    let given = (form.is_on(4) != members_write).then_some((Capability::Send, Some(writers)));
    Ok(UpdateRoomRequest {
        name: Some(validate::room_name(&form.text(0))?),
        topic: Some(validate::topic(&form.text(1))?),
        category: Some(validate::category(&form.text(2))?),
        slow_mode_s: Some(
            slow_mode_s
                .filter(|s| *s <= limit::SLOW_MODE_S)
                .ok_or_else(|| format!("slow mode takes 0 to {} seconds", limit::SLOW_MODE_S))?,
        ),
        permissions: given.into_iter().collect(),
        archived: Some(form.is_on(5)),
        ..UpdateRoomRequest::default()
    })
}

/// Asks for another name of the user.
pub(super) fn change_name(chat: &mut Chat) {
    let field = text("Name that others see", chat.me.display_name.as_str());
    chat.overlay = Some(Overlay::Form(Form::new(
        FormPurpose::ChangeName,
        vec![field],
    )));
}

pub(super) fn act(state: &mut State, action: Action) -> bool {
    let Some(chat) = state.chat_mut() else {
        return false;
    };
    let Some(Overlay::Form(form)) = chat.overlay.as_mut() else {
        return false;
    };
    let count = form.fields.len();
    match action {
        Action::NextField => form.focus = (form.focus + 1) % count,
        Action::PreviousField => form.focus = (form.focus + count - 1) % count,
        Action::Toggle => match form.fields.get_mut(form.focus).map(|f| &mut f.kind) {
            Some(FieldKind::Switch(on)) => *on = !*on,
            // In a field of text the space bar is a space.
            _ => return false,
        },
        Action::Close => {
            let runs = export::runs(form);
            chat.overlay = None;
            if runs {
                state.ask(Command::StopExport);
            }
        }
        Action::Submit => submit(state),
        _ => return false,
    }
    true
}

fn submit(state: &mut State) {
    let refused = polls::refused(state);
    let Some(Overlay::Form(form)) = state.chat_mut().and_then(|c| c.overlay.as_mut()) else {
        return;
    };
    if form.busy {
        return;
    }
    if form.purpose == FormPurpose::ShowLink {
        if let Some(chat) = state.chat_mut() {
            chat.overlay = None;
        }
        return;
    }
    match refused.map_or_else(|| request(form), Err) {
        Ok(command) => {
            form.busy = true;
            form.error = None;
            state.ask(command);
        }
        Err(reason) => form.error = Some(SafeText::line(&reason)),
    }
}

/// What the form asks for, or why it can't.
fn request(form: &Form) -> Result<Command, String> {
    match form.purpose {
        FormPurpose::ReportMessage { .. }
        | FormPurpose::ReportPerson { .. }
        | FormPurpose::Raid
        | FormPurpose::CloseReport { .. } => reports::request(form),
        FormPurpose::AddEmoji => emoji::request(form),
        FormPurpose::AddFilter { room } => filters::request(form, room),
        FormPurpose::Block { .. } | FormPurpose::Deactivate | FormPurpose::Erase => {
            safety::request(form)
        }
        FormPurpose::ChangeName => Ok(Command::SetDisplayName {
            name: validate::display_name(&form.text(0))?,
        }),
        FormPurpose::Remind { message } => Ok(Command::Remind {
            message,
            when: form.text(0),
            note: validate::note(&form.text(1))?,
        }),
        FormPurpose::Reschedule { id } => Ok(Command::Reschedule {
            id,
            when: form.text(0),
            text: schedule::lines(&form.text(1)),
        }),
        FormPurpose::Lifetime { room } => expiry::request(room, form),
        FormPurpose::Status { choice } => presence::request(choice, form),
        FormPurpose::Notify { room } => attention::request_in_room(room, form),
        FormPurpose::Attention => attention::request(form),
        FormPurpose::Poll(place) => polls::request(form, place),
        FormPurpose::MakeLink { room } => links::request(room, &form.text(0), &form.text(1)),
        FormPurpose::ExportRoom { .. } | FormPurpose::ExportMe => export::request(form),
        FormPurpose::JoinByLink => Ok(Command::PreviewLink { link: form.text(0) }),
        // Enter closes it.
        FormPurpose::ShowLink => Err(String::new()),
        FormPurpose::ChangeRoom {
            room,
            members_write,
        } => Ok(Command::ChangeRoom {
            room,
            change: Box::new(change(form, members_write)?),
        }),
        FormPurpose::Role { room, user } => Ok(Command::SetRole {
            room,
            user,
            role: form
                .text(0)
                .trim()
                .parse()
                .map_err(|e: UnknownWord| e.to_string())?,
            hand_over: form.is_on(1),
        }),
        FormPurpose::Mute { room, user } => Ok(Command::Mute {
            room,
            user,
            seconds: seconds(&form.text(0), 60)?,
        }),
        FormPurpose::Ban { room, user } => Ok(Command::Ban {
            room,
            user,
            seconds: seconds(&form.text(0), 3_600)?,
            reason: validate::reason(&form.text(1))?,
        }),
        FormPurpose::CreateRoom => Ok(Command::CreateRoom(NewRoom {
            name: validate::room_name(&form.text(0))?,
            topic: validate::topic(&form.text(1))?,
            kind: if form.is_on(3) {
                RoomKind::Announcement
            } else {
                RoomKind::Group
            },
            is_private: form.is_on(2),
            members: Vec::new(),
        })),
    }
}

/// The answer to what a form asked for: closes it, or says in it what was wrong.
pub(super) fn answered(chat: &mut Chat, failure: Option<SafeText>) -> bool {
    let Some(Overlay::Form(form)) = chat.overlay.as_mut().filter(|_| true) else {
        return false;
    };
    if !form.busy {
        return false;
    }
    form.busy = false;
    match failure {
        Some(reason) => form.error = Some(reason),
        None => chat.overlay = None,
    }
    true
}

pub(super) fn confirm(state: &mut State, action: Action) -> bool {
    let Some(chat) = state.chat_mut() else {
        return false;
    };
    match action {
        Action::No => chat.overlay = None,
        Action::Yes => {
            let Some(Overlay::Confirm(confirm)) = chat.overlay.take() else {
                return false;
            };
            let command = match confirm.what {
                Doubt::Call => {
                    compose::send_the_call(state);
                    return true;
                }
                Doubt::DeleteMessage {
                    room,
                    sender,
                    message,
                } => Command::Delete {
                    room,
                    sender,
                    message,
                },
                Doubt::ClosePoll {
                    room,
                    sender,
                    message,
                } => Command::ClosePoll {
                    room,
                    sender,
                    message,
                },
                Doubt::Leave(room) => Command::LeaveRoom { room },
                Doubt::DeleteRoom(room) => Command::DeleteRoom { room },
                Doubt::Remove { room, user } => Command::RemoveMember { room, user },
                Doubt::Join(link) => Command::JoinByLink { link },
                Doubt::RemoveEmoji(id) => Command::RemoveEmoji { id },
                Doubt::Block(user) => Command::Block {
                    user,
                    reason: String::new(),
                },
                Doubt::SignOut => Command::SignOut,
            };
            state.ask(command);
        }
        _ => return false,
    }
    true
}

/// Shows where the account is signed in.
pub(super) fn open_sessions(state: &mut State) {
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Sessions(Sessions {
            sessions: Loadable::Loading,
            selected: 0,
        }));
        state.ask(Command::Sessions);
    }
}

pub(super) fn sessions(state: &mut State, action: Action) -> bool {
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
        Action::End => {
            let Overlay::Sessions(list) = overlay else {
                return false;
            };
            let Some(session) = list.sessions.ready().and_then(|s| s.get(list.selected)) else {
                return true;
            };
            if session.is_current {
                chat.say("that is this session: signing out ends it");
            } else {
                let session = session.id;
                state.ask(Command::EndSession { session });
            }
        }
        _ => return false,
    }
    true
}
