//! Figures: numbers, and bars of blocks.

use erc_client_core::{
    SafeText,
    view::{AnalyticsView, NumberView},
};
use ratatui::layout::Rect;

use super::{
    overlay,
    paint::{Canvas, Piece},
};
use crate::{
    layout::OverBox,
    state::{
        Loadable,
        overlay::{Figures, RANGES},
    },
};

/// Cells of the names before bars.
const NAMES: usize = 16;

pub(super) fn draw(canvas: &mut Canvas<'_>, over: OverBox, figures: &Figures) {
    let title = if figures.room.is_some() {
        "figures of this room"
    } else {
        "figures of this server"
    };
    overlay::frame(canvas, over.frame, title);
    let theme = canvas.theme();
    let mut ranges = Vec::new();
    for (n, (_, words)) in RANGES.iter().enumerate() {
        let style = if n == figures.range {
            theme.accent()
        } else {
            theme.dim()
        };
        ranges.push(Piece::own(words, style));
        ranges.push(Piece::own("  ", theme.dim()));
    }
    let hint = [Piece::own("Left and Right change it", theme.dim())];
    canvas.line(over.field, &ranges, &hint);
    match &figures.seen {
        Loadable::Loading => {
            canvas.line(
                over.list,
                &[Piece::own("asking the server…", theme.dim())],
                &[],
            );
        }
        Loadable::Failed(reason) => {
            canvas.paragraph(over.list, reason, theme.bad());
        }
        Loadable::Ready(seen) => {
            let lines = lines(canvas, over.list, &figures.title, seen);
            let fit = usize::from(over.list.height);
            let first = figures.scroll.min(lines.len().saturating_sub(fit));
            for (y, (left, right)) in (over.list.y..over.list.bottom()).zip(&lines[first..]) {
                let rect = Rect {
                    y,
                    height: 1,
                    ..over.list
                };
                canvas.line(rect, left, right);
            }
        }
    }
}

type Line = (Vec<Piece>, Vec<Piece>);

fn lines(canvas: &Canvas<'_>, rect: Rect, title: &SafeText, seen: &AnalyticsView) -> Vec<Line> {
    let theme = canvas.theme();
    let own = |words| Piece::own(words, theme.dim());
    let number = |count: i64| Piece::number(count, theme.text());
    let all = &seen.totals;
    let mut lines: Vec<Line> = vec![(
        vec![Piece::theirs(title, theme.accent())],
        vec![
            Piece::theirs(&seen.from, theme.dim()),
            own(" to "),
            Piece::theirs(&seen.to, theme.dim()),
            own(" "),
            Piece::theirs(&seen.time_zone, theme.dim()),
        ],
    )];
    if seen.behind > 0 {
        let words = vec![number(seen.behind), own(" changes are not counted yet")];
        lines.push((words, Vec::new()));
    }
    if all.messages == 0 {
        lines.push((vec![own("nobody wrote in this time")], Vec::new()));
    }
    let mut said = |words: Vec<(&'static str, i64)>| {
        let mut pieces = Vec::new();
        for (words, count) in words {
            if !pieces.is_empty() {
                pieces.push(own("  "));
            }
            pieces.push(own(words));
            pieces.push(own(" "));
            pieces.push(number(count));
        }
        lines.push((pieces, Vec::new()));
    };
    said(vec![
        ("messages", all.messages),
        ("replies", all.replies),
        ("answered", all.answered),
        ("reactions", all.reactions),
    ]);
    said(vec![("edited", all.edited), ("deleted", all.deleted)]);
    said(vec![
        ("people who wrote", all.writers),
        ("of", all.members),
        ("came", all.joined),
    ]);
    said(vec![
        ("active today", seen.active.daily),
        ("in 7 days", seen.active.weekly),
        ("in 30 days", seen.active.monthly),
    ]);
    for (words, seconds) in [
        (
            "half of what was said next came within",
            seen.next_speaker_s,
        ),
        ("half of the replies came within", seen.reply_s),
    ] {
        if let Some(seconds) = seconds {
            let (count, unit) = time(seconds);
            let pieces = vec![own(words), own(" "), number(count), own(unit)];
            lines.push((pieces, Vec::new()));
        }
    }
    let days: Vec<_> = seen.by_day.iter().map(|day| day.messages).collect();
    let members: Vec<_> = seen.by_day.iter().map(|day| day.members).collect();
    let hours: Vec<_> = seen.by_hour.iter().map(|hour| hour.count).collect();
    for (words, counts) in [
        ("messages a day", &days),
        ("messages by hour", &hours),
        ("members", &members),
    ] {
        let most = counts.iter().copied().max().unwrap_or(0);
        let width = usize::from(rect.width).saturating_sub(NAMES + 8);
        let mut pieces = vec![own(words).exactly(NAMES + 1, canvas.glyphs())];
        pieces.extend(spark(canvas, counts, width));
        lines.push((pieces, vec![own("most "), number(most)]));
    }
    bars(canvas, rect, "by weekday", &seen.by_weekday, &mut lines);
    bars(canvas, rect, "by type", &seen.by_type, &mut lines);
    let people: Vec<_> = seen
        .by_user
        .iter()
        .map(|user| NumberView {
            name: user.name.clone(),
            count: user.messages,
        })
        .collect();
    bars(canvas, rect, "by person", &people, &mut lines);
    lines
}

/// Seconds in a unit that people read.
fn time(seconds: i64) -> (i64, &'static str) {
    match seconds {
        ..120 => (seconds, " s"),
        120..7_200 => (seconds / 60, " min"),
        _ => (seconds / 3_600, " h"),
    }
}

/// Columns of blocks, one for each number; where there are more than cells, for several together.
fn spark(canvas: &Canvas<'_>, counts: &[i64], width: usize) -> Vec<Piece> {
    let bars = canvas.glyphs().bars;
    let each = counts.len().div_ceil(width.max(1)).max(1);
    let sums: Vec<i64> = counts.chunks(each).map(|some| some.iter().sum()).collect();
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let steps = bars.len() as i64 - 1;
    let style = canvas.theme().accent();
    let column = |sum: &i64| {
        // What is there is seen.
        let height = (sum * steps).div_euclid(most).max(i64::from(*sum > 0));
        let height = usize::try_from(height).unwrap_or(0);
        Piece::own(bars[height.min(bars.len() - 1)], style)
    };
    sums.iter().map(column).collect()
}

/// A line each, longest where the number is largest.
fn bars(
    canvas: &Canvas<'_>,
    rect: Rect,
    title: &'static str,
    all: &[NumberView],
    lines: &mut Vec<Line>,
) {
    let theme = canvas.theme();
    let most = all.iter().map(|one| one.count).max().unwrap_or(0);
    if most == 0 {
        return;
    }
    lines.push((vec![Piece::own(title, theme.dim())], Vec::new()));
    let full = canvas.glyphs().bars[canvas.glyphs().bars.len() - 1];
    let width = i64::from(rect.width)
        .saturating_sub(NAMES as i64 + 10)
        .max(1);
    for one in all {
        let length = (one.count * width)
            .div_euclid(most)
            .max(i64::from(one.count > 0));
        let name = Piece::theirs(&one.name, theme.text());
        let bar = Piece::own(full, theme.accent()).times(usize::try_from(length).unwrap_or(0));
        let left = vec![
            name.exactly(NAMES, canvas.glyphs()),
            Piece::own(" ", theme.dim()),
            bar,
        ];
        lines.push((left, vec![Piece::number(one.count, theme.dim())]));
    }
}
