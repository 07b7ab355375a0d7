//! What the command line says about itself: to `man` and to shells.

use std::io::Write as _;

use clap::CommandFactory as _;

use super::{args::Cli, failure::Usage};

/// Prints the manual page of the program or of one command.
pub(super) fn man(command: Option<&str>) -> anyhow::Result<()> {
    let mut root = Cli::command();
    root.build();
    let page = match command {
        None => root,
        Some(name) => {
            let found = root
                .find_subcommand(name)
                .ok_or(Usage("there is no such command"))?;
            let name: &'static str = format!("erc-{name}").leak();
            found.clone().name(name).display_name(name)
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    Ok(std::io::stdout().lock().write_all(&text)?)
}

/// Prints completions.
pub(super) fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "erc", &mut text);
    Ok(std::io::stdout().lock().write_all(&text)?)
}
