//! Which kinds of private things of a user changed, in one statement: most people have few of them,
//! and whoever comes back asks for all.

use erc_protocol::{UserId, UserRev};

use super::{Result, Tx, tx::on};

/// What has rows above a revision of a user's own counter; and whether any report waits at all.
#[expect(
    clippy::struct_excessive_bools,
    reason = "one for each kind, as the statement answers"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct OwnChanges {
    pub places: bool,
    pub scheduled: bool,
    pub blocks: bool,
    pub threads: bool,
    pub drafts: bool,
    pub attention: bool,
    pub reports: bool,
    pub votes: bool,
    /// Of anybody.
    pub reports_wait: bool,
}

impl Tx {
    pub async fn own_changes(&mut self, user: UserId, rev: UserRev) -> Result<OwnChanges> {
        const SQL: &str = "SELECT \
            EXISTS (SELECT 1 FROM members WHERE user_id = $1 AND user_rev > $2) AS places, \
            EXISTS (SELECT 1 FROM scheduled WHERE user_id = $1 AND user_rev > $2) AS scheduled, \
            EXISTS (SELECT 1 FROM blocks WHERE user_id = $1 AND user_rev > $2) AS blocks, \
            EXISTS (SELECT 1 FROM user_threads WHERE user_id = $1 AND user_rev > $2) AS threads, \
            EXISTS (SELECT 1 FROM drafts WHERE user_id = $1 AND user_rev > $2) AS drafts, \
            EXISTS (SELECT 1 FROM attention WHERE user_id = $1 AND user_rev > $2) AS attention, \
            EXISTS (SELECT 1 FROM reports WHERE reporter_id = $1 AND user_rev > $2) AS reports, \
            EXISTS (SELECT 1 FROM poll_votes WHERE user_id = $1 AND user_rev > $2) AS votes, \
            EXISTS (SELECT 1 FROM reports WHERE state <> 'closed') AS reports_wait";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(rev.0)
            .fetch_one(conn)
            .await)?)
    }
}
