//! How often somebody may do something: token buckets by user, by address and by user name.
//!
//! Each node counts for itself. What is remembered of whom is bounded ([`recent`]), so that an
//! attacker with many addresses costs no memory; whoever is forgotten begins with a full bucket.

mod quota;
mod recent;
mod time;

use std::net::{IpAddr, Ipv6Addr};

use erc_protocol::{ErrorBody, ErrorCode, UserId, limit};
use governor::RateLimiter;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;

pub use quota::{Kind, Quota, Quotas};
use recent::Recent;
use time::Time;

use crate::clock::Clock;
use crate::ops::{Actor, Error, Result};

type Bucket = RateLimiter<Who, Recent<Who>, Time, NoOpMiddleware<Nanos>>;

/// Whose bucket it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    User(UserId),
    /// An address, or the network of one household.
    Network(IpAddr),
    Name(String),
}

/// The buckets; without them (`ERC_RATE_LIMITS=off`) everything passes.
#[derive(Debug)]
pub struct RateLimits(Option<Buckets>);

/// One of each [`Kind`], in their order.
#[derive(Debug)]
struct Buckets {
    usual: Vec<Bucket>,
    /// Those of new accounts.
    strict: Vec<Bucket>,
    time: Time,
    clock: Clock,
}

impl RateLimits {
    /// With full buckets.
    #[must_use]
    pub fn new(is_on: bool, quotas: &Quotas, clock: &Clock) -> Self {
        let time = Time::new(clock);
        let bucket =
            |quota: Quota| RateLimiter::new(quota.of_governor(), Recent::default(), time.clone());
        let quotas = || Kind::ALL.iter().map(|kind| quotas.of(*kind));
        Self(is_on.then(|| Buckets {
            usual: quotas().map(bucket).collect(),
            strict: quotas().map(|quota| bucket(quota.strict())).collect(),
            time: time.clone(),
            clock: clock.clone(),
        }))
    }

    /// Somebody does something of this kind.
    pub fn user(&self, actor: Actor, kind: Kind) -> Result<()> {
        let Some(buckets) = &self.0 else {
            return Ok(());
        };
        let age = buckets.clock.now().0.saturating_sub(actor.since.0);
        let of = if age < limit::NEW_ACCOUNT_MS {
            &buckets.strict
        } else {
            &buckets.usual
        };
        buckets.take(&of[kind as usize], &Who::User(actor.user))
    }

    /// A request of any kind, from anybody at this address.
    pub fn request(&self, address: IpAddr) -> Result<()> {
        self.anybody(Kind::Address, &Who::Network(network(address)))
    }

    /// An attempt to sign in or up: from one address, and for one name from anywhere.
    pub fn sign_in(&self, address: IpAddr, username: &str) -> Result<()> {
        self.anybody(Kind::SignIn, &Who::Network(network(address)))?;
        // Cut, so that long names cost no memory; so long a name is nobody's.
        let name = username.trim().to_lowercase();
        let name = name.chars().take(limit::USERNAME_CHARS.end() + 1).collect();
        self.anybody(Kind::SignInName, &Who::Name(name))
    }

    /// A refresh.
    pub fn refresh(&self, address: IpAddr) -> Result<()> {
        self.anybody(Kind::Refresh, &Who::Network(network(address)))
    }

    fn anybody(&self, kind: Kind, who: &Who) -> Result<()> {
        match &self.0 {
            Some(buckets) => buckets.take(&buckets.usual[kind as usize], who),
            None => Ok(()),
        }
    }
}

impl Buckets {
    fn take(&self, bucket: &Bucket, who: &Who) -> Result<()> {
        bucket.check_key(who).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.time.now());
            let mut body =
                ErrorBody::new(ErrorCode::RateLimited, "too many attempts; wait a while");
            body.retry_after = Some(
                wait.as_millis()
                    .div_ceil(1_000)
                    .try_into()
                    .unwrap_or(1)
                    .max(1),
            );
            Error::Refused(body)
        })
    }
}

/// What one household or machine has: an address of IPv4, a network of 64 bits of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            const HOST: u128 = (1 << 64) - 1;
            Ipv6Addr::from_bits(v6.to_bits() & !HOST).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests;
