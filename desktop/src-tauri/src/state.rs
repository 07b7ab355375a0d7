//! What the app holds: the folder of accounts and at most one open account with its bridge.
//!
//! Opening and closing go through one async lock, so two sign-ins can't interleave; reading the
//! open account takes a short lock that is never held across an await.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use erc_client_core::{Account, Home, error::Result as CoreResult};
use tauri::{AppHandle, Runtime, async_runtime::JoinHandle};
use tokio::task::AbortHandle;

use crate::{
    error::CommandError,
    events,
    wire::{AppEvent, SignedIn},
};

/// How long the app waits for an account to close before it exits anyway; the store on disk is
/// safe at any moment.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);

/// The managed state.
pub(crate) struct Desktop {
    home: Result<Home, CommandError>,
    open: Mutex<Option<Open>>,
    /// Held by whoever changes which account is open.
    pub(crate) switching: tokio::sync::Mutex<()>,
    /// The export that runs, if one does.
    export: Mutex<Option<AbortHandle>>,
}

struct Open {
    account: Account,
    bridge: JoinHandle<()>,
}

impl Desktop {
    /// A folder that can't be opened is reported by the first command that needs it: a window
    /// that says why is better than none.
    pub(crate) fn new(home: CoreResult<Home>) -> Self {
        Self {
            home: home.map_err(CommandError::from),
            open: Mutex::new(None),
            switching: tokio::sync::Mutex::new(()),
            export: Mutex::new(None),
        }
    }

    /// The folder of accounts.
    pub(crate) fn home(&self) -> Result<&Home, CommandError> {
        self.home.as_ref().map_err(Clone::clone)
    }

    /// The open account, or the error that says that nobody is signed in.
    pub(crate) fn account(&self) -> Result<Account, CommandError> {
        self.current().ok_or_else(CommandError::nobody)
    }

    /// The open account, if one is.
    pub(crate) fn current(&self) -> Option<Account> {
        self.slot().as_ref().map(|open| open.account.clone())
    }

    /// Notes the export that runs now; the one before ends, and leaves no file.
    pub(crate) fn set_export(&self, export: Option<AbortHandle>) {
        let mut held = self.export.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = std::mem::replace(&mut *held, export) {
            before.abort();
        }
    }

    /// Makes this the open account: connects it and tells the page. The one before must have been
    /// released.
    pub(crate) fn adopt<R: Runtime>(&self, app: &AppHandle<R>, account: Account) -> SignedIn {
        let bridge = events::bridge(app.clone(), account.updates());
        account.start();
        let signed_in = SignedIn::of(&account);
        *self.slot() = Some(Open { account, bridge });
        events::tell(app, AppEvent::Account(Some(signed_in.clone())));
        signed_in
    }

    /// Closes the open account and returns its key.
    pub(crate) async fn release(&self) -> Option<String> {
        let open = self.slot().take()?;
        open.bridge.abort();
        let key = open.account.info().key;
        open.account.close().await;
        Some(key)
    }

    /// The user is at the screen (or not).
    pub(crate) fn set_active(&self, active: bool) {
        if let Some(account) = self.current() {
            account.set_active(active);
        }
    }

    /// The end of the app.
    pub(crate) async fn close(&self) {
        if tokio::time::timeout(CLOSE_WITHIN, self.release())
            .await
            .is_err()
        {
            tracing::warn!("the account did not close in time");
        }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
