use erc_client_core::emoji::Custom;
use erc_client_core::markdown;

use super::*;

/// The lines as a reader sees them, without colours.
fn shown(text: &str, width: usize) -> Vec<String> {
    let lines = lay(&markdown::parse(text, "ada", &Custom::NONE), width);
    lines.iter().map(of_line).collect()
}

fn of_line(line: &Line) -> String {
    line.0
        .iter()
        .map(|bit| match bit {
            Bit::Side => "│ ".to_owned(),
            Bit::Bullet => "• ".to_owned(),
            Bit::Number(n) => format!("{n}. "),
            Bit::Task { done } => if *done { "[x] " } else { "[ ] " }.to_owned(),
            Bit::Space(n) => " ".repeat(*n),
            Bit::Rule(n) => "─".repeat(*n),
            Bit::Column => " │ ".to_owned(),
            Bit::Crossing => "─┼─".to_owned(),
            Bit::Text { text, .. } => text.to_string(),
        })
        .collect()
}

#[test]
fn text_of_several_styles_breaks_as_if_it_were_one() {
    assert_eq!(
        shown("the *qui*ck **brown fox** jumps", 11),
        ["the quick", "brown fox", "jumps"]
    );
    assert_eq!(shown("a\n*b\nc*", 9), ["a", "b", "c"]);
    assert_eq!(shown("日*本語*テ**スト**", 5), ["日本", "語テ", "スト"]);
    assert_eq!(shown("", 9), [""]);
}

#[test]
fn quotes_and_lists_keep_their_signs_at_the_side() {
    assert_eq!(
        shown("> one two three\n> - four\n\nx", 10),
        ["│ one two", "│ three", "│ • four", "x"]
    );
    assert_eq!(
        shown(
            "9. one two three\n10. b\n\n- [x] done\n- [ ] not yet so",
            11
        ),
        [
            "9. one two",
            "   three",
            "10. b",
            "[x] done",
            "[ ] not yet",
            "    so"
        ]
    );
}

#[test]
fn code_keeps_its_spaces_and_says_its_language() {
    assert_eq!(
        shown("```rust\nfn a() {\n    b\n\n}\n```", 20),
        ["│ rust", "│ fn a() {", "│     b", "│ ", "│ }"]
    );
}

#[test]
fn a_table_fits_into_the_width() {
    let text = "|name|what it does|\n|-|-:|\n|a|one two three four|\n|bcd||";
    assert_eq!(
        shown(text, 16),
        [
            "name │   what it",
            "     │      does",
            "─────┼──────────",
            "a    │   one two",
            "     │     three",
            "     │      four",
            "bcd  │          ",
        ]
    );
    assert_eq!(
        shown("|a|b|c|\n|-|-|-|\n|d|e|f|", 8),
        ["a", "b", "c", "d", "e", "f"]
    );
}

#[test]
fn where_a_link_leads_is_said_unless_its_text_says_it() {
    assert_eq!(shown("https://a.example", 40), ["https://a.example"]);
    assert_eq!(
        shown("[my *bank*](https://evil.example) x", 40),
        ["my bank <https://evil.example/> x"]
    );
}

#[test]
fn no_line_is_wider_than_asked_and_no_letter_is_lost() {
    let text = "# Head\n\nSome *styled text* of 日本語 and ||more||, \
                https://a.example/long\n\n> quoted\n> - item one\n>   1. two three\n\n\
                - [ ] task to do\n\n```\ncode   with spaces\n```\n\n\
                |a|b|\n|-|-|\n|left side|right side of it|\n\n---\nend";
    for width in 12..60 {
        let lines = shown(text, width);
        for line in &lines {
            assert!(wrap::width(line) <= width, "{width}: {line}");
        }
    }
    let letters = |lines: Vec<String>| -> usize {
        let all = lines.concat();
        all.chars().filter(|c| c.is_alphabetic()).count()
    };
    let all = letters(shown(text, 200));
    assert!((12..60).all(|width| letters(shown(text, width)) == all));
}
