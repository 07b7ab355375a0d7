//! Telling those who moderate, looking after what they are told, reading what they did.

use erc_client_core::{
    SafeText,
    protocol::{
        ReportId, RoomId, Timestamp, UserId, limit,
        report::{ReportKind, ReportOutcome, ReportState},
        role::UnknownWord,
        validate,
    },
    view::{AuditLineView, AuditView, MessageView, ReportView},
};

use super::forms::text;
use crate::{
    command::Command,
    state::{
        Loadable, Overlay, State,
        overlay::{Form, FormPurpose},
        picker::{Deed, Entry, Pick, Picker, Purpose},
    },
};

fn open(state: &mut State, purpose: Purpose, ask: Command) {
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Picker(Picker::new(purpose, Loadable::Loading)));
    }
    state.ask(ask);
}

fn ask_why(state: &mut State, purpose: FormPurpose) {
    let fields = vec![
        text("spam, harassment, unwanted, illegal, danger, other", "spam"),
        text("What those who moderate should know", ""),
    ];
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
    }
}

/// Reports a message.
pub(super) fn message(state: &mut State, message: &MessageView) {
    let Some(chat) = state.chat_mut() else { return };
    match message.message_id.filter(|_| !message.own) {
        None => chat.say("there is nothing to report"),
        Some(id) => ask_why(state, FormPurpose::ReportMessage { id }),
    }
}

/// Reports somebody.
pub(super) fn person(state: &mut State, user: UserId) {
    let Some(chat) = state.chat_mut() else { return };
    if user == chat.me.id {
        return chat.say("that is you");
    }
    ask_why(state, FormPurpose::ReportPerson { user });
}

/// What a form of these asks for, or why it can't.
pub(super) fn request(form: &Form) -> Result<Command, String> {
    let wrong = |e: UnknownWord| e.to_string();
    match form.purpose {
        FormPurpose::CloseReport { id, outcome } => Ok(Command::CloseReport {
            id,
            outcome,
            seconds: super::forms::seconds(&form.text(0), 3_600)?,
            note: validate::report_words(&form.text(1))?,
        }),
        FormPurpose::Raid => match super::forms::seconds(&form.text(0), 3_600)? {
            Some(seconds) if seconds <= limit::RAID_S => Ok(Command::Raid {
                seconds: Some(seconds),
            }),
            _ => Err(format!("from 1 to {} hours", limit::RAID_S / 3_600)),
        },
        FormPurpose::ReportPerson { user } => Ok(Command::Report {
            message: None,
            user: Some(user),
            kind: form.text(0).trim().parse().map_err(wrong)?,
            words: validate::report_words(&form.text(1))?,
        }),
        FormPurpose::ReportMessage { id } => Ok(Command::Report {
            message: Some(id),
            user: None,
            kind: form.text(0).trim().parse().map_err(wrong)?,
            words: validate::report_words(&form.text(1))?,
        }),
        _ => Err(String::new()),
    }
}

/// What waits to be looked after.
pub(super) fn queue(state: &mut State) {
    open(state, Purpose::Reports, Command::Reports);
}

/// The count changed: the queue is read again if it is on the screen.
pub(super) fn counted(state: &mut State, waiting: i64) {
    let Some(chat) = state.chat_mut() else { return };
    chat.reports = waiting;
    let is_shown =
        matches!(&chat.overlay, Some(Overlay::Picker(o)) if o.purpose == Purpose::Reports);
    if is_shown {
        state.ask(Command::Reports);
    }
}

/// The doors of the server were closed, or opened.
pub(super) fn raid(state: &mut State, until: Option<Timestamp>) {
    let Some(chat) = state.chat_mut() else { return };
    chat.raid_until = until;
    chat.say(if until.is_some() {
        "the doors of the server are closed for a while"
    } else {
        "the doors of the server are open"
    });
}

/// Asks how long they shall be closed; closed ones are opened.
pub(super) fn switch(state: &mut State) {
    let Some(chat) = state.chat_mut() else { return };
    if chat.raid_until.is_some() {
        return state.ask(Command::Raid { seconds: None });
    }
    let field = text(
        "Hours. Nobody signs up, no link works, newcomers join nothing",
        "2",
    );
    chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::Raid, vec![field])));
}

/// The log of the open room, or of the server.
pub(super) fn log(state: &mut State, of_room: bool) {
    let room = state.chat().and_then(|chat| chat.open.as_ref());
    let room = room.map(|open| open.id).filter(|_| of_room);
    if of_room && room.is_none() {
        if let Some(chat) = state.chat_mut() {
            chat.say("no room is open");
        }
        return;
    }
    read_log(state, room, None);
}

pub(super) fn read_log(
    state: &mut State,
    room: Option<RoomId>,
    before: Option<erc_client_core::protocol::AuditId>,
) {
    let command = Command::Audit { room, before };
    open(state, Purpose::Audit { room, before }, command);
}

