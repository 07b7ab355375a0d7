//! Keeping people off, and giving up one's account.

use erc_client_core::{
    protocol::{UserId, auth::ErasedMessages},
    view::BlockView,
};
use tauri::{AppHandle, Runtime, State};

use super::Answer;
use crate::{events, state::Desktop, wire::AppEvent};

#[tauri::command]
pub(crate) async fn block(desktop: State<'_, Desktop>, user: UserId, reason: String) -> Answer<()> {
    Ok(desktop.account()?.block(user, &reason).await?)
}

#[tauri::command]
pub(crate) async fn unblock(desktop: State<'_, Desktop>, user: UserId) -> Answer<()> {
    Ok(desktop.account()?.unblock(user).await?)
}

#[tauri::command]
pub(crate) async fn blocks(desktop: State<'_, Desktop>) -> Answer<Vec<BlockView>> {
    Ok(desktop.account()?.blocks()?)
}

/// Lets the account rest: it is signed out everywhere.
#[tauri::command]
pub(crate) async fn deactivate<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    password: String,
) -> Answer<()> {
    let _switching = desktop.switching.lock().await;
    desktop.account()?.deactivate(password).await?;
    desktop.release().await;
    events::tell(&app, AppEvent::Account(None));
    Ok(())
}

/// Erases the account; `messages`: what it said, too.
#[tauri::command]
pub(crate) async fn erase<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    password: String,
    messages: bool,
) -> Answer<()> {
    let _switching = desktop.switching.lock().await;
    let messages = if messages {
        ErasedMessages::Remove
    } else {
        ErasedMessages::Keep
    };
    desktop.account()?.erase(password, messages).await?;
    desktop.release().await;
    events::tell(&app, AppEvent::Account(None));
    Ok(())
}
