//! The first screen.

use erc_client_core::protocol::auth::Registration;
use ratatui::layout::{Position, Rect};

use super::{
    overlay,
    paint::{Canvas, Piece},
};
use crate::state::{Loadable, SignInForm, sign_in::Field};

/// Cells of the labels.
const LABELS: u16 = 14;

/// Answers where the cursor is.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    area: Rect,
    form: &SignInForm,
    leaving: bool,
) -> Option<Position> {
    let theme = canvas.theme();
    let fields = form.fields();
    let roomy = area.height >= 22;
    let step = if roomy { 2 } else { 1 };
    let count = u16::try_from(fields.len()).unwrap_or(5);
    let wanted = count * step + 9;
    let width = area.width.saturating_sub(2).min(64);
    let height = wanted.min(area.height);
    let frame = Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 3,
        width,
        height,
    );
    let title = if form.signing_up {
        "ERC Chat: sign up"
    } else {
        "ERC Chat: sign in"
    };
    overlay::frame(canvas, frame, title);
    let inside = Rect::new(
        frame.x + 2,
        frame.y + 1,
        frame.width.saturating_sub(4),
        frame.height.saturating_sub(2),
    );
    let line = |y: u16| Rect {
        y,
        height: 1,
        ..inside
    };
    let mut y = inside.y;
    if let Some(reason) = &form.reason {
        y += canvas.paragraph(
            Rect {
                height: 2,
                ..inside
            },
            reason,
            theme.warn(),
        );
    }
    y += 1;
    let mut cursor = None;
    for field in fields {
        let at = field_line(canvas, line(y), form, field);
        if form.focus == field && !form.busy {
            cursor = Some(at);
        }
        y += step;
        if field == Field::Server {
            if !roomy {
                y += 1;
            }
            server_line(canvas, line(y - 1), form);
            y += u16::from(roomy);
        }
    }
    let rest = Rect {
        y: y.min(inside.bottom()),
        height: inside.bottom().saturating_sub(y),
        ..inside
    };
    outcome(canvas, rest, form);
    foot(
        canvas,
        line(inside.bottom().saturating_sub(1)),
        form,
        leaving,
    );
    cursor
}

fn field_line(canvas: &mut Canvas<'_>, line: Rect, form: &SignInForm, field: Field) -> Position {
    let theme = canvas.theme();
    let focused = form.focus == field;
    let label = match field {
        Field::Server => "Server",
        Field::Username => "User name",
        Field::Password => "Password",
        Field::DisplayName => "Shown name",
        Field::Invite => "Invite code",
    };
    let style = if focused {
        theme.accent()
    } else {
        theme.text()
    };
    canvas.line(line, &[Piece::own(label, style)], &[]);
    let shift = LABELS.min(line.width / 2);
    let rect = Rect {
        x: line.x + shift,
        width: line.width - shift,
        ..line
    };
    canvas.field(rect, form.input(field), theme.entry(focused))
}

/// What the server said about itself, under its field.
fn server_line(canvas: &mut Canvas<'_>, line: Rect, form: &SignInForm) {
    let theme = canvas.theme();
    let shift = LABELS.min(line.width / 2);
    let rect = Rect {
        x: line.x + shift,
        width: line.width - shift,
        ..line
    };
    let pieces = match form.server_info.as_ref().map(|(_, info)| info) {
        None => vec![Piece::own("such as chat.example.org", theme.dim())],
        Some(Loadable::Loading) => vec![Piece::own("asking…", theme.warn())],
        Some(Loadable::Failed(reason)) => vec![Piece::theirs(reason, theme.bad())],
        Some(Loadable::Ready(info)) => vec![
            Piece::theirs(&info.server_name, theme.good()),
            Piece::own(
                match info.registration {
                    Registration::Open => "  everybody may sign up",
                    Registration::Invite => "  sign-up by invite",
                    Registration::Closed => "  admins add users",
                },
                theme.dim(),
            ),
        ],
    };
    canvas.line(rect, &pieces, &[]);
}

fn outcome(canvas: &mut Canvas<'_>, rect: Rect, form: &SignInForm) {
    let theme = canvas.theme();
    let rect = Rect {
        height: rect.height.saturating_sub(1),
        ..rect
    };
    if let Some(error) = &form.error {
        canvas.paragraph(rect, error, theme.bad());
    } else if form.busy {
        canvas.line(rect, &[Piece::own("asking the server…", theme.warn())], &[]);
    }
}

fn foot(canvas: &mut Canvas<'_>, line: Rect, form: &SignInForm, leaving: bool) {
    let theme = canvas.theme();
    if leaving {
        let words = [Piece::own("Ctrl-C once more leaves", theme.warn())];
        canvas.line(line, &words, &[]);
        return;
    }
    let mut words = vec![
        Piece::own("Enter", theme.accent()),
        Piece::own(" goes on", theme.dim()),
    ];
    if form.registration() != Some(Registration::Closed) {
        words.push(Piece::own("   Ctrl-T", theme.accent()));
        words.push(Piece::own(
            if form.signing_up {
                " sign in"
            } else {
                " sign up"
            },
            theme.dim(),
        ));
    }
    if form.may_leave {
        words.push(Piece::own("   Esc", theme.accent()));
        words.push(Piece::own(" back", theme.dim()));
    } else {
        words.push(Piece::own("   Ctrl-Q", theme.accent()));
        words.push(Piece::own(" leaves", theme.dim()));
    }
    let help = [
        Piece::own("F1", theme.accent()),
        Piece::own(" keys", theme.dim()),
    ];
    canvas.line(line, &words, &help);
}
