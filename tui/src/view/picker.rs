//! A list about a message or the room.

use erc_client_core::SafeText;
use ratatui::layout::{Position, Rect};

use super::{
    date, overlay,
    paint::{Canvas, Piece},
};
use crate::{
    layout::OverBox,
    state::picker::{Ballot, Entry, Picker, Purpose},
    wrap,
};

struct Words {
    title: &'static str,
    hint: &'static str,
    empty: &'static str,
}

#[expect(clippy::too_many_lines, reason = "a table: what each list says")]
const fn words(purpose: &Purpose) -> Words {
    match purpose {
        Purpose::React(_) => Words {
            title: "react",
            hint: "what it shows: heart, party, eyes",
            empty: "no emoji is called like that",
        },
        Purpose::Forward {
            with_author: true, ..
        } => Words {
            title: "forward, with its author's name (Ctrl-T: without)",
            hint: "part of a room's name",
            empty: "no room is called like that",
        },
        Purpose::Forward { .. } => Words {
            title: "forward, without its author's name (Ctrl-T: with)",
            hint: "part of a room's name",
            empty: "no room is called like that",
        },
        Purpose::Pins(_) => Words {
            title: "pinned in this room",
            hint: "part of the text",
            empty: "nothing is pinned here: p pins a message",
        },
        Purpose::History(_) => Words {
            title: "what it said before",
            hint: "",
            empty: "nothing is left of it",
        },
        Purpose::Scheduled => Words {
            title: "to be done later (Ctrl-X: cancel, put away)",
            hint: "part of the text",
            empty: "nothing: /schedule 9:00 text, or z at a message",
        },
        Purpose::Reports => Words {
            title: "reports that wait",
            hint: "part of a name, of a room",
            empty: "nothing waits",
        },
        Purpose::Report(_) => Words {
            title: "what stood there, and what to do about it",
            hint: "part of it",
            empty: "nothing is like that",
        },
        Purpose::Filters(_) => Words {
            title: "word filters (Ctrl-X: no longer)",
            hint: "part of one",
            empty: "nothing is like that",
        },
        Purpose::Emoji => Words {
            title: "emoji of this community (Ctrl-X: take away)",
            hint: "part of a name",
            empty: "there are none",
        },
        Purpose::Audit { .. } => Words {
            title: "what moderators did",
            hint: "part of a name, of what was done",
            empty: "nothing is written down",
        },
        Purpose::Requests => Words {
            title: "people who want to write to you",
            hint: "part of a name, or of what they wrote",
            empty: "nobody: who shares no room with you would stand here first",
        },
        Purpose::Blocks => Words {
            title: "people you block (Ctrl-X: no longer)",
            hint: "part of a name",
            empty: "nobody: B at a message or a member blocks",
        },
        Purpose::Threads => Words {
            title: "threads that you follow",
            hint: "part of what began it, or of the room",
            empty: "none yet: t at a message goes into its thread",
        },
        Purpose::RoomThreads(_) => Words {
            title: "threads of this room",
            hint: "part of what began it",
            empty: "none yet: t at a message begins one",
        },
        Purpose::Aside(_) => Words {
            title: "written on another device (Enter: write it here, Ctrl-X: forget it)",
            hint: "part of the text",
            empty: "nothing",
        },
        Purpose::Vote(Ballot { multiple: true, .. }) => Words {
            title: "vote: Enter chooses, or takes it back",
            hint: "an option's number, or part of it",
            empty: "no option is called like that",
        },
        Purpose::Vote(_) => Words {
            title: "vote for one",
            hint: "an option's number, or part of it",
            empty: "no option is called like that",
        },
        Purpose::Voted(..) => Words {
            title: "who chose what",
            hint: "",
            empty: "nobody has voted",
        },
        Purpose::Reacted(_) => Words {
            title: "who reacted",
            hint: "",
            empty: "nobody has",
        },
    }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, picker: &Picker) -> Option<Position> {
    let words = words(&picker.purpose);
    let (cursor, list) = if picker.has_field() {
        let cursor = overlay::field(canvas, over, words.title, words.hint, &picker.input);
        (Some(cursor), over.list)
    } else {
        overlay::frame(canvas, over.frame, words.title);
        let list = Rect {
            y: over.field.y,
            height: over.field.height + 1 + over.list.height,
            ..over.list
        };
        (None, list)
    };
    overlay::entries(
        canvas,
        list,
        &picker.entries,
        "asking the server…",
        words.empty,
    );
    let shown = picker.shown();
    if shown.is_empty() && picker.entries.ready().is_some() {
        let line = Piece::own(words.empty, canvas.theme().dim());
        canvas.line(list, &[line], &[]);
    }
    if matches!(picker.purpose, Purpose::History(_)) {
        texts(canvas, list, &shown, picker.selected);
    } else {
        let sight = overlay::in_sight(canvas, list, picker.selected, shown.len(), 1);
        for (index, rect) in sight {
            entry(canvas, rect, shown[index], index == picker.selected);
        }
    }
    cursor
}

fn entry(canvas: &mut Canvas<'_>, rect: Rect, entry: &Entry, selected: bool) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let marker = if selected { glyphs.current } else { " " };
    let left = [
        Piece::own(marker, theme.accent()),
        Piece::own(" ", theme.text()),
        Piece::theirs(&entry.label, theme.text()),
    ];
    let mut right = vec![Piece::theirs(&entry.hint, theme.dim())];
    if let Some(at) = entry.at {
        right.push(Piece::own("  ", theme.dim()));
        let when = date::moment(at, &canvas.look().zone);
        right.push(Piece::theirs(&when, theme.dim()));
    }
    canvas.line(rect, &left, &right);
}

/// Texts in full, each under its time; from the selected one on.
fn texts(canvas: &mut Canvas<'_>, rect: Rect, shown: &[&Entry], from: usize) {
    let theme = canvas.theme();
    let mut y = rect.y;
    for entry in shown.iter().skip(from) {
        let left = Rect {
            y,
            height: rect.bottom().saturating_sub(y),
            ..rect
        };
        if left.height < 2 {
            return;
        }
        if let Some(at) = entry.at {
            let when = date::moment(at, &canvas.look().zone);
            canvas.line(left, &[Piece::theirs(&when, theme.dim())], &[]);
        }
        let body = Rect {
            x: left.x + 2,
            y: y + 1,
            width: left.width.saturating_sub(2),
            height: left.height - 1,
        };
        y += 1 + paragraphs(canvas, body, &entry.label);
    }
}

/// A text with its lines as they were broken; answers how many rows it took.
fn paragraphs(canvas: &mut Canvas<'_>, rect: Rect, text: &SafeText) -> u16 {
    let style = canvas.theme().text();
    let mut taken = 0;
    for range in wrap::wrap(text.as_str(), usize::from(rect.width)) {
        if taken == rect.height {
            break;
        }
        let line = Rect {
            y: rect.y + taken,
            height: 1,
            ..rect
        };
        canvas.line(line, &[Piece::part(text, range, style)], &[]);
        taken += 1;
    }
    taken
}
