//! From the parser's events to blocks. Without recursion, so that no text is too deep for the stack.

use std::{ops::Range, vec};

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use url::Url;

use super::{
    Align, Block, Cell, DEPTH, ListItem, NODES, Style,
    inline::{self, Reader, Run},
};
use crate::{
    SafeText,
    permalink::{self, Permalink},
};

/// The longest address that is a link, in bytes.
const ADDRESS_BYTES: usize = 2_048;
/// The longest name of a language, in bytes.
const LANGUAGE_BYTES: usize = 32;

/// The blocks of a text; none if it has more nodes than allowed.
pub(super) fn blocks(source: &str, reader: Reader<'_>) -> Option<Vec<Block>> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut builder = Builder::new(source, reader);
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        builder.take(event, range)?;
    }
    builder.end_inline()?;
    Some(builder.done)
}

/// What holds blocks or cells and is not complete yet.
enum Open {
    Quote(Vec<Block>),
    List(Option<u64>, Vec<ListItem>),
    Item(ListItem),
    Table {
        columns: Vec<Align>,
        rows: Vec<Vec<Cell>>,
    },
}

struct Builder<'a> {
    source: &'a str,
    reader: Reader<'a>,
    done: Vec<Block>,
    open: Vec<Open>,
    /// Quotes, lists and items beyond the depth allowed: their blocks belong to the last that is.
    flat: usize,
    nodes: usize,
    spoilers: u16,
    /// The paragraph that is being read.
    runs: Option<Vec<Run>>,
    /// Of code: its language and text.
    code: Option<(Option<SafeText>, String)>,
    /// What was begun within the paragraph; the style is that of the last.
    styles: Vec<Inline>,
    /// Addresses written as such, by rising place.
    addresses: vec::IntoIter<Range<usize>>,
    address: Option<Range<usize>>,
    /// Up to here the source is part of an address that is a link already.
    linked: usize,
    /// Where the last text ended in the source.
    end: usize,
}

