use super::*;
use proptest::prelude::*;

#[test]
fn a_username_is_lower_cased_and_trimmed() {
    assert_eq!(username(" Ada.L ").unwrap(), "ada.l");
}

#[test]
fn usernames_at_below_and_above_the_limit() {
    assert!(username("a").is_err());
    assert!(username("ab").is_ok());
    assert!(username(&"a".repeat(32)).is_ok());
    assert!(username(&"a".repeat(33)).is_err());
}

#[test]
fn usernames_of_other_alphabets_and_shapes_are_refused() {
    for name in [
        "адa",
        "_ada",
        "ada lovelace",
        "ada\u{202e}",
        "ada\0",
        "-ada",
        "a/b",
    ] {
        assert!(username(name).is_err(), "{name:?}");
    }
}

#[test]
fn display_names_at_and_above_the_limit() {
    assert!(display_name("").is_err());
    assert!(display_name("Ω").is_ok());
    assert!(display_name(&"é".repeat(64)).is_ok());
    assert!(display_name(&"é".repeat(65)).is_err());
}

#[test]
fn names_refuse_what_deceives() {
    for c in [
        '\u{1b}', '\u{7}', '\u{202e}', '\u{200b}', '\u{feff}', '\u{9b}', '\n',
    ] {
        assert!(display_name(&format!("Ada{c}x")).is_err(), "{c:?}");
        assert!(room_name(&format!("room{c}x")).is_err(), "{c:?}");
        assert!(topic(&format!("topic{c}x")).is_err(), "{c:?}");
    }
}

#[test]
fn a_topic_may_be_empty() {
    assert_eq!(topic("").unwrap(), "");
    assert!(topic(&"t".repeat(250)).is_ok());
    assert!(topic(&"t".repeat(251)).is_err());
}

#[test]
fn a_note_may_be_empty_and_has_an_end() {
    assert_eq!(note(" before noon ").unwrap(), "before noon");
    assert!(note("").is_ok());
    assert!(note(&"n".repeat(249)).is_ok());
    assert!(note(&"n".repeat(250)).is_ok());
    assert!(note(&"n".repeat(251)).is_err());
}

#[test]
fn categories_reasons_and_states_at_and_above_the_limit() {
    type Check = fn(&str) -> Result<String, Reason>;
    for (check, limit) in [
        (category as Check, limit::CATEGORY_CHARS),
        (reason, limit::REASON_CHARS),
        (status, limit::STATUS_CHARS),
    ] {
        assert_eq!(check("").unwrap(), "");
        assert!(check(&"é".repeat(limit)).is_ok(), "{limit}");
        assert!(check(&"é".repeat(limit + 1)).is_err(), "{limit}");
    }
}

#[test]
fn room_names_at_and_above_the_limit() {
    assert!(room_name("   ").is_err());
    assert!(room_name(&"r".repeat(80)).is_ok());
    assert!(room_name(&"r".repeat(81)).is_err());
}

#[test]
fn passwords_at_below_and_above_the_limit() {
    assert!(password("1234567").is_err());
    assert!(password("12345678").is_ok());
    assert!(password(&"p".repeat(1024)).is_ok());
    assert!(password(&"p".repeat(1025)).is_err());
}

#[test]
fn message_text_at_and_above_the_limit() {
    assert_eq!(content(""), Err(ContentError::Empty));
    assert_eq!(content(" \n\t "), Err(ContentError::Empty));
    assert!(content(&"x".repeat(limit::MESSAGE_BYTES)).is_ok());
    assert_eq!(
        content(&"x".repeat(limit::MESSAGE_BYTES + 1)),
        Err(ContentError::TooLarge {
            bytes: limit::MESSAGE_BYTES + 1
        })
    );
}

#[test]
fn a_draft_may_be_empty_and_has_an_end() {
    assert_eq!(draft("").unwrap(), "");
    assert_eq!(draft(" a\r\nb").unwrap(), " a\nb");
    assert!(draft(&"x".repeat(limit::DRAFT_BYTES)).is_ok());
    let bytes = limit::DRAFT_BYTES + 1;
    assert_eq!(
        draft(&"x".repeat(bytes)),
        Err(ContentError::DraftTooLarge { bytes })
    );
    assert_eq!(draft("nul\0"), Err(ContentError::Control(0)));
}

#[test]
fn message_text_keeps_lines_and_tabs_and_refuses_escapes() {
    assert_eq!(content("a\r\nb\tc").unwrap(), "a\nb\tc");
    assert_eq!(content("\u{1b}[31mred"), Err(ContentError::Control(0x1b)));
    assert_eq!(content("nul\0"), Err(ContentError::Control(0)));
    assert_eq!(content("c1\u{9b}31m"), Err(ContentError::Control(0x9b)));
    assert_eq!(content("bare\rreturn"), Err(ContentError::Control(0x0d)));
}

proptest! {
    #[test]
    fn what_passes_once_passes_again_unchanged(text in "\\PC{0,80}") {
        if let Ok(name) = display_name(&text) {
            prop_assert_eq!(display_name(&name).unwrap(), name);
        }
        if let Ok(text) = content(&text) {
            prop_assert_eq!(content(&text).unwrap(), text);
        }
        if let Ok(name) = username(&text) {
            prop_assert_eq!(username(&name).unwrap(), name);
        }
    }
}

#[test]
fn words_of_a_report_at_and_above_the_limit() {
    use crate::limit::REPORT_WORDS_CHARS as MOST;
    assert_eq!(report_words(" a\r\nb ").as_deref(), Ok("a\nb"));
    assert_eq!(report_words("").as_deref(), Ok(""));
    assert!(report_words(&"é".repeat(MOST - 1)).is_ok());
    assert!(report_words(&"é".repeat(MOST)).is_ok());
    assert!(report_words(&"é".repeat(MOST + 1)).is_err());
    assert!(report_words("a\u{202e}b").is_err());
    assert!(report_words("a\tb").is_err());
}

#[test]
fn the_text_of_a_filter_at_and_above_the_limit() {
    assert_eq!(filter(" darn ").unwrap(), "darn");
    assert!(filter("").is_err());
    assert!(filter("two\nlines").is_err());
    assert!(filter(&"n".repeat(limit::FILTER_CHARS)).is_ok());
    assert!(filter(&"n".repeat(limit::FILTER_CHARS + 1)).is_err());
}
