use super::*;
use crate::{ClientId, MessageId, MessageType, Rev, RoomId};

const ME: UserId = UserId(1);
const OTHER: UserId = UserId(2);

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp(moment.as_millisecond())
}

fn message(text: &str, mentions: &[UserId]) -> Message {
    Message {
        message_id: MessageId(1),
        chat_room_id: RoomId(1),
        sender_id: OTHER,
        sender_name: "Bo".into(),
        content: text.into(),
        message_type: MessageType::Text,
        created_at: Timestamp(0),
        seq: Seq(10),
        rev: Rev(10),
        client_id: ClientId(uuid::Uuid::nil()),
        reply_to: None,
        thread_id: None,
        also_in_room: false,
        thread: None,
        deleted_rev: None,
        mentions: mentions.to_vec(),
        reactions: Vec::new(),
        pinned: None,
        poll: None,
        forwarded: None,
        expiry: None,
        edited_at: None,
        deleted_at: None,
    }
}

fn spans(spans: &[(&[Weekday], &str, &str)]) -> QuietHours {
    let spans = spans.iter().map(|(days, from, to)| QuietSpan {
        days: days.to_vec(),
        from: (*from).into(),
        to: (*to).into(),
    });
    QuietHours {
        time_zone: "Europe/Berlin".into(),
        spans: spans.collect(),
    }
}

/// Every level, kind of room, and sort of message, with all that may stand against it.
#[test]
fn what_rings_is_decided_by_level_kind_and_message_alone() {
    let attention = Attention {
        keywords: vec!["deploy".into()],
        ..Attention::default()
    };
    let messages = [
        (message("hello", &[]), None),
        (message("hello @me", &[OTHER, ME]), Some(Why::Mention)),
        (message("Deploy now", &[]), Some(Why::Keyword)),
        (message("deploy, @me", &[ME]), Some(Why::Mention)),
    ];
    let now = Timestamp(1_000);
    for kind in RoomKind::ALL.iter().copied() {
        for level in Level::ALL.iter().copied() {
            for (message, special) in &messages {
                let hearer = Hearer {
                    me: ME,
                    kind,
                    level,
                    hushed_until: None,
                    read_seq: Seq(9),
                    is_blocked: false,
                    is_request: false,
                    is_quiet: false,
                    follows: false,
                    attention: &attention,
                };
                let wanted = match (level, kind) {
                    (Level::Nothing, _) => None,
                    (Level::All, _) | (Level::Usual, RoomKind::Direct) => {
                        Some(special.unwrap_or(Why::Level))
                    }
                    (Level::Mentions | Level::Usual, _) => *special,
                };
                let about = format!("{level} in a {kind} room: {}", message.content);
                assert_eq!(rings(message, hearer, now), wanted, "{about}");

                let silent = |hearer: Hearer<'_>, message: &Message, why: &str| {
                    assert_eq!(rings(message, hearer, now), None, "{why}: {about}");
                };
                let hushed = |until| Hearer {
                    hushed_until: Some(until),
                    ..hearer
                };
                silent(hushed(Timestamp(1_001)), message, "hushed");
                silent(hushed(Timestamp::NEVER), message, "hushed without an end");
                assert_eq!(rings(message, hushed(now), now), wanted, "over: {about}");
                let read = Hearer {
                    read_seq: Seq(10),
                    ..hearer
                };
                silent(read, message, "read elsewhere");
                let own = Message {
                    sender_id: ME,
                    ..message.clone()
                };
                silent(hearer, &own, "one's own");
                let deleted = Message {
                    deleted_at: Some(now),
                    ..message.clone()
                };
                silent(hearer, &deleted, "deleted");
                let asleep = Attention {
                    quiet_hours: spans(&[(Weekday::ALL, "00:00", "24:00")]),
                    ..attention.clone()
                };
                let asleep = Hearer {
                    attention: &asleep,
                    ..hearer
                };
                silent(asleep, message, "in hours of quiet");
                let blocked = Hearer {
                    is_blocked: true,
                    ..hearer
                };
                silent(blocked, message, "of somebody whom one blocks");
                let asked = Hearer {
                    is_request: true,
                    ..hearer
                };
                silent(asked, message, "in a request");
                let undisturbed = Hearer {
                    is_quiet: true,
                    ..hearer
                };
                silent(undisturbed, message, "not to be disturbed");
            }
        }
    }
}

/// As above, of replies: shown in their thread only or in the room, too; followed or not.
#[test]
fn a_reply_in_a_thread_rings_for_who_follows_it_or_is_named() {
    let attention = Attention::default();
    for (also_in_room, follows) in [(false, false), (false, true), (true, false), (true, true)] {
        for kind in RoomKind::ALL.iter().copied() {
            for level in Level::ALL.iter().copied() {
                let reply = |mentions: &[UserId]| Message {
                    thread_id: Some(MessageId(7)),
                    also_in_room,
                    ..message("well", mentions)
                };
                let hearer = Hearer {
                    me: ME,
                    kind,
                    level,
                    hushed_until: None,
                    read_seq: Seq(9),
                    is_blocked: false,
                    is_request: false,
                    is_quiet: false,
                    follows,
                    attention: &attention,
                };
                let now = Timestamp(1_000);
                let is_all = level.within(kind) == Level::All;
                let is_none = level == Level::Nothing;
                let wanted = match (is_none, follows) {
                    (true, _) => None,
                    (_, true) => Some(Why::Thread),
                    (_, false) => (is_all && also_in_room).then_some(Why::Level),
                };
                let about = format!("{level} in a {kind} room, {also_in_room}, {follows}");
                assert_eq!(rings(&reply(&[]), hearer, now), wanted, "{about}");
                let named = (!is_none).then_some(Why::Mention);
                assert_eq!(rings(&reply(&[ME]), hearer, now), named, "{about}");
            }
        }
    }
}

