//! Threads, and permalinks of messages.

use erc_client_core::{
    Error, SafeText, permalink,
    protocol::{ClientId, MessageId, RoomId, Seq},
    view::{OpenedRoom, ThreadLine, ThreadView, Whereabouts, Written},
};
use tauri::State;

use super::Answer;
use crate::state::Desktop;

/// Where the unread line of a thread stands; what is missing of it is asked for.
#[tauri::command]
pub(crate) async fn open_thread(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: MessageId,
) -> Answer<Option<OpenedRoom>> {
    Ok(desktop.account()?.open_thread(room, thread)?)
}

/// A thread with its newest replies.
#[tauri::command]
pub(crate) async fn thread(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: MessageId,
    count: u32,
    unread_after: Option<Seq>,
) -> Answer<ThreadView> {
    let account = desktop.account()?;
    Ok(account.thread(room, thread, count, unread_after)?)
}

#[tauri::command]
pub(crate) async fn fill_thread(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: MessageId,
) -> Answer<()> {
    desktop.account()?.fill_thread(room, thread);
    Ok(())
}

#[tauri::command]
pub(crate) async fn send_in_thread(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: MessageId,
    written: Written,
    also_in_room: bool,
) -> Answer<ClientId> {
    let account = desktop.account()?;
    Ok(account
        .send_in_thread(room, thread, written, also_in_room)
        .await?)
}

#[tauri::command]
pub(crate) async fn follow_thread(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: MessageId,
    on: bool,
) -> Answer<()> {
    Ok(desktop.account()?.follow_thread(room, thread, on).await?)
}

#[tauri::command]
pub(crate) async fn mark_thread_read(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: MessageId,
    seq: Seq,
) -> Answer<()> {
    let account = desktop.account()?;
    Ok(account.mark_thread_read(room, thread, seq).await?)
}

/// Threads that one follows.
#[tauri::command]
pub(crate) async fn threads(desktop: State<'_, Desktop>) -> Answer<Vec<ThreadLine>> {
    Ok(desktop.account()?.threads()?)
}

#[tauri::command]
pub(crate) async fn threads_of_room(
    desktop: State<'_, Desktop>,
    room: RoomId,
) -> Answer<Vec<ThreadLine>> {
    Ok(desktop.account()?.threads_of_room(room).await?)
}

/// The permalink of a message.
#[tauri::command]
pub(crate) async fn permalink(
    desktop: State<'_, Desktop>,
    room: RoomId,
    message: MessageId,
) -> Answer<SafeText> {
    let link = desktop.account()?.permalink(room, message)?;
    Ok(SafeText::line(&link))
}

/// The thread in which alone the message at a place is shown.
#[tauri::command]
pub(crate) async fn thread_at(
    desktop: State<'_, Desktop>,
    room: RoomId,
    seq: Seq,
) -> Answer<Option<MessageId>> {
    Ok(desktop.account()?.thread_at(room, seq)?)
}

/// Where an address leads, if it is the permalink of a message on this server; nothing for any other
/// address.
#[tauri::command]
pub(crate) async fn find_message(
    desktop: State<'_, Desktop>,
    url: String,
) -> Answer<Option<Whereabouts>> {
    let account = desktop.account()?;
    let Some(link) = permalink::read(&url).filter(|link| account.is_of_my_server(link)) else {
        return Ok(None);
    };
    match account.find_message(link.room, link.message).await {
        Err(Error::NotFound) => {
            let why = "there is no such message, or you may not see it";
            Err(Error::Invalid(why.to_owned()).into())
        }
        found => Ok(Some(found?)),
    }
}
