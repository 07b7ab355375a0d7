//! Any text is a search or is refused at a place within it, and whatever fits is in the index.

#![no_main]

use erc_protocol::search::{Highlights, Named, Now, Query, grams};
use erc_protocol::{Timestamp, UserId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (String, String)| {
    let (written, content) = input;
    let now = Now {
        time: Timestamp(1_768_519_800_000),
        offset_minutes: 0,
    };
    match Query::parse(&written, now) {
        Err(error) => assert!(error.at <= written.chars().count()),
        Ok(query) => {
            let held = grams::of_message(&content, UserId(1));
            let marks = Highlights::of(query.texts(), &content);
            let count = query.texts().count();
            if count == 1 && !marks.ranges.is_empty() && query.clauses.len() == 1 {
                assert!(grams::wanted(&query, &Named::new(UserId(1))).is_subset(&held));
            }
        }
    }
});
