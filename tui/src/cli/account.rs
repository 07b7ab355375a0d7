//! Which account a command is for, and where its log goes.

use std::path::Path;

use erc_client_core::{Home, view::AccountInfo};
use tracing_subscriber::EnvFilter;

use super::failure::NotSignedIn;

/// Bytes at which the log begins afresh.
const LOG_BYTES: u64 = 4 << 20;

/// The account asked for, or the one used last.
pub(super) fn choose(home: &Home, wanted: Option<&str>) -> anyhow::Result<AccountInfo> {
    let accounts = home.accounts()?;
    let Some(wanted) = wanted else {
        return accounts
            .into_iter()
            .next()
            .ok_or_else(|| NotSignedIn.into());
    };
    let mut found = accounts
        .into_iter()
        .filter(|a| a.key == wanted || a.username.as_str() == wanted);
    match (found.next(), found.next()) {
        (Some(account), None) => Ok(account),
        (Some(_), Some(_)) => {
            anyhow::bail!(
                "several accounts are called {wanted:?}: `erc accounts` prints their keys"
            )
        }
        (None, _) => Err(anyhow::Error::from(NotSignedIn)
            .context(format!("there is no account {wanted:?} on this machine"))),
    }
}

/// The client's own messages go into a file, never to the screen it paints on.
pub(super) fn log_to_file(root: &Path) {
    let path = root.join("erc.log");
    let fresh = std::fs::metadata(&path).is_ok_and(|m| m.len() > LOG_BYTES);
    let mut options = std::fs::OpenOptions::new();
    options
        .create(true)
        .write(true)
        .truncate(fresh)
        .append(!fresh);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let Ok(file) = options.open(&path) else {
        // A client without a log is better than none.
        return;
    };
    let filter = EnvFilter::try_from_env("ERC_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file))
        .try_init();
}
