//! Rooms and who is in them.

use erc_client_core::{
    protocol::{Lifetime, RoomId, UserId},
    view::{DirectoryEntry, MemberView, RoomSummary, UserView},
};
use tauri::State;

use super::Answer;
use crate::{
    state::Desktop,
    wire::{NewRoomForm, RoomChangeForm},
};

/// Behind the rooms, requests of strangers; each says what it is.
#[tauri::command]
pub(crate) async fn rooms(desktop: State<'_, Desktop>) -> Answer<Vec<RoomSummary>> {
    let account = desktop.account()?;
    let mut rooms = account.rooms()?;
    rooms.extend(account.requests()?);
    Ok(rooms)
}

/// Accepts a request, or declines it.
#[tauri::command]
pub(crate) async fn answer_request(
    desktop: State<'_, Desktop>,
    room: RoomId,
    accept: bool,
) -> Answer<()> {
    Ok(desktop.account()?.answer_request(room, accept).await?)
}

#[tauri::command]
pub(crate) async fn directory(desktop: State<'_, Desktop>) -> Answer<Vec<DirectoryEntry>> {
    Ok(desktop.account()?.directory().await?)
}

#[tauri::command]
pub(crate) async fn create_room(desktop: State<'_, Desktop>, form: NewRoomForm) -> Answer<RoomId> {
    Ok(desktop.account()?.create_room(form.into()).await?)
}

#[tauri::command]
pub(crate) async fn change_room(
    desktop: State<'_, Desktop>,
    room: RoomId,
    change: RoomChangeForm,
) -> Answer<()> {
    Ok(desktop.account()?.change_room(room, change.into()).await?)
}

/// How long messages stay that are sent from now on.
#[tauri::command]
pub(crate) async fn set_lifetime(
    desktop: State<'_, Desktop>,
    room: RoomId,
    lifetime: Option<Lifetime>,
) -> Answer<()> {
    Ok(desktop.account()?.set_lifetime(room, lifetime).await?)
}

#[tauri::command]
pub(crate) async fn delete_room(desktop: State<'_, Desktop>, room: RoomId) -> Answer<()> {
    Ok(desktop.account()?.delete_room(room).await?)
}

#[tauri::command]
pub(crate) async fn join_room(desktop: State<'_, Desktop>, room: RoomId) -> Answer<()> {
    Ok(desktop.account()?.join_room(room).await?)
}

#[tauri::command]
pub(crate) async fn leave_room(desktop: State<'_, Desktop>, room: RoomId) -> Answer<()> {
    Ok(desktop.account()?.leave_room(room).await?)
}

/// The direct room with this user, made if need be.
#[tauri::command]
pub(crate) async fn direct_room(desktop: State<'_, Desktop>, user: UserId) -> Answer<RoomId> {
    Ok(desktop.account()?.direct_room(user).await?)
}

#[tauri::command]
pub(crate) async fn members(desktop: State<'_, Desktop>, room: RoomId) -> Answer<Vec<MemberView>> {
    Ok(desktop.account()?.members(room)?)
}

#[tauri::command]
pub(crate) async fn find_users(
    desktop: State<'_, Desktop>,
    query: String,
) -> Answer<Vec<UserView>> {
    Ok(desktop.account()?.find_users(&query).await?)
}

#[tauri::command]
pub(crate) async fn add_member(
    desktop: State<'_, Desktop>,
    room: RoomId,
    user: UserId,
) -> Answer<()> {
    Ok(desktop.account()?.add_member(room, user).await?)
}

#[tauri::command]
pub(crate) async fn remove_member(
    desktop: State<'_, Desktop>,
    room: RoomId,
    user: UserId,
) -> Answer<()> {
    Ok(desktop.account()?.remove_member(room, user).await?)
}
