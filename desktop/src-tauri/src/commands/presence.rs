//! How present one is, and what one says of oneself.

use erc_client_core::{protocol::api::users::SetPresenceRequest, view::MyPresenceView};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

#[tauri::command]
pub(crate) async fn my_presence(desktop: State<'_, Desktop>) -> Answer<MyPresenceView> {
    Ok(desktop.account()?.my_presence()?)
}

#[tauri::command]
pub(crate) async fn set_presence(
    desktop: State<'_, Desktop>,
    request: SetPresenceRequest,
) -> Answer<()> {
    Ok(desktop.account()?.set_presence(request).await?)
}

/// Somebody is at the machine, or not.
#[tauri::command]
pub(crate) async fn set_active(desktop: State<'_, Desktop>, active: bool) -> Answer<()> {
    desktop.set_active(active);
    Ok(())
}
