//! How much of what: a number a minute, and a number at once.

use std::num::NonZeroU32;
use std::str::FromStr;

use erc_protocol::limit;

/// A token bucket's size and how fast it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many come back a minute.
    pub per_minute: NonZeroU32,
    /// How many after a quiet time.
    pub at_once: NonZeroU32,
}

impl Quota {
    const fn new(per_minute: u32, at_once: u32) -> Self {
        let (Some(per_minute), Some(at_once)) =
            (NonZeroU32::new(per_minute), NonZeroU32::new(at_once))
        else {
            panic!("a quota above zero");
        };
        Self {
            per_minute,
            at_once,
        }
    }

    /// What a new account has of it.
    #[must_use]
    pub(super) fn strict(self) -> Self {
        let part = |count: NonZeroU32| {
            NonZeroU32::new(count.get() / limit::NEW_ACCOUNT_PART).unwrap_or(NonZeroU32::MIN)
        };
        Self {
            per_minute: part(self.per_minute),
            at_once: part(self.at_once),
        }
    }

    pub(super) fn of_governor(self) -> governor::Quota {
        governor::Quota::per_minute(self.per_minute).allow_burst(self.at_once)
    }
}

/// `600/100`: a minute, and at once.
impl FromStr for Quota {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers = text.split_once('/');
        let read = numbers.and_then(|(minute, once)| {
            Some(Self {
                per_minute: minute.trim().parse().ok()?,
                at_once: once.trim().parse().ok()?,
            })
        });
        read.ok_or("two numbers above zero, such as 240/60: a minute, and at once")
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $per_minute:literal / $at_once:literal;)+) => {
        /// What is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind),+
        }

        impl Kind {
            /// Every kind, in the order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// What the operator calls it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }

            /// What holds unless the operator says otherwise.
            #[must_use]
            pub const fn default_quota(self) -> Quota {
                match self { $(Self::$kind => Quota::new($per_minute, $at_once)),+ }
            }
        }
    };
}

kinds!(
    /// Requests from one address, of whatever kind.
    Address = "address", 6_000 / 3_000;
    /// Sign-in and sign-up attempts from one address: a family behind one router signs in at ease,
    /// a guesser gets nowhere.
    SignIn = "sign_in", 20 / 30;
    /// Attempts on one user name, from anywhere.
    SignInName = "sign_in_name", 6 / 10;
    /// Refreshes from one address.
    Refresh = "refresh", 120 / 240;
    /// A user's requests that only read.
    Read = "read", 1_200 / 600;
    /// A user's requests that change something, where nothing else is said.
    Write = "write", 300 / 120;
    /// Messages that a user sends, edits, deletes.
    Send = "send", 240 / 60;
    /// Rooms that a user makes.
    Room = "room", 30 / 30;
    /// A user's searches.
    Search = "search", 60 / 30;
    /// Files that a user uploads.
    Upload = "upload", 60 / 30;
    /// Invites that a user makes.
    Invite = "invite", 10 / 10;
    /// How often a user says that they type.
    Typing = "typing", 120 / 30;
    /// Other frames on a user's sockets.
    Frame = "frame", 6_000 / 3_000;
);

/// The quota of each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas(Vec<Quota>);

impl Default for Quotas {
    fn default() -> Self {
        Self(Kind::ALL.iter().map(|kind| kind.default_quota()).collect())
    }
}

impl Quotas {
    /// The quota of a kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Quota {
        self.0[kind as usize]
    }
}

/// `send=600/100, search=20/5`: the others stay as they are.
impl FromStr for Quotas {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut quotas = Self::default();
        for one in text.split(',').map(str::trim).filter(|one| !one.is_empty()) {
            let (name, quota) = one.split_once('=').ok_or(format!("{one:?} has no ="))?;
            let kind = Kind::ALL.iter().find(|kind| kind.name() == name.trim());
            let kind = kind.ok_or_else(|| {
                let names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
                format!("{name:?} is none of {}", names.join(", "))
            })?;
            quotas.0[*kind as usize] = quota.parse().map_err(|why| format!("{name}: {why}"))?;
        }
        Ok(quotas)
    }
}
