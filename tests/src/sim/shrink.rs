//! Makes a plan that fails smaller: takes away halves of its steps, then ever smaller pieces, and
//! keeps what still fails. How tasks interleave is not in the plan, so a piece counts as needed
//! only if the plan without it passed several times.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    plan::{Check, Plan, Step},
    run::{Failure, run},
    tally::Tally,
};

/// How a search goes on.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often a smaller plan is tried before it counts as passing.
    pub tries: usize,
    pub time: Duration,
}

/// The smallest plan found that still fails, and how.
pub fn shrink(plan: &Plan, failure: Failure, patience: Patience) -> (Plan, Failure) {
    let begun = Instant::now();
    let mut best = plan.with_steps(plan.steps[..=failure.step.min(plan.steps.len() - 1)].to_vec());
    let mut how = failure;
    let mut piece = best.steps.len().div_ceil(2).max(1);
    loop {
        let mut start = 0;
        let mut has_shrunk = false;
        while start < best.steps.len() {
            if begun.elapsed() > patience.time {
                return (best, how);
            }
            let end = (start + piece).min(best.steps.len());
            let mut steps = best.steps.clone();
            steps.drain(start..end);
            if !matches!(steps.last(), Some(Step::Check { .. })) {
                steps.push(Step::Check { check: Check::Hard });
            }
            let smaller = best.with_steps(steps);
            let is_smaller = smaller.steps.len() < best.steps.len();
            match still_fails(&smaller, patience.tries).filter(|_| is_smaller) {
                Some(failure) => {
                    best = smaller;
                    how = failure;
                    has_shrunk = true;
                }
                None => start = end,
            }
        }
        if piece > 1 {
            piece = piece.div_ceil(2);
        } else if !has_shrunk {
            return (best, how);
        }
    }
}

fn still_fails(plan: &Plan, tries: usize) -> Option<Failure> {
    (0..tries).find_map(|_| run(plan, &Arc::new(Tally::default())).err())
}
