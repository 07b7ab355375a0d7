//! Places in the store's writing where a test lets the program die. In production nothing is set
//! and a place costs one look at an empty option.
//!
//! Given to [`crate::Home::with_parts`]; the rule is asked each time a transaction of an account's
//! store passes a [`Point`].

use std::{fmt, sync::Arc};

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// It has not begun.
    Begun,
    /// Everything ran, nothing is durable.
    BeforeCommit,
    /// Everything is durable, nobody was told.
    AfterCommit,
}

type Rule = dyn Fn(Point) -> bool + Send + Sync;

/// The rule, if there is one.
#[derive(Clone, Default)]
pub struct Failpoints(Option<Arc<Rule>>);

impl Failpoints {
    /// Asks `rule` at every point. True: the program is dead, so that this transaction goes no
    /// further and its caller gets an error. A dead program stays dead: the rule must go on saying
    /// so.
    pub fn new(rule: impl Fn(Point) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(rule)))
    }

    /// Whether the program died here.
    pub(crate) fn is_dead(&self, point: Point) -> bool {
        self.0.as_ref().is_some_and(|rule| rule(point))
    }
}

impl fmt::Debug for Failpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "none" })
    }
}
