//! `reports`: what people tell those who moderate.

use erc_protocol::{
    MessageId, Report, ReportId, RoomId, Timestamp, UserId, UserRev,
    report::{MyReport, ReportKind, ReportOutcome, ReportState},
};
use uuid::Uuid;

use super::{Result, Tx, tx::on};

/// A report with the names of those in it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReportRow {
    #[sqlx(try_from = "Uuid")]
    pub id: ReportId,
    #[sqlx(try_from = "i64")]
    pub reporter_id: UserId,
    #[sqlx(default)]
    pub reporter_name: String,
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    #[sqlx(default)]
    pub user_name: String,
    pub room_id: Option<i64>,
    #[sqlx(default)]
    pub room_name: Option<String>,
    pub message_id: Option<i64>,
    #[sqlx(try_from = "String")]
    pub kind: ReportKind,
    pub words: String,
    /// JSON.
    pub context: String,
    #[sqlx(try_from = "String")]
    pub state: ReportState,
    pub taken_by: Option<i64>,
    #[sqlx(default)]
    pub taken_by_name: Option<String>,
    /// A word of [`ReportOutcome`]; absent until it is closed.
    pub outcome: Option<String>,
    pub note: String,
    #[sqlx(try_from = "i64")]
    pub created_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub changed_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub user_rev: UserRev,
}

impl ReportRow {
    fn outcome(&self) -> Option<ReportOutcome> {
        self.outcome.as_ref().and_then(|word| word.parse().ok())
    }

    /// As its reporter sees it.
    #[must_use]
    pub fn mine(&self) -> MyReport {
        MyReport {
            id: self.id,
            user_id: self.user_id,
            message_id: self.message_id.map(MessageId),
            kind: self.kind,
            state: self.state,
            created_at: self.created_at,
            changed_at: self.changed_at,
            user_rev: self.user_rev,
        }
    }
}

impl From<ReportRow> for Report {
    fn from(row: ReportRow) -> Self {
        Self {
            outcome: row.outcome(),
            id: row.id,
            reporter_id: row.reporter_id,
            reporter_name: row.reporter_name,
            user_id: row.user_id,
            user_name: row.user_name,
            room_id: row.room_id.map(RoomId),
            room_name: row.room_name,
            message_id: row.message_id.map(MessageId),
            kind: row.kind,
            words: row.words,
            context: serde_json::from_str(&row.context).unwrap_or_default(),
            state: row.state,
            taken_by: row.taken_by.map(UserId),
            taken_by_name: row.taken_by_name,
            note: row.note,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }
    }
}

macro_rules! reports {
    ($tail:literal) => {
        concat!(
            "SELECT p.*, a.display_name AS reporter_name, u.display_name AS user_name, \
             r.name AS room_name, t.display_name AS taken_by_name FROM reports p \
             JOIN users a ON a.id = p.reporter_id JOIN users u ON u.id = p.user_id \
             LEFT JOIN rooms r ON r.id = p.room_id LEFT JOIN users t ON t.id = p.taken_by ",
            $tail
        )
    };
}

/// Which reports `$1` may look after: all if `$2`, else those of rooms where they have a rank. What
/// somebody is reported for is never theirs to see.
macro_rules! theirs {
    ($head:literal, $tail:literal) => {
        concat!(
            $head,
            "p.user_id <> $1 AND ($2 OR p.room_id IN (SELECT m.room_id FROM members m \
             JOIN rooms r ON r.id = m.room_id WHERE m.user_id = $1 AND m.state = 'joined' \
             AND r.kind <> 'direct' AND m.role IN ('moderator', 'admin', 'owner'))) ",
            $tail
        )
    };
}

