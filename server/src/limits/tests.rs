use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use erc_protocol::Timestamp;

use super::recent::GENERATION;
use super::*;
use crate::clock;

const START: i64 = 1_767_225_600_000;

fn limits() -> (RateLimits, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(START));
    let clock = Clock::Manual(now.clone());
    (RateLimits::new(true, &Quotas::default(), &clock), now)
}

fn actor(user: i64, age_ms: i64) -> Actor {
    Actor {
        user: UserId(user),
        session: clock::new_session_id(),
        since: Timestamp(START - age_ms),
    }
}

fn old(user: i64) -> Actor {
    actor(user, limit::NEW_ACCOUNT_MS)
}

fn wait(refused: Result<()>) -> u64 {
    let Err(Error::Refused(body)) = refused else {
        panic!("one too many passed")
    };
    assert_eq!(body.code, ErrorCode::RateLimited);
    body.retry_after.expect("it says when to come back")
}

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[test]
fn a_guesser_is_stopped_and_told_when_to_come_back() {
    let (limits, _) = limits();
    for _ in 0..10 {
        limits.sign_in(HOME, "ada").unwrap();
    }
    assert_eq!(wait(limits.sign_in(HOME, " ADA ")), 10);
    limits.sign_in(HOME, "bo").unwrap();
    for n in 0..30 {
        let _ = limits.sign_in(HOME, &format!("user{n}"));
    }
    assert!(limits.sign_in(HOME, "somebody-else").is_err());
}

#[test]
fn of_every_kind_as_many_pass_as_there_may_be_and_no_more() {
    for kind in Kind::ALL {
        let (limits, now) = limits();
        let quota = kind.default_quota();
        for _ in 0..quota.at_once.get() {
            limits.user(old(1), *kind).unwrap();
        }
        let seconds = wait(limits.user(old(1), *kind));
        limits.user(old(2), *kind).unwrap();
        // Whoever waits as long as they were told gets on, and not much longer than needed.
        let each = 60_000_u64.div_ceil(quota.per_minute.get().into());
        assert_eq!(seconds, each.div_ceil(1_000).max(1), "{}", kind.name());
        now.fetch_add(each as i64 - 1, Ordering::Relaxed);
        assert!(
            each == 1 || limits.user(old(1), *kind).is_err(),
            "{}",
            kind.name()
        );
        now.fetch_add(1, Ordering::Relaxed);
        limits.user(old(1), *kind).unwrap();
    }
}

#[test]
fn a_new_account_may_do_a_third_until_it_is_a_day_old() {
    let (limits, _) = limits();
    let sends = |actor| {
        (0..1_000)
            .take_while(|_| limits.user(actor, Kind::Send).is_ok())
            .count()
    };
    let usual = Kind::Send.default_quota().at_once.get() as usize;
    assert_eq!(sends(actor(1, limit::NEW_ACCOUNT_MS - 1)), usual / 3);
    assert_eq!(sends(actor(2, limit::NEW_ACCOUNT_MS)), usual);
}

#[test]
fn neighbours_of_one_ipv6_network_share_a_bucket_and_others_dont() {
    let (limits, _) = limits();
    let at = |host: u16, network: u16| IpAddr::from([0x2001, 0xdb8, 0, network, 0, 0, 0, host]);
    for host in 0..30 {
        limits.sign_in(at(host, 0), &format!("user{host}")).unwrap();
    }
    assert!(limits.sign_in(at(99, 0), "one-more").is_err());
    limits.sign_in(at(99, 1), "one-more").unwrap();
    // The same address, written as one of IPv6.
    let mapped: IpAddr = "::ffff:127.0.0.1".parse().unwrap();
    assert_eq!(network(mapped), HOME);
}

#[test]
fn a_million_addresses_cost_no_more_memory_than_some_thousands() {
    let (limits, _) = limits();
    for n in 0..200_000_u32 {
        limits.request(IpAddr::from(n.to_be_bytes())).unwrap();
    }
    let buckets = limits.0.unwrap();
    let kept = buckets
        .usual
        .into_iter()
        .next()
        .unwrap()
        .into_state_store()
        .len();
    assert!(kept > GENERATION && kept <= 2 * GENERATION, "{kept}");
}

#[test]
fn whoever_keeps_coming_is_not_forgotten_among_many() {
    let (limits, _) = limits();
    let quota = Kind::Address.default_quota().at_once.get();
    for n in 0..quota {
        limits.request(HOME).unwrap();
        for m in 0..20 {
            let other = 0x0b00_0000 + n * 20 + m;
            limits.request(IpAddr::from(other.to_be_bytes())).unwrap();
        }
    }
    assert!(limits.request(HOME).is_err());
}

#[test]
fn long_names_are_cut() {
    let (limits, _) = limits();
    let long = "x".repeat(100_000);
    for n in 0..10 {
        limits.sign_in(HOME, &format!("{long}{n}")).unwrap();
    }
    assert!(limits.sign_in(HOME, &long).is_err());
}

#[test]
fn limits_can_be_off() {
    let limits = RateLimits::new(false, &Quotas::default(), &Clock::System);
    for _ in 0..10_000 {
        limits.sign_in(HOME, "ada").unwrap();
        limits.user(actor(1, 0), Kind::Invite).unwrap();
    }
}

#[test]
fn quotas_are_read_and_faults_are_named() {
    let quotas: Quotas = " send=600/100 ,search = 1/2,".parse().unwrap();
    assert_eq!(quotas.of(Kind::Send), "600/100".parse().unwrap());
    assert_eq!(quotas.of(Kind::Search), "1/2".parse().unwrap());
    assert_eq!(quotas.of(Kind::Read), Kind::Read.default_quota());
    for (wrong, told) in [
        ("send", "no ="),
        ("shout=1/1", "shout"),
        ("send=0/1", "above zero"),
        ("send=1", "above zero"),
        ("send=-1/2", "above zero"),
    ] {
        let why = wrong.parse::<Quotas>().unwrap_err();
        assert!(why.contains(told), "{wrong}: {why}");
    }
    assert!(
        Kind::ALL
            .iter()
            .enumerate()
            .all(|(n, kind)| *kind as usize == n)
    );
}
