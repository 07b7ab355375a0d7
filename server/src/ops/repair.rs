//! Looking for what does not hold in the database, and computing again what can be computed.
//!
//! Looking is one consistent read and harms no running server. Putting right is one transaction,
//! and is for a database that no server uses: a server remembers what it has read.

use serde::Serialize;

use crate::store::{Db, RULES, Result, Rule};

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule's name, such as `rooms.member_count`.
    pub rule: &'static str,
    /// What should hold.
    pub holds: &'static str,
    /// Where it does not: a sentence each, at most fifty.
    pub faults: Vec<String>,
    /// Whether [`apply`] puts it right.
    pub repairable: bool,
}

impl Finding {
    fn new(rule: &Rule, faults: Vec<String>) -> Option<Self> {
        (!faults.is_empty()).then(|| Self {
            rule: rule.name,
            holds: rule.holds,
            faults,
            repairable: rule.is_repairable(),
        })
    }
}

/// What does not hold; nothing after any schedule of our own code.
pub async fn check(db: &Db) -> Result<Vec<Finding>> {
    let mut tx = db.snapshot().await?;
    let mut findings = Vec::new();
    for rule in RULES {
        findings.extend(Finding::new(rule, tx.faults(rule).await?));
    }
    Ok(findings)
}

/// Puts right what can be, all or nothing, and says what was found. What it finds after that is
/// beyond it.
pub async fn apply(db: &Db) -> Result<Vec<Finding>> {
    let mut tx = db.begin().await?;
    let mut findings = Vec::new();
    for rule in RULES {
        let Some(finding) = Finding::new(rule, tx.faults(rule).await?) else {
            continue;
        };
        if finding.repairable {
            tx.repair(rule).await?;
        }
        findings.push(finding);
    }
    tx.commit().await?;
    Ok(findings)
}
