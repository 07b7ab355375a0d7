//! Where the account is signed in.

use super::{
    date, overlay,
    paint::{Canvas, Piece},
};
use crate::{layout::OverBox, state::overlay::Sessions};

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, list: &Sessions) {
    overlay::frame(canvas, over.frame, "signed in at");
    let theme = canvas.theme();
    let hint = [
        Piece::own("x", theme.accent()),
        Piece::own(" ends a session", theme.dim()),
    ];
    canvas.line(over.field, &hint, &[]);
    let sessions = overlay::entries(
        canvas,
        over.list,
        &list.sessions,
        "asking the server…",
        "no session is known",
    );
    for (index, rect) in overlay::in_sight(canvas, over.list, list.selected, sessions.len(), 1) {
        let session = &sessions[index];
        let used = date::moment(session.last_used_at, &canvas.look().zone);
        let left = [
            Piece::own("  ", theme.text()),
            Piece::theirs(&session.device_name, theme.text()),
        ];
        let right = if session.is_current {
            vec![Piece::own("this one", theme.good())]
        } else {
            vec![
                Piece::own("last used ", theme.dim()),
                Piece::theirs(&used, theme.dim()),
            ]
        };
        canvas.line(rect, &left, &right);
    }
}
