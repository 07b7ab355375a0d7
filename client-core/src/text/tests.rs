use super::*;
use erc_protocol::validate::is_deceptive;
use proptest::prelude::*;

fn line(raw: &str) -> String {
    SafeText::line(raw).0
}

#[test]
fn an_escape_sequence_is_shown_as_text_and_not_carried_out() {
    assert_eq!(line("\u{1b}[31mred\u{1b}[0m"), "\u{FFFD}[31mred\u{FFFD}[0m");
    assert_eq!(line("\u{9b}31m"), "\u{FFFD}31m");
    assert_eq!(line("a\u{7}b\0c\u{7f}"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}");
}

#[test]
fn text_that_turns_the_direction_around_is_marked() {
    assert_eq!(line("exe.\u{202e}gpj"), "exe.\u{FFFD}gpj");
    assert_eq!(line("\u{2066}x\u{2069}"), "\u{FFFD}x\u{FFFD}");
}

#[test]
fn names_that_look_alike_are_alike() {
    assert_eq!(line("Ad\u{200b}a\u{feff}\u{ad}\u{2060}\u{E0041}"), "Ada");
    assert_eq!(line("Ada\u{3164}"), "Ada");
}

#[test]
fn line_breaks_and_tabs_take_the_shape_that_is_wanted() {
    let raw = "a\r\nb\rc\u{2028}d\te";
    assert_eq!(line(raw), "a b c d e");
    assert_eq!(SafeText::block(raw).as_str(), "a\nb\nc\nd    e");
}

#[test]
fn emoji_sequences_stay_whole() {
    for emoji in ["👩‍👩‍👧", "👍🏽", "❤️", "🏳️‍🌈", "1️⃣", "🇩🇪"]
    {
        assert_eq!(line(emoji), emoji);
    }
}

#[test]
fn a_joiner_outside_of_a_sequence_is_dropped() {
    assert_eq!(line("a\u{200d}b\u{200c}c\u{fe0f}"), "abc");
    assert_eq!(line("👍\u{200d}"), "👍");
}

#[test]
fn persian_and_hindi_keep_their_joiners() {
    for word in ["می\u{200c}خواهم", "क्\u{200d}ष"] {
        assert_eq!(line(word), word);
    }
}

#[test]
fn piled_up_marks_are_cut() {
    let raw = format!("a{}b", "\u{0301}".repeat(50));
    assert_eq!(line(&raw), format!("a{}b", "\u{0301}".repeat(MAX_MARKS)));
}

#[test]
fn what_was_stored_as_json_is_made_safe_again() {
    let text: SafeText = serde_json::from_str("\"a\\u001b[2Jb\"").unwrap();
    assert_eq!(text.as_str(), "a\u{FFFD}[2Jb");
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "\u{1b}[31m",
            "\u{202e}",
            "\u{200d}",
            "\u{200c}",
            "\u{fe0f}",
            "\n",
            "\r\n",
            "\t",
            "👩",
            "🏽",
            "a",
            "\u{0301}",
            "م",
            "क",
            "\u{E0041}",
            "\u{2028}",
            "\u{0}",
            "#",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_deceptive_comes_out(raw in hostile()) {
        let line = line(&raw);
        prop_assert!(!line.chars().any(is_deceptive), "{line:?}");
        let block = SafeText::block(&raw).0;
        prop_assert!(!block.chars().any(|c| c != '\n' && is_deceptive(c)), "{block:?}");
    }

    #[test]
    fn safe_text_is_safe_already(raw in hostile()) {
        let once = line(&raw);
        prop_assert_eq!(line(&once), once);
        let once = SafeText::block(&raw).0;
        prop_assert_eq!(SafeText::block(&once).0, once);
    }

    #[test]
    fn plain_text_is_left_alone(raw in "[a-zA-Zà-žа-я0-9 .,:;!?/(){}\\[\\]<>'\"-]{0,60}") {
        prop_assert_eq!(line(&raw), raw);
    }
}
