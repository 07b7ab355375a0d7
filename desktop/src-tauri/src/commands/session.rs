//! Signing in and out, and how the account stands.

use erc_client_core::{
    Account, Home,
    home::{SignIn, SignUp},
    protocol::SessionId,
    view::{AccountInfo, ServerInfo, SessionView},
};
use tauri::{AppHandle, Runtime, State, WebviewWindow};

use super::Answer;
use crate::{
    events,
    state::Desktop,
    wire::{AppEvent, Limits, SignInForm, SignUpForm, SignedIn, Start},
};

/// Where the page begins: the open account, or the one used last, opened without the network.
#[tauri::command]
pub(crate) async fn start<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
) -> Answer<Start> {
    let _switching = desktop.switching.lock().await;
    let home = desktop.home()?;
    let accounts = home.accounts()?;
    let mut problem = None;
    let signed_in = match (desktop.current(), accounts.first()) {
        (Some(account), _) => Some(SignedIn::of(&account)),
        (None, Some(last)) => match home.open_account(&last.key) {
            Ok(account) => Some(desktop.adopt(&app, account)),
            Err(error) => {
                problem = Some(error.into());
                None
            }
        },
        (None, None) => None,
    };
    Ok(Start {
        signed_in,
        accounts,
        problem,
        limits: Limits::CURRENT,
    })
}

/// Accounts on this machine, most recently used first.
#[tauri::command]
pub(crate) async fn accounts(desktop: State<'_, Desktop>) -> Answer<Vec<AccountInfo>> {
    Ok(desktop.home()?.accounts()?)
}

/// Who a server is and who may sign up there.
#[tauri::command]
pub(crate) async fn server_info(desktop: State<'_, Desktop>, server: String) -> Answer<ServerInfo> {
    Ok(desktop.home()?.server_info(&server).await?)
}

#[tauri::command]
pub(crate) async fn sign_in<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    form: SignInForm,
) -> Answer<SignedIn> {
    switch(&app, &desktop, async |home| {
        home.sign_in(SignIn::from(form)).await
    })
    .await
}

#[tauri::command]
pub(crate) async fn sign_up<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    form: SignInForm,
    more: SignUpForm,
) -> Answer<SignedIn> {
    switch(&app, &desktop, async |home| {
        home.sign_up(SignIn::from(form), SignUp::from(more)).await
    })
    .await
}

/// Opens an account of this machine.
#[tauri::command]
pub(crate) async fn open_account<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    key: String,
) -> Answer<SignedIn> {
    switch(&app, &desktop, async |home| home.open_account(&key)).await
}

/// Ends the session; `forget` removes what this machine knows of the account.
#[tauri::command]
pub(crate) async fn sign_out<R: Runtime>(
    app: AppHandle<R>,
    desktop: State<'_, Desktop>,
    forget: bool,
) -> Answer<()> {
    let _switching = desktop.switching.lock().await;
    desktop.account()?.sign_out(forget).await?;
    desktop.release().await;
    events::tell(&app, AppEvent::Account(None));
    Ok(())
}

#[tauri::command]
pub(crate) async fn reconnect_now(desktop: State<'_, Desktop>) -> Answer<()> {
    desktop.account()?.reconnect_now();
    Ok(())
}

#[tauri::command]
pub(crate) async fn set_display_name(desktop: State<'_, Desktop>, name: String) -> Answer<()> {
    Ok(desktop.account()?.set_display_name(&name).await?)
}

#[tauri::command]
pub(crate) async fn sessions(desktop: State<'_, Desktop>) -> Answer<Vec<SessionView>> {
    Ok(desktop.account()?.sessions().await?)
}

#[tauri::command]
pub(crate) async fn end_session(desktop: State<'_, Desktop>, session: SessionId) -> Answer<()> {
    Ok(desktop.account()?.end_session(session).await?)
}

/// Shows the number of unread messages where the system shows windows.
#[tauri::command]
pub(crate) async fn set_unread<R: Runtime>(window: WebviewWindow<R>, count: u32) -> Answer<()> {
    let title = match count {
        0 => "ERC Chat".to_owned(),
        count => format!("({count}) ERC Chat"),
    };
    Ok(window.set_title(&title)?)
}

/// Releases the open account (its store can be open only once, and the next may be the same one),
/// opens the next, and goes back to the former if that fails.
async fn switch<R: Runtime>(
    app: &AppHandle<R>,
    desktop: &Desktop,
    next: impl AsyncFnOnce(&Home) -> erc_client_core::error::Result<Account>,
) -> Answer<SignedIn> {
    let _switching = desktop.switching.lock().await;
    let home = desktop.home()?;
    let former = desktop.release().await;
    match next(home).await {
        Ok(account) => Ok(desktop.adopt(app, account)),
        Err(error) => {
            if let Some(account) = former.and_then(|key| home.open_account(&key).ok()) {
                desktop.adopt(app, account);
            }
            Err(error.into())
        }
    }
}
