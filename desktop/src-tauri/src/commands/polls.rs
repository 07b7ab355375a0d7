//! Polls: made, voted in, closed; who chose what.

use erc_client_core::{
    Account, Error,
    protocol::{ClientId, Lifetime, MessageId, RoomId, UserId, poll::NewPoll},
    view::VoteView,
};
use tauri::State;

use super::Answer;
use crate::{state::Desktop, wire::NewPollForm};

#[tauri::command]
pub(crate) async fn send_poll(
    desktop: State<'_, Desktop>,
    room: RoomId,
    poll: NewPollForm,
    lifetime: Option<Lifetime>,
) -> Answer<ClientId> {
    let account = desktop.account()?;
    let (question, poll) = new(&account, poll)?;
    Ok(account.send_poll(room, &question, poll, lifetime).await?)
}

#[tauri::command]
pub(crate) async fn send_poll_in_thread(
    desktop: State<'_, Desktop>,
    room: RoomId,
    thread: MessageId,
    poll: NewPollForm,
    also_in_room: bool,
) -> Answer<ClientId> {
    let account = desktop.account()?;
    let (question, poll) = new(&account, poll)?;
    Ok(account
        .send_poll_in_thread(room, thread, &question, poll, also_in_room)
        .await?)
}

fn new(account: &Account, form: NewPollForm) -> Result<(String, NewPoll), Error> {
    let poll = NewPoll {
        options: form.options,
        multiple: form.multiple,
        anonymous: form.anonymous,
        hidden: form.hidden,
        closes_at: account.read_poll_end(&form.ends)?,
    };
    Ok((form.question, poll))
}

/// Options are numbered from 0: all that one chooses now.
#[tauri::command]
pub(crate) async fn vote(
    desktop: State<'_, Desktop>,
    room: RoomId,
    sender: UserId,
    message: ClientId,
    options: Vec<u8>,
) -> Answer<()> {
    let account = desktop.account()?;
    Ok(account.vote(room, (sender, message), options).await?)
}

#[tauri::command]
pub(crate) async fn close_poll(
    desktop: State<'_, Desktop>,
    room: RoomId,
    sender: UserId,
    message: ClientId,
) -> Answer<()> {
    let account = desktop.account()?;
    Ok(account.close_poll(room, (sender, message)).await?)
}

/// Who chose what in a poll.
#[tauri::command]
pub(crate) async fn votes(
    desktop: State<'_, Desktop>,
    message: MessageId,
) -> Answer<Vec<VoteView>> {
    Ok(desktop.account()?.votes(message).await?)
}
