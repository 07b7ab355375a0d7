use super::*;
use proptest::prelude::*;

fn filter(kind: FilterKind, text: &str, action: FilterAction) -> Filter {
    Filter::new((FilterId(uuid::Uuid::nil()), UserId(7)), kind, text, action).unwrap()
}

fn masks(kind: FilterKind, text: &str, said: &str) -> Option<String> {
    judge([&filter(kind, text, FilterAction::Mask)], said).masked
}

#[test]
fn words_are_found_as_words_however_they_are_written() {
    for (words, said, masked) in [
        ("darn", "darn", Some("∗∗∗∗")),
        ("darn", "a DARN, dárn darn!", Some("a ∗∗∗∗, ∗∗∗∗ ∗∗∗∗!")),
        ("darn", "darn darn", Some("∗∗∗∗ ∗∗∗∗")),
        ("darn", "darned undarn darn2", None),
        ("darn", "da\u{200B}rn it", Some("∗∗∗∗∗ it")),
        ("darn", "_darn_", Some("_∗∗∗∗_")),
        ("darn", "darn\u{301} it", Some("∗∗∗∗∗ it")),
        ("dark night", "the Dark\n  night", Some("the ∗∗∗∗\n  ∗∗∗∗")),
        ("straße", "STRASSE", Some("∗∗∗∗∗∗∗")),
        ("悪い", "とても悪いね", Some("とても∗∗ね")),
        ("$$$", "win$$$now", Some("win∗∗∗now")),
        (
            "incomprehensibilities",
            "incomprehensibilities",
            Some("∗∗∗∗∗∗∗∗"),
        ),
        ("a.b", "a.b axb", Some("∗∗∗ axb")),
    ] {
        let found = masks(FilterKind::Words, words, said);
        assert_eq!(found.as_deref(), masked, "{words} in {said:?}");
    }
}

#[test]
fn patterns_are_found_in_the_folded_text() {
    for (pattern, said, masked) in [
        (r"da+rn", "DAAÁRNED", Some("∗∗∗∗∗∗ED")),
        (r"\b\d{4}\b", "pin 1234, 12345", Some("pin ∗∗∗∗, 12345")),
        (r"(a)|(b)", "xbx", Some("x∗x")),
        (r"x*y", "y xy", Some("∗ ∗∗")),
        // It fits only between letters: nothing of the text.
        (r"\b", "no letters", None),
    ] {
        let found = masks(FilterKind::Pattern, pattern, said);
        assert_eq!(found.as_deref(), masked, "{pattern} in {said:?}");
    }
}

#[test]
fn what_can_not_be_looked_for_is_refused_with_a_reason() {
    for (kind, text) in [
        (FilterKind::Words, "\u{301}"),
        (FilterKind::Pattern, "a)(b"),
        (FilterKind::Pattern, "("),
        (FilterKind::Pattern, "x*"),
        (FilterKind::Pattern, ""),
        (FilterKind::Pattern, r"(?=a)b"),
        (FilterKind::Pattern, r"(a)\1"),
        (FilterKind::Pattern, r"\pL{900}"),
    ] {
        let id = (FilterId(uuid::Uuid::nil()), UserId(7));
        let made = Filter::new(id, kind, text, FilterAction::Refuse);
        let reason = made.map(|_| ()).unwrap_err();
        assert!(!reason.is_empty() && !reason.contains('\n'), "{reason}");
    }
}

#[test]
fn a_pattern_is_as_large_as_it_may_be_and_no_larger() {
    // Compiled, each repetition of a class takes some bytes: below it fits, far above it doesn't.
    let of = |count: usize| {
        let text = format!("[a-z]{{{count}}}");
        let id = (FilterId(uuid::Uuid::nil()), UserId(7));
        Filter::new(id, FilterKind::Pattern, &text, FilterAction::Refuse).is_ok()
    };
    let most = (1..=limit::FILTER_BYTES).find(|count| !of(*count)).unwrap();
    assert!(of(most - 1) && !of(most) && !of(most + 1), "{most}");
    assert!((100..limit::FILTER_BYTES).contains(&most), "{most}");
}

#[test]
fn all_that_fit_are_heard() {
    let said = "darn heck";
    let filters = [
        filter(FilterKind::Words, "darn", FilterAction::Mask),
        filter(FilterKind::Words, "heck", FilterAction::Flag),
        filter(FilterKind::Words, "other", FilterAction::Refuse),
    ];
    let verdict = judge(&filters, said);
    assert_eq!(
        verdict,
        Verdict {
            refused: false,
            masked: Some("∗∗∗∗ heck".into()),
            flagged: Some((UserId(7), "heck".into())),
        }
    );
    let stern = filter(FilterKind::Words, "heck", FilterAction::Refuse);
    assert!(judge(filters.iter().chain([&stern]), said).refused);
    assert_eq!(judge([], said), Verdict::default());
}

proptest! {
    #[test]
    fn no_text_panics_and_masking_touches_nothing_else(
        said in "\\PC{0,40}",
        words in "[a-z\u{e4}\u{3042}$ ]{1,6}",
        expression in "[a-z.*+?()|\\[\\]\\\\0-9]{1,8}",
    ) {
        let id = (FilterId(uuid::Uuid::nil()), UserId(7));
        for (kind, text) in [(FilterKind::Words, &words), (FilterKind::Pattern, &expression)] {
            let Ok(filter) = Filter::new(id, kind, text, FilterAction::Mask) else { continue };
            let Some(masked) = judge([&filter], &said).masked else { continue };
            prop_assert!(masked.contains(MASK));
            // What is not a mask stands in the text, in this order.
            let mut rest = said.chars();
            for c in masked.chars().filter(|c| *c != MASK) {
                prop_assert!(rest.any(|theirs| theirs == c), "{said:?} {masked:?}");
            }
        }
    }
}
