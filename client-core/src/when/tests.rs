use super::*;

/// A Wednesday, noon in Berlin.
fn now() -> Timestamp {
    let moment: jiff::Timestamp = "2026-03-25T11:00:00Z".parse().unwrap();
    Timestamp(moment.as_millisecond())
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// What is meant, shortly, and what stands behind.
fn read(text: &str) -> Option<(String, String)> {
    let (when, rest) = leading(text, now(), &berlin()).ok()?;
    let said = match (when.delay_s, when.local_time) {
        (Some(seconds), None) => format!("{seconds}s"),
        (None, Some(local)) => {
            assert_eq!(when.time_zone.as_deref(), Some("Europe/Berlin"));
            local
        }
        other => panic!("{other:?}"),
    };
    Some((said, rest.to_owned()))
}

fn is_read(text: &str, said: &str, rest: &str) {
    let expected = Some((said.to_owned(), rest.to_owned()));
    assert_eq!(read(text), expected, "{text:?}");
}

#[test]
fn a_while_from_now_is_read_with_what_follows() {
    is_read("in 2h tea is ready", "7200s", "tea is ready");
    is_read("in 1h30m tea", "5400s", "tea");
    is_read("in 90 min  tea", "5400s", "tea");
    is_read("in 1d 12h tea", "129600s", "tea");
    is_read("In 2 Weeks", "1209600s", "");
    is_read("in 0s now", "0s", "now");
    // What only looks like more of it belongs to the text.
    is_read("in 2h 3 cups", "7200s", "3 cups");
}

#[test]
fn a_time_of_day_is_the_next_one() {
    is_read("12:01 tea", "2026-03-25T12:01:00", "tea");
    is_read("12:00 tea", "2026-03-26T12:00:00", "tea");
    is_read("9:00 tea", "2026-03-26T09:00:00", "tea");
    is_read("9pm tea", "2026-03-25T21:00:00", "tea");
    is_read("12am", "2026-03-26T00:00:00", "");
    is_read("9:30 PM tea", "2026-03-25T21:30:00", "tea");
}

#[test]
fn days_are_named_and_a_day_of_the_week_is_never_today() {
    is_read("today 18:00 tea", "2026-03-25T18:00:00", "tea");
    is_read("tomorrow 9:00 tea", "2026-03-26T09:00:00", "tea");
    is_read("sunday 2:30 tea", "2026-03-29T02:30:00", "tea");
    is_read("Wed 9:00", "2026-04-01T09:00:00", "");
    is_read("2026-12-24 18:00 tea", "2026-12-24T18:00:00", "tea");
}

#[test]
fn what_means_no_moment_to_come_is_refused() {
    for text in [
        "",
        "tea",
        "in",
        "in tea",
        "9 tea",
        "25:00 tea",
        "9:5 tea",
        "13pm",
        "0am",
        "2026-02-30 9:00",
        "2020-01-01 9:00",
        "today 9:00",
        "tomorrow",
        "in 99999999999h",
        "in 5y",
        "+9:00",
    ] {
        assert_eq!(read(text), None, "{text:?}");
    }
    assert!(whole("9:00 tea", now(), &berlin()).is_err());
    assert!(whole(" 9:00 ", now(), &berlin()).is_ok());
}

#[test]
fn without_a_name_for_the_zone_the_moment_is_sent() {
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let (when, _) = leading("13:30 tea", now(), &zone).unwrap();
    let moment = when.due_at.unwrap();
    assert_eq!(moment.to_string(), "2026-03-25T11:30:00.000Z");
}

#[test]
fn how_long_a_message_stays_is_read_from_its_beginning() {
    let stays = |after_s, from| Lifetime { after_s, from };
    for (text, wanted, rest) in [
        (
            "1h tea at four",
            stays(3_600, ExpiryFrom::Sent),
            "tea at four",
        ),
        ("read 10m tea", stays(600, ExpiryFrom::Read), "tea"),
        ("sent 1d 12h", stays(129_600, ExpiryFrom::Sent), ""),
        (
            "5 minutes\nof peace",
            stays(300, ExpiryFrom::Sent),
            "of peace",
        ),
    ] {
        assert_eq!(lifetime(text).unwrap(), (wanted, rest), "{text}");
    }
    for text in ["", "tea", "4s tea", "9999w tea", "read tea"] {
        assert!(lifetime(text).is_err(), "{text}");
    }
}

#[test]
fn a_length_in_words_is_read_as_it_was() {
    for (seconds, said) in [
        (5, "5s"),
        (5_400, "1h 30m"),
        (604_800, "1w"),
        (90_061, "1d 1h 1m 1s"),
    ] {
        assert_eq!(words(seconds), said);
        assert_eq!(length(said), Some((seconds, "")));
    }
}
