//! The quick switcher.

use ratatui::layout::{Position, Rect};

use super::{
    overlay,
    paint::{Canvas, Piece},
    rooms,
};
use crate::{
    keymap::{COMMANDS, key_of},
    layout::OverBox,
    state::{
        Chat,
        overlay::{Choice, Switcher},
    },
};

pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    over: OverBox,
    chat: &Chat,
    switcher: &Switcher,
) -> Position {
    let cursor = overlay::field(
        canvas,
        over,
        "go to",
        "a room, a person, a command",
        &switcher.input,
    );
    let theme = canvas.theme();
    if switcher.found.is_empty() {
        let words = [Piece::own("nothing is called like that", theme.dim())];
        canvas.line(over.list, &words, &[]);
    }
    let count = switcher.found.len();
    for (index, rect) in overlay::in_sight(canvas, over.list, switcher.selected, count, 1) {
        entry(
            canvas,
            rect,
            chat,
            &switcher.found[index],
            index == switcher.selected,
        );
    }
    cursor
}

fn entry(canvas: &mut Canvas<'_>, rect: Rect, chat: &Chat, choice: &Choice, selected: bool) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let marker = Piece::own(if selected { glyphs.current } else { " " }, theme.accent());
    let space = Piece::own(" ", theme.text());
    match choice {
        Choice::Room(room) => {
            let Some(room) = chat.summary(*room) else {
                return;
            };
            let mut left = vec![marker, space, rooms::sign(canvas, room)];
            left.push(Piece::theirs(&room.name, theme.text()));
            left.push(Piece::own("  ", theme.dim()));
            left.push(Piece::theirs(&room.topic, theme.dim()));
            let mut right = Vec::new();
            if room.unread > 0 {
                right.push(Piece::number(room.unread, theme.accent()));
                right.push(Piece::own(" new", theme.accent()));
            }
            canvas.line(rect, &left, &right);
        }
        Choice::Person { user, name } => {
            let left = [
                marker,
                space,
                Piece::own("@ ", theme.dim()),
                Piece::theirs(name, theme.person(*user)),
            ];
            canvas.line(rect, &left, &[Piece::own("write to", theme.dim())]);
        }
        Choice::Command(action) => {
            let words = COMMANDS
                .iter()
                .find(|(a, _)| a == action)
                .map_or("", |(_, words)| words);
            let left = [
                marker,
                space,
                Piece::own("/ ", theme.dim()),
                Piece::own(words, theme.text()),
            ];
            let right: Vec<Piece> = key_of(*action)
                .map(|key| Piece::key(key, theme.dim()))
                .into_iter()
                .collect();
            canvas.line(rect, &left, &right);
        }
    }
}
