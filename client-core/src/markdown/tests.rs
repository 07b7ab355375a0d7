use std::fmt::Write as _;

use erc_protocol::EmojiId;
use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Body {
    parse(text, "ada", &Custom::NONE)
}

/// What a text becomes where `:polly:` and `:owlet:` are the community's own: each in brackets.
fn with_own(text: &str) -> (String, bool) {
    let own = ["polly", "owlet"].into_iter().zip(1..);
    let own: Custom = own
        .map(|(name, number)| (name.to_owned(), EmojiId(uuid::Uuid::from_u128(number))))
        .collect();
    let body = parse(text, "ada", &own);
    let shown = body.spans().into_iter().map(|span| match span.style.emoji {
        Some(id) => {
            let name = erc_protocol::emoji::named(span.text.as_str());
            assert_eq!(name.and_then(|name| own.get(name)), Some(id));
            format!("[{}]", span.text)
        }
        None => span.text.to_string(),
    });
    (shown.collect(), body.jumbo)
}

#[test]
fn the_communitys_own_emoji_stand_apart_where_there_is_one_of_that_name() {
    let of = |text: &str| with_own(text).0;
    assert_eq!(of("so :polly: it"), "so [:polly:] it");
    assert_eq!(of(":polly::polly:"), "[:polly:][:polly:]");
    assert_eq!(of(":tada::owlet: :rook_bird:"), "🎉[:owlet:] :rook_bird:");
    assert_eq!(of("@bo :owlet:, ok"), "@bo [:owlet:], ok");
    for text in [
        "a:polly:",
        "10:polly:30",
        ":Polly:",
        ":polly",
        "`:polly:`",
        "https://x.org/:polly:",
    ] {
        assert!(!of(text).contains('['), "{text}");
    }
    assert_eq!(of("\\:polly:"), ":polly:");
}

#[test]
fn up_to_three_emoji_alone_are_large_whosever_they_are() {
    for text in [
        ":polly:",
        ":polly::owlet:",
        "🎉 :owlet: 🎉",
        ":owlet:\n:owlet:",
    ] {
        assert!(with_own(text).1, "{text}");
    }
    for text in [
        ":rook_bird:",
        ":owlet: :owlet: :owlet: :owlet:",
        "ok :owlet:",
        "**:owlet:**",
        "🎉🎉🎉:owlet:",
    ] {
        assert!(!with_own(text).1, "{text}");
    }
}

/// A short notation of a tree: what a test compares.
fn drawn(text: &str) -> String {
    read(text)
        .blocks
        .iter()
        .map(of_block)
        .collect::<Vec<_>>()
        .join(" ")
}

fn of_blocks(blocks: &[Block]) -> String {
    blocks.iter().map(of_block).collect::<Vec<_>>().join(" ")
}

fn of_block(block: &Block) -> String {
    match block {
        Block::Paragraph { spans } => format!("p({})", of_spans(spans)),
        Block::Heading { level, spans } => format!("h{level}({})", of_spans(spans)),
        Block::Quote { blocks } => format!("quote({})", of_blocks(blocks)),
        Block::List { start, items } => {
            let items: Vec<_> = items
                .iter()
                .map(|item| {
                    let done = match item.done {
                        None => "",
                        Some(true) => "[x]",
                        Some(false) => "[ ]",
                    };
                    format!("{done}{}", of_blocks(&item.blocks))
                })
                .collect();
            let start = start.map_or("-".to_owned(), |n| n.to_string());
            format!("list {start}({})", items.join("; "))
        }
        Block::Code { language, text } => {
            let language = language.as_ref().map_or("", SafeText::as_str);
            format!("code {language}({text})")
        }
        Block::Table { head, rows, .. } => {
            let row = |cells: &Vec<Cell>| {
                let cells: Vec<_> = cells.iter().map(|cell| of_spans(&cell.spans)).collect();
                cells.join("|")
            };
            let rows: Vec<_> = std::iter::once(head).chain(rows).map(row).collect();
            format!("table({})", rows.join(" / "))
        }
        Block::Rule => "rule".to_owned(),
    }
}

fn of_spans(spans: &[Span]) -> String {
    spans.iter().map(of_span).collect()
}

