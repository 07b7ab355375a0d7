use super::*;

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp(moment.as_millisecond())
}

fn local(time: &str, zone: &str) -> When {
    When {
        local_time: Some(time.into()),
        time_zone: Some(zone.into()),
        ..When::default()
    }
}

fn berlin(time: &str) -> Timestamp {
    let now = at("2026-03-01T00:00:00Z");
    local(time, "Europe/Berlin").resolve(now).unwrap()
}

#[test]
fn a_time_of_day_is_meant_where_the_clock_hangs() {
    assert_eq!(berlin("2026-03-28T09:00"), at("2026-03-28T08:00:00Z"));
    assert_eq!(berlin("2026-03-30T09:00:00"), at("2026-03-30T07:00:00Z"));
    let now = at("2026-03-01T00:00:00Z");
    let tokyo = local("2026-03-28T09:00", "Asia/Tokyo").resolve(now);
    assert_eq!(tokyo, Ok(at("2026-03-28T00:00:00Z")));
}

#[test]
fn a_time_that_the_clock_leaves_out_comes_as_long_after_the_jump() {
    assert_eq!(berlin("2026-03-29T01:59:59"), at("2026-03-29T00:59:59Z"));
    assert_eq!(berlin("2026-03-29T02:00"), at("2026-03-29T01:00:00Z"));
    assert_eq!(berlin("2026-03-29T02:30"), at("2026-03-29T01:30:00Z"));
    assert_eq!(berlin("2026-03-29T03:00"), at("2026-03-29T01:00:00Z"));
}

#[test]
fn a_time_that_comes_twice_is_the_first() {
    assert_eq!(berlin("2026-10-25T01:59:59"), at("2026-10-24T23:59:59Z"));
    assert_eq!(berlin("2026-10-25T02:30"), at("2026-10-25T00:30:00Z"));
    assert_eq!(berlin("2026-10-25T03:00"), at("2026-10-25T02:00:00Z"));
}

#[test]
fn the_wish_is_one_moment_from_now_to_the_limit() {
    let now = Timestamp(1_000_000);
    let field = |when: &When| when.resolve(now).map_err(|error| error.field);
    let due = |ms| When {
        due_at: Some(now.plus_ms(ms)),
        ..When::default()
    };
    assert_eq!(field(&due(-1)), Err("due_at"));
    assert_eq!(field(&due(0)), Ok(now));
    let most = limit::SCHEDULE_AHEAD_MS;
    assert_eq!(field(&due(most - 1)), Ok(now.plus_ms(most - 1)));
    assert_eq!(field(&due(most)), Ok(now.plus_ms(most)));
    assert_eq!(field(&due(most + 1)), Err("due_at"));
    assert_eq!(field(&When::after(0)), Ok(now));
    assert_eq!(field(&When::after(u32::MAX)), Err("delay_s"));
    assert_eq!(field(&When::default()), Err("due_at"));
    let mut both = When::after(1);
    both.due_at = Some(now);
    assert_eq!(field(&both), Err("due_at"));
}

#[test]
fn what_is_no_time_of_day_names_its_field() {
    let now = at("2026-03-01T00:00:00Z");
    let field = |when: When| when.resolve(now).map_err(|error| error.field);
    assert_eq!(field(local("soon", "UTC")), Err("local_time"));
    assert_eq!(field(local("2026-02-30T09:00", "UTC")), Err("local_time"));
    assert_eq!(field(local("2026-04-01T09:00", "Moon")), Err("time_zone"));
    let mut no_zone = local("2026-04-01T09:00", "UTC");
    no_zone.time_zone = None;
    assert_eq!(field(no_zone), Err("time_zone"));
    let mut zone_alone = When::after(60);
    zone_alone.time_zone = Some("UTC".into());
    assert_eq!(field(zone_alone), Err("time_zone"));
}