#[derive(Clone, Default)]
struct Inline {
    style: Style,
    /// The text of a link: no links in it.
    in_link: bool,
    /// An address that is none we follow: shown behind the text.
    shown: Option<String>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str, reader: Reader<'a>) -> Self {
        let mut addresses = addresses(source).into_iter();
        let address = addresses.next();
        Self {
            source,
            reader,
            done: Vec::new(),
            open: Vec::new(),
            flat: 0,
            nodes: 0,
            spoilers: 0,
            runs: None,
            code: None,
            styles: Vec::new(),
            addresses,
            address,
            linked: 0,
            end: 0,
        }
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) -> Option<()> {
        match event {
            Event::Start(tag) => self.begin(tag, &range)?,
            Event::End(tag) => self.finish(tag)?,
            // The last three are not asked for.
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => {
                self.text(&text, range)?;
            }
            Event::Code(text) => {
                let style = Style {
                    code: true,
                    ..self.style()
                };
                self.run(&text, style, true, range)?;
            }
            Event::SoftBreak | Event::HardBreak => {
                let style = self.style();
                self.run("\n", style, false, range)?;
            }
            Event::Rule => self.add(Block::Rule)?,
            Event::TaskListMarker(done) => {
                if let (0, Some(Open::Item(item))) = (self.flat, self.open.last_mut()) {
                    item.done = Some(done);
                }
            }
        }
        Some(())
    }

    fn begin(&mut self, tag: Tag<'_>, range: &Range<usize>) -> Option<()> {
        match tag {
            Tag::Emphasis => self.styled(|style| style.italic = true),
            Tag::Strong => self.styled(|style| style.bold = true),
            Tag::Strikethrough => self.styled(|style| style.struck = true),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.link(&dest_url, range),
            Tag::BlockQuote(_) => self.nest(Open::Quote(Vec::new()))?,
            Tag::List(start) => self.nest(Open::List(start, Vec::new()))?,
            Tag::Item => self.nest(Open::Item(ListItem::default()))?,
            Tag::Table(columns) => {
                self.end_inline()?;
                let columns = columns.into_iter().map(align).collect();
                let rows = Vec::new();
                self.open.push(Open::Table { columns, rows });
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(Open::Table { rows, .. }) = self.open.last_mut() {
                    rows.push(Vec::new());
                }
            }
            Tag::CodeBlock(kind) => {
                self.end_inline()?;
                let language = match kind {
                    CodeBlockKind::Fenced(info) => language(&info),
                    CodeBlockKind::Indented => None,
                };
                self.code = Some((language, String::new()));
            }
            _ => {
                self.end_inline()?;
                self.runs = Some(Vec::new());
            }
        }
        Some(())
    }

    fn finish(&mut self, tag: TagEnd) -> Option<()> {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                let shown = self.styles.pop().and_then(|inline| inline.shown);
                if let Some(address) = shown {
                    let (style, end) = (self.style(), self.end);
                    self.run(&format!(" ({address})"), style, true, end..end)?;
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.unnest()?,
            TagEnd::Heading(level) => {
                let spans = self.spans()?;
                let level = level as u8;
                self.add(Block::Heading { level, spans })?;
            }
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let text = text.strip_suffix('\n').unwrap_or(&text);
                    let text = SafeText::block(text);
                    self.add(Block::Code { language, text })?;
                }
            }
            TagEnd::TableCell => {
                let spans = self.spans()?;
                self.count(1)?;
                if let Some(Open::Table { rows, .. }) = self.open.last_mut()
                    && let Some(row) = rows.last_mut()
                {
                    row.push(Cell { spans });
                }
            }
            TagEnd::Table => {
                if let Some(Open::Table { columns, rows }) = self.open.pop() {
                    let mut rows = rows.into_iter();
                    let head = rows.next().unwrap_or_default();
                    let rows = rows.collect();
                    let table = Block::Table {
                        columns,
                        head,
                        rows,
                    };
                    self.add(table)?;
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {}
            _ => self.end_inline()?,
        }
        Some(())
    }

    fn count(&mut self, more: usize) -> Option<()> {
        self.nodes += more;
        (self.nodes <= NODES).then_some(())
    }

    /// A block that is complete, into what is open.
    fn add(&mut self, block: Block) -> Option<()> {
        self.count(1)?;
        match self.open.last_mut() {
            Some(Open::Quote(blocks) | Open::Item(ListItem { blocks, .. })) => blocks.push(block),
            _ => self.done.push(block),
        }
        Some(())
    }

    fn nest(&mut self, open: Open) -> Option<()> {
        self.end_inline()?;
        let depth = |open: &Open| !matches!(open, Open::Item(_));
        let is_deep = self.open.iter().filter(|open| depth(open)).count() >= DEPTH;
        if self.flat > 0 || (is_deep && depth(&open)) {
            self.flat += 1;
        } else {
            self.open.push(open);
        }
        Some(())
    }

    fn unnest(&mut self) -> Option<()> {
        self.end_inline()?;
        if self.flat > 0 {
            self.flat -= 1;
            return Some(());
        }
        match self.open.pop() {
            Some(Open::Quote(blocks)) => self.add(Block::Quote { blocks })?,
            Some(Open::List(start, items)) => self.add(Block::List { start, items })?,
            Some(Open::Item(item)) => {
                self.count(1)?;
                if let Some(Open::List(_, items)) = self.open.last_mut() {
                    items.push(item);
                }
            }
            Some(Open::Table { .. }) | None => {}
        }
        Some(())
    }

    /// The spans of the paragraph that was read.
    fn spans(&mut self) -> Option<Vec<super::Span>> {
        let runs = self.runs.take().unwrap_or_default();
        let spans = inline::spans(&runs, self.reader, &mut self.spoilers);
        self.count(spans.len())?;
        Some(spans)
    }

    /// What stands in no paragraph of its own, as in the items of a dense list, is one too.
    fn end_inline(&mut self) -> Option<()> {
        if self.runs.is_some() {
            let spans = self.spans()?;
            if !spans.is_empty() {
                self.add(Block::Paragraph { spans })?;
            }
        }
        Some(())
    }

    fn style(&self) -> Style {
        self.styles
            .last()
            .map_or_else(Style::default, |inline| inline.style.clone())
    }

    fn styled(&mut self, change: impl FnOnce(&mut Style)) {
        let mut inline = self.styles.last().cloned().unwrap_or_default();
        inline.shown = None;
        change(&mut inline.style);
        self.styles.push(inline);
    }

    fn link(&mut self, dest: &str, range: &Range<usize>) {
        let mut inline = self.styles.last().cloned().unwrap_or_default();
        inline.shown = None;
        inline.in_link = true;
        // An address between < and >: the marks belong to nobody's text.
        self.end = self.end.max(range.start);
        match followed(dest) {
            Some(address) => inline.style.link = Some(address),
            None if !dest.is_empty() && !self.source[range.clone()].starts_with('<') => {
                inline.shown = Some(dest.to_owned());
            }
            None => {}
        }
        self.styles.push(inline);
    }

    /// Text as the parser read it, its addresses made links.
    fn text(&mut self, text: &str, range: Range<usize>) -> Option<()> {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
            return Some(());
        }
        let style = self.style();
        let in_link = self.styles.last().is_some_and(|inline| inline.in_link);
        let is_literal = self.source.get(range.clone()) == Some(text);
        if range.end <= self.linked {
            return Some(());
        }
        let mut at = range.start.max(self.linked.min(range.end));
        if !is_literal || !self.source.is_char_boundary(at) {
            return self.run(text, style, in_link, range);
        }
        while let Some(address) = self.next_address(at).filter(|next| next.start < range.end) {
            self.linked = address.end;
            if in_link {
                self.linked = at;
                break;
            }
            let before = at..address.start;
            self.run(&self.source[before.clone()], style.clone(), false, before)?;
            let written = &self.source[address.clone()];
            let style = Style {
                link: followed(written),
                ..style.clone()
            };
            self.run(written, style, true, address.clone())?;
            at = address.end.min(range.end);
        }
        let rest = at..range.end;
        self.run(&self.source[rest.clone()], style, in_link, rest)
    }

    /// The first address that begins at this place or behind it.
    fn next_address(&mut self, at: usize) -> Option<Range<usize>> {
        while self.address.as_ref().is_some_and(|next| next.start < at) {
            self.address = self.addresses.next();
        }
        self.address.clone()
    }

    /// Text that is in a paragraph as it stands.
    fn run(&mut self, text: &str, style: Style, fixed: bool, range: Range<usize>) -> Option<()> {
        if text.is_empty() {
            return Some(());
        }
        let end = self.end;
        self.end = range.end;
        let runs = self.runs.get_or_insert_default();
        if let Some(last) = runs.last_mut()
            && (last.end, last.fixed, &last.style) == (range.start, fixed, &style)
        {
            last.text.push_str(text);
            last.end = range.end;
            return Some(());
        }
        let escaped = range.start > end && self.source.as_bytes()[range.start - 1] == b'\\';
        runs.push(Run {
            text: text.to_owned(),
            style,
            fixed,
            escaped: escaped && text.as_bytes()[0].is_ascii_punctuation(),
            end: range.end,
        });
        (runs.len() <= 4 * NODES).then_some(())
    }
}

