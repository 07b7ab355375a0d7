//! What is to be done later: messages to send, reminders. Moments come as people write them.

use erc_client_core::{
    protocol::{ClientId, MessageId, RoomId},
    view::ScheduledView,
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

#[tauri::command]
pub(crate) async fn scheduled(desktop: State<'_, Desktop>) -> Answer<Vec<ScheduledView>> {
    Ok(desktop.account()?.scheduled()?)
}

#[tauri::command]
pub(crate) async fn schedule(
    desktop: State<'_, Desktop>,
    room: RoomId,
    text: String,
    reply_to: Option<MessageId>,
    when: String,
) -> Answer<()> {
    let account = desktop.account()?;
    let when = account.read_whole_when(&when)?;
    Ok(account.schedule(room, &text, reply_to, when).await?)
}

#[tauri::command]
pub(crate) async fn remind(
    desktop: State<'_, Desktop>,
    message: MessageId,
    when: String,
    note: String,
) -> Answer<()> {
    let account = desktop.account()?;
    let when = account.read_whole_when(&when)?;
    Ok(account.remind(message, &note, when).await?)
}

/// An empty moment stays as it is.
#[tauri::command]
pub(crate) async fn reschedule(
    desktop: State<'_, Desktop>,
    id: ClientId,
    text: String,
    when: String,
) -> Answer<()> {
    let account = desktop.account()?;
    let when = match when.trim() {
        "" => None,
        when => Some(account.read_whole_when(when)?),
    };
    Ok(account.reschedule(id, Some(text), when).await?)
}

#[tauri::command]
pub(crate) async fn cancel_scheduled(desktop: State<'_, Desktop>, id: ClientId) -> Answer<()> {
    Ok(desktop.account()?.cancel_scheduled(id).await?)
}