#[test]
fn a_keyword_is_a_word_whatever_its_case_and_accents() {
    let holds = |text: &str, word: &str| holds_keyword(text, &[word.to_owned()]);
    assert!(holds("Deploy!", "deploy"));
    assert!(holds("we (deploy) it", "deploy"));
    assert!(holds("Crème  brûlée?", "creme brulee"));
    assert!(holds("I write C++ daily", "c++"));
    assert!(holds("redeploy, then deploy", "deploy"));
    assert!(!holds("redeploy", "deploy"));
    assert!(!holds("deployment", "deploy"));
    assert!(!holds("anything", ""));
    assert!(!holds("hello", "deploy"));
}

#[test]
fn keywords_are_kept_in_one_form_up_to_the_limit() {
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let kept = keywords(&words(&[" Deploy ", "deploy", "Release Train"]));
    assert_eq!(kept.unwrap(), ["deploy", "release train"]);
    assert!(keywords(&words(&[""])).is_err());
    let longest = "k".repeat(*limit::KEYWORD_CHARS.end());
    assert!(keywords(std::slice::from_ref(&longest)).is_ok());
    assert!(keywords(&[format!("{longest}k")]).is_err());
    let many: Vec<_> = (0..limit::KEYWORDS).map(|n| format!("word{n}")).collect();
    assert_eq!(keywords(&many).unwrap().len(), limit::KEYWORDS);
    let more = [many, words(&["more"])].concat();
    assert!(keywords(&more).is_err());
}

#[test]
fn a_span_of_quiet_may_reach_into_the_next_day() {
    // Monday, 2026-03-30, in Berlin, two hours before UTC.
    let nights = spans(&[(&[Weekday::Monday], "22:00", "7:00")]);
    assert!(!nights.hold(at("2026-03-30T19:59:59Z")));
    assert!(nights.hold(at("2026-03-30T20:00:00Z")));
    assert!(nights.hold(at("2026-03-31T04:59:59Z")));
    assert!(!nights.hold(at("2026-03-31T05:00:00Z")));
    assert!(!nights.hold(at("2026-03-30T04:00:00Z")), "Sunday's night");
    let noon = spans(&[(&[Weekday::Monday, Weekday::Sunday], "12:00", "13:00")]);
    assert!(noon.hold(at("2026-03-30T10:30:00Z")));
    assert!(noon.hold(at("2026-03-29T10:30:00Z")));
    assert!(!noon.hold(at("2026-03-31T10:30:00Z")));
    let whole = spans(&[(&[Weekday::Sunday], "00:00", "24:00")]);
    assert!(whole.hold(at("2026-03-29T21:59:59Z")));
    assert!(!whole.hold(at("2026-03-29T22:00:00Z")));
}

#[test]
fn quiet_is_by_the_clock_on_the_wall_when_that_is_put_forward() {
    // On 2026-03-29 the clock in Berlin goes from 2:00 to 3:00.
    let early = spans(&[(&[Weekday::Sunday], "01:30", "03:30")]);
    assert!(!early.hold(at("2026-03-29T00:29:59Z")));
    assert!(early.hold(at("2026-03-29T00:30:00Z")));
    assert!(early.hold(at("2026-03-29T01:29:59Z")));
    assert!(!early.hold(at("2026-03-29T01:30:00Z")));
}

#[test]
fn hours_of_quiet_are_kept_in_one_form_up_to_the_limit() {
    let wish = spans(&[(&[Weekday::Sunday, Weekday::Monday], "9:05", "24:00")]);
    let kept = wish.checked().unwrap();
    assert_eq!(
        kept,
        spans(&[(&[Weekday::Monday, Weekday::Sunday], "09:05", "00:00")])
    );
    for (days, from, to) in [
        (&[][..], "09:00", "10:00"),
        (&[Weekday::Monday][..], "9", "10:00"),
        (&[Weekday::Monday][..], "09:00", "25:00"),
        (&[Weekday::Monday][..], "09:00", "10:60"),
        (&[Weekday::Monday][..], "+9:00", "10:00"),
    ] {
        assert!(spans(&[(days, from, to)]).checked().is_err(), "{from} {to}");
    }
    let one = (Weekday::ALL, "09:00", "10:00");
    let nowhere = QuietHours {
        time_zone: "Europe/Nowhere".into(),
        ..spans(&[one])
    };
    assert!(nowhere.checked().is_err());
    assert!(spans(&vec![one; limit::QUIET_SPANS]).checked().is_ok());
    assert!(spans(&vec![one; limit::QUIET_SPANS + 1]).checked().is_err());
    assert_eq!(spans(&[]).checked().unwrap(), QuietHours::default());
}
