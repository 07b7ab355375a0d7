//! `erc send`.

use std::io::Read as _;

use erc_client_core::{Error, Home, protocol::validate};

use super::{account, args::Send, output};

pub(super) async fn run(home: &Home, chosen: Option<&str>, args: Send) -> anyhow::Result<()> {
    let info = account::choose(home, chosen)?;
    let text = text(&args.text)?;
    validate::content(&text).map_err(|e| Error::Invalid(e.to_string()))?;
    let quick = home.quick(&info.key).await?;
    let room = quick.find_room(&args.room).await?;
    let message = quick.send(room.id, &text, None).await?;
    if args.json {
        output::json(&message)?;
    }
    Ok(())
}

/// The words given, or standard input without its last line end.
fn text(words: &[String]) -> anyhow::Result<String> {
    if !words.is_empty() && words != ["-"] {
        return Ok(words.join(" "));
    }
    let mut bytes = Vec::new();
    // A little more than fits, so that the refusal can say so.
    let most = erc_client_core::protocol::limit::BODY_BYTES as u64;
    std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::Invalid("standard input is not UTF-8 text".to_owned()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
