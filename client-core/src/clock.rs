//! The one place that knows the time, the time zone and random ids, so that tests can set them.

use std::{fmt, sync::Arc, time::Duration};

use erc_protocol::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

/// Where time and ids come from.
pub trait Source: Send + Sync {
    /// The wall clock. Decides nothing that others see.
    fn now(&self) -> Timestamp;
    /// The zone in which days begin.
    fn zone(&self) -> TimeZone;
    /// A new `UUIDv7`: ids of operations.
    fn operation_id(&self) -> Uuid;
    /// A new `UUIDv4`: ids that say nothing.
    fn random_id(&self) -> Uuid;
    /// How long a wait of this length really takes: rests between tries, heartbeats, patience with
    /// a silent server. A test in a hurry makes it shorter.
    fn pace(&self, wait: Duration) -> Duration {
        wait
    }
}

/// A shared [`Source`].
#[derive(Clone)]
pub struct Clock(Arc<dyn Source>);

impl Clock {
    /// The machine's own.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(System))
    }

    /// Another one, for tests.
    #[must_use]
    pub fn from_source(source: impl Source + 'static) -> Self {
        Self(Arc::new(source))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.now()
    }

    pub(crate) fn zone(&self) -> TimeZone {
        self.0.zone()
    }

    pub(crate) fn operation_id(&self) -> Uuid {
        self.0.operation_id()
    }

    pub(crate) fn random_id(&self) -> Uuid {
        self.0.random_id()
    }

    pub(crate) fn pace(&self, wait: Duration) -> Duration {
        self.0.pace(wait)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

struct System;

impl Source for System {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }

    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
    fn operation_id(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
    fn random_id(&self) -> Uuid {
        Uuid::new_v4()
    }
}
