//! What rings, in a room and in all of them. Moments and hours come as people write them.

use erc_client_core::{
    protocol::{Level, RoomId, Timestamp, request::WhoWrites},
    view::AttentionView,
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

#[tauri::command]
pub(crate) async fn attention(desktop: State<'_, Desktop>) -> Answer<AttentionView> {
    Ok(desktop.account()?.attention()?)
}

#[tauri::command]
pub(crate) async fn set_attention(
    desktop: State<'_, Desktop>,
    keywords: Vec<String>,
    quiet: String,
    time_zone: String,
    who_writes: WhoWrites,
) -> Answer<()> {
    let account = desktop.account()?;
    Ok(account
        .set_attention(keywords, &quiet, &time_zone, who_writes)
        .await?)
}

#[tauri::command]
pub(crate) async fn set_level(
    desktop: State<'_, Desktop>,
    room: RoomId,
    level: Level,
) -> Answer<()> {
    Ok(desktop.account()?.set_level(room, level).await?)
}

/// Until `2h`, `tomorrow 9:00`; for ever, if it is empty; absent, no longer.
#[tauri::command]
pub(crate) async fn hush(
    desktop: State<'_, Desktop>,
    room: RoomId,
    until: Option<String>,
) -> Answer<()> {
    let account = desktop.account()?;
    let until = match until {
        Some(until) => account.read_until(&until)?,
        None => Timestamp(0),
    };
    Ok(account.hush(room, until).await?)
}