fn of_span(span: &Span) -> String {
    let style = &span.style;
    let mut marks = String::new();
    for (is_set, mark) in [
        (style.bold, "b"),
        (style.italic, "i"),
        (style.struck, "s"),
        (style.code, "c"),
    ] {
        if is_set {
            marks.push_str(mark);
        }
    }
    if let Some(number) = style.spoiler {
        write!(marks, "?{number}").unwrap();
    }
    match style.mention {
        Some(Mention::Me) => marks.push('!'),
        Some(Mention::Somebody) => marks.push('@'),
        None => {}
    }
    if let Some(link) = &style.link {
        write!(marks, "→{link}").unwrap();
    }
    if marks.is_empty() {
        return span.text.to_string();
    }
    format!("<{marks} {}>", span.text)
}

#[test]
fn the_marks_of_commonmark_become_styles() {
    assert_eq!(
        drawn("a *b* **c** ~~d~~ `e` ***f***"),
        "p(a <i b> <b c> <s d> <c e> <bi f>)"
    );
    assert_eq!(drawn("# a *b*"), "h1(a <i b>)");
    assert_eq!(drawn("> a\n>\n> > b"), "quote(p(a) quote(p(b)))");
    assert_eq!(drawn("- a\n- b\n  - c"), "list -(p(a); p(b) list -(p(c)))");
    assert_eq!(drawn("7. a\n8. b"), "list 7(p(a); p(b))");
    assert_eq!(drawn("- [ ] a\n- [x] b"), "list -([ ]p(a); [x]p(b))");
    assert_eq!(drawn("a\n\n---\nb"), "p(a) rule p(b)");
    assert_eq!(drawn("|a|b|\n|-|-:|\n|*c*|d|"), "table(a|b / <i c>|d)");
    assert_eq!(
        drawn("```Rust extra\nlet x = \"*a*\";\n\nfn\n```"),
        "code rust(let x = \"*a*\";\n\nfn)"
    );
}

#[test]
fn a_line_break_breaks_the_line() {
    assert_eq!(drawn("a\nb  \nc\n\nd"), "p(a\nb\nc) p(d)");
    assert_eq!(drawn("*a\nb*"), "p(<i a\nb>)");
}

#[test]
fn html_is_text() {
    for text in [
        "<b>bold</b>",
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<!-- c -->",
        "<div>\n<p>x",
    ] {
        assert_eq!(drawn(text), format!("p({text})"), "{text}");
    }
    assert_eq!(drawn("a <b>@bo</b>"), "p(a <b><@ @bo></b>)");
}

#[test]
fn spoilers_cover_what_stands_between_two_bars() {
    assert_eq!(drawn("a ||b *c*|| d ||e||"), "p(a <?1 b ><i?1 c> d <?2 e>)");
    assert_eq!(drawn("||a\nb||"), "p(<?1 a\nb>)");
    assert_eq!(drawn("a || b || c"), "p(a || b || c)");
    assert_eq!(drawn("||a"), "p(||a)");
    assert_eq!(drawn("||||"), "p(||||)");
    assert_eq!(drawn(r"\||a||"), "p(||a||)");
    assert_eq!(drawn("`||a||`"), "p(<c ||a||>)");
}

#[test]
fn a_line_about_a_message_covers_its_spoilers() {
    assert_eq!(line("a *b*\nc"), "a *b*\nc");
    assert_eq!(line("a ||b *c*|| d\n\n> ||e||"), "a ▒▒▒▒▒▒ d ▒▒▒▒▒▒");
    assert_eq!(line("`||a||`"), "`||a||`");
}

#[test]
fn mentions_are_those_of_the_protocol() {
    assert_eq!(
        drawn("@ada, @b_o_b and x@ada.example **@Ada**"),
        "p(<! @ada>, <@ @b_o_b> and x@ada.example <b! @Ada>)"
    );
    assert_eq!(drawn("`@ada` \\@ada"), "p(<c @ada> @ada)");
    assert_eq!(drawn("||@ada||"), "p(<?1! @ada>)");
    assert_eq!(drawn("a**b**@ada"), "p(a<b b>@ada)");
}

#[test]
fn short_codes_become_emoji() {
    assert_eq!(drawn("well :thumbsup: done :+1:"), "p(well 👍 done 👍)");
    assert_eq!(
        drawn(":nothing_such: 10:100:20 a:+1:"),
        "p(:nothing_such: 10:100:20 a:+1:)"
    );
    assert_eq!(drawn("`:+1:` \\:+1: ::+1::"), "p(<c :+1:> :+1: ::+1::)");
    assert_eq!(drawn(":+1::heart:"), "p(👍❤️)");
}

