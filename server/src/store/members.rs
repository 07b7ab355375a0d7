//! `members`: who is where, and how far they have read.

use erc_protocol::{
    ClientId, Level, Member, MemberState, MessageId, RequestState, Rev, RoomId, RoomRole, Seq,
    Timestamp, UserId, UserRev, sync::UserRoom,
};

use super::{Counters, Result, RoomRow, Tx, batch::padded, tx::on};

/// A member as the others see them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MemberRow {
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    #[sqlx(try_from = "String")]
    pub role: RoomRole,
    #[sqlx(try_from = "String")]
    pub state: MemberState,
    #[sqlx(try_from = "i64")]
    pub rev: Rev,
    #[sqlx(try_from = "i64")]
    pub joined_at: Timestamp,
    pub muted_until: Option<i64>,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: row.user_id,
            username: row.username,
            display_name: row.display_name,
            role: row.role,
            state: row.state,
            rev: row.rev,
            joined_at: row.joined_at,
            muted_until: row.muted_until.map(Timestamp),
        }
    }
}

/// A user's own place in a room.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Place {
    #[sqlx(try_from = "i64")]
    pub room_id: RoomId,
    #[sqlx(try_from = "i64")]
    pub user_id: UserId,
    #[sqlx(try_from = "String")]
    pub role: RoomRole,
    #[sqlx(try_from = "String")]
    pub state: MemberState,
    #[sqlx(try_from = "i64")]
    pub rev: Rev,
    #[sqlx(try_from = "i64")]
    pub joined_at: Timestamp,
    #[sqlx(try_from = "i64")]
    pub read_seq: Seq,
    #[sqlx(try_from = "i64")]
    pub first_visible_seq: Seq,
    #[sqlx(try_from = "i64")]
    pub user_rev: UserRev,
    /// The user wants to come back to it.
    pub marked_unread: bool,
    /// Until when they only read; past once it is over. Stays when they leave.
    pub muted_until: Option<i64>,
    /// Which messages ring for them; until when none does. Both stay when they leave.
    #[sqlx(try_from = "String")]
    pub level: Level,
    pub hushed_until: Option<i64>,
    /// Whether the room is a request, to them or by them.
    #[sqlx(try_from = "String")]
    pub request: RequestState,
}

impl Place {
    /// Whether they are in the room. A request that they declined is gone for them, though the others
    /// see them in it.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.state == MemberState::Joined && self.request != RequestState::Declined
    }

    /// Whether they only read now.
    #[must_use]
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.muted_until.is_some_and(|until| until > now.0)
    }

    /// As its owner sees it.
    #[must_use]
    pub fn private(&self) -> UserRoom {
        UserRoom {
            room_id: self.room_id,
            state: match self.request {
                RequestState::Declined => MemberState::Left,
                _ => self.state,
            },
            role: self.role,
            read_seq: self.read_seq,
            marked_unread: self.marked_unread,
            first_visible_seq: self.first_visible_seq,
            user_rev: self.user_rev,
            muted_until: self.muted_until.map(Timestamp),
            level: self.level,
            hushed_until: self.hushed_until.map(Timestamp),
            request: self.request,
        }
    }
}

/// A room with the place that one user has in it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct UserRoomRow {
    #[sqlx(flatten)]
    pub room: RoomRow,
    #[sqlx(try_from = "String")]
    pub role: RoomRole,
    #[sqlx(try_from = "i64")]
    pub read_seq: Seq,
    #[sqlx(try_from = "i64")]
    pub first_visible_seq: Seq,
    pub muted_until: Option<i64>,
    #[sqlx(try_from = "String")]
    pub request: RequestState,
}

/// What deciding about a send needs to know: the room's counters and the sender in it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SenderRow {
    #[sqlx(try_from = "i64")]
    pub(crate) room_id: RoomId,
    #[sqlx(try_from = "i64")]
    pub(crate) user_id: UserId,
    #[sqlx(try_from = "String")]
    pub(crate) role: RoomRole,
    #[sqlx(try_from = "String")]
    pub(crate) state: MemberState,
    #[sqlx(try_from = "i64")]
    pub(crate) first_visible_seq: Seq,
    pub(crate) muted_until: Option<i64>,
    /// When they last wrote here, if the room asked them to be slow then.
    pub(crate) last_sent_at: Option<i64>,
    #[sqlx(try_from = "String")]
    pub(crate) request: RequestState,
    pub(crate) display_name: String,
    #[sqlx(try_from = "String")]
    pub(crate) server_role: erc_protocol::ServerRole,
}

