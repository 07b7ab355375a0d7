//! Whom this user blocks. Read from the cache, changed by the server.

use erc_protocol::{Block, UserId, block::BlockRequest, validate};
use reqwest::Method;

use super::{Account, remote::send};
use crate::{
    SafeText,
    cache::blocks,
    error::{Error, Result},
    transport::rest::NOTHING,
    view::BlockView,
};

impl Account {
    /// Takes nothing from somebody any more; the reason is for this user alone. The row comes down
    /// the link, as to every device.
    pub async fn block(&self, user: UserId, reason: &str) -> Result<()> {
        let request = BlockRequest {
            reason: validate::reason(reason).map_err(Error::Invalid)?,
        };
        let path = format!("/users/me/blocks/{user}");
        let _: Block = self
            .shared
            .api
            .send(Method::PUT, &path, Some(&request))
            .await?;
        Ok(())
    }

    /// Takes a block back.
    pub async fn unblock(&self, user: UserId) -> Result<()> {
        let path = format!("/users/me/blocks/{user}");
        send(&self.shared, Method::DELETE, &path, NOTHING).await
    }

    /// Whom this user blocks, the latest first.
    pub fn blocks(&self) -> Result<Vec<BlockView>> {
        let rows = self.shared.store.read(blocks::all)?;
        let view = |row: &Block| BlockView {
            user_id: row.user_id,
            username: SafeText::line(&row.username),
            name: SafeText::line(&row.display_name),
            reason: SafeText::line(&row.reason),
        };
        Ok(rows.iter().map(view).collect())
    }
}
