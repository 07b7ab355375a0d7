//! `erc-server doctor`: looks at everything that a server needs, and says what to do where
//! something is missing. Harms no running server, and changes nothing but a probe file that it
//! removes.

mod check;
mod data;
mod database;
mod settings;

use std::path::Path;
use std::process::ExitCode;

use crate::config::Config;
use check::{Check, State};

/// Every check, in the order in which things are needed.
async fn examine(file: Option<&Path>) -> Vec<Check> {
    let config = match Config::load(file) {
        Ok(config) => config,
        Err(error) => {
            let remedy =
                "correct the settings file or the ERC_… variables; nothing else was looked at";
            return vec![Check::fail("settings", error.to_string(), remedy)];
        }
    };
    let mut checks = vec![settings::sense(&config)];
    checks.push(settings::listen(&config).await);
    checks.extend(settings::metrics(&config));
    checks.push(settings::secret(&config));
    checks.push(data::folder(&config));
    checks.push(data::room(&config));
    checks.push(data::blobs(&config).await);
    checks.extend(database::all(&config).await);
    checks
}

/// What is not well in the database, for commands that have just made it.
pub(super) async fn of_database(config: &Config) -> Vec<String> {
    let mut checks = database::all(config).await;
    checks.retain(|check| check.state != State::Ok);
    checks
        .into_iter()
        .map(|check| {
            let remedy = check.remedy.unwrap_or_default();
            format!("{}: {}; {remedy}", check.name, check.found)
        })
        .collect()
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn doctor(file: Option<&Path>, as_json: bool) -> anyhow::Result<ExitCode> {
    let checks = examine(file).await;
    let worst = checks.iter().map(|check| check.state).max();
    let is_well = worst != Some(State::Fail);
    if as_json {
        let answer = serde_json::json!({ "ok": is_well, "checks": checks });
        println!("{}", serde_json::to_string_pretty(&answer)?);
    } else {
        for check in &checks {
            println!("{check}");
        }
        println!(
            "\n{}",
            match worst {
                Some(State::Fail) => "something is broken",
                Some(State::Warn) => "it works, and could be better",
                _ => "all is well",
            }
        );
    }
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
