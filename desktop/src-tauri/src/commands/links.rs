//! Links by which people come into a room.

use erc_client_core::{
    protocol::{LinkId, RoomId},
    view::{LinkPreviewView, LinkView, MadeLinkView},
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

#[tauri::command]
pub(crate) async fn links(desktop: State<'_, Desktop>, room: RoomId) -> Answer<Vec<LinkView>> {
    Ok(desktop.account()?.links(room).await?)
}

/// Absent seconds: a week; absent uses: any number.
#[tauri::command]
pub(crate) async fn make_link(
    desktop: State<'_, Desktop>,
    room: RoomId,
    seconds: Option<u32>,
    uses: Option<i64>,
) -> Answer<MadeLinkView> {
    Ok(desktop.account()?.make_link(room, seconds, uses).await?)
}

#[tauri::command]
pub(crate) async fn revoke_link(
    desktop: State<'_, Desktop>,
    room: RoomId,
    link: LinkId,
) -> Answer<()> {
    Ok(desktop.account()?.revoke_link(room, link).await?)
}

#[tauri::command]
pub(crate) async fn preview_link(
    desktop: State<'_, Desktop>,
    link: String,
) -> Answer<LinkPreviewView> {
    Ok(desktop.account()?.preview_link(&link).await?)
}

#[tauri::command]
pub(crate) async fn join_by_link(desktop: State<'_, Desktop>, link: String) -> Answer<RoomId> {
    Ok(desktop.account()?.join_by_link(&link).await?)
}
