//! How often somebody may try: token buckets by address and by user name.

use std::net::IpAddr;
use std::num::NonZeroU32;

use erc_protocol::{ErrorBody, ErrorCode};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::ops::{Error, Result};

const fn per_minute(count: u32, burst: u32) -> Quota {
    let (Some(count), Some(burst)) = (NonZeroU32::new(count), NonZeroU32::new(burst)) else {
        panic!("a quota above zero");
    };
    Quota::per_minute(count).allow_burst(burst)
}

/// Sign-in and sign-up attempts from one address: a family behind one router signs in at ease, a
/// guesser gets nowhere.
const BY_ADDRESS: Quota = per_minute(20, 30);
/// Attempts on one user name, from anywhere.
const BY_NAME: Quota = per_minute(6, 10);
/// Refreshes from one address.
const REFRESH: Quota = per_minute(120, 240);
/// Keys kept before the idle ones are dropped.
const KEYS: usize = 50_000;

/// The buckets; without them (`ERC_RATE_LIMITS=off`) everything passes.
#[derive(Debug)]
pub struct RateLimits(Option<Buckets>);

#[derive(Debug)]
struct Buckets {
    address: DefaultKeyedRateLimiter<IpAddr>,
    name: DefaultKeyedRateLimiter<String>,
    refresh: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl RateLimits {
    /// With full buckets.
    #[must_use]
    pub fn new(on: bool) -> Self {
        Self(on.then(|| Buckets {
            address: RateLimiter::keyed(BY_ADDRESS),
            name: RateLimiter::keyed(BY_NAME),
            refresh: RateLimiter::keyed(REFRESH),
            clock: DefaultClock::default(),
        }))
    }

    /// An attempt to sign in or up.
    pub fn sign_in(&self, address: IpAddr, username: &str) -> Result<()> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        buckets.take(&buckets.address, &address)?;
        buckets.take(&buckets.name, &username.trim().to_lowercase())
    }

    /// A refresh.
    pub fn refresh(&self, address: IpAddr) -> Result<()> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        buckets.take(&buckets.refresh, &address)
    }
}

impl Buckets {
    fn take<K: std::hash::Hash + Eq + Clone>(
        &self,
        bucket: &DefaultKeyedRateLimiter<K>,
        key: &K,
    ) -> Result<()> {
        if bucket.len() > KEYS {
            bucket.retain_recent();
        }
        bucket.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now()).as_secs() + 1;
            let mut body =
                ErrorBody::new(ErrorCode::RateLimited, "too many attempts; wait a while");
            body.retry_after = Some(wait);
            Error::Refused(body)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guesser_is_stopped_and_told_when_to_come_back() {
        let limits = RateLimits::new(true);
        let address = IpAddr::from([127, 0, 0, 1]);
        for _ in 0..10 {
            limits.sign_in(address, "ada").unwrap();
        }
        let Err(Error::Refused(body)) = limits.sign_in(address, " ADA ") else {
            panic!("the eleventh passed")
        };
        assert_eq!(body.code, ErrorCode::RateLimited);
        assert!(body.retry_after.is_some_and(|seconds| seconds >= 1));
        limits.sign_in(address, "bo").unwrap();
        for n in 0..30 {
            let _ = limits.sign_in(address, &format!("user{n}"));
        }
        assert!(limits.sign_in(address, "somebody-else").is_err());
    }

    #[test]
    fn limits_can_be_off() {
        let limits = RateLimits::new(false);
        for _ in 0..1_000 {
            limits.sign_in(IpAddr::from([127, 0, 0, 1]), "ada").unwrap();
        }
    }
}
