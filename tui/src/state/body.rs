//! What a message says as lines of the terminal.
//!
//! Pure: a tree and a width in, lines of bits out. No line is wider than asked, as far as the
//! width holds the signs that stand before the text.

mod table;

use erc_client_core::{
    SafeText,
    markdown::{Block, Body, ListItem, Span, Style},
};

use crate::wrap;

/// Cells of a sign that stands before text.
const SIGN: usize = 2;
/// The fewest cells that text is left; signs before it give way.
const FEWEST: usize = 4;

/// A line of bits, from left to right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(pub Vec<Bit>);

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bit {
    /// At the side of a quote or of code: two cells.
    Side,
    /// Before an item: two cells.
    Bullet,
    /// Before an item: the number, a full stop, a space.
    Number(u64),
    /// Before a task: four cells.
    Task { done: bool },
    /// Nothing, so many cells.
    Space(usize),
    /// A line through so many cells.
    Rule(usize),
    /// Between two columns: three cells.
    Column,
    /// Where a line crosses between two columns: three cells.
    Crossing,
    /// What was written.
    Text {
        text: SafeText,
        style: Style,
        role: Role,
    },
}

/// What a text is besides its style.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Plain,
    Heading,
    Code,
    /// What is no part of the text: the name of a language, the address of a link.
    Aside,
}

impl Bit {
    /// Cells that it takes.
    pub fn width(&self) -> usize {
        match self {
            Self::Side | Self::Bullet => SIGN,
            Self::Number(number) => number.to_string().len() + SIGN,
            Self::Task { .. } => 4,
            Self::Space(width) | Self::Rule(width) => *width,
            Self::Column | Self::Crossing => 3,
            Self::Text { text, .. } => wrap::width(text.as_str()),
        }
    }
}

impl Line {
    /// Cells that it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(Bit::width).sum()
    }
}

/// The lines of a message; at least one.
pub fn lay(body: &Body, width: usize) -> Vec<Line> {
    let mut lines = of_blocks(&body.blocks, width);
    if lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

fn of_blocks(blocks: &[Block], width: usize) -> Vec<Line> {
    let width = width.max(FEWEST);
    let mut lines = Vec::new();
    for (n, block) in blocks.iter().enumerate() {
        let is_apart = |block: &Block| matches!(block, Block::Paragraph { .. });
        if n > 0 && is_apart(block) && is_apart(&blocks[n - 1]) {
            lines.push(Line::default());
        }
        match block {
            Block::Paragraph { spans } => lines.extend(of_spans(spans, Role::Plain, width)),
            Block::Heading { spans, .. } => lines.extend(of_spans(spans, Role::Heading, width)),
            Block::Quote { blocks } => {
                let quoted = of_blocks(blocks, width.saturating_sub(SIGN));
                lines.extend(behind(&[Bit::Side], &[Bit::Side], quoted));
            }
            Block::List { start, items } => of_list(*start, items, width, &mut lines),
            Block::Code { language, text } => {
                let code = of_code(language.as_ref(), text, width.saturating_sub(SIGN));
                lines.extend(behind(&[Bit::Side], &[Bit::Side], code));
            }
            Block::Table {
                columns,
                head,
                rows,
            } => lines.extend(table::lay(columns, head, rows, width)),
            Block::Rule => lines.push(Line(vec![Bit::Rule(width)])),
        }
    }
    lines
}

fn of_list(start: Option<u64>, items: &[ListItem], width: usize, into: &mut Vec<Line>) {
    for (n, item) in (0..).zip(items) {
        let mut signs = vec![match start {
            Some(first) => Bit::Number(first.saturating_add(n)),
            None => Bit::Bullet,
        }];
        if let Some(done) = item.done {
            if start.is_none() {
                signs.clear();
            }
            signs.push(Bit::Task { done });
        }
        let indent = signs.iter().map(Bit::width).sum();
        let mut lines = of_blocks(&item.blocks, width.saturating_sub(indent));
        if lines.is_empty() {
            lines.push(Line::default());
        }
        into.extend(behind(&signs, &[Bit::Space(indent)], lines));
    }
}

/// Lines with something before the first and something before the others.
fn behind<'a>(
    first: &'a [Bit],
    others: &'a [Bit],
    lines: Vec<Line>,
) -> impl Iterator<Item = Line> + 'a {
    lines.into_iter().enumerate().map(move |(n, mut line)| {
        let before = if n == 0 { first } else { others };
        line.0.splice(0..0, before.iter().cloned());
        line
    })
}

fn of_code(language: Option<&SafeText>, text: &SafeText, width: usize) -> Vec<Line> {
    let style = Style {
        code: true,
        ..Style::default()
    };
    let bit = |text: SafeText, role| {
        Line(vec![Bit::Text {
            text,
            style: style.clone(),
            role,
        }])
    };
    let name = language.map(|name| bit(name.clone(), Role::Aside));
    let text = text.as_str();
    let lines = wrap::wrap(text, width.max(FEWEST))
        .into_iter()
        .map(|range| bit(SafeText::line(&text[range]), Role::Code));
    name.into_iter().chain(lines).collect()
}

/// Text of several styles, broken as if it were one.
fn of_spans(spans: &[Span], role: Role, width: usize) -> Vec<Line> {
    let spans = with_addresses(spans, role);
    let whole: String = spans.iter().map(|(text, ..)| *text).collect();
    let mut lines = Vec::new();
    let mut rest = spans.into_iter();
    let mut span = rest.next();
    let mut begin = 0;
    for range in wrap::wrap(&whole, width) {
        let mut bits = Vec::new();
        while let Some((text, style, role)) = &span {
            let (from, to) = (range.start.max(begin), range.end.min(begin + text.len()));
            if from < to {
                bits.push(Bit::Text {
                    text: SafeText::line(&whole[from..to]),
                    style: style.clone(),
                    role: *role,
                });
            }
            if begin + text.len() >= range.end {
                break;
            }
            begin += text.len();
            span = rest.next();
        }
        lines.push(Line(bits));
    }
    lines
}

/// The spans, and behind a link where it leads, if its text doesn't say so: not every terminal can
/// be asked, and a text may lie.
fn with_addresses(spans: &[Span], role: Role) -> Vec<(&str, Style, Role)> {
    let mut all = Vec::with_capacity(spans.len());
    for (n, span) in spans.iter().enumerate() {
        all.push((span.text.as_str(), span.style.clone(), role));
        let Some(link) = &span.style.link else {
            continue;
        };
        let next = spans.get(n + 1).and_then(|next| next.style.link.as_ref());
        let bare = |text: &'_ str| text.trim_end_matches('/').len();
        let text = span.text.as_str();
        let address = link.as_str();
        if next == Some(link) || text[..bare(text)] == address[..bare(address)] {
            continue;
        }
        let style = Style {
            spoiler: span.style.spoiler,
            ..Style::default()
        };
        for part in [" <", address, ">"] {
            all.push((part, style.clone(), Role::Aside));
        }
    }
    all
}

#[cfg(test)]
mod tests;