#[test]
fn a_few_emoji_alone_are_large() {
    for text in ["👍", ":+1: :heart:", "👨‍👩‍👧👍🏽🇩🇪", " ❤ "] {
        assert!(read(text).jumbo, "{text}");
    }
    for text in ["👍👍👍👍", "👍a", "a", "1", "**👍**", "> 👍", "", "©a"] {
        assert!(!read(text).jumbo, "{text}");
    }
}

#[test]
fn addresses_are_links() {
    assert_eq!(
        drawn("see https://example.org/a, (http://b.example/x_(y)) **https://c.example/_d_e**"),
        "p(see <→https://example.org/a https://example.org/a>, \
         (<→http://b.example/x_(y) http://b.example/x_(y)>) \
         <b→https://c.example/_d_e https://c.example/_d_e>)"
    );
    assert_eq!(
        drawn("[a *b*](https://x.example) <https://y.example>"),
        "p(<→https://x.example/ a ><i→https://x.example/ b> <→https://y.example/ https://y.example>)"
    );
    assert_eq!(
        drawn("https://x.example/*a*/b?c=d&amp;e_f_"),
        "p(<→https://x.example/*a*/b?c=d&amp;e_f https://x.example/*a*/b?c=d&amp;e_f>_)"
    );
    assert_eq!(
        drawn("![alt](https://x.example/i.png)"),
        "p(<→https://x.example/i.png alt>)"
    );
    assert_eq!(drawn("`https://x.example`"), "p(<c https://x.example>)");
}

#[test]
fn only_the_web_is_linked_to_and_other_addresses_are_shown() {
    assert_eq!(
        drawn("[a](javascript:alert) [b](data:x) file:///etc/passwd <javascript:x>"),
        "p(a (javascript:alert) b (data:x) file:///etc/passwd javascript:x)"
    );
}

#[test]
fn what_would_show_nothing_shows_what_was_written() {
    assert_eq!(drawn("[a]: https://x.example"), "p([a]: https://x.example)");
    assert_eq!(drawn("&#32;"), "p(&#32;)");
    assert_eq!(drawn(""), "");
}

#[test]
fn an_entity_can_not_smuggle_in_what_is_unsafe() {
    assert_eq!(drawn("a&#x202e;b&#27;c"), "p(a\u{FFFD}b\u{FFFD}c)");
}

fn depth(blocks: &[Block]) -> usize {
    let of = |block: &Block| match block {
        Block::Quote { blocks } => 1 + depth(blocks),
        Block::List { items, .. } => 1 + items.iter().map(|i| depth(&i.blocks)).max().unwrap_or(0),
        _ => 0,
    };
    blocks.iter().map(of).max().unwrap_or(0)
}

fn nodes(blocks: &[Block]) -> usize {
    let cells = |cells: &[Cell]| cells.iter().map(|c| 1 + c.spans.len()).sum::<usize>();
    let of = |block: &Block| match block {
        Block::Paragraph { spans } | Block::Heading { spans, .. } => spans.len(),
        Block::Quote { blocks } => nodes(blocks),
        Block::List { items, .. } => items.iter().map(|i| 1 + nodes(&i.blocks)).sum(),
        Block::Table { head, rows, .. } => {
            cells(head) + rows.iter().map(|row| cells(row)).sum::<usize>()
        }
        Block::Code { .. } | Block::Rule => 0,
    };
    blocks.iter().map(|block| 1 + of(block)).sum()
}

fn is_bounded(text: &str) -> bool {
    let body = read(text);
    depth(&body.blocks) <= DEPTH && nodes(&body.blocks) <= NODES
}

