//! The language of searches: what is read, what is refused and where, what fits, and that the index
//! never hides what fits.

use erc_protocol::message::Pinned;
use erc_protocol::search::{Highlights, Named, Now, ParseError, Query, grams};
use erc_protocol::{Message, MessageId, MessageType, Timestamp, UserId, limit};
use proptest::prelude::*;

use crate::fixtures;

/// 2026-01-15, half past eleven in the evening in UTC, and already the 16th one hour further east.
const NOW: Now = Now {
    time: Timestamp(1_768_519_800_000),
    offset_minutes: 60,
};

fn parse(written: &str) -> Query {
    Query::parse(written, NOW).unwrap()
}

fn refused(written: &str) -> ParseError {
    Query::parse(written, NOW).unwrap_err()
}

fn message(content: &str) -> Message {
    Message {
        content: content.to_owned(),
        deleted_at: None,
        edited_at: None,
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        deleted_rev: None,
        mentions: Vec::new(),
        created_at: NOW.time,
        ..fixtures::message()
    }
}

fn named() -> Named {
    let mut named = Named::new(UserId(1));
    named.name_people("ada", vec![UserId(7)]);
    named
}

fn fits(written: &str, message: &Message) -> bool {
    parse(written)
        .matches(message, &named(), NOW.time)
        .is_some()
}

fn finds(written: &str, content: &str) -> bool {
    fits(written, &message(content))
}

#[test]
fn words_are_found_whatever_their_case_accents_and_place() {
    for (written, content) in [
        ("cafe", "Un CAFÉ, s'il vous plaît"),
        ("café", "the cafe at the corner"),
        ("eet", "we meet at six"),
        ("meet six", "six o'clock we meet"),
        ("日本", "昨日、日本語を勉強した"),
        ("語", "昨日、日本語を勉強した"),
        ("강남", "서울 강남역에서"),
        ("🎉", "done 🎉🎉"),
        ("me", "Meet me"),
        ("a", "such a day"),
        ("c++", "I like C++ more"),
        ("\"at six\"", "we meet at\n six"),
        ("12:30", "at 12:30 sharp"),
        ("https://example.org", "see https://example.org/a"),
    ] {
        assert!(finds(written, content), "{written} in {content}");
    }
    for (written, content) in [
        ("et", "we meet"),
        ("e", "we meet"),
        ("\"eet\"", "we meet at six"),
        ("\"at five\"", "at half past five"),
        ("か", "がくせい"),
        ("meet -six", "we meet at six"),
        ("-\"at six\"", "we meet at six"),
    ] {
        assert!(!finds(written, content), "{written} in {content}");
    }
}

#[test]
fn an_index_gets_each_piece_once() {
    for (content, line) in [
        ("Héllo hello, a", "_a_ _he ell hel llo =u5"),
        ("日本 日", "日 日本 本 =u5"),
        ("", "=u5"),
        (
            "https://a.example",
            "_a_ _ex _ht amp exa htt mpl ple tps ttp xam =u5 =l",
        ),
    ] {
        assert_eq!(grams::line(content, UserId(5)), line);
    }
}

#[test]
fn filters_look_at_the_row() {
    let mut row = message("see https://example.org");
    row.sender_id = UserId(7);
    row.mentions = vec![UserId(1)];
    row.reply_to = Some(MessageId(3));
    for yes in [
        "from:ada",
        "FROM:@Ada see",
        "has:link",
        "mentions:me",
        "is:reply",
        "-is:edited",
        "pinned:no",
        "-from:me",
        "on:today",
        "after:2026-01-15",
        "after:yesterday",
        "before:2026-01-17",
        "",
    ] {
        assert!(fits(yes, &row), "{yes}");
    }
    for no in [
        "from:me",
        "from:nobody",
        "-has:link",
        "has:image",
        "mentions:ada",
        "is:edited",
        "is:thread",
        "pinned:yes",
        "on:yesterday",
        "on:2026-01-15",
        "after:2026-01-16",
        "before:today",
        "in:nowhere",
    ] {
        assert!(!fits(no, &row), "{no}");
    }
    row.pinned = Some(Pinned {
        by: UserId(1),
        at: NOW.time,
    });
    row.message_type = MessageType::from("image".to_owned());
    for yes in ["pinned:yes", "has:image", "has:file", "-has:audio"] {
        assert!(fits(yes, &row), "{yes}");
    }
    assert!(!fits("pinned:no", &row));
    row.deleted_at = Some(NOW.time);
    assert!(!fits("", &row), "deleted");
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (written, at, part) in [
        ("hello form:ada", 6, "no filter form:"),
        ("é before:soon", 9, "2026-01-31"),
        ("on:2026-02-30", 3, "2026-01-31"),
        ("on:2026-1-3", 3, "2026-01-31"),
        ("has:cake", 4, "file, image"),
        ("pinned:maybe", 7, "yes, no"),
        ("from:", 0, "from: what?"),
        ("from: ada", 0, "from: what?"),
        ("a \"phrase", 2, "no second one"),
    ] {
        let error = refused(written);
        assert_eq!(error.at, at, "{written}: {error}");
        assert!(error.reason.contains(part), "{written}: {error}");
    }
    assert!(
        parse("note: this").clauses.len() == 2,
        "a word with a colon"
    );
    assert!(parse("\"form:ada\"").clauses.len() == 1, "quoted");
}

