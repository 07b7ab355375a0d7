//! What is done about a message that is there.

use erc_client_core::{
    complete::Completion,
    protocol::{ClientId, MessageId, RoomId, UserId},
    view::{PinView, ReactedView, VersionView},
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

#[tauri::command]
pub(crate) async fn react(
    desktop: State<'_, Desktop>,
    room: RoomId,
    sender: UserId,
    message: ClientId,
    emoji: String,
    on: bool,
) -> Answer<()> {
    let account = desktop.account()?;
    Ok(account.react(room, (sender, message), &emoji, on).await?)
}

#[tauri::command]
pub(crate) async fn pin(
    desktop: State<'_, Desktop>,
    room: RoomId,
    sender: UserId,
    message: ClientId,
    on: bool,
) -> Answer<()> {
    Ok(desktop.account()?.pin(room, (sender, message), on).await?)
}

/// Sends the text of a message into a room.
#[tauri::command]
pub(crate) async fn forward(
    desktop: State<'_, Desktop>,
    source: MessageId,
    room: RoomId,
    with_author: bool,
) -> Answer<ClientId> {
    Ok(desktop
        .account()?
        .forward(source, room, with_author)
        .await?)
}

/// What is pinned in a room, the latest first.
#[tauri::command]
pub(crate) async fn pins(desktop: State<'_, Desktop>, room: RoomId) -> Answer<Vec<PinView>> {
    Ok(desktop.account()?.pins(room).await?)
}

/// Every text that a message had, oldest first.
#[tauri::command]
pub(crate) async fn history(
    desktop: State<'_, Desktop>,
    message: MessageId,
) -> Answer<Vec<VersionView>> {
    Ok(desktop.account()?.history(message).await?)
}

/// Who reacted to a message.
#[tauri::command]
pub(crate) async fn reactions(
    desktop: State<'_, Desktop>,
    message: MessageId,
) -> Answer<Vec<ReactedView>> {
    Ok(desktop.account()?.reactions(message).await?)
}

/// Emoji for a reaction, by what they show.
#[tauri::command]
pub(crate) async fn emoji(desktop: State<'_, Desktop>, letters: String) -> Answer<Vec<Completion>> {
    Ok(desktop.account()?.reaction_choices(&letters)?)
}
