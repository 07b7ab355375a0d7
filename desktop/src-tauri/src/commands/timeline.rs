//! Reading a room.

use erc_client_core::{
    SafeText,
    complete::Completions,
    protocol::{RoomId, Seq},
    view::{Found, Hit, OpenedRoom, Timeline, Window},
};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_opener::OpenerExt;

use super::Answer;
use crate::{link, state::Desktop};

#[tauri::command]
pub(crate) async fn open_room(desktop: State<'_, Desktop>, room: RoomId) -> Answer<OpenedRoom> {
    Ok(desktop.account()?.open_room(room).await?)
}

#[tauri::command]
pub(crate) async fn close_room(desktop: State<'_, Desktop>, room: RoomId) -> Answer<()> {
    desktop.account()?.close_room(room).await;
    Ok(())
}

/// `unread_after`: where the unread line stands.
#[tauri::command]
pub(crate) async fn timeline(
    desktop: State<'_, Desktop>,
    room: RoomId,
    window: Window,
    unread_after: Option<Seq>,
) -> Answer<Timeline> {
    Ok(desktop.account()?.timeline(room, window, unread_after)?)
}

/// Asks for messages that are not here; they come as an update.
#[tauri::command]
pub(crate) async fn fill(
    desktop: State<'_, Desktop>,
    room: RoomId,
    from: Seq,
    to: Seq,
) -> Answer<()> {
    desktop.account()?.fill(room, from, to);
    Ok(())
}

#[tauri::command]
pub(crate) async fn mark_read(desktop: State<'_, Desktop>, room: RoomId, seq: Seq) -> Answer<()> {
    Ok(desktop.account()?.mark_read(room, seq).await?)
}

#[tauri::command]
pub(crate) async fn typing(desktop: State<'_, Desktop>, room: RoomId) -> Answer<Vec<SafeText>> {
    Ok(desktop.account()?.typing(room))
}

/// What may be meant by the text before the cursor.
#[tauri::command]
pub(crate) async fn complete(
    desktop: State<'_, Desktop>,
    room: RoomId,
    before: String,
) -> Answer<Completions> {
    Ok(desktop.account()?.complete(room, &before)?)
}

#[tauri::command]
pub(crate) async fn search(
    desktop: State<'_, Desktop>,
    query: String,
    room: Option<RoomId>,
    limit: u32,
) -> Answer<Vec<Hit>> {
    Ok(desktop.account()?.search(&query, room, limit)?)
}

/// The same, and what the server finds beside it.
#[tauri::command]
pub(crate) async fn search_everywhere(
    desktop: State<'_, Desktop>,
    query: String,
    room: Option<RoomId>,
    limit: u32,
) -> Answer<Found> {
    let account = desktop.account()?;
    Ok(account.search_everywhere(&query, room, limit).await?)
}

/// Hands a link to the system's browser or mail program.
#[tauri::command]
pub(crate) async fn open_link<R: Runtime>(app: AppHandle<R>, url: String) -> Answer<()> {
    let url = link::external(&url)?;
    Ok(app.opener().open_url(url.as_str(), None::<&str>)?)
}