impl Tx {
    /// Writes a report, new or anew.
    pub async fn put_report(&mut self, row: &ReportRow) -> Result<()> {
        const SQL: &str = "INSERT INTO reports (id, reporter_id, user_id, room_id, message_id, \
                           kind, words, context, state, taken_by, outcome, note, created_at, \
                           changed_at, user_rev) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, \
                           $11, $12, $13, $14, $15) ON CONFLICT (id) DO UPDATE SET \
                           state = excluded.state, taken_by = excluded.taken_by, \
                           outcome = excluded.outcome, note = excluded.note, \
                           changed_at = excluded.changed_at, user_rev = excluded.user_rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(row.id.0)
            .bind(row.reporter_id.0)
            .bind(row.user_id.0)
            .bind(row.room_id)
            .bind(row.message_id)
            .bind(row.kind.as_str())
            .bind(&row.words)
            .bind(&row.context)
            .bind(row.state.as_str())
            .bind(row.taken_by)
            .bind(&row.outcome)
            .bind(&row.note)
            .bind(row.created_at.0)
            .bind(row.changed_at.0)
            .bind(row.user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    pub async fn report(&mut self, id: ReportId) -> Result<Option<ReportRow>> {
        const SQL: &str = reports!("WHERE p.id = $1");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(id.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Those that wait or are looked after, the oldest first, as far as they are this user's.
    pub async fn open_reports(
        &mut self,
        user: UserId,
        all: bool,
        limit: i64,
    ) -> Result<Vec<ReportRow>> {
        const SQL: &str = concat!(
            reports!(""),
            theirs!(
                "WHERE p.state <> 'closed' AND ",
                "ORDER BY p.created_at, p.id LIMIT $3 + 0"
            )
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(all)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// Those that are closed, the latest first, as far as they are this user's.
    pub async fn closed_reports(
        &mut self,
        user: UserId,
        all: bool,
        limit: i64,
    ) -> Result<Vec<ReportRow>> {
        const SQL: &str = concat!(
            reports!(""),
            theirs!(
                "WHERE p.state = 'closed' AND ",
                "ORDER BY p.created_at DESC, p.id DESC LIMIT $3 + 0"
            )
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(all)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// How many wait or are looked after, by room, as far as they are this user's; those of no room
    /// without one.
    pub async fn count_open_reports(
        &mut self,
        user: UserId,
        all: bool,
    ) -> Result<Vec<(Option<RoomId>, i64)>> {
        const SQL: &str = theirs!(
            "SELECT p.room_id, CAST(count(*) AS BIGINT) FROM reports p WHERE p.state <> 'closed' AND ",
            "GROUP BY p.room_id"
        );
        let rows: Vec<(Option<i64>, i64)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(all)
            .fetch_all(conn)
            .await)?;
        let count = |(room, count): (Option<i64>, i64)| (room.map(RoomId), count);
        Ok(rows.into_iter().map(count).collect())
    }

    /// What a reporter said of a user, or of this message of theirs, and isn't closed.
    pub async fn open_report(
        &mut self,
        reporter: UserId,
        user: UserId,
        message: Option<MessageId>,
    ) -> Result<Option<ReportRow>> {
        const SQL: &str = reports!(
            "WHERE p.reporter_id = $1 AND p.user_id = $2 AND p.state <> 'closed' \
             AND coalesce(p.message_id, 0) = $3"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(reporter.0)
            .bind(user.0)
            .bind(message.map_or(0, |message| message.0))
            .fetch_optional(conn)
            .await)?)
    }

    /// Whether a reporter has said something of a user in a room that isn't closed.
    pub async fn open_report_in(
        &mut self,
        reporter: UserId,
        user: UserId,
        room: RoomId,
    ) -> Result<bool> {
        const SQL: &str = "SELECT EXISTS (SELECT 1 FROM reports WHERE room_id = $3 \
                           AND state <> 'closed' AND reporter_id = $1 AND user_id = $2)";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(reporter.0)
            .bind(user.0)
            .bind(room.0)
            .fetch_one(conn)
            .await)?)
    }

    /// How much a user has reported after that time.
    pub async fn count_reports_by(&mut self, reporter: UserId, since: Timestamp) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM reports \
                           WHERE reporter_id = $1 AND created_at > $2";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(reporter.0)
            .bind(since.0)
            .fetch_one(conn)
            .await)?)
    }

    /// Reports after one of them with messages of this sender, and these as JSON.
    pub async fn reports_quoting(
        &mut self,
        sender: UserId,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<(ReportId, String)>> {
        const SQL: &str = "SELECT id, context FROM reports WHERE id > $1 AND context LIKE $2 \
                           ORDER BY id LIMIT $3 + 0";
        let rows: Vec<(Uuid, String)> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(after.unwrap_or(Uuid::nil()))
            .bind(format!("%\"sender_id\":{sender},%"))
            .bind(limit)
            .fetch_all(conn)
            .await)?;
        let report = |(id, context)| (ReportId(id), context);
        Ok(rows.into_iter().map(report).collect())
    }

    /// Writes other messages into a report than were kept with it.
    pub async fn write_report_context(&mut self, id: ReportId, context: &str) -> Result<()> {
        const SQL: &str = "UPDATE reports SET context = $2 WHERE id = $1";
        on!(self, |conn| sqlx::query(SQL)
            .bind(id.0)
            .bind(context)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// A reporter's rows that changed after `rev` of their own counter.
    pub async fn reports_changed(
        &mut self,
        reporter: UserId,
        rev: UserRev,
    ) -> Result<Vec<ReportRow>> {
        const SQL: &str =
            reports!("WHERE p.reporter_id = $1 AND p.user_rev > $2 ORDER BY p.user_rev");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(reporter.0)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Users who moderate the whole server, by id.
    pub async fn server_moderators(&mut self) -> Result<Vec<UserId>> {
        const SQL: &str = "SELECT id FROM users WHERE role IN ('moderator', 'admin', 'owner') \
                           AND disabled_at IS NULL ORDER BY id";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL).fetch_all(conn).await)?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// Members of a room whose role there is that of a moderator or above, by id.
    pub async fn room_moderators(&mut self, room: RoomId) -> Result<Vec<UserId>> {
        const SQL: &str = "SELECT user_id FROM members WHERE room_id = $1 AND state = 'joined' \
                           AND role IN ('moderator', 'admin', 'owner') ORDER BY user_id";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(room.0)
            .fetch_all(conn)
            .await)?;
        Ok(ids.into_iter().map(UserId).collect())
    }
}
