//! The community's own emoji.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use erc_client_core::{
    Error,
    protocol::{EmojiId, limit},
    view::EmojiList,
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

/// All there are, and whether this user adds and removes them.
#[tauri::command]
pub(crate) async fn custom_emoji(desktop: State<'_, Desktop>) -> Answer<EmojiList> {
    Ok(desktop.account()?.emoji()?)
}

/// Adds one; `picture` is the bytes of a file that was chosen, as base64.
#[tauri::command]
pub(crate) async fn add_emoji(
    desktop: State<'_, Desktop>,
    name: String,
    picture: String,
) -> Answer<()> {
    // A little more than may be sent: what is too large is refused by its size.
    if picture.len() > limit::EMOJI_BYTES * 2 {
        let most = limit::EMOJI_BYTES / 1_024;
        let why = format!("the picture has more than {most} KiB");
        return Err(Error::Invalid(why).into());
    }
    let bytes = BASE64_STANDARD
        .decode(picture)
        .map_err(|_| Error::Invalid("the picture did not arrive whole".to_owned()))?;
    Ok(desktop.account()?.add_emoji(&name, bytes).await?)
}

#[tauri::command]
pub(crate) async fn remove_emoji(desktop: State<'_, Desktop>, id: EmojiId) -> Answer<()> {
    Ok(desktop.account()?.remove_emoji(id).await?)
}

/// A picture as an address of data: the page loads nothing.
#[tauri::command]
pub(crate) async fn emoji_picture(desktop: State<'_, Desktop>, id: EmojiId) -> Answer<String> {
    let picture = desktop.account()?.emoji_picture(id).await?;
    let bytes = BASE64_STANDARD.encode(&picture.bytes);
    Ok(format!("data:{};base64,{bytes}", picture.content_type))
}
