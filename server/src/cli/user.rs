//! `erc-server user …`, `erc-server invite`.

use std::io::BufRead as _;

use erc_protocol::auth::CreateInviteRequest;

use super::{AddUser, close};
use crate::app::App;
use crate::ops::{Result, accounts};

fn password_from_stdin() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!password.is_empty(), "standard input holds no password");
    Ok(password.to_owned())
}

/// Tells a refusal as a sentence, after everything is closed.
async fn finish<T>(app: App, result: Result<T>) -> anyhow::Result<T> {
    close(app).await;
    result.map_err(|error| anyhow::anyhow!(error.body().message))
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn add(app: App, add: AddUser) -> anyhow::Result<()> {
    let password = password_from_stdin()?;
    let name = add.display_name.as_deref();
    let user = accounts::add_user(&app, &add.name, name, &password, add.role).await;
    let user = finish(app, user).await?;
    println!("added {} (id {}, {})", user.username, user.id, user.role);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn password(app: App, name: &str) -> anyhow::Result<()> {
    let password = password_from_stdin()?;
    let user = accounts::set_password(&app, name, &password).await;
    let user = finish(app, user).await?;
    println!(
        "{} has a new password and is signed out everywhere",
        user.username
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
pub(super) async fn invite(app: App, uses: i64, hours: i64) -> anyhow::Result<()> {
    let request = CreateInviteRequest {
        uses: Some(uses),
        valid_hours: Some(hours),
    };
    let invite = match accounts::create_invite(&app, None, &request).await {
        Ok(receipt) => receipt.await,
        Err(error) => Err(error),
    };
    let invite = finish(app, invite).await?;
    println!("{}", invite.code);
    Ok(())
}
