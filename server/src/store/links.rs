//! `room_links`: who holds one may come into its room.

use erc_protocol::{LinkId, RoomId, Timestamp, UserId, api::links::RoomLink};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// A link to be made.
#[derive(Debug, Clone)]
pub struct NewLink {
    pub id: LinkId,
    /// SHA-256 of its code.
    pub code_hash: Vec<u8>,
    pub room_id: RoomId,
    pub created_by: UserId,
    /// Absent: without a limit.
    pub uses: Option<i64>,
    pub expires_at: Timestamp,
}

/// A link with the name of who made it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LinkRow {
    pub id: Uuid,
    #[sqlx(try_from = "i64")]
    pub room_id: RoomId,
    #[sqlx(try_from = "i64")]
    pub created_by: UserId,
    pub display_name: String,
    pub used: i64,
    pub uses_left: Option<i64>,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub expires_at: Timestamp,
}

impl From<LinkRow> for RoomLink {
    fn from(row: LinkRow) -> Self {
        Self {
            id: LinkId(row.id),
            room_id: row.room_id,
            created_by: row.created_by,
            created_by_name: row.display_name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            used: row.used,
            uses_left: row.uses_left,
        }
    }
}

macro_rules! links {
    ($tail:literal) => {
        concat!(
            "SELECT l.id, l.room_id, l.created_by, u.display_name, l.used, l.uses_left, \
             l.created_at, l.expires_at FROM room_links l JOIN users u ON u.id = l.created_by ",
            $tail
        )
    };
}

impl Tx {
    /// Keeps a link by the SHA-256 of its code.
    pub async fn insert_link(&mut self, link: &NewLink, now: Timestamp) -> Result<()> {
        const SQL: &str = "INSERT INTO room_links (id, code_hash, room_id, created_by, uses_left, \
                           created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        on!(self, |conn| sqlx::query(SQL)
            .bind(link.id.0)
            .bind(&link.code_hash)
            .bind(link.room_id.0)
            .bind(link.created_by.0)
            .bind(link.uses)
            .bind(now.0)
            .bind(link.expires_at.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// The link of this code, if it works now.
    pub async fn link_by_code(
        &mut self,
        code_hash: &[u8],
        now: Timestamp,
    ) -> Result<Option<LinkRow>> {
        const SQL: &str = links!(
            "WHERE l.code_hash = $1 AND l.expires_at > $2 \
             AND (l.uses_left IS NULL OR l.uses_left > 0)"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(code_hash)
            .bind(now.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Uses a link once; `false` if there is none, or it is used up or too old.
    pub async fn use_link(&mut self, id: LinkId, now: Timestamp) -> Result<bool> {
        const SQL: &str = "UPDATE room_links SET used = used + 1, uses_left = uses_left - 1 \
                           WHERE id = $1 AND expires_at > $2 \
                           AND (uses_left IS NULL OR uses_left > 0)";
        let used = on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(used == 1)
    }

    /// The links of a room that work now, newest first.
    pub async fn links(&mut self, room: RoomId, now: Timestamp) -> Result<Vec<LinkRow>> {
        const SQL: &str = links!(
            "WHERE l.room_id = $1 AND l.expires_at > $2 \
             AND (l.uses_left IS NULL OR l.uses_left > 0) ORDER BY l.created_at DESC, l.id"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(now.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Takes a link of a room back; `false` if there is none.
    pub async fn delete_link(&mut self, room: RoomId, id: LinkId) -> Result<bool> {
        const SQL: &str = "DELETE FROM room_links WHERE room_id = $1 AND id = $2";
        let gone = on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(id.0)
            .execute(conn)
            .await
            .map(|r| r.rows_affected()))?;
        Ok(gone == 1)
    }

    /// Takes all links back that somebody made to a room.
    pub async fn delete_links_of(&mut self, room: RoomId, user: UserId) -> Result<()> {
        const SQL: &str = "DELETE FROM room_links WHERE room_id = $1 AND created_by = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Forgets the links of a room that are over.
    pub async fn prune_links(&mut self, room: RoomId, now: Timestamp) -> Result<()> {
        const SQL: &str = "DELETE FROM room_links WHERE room_id = $1 \
                           AND (expires_at <= $2 OR uses_left <= 0)";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }
}
