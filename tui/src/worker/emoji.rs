//! What is asked of the server about the community's own emoji.

use std::path::Path;

use erc_client_core::{Account, Error, SafeText, protocol::limit};
use tokio::io::AsyncReadExt as _;

use super::remote::done;
use crate::command::{Answer, Command};

/// Asks; hands back what is about something else.
pub(super) async fn ask(account: &Account, command: Command) -> Result<Answer, Command> {
    Ok(match command {
        Command::AddEmoji { name, path } => {
            let result = match read(&path).await {
                Ok(picture) => account.add_emoji(&name, picture).await,
                Err(error) => Err(error),
            };
            done(result, "the emoji is there for everybody")
        }
        Command::RemoveEmoji { id } => done(account.remove_emoji(id).await, "it is taken away"),
        other => return Err(other),
    })
}

/// A file, as far as one may send it and a little more: what is too large is refused by its size.
async fn read(path: &Path) -> Result<Vec<u8>, Error> {
    // As a shell would have it.
    let home = path.strip_prefix("~").ok();
    let home = home.and_then(|rest| Some(std::env::home_dir()?.join(rest)));
    let path = home.as_deref().unwrap_or(path);
    let cant = |error: std::io::Error| {
        let path = path.to_string_lossy();
        Error::Invalid(format!("can't read {}: {error}", SafeText::line(&path)))
    };
    let file = tokio::fs::File::open(path).await.map_err(cant)?;
    let mut bytes = Vec::new();
    let most = limit::EMOJI_BYTES as u64 + 1;
    file.take(most)
        .read_to_end(&mut bytes)
        .await
        .map_err(cant)?;
    Ok(bytes)
}