/// Before and behind the rooms and users.
const SENDERS: [&str; 2] = [
    "SELECT m.room_id, m.user_id, m.role, m.state, m.first_visible_seq, m.muted_until, \
     m.last_sent_at, m.request, u.display_name, u.role AS server_role FROM (",
    ") AS v CROSS JOIN members m CROSS JOIN users u \
     WHERE m.room_id = v.column1 AND m.user_id = v.column2 AND u.id = m.user_id",
];

/// The same with what is read of the rooms.
pub(super) const PLACED_SENDERS: [&str; 2] = [
    "SELECT m.room_id, m.user_id, m.role, m.state, m.first_visible_seq, m.muted_until, \
     m.last_sent_at, m.request, u.display_name, u.role AS server_role, r.id, r.rev, r.last_seq, \
     r.last_message_at, r.member_count, r.kind, r.is_private, r.settings FROM (",
    ") AS v CROSS JOIN members m CROSS JOIN users u CROSS JOIN rooms r \
     WHERE m.room_id = v.column1 AND m.user_id = v.column2 AND u.id = m.user_id \
     AND r.id = m.room_id AND r.deleted_at IS NULL",
];

#[derive(sqlx::FromRow)]
struct PlacedSenderRow {
    #[sqlx(flatten)]
    room: Counters,
    #[sqlx(flatten)]
    sender: SenderRow,
}

/// What a sender calls a message.
pub(crate) type SenderKey = (UserId, ClientId);

macro_rules! members {
    ($tail:literal) => {
        concat!(
            "SELECT m.user_id, u.username, u.display_name, m.role, m.state, m.rev, m.joined_at, \
             m.muted_until FROM members m JOIN users u ON u.id = m.user_id ",
            $tail
        )
    };
}

impl Tx {
    pub async fn place(&mut self, room: RoomId, user: UserId) -> Result<Option<Place>> {
        const SQL: &str = "SELECT * FROM members WHERE room_id = $1 AND user_id = $2";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Writes a whole place, new or not. A read mark that rose in the meantime stays.
    pub async fn put_place(&mut self, place: &Place) -> Result<()> {
        const SQL: &str = "INSERT INTO members (room_id, user_id, role, state, rev, joined_at, \
                           read_seq, first_visible_seq, user_rev) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                           ON CONFLICT (room_id, user_id) DO UPDATE SET role = excluded.role, \
                           state = excluded.state, rev = excluded.rev, \
                           joined_at = excluded.joined_at, read_seq = CASE \
                           WHEN members.read_seq > excluded.read_seq THEN members.read_seq \
                           ELSE excluded.read_seq END, \
                           first_visible_seq = excluded.first_visible_seq, \
                           user_rev = excluded.user_rev";
        on!(self, |conn| sqlx::query(SQL)
            .bind(place.room_id.0)
            .bind(place.user_id.0)
            .bind(place.role.as_str())
            .bind(place.state.as_str())
            .bind(place.rev.0)
            .bind(place.joined_at.0)
            .bind(place.read_seq.0)
            .bind(place.first_visible_seq.0)
            .bind(place.user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// One member as the others see them.
    pub async fn member(&mut self, room: RoomId, user: UserId) -> Result<Option<MemberRow>> {
        const SQL: &str = members!("WHERE m.room_id = $1 AND m.user_id = $2");
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(user.0)
            .fetch_optional(conn)
            .await)?)
    }

    /// Members, gone ones too, that changed after `rev` and not after `upto`, in that order.
    pub async fn members_changed(
        &mut self,
        room: RoomId,
        rev: Rev,
        upto: Rev,
        limit: i64,
    ) -> Result<Vec<MemberRow>> {
        const SQL: &str = members!(
            "WHERE m.room_id = $1 AND m.rev > $2 AND m.rev <= $3 ORDER BY m.rev, m.user_id LIMIT $4 + 0"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(rev.0)
            .bind(upto.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// Joined members by user id, after one of them.
    pub async fn joined_members(
        &mut self,
        room: RoomId,
        after: UserId,
        limit: i64,
    ) -> Result<Vec<MemberRow>> {
        const SQL: &str = members!(
            "WHERE m.room_id = $1 AND m.user_id > $2 AND m.state = 'joined' \
             ORDER BY m.user_id LIMIT $3 + 0"
        );
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(room.0)
            .bind(after.0)
            .bind(limit)
            .fetch_all(conn)
            .await)?)
    }

    /// Ids of everybody who is in the room.
    pub async fn joined_user_ids(&mut self, room: RoomId) -> Result<Vec<UserId>> {
        const SQL: &str = "SELECT user_id FROM members WHERE room_id = $1 AND state = 'joined' \
                           ORDER BY user_id";
        let ids: Vec<i64> = on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(room.0)
            .fetch_all(conn)
            .await)?;
        Ok(ids.into_iter().map(UserId).collect())
    }

    /// The rooms that a user is in, most recently active first: without requests to them.
    pub async fn rooms_of(&mut self, user: UserId) -> Result<Vec<UserRoomRow>> {
        let rows = self.rooms_with_requests_of(user).await?.into_iter();
        let is_accepted =
            |row: &UserRoomRow| matches!(row.request, RequestState::None | RequestState::Sent);
        Ok(rows.filter(is_accepted).collect())
    }

    /// As [`Self::rooms_of`], and what strangers began with them, answered or not.
    pub async fn rooms_with_requests_of(&mut self, user: UserId) -> Result<Vec<UserRoomRow>> {
        const SQL: &str = "SELECT r.*, m.role, m.read_seq, m.first_visible_seq, m.muted_until, \
                           m.request FROM members m JOIN rooms r ON r.id = m.room_id \
                           WHERE m.user_id = $1 AND m.state = 'joined' \
                           AND r.deleted_at IS NULL ORDER BY r.last_message_at DESC, r.id DESC";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .fetch_all(conn)
            .await)?)
    }

