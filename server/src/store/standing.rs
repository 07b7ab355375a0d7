//! Where one user stands in a room, in one statement: it is asked before almost everything, and the
//! way to a database costs more than the work there.

use erc_protocol::{
    Level, MemberState, RequestState, RoomId, RoomRole, Seq, ServerRole, Timestamp, UserId, UserRev,
};

use super::messages::{MessageRow, SqlitePage, columns};
use super::{Db, Error, Place, Result, RoomRow, Tx, tx::on};

/// A room, and one user in it or outside it.
#[derive(Debug, Clone)]
pub struct StandingRow {
    pub room: RoomRow,
    /// Absent if there is no such user.
    pub server_role: Option<ServerRole>,
    /// Their place, if they were ever there.
    pub place: Option<Place>,
    /// Of a direct room: the other one blocks them.
    pub is_shut_out: bool,
}

/// Which messages of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// The newest below a place.
    Before(Seq),
    /// The oldest above it.
    After(Seq),
}

#[derive(sqlx::FromRow)]
struct Columns {
    #[sqlx(flatten)]
    room: RoomRow,
    server_role: Option<String>,
    is_shut_out: bool,
    p_role: Option<String>,
    p_state: Option<String>,
    p_rev: Option<i64>,
    p_joined_at: Option<i64>,
    p_read_seq: Option<i64>,
    p_first_visible_seq: Option<i64>,
    p_user_rev: Option<i64>,
    p_marked_unread: Option<bool>,
    p_muted_until: Option<i64>,
    p_level: Option<String>,
    p_hushed_until: Option<i64>,
    p_request: Option<String>,
}

#[derive(sqlx::FromRow)]
struct WithPage {
    #[sqlx(flatten)]
    standing: Columns,
    page: Option<String>,
}

impl Columns {
    fn row(self, user: UserId) -> Result<StandingRow> {
        let server_role = self.server_role.as_deref().map(parsed).transpose()?;
        let words = (&self.p_role, &self.p_state, &self.p_level, &self.p_request);
        let place = match words {
            (Some(role), Some(state), Some(level), Some(request)) => Some(Place {
                room_id: self.room.id,
                user_id: user,
                role: parsed::<RoomRole>(role)?,
                state: parsed::<MemberState>(state)?,
                rev: erc_protocol::Rev(self.p_rev.unwrap_or_default()),
                joined_at: Timestamp(self.p_joined_at.unwrap_or_default()),
                read_seq: Seq(self.p_read_seq.unwrap_or_default()),
                first_visible_seq: Seq(self.p_first_visible_seq.unwrap_or_default()),
                user_rev: UserRev(self.p_user_rev.unwrap_or_default()),
                marked_unread: self.p_marked_unread.unwrap_or_default(),
                muted_until: self.p_muted_until,
                level: parsed::<Level>(level)?,
                hushed_until: self.p_hushed_until,
                request: parsed::<RequestState>(request)?,
            }),
            _ => None,
        };
        Ok(StandingRow {
            room: self.room,
            server_role,
            place,
            is_shut_out: self.is_shut_out,
        })
    }
}

fn parsed<T: TryFrom<String, Error: std::fmt::Display>>(word: &str) -> Result<T> {
    T::try_from(word.to_owned()).map_err(|error| Error::Corrupt(error.to_string()))
}

/// With more columns behind it.
macro_rules! standing {
    ($more:expr) => {
        concat!(
            "SELECT r.*, u.role AS server_role, p.role AS p_role, p.state AS p_state, \
             p.rev AS p_rev, p.joined_at AS p_joined_at, p.read_seq AS p_read_seq, \
             p.first_visible_seq AS p_first_visible_seq, p.user_rev AS p_user_rev, \
             p.marked_unread AS p_marked_unread, p.muted_until AS p_muted_until, \
             p.level AS p_level, p.hushed_until AS p_hushed_until, \
             p.request AS p_request, \
             r.kind = 'direct' AND EXISTS (SELECT 1 FROM members o JOIN blocks b \
             ON b.user_id = o.user_id WHERE o.room_id = r.id AND b.blocked_id = $2 \
             AND b.blocked_at IS NOT NULL) AS is_shut_out",
            $more,
            " FROM rooms r LEFT JOIN users u ON u.id = $2 \
             LEFT JOIN members p ON p.room_id = r.id AND p.user_id = $2 \
             WHERE r.id = $1 AND r.deleted_at IS NULL"
        )
    };
}

/// Messages as one text, from the first that the user may see.
macro_rules! page {
    ($beside:literal, $order:literal) => {
        standing!(concat!(
            ", (SELECT '[' || group_concat(line) || ']' FROM (SELECT json_array(",
            columns!("", "hex(m.client_id)"),
            ") AS line FROM messages m JOIN users u ON u.id = m.sender_id \
             WHERE m.room_id = r.id AND m.seq ",
            $beside,
            " $3 AND m.seq >= p.first_visible_seq ORDER BY m.seq ",
            $order,
            " LIMIT $4 + 0)) AS page"
        ))
    };
}

pub(super) const BEFORE: &str = page!("<", "DESC");
pub(super) const AFTER: &str = page!(">", "ASC");

impl Tx {
    /// Where a user stands in a room that has not been deleted.
    pub async fn standing(&mut self, room: RoomId, user: UserId) -> Result<Option<StandingRow>> {
        const SQL: &str = standing!("");
        let row: Option<Columns> = on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?;
        row.map(|row| row.row(user)).transpose()
    }
}

impl Db {
    /// The same, with messages beside a place, oldest first, none from before what the user may see:
    /// all of one moment. Whether they may see any is for the caller to decide.
    ///
    /// On SQLite a single statement needs no transaction: a page of history goes to the database and
    /// back once, not five times.
    pub async fn standing_with_page(
        &self,
        room: RoomId,
        user: UserId,
        beside: Beside,
        limit: i64,
    ) -> Result<Option<(StandingRow, Vec<MessageRow>)>> {
        if let Self::Sqlite { read, .. } = self {
            let (sql, seq) = match beside {
                Beside::Before(seq) => (BEFORE, seq),
                Beside::After(seq) => (AFTER, seq),
            };
            let row: Option<WithPage> = sqlx::query_as(sql)
                .bind(room.0)
                .bind(user.0)
                .bind(seq.0)
                .bind(limit)
                .fetch_optional(read)
                .await?;
            let Some(row) = row else { return Ok(None) };
            let mut messages = SqlitePage(row.page).rows()?;
            if let Beside::Before(_) = beside {
                messages.reverse();
            }
            return Ok(Some((row.standing.row(user)?, messages)));
        }
        let mut tx = self.snapshot().await?;
        let Some(standing) = tx.standing(room, user).await? else {
            return Ok(None);
        };
        let first = standing.place.map(|place| place.first_visible_seq);
        let messages = match (first, beside) {
            (None, _) => Vec::new(),
            (Some(first), Beside::Before(seq)) => {
                tx.messages_before(room, first, seq, limit).await?
            }
            (Some(first), Beside::After(seq)) => tx.messages_after(room, first, seq, limit).await?,
        };
        Ok(Some((standing, messages)))
    }
}
