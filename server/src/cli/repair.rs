//! `erc-server repair`: what does not hold in the database, and putting right what can be.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::config::Config;
use crate::ops::repair::{self, Finding};
use crate::store::{Alone, Db, Schema};

pub(super) async fn repair(
    config: &Config,
    apply: bool,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let _alone = if apply {
        Some(Alone::with(&config.database_url)?)
    } else {
        None
    };
    let db = Db::open_as_it_is(&config.database_url)
        .await
        .context("opening the database")?;
    let schema = db.schema().await?;
    anyhow::ensure!(
        matches!(schema, Schema::Current(_)),
        "the database is not of this program's version: {schema}"
    );
    let result = look(&db, apply).await;
    db.close().await;
    let (found, left) = result?;
    tell(&found, &left, apply, as_json)?;
    Ok(if left.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What was found, and what is there now.
async fn look(db: &Db, apply: bool) -> anyhow::Result<(Vec<Finding>, Vec<Finding>)> {
    if !apply {
        let found = repair::check(db).await?;
        return Ok((found.clone(), found));
    }
    let others = db.others().await?;
    anyhow::ensure!(
        others == 0,
        "{others} other connections of erc-server use the database; stop them first"
    );
    let found = repair::apply(db).await?;
    Ok((found, repair::check(db).await?))
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn tell(found: &[Finding], left: &[Finding], apply: bool, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let answer = serde_json::json!({ "found": found, "left": left, "applied": apply });
        println!("{}", serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    for finding in found {
        println!("{}: {}", finding.rule, finding.holds);
        for fault in &finding.faults {
            println!("  but {fault}");
        }
        println!("  {}", outcome(finding, left, apply));
    }
    if found.is_empty() {
        println!("nothing to repair");
    }
    Ok(())
}

fn outcome(finding: &Finding, left: &[Finding], apply: bool) -> &'static str {
    let is_left = left.iter().any(|other| other.rule == finding.rule);
    match (finding.repairable, apply, is_left) {
        (_, true, false) => "put right",
        (true, false, _) => {
            "can be computed again: erc-server repair --apply, with the server stopped"
        }
        _ => "can't be computed from anything else: take the rows from a backup",
    }
}
