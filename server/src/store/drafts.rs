//! `drafts`: what users have not sent yet.

use erc_protocol::{ClientId, Draft, MessageId, RoomId, Timestamp, UserId, UserRev, draft::Aside};
use uuid::Uuid;

use super::{Result, Tx, batch::padded, tx::on};

/// Names of a draft's states that are kept: far more than one device has on the way at a time.
const VERSIONS: usize = 16;

/// A row of `drafts`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DraftRow {
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    #[sqlx(try_from = "i64")]
    pub room_id: RoomId,
    /// The message that began the thread in whose composer it stands; 0 for the room's own.
    pub thread_id: i64,
    pub content: String,
    pub reply_to: Option<i64>,
    #[sqlx(try_from = "Uuid")]
    pub version: ClientId,
    /// The newest names that it had, the newest last, separated by spaces.
    pub versions: String,
    #[sqlx(try_from = "String")]
    pub aside: Texts,
    #[sqlx(try_from = "i64")]
    pub updated_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub user_rev: UserRev,
}

/// Texts put aside, as they are kept: JSON, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(pub Vec<Aside>);

impl Texts {
    fn to_text(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        serde_json::to_string(&self.0).expect("texts hold nothing that JSON can't")
    }
}

impl TryFrom<String> for Texts {
    type Error = serde_json::Error;

    fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(&text).map(Self)
    }
}

/// A thread as the table has it.
fn column(thread: Option<MessageId>) -> i64 {
    thread.map_or(0, |id| id.0)
}

/// A composer: whose, in which room, and in which of its threads.
pub type DraftKey = (UserId, RoomId, Option<MessageId>);

impl DraftRow {
    /// Of a composer in which this user never wrote.
    #[must_use]
    pub fn none(user: UserId, room: RoomId, thread: Option<MessageId>) -> Self {
        Self {
            user_id: user,
            room_id: room,
            thread_id: column(thread),
            content: String::new(),
            reply_to: None,
            version: ClientId(Uuid::nil()),
            versions: String::new(),
            aside: Texts::default(),
            updated_at: Timestamp(0),
            user_rev: UserRev::ZERO,
        }
    }

    /// In whose composer it stands.
    #[must_use]
    pub fn key(&self) -> DraftKey {
        (self.user_id, self.room_id, self.thread())
    }

    fn thread(&self) -> Option<MessageId> {
        (self.thread_id != 0).then_some(MessageId(self.thread_id))
    }

    /// Whether it was called so, not long ago.
    #[must_use]
    pub fn was(&self, version: ClientId) -> bool {
        let name = version.to_string();
        self.versions.split(' ').any(|known| known == name)
    }

    /// What it is called from now on.
    pub fn call(&mut self, version: ClientId) {
        self.version = version;
        let name = version.to_string();
        let mut names: Vec<_> = self.versions.split_whitespace().collect();
        names.push(&name);
        let from = names.len().saturating_sub(VERSIONS);
        self.versions = names[from..].join(" ");
    }

    /// Whether there is something to be sent in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.content.is_empty() && self.reply_to.is_none()
    }

    /// As its owner sees it.
    #[must_use]
    pub fn public(self) -> Draft {
        Draft {
            room_id: self.room_id,
            thread_id: self.thread(),
            content: self.content,
            reply_to: self.reply_to.map(MessageId),
            version: self.version,
            updated_at: self.updated_at,
            aside: self.aside.0,
            user_rev: self.user_rev,
        }
    }
}

impl Tx {
    /// Writes a row, new or anew.
    pub async fn put_draft(&mut self, row: &DraftRow) -> Result<()> {
        const SQL: &str = "INSERT INTO drafts (user_id, room_id, content, reply_to, version, \
                           versions, aside, updated_at, user_rev, thread_id) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                           ON CONFLICT (user_id, room_id, thread_id) DO UPDATE SET \
                           content = excluded.content, reply_to = excluded.reply_to, \
                           version = excluded.version, versions = excluded.versions, \
                           aside = excluded.aside, updated_at = excluded.updated_at, \
                           user_rev = excluded.user_rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(row.user_id.0)
            .bind(row.room_id.0)
            .bind(&row.content)
            .bind(row.reply_to)
            .bind(row.version.0)
            .bind(&row.versions)
            .bind(row.aside.to_text())
            .bind(row.updated_at.0)
            .bind(row.user_rev.0)
            .bind(row.thread_id)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// One row, empty or not.
    pub async fn draft(&mut self, (user, room, thread): DraftKey) -> Result<Option<DraftRow>> {
        const SQL: &str = "SELECT * FROM drafts WHERE user_id = $1 AND room_id = $2 \
                           AND thread_id = $3";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(room.0)
            .bind(column(thread))
            .fetch_optional(conn)
            .await)?)
    }

    /// The rows of these composers, by user.
    pub async fn drafts_of(&mut self, keys: &[DraftKey]) -> Result<Vec<DraftRow>> {
        const SQL: &str = "SELECT * FROM drafts WHERE (user_id, room_id, thread_id) IN (";
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(SQL);
            query.push_values(padded(keys), |mut row, (user, room, thread)| {
                row.push_bind(user.0)
                    .push_bind(room.0)
                    .push_bind(column(thread));
            });
            query.push(") ORDER BY user_id, room_id, thread_id");
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// What a user has not sent yet where they are, the newest first.
    pub async fn drafts(&mut self, user: UserId, limit: i64) -> Result<Vec<DraftRow>> {
        const SQL: &str = "SELECT d.* FROM drafts d JOIN members m ON m.room_id = d.room_id \
                           AND m.user_id = d.user_id AND m.state = 'joined' \
                           WHERE d.user_id = $1 AND (d.content <> '' OR d.reply_to IS NOT NULL \
                           OR d.aside <> '') \
                           ORDER BY d.updated_at DESC, d.room_id, d.thread_id LIMIT $2 + 0";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// How many drafts of a user aren't empty, wherever they are.
    pub async fn count_drafts(&mut self, user: UserId) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM drafts WHERE user_id = $1 \
                           AND (content <> '' OR reply_to IS NOT NULL OR aside <> '')";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .fetch_one(conn)
            .await)?)
    }

    /// A user's rows that changed after `rev` of their own counter.
    pub async fn drafts_changed(&mut self, user: UserId, rev: UserRev) -> Result<Vec<DraftRow>> {
        const SQL: &str =
            "SELECT * FROM drafts WHERE user_id = $1 AND user_rev > $2 ORDER BY user_rev";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }
}