#[test]
fn depth_and_number_of_nodes_are_bounded() {
    let most = limit::MESSAGE_BYTES;
    let nested = |n: usize| format!("{}x", "> ".repeat(n));
    assert_eq!(depth(&read(&nested(DEPTH - 1)).blocks), DEPTH - 1);
    assert_eq!(depth(&read(&nested(DEPTH)).blocks), DEPTH);
    assert_eq!(depth(&read(&nested(DEPTH + 1)).blocks), DEPTH);
    let table = format!(
        "|{}\n|{}\n{}",
        "a|".repeat(2_000),
        "-|".repeat(2_000),
        "|\n".repeat(1_000)
    );
    for text in [
        ">".repeat(most),
        "- ".repeat(most / 2),
        "*a* ".repeat(most / 4),
        "**a ".repeat(most / 4),
        "[".repeat(most),
        "[a](".repeat(most / 4),
        "`".repeat(most),
        "||a".repeat(most / 3),
        "\\a\\*".repeat(most / 4),
        "@ada".repeat(most / 4),
        ":+1:".repeat(most / 4),
        "<a ".repeat(most / 3),
        "http://a.b ".repeat(most / 11),
        "> a\n".repeat(most / 4),
        "- a\n".repeat(most / 4),
        (0..170).map(|n| " ".repeat(n) + "- a\n").collect(),
        table,
    ] {
        let start = &text[..20.min(text.len())];
        assert!(text.len() <= most, "{start}");
        assert!(is_bounded(&text), "{start}");
    }
}

#[test]
fn a_text_with_too_many_nodes_is_shown_as_it_was_written() {
    // A span each, one in between, and the paragraph.
    let spans = |n: usize| format!("{}a", "*b* ".repeat(n));
    let few = spans((NODES - 2) / 2);
    assert!(read(&few).blocks.len() == 1 && nodes(&read(&few).blocks) > NODES - 4);
    let many = spans(NODES / 2 + 1);
    assert_eq!(read(&many), Body::plain(&many));
    let long = "*a* ".repeat(limit::MESSAGE_BYTES / 4 + 1);
    assert_eq!(read(&long), Body::plain(&long));
}

/// Letters and digits of the tree, in order.
fn letters(body: &Body) -> String {
    let mut all = String::new();
    collect(&body.blocks, &mut all);
    all.retain(char::is_alphanumeric);
    all
}

fn collect(blocks: &[Block], into: &mut String) {
    for block in blocks {
        match block {
            Block::Code { language, text } => {
                into.push_str(language.as_ref().map_or("", SafeText::as_str));
                into.push_str(text.as_str());
            }
            Block::Quote { blocks } => collect(blocks, into),
            Block::List { start, items } => {
                into.extend(start.map(|n| n.to_string()));
                for item in items {
                    collect(&item.blocks, into);
                }
            }
            Block::Paragraph { spans } | Block::Heading { spans, .. } => {
                into.extend(spans.iter().map(|span| span.text.as_str()));
            }
            Block::Table { head, rows, .. } => {
                let cells = head.iter().chain(rows.iter().flatten());
                into.extend(cells.flat_map(|c| &c.spans).map(|s| s.text.as_str()));
            }
            Block::Rule => {}
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics_or_grows_beyond_the_bounds(text in ".{0,300}") {
        prop_assert!(is_bounded(&text));
    }

    #[test]
    fn no_heap_of_marks_panics_or_grows_beyond_the_bounds(
        marks in prop::collection::vec(
            prop::sample::select(vec![
                "*", "**", "_", "~~", "`", "```", "\n", "\n\n", "> ", "- ", "1. ", "[", "]", "(",
                ")", "![", "<", ">", "||", "|", "\\", "@ada", ":+1:", "https://a.b/", "a", "ü", " ",
                "    ", "&amp;", "&#27;", "---", "# ", "\t", "\u{202e}", "👍", "|-|-|\n",
            ]),
            0..120,
        ),
    ) {
        prop_assert!(is_bounded(&marks.concat()));
    }

    /// Words between marks that drop no words: all of them are there, in order.
    #[test]
    fn every_word_is_kept(
        words in prop::collection::vec("[a-z]{1,6}", 1..30),
        marks in prop::collection::vec(
            prop::sample::select(vec![
                " ", "*", "**", " *", "* ", "~~", "||", " || ", "\n", "\n\n", "\n> ", "\n- ", " @",
                " `", "` ", " <", "> ", " [", "] ", " (", ") ", "\n# ", "!", "\\*", "_",
            ]),
            30,
        ),
    ) {
        let text: String = words.iter().zip(&marks).flat_map(|(w, m)| [w.as_str(), m]).collect();
        // A link's target and title are no part of the text.
        prop_assume!(!text.contains("]("));
        prop_assert_eq!(letters(&read(&text)), words.concat());
    }
}
