//! What `members` says of requests: direct rooms that strangers began.

use erc_protocol::{RequestState, RoomId, Timestamp, UserId, UserRev};

use super::{Result, Tx, UserRoomRow, tx::on};

impl Tx {
    /// Says what a direct room is to one of the two in it.
    pub async fn set_request(
        &mut self,
        room: RoomId,
        user: UserId,
        request: RequestState,
        user_rev: UserRev,
    ) -> Result<()> {
        const SQL: &str = "UPDATE members SET request = $3, user_rev = $4 \
                           WHERE room_id = $1 AND user_id = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(request.as_str())
            .bind(user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Requests that wait for a user's answer, the most recently active first.
    pub async fn requests_to(&mut self, user: UserId, limit: i64) -> Result<Vec<UserRoomRow>> {
        const SQL: &str = "SELECT r.*, m.role, m.read_seq, m.first_visible_seq, m.muted_until, \
                           m.request FROM members m JOIN rooms r ON r.id = m.room_id \
                           WHERE m.user_id = $1 AND m.request = 'received' AND m.request <> 'none' \
                           AND m.state = 'joined' AND r.deleted_at IS NULL \
                           ORDER BY r.last_message_at DESC, r.id DESC LIMIT $2 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// How many requests a user has begun since a moment that were not accepted.
    pub async fn count_requests_by(&mut self, user: UserId, since: Timestamp) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM members m \
                           JOIN rooms r ON r.id = m.room_id WHERE m.user_id = $1 \
                           AND m.request = 'sent' AND m.request <> 'none' AND r.created_at > $2";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .bind(since.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Whether two are no strangers: they share a room of at most so many members. One that `from`
    /// made counts once `to` has looked into it, so that nobody becomes acquainted by adding people.
    pub async fn are_acquainted(&mut self, from: UserId, to: UserId, members: i64) -> Result<bool> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM members f \
                           JOIN members t ON t.room_id = f.room_id \
                           JOIN rooms r ON r.id = f.room_id \
                           WHERE f.user_id = $1 AND t.user_id = $2 \
                           AND f.state = 'joined' AND t.state = 'joined' \
                           AND r.kind <> 'direct' AND r.deleted_at IS NULL AND r.member_count <= $3 \
                           AND (r.created_by <> $1 OR t.read_at IS NOT NULL)";
        let shared: i64 = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(from.0)
            .bind(to.0)
            .bind(members)
            .fetch_one(conn)
            .await)?;
        Ok(shared > 0)
    }
}
