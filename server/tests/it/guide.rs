//! The operator's guide and `--help` hold what the program has, and nothing else.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory as _};
use erc_server::cli::Cli;
use erc_server::config;
use erc_server::limits::Kind;

use super::harness::Server;
use super::watching::{live, page};

const GUIDE: &str = include_str!("../../../docs/operator-guide.md");

/// The first column of the table below a heading.
fn table(heading: &str) -> BTreeSet<String> {
    let (_, section) = GUIDE.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<_> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    let names: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(names.len(), rows.len(), "something stands there twice");
    names
}

#[tokio::test]
async fn the_guide_has_every_figure_and_no_other() {
    let server = Server::start().await;
    live(&server).await;
    let page = page(&server).await;
    let names: BTreeSet<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| match line.split_once(' ').unwrap() {
            (name, "counter") => format!("{name}_total"),
            (name, "info") => format!("{name}_info"),
            (name, _) => name.to_owned(),
        })
        .collect();
    assert_eq!(names, table("Figures"));
}

#[test]
fn the_guide_and_the_help_have_every_setting() {
    let mut names: BTreeSet<_> = config::names()
        .map(|name| format!("ERC_{}", name.to_uppercase()))
        .collect();
    assert!(names.len() > 12);
    // These two are read before the settings are.
    names.extend(["ERC_LOG".to_owned(), "ERC_LOG_FORMAT".to_owned()]);
    assert_eq!(names, table("Settings"));
    let help = Cli::command().render_help().to_string();
    for name in names {
        assert!(help.contains(&format!("{name} ")), "--help has no {name}");
    }
}

#[tokio::test]
async fn the_defaults_of_the_guide_are_the_servers() {
    let rows = GUIDE
        .lines()
        .filter_map(|line| line.strip_prefix("| `ERC_"));
    for row in rows {
        let mut cells = row.split('|').map(|cell| cell.trim().trim_matches('`'));
        let name = cells.next().unwrap().to_lowercase();
        let told = cells.next().unwrap();
        if let Some(value) = config::default_of(&name) {
            assert_eq!(told, value, "{name}");
        }
    }
}

#[test]
fn the_guide_has_every_quota() {
    for kind in Kind::ALL {
        let quota = kind.default_quota();
        let row = format!(
            "| `{}` | {} | {} | ",
            kind.name(),
            quota.per_minute,
            quota.at_once
        );
        assert!(GUIDE.contains(&row), "{row}");
    }
    assert_eq!(table("Quotas").len(), Kind::ALL.len());
}

#[test]
fn the_guide_has_every_command() {
    let names = |command: &Command| -> Vec<String> {
        let inner = command.get_subcommands();
        inner.map(|inner| inner.get_name().to_owned()).collect()
    };
    let program = Cli::command();
    let mut commands = BTreeSet::new();
    for command in program.get_subcommands() {
        let inner = names(command);
        if inner.is_empty() {
            commands.insert(command.get_name().to_owned());
        }
        commands.extend(
            inner
                .iter()
                .map(|inner| format!("{} {inner}", command.get_name())),
        );
    }
    let told: BTreeSet<_> = table("Commands")
        .iter()
        .map(|usage| {
            let words = usage
                .split(' ')
                .filter(|word| word.chars().all(|c| c.is_lowercase() || c == '-'));
            let words: Vec<_> = words.take_while(|word| !word.starts_with('-')).collect();
            words.join(" ")
        })
        .collect();
    assert_eq!(commands, told);
}

#[test]
fn every_command_and_every_argument_says_what_it_is_for() {
    fn look(command: &Command, path: &str, checked: &mut usize) {
        let path = format!("{path} {}", command.get_name());
        assert!(
            command.get_about().is_some(),
            "{path} does not say what it does"
        );
        for argument in command.get_arguments() {
            let name = argument.get_id();
            assert!(argument.get_help().is_some(), "{path}: {name} says nothing");
            *checked += 1;
        }
        for inner in command.get_subcommands() {
            look(inner, &path, checked);
        }
    }
    let mut checked = 0;
    look(&Cli::command(), "", &mut checked);
    assert!(checked > 15, "{checked} arguments");
}
