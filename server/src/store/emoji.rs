//! `custom_emoji`: a community's own emoji, and those that were taken away.

use erc_protocol::{CustomEmoji, EmojiId, EmojiRev, Timestamp, UserId};
use uuid::Uuid;

use super::meta::Kind;
use super::{Result, Tx, dialect, tx::on};

/// One of them with the name of who added it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EmojiRow {
    #[sqlx(try_from = "Uuid")]
    pub id: EmojiId,
    pub name: String,
    pub content_type: String,
    pub size: i64,
    pub width: i64,
    pub height: i64,
    pub is_animated: bool,
    /// The id of the picture's blob; empty once that is gone.
    pub blob: String,
    pub created_by: Option<i64>,
    pub created_by_name: Option<String>,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    pub removed_at: Option<i64>,
    pub clearing_until: Option<i64>,
    #[sqlx(try_from = "i64")]
    pub rev: EmojiRev,
}

impl EmojiRow {
    /// Whether it was not taken away.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        self.removed_at.is_none()
    }
}

impl From<EmojiRow> for CustomEmoji {
    fn from(row: EmojiRow) -> Self {
        let is_removed = !row.is_there();
        let side = |side: i64| u32::try_from(side).unwrap_or(0);
        Self {
            id: row.id,
            name: row.name,
            content_type: row.content_type,
            size: row.size,
            width: side(row.width),
            height: side(row.height),
            is_animated: row.is_animated,
            created_by: row.created_by.map(UserId),
            created_by_name: row.created_by_name,
            created_at: row.created_at,
            is_removed,
            rev: row.rev,
        }
    }
}

macro_rules! emoji {
    ($tail:literal) => {
        concat!(
            "SELECT e.*, u.display_name AS created_by_name FROM custom_emoji e \
             LEFT JOIN users u ON u.id = e.created_by ",
            $tail
        )
    };
}

impl Tx {
    /// How far they have come.
    pub async fn emoji_rev(&mut self) -> Result<EmojiRev> {
        const SQL: &str = "SELECT value FROM counters WHERE name = 'emoji'";
        let rev: i64 = on!(self, |conn| sqlx::query_scalar(SQL).fetch_one(conn).await)?;
        Ok(EmojiRev(rev))
    }

    /// Nobody else changes them until the transaction ends.
    pub async fn lock_emoji(&mut self) -> Result<()> {
        let sql = dialect::LOCK_EMOJI.text(self);
        let _: i64 = on!(self, |conn| sqlx::query_scalar(sql).fetch_one(conn).await)?;
        Ok(())
    }

    /// The number of the next change.
    pub async fn next_emoji_rev(&mut self) -> Result<EmojiRev> {
        self.take_ids(Kind::Emoji, 1).await.map(EmojiRev)
    }

    /// Writes one; it takes the place of what was there under its name.
    pub async fn put_emoji(&mut self, row: &EmojiRow) -> Result<()> {
        const SQL: &str = "INSERT INTO custom_emoji (id, name, content_type, size, width, height, \
                           is_animated, blob, created_by, created_at, removed_at, clearing_until, \
                           rev) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
                           ON CONFLICT (name) DO UPDATE SET id = excluded.id, \
                           content_type = excluded.content_type, size = excluded.size, \
                           width = excluded.width, height = excluded.height, \
                           is_animated = excluded.is_animated, blob = excluded.blob, \
                           created_by = excluded.created_by, created_at = excluded.created_at, \
                           removed_at = excluded.removed_at, \
                           clearing_until = excluded.clearing_until, rev = excluded.rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(row.id.0)
            .bind(&row.name)
            .bind(&row.content_type)
            .bind(row.size)
            .bind(row.width)
            .bind(row.height)
            .bind(row.is_animated)
            .bind(&row.blob)
            .bind(row.created_by)
            .bind(row.created_at.0)
            .bind(row.removed_at)
            .bind(row.clearing_until)
            .bind(row.rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// One by its id, taken away or not.
    pub async fn emoji(&mut self, id: EmojiId) -> Result<Option<EmojiRow>> {
        const SQL: &str = emoji!("WHERE e.id = $1");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// One by its name, taken away or not.
    pub async fn emoji_named(&mut self, name: &str) -> Result<Option<EmojiRow>> {
        const SQL: &str = emoji!("WHERE e.name = $1");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(name)
            .fetch_optional(conn)
            .await)?)
    }

    /// All that have this picture, taken away or not.
    pub async fn emoji_of_blob(&mut self, blob: &str) -> Result<Vec<EmojiRow>> {
        const SQL: &str = emoji!("WHERE e.blob = $1 ORDER BY e.rev");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(blob)
            .fetch_all(conn)
            .await)?)
    }

    /// How many there are.
    pub async fn emoji_count(&mut self) -> Result<i64> {
        const SQL: &str =
            "SELECT CAST(count(*) AS BIGINT) FROM custom_emoji WHERE removed_at IS NULL";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .fetch_one(conn)
            .await)?)
    }

    /// All there are, by name.
    pub async fn all_emoji(&mut self) -> Result<Vec<EmojiRow>> {
        const SQL: &str = emoji!("WHERE e.removed_at IS NULL ORDER BY e.name");
        Ok(on!(self, |conn| sqlx::query_as(SQL).fetch_all(conn).await)?)
    }

    /// What changed after this, in the order of the changes; from the beginning, all there are.
    pub async fn emoji_after(&mut self, rev: EmojiRev) -> Result<Vec<EmojiRow>> {
        const SQL: &str =
            emoji!("WHERE e.rev > $1 AND ($1 > 0 OR e.removed_at IS NULL) ORDER BY e.rev");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Those that were taken away and whose picture is to be deleted by now.
    pub async fn emoji_to_clear(&mut self, now: Timestamp) -> Result<Vec<EmojiRow>> {
        const SQL: &str = emoji!("WHERE e.clearing_until <= $1 ORDER BY e.rev");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(now.0)
            .fetch_all(conn)
            .await)?)
    }

    /// When the next picture is to be deleted that one tried to delete before.
    pub async fn next_emoji_clearing(&mut self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT min(clearing_until) FROM custom_emoji";
        let next: Option<i64> = on!(self, |conn| sqlx::query_scalar(SQL).fetch_one(conn).await)?;
        Ok(next.map(Timestamp))
    }
}
