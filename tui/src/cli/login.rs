//! Signing in and out, and which accounts there are.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::Context as _;
use erc_client_core::{
    Home,
    home::{SignIn, SignUp},
};

use super::{account, args::Login, failure::Usage, output};
use crate::worker::device_name;

pub(super) async fn login(home: &Home, args: Login) -> anyhow::Result<()> {
    let server = given_or_asked(args.server, "Server: ")?;
    let username = given_or_asked(args.user, "User name: ")?;
    let password = password(args.password_stdin, args.register)?;
    let sign_in = SignIn {
        server,
        username,
        password,
        device_name: device_name(),
    };
    let account = if args.register {
        let sign_up = SignUp {
            display_name: None,
            invite: args.invite,
        };
        home.sign_up(sign_in, sign_up).await?
    } else {
        home.sign_in(sign_in).await?
    };
    let info = account.info();
    account.close().await;
    output::line(&format!(
        "signed in as {} at {}",
        info.username, info.server_url
    ))?;
    Ok(())
}

pub(super) async fn logout(home: &Home, chosen: Option<&str>, forget: bool) -> anyhow::Result<()> {
    let info = account::choose(home, chosen)?;
    let account = home.open_account(&info.key)?;
    account.sign_out(forget).await?;
    if !forget {
        account.close().await;
    }
    Ok(())
}

pub(super) fn accounts(home: &Home, json: bool) -> anyhow::Result<()> {
    for account in home.accounts()? {
        if json {
            output::json(&account)?;
        } else {
            output::line(&format!(
                "{}\t{}\t{}",
                account.key, account.display_name, account.server_url
            ))?;
        }
    }
    Ok(())
}

fn given_or_asked(given: Option<String>, question: &str) -> anyhow::Result<String> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !io::stdin().is_terminal() {
        return Err(Usage("without a terminal, SERVER and --user have to be given").into());
    }
    let mut err = io::stderr();
    err.write_all(question.as_bytes())?;
    err.flush()?;
    first_line()
}

fn password(from_stdin: bool, twice: bool) -> anyhow::Result<String> {
    if from_stdin {
        return first_line();
    }
    if !io::stdin().is_terminal() {
        return Err(Usage("without a terminal, the password comes with --password-stdin").into());
    }
    let password = rpassword::prompt_password("Password: ").context("reading the password")?;
    if twice {
        let again = rpassword::prompt_password("Once more: ").context("reading the password")?;
        if again != password {
            return Err(Usage("the passwords differ").into());
        }
    }
    Ok(password)
}

fn first_line() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
