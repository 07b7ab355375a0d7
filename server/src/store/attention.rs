//! `attention`, and what `members` says of it: what rings for whom.

use erc_protocol::{Attention, Level, RoomId, Timestamp, UserId, UserRev};

use super::{Error, Result, Tx, tx::on};

impl Tx {
    /// What holds for a user in all rooms; nothing, if they never said anything.
    pub async fn attention(&mut self, user: UserId) -> Result<Option<Attention>> {
        const SQL: &str = "SELECT settings, user_rev FROM attention WHERE user_id = $1";
        let row: Option<(String, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?;
        let Some((settings, user_rev)) = row else {
            return Ok(None);
        };
        let settings: Attention = serde_json::from_str(&settings)
            .map_err(|error| Error::Corrupt(format!("attention of user {user}: {error}")))?;
        Ok(Some(Attention {
            user_rev: UserRev(user_rev),
            ..settings
        }))
    }

    /// Keeps it, new or anew, under the number that it holds.
    pub async fn put_attention(&mut self, user: UserId, settings: &Attention) -> Result<()> {
        const SQL: &str = "INSERT INTO attention (user_id, settings, user_rev) \
                           VALUES ($1, $2, $3) ON CONFLICT (user_id) DO UPDATE SET \
                           settings = excluded.settings, user_rev = excluded.user_rev";
        let json = serde_json::to_string(settings).expect("settings hold nothing that JSON can't");
        on!(self, |conn| sqlx::query(SQL)
            .bind(user.0)
            .bind(&json)
            .bind(settings.user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Says which messages of a room ring for a member, and until when none does.
    pub async fn set_level(
        &mut self,
        room: RoomId,
        user: UserId,
        level: Level,
        hushed_until: Option<Timestamp>,
        user_rev: UserRev,
    ) -> Result<()> {
        const SQL: &str = "UPDATE members SET level = $3, hushed_until = $4, user_rev = $5 \
                           WHERE room_id = $1 AND user_id = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(level.as_str())
            .bind(hushed_until.map(|until| until.0))
            .bind(user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