/// Where addresses of the web stand in a text.
fn addresses(source: &str) -> Vec<Range<usize>> {
    if !source.contains("://") {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let found = finder.links(source).filter_map(|link| {
        // Marks at the end are those of the text around it.
        let address = link.as_str().trim_end_matches(['*', '_', '~']);
        followed(address)?;
        Some(link.start()..link.start() + address.len())
    });
    found.collect()
}

/// The normal form of an address that may be followed.
fn followed(address: &str) -> Option<SafeText> {
    if address.len() > ADDRESS_BYTES {
        return None;
    }
    if address.starts_with("erc://") {
        // Only to messages; the form that the server serves means the same.
        let Permalink {
            server,
            room,
            message,
        } = permalink::read(address)?;
        return Some(SafeText::line(&permalink::make(&server, room, message)));
    }
    let url = Url::parse(address).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    is_web.then(|| SafeText::line(url.as_str()))
}

fn language(info: &str) -> Option<SafeText> {
    let word = info.split([' ', ',', '{']).next()?.to_lowercase();
    (!word.is_empty() && word.len() <= LANGUAGE_BYTES).then(|| SafeText::line(&word))
}

const fn align(column: Alignment) -> Align {
    match column {
        Alignment::None | Alignment::Left => Align::Left,
        Alignment::Center => Align::Centre,
        Alignment::Right => Align::Right,
    }
}
