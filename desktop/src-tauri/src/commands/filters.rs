//! What a room, or the server, doesn't take.

use erc_client_core::{
    protocol::{
        FilterId, RoomId,
        filter::{FilterAction, FilterKind},
    },
    view::FilterView,
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

/// Of a room, or of the server.
#[tauri::command]
pub(crate) async fn filters(
    desktop: State<'_, Desktop>,
    room: Option<RoomId>,
) -> Answer<Vec<FilterView>> {
    Ok(desktop.account()?.filters(room).await?)
}

#[tauri::command]
pub(crate) async fn add_filter(
    desktop: State<'_, Desktop>,
    room: Option<RoomId>,
    kind: FilterKind,
    text: String,
    action: FilterAction,
) -> Answer<()> {
    let account = desktop.account()?;
    Ok(account.add_filter(room, kind, &text, action).await?)
}

#[tauri::command]
pub(crate) async fn remove_filter(
    desktop: State<'_, Desktop>,
    room: Option<RoomId>,
    id: FilterId,
) -> Answer<()> {
    Ok(desktop.account()?.remove_filter(room, id).await?)
}
