//! Places in the write path where a test lets things go wrong. In production nothing is set and
//! a place costs one look at an empty option.
//!
//! Owned by [`crate::app::App`]; the simulator sets a rule, which is asked each time the committer
//! passes a [`Point`].

use std::fmt;
use std::sync::Arc;

/// Where the committer is with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The transaction has begun and nothing ran in it.
    Begun,
    /// Everything ran, nothing is durable.
    BeforeCommit,
    /// Everything is durable, nobody was told.
    AfterCommit,
    /// Listeners were told, those who asked were not.
    AfterPublish,
}

/// What happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The database answers with an error. After [`Point::AfterCommit`] that is a lie: what was
    /// committed stays, as when the connection is cut while the answer travels.
    Error,
    /// The process is dead: this committer does nothing more, tells nobody, and answers nothing.
    Death,
}

type Rule = dyn Fn(Point) -> Option<Fault> + Send + Sync;

/// The rule, if there is one.
#[derive(Clone, Default)]
pub struct Failpoints(Option<Arc<Rule>>);

impl Failpoints {
    /// Asks `rule` at every point.
    pub fn new(rule: impl Fn(Point) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(rule)))
    }

    /// What goes wrong here, if anything.
    #[must_use]
    pub fn at(&self, point: Point) -> Option<Fault> {
        self.0.as_ref().and_then(|rule| rule(point))
    }
}

impl fmt::Debug for Failpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "none" })
    }
}
