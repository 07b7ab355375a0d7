//! The text of a message as a small tree, made once and drawn by both clients.
//!
//! `CommonMark` with tables, strikethrough and task lists; besides them what people in a chat expect:
//! a line break breaks the line, `||…||` covers a spoiler, `@name` and `:name:` are mentions and
//! emoji, an address is a link.
//!
//! Invariants:
//! - HTML is text. Images are links; nothing is ever loaded.
//! - Every text passed [`SafeText`]; every link is an `http` or `https` address in its normal form (an
//!   `erc` one of a message becomes that).
//! - At most [`DEPTH`] quotes and lists stand in each other, and a tree has at most [`NODES`] nodes:
//!   what goes beyond is shown as it was written. Time grows with the length of the text.
//! - Nothing that was written disappears but the marks themselves, the titles of links and
//!   definitions of references.

mod build;
pub mod emoji;
mod inline;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use erc_protocol::{EmojiId, limit};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{SafeText, emoji::Custom};

/// Quotes and lists within each other.
pub const DEPTH: usize = 8;
/// Blocks, items, cells and spans of a tree.
pub const NODES: usize = 2_000;

/// What a message says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Body {
    pub blocks: Vec<Block>,
    /// One to three emoji and nothing else: shown large where that is possible.
    pub jumbo: bool,
}

/// A part of a message that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    Paragraph {
        spans: Vec<Span>,
    },
    Heading {
        /// 1 to 6.
        level: u8,
        spans: Vec<Span>,
    },
    Quote {
        blocks: Vec<Self>,
    },
    List {
        /// The number of the first item; absent if the items are not numbered.
        #[ts(type = "number | null")]
        start: Option<u64>,
        items: Vec<ListItem>,
    },
    Code {
        /// The first word behind the fence, in lower case.
        language: Option<SafeText>,
        text: SafeText,
    },
    Table {
        /// One for each column.
        columns: Vec<Align>,
        head: Vec<Cell>,
        rows: Vec<Vec<Cell>>,
    },
    Rule,
}

/// An item of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListItem {
    /// Of a task: whether it is done.
    pub done: Option<bool>,
    pub blocks: Vec<Block>,
}

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cell {
    pub spans: Vec<Span>,
}

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    #[default]
    Left,
    Centre,
    Right,
}

/// Some text, all of it of one look. `\n` breaks the line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Span {
    pub text: SafeText,
    #[serde(flatten)]
    pub style: Style,
}

/// How a text looks and what it leads to.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent of each other, and a text can have all"
)]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Style {
    pub bold: bool,
    pub italic: bool,
    pub struck: bool,
    pub code: bool,
    /// Covered until one asks; what belongs together has the same number.
    pub spoiler: Option<u16>,
    /// Where a press leads.
    pub link: Option<SafeText>,
    pub mention: Option<Mention>,
    /// The text is the `:name:` of one of the community's own emoji: its picture stands for it.
    pub emoji: Option<EmojiId>,
}

/// Whom a name speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Mention {
    /// The reader.
    Me,
    Somebody,
}

fn links_of<'b>(blocks: &'b [Block], links: &mut Vec<&'b SafeText>) {
    let spans = |spans: &'b [Span], links: &mut Vec<&'b SafeText>| {
        for link in spans.iter().filter_map(|span| span.style.link.as_ref()) {
            if !links.contains(&link) {
                links.push(link);
            }
        }
    };
    for block in blocks {
        match block {
            Block::Paragraph { spans: all } | Block::Heading { spans: all, .. } => {
                spans(all, links);
            }
            Block::Quote { blocks } => links_of(blocks, links),
            Block::List { items, .. } => {
                for item in items {
                    links_of(&item.blocks, links);
                }
            }
            Block::Table { head, rows, .. } => {
                for cell in head.iter().chain(rows.iter().flatten()) {
                    spans(&cell.spans, links);
                }
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

impl Body {
    /// Where presses in it lead, in the order of the text, each once.
    #[must_use]
    pub fn links(&self) -> Vec<&SafeText> {
        let mut links = Vec::new();
        links_of(&self.blocks, &mut links);
        links
    }

    /// The text as it stands, without any marks.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let text = SafeText::block(text);
        let style = Style::default();
        let spans = vec![Span { text, style }];
        Self {
            blocks: vec![Block::Paragraph { spans }],
            jumbo: false,
        }
    }

    /// Whether something is covered.
    #[must_use]
    pub fn has_spoiler(&self) -> bool {
        self.spans().iter().any(|span| span.style.spoiler.is_some())
    }

    /// All texts outside code blocks, in the order of reading.
    #[must_use]
    pub fn spans(&self) -> Vec<&Span> {
        let mut spans = Vec::new();
        gather(&self.blocks, &mut spans);
        spans
    }
}

fn gather<'a>(blocks: &'a [Block], into: &mut Vec<&'a Span>) {
    for block in blocks {
        match block {
            Block::Paragraph { spans } | Block::Heading { spans, .. } => into.extend(spans),
            Block::Quote { blocks } => gather(blocks, into),
            Block::List { items, .. } => {
                for item in items {
                    gather(&item.blocks, into);
                }
            }
            Block::Table { head, rows, .. } => {
                let cells = head.iter().chain(rows.iter().flatten());
                into.extend(cells.flat_map(|cell| &cell.spans));
            }
            Block::Code { .. } | Block::Rule => {}
        }
    }
}

/// The tree of a text. `me`: the reader's user name, in its canonical form; `custom`: the emoji that
/// the community has of its own.
#[must_use]
pub fn parse(text: &str, me: &str, custom: &Custom) -> Body {
    if text.len() > limit::MESSAGE_BYTES {
        return Body::plain(text);
    }
    let Some(blocks) = build::blocks(text, inline::Reader { me, custom }) else {
        return Body::plain(text);
    };
    if !shows_something(&blocks) && !text.trim().is_empty() {
        return Body::plain(text);
    }
    let jumbo = match blocks.as_slice() {
        [Block::Paragraph { spans }] => emoji::stand_alone(spans),
        _ => false,
    };
    Body { blocks, jumbo }
}

/// Over what is covered, however long it is.
const COVER: &str = "▒▒▒▒▒▒";

/// What a line about a message says of it (a preview, a notification, a quote): the text as it was
/// written, but for what is covered.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains("||") {
        return Cow::Borrowed(text);
    }
    let body = parse(text, "", &Custom::NONE);
    if !body.has_spoiler() {
        return Cow::Borrowed(text);
    }
    let mut line = String::new();
    let mut covered = None;
    for span in body.spans() {
        match span.style.spoiler {
            None => line.push_str(span.text.as_str()),
            Some(number) if covered != Some(number) => {
                if covered.is_some() || line.ends_with(char::is_alphanumeric) {
                    line.push(' ');
                }
                line.push_str(COVER);
            }
            Some(_) => {}
        }
        covered = span.style.spoiler;
    }
    Cow::Owned(line)
}

fn shows_something(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| match block {
        Block::Paragraph { spans } | Block::Heading { spans, .. } => spans
            .iter()
            .any(|span| !span.text.as_str().trim().is_empty()),
        Block::Quote { blocks } => shows_something(blocks),
        Block::List { .. } | Block::Code { .. } | Block::Table { .. } | Block::Rule => true,
    })
}
