//! The folder of this machine's accounts.

use std::path::{Path, PathBuf};

use crate::{
    Account, Quick,
    error::Result,
    view::{AccountInfo, ServerInfo},
};

/// Where accounts, caches and settings of this user of this machine live.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

/// What signing in needs.
#[derive(Clone)]
pub struct SignIn {
    /// As typed: `chat.example.org`, `http://127.0.0.1:8000`.
    pub server: String,
    pub username: String,
    pub password: String,
    /// What the session is called in the list of sessions.
    pub device_name: String,
}

/// What signing up needs besides.
#[derive(Clone, Default)]
pub struct SignUp {
    pub display_name: Option<String>,
    pub invite: Option<String>,
}

impl Home {
    /// The folder `ERC_HOME`, or the platform's data folder (`~/.local/share/erc`).
    pub fn default_path() -> PathBuf {
        unimplemented!()
    }

    /// Opens the folder; makes it (readable by its owner only) if it isn't there.
    pub fn open(root: &Path) -> Result<Self> {
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// The accounts, most recently used first.
    pub fn accounts(&self) -> Result<Vec<AccountInfo>> {
        let _ = &self.root;
        unimplemented!()
    }

    /// Asks a server who it is and who may sign up.
    pub async fn server_info(&self, server: &str) -> Result<ServerInfo> {
        let _ = server;
        unimplemented!()
    }

    /// Signs in and opens the account. An account of the same user and server is taken over with
    /// its cache and its outbox.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Account> {
        let _ = sign_in;
        unimplemented!()
    }

    /// Signs up, then as [`Self::sign_in`].
    pub async fn sign_up(&self, sign_in: SignIn, sign_up: SignUp) -> Result<Account> {
        let _ = (sign_in, sign_up);
        unimplemented!()
    }

    /// Opens an account without touching the network. Only one program at a time has it.
    pub fn open_account(&self, key: &str) -> Result<Account> {
        let _ = key;
        unimplemented!()
    }

    /// The account for scripts: no cache, no lock. [`crate::Error::NotFound`] if there is none of
    /// this key.
    pub async fn quick(&self, key: &str) -> Result<Quick> {
        let _ = key;
        unimplemented!()
    }
}
