//! The first start: an owner, and how to sign in as them, told to nobody but the terminal.

use std::io::{IsTerminal as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use erc_protocol::ServerRole;

use crate::app::App;
use crate::clock;
use crate::ops::accounts;

const NAME: &str = "owner";

/// Makes an owner if there are no users.
pub(super) async fn greet(app: &App) -> anyhow::Result<()> {
    if app.db.snapshot().await?.count_users().await? > 0 {
        return Ok(());
    }
    // A log keeps what it is told for ever, so a password goes to a terminal or nowhere.
    let mut error_stream = std::io::stderr();
    if !error_stream.is_terminal() {
        tracing::warn!(
            "there are no users yet; add the owner with: \
             erc-server user add NAME --role owner --password-stdin"
        );
        return Ok(());
    }
    let secret = clock::secret();
    let password = URL_SAFE_NO_PAD.encode(&secret[..15]);
    accounts::add_user(app, NAME, Some("Owner"), &password, ServerRole::Owner).await?;
    writeln!(
        error_stream,
        "\n  Welcome. This server has no users yet, so it made you one:\n\n      \
         user name  {NAME}\n      password   {password}\n\n  \
         It is shown only now. Sign in with:  erc login http://{}\n  \
         Change it with:                      erc-server user password {NAME} --password-stdin\n",
        app.config.listen
    )?;
    Ok(())
}
