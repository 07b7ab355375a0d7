//! What `CommonMark` doesn't know within a paragraph: spoilers, mentions, short codes of emoji.
//!
//! A paragraph is collected as [`Run`]s, texts of one style as they were written, and becomes spans
//! once it is complete: a spoiler may reach over several runs.

use std::ops::Range;

use erc_protocol::mention;

use super::{
    Mention, Span, Style,
    emoji::{self, Piece},
};
use crate::{SafeText, emoji::Custom};

/// A piece of a paragraph before its marks are looked at.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) style: Style,
    /// Code, an address, the text of a link: no marks in it.
    pub(super) fixed: bool,
    /// Its first character was written behind a backslash: it begins no mark.
    pub(super) escaped: bool,
    /// Where it ends in the source.
    pub(super) end: usize,
}

/// For whom a text is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    /// Their user name.
    pub(super) me: &'a str,
    /// The emoji that their community has of its own.
    pub(super) custom: &'a Custom,
}

/// Covers and uncovers: two bars.
const BARS: &str = "||";

/// Two bars in a run.
#[derive(Debug, Clone, Copy)]
struct Bars {
    run: usize,
    at: usize,
    opens: bool,
    closes: bool,
}

/// The spans of a paragraph. `spoilers`: how many the message has.
pub(super) fn spans(runs: &[Run], reader: Reader<'_>, spoilers: &mut u16) -> Vec<Span> {
    let mut spans: Vec<(String, Style)> = Vec::new();
    let covers = pairs(&bars(runs));
    let mut covers = covers.iter().peekable();
    let mut covered = None;
    let mut before = None;
    for (n, run) in runs.iter().enumerate() {
        let mut from = 0;
        while let Some((_, at, opens)) = covers.next_if(|(of, ..)| *of == n) {
            push(&mut spans, run, from..*at, covered, &mut before, reader);
            from = at + BARS.len();
            covered = opens.then(|| {
                *spoilers = spoilers.saturating_add(1);
                *spoilers
            });
        }
        push(
            &mut spans,
            run,
            from..run.text.len(),
            covered,
            &mut before,
            reader,
        );
    }
    trim(&mut spans);
    let made_safe = |(text, style): (String, Style)| Span {
        text: SafeText::block(&text),
        style,
    };
    spans.into_iter().map(made_safe).collect()
}

fn bars(runs: &[Run]) -> Vec<Bars> {
    let mut all = Vec::new();
    for (n, run) in runs.iter().enumerate().filter(|(_, run)| !run.fixed) {
        let mut from = usize::from(run.escaped);
        while let Some(found) = run.text.get(from..).and_then(|rest| rest.find(BARS)) {
            let at = from + found;
            let after = run.text[at + BARS.len()..].chars().next();
            let before = run.text[..at].chars().next_back();
            all.push(Bars {
                run: n,
                at,
                opens: !after.is_some_and(char::is_whitespace),
                closes: !before.is_some_and(char::is_whitespace),
            });
            from = at + BARS.len();
        }
    }
    all
}

/// Those that have a partner, in order: where they stand and whether they cover.
fn pairs(bars: &[Bars]) -> Vec<(usize, usize, bool)> {
    let mut pairs = Vec::new();
    let mut open: Option<Bars> = None;
    for here in bars {
        match open {
            Some(from)
                if here.closes && (from.run, from.at + BARS.len()) != (here.run, here.at) =>
            {
                pairs.push((from.run, from.at, true));
                pairs.push((here.run, here.at, false));
                open = None;
            }
            _ if here.opens => open = Some(*here),
            _ => {}
        }
    }
    pairs
}

/// A part of a run, with its mentions and emoji.
fn push(
    spans: &mut Vec<(String, Style)>,
    run: &Run,
    range: Range<usize>,
    spoiler: Option<u16>,
    before: &mut Option<char>,
    reader: Reader<'_>,
) {
    let text = &run.text[range.clone()];
    let style = Style {
        spoiler,
        ..run.style.clone()
    };
    if run.fixed {
        add(spans, text, &style);
    } else {
        let skipped = usize::from(run.escaped && range.start == 0 && !text.is_empty());
        if skipped > 0 {
            add(spans, &text[..skipped], &style);
            *before = text[..skipped].chars().next_back();
        }
        marked(spans, &text[skipped..], &style, *before, reader);
    }
    *before = text.chars().next_back().or(*before);
}

fn marked(
    spans: &mut Vec<(String, Style)>,
    text: &str,
    style: &Style,
    before: Option<char>,
    reader: Reader<'_>,
) {
    let mut done = 0;
    let last = |end: usize| text[..end].chars().next_back().or(before);
    for (range, name) in mention::found(text, before) {
        let between = &text[done..range.start];
        with_emoji(spans, between, style, last(done), reader.custom);
        let mention = if name == reader.me {
            Mention::Me
        } else {
            Mention::Somebody
        };
        let style = Style {
            mention: Some(mention),
            ..style.clone()
        };
        add(spans, &text[range.clone()], &style);
        done = range.end;
    }
    with_emoji(spans, &text[done..], style, last(done), reader.custom);
}

fn with_emoji(
    spans: &mut Vec<(String, Style)>,
    text: &str,
    style: &Style,
    before: Option<char>,
    custom: &Custom,
) {
    for piece in emoji::pieces(text, before, custom) {
        match piece {
            Piece::Text(text) => add(spans, &text, style),
            Piece::Custom(code, id) => {
                let emoji = Some(id);
                let style = Style {
                    emoji,
                    ..style.clone()
                };
                // Never one with what stands before it, not even with the same again.
                spans.push((code.to_owned(), style));
            }
        }
    }
}

fn add(spans: &mut Vec<(String, Style)>, text: &str, style: &Style) {
    if text.is_empty() {
        return;
    }
    match spans.last_mut() {
        Some((last, of)) if of == style => last.push_str(text),
        _ => spans.push((text.to_owned(), style.clone())),
    }
}

/// Line breaks at the end break nothing.
fn trim(spans: &mut Vec<(String, Style)>) {
    while let Some((last, _)) = spans.last_mut() {
        last.truncate(last.trim_end_matches('\n').len());
        if !last.is_empty() {
            return;
        }
        spans.pop();
    }
}
