//! `erc` without a command: the client.

use std::io::IsTerminal as _;

use erc_client_core::Home;

use super::{account, failure::Usage};
use crate::{
    app,
    state::SignInForm,
    theme::{Depth, Glyphs, Look, Theme},
};

pub(super) async fn run(home: Home, chosen: Option<&str>, ascii: bool) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Usage(
            "the client needs a terminal; `erc --help` lists the commands for scripts",
        )
        .into());
    }
    let account = if chosen.is_none() && home.accounts()?.is_empty() {
        None
    } else {
        let info = account::choose(&home, chosen)?;
        Some(home.open_account(&info.key)?)
    };
    app::run(home, account, SignInForm::new("", ""), look(ascii)).await
}

fn look(ascii: bool) -> Look {
    let var = |name: &str| std::env::var(name).ok();
    let ascii = ascii || !Glyphs::locale_is_utf8(var);
    Look {
        theme: Theme::new(Depth::detect(var), is_light(var)),
        glyphs: Glyphs::of(ascii),
        zone: jiff::tz::TimeZone::system(),
    }
}

/// `ERC_THEME`, or what the terminal says about its background (`COLORFGBG`, `15;0`); else dark.
fn is_light(var: impl Fn(&str) -> Option<String>) -> bool {
    match var("ERC_THEME").as_deref() {
        Some("light") => true,
        Some("dark") => false,
        _ => var("COLORFGBG")
            .and_then(|v| v.rsplit(';').next()?.parse::<u8>().ok())
            .is_some_and(|background| background == 7 || background == 15),
    }
}
