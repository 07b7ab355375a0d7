//! `users`.

use erc_protocol::{MyPresence, RoomId, ServerRole, Timestamp, User, UserId, UserRev};

use super::{Result, Tx, batch::padded, dialect, meta::Kind, tx::on};

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub username: String,
    pub display_name: String,
    pub role: ServerRole,
    /// Argon2id in PHC form; nobody signs in by password without one.
    pub password_hash: Option<String>,
}

/// A row of `users`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct UserRow {
    #[sqlx(try_from = "i64")]
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    #[sqlx(try_from = "String")]
    pub role: ServerRole,
    pub password_hash: Option<String>,
    #[sqlx(try_from = "i64")]
    pub user_rev: UserRev,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    pub last_seen_at: Option<i64>,
    /// Since when nobody can sign in to it.
    pub disabled_at: Option<i64>,
    /// Since when it waits to be taken up again.
    pub deactivated_at: Option<i64>,
    /// Since when nothing is left of its person.
    pub erased_at: Option<i64>,
    /// What they decided of how present they are.
    #[sqlx(try_from = "String")]
    pub presence: MyPresence,
}

impl UserRow {
    /// What others may know.
    #[must_use]
    pub fn public(&self) -> User {
        User {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            role: self.role,
            created_at: self.created_at,
        }
    }
}

/// What no text in the database holds, and what PostgreSQL fails at even when it is only asked for.
const NUL: char = '\0';

impl Tx {
    /// Adds a user; [`super::Error::Conflict`] if the name is taken.
    pub async fn insert_user(&mut self, user: &NewUser, now: Timestamp) -> Result<UserRow> {
        const SQL: &str = "INSERT INTO users (id, username, display_name, role, password_hash, \
                           created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *";
        let id = self.take_ids(Kind::User, 1).await?;
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id)
            .bind(&user.username)
            .bind(&user.display_name)
            .bind(user.role.as_str())
            .bind(&user.password_hash)
            .bind(now.0)
            .fetch_one(conn)
            .await)?)
    }

    pub async fn user(&mut self, id: UserId) -> Result<Option<UserRow>> {
        const SQL: &str = "SELECT * FROM users WHERE id = $1";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// By user name, already in its canonical form.
    pub async fn user_by_name(&mut self, username: &str) -> Result<Option<UserRow>> {
        const SQL: &str = "SELECT * FROM users WHERE username = $1";
        if username.contains(NUL) {
            return Ok(None);
        }
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(username)
            .fetch_optional(conn)
            .await)?)
    }

    pub async fn count_users(&mut self) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM users";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .fetch_one(conn)
            .await)?)
    }

    /// Users whose user name, or a word of whose display name, begins so (lower case), by name.
    pub async fn find_users(&mut self, prefix: &str, limit: i64) -> Result<Vec<UserRow>> {
        const SQL: &str = "SELECT * FROM users WHERE (username LIKE $1 ESCAPE '!' \
                           OR lower(display_name) LIKE $1 ESCAPE '!' \
                           OR lower(display_name) LIKE $2 ESCAPE '!') AND erased_at IS NULL \
                           AND deactivated_at IS NULL ORDER BY username LIMIT $3 + 0";
        if prefix.contains(NUL) {
            return Ok(Vec::new());
        }
        let escaped = prefix
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(format!("{escaped}%"))
            .bind(format!("% {escaped}%"))
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    pub async fn set_display_name(&mut self, id: UserId, name: &str) -> Result<()> {
        const SQL: &str = "UPDATE users SET display_name = $2 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(name)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub async fn set_password(&mut self, id: UserId, hash: &str) -> Result<()> {
        const SQL: &str = "UPDATE users SET password_hash = $2 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(hash)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub async fn set_server_role(&mut self, id: UserId, role: ServerRole) -> Result<()> {
        const SQL: &str = "UPDATE users SET role = $2 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(role.as_str())
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Never moves back; nothing for an erased user, whose last socket closes after that.
    pub async fn set_last_seen(&mut self, id: UserId, at: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE users SET last_seen_at = $2 WHERE id = $1 \
                           AND (last_seen_at IS NULL OR last_seen_at < $2) \
                           AND erased_at IS NULL";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(at.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keeps what a user decided of how present they are.
    pub async fn set_presence(&mut self, id: UserId, presence: &MyPresence) -> Result<()> {
        const SQL: &str = "UPDATE users SET presence = $2, presence_due = $3 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(presence.to_text())
            .bind(presence.due().map(|at| at.0))
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Users something of whose presence is over, what has been so longest first.
    pub async fn presence_due(&mut self, now: Timestamp, limit: i64) -> Result<Vec<UserId>> {
        const SQL: &str = "SELECT id FROM users WHERE presence_due IS NOT NULL \
                           AND presence_due <= $1 ORDER BY presence_due, id LIMIT $2 + 0";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(now.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// When something of somebody's presence is over next.
    pub async fn next_presence_due(&mut self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT presence_due FROM users WHERE presence_due IS NOT NULL \
                           ORDER BY presence_due LIMIT 1";
        let at: Option<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .fetch_optional(conn)
            .await)?;
        Ok(at.map(Timestamp))
    }

    /// Members of a room who decided something of their presence.
    pub async fn presences_of(&mut self, room: RoomId) -> Result<Vec<(UserId, MyPresence)>> {
        const SQL: &str = "SELECT u.id, u.presence FROM members m JOIN users u ON u.id = m.user_id \
                           WHERE m.room_id = $1 AND m.state = 'joined' AND u.presence <> ''";
        let rows: Vec<(i64, String)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .fetch_all(conn)
            .await)?;
        let rows = rows.into_iter();
        // One that this build can't read says nothing.
        let read = |(id, text)| Some((UserId(id), MyPresence::try_from(text).ok()?));
        Ok(rows.filter_map(read).collect())
    }

    /// Locks the counters of several users until the end of the transaction, in one order, and
    /// tells which of them exist.
    pub async fn users_for_update(&mut self, ids: &[UserId]) -> Result<Vec<UserId>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let tail = dialect::LOCK_USERS.text(self);
        let found: Vec<i64> = on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new("SELECT id FROM users WHERE id IN (");
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")").push(tail);
            query.build_query_scalar().fetch_all(conn).await
        })?;
        Ok(found.into_iter().map(UserId).collect())
    }

    /// Takes the next number of the user's own counter; the row stays locked until the end.
    pub async fn next_user_rev(&mut self, id: UserId) -> Result<UserRev> {
        const SQL: &str =
            "UPDATE users SET user_rev = user_rev + 1 WHERE id = $1 RETURNING user_rev";
        let rev: i64 = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(id.0)
            .fetch_one(conn)
            .await)?;
        Ok(UserRev(rev))
    }
}
