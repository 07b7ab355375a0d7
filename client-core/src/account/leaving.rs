//! Giving an account up: for a while, or for good.

use erc_protocol::auth::{DeactivateRequest, EraseRequest, ErasedMessages};
use reqwest::Method;

use super::{Account, remote::send};
use crate::error::Result;

impl Account {
    /// Lets the account rest: all of its sessions end. Signing in takes it up again.
    pub async fn deactivate(&self, password: String) -> Result<()> {
        let request = DeactivateRequest { password };
        send(
            &self.shared,
            Method::POST,
            "/auth/deactivate",
            Some(&request),
        )
        .await?;
        self.end_session_here(false).await
    }

    /// Erases the account, on the server and on this machine. There is no way back.
    pub async fn erase(&self, password: String, messages: ErasedMessages) -> Result<()> {
        let request = EraseRequest { password, messages };
        send(&self.shared, Method::POST, "/auth/erase", Some(&request)).await?;
        self.end_session_here(true).await
    }
}
