//! The bridge: carries the updates of the open account to the page.
//!
//! Started by [`Desktop::adopt`](crate::state::Desktop::adopt), owned by it, ended by it or when
//! the account closes. The queue is the account's own bounded broadcast; a bridge that falls
//! behind tells the page to read everything again, so nothing is lost that matters.

use erc_client_core::view::Update;
use tauri::{AppHandle, Emitter, Manager, Runtime, UserAttentionType, async_runtime::JoinHandle};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::wire::{AppEvent, EVENT};

/// Tells the page. A page that is gone hears nothing, and nothing waits for it.
pub(crate) fn tell<R: Runtime>(app: &AppHandle<R>, event: AppEvent) {
    if let Err(error) = app.emit(EVENT, event) {
        tracing::warn!(%error, "the page could not be told");
    }
}

/// Lets the system show that a window wants to be looked at, unless somebody does.
fn ask_to_look<R: Runtime>(app: &AppHandle<R>) {
    for window in app.webview_windows().values() {
        if window.is_focused().unwrap_or(true) {
            continue;
        }
        let kind = Some(UserAttentionType::Informational);
        if let Err(error) = window.request_user_attention(kind) {
            tracing::debug!(%error, "the system can't be asked to show it");
        }
    }
}

/// Forwards updates until the account closes.
pub(crate) fn bridge<R: Runtime>(
    app: AppHandle<R>,
    mut updates: Receiver<Update>,
) -> JoinHandle<()> {
    tauri::async_runtime::spawn(async move {
        loop {
            match updates.recv().await {
                Ok(update) => {
                    if matches!(update, Update::Arrived { rings: Some(_), .. }) {
                        ask_to_look(&app);
                    }
                    tell(&app, AppEvent::Update(update));
                }
                Err(RecvError::Lagged(_)) => tell(&app, AppEvent::Update(Update::Everything)),
                Err(RecvError::Closed) => break,
            }
        }
    })
}
