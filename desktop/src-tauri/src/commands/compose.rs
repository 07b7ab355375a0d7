//! Writing. What changes a message goes through the outbox and returns once it is on disk.

use erc_client_core::{
    protocol::{ClientId, Lifetime, MessageId, RoomId, UserId},
    view::{DraftView, Written},
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

#[tauri::command]
pub(crate) async fn send(
    desktop: State<'_, Desktop>,
    room: RoomId,
    written: Written,
    lifetime: Option<Lifetime>,
) -> Answer<ClientId> {
    let account = desktop.account()?;
    Ok(account.send_draft(room, written, lifetime).await?)
}

#[tauri::command]
pub(crate) async fn edit(
    desktop: State<'_, Desktop>,
    room: RoomId,
    message: ClientId,
    text: String,
) -> Answer<()> {
    Ok(desktop.account()?.edit(room, message, &text).await?)
}

#[tauri::command]
pub(crate) async fn delete(
    desktop: State<'_, Desktop>,
    room: RoomId,
    sender: UserId,
    message: ClientId,
) -> Answer<()> {
    Ok(desktop.account()?.delete(room, sender, message).await?)
}

/// Sends a refused operation again.
#[tauri::command]
pub(crate) async fn retry(
    desktop: State<'_, Desktop>,
    room: RoomId,
    message: ClientId,
) -> Answer<()> {
    Ok(desktop.account()?.retry(room, message).await?)
}

/// Gives up a refused operation; the text of an unsent message comes back.
#[tauri::command]
pub(crate) async fn discard(
    desktop: State<'_, Desktop>,
    room: RoomId,
    message: ClientId,
) -> Answer<Option<String>> {
    Ok(desktop.account()?.discard(room, message).await?)
}

#[tauri::command]
pub(crate) async fn draft(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: Option<MessageId>,
) -> Answer<DraftView> {
    Ok(desktop.account()?.draft(room, thread)?)
}

#[tauri::command]
pub(crate) async fn save_draft(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: Option<MessageId>,
    written: Written,
) -> Answer<Option<ClientId>> {
    let account = desktop.account()?;
    Ok(account.save_draft(room, thread, written).await?)
}

#[tauri::command]
pub(crate) async fn set_typing(
    desktop: State<'_, Desktop>,
    room: RoomId,
    typing: bool,
) -> Answer<()> {
    desktop.account()?.set_typing(room, typing);
    Ok(())
}