fn kind(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Spam => "spam",
        ReportKind::Harassment => "harassment",
        ReportKind::Unwanted => "unwanted",
        ReportKind::Illegal => "illegal",
        ReportKind::Danger => "somebody in danger",
        ReportKind::Other => "something else",
    }
}

/// A report in the queue.
pub(crate) fn entry(report: ReportView) -> Entry {
    let said = report.context.iter().find(|line| line.reported);
    let said = said.map_or("", |line| line.text.as_str());
    let state = match (report.state, &report.taken_by) {
        (ReportState::Taken, Some(name)) => format!("{name} looks after it"),
        _ => "waits".to_owned(),
    };
    let room = report.room.as_ref().map_or("", SafeText::as_str);
    let words = kind(report.kind);
    Entry {
        label: SafeText::line(&format!("{words}: {} {said}", report.user)),
        hint: SafeText::line(&format!("{state} {room}")),
        at: Some(report.created_at),
        pick: Pick::Report(Box::new(report)),
    }
}

/// What can be done about a report, over what stood there.
pub(super) fn show(state: &mut State, report: &ReportView) {
    let entry = |label: String, pick| Entry {
        label: SafeText::line(&label),
        hint: SafeText::default(),
        at: None,
        pick,
    };
    let mut entries = vec![
        entry(
            format!(
                "{} reports {}: {}",
                report.reporter,
                report.user,
                kind(report.kind)
            ),
            Pick::Nothing,
        ),
        entry(format!("they say: {}", report.words), Pick::Nothing),
    ];
    for line in &report.context {
        let sign = if line.reported { "> " } else { "  " };
        let mut said = entry(
            format!("{sign}{}: {}", line.sender, line.text),
            Pick::Nothing,
        );
        said.at = Some(line.at);
        entries.push(said);
    }
    let deeds = [
        (Deed::Take, "look after it"),
        (Deed::Release, "let others look after it"),
        (
            Deed::Close(ReportOutcome::Nothing),
            "close: there was nothing to do",
        ),
        (
            Deed::Close(ReportOutcome::Warned),
            "close: I talked to them",
        ),
        (
            Deed::Close(ReportOutcome::MessageDeleted),
            "close: delete the message",
        ),
        (
            Deed::Close(ReportOutcome::Muted),
            "close: they only read in the room",
        ),
        (
            Deed::Close(ReportOutcome::Banned),
            "close: ban them from the room",
        ),
        (
            Deed::Close(ReportOutcome::AccountDisabled),
            "close: disable their account",
        ),
    ];
    let first = entries.len();
    for (deed, words) in deeds {
        let fits = match deed {
            Deed::Take => report.state == ReportState::Open,
            Deed::Release => report.state == ReportState::Taken,
            Deed::Close(ReportOutcome::MessageDeleted) => report.message_id.is_some(),
            Deed::Close(ReportOutcome::Muted | ReportOutcome::Banned) => report.room_id.is_some(),
            Deed::Close(_) => true,
        };
        if fits {
            entries.push(entry(words.to_owned(), Pick::Deed(report.id, deed)));
        }
    }
    let mut picker = Picker::new(Purpose::Report(report.id), Loadable::Ready(entries));
    picker.selected = first;
    if let Some(chat) = state.chat_mut() {
        chat.overlay = Some(Overlay::Picker(picker));
    }
}

/// Does what was chosen about a report.
pub(super) fn act(state: &mut State, id: ReportId, deed: Deed) {
    let taken = deed == Deed::Take;
    match deed {
        Deed::Take | Deed::Release => state.ask(Command::TakeReport { id, taken }),
        Deed::Close(outcome) => {
            let Some(chat) = state.chat_mut() else { return };
            let fields = vec![
                text("Hours of a mute or a ban; empty: until it is lifted", ""),
                text("Note, among those who moderate", ""),
            ];
            let purpose = FormPurpose::CloseReport { id, outcome };
            chat.overlay = Some(Overlay::Form(Form::new(purpose, fields)));
        }
    }
}

/// A page of the log, and the way to the next.
pub(crate) fn page(room: Option<RoomId>, view: &AuditView) -> Vec<Entry> {
    let older = view
        .lines
        .last()
        .map(|line| line.id)
        .filter(|_| view.has_more);
    let mut entries: Vec<_> = view.lines.iter().map(audit_line).collect();
    entries.extend(older.map(|before| Entry {
        label: SafeText::line("older lines"),
        hint: SafeText::default(),
        at: None,
        pick: Pick::Older { room, before },
    }));
    entries
}

fn audit_line(line: &AuditLineView) -> Entry {
    let who = line.actor.as_ref().map_or("the shell", SafeText::as_str);
    let whom = line.user.as_ref().map_or("", SafeText::as_str);
    let room = line.room.as_ref().map_or("", SafeText::as_str);
    Entry {
        label: SafeText::line(&format!("{who}  {}  {whom}  {}", line.action, line.details)),
        hint: SafeText::line(room),
        at: Some(line.at),
        pick: Pick::Nothing,
    }
}
