//! What always holds between rows, as statements that find where it does not, and statements that
//! compute again what follows from other rows.
//!
//! Every rule is one query in the common subset that answers with a sentence for each fault. A rule
//! whose fault is in derived data brings its repair; a fault in what people wrote has none, because
//! only a backup knows better.

mod rules;

use sqlx::AssertSqlSafe;

use super::{Result, Tx, tx::on};

pub use rules::RULES;

/// Faults told for each rule; where there are more, that many are enough to act.
const TOLD: usize = 50;

/// One thing that always holds.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, in reports: `messages.contiguous`.
    pub name: &'static str,
    /// What holds.
    pub holds: &'static str,
    /// Finds the faults: one column, a sentence each.
    find: &'static str,
    /// Puts them right, in this order; empty if that can't be computed.
    repair: &'static [&'static str],
}

impl Rule {
    /// Whether faults can be computed away.
    #[must_use]
    pub const fn is_repairable(&self) -> bool {
        !self.repair.is_empty()
    }
}

impl Tx {
    /// Where a rule does not hold: a sentence each, the first [`TOLD`].
    pub(crate) async fn faults(&mut self, rule: &Rule) -> Result<Vec<String>> {
        let sql = format!("{} LIMIT {TOLD}", rule.find);
        Ok(on!(self, |conn| sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(conn)
            .await)?)
    }

    /// Computes again what the rule is about.
    pub(crate) async fn repair(&mut self, rule: &Rule) -> Result<()> {
        for sql in rule.repair {
            on!(self, |conn| sqlx::query(*sql)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }
}
