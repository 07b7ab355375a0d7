//! `raid`: until when the doors are closed.

use erc_protocol::{Timestamp, UserId};

use super::{Result, Tx, tx::on};

impl Tx {
    /// Closes the doors until then.
    pub async fn start_raid(
        &mut self,
        by: Option<UserId>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO raid (id, until, started_at, started_by) \
                           VALUES (1, $1, $2, $3) ON CONFLICT (id) DO UPDATE SET \
                           until = excluded.until, started_at = excluded.started_at, \
                           started_by = excluded.started_by";
        on!(self, |conn| sqlx::query(SQL)
            .bind(until.0)
            .bind(now.0)
            .bind(by.map(|user| user.0))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Opens them.
    pub async fn stop_raid(&mut self) -> Result<()> {
        on!(self, |conn| sqlx::query("DELETE FROM raid")
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// When they are to open by themselves, be it over or not.
    pub async fn next_raid_end(&mut self) -> Result<Option<Timestamp>> {
        let until: Option<i64> = on!(self, |conn| sqlx::query_scalar("SELECT until FROM raid")
            .fetch_optional(conn)
            .await)?;
        Ok(until.map(Timestamp))
    }

    /// Until when they are closed, if they are at this moment.
    pub async fn raid(&mut self, now: Timestamp) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT until FROM raid WHERE until > $1";
        let until: Option<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(now.0)
            .fetch_optional(conn)
            .await)?;
        Ok(until.map(Timestamp))
    }
}
