//! `erc-server man`: the manual page of the program, or of one command.

use std::io::Write as _;

use anyhow::Context as _;
use clap::CommandFactory as _;

/// Prints the page of the command of these words; of the program if there are none.
pub(super) fn man(words: &[String]) -> anyhow::Result<()> {
    std::io::stdout()
        .lock()
        .write_all(&page(words)?)
        .context("writing the page")
}

fn page(words: &[String]) -> anyhow::Result<Vec<u8>> {
    let mut command = super::Cli::command();
    command.build();
    let mut name = command.get_name().to_owned();
    for word in words {
        command = command
            .find_subcommand(word)
            .with_context(|| format!("{name} has no command {word}"))?
            .clone();
        name = format!("{name}-{word}");
    }
    // It lives until the program ends, which is soon.
    let name: &'static str = name.leak();
    let mut text = Vec::new();
    clap_mangen::Man::new(command.name(name).display_name(name))
        .date("")
        .render(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn every(command: &clap::Command, path: &str, check: &mut impl FnMut(&str)) {
        check(path);
        for inner in command.get_subcommands().filter(|c| c.get_name() != "help") {
            every(inner, &format!("{path} {}", inner.get_name()), check);
        }
    }

    #[test]
    fn the_program_and_every_command_have_a_page() {
        let program = super::super::Cli::command();
        let mut pages = 0;
        every(&program, "", &mut |path| {
            let page = String::from_utf8(page(&words(path)).unwrap()).unwrap();
            let name = format!("erc-server{}", path.replace(' ', "-"));
            assert!(page.contains(&format!(".TH {name} 1")), "{page}");
            assert!(page.contains(".SH SYNOPSIS"), "{name}");
            pages += 1;
        });
        assert!(pages > 25, "{pages}");
        assert!(page(&words("room paint")).is_err());
    }
}
