//! What takes the terminal is undone by what gives it back.

use std::collections::BTreeSet;

use erc::terminal::{enter, leave};

/// The private modes that a sequence sets (`h`) or resets (`l`).
fn modes(bytes: &[u8], end: char) -> BTreeSet<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.split("\x1b[?")
        .skip(1)
        .filter_map(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (rest[digits.len()..].starts_with(end)).then_some(digits)
        })
        .collect()
}

#[test]
fn every_mode_that_is_set_is_reset() {
    let (mut taken, mut given) = (Vec::new(), Vec::new());
    enter(&mut taken).unwrap();
    leave(&mut given).unwrap();
    let set = modes(&taken, 'h');
    assert!(set.contains("1049") && set.contains("2004"), "{set:?}");
    assert_eq!(set, modes(&given, 'l'));
    assert_eq!(
        modes(&given, 'h'),
        BTreeSet::from(["25".to_owned()]),
        "the cursor is shown"
    );
}
