//! The database: that it opens, is of this version, is whole, and that all holds that should.

use super::check::Check;
use crate::clock::Clock;
use crate::config::Config;
use crate::ops::repair;
use crate::store::{self, Db, Schema};

/// Between clocks; milliseconds.
const DRIFT: i64 = 5_000;
/// Before it no server of ours ran: 2025-01-01.
const EARLIEST: i64 = 1_735_689_600_000;
/// Faults shown; `erc-server repair` shows more.
const SHOWN: usize = 3;

pub(super) async fn all(config: &Config) -> Vec<Check> {
    const NAME: &str = "database";
    let url = &config.database_url;
    if let Some(path) = url.strip_prefix("sqlite:")
        && !std::path::Path::new(path).exists()
    {
        let found = format!("{path} is not there; the first start makes it");
        return vec![Check::ok(NAME, found), clock(None, None)];
    }
    let db = match Db::open_as_it_is(url).await {
        Ok(db) => db,
        Err(error) => {
            let remedy = if url.starts_with("sqlite:") {
                "is it an SQLite file that the server's user may read and write? If not, restore the \
                 newest backup"
            } else {
                "is PostgreSQL running, and are address, user, password and database of \
                 ERC_DATABASE_URL right?"
            };
            return vec![
                Check::fail(NAME, error.to_string(), remedy),
                clock(None, None),
            ];
        }
    };
    let checks = match examine(&db).await {
        Ok(checks) => checks,
        Err(error) => vec![
            Check::fail(
                NAME,
                error.to_string(),
                "if this goes on with the server stopped, restore the newest backup",
            ),
            clock(None, None),
        ],
    };
    db.close().await;
    checks
}

async fn examine(db: &Db) -> store::Result<Vec<Check>> {
    let schema = db.schema().await?;
    let mut checks = vec![version(&schema)];
    checks.push(integrity(&db.snapshot().await?.damage().await?));
    let (mut theirs, mut newest) = (None, None);
    if matches!(schema, Schema::Current(_)) {
        checks.push(rules(&repair::check(db).await?));
        let mut tx = db.snapshot().await?;
        theirs = tx.database_time().await?.map(|time| time.0);
        newest = tx.stats().await?.newest_message_at;
    }
    checks.push(clock(theirs, newest));
    Ok(checks)
}

fn version(schema: &Schema) -> Check {
    const NAME: &str = "schema";
    match schema {
        Schema::Current(_) => Check::ok(NAME, schema.to_string()),
        Schema::None | Schema::Behind(_) => Check::warn(
            NAME,
            schema.to_string(),
            "start the server once; back the database up before",
        ),
        Schema::Unknown(_) => Check::fail(
            NAME,
            schema.to_string(),
            "run the newest version that was used on this database, or restore a backup of before",
        ),
    }
}

fn integrity(damage: &[String]) -> Check {
    if damage.is_empty() {
        return Check::ok("integrity", "the database finds nothing broken in itself");
    }
    Check::fail(
        "integrity",
        damage.join("; "),
        "stop the server, keep a copy of the database, and restore the newest backup; then look at \
         the disk",
    )
}

fn rules(findings: &[repair::Finding]) -> Check {
    const NAME: &str = "contents";
    if findings.is_empty() {
        return Check::ok(NAME, "counters, counts and marks are exact");
    }
    let found: Vec<_> = findings
        .iter()
        .flat_map(|finding| &finding.faults)
        .take(SHOWN)
        .map(String::as_str)
        .collect();
    let count: usize = findings.iter().map(|finding| finding.faults.len()).sum();
    let more = count.saturating_sub(found.len());
    let mut found = found.join("; ");
    if more > 0 {
        found = format!("{found}; and {more} more");
    }
    let remedy = if findings.iter().all(|finding| finding.repairable) {
        "stop the server and run: erc-server repair --apply"
    } else {
        "not all of it can be computed again: see erc-server repair, and compare with a backup"
    };
    Check::fail(NAME, found, remedy)
}

/// This machine's clock against the database's machine and the newest message.
fn clock(theirs: Option<i64>, newest: Option<i64>) -> Check {
    const NAME: &str = "clock";
    const REMEDY: &str = "keep the machines' clocks right with NTP, such as systemd-timesyncd";
    let now = Clock::System.now().0;
    if now < EARLIEST {
        return Check::fail(NAME, "this machine's clock stands years behind", REMEDY);
    }
    if let Some(theirs) = theirs
        && (theirs - now).abs() > DRIFT
    {
        let found = format!(
            "PostgreSQL's clock is {} ms off this machine's",
            theirs - now
        );
        return Check::warn(NAME, found, REMEDY);
    }
    if let Some(newest) = newest
        && newest > now + DRIFT
    {
        let found = format!(
            "the newest message is {} s in the future",
            (newest - now) / 1_000
        );
        return Check::warn(NAME, found, REMEDY);
    }
    Check::ok(NAME, "it agrees with what is known")
}
