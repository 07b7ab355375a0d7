//! How far rooms and users have come: what the sweep asks.

use erc_protocol::{Rev, RoomId, UserId, UserRev};

use super::{Result, Tx, batch::padded, tx::on};

impl Tx {
    /// The newest change of each of these rooms, deleted ones too.
    pub async fn room_heads(&mut self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Rev)>> {
        let ids = rooms.iter().map(|room| room.0).collect();
        let heads = self
            .heads("SELECT id, rev FROM rooms WHERE id IN (", ids)
            .await?;
        let head = |(id, rev)| (RoomId(id), Rev(rev));
        Ok(heads.into_iter().map(head).collect())
    }

    /// The newest change under each of these users' own counters.
    pub async fn user_heads(&mut self, users: &[UserId]) -> Result<Vec<(UserId, UserRev)>> {
        let ids = users.iter().map(|user| user.0).collect();
        let heads = self
            .heads("SELECT id, user_rev FROM users WHERE id IN (", ids)
            .await?;
        let head = |(id, rev)| (UserId(id), UserRev(rev));
        Ok(heads.into_iter().map(head).collect())
    }

    async fn heads(&mut self, sql: &'static str, ids: Vec<i64>) -> Result<Vec<(i64, i64)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(sql);
            let mut list = query.separated(", ");
            for id in padded(&ids) {
                list.push_bind(id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?)
    }
}
