//! Polls: `poll_votes`, `poll_ballots`, and what a message's row tells of them.

use erc_protocol::poll::{OwnVote, Poll, Vote};
use erc_protocol::{ClientId, MessageId, Rev, RoomId, Timestamp, UserId, UserRev};

use super::{Result, Tx, tx::on};

/// What somebody chose, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVote {
    pub message: MessageId,
    pub user: UserId,
    pub options: Vec<u8>,
    pub at: Timestamp,
    pub rev: Rev,
    pub user_rev: UserRev,
}

#[derive(sqlx::FromRow)]
struct VoteRow {
    user_id: i64,
    display_name: String,
    options: i64,
    at: i64,
}

fn bits(options: &[u8]) -> i64 {
    options.iter().fold(0, |bits, option| bits | (1 << option))
}

fn options(bits: i64) -> Vec<u8> {
    (0..63).filter(|option| bits & (1 << option) != 0).collect()
}

/// What a row holds of a poll: it as JSON, and when it is to be closed.
pub(super) fn written(poll: Option<&Poll>) -> (String, Option<i64>) {
    let json = poll.and_then(|poll| serde_json::to_string(poll).ok());
    let open = poll.filter(|poll| poll.closed_at.is_none());
    let closes_at = open.and_then(|poll| poll.closes_at).map(|at| at.0);
    (json.unwrap_or_default(), closes_at)
}

impl Tx {
    /// What everybody chose, in the order in which they did; what was taken back is left out.
    pub async fn votes(&mut self, message: MessageId) -> Result<Vec<Vote>> {
        const SQL: &str = "SELECT v.user_id, u.display_name, v.options, v.at FROM poll_votes v \
                           JOIN users u ON u.id = v.user_id \
                           WHERE v.message_id = $1 AND v.options <> 0 ORDER BY v.rev";
        let rows: Vec<VoteRow> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(message.0)
            .fetch_all(conn)
            .await)?;
        let rows = rows.into_iter().map(|row| Vote {
            user_id: UserId(row.user_id),
            display_name: row.display_name,
            options: options(row.options),
            at: Timestamp(row.at),
        });
        Ok(rows.collect())
    }

    /// What somebody chose, and the change under their own counter; `None` if they never voted.
    pub async fn vote_of(
        &mut self,
        message: MessageId,
        user: UserId,
    ) -> Result<Option<(Vec<u8>, UserRev)>> {
        const SQL: &str =
            "SELECT options, user_rev FROM poll_votes WHERE message_id = $1 AND user_id = $2";
        let row: Option<(i64, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(message.0)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?;
        Ok(row.map(|(bits, rev)| (options(bits), UserRev(rev))))
    }

    /// Keeps what somebody chose, in place of what they chose before.
    pub async fn put_vote(&mut self, vote: &NewVote) -> Result<()> {
        const SQL: &str = "INSERT INTO poll_votes (message_id, user_id, options, at, rev, user_rev) \
                           VALUES ($1, $2, $3, $4, $5, $6) \
                           ON CONFLICT (message_id, user_id) DO UPDATE SET \
                           options = excluded.options, at = excluded.at, rev = excluded.rev, \
                           user_rev = excluded.user_rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(vote.message.0)
            .bind(vote.user.0)
            .bind(bits(&vote.options))
            .bind(vote.at.0)
            .bind(vote.rev.0)
            .bind(vote.user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// What a vote of this name chose, and where, if there was one.
    pub async fn ballot(
        &mut self,
        user: UserId,
        client_id: ClientId,
    ) -> Result<Option<(MessageId, Vec<u8>)>> {
        const SQL: &str =
            "SELECT message_id, options FROM poll_ballots WHERE user_id = $1 AND client_id = $2";
        let row: Option<(i64, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(client_id.0)
            .fetch_optional(conn)
            .await)?;
        Ok(row.map(|(message, bits)| (MessageId(message), options(bits))))
    }

    /// How often somebody voted in a poll.
    pub async fn count_ballots(&mut self, message: MessageId, user: UserId) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM poll_ballots \
                           WHERE message_id = $1 AND user_id = $2";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(message.0)
            .bind(user.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Keeps the name of a vote.
    pub async fn keep_ballot(
        &mut self,
        message: MessageId,
        user: UserId,
        client_id: ClientId,
        options: &[u8],
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO poll_ballots (user_id, client_id, message_id, options) \
                           VALUES ($1, $2, $3, $4)";
        on!(self, |conn| sqlx::query(SQL)
            .bind(user.0)
            .bind(client_id.0)
            .bind(message.0)
            .bind(bits(options))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Writes what a message's row tells of its poll.
    pub async fn write_poll(&mut self, message: MessageId, poll: &Poll, rev: Rev) -> Result<()> {
        const SQL: &str =
            "UPDATE messages SET poll = $2, poll_closes_at = $3, rev = $4 WHERE id = $1";
        let (json, closes_at) = written(Some(poll));
        on!(self, |conn| sqlx::query(SQL)
            .bind(message.0)
            .bind(&json)
            .bind(closes_at)
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Polls that are to be closed by now, the oldest first.
    pub async fn polls_due(&mut self, now: Timestamp, limit: i64) -> Result<Vec<MessageId>> {
        const SQL: &str = "SELECT id FROM messages WHERE poll_closes_at IS NOT NULL \
                           AND poll_closes_at <= $1 ORDER BY poll_closes_at, id LIMIT $2 + 0";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(now.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        Ok(ids.into_iter().map(MessageId).collect())
    }

    /// When a poll is to be closed next.
    pub async fn next_poll_end(&mut self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT poll_closes_at FROM messages WHERE poll_closes_at IS NOT NULL \
                           ORDER BY poll_closes_at LIMIT 1";
        let at: Option<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .fetch_optional(conn)
            .await)?;
        Ok(at.map(Timestamp))
    }

    /// A user's votes that changed after `rev` of their own counter: the newest, oldest first.
    pub async fn votes_changed(
        &mut self,
        user: UserId,
        rev: UserRev,
        limit: i64,
    ) -> Result<Vec<OwnVote>> {
        const SQL: &str = "SELECT v.message_id, m.room_id, v.options, v.user_rev \
                           FROM poll_votes v JOIN messages m ON m.id = v.message_id \
                           WHERE v.user_id = $1 AND v.user_rev > $2 \
                           ORDER BY v.user_rev DESC LIMIT $3 + 0";
        let rows: Vec<(i64, i64, i64, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(rev.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        let rows = rows
            .into_iter()
            .rev()
            .map(|(message, room, bits, rev)| OwnVote {
                message_id: MessageId(message),
                room_id: RoomId(room),
                options: options(bits),
                user_rev: UserRev(rev),
            });
        Ok(rows.collect())
    }
}