#[test]
fn a_search_has_its_limits() {
    let chars = |count| "é".repeat(count);
    assert!(Query::parse(&chars(limit::SEARCH_QUERY_CHARS), NOW).is_ok());
    assert!(Query::parse(&chars(limit::SEARCH_QUERY_CHARS - 1), NOW).is_ok());
    assert!(Query::parse(&chars(limit::SEARCH_QUERY_CHARS + 1), NOW).is_err());
    let words = |count| vec!["w"; count].join(" ");
    assert!(Query::parse(&words(limit::SEARCH_CLAUSES), NOW).is_ok());
    assert!(Query::parse(&words(limit::SEARCH_CLAUSES - 1), NOW).is_ok());
    assert_eq!(refused(&words(limit::SEARCH_CLAUSES + 1)).at, 64);
}

#[test]
fn a_fresh_whole_word_comes_before_an_old_part() {
    let query = parse("meet");
    let score = |content: &str, days: i64| {
        let mut row = message(content);
        row.created_at = NOW.time.plus_ms(-days * 86_400_000);
        let found = query.matches(&row, &named(), NOW.time);
        found.unwrap().score
    };
    assert!(score("we meet now", 0) > score("the meeting now", 0));
    assert!(score("the meeting now", 0) > score("skimmeeting", 0));
    assert!(score("we meet now", 0) > score("we meet now", 400));
    assert!(
        score("we meet now", 300) > score("skimmeeting", 0),
        "words first"
    );
}

#[test]
fn highlights_are_characters_of_the_text() {
    let query = parse("cafe 語");
    let content = format!("{}日本語 Café", "x".repeat(300));
    let marks = Highlights::of(query.texts(), &content);
    assert_eq!(marks.ranges, [(302, 303), (304, 308)]);
    assert_eq!(marks.snippet, (108, 308));
    let decomposed = Highlights::of(parse("cafe b").texts(), "cafe\u{301} b");
    assert_eq!(decomposed.ranges, [(0, 4), (6, 7)]);
}

fn some_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-cA-C]{1,4}",
        "[ .,+'-]{1,2}",
        "[日本語がか]{1,3}",
        "[éßÄİ]{1,2}",
        "[🎉ñ\u{301}\u{200d}]{1,2}",
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_within_it(written in "\\PC{0,40}|[a-z: \"-]{0,20}") {
        if let Err(error) = Query::parse(&written, NOW) {
            prop_assert!(error.at <= written.chars().count());
        }
    }

    #[test]
    fn the_index_hides_nothing_that_fits(
        content in some_text(), written in some_text(), part in any::<(prop::sample::Index, u8)>(),
    ) {
        // Parts of the text itself, so that much fits.
        let chars: Vec<char> = content.chars().collect();
        let mut queries = vec![written];
        if !chars.is_empty() {
            let from = part.0.index(chars.len());
            let to = chars.len().min(from + usize::from(part.1 % 12) + 1);
            let piece: String = chars[from..to].iter().collect();
            queries.push(format!("\"{}\"", piece.replace('"', " ")));
            queries.push(piece);
        }
        let row = message(&content);
        let held = grams::of_message(&content, row.sender_id);
        for written in queries {
            let Ok(query) = Query::parse(&written, NOW) else { continue };
            let found = query.matches(&row, &named(), NOW.time);
            if found.is_some() {
                let wanted = grams::wanted(&query, &named());
                prop_assert!(wanted.is_subset(&held), "{written:?} in {content:?}: {wanted:?} {held:?}");
                let marks = Highlights::of(query.texts(), &content);
                prop_assert_eq!(marks.ranges.is_empty(), query.texts().next().is_none());
                for (from, to) in marks.ranges {
                    prop_assert!(from < to && to as usize <= chars.len());
                }
            }
        }
    }
}