    /// How many rooms a user is in, requests included that they have not declined.
    pub async fn count_rooms_of(&mut self, user: UserId) -> Result<i64> {
        const SQL: &str = "SELECT CAST(count(*) AS BIGINT) FROM members WHERE user_id = $1 \
                           AND state = 'joined' AND request <> 'declined'";
        Ok(on!(self, |conn| sqlx::query_scalar(SQL)
            .bind(user.0)
            .fetch_one(conn)
            .await)?)
    }

    /// A user's places that changed after `rev` of their own counter.
    pub async fn places_changed(&mut self, user: UserId, rev: UserRev) -> Result<Vec<Place>> {
        const SQL: &str =
            "SELECT * FROM members WHERE user_id = $1 AND user_rev > $2 ORDER BY user_rev";
        Ok(on!(self, |conn| sqlx::query_as(SQL)
            .bind(user.0)
            .bind(rev.0)
            .fetch_all(conn)
            .await)?)
    }

    /// Moves a read mark forward; the caller has checked that it is forward.
    pub async fn set_read(
        &mut self,
        room: RoomId,
        user: UserId,
        seq: Seq,
        user_rev: UserRev,
        now: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "UPDATE members SET read_seq = $3, user_rev = $4, read_at = $5, \
                           delivered_at = CASE WHEN delivered_seq < $3 THEN $5 \
                           ELSE delivered_at END, \
                           delivered_seq = CASE WHEN delivered_seq < $3 THEN $3 \
                           ELSE delivered_seq END \
                           WHERE room_id = $1 AND user_id = $2 AND read_seq < $3";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(seq.0)
            .bind(user_rev.0)
            .bind(now.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Says whether the user wants to come back to the room.
    pub async fn mark_unread(
        &mut self,
        room: RoomId,
        user: UserId,
        flag: bool,
        user_rev: UserRev,
    ) -> Result<()> {
        const SQL: &str = "UPDATE members SET marked_unread = $3, user_rev = $4 \
                           WHERE room_id = $1 AND user_id = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(flag)
            .bind(user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Stamps a member's row because their name changed.
    pub async fn restamp_member(&mut self, room: RoomId, user: UserId, rev: Rev) -> Result<()> {
        const SQL: &str = "UPDATE members SET rev = $3 WHERE room_id = $1 AND user_id = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Says until when somebody only reads; their row is stamped for others and for themselves.
    pub async fn set_mute(
        &mut self,
        room: RoomId,
        user: UserId,
        until: Option<Timestamp>,
        rev: Rev,
        user_rev: UserRev,
    ) -> Result<()> {
        const SQL: &str = "UPDATE members SET muted_until = $3, rev = $4, user_rev = $5 \
                           WHERE room_id = $1 AND user_id = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(until.map(|until| until.0))
            .bind(rev.0)
            .bind(user_rev.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Keeps when somebody last wrote in a room that asks them to be slow.
    pub(crate) async fn set_last_sent(
        &mut self,
        room: RoomId,
        user: UserId,
        at: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "UPDATE members SET last_sent_at = $3 \
                           WHERE room_id = $1 AND user_id = $2";
        on!(self, |conn| sqlx::query(SQL)
            .bind(room.0)
            .bind(user.0)
            .bind(at.0)
            .execute(conn)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Takes everybody out of a room that is being deleted.
    pub async fn remove_everybody(&mut self, room: RoomId) -> Result<()> {
        const USERS: &str = "UPDATE users SET user_rev = user_rev + 1 WHERE id IN \
                             (SELECT user_id FROM members WHERE room_id = $1 AND state = 'joined')";
        const MEMBERS: &str = "UPDATE members SET state = 'removed', user_rev = \
                               (SELECT u.user_rev FROM users u WHERE u.id = members.user_id) \
                               WHERE room_id = $1 AND state = 'joined'";
        for sql in [USERS, MEMBERS] {
            on!(self, |conn| sqlx::query(sql)
                .bind(room.0)
                .execute(conn)
                .await
                .map(|_| ()))?;
        }
        Ok(())
    }

    /// The senders of a batch of sends, and their rooms in order of id, locked where there are several
    /// writers. Of a room in which nobody of them has a place nothing is told.
    pub(crate) async fn placed_senders(
        &mut self,
        pairs: &[(RoomId, UserId)],
    ) -> Result<(Vec<Counters>, Vec<SenderRow>)> {
        let Self::Sqlite(tx) = self else {
            let mut rooms: Vec<_> = pairs.iter().map(|(room, _)| *room).collect();
            rooms.sort_unstable();
            rooms.dedup();
            // First the rooms: what is read after they are locked, no other writer changes.
            let rooms = self.rooms_for_update(&rooms).await?;
            return Ok((rooms, self.senders(pairs).await?));
        };
        let [head, tail] = PLACED_SENDERS;
        let mut query = sqlx::QueryBuilder::new(head);
        query.push_values(padded(pairs), |mut row, (room, user)| {
            row.push_bind(room.0).push_bind(user.0);
        });
        query.push(tail);
        let rows: Vec<PlacedSenderRow> = query.build_query_as().fetch_all(&mut **tx).await?;
        let (mut rooms, senders): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|row| (row.room, row.sender)).unzip();
        rooms.sort_unstable_by_key(|room| room.id);
        rooms.dedup_by_key(|room| room.id);
        Ok((rooms, senders))
    }

    /// The senders of a batch of sends, some of them more than once; their rooms are locked already.
    async fn senders(&mut self, pairs: &[(RoomId, UserId)]) -> Result<Vec<SenderRow>> {
        let [head, tail] = SENDERS;
        Ok(on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(head);
            query.push_values(padded(pairs), |mut row, (room, user)| {
                row.push_bind(room.0).push_bind(user.0);
            });
            query.push(tail);
            query.build_query_as().fetch_all(conn).await
        })?)
    }

    /// Where messages stand: room and place of each id that exists and is not deleted.
    pub(crate) async fn whereabouts(
        &mut self,
        ids: &[MessageId],
    ) -> Result<Vec<(MessageId, RoomId, Seq)>> {
        let rows: Vec<(i64, i64, i64)> = on!(self, |conn| {
            let mut query = sqlx::QueryBuilder::new(
                "SELECT id, room_id, seq FROM messages WHERE deleted_at IS NULL AND id IN (",
            );
            let mut list = query.separated(", ");
            for id in padded(ids) {
                list.push_bind(id.0);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        Ok(rows
            .into_iter()
            .map(|(id, room, seq)| (id.into(), room.into(), seq.into()))
            .collect())
    }
}
