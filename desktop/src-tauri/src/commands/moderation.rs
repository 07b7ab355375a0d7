//! Roles, mutes and bans.

use erc_client_core::{
    protocol::{RoomId, RoomRole, UserId},
    view::BanView,
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

#[tauri::command]
pub(crate) async fn set_role(
    desktop: State<'_, Desktop>,
    room: RoomId,
    user: UserId,
    role: RoomRole,
    hand_over: bool,
) -> Answer<()> {
    let account = desktop.account()?;
    Ok(account.set_role(room, user, role, hand_over).await?)
}

/// Absent seconds: until it is lifted.
#[tauri::command]
pub(crate) async fn mute(
    desktop: State<'_, Desktop>,
    room: RoomId,
    user: UserId,
    seconds: Option<u32>,
) -> Answer<()> {
    Ok(desktop.account()?.mute(room, user, seconds).await?)
}

#[tauri::command]
pub(crate) async fn unmute(desktop: State<'_, Desktop>, room: RoomId, user: UserId) -> Answer<()> {
    Ok(desktop.account()?.unmute(room, user).await?)
}

/// Absent seconds: until it is lifted.
#[tauri::command]
pub(crate) async fn ban(
    desktop: State<'_, Desktop>,
    room: RoomId,
    user: UserId,
    seconds: Option<u32>,
    reason: String,
) -> Answer<()> {
    Ok(desktop.account()?.ban(room, user, seconds, &reason).await?)
}

#[tauri::command]
pub(crate) async fn unban(desktop: State<'_, Desktop>, room: RoomId, user: UserId) -> Answer<()> {
    Ok(desktop.account()?.unban(room, user).await?)
}

#[tauri::command]
pub(crate) async fn bans(desktop: State<'_, Desktop>, room: RoomId) -> Answer<Vec<BanView>> {
    Ok(desktop.account()?.bans(room).await?)
}
