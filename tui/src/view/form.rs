//! A form over the chat.

use ratatui::layout::{Position, Rect};

use super::{
    overlay,
    paint::{Canvas, Piece},
};
use crate::{
    command::PollPlace,
    layout::OverBox,
    state::overlay::{FieldKind, Form, FormPurpose},
};

/// Lines that a form asks for: its fields, an error, and what the keys do.
pub(super) fn lines(form: &Form) -> u16 {
    let fields = form.fields.iter().map(|field| match field.kind {
        FieldKind::Text(_) => 2,
        FieldKind::Switch(_) => 1,
    });
    fields.sum::<u16>() + 1
}

/// Answers where the cursor is.
pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, form: &Form) -> Option<Position> {
    let title = match form.purpose {
        FormPurpose::CreateRoom => "create a room",
        FormPurpose::ChangeRoom { .. } => "change this room",
        FormPurpose::ChangeName => "your name",
        FormPurpose::ReportMessage { .. } => "report this message",
        FormPurpose::ReportPerson { .. } => "report somebody",
        FormPurpose::CloseReport { .. } => "close the report",
        FormPurpose::AddEmoji => "add an emoji",
        FormPurpose::AddFilter { .. } => "add a word filter",
        FormPurpose::Raid => "close the doors of the server",
        FormPurpose::Block { .. } => "block somebody",
        FormPurpose::Deactivate => "let the account rest; signing in within 30 days takes it up",
        FormPurpose::Erase => "erase the account: name, places, sessions and all that is yours",
        FormPurpose::Lifetime { .. } => "how long messages stay in this room",
        FormPurpose::Status { .. } => "your status",
        FormPurpose::Poll(PollPlace {
            thread: Some(_), ..
        }) => "ask everybody in this thread",
        FormPurpose::Poll(_) => "ask everybody in this room",
        FormPurpose::MakeLink { .. } => "a link into this room",
        FormPurpose::ShowLink => "the link is on the clipboard",
        FormPurpose::JoinByLink => "join by a link",
        FormPurpose::ExportRoom { .. } => "export this room",
        FormPurpose::ExportMe => "export what the server holds of you",
        FormPurpose::Remind { .. } => "remind me of this message",
        FormPurpose::Reschedule { .. } => "to be sent later",
        FormPurpose::Notify { .. } => "what rings in this room",
        FormPurpose::Attention => "what rings everywhere",
        FormPurpose::Role { .. } => "their role in this room",
        FormPurpose::Mute { .. } => "let them only read",
        FormPurpose::Ban { .. } => "put them out and keep them out",
    };
    overlay::frame(canvas, over.frame, title);
    let theme = canvas.theme();
    let inside = Rect {
        height: over.frame.height.saturating_sub(2),
        ..over.field
    };
    let mut cursor = None;
    let mut y = inside.y;
    for (n, field) in form.fields.iter().enumerate() {
        let focused = n == form.focus;
        let label = if focused { theme.accent() } else { theme.dim() };
        let line = Rect {
            y,
            height: 1,
            ..inside
        };
        if y >= inside.bottom() {
            break;
        }
        match &field.kind {
            FieldKind::Text(input) => {
                canvas.line(line, &[Piece::own(field.label, label)], &[]);
                let below = Rect { y: y + 1, ..line }.intersection(inside);
                if !below.is_empty() {
                    let at = canvas.field(below, input, theme.entry(focused));
                    cursor = cursor.or(focused.then_some(at));
                }
                y += 2;
            }
            FieldKind::Switch(on) => {
                let box_ = Piece::own(if *on { "[x] " } else { "[ ] " }, label);
                canvas.line(line, &[box_, Piece::own(field.label, label)], &[]);
                y += 1;
            }
        }
    }
    let foot = Rect {
        y: inside.bottom().saturating_sub(1),
        height: 1,
        ..inside
    };
    if let Some(error) = &form.error {
        let above = Rect {
            y: foot.y.saturating_sub(2).max(y),
            height: 2,
            ..foot
        };
        canvas.paragraph(above.intersection(inside), error, theme.bad());
    }
    let words = match form.progress {
        Some(progress) if form.busy => vec![
            Piece::number(progress.done, theme.warn()),
            Piece::own(" of ", theme.warn()),
            Piece::number(progress.of, theme.warn()),
            Piece::own(", Esc stops it", theme.dim()),
        ],
        _ if form.busy => vec![Piece::own("asking the server…", theme.warn())],
        _ => vec![
            Piece::own("Enter", theme.accent()),
            Piece::own(" does it, Esc closes", theme.dim()),
        ],
    };
    canvas.line(foot, &words, &[]);
    cursor
}
