//! What the server's tables and a client's store hold, row by row: read with SQL of our own, so
//! that the oracle believes neither side's code.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    str::FromStr as _,
};

use anyhow::Context as _;
use erc_protocol::{
    Attention, Poll, ThreadSummary,
    draft::Aside,
    message::{Forwarded, Pinned},
    reaction::Reaction,
};
use rusqlite::OpenFlags;
use sqlx::{Connection as _, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use uuid::Uuid;

/// A message, as both sides hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub id: i64,
    pub seq: i64,
    pub rev: i64,
    pub sender: i64,
    pub client_id: String,
    pub content: String,
    pub reply_to: Option<i64>,
    pub created_at: i64,
    pub edited_at: Option<i64>,
    pub deleted_at: Option<i64>,
    /// What all see of them.
    pub reactions: Vec<Reaction>,
    /// By whom and when.
    pub pinned: Option<(i64, i64)>,
    /// Whose text it is.
    pub forwarded_from: Option<i64>,
    /// When it goes by itself, and how long after it was read.
    pub expires_at: Option<i64>,
    pub after_read_s: Option<i64>,
    /// The root of the thread in which it stands.
    pub thread: Option<i64>,
    pub also_in_room: bool,
    /// Of a root: how many replies it tells of, and the newest one's place.
    pub replies: Option<(i64, i64)>,
    pub deleted_rev: Option<i64>,
    pub poll: Option<Poll>,
}

impl MessageRow {
    /// What a client keeps of it whose clock says that its time has come.
    #[must_use]
    pub fn blank(&self) -> Self {
        Self {
            content: String::new(),
            reactions: Vec::new(),
            pinned: None,
            forwarded_from: None,
            poll: None,
            ..self.clone()
        }
    }

    /// Whether it is shown in the room itself.
    #[must_use]
    pub const fn is_in_room(&self) -> bool {
        self.thread.is_none() || self.also_in_room
    }
}

/// A thread as one user sees it: whether they follow, and up to where they have read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadRow {
    pub room: i64,
    pub following: bool,
    pub read_seq: i64,
    pub user_rev: i64,
}

/// A member, as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    pub username: String,
    pub display_name: String,
    pub role: String,
    pub state: String,
    pub rev: i64,
    pub joined_at: i64,
}

impl MemberRow {
    /// This row, with the other's name.
    #[must_use]
    pub fn with_name_of(&self, other: &Self) -> Self {
        Self {
            display_name: other.display_name.clone(),
            ..self.clone()
        }
    }
}

/// Somebody's own place in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    pub state: String,
    pub role: String,
    pub read_seq: i64,
    pub first_visible_seq: i64,
    pub user_rev: i64,
    pub level: String,
    pub hushed_until: Option<i64>,
    /// What a direct room is to them: a request, or none.
    pub request: String,
}

/// What stands in a composer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    pub content: String,
    pub reply_to: Option<i64>,
    pub aside: Vec<Aside>,
}

impl DraftRow {
    fn read((content, reply_to, aside): (String, Option<i64>, String)) -> Self {
        Self {
            content,
            reply_to,
            aside: written(&aside).unwrap_or_default(),
        }
    }

    /// Whether there is nothing in it, nor beside it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.content.is_empty() && self.reply_to.is_none() && self.aside.is_empty()
    }

    /// All that it keeps.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let aside = self.aside.iter().map(|text| text.content.as_str());
        aside.chain([self.content.as_str()])
    }
}

/// A room's own fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    pub state_rev: i64,
    pub name: String,
    pub topic: String,
    pub kind: String,
    pub is_private: bool,
    pub member_count: i64,
    pub last_seq: i64,
    pub last_message_at: i64,
}

/// A room on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRoom {
    pub fields: Fields,
    pub rev: i64,
    pub is_deleted: bool,
    pub members: BTreeMap<i64, MemberRow>,
    pub places: BTreeMap<i64, PlaceRow>,
    pub messages: BTreeMap<i64, MessageRow>,
}

/// All that the server holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// By id, everybody's own counter.
    pub user_revs: BTreeMap<i64, i64>,
    pub rooms: BTreeMap<i64, ServerRoom>,
    /// Message, emoji, user.
    pub reactions: BTreeSet<(i64, String, i64)>,
    /// Who blocks whom.
    pub blocks: BTreeSet<(i64, i64)>,
    /// The community's own emoji that are there: which picture each has.
    pub emoji: BTreeMap<String, String>,
    pub emoji_rev: i64,
    /// By user and root.
    pub threads: BTreeMap<(i64, i64), ThreadRow>,
    /// By user, room and thread; 0 is the room's own.
    pub drafts: BTreeMap<(i64, i64, i64), DraftRow>,
    /// By user, what rings in all rooms.
    pub attention: BTreeMap<i64, Attention>,
    /// Reports that wait: of whom, of what was said in which room.
    pub reports: Vec<(i64, Option<i64>)>,
    /// By message and user: the options, a bit each, and the change that brought them.
    pub votes: BTreeMap<(i64, i64), (i64, i64)>,
}

/// What is kept as JSON, or nothing.
fn written<T: serde::de::DeserializeOwned>(json: &str) -> Option<T> {
    (!json.is_empty()).then(|| serde_json::from_str(json).expect("the store wrote it"))
}

fn origin(json: &str) -> Option<i64> {
    written::<Forwarded>(json).map(|origin| origin.sender_id.0)
}

/// A room in a client's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedRoom {
    pub place: PlaceRow,
    /// Absent until something was told of the room.
    pub fields: Option<Fields>,
    pub has_all_members: bool,
    /// The cursor.
    pub rev: i64,
    pub seq: i64,
    pub members: BTreeMap<i64, MemberRow>,
    pub messages: BTreeMap<i64, MessageRow>,
    pub holes: Vec<(i64, i64)>,
}

/// An operation that a client has not got rid of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub room: i64,
    pub kind: String,
    pub client_id: Option<String>,
    pub content: String,
    pub state: String,
    pub reason: Option<String>,
}

/// All that a client's store holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cache {
    pub instance: Option<String>,
    pub user_rev: i64,
    pub rooms: BTreeMap<i64, CachedRoom>,
    pub outbox: Vec<Waiting>,
    /// By root.
    pub threads: BTreeMap<i64, ThreadRow>,
    /// By room and thread; 0 is the room's own.
    pub drafts: BTreeMap<(i64, i64), DraftRow>,
    pub attention: Attention,
    /// By message: what this user chose, a bit for each option.
    pub votes: BTreeMap<i64, i64>,
    /// Rows and frames that could not be read.
    pub raw: i64,
    /// Whom this user blocks.
    pub blocks: BTreeSet<i64>,
    /// The community's own emoji: which picture each has.
    pub emoji: BTreeMap<String, String>,
    pub emoji_rev: i64,
    /// How many reports wait that they may look after.
    pub reports_waiting: i64,
}

// Rows as they are asked for, in the order of the columns.
type Head = (i64, i64, i64, String, String, String, bool);
type Counts = (i64, i64, i64, i64, Option<i64>);
type Seat = (
    i64,
    i64,
    String,
    String,
    String,
    String,
    i64,
    i64,
    i64,
    i64,
    i64,
);
type Going = (i64, i64, Option<i64>, Option<i64>);
type Threaded = (i64, i64, Option<i64>, bool, i64, Option<i64>, Option<i64>);
type Followed = (i64, i64, i64, bool, i64, i64);
type Own = (i64, i64, String, Option<i64>, String);
type Unsent = (i64, i64, i64, String, Option<i64>, String);
type About = (i64, i64, String, Option<i64>, Option<i64>, String, String);
type Said = (
    i64,
    i64,
    i64,
    i64,
    i64,
    Uuid,
    String,
    Option<i64>,
    i64,
    Option<i64>,
    Option<i64>,
);

macro_rules! read_truth {
    ($conn:expr) => {{
        let mut tx = $conn.begin().await?;
        let mut truth = Truth::default();
        for (id, user_rev) in sqlx::query_as::<_, (i64, i64)>("SELECT id, user_rev FROM users")
            .fetch_all(&mut *tx)
            .await?
        {
            truth.user_revs.insert(id, user_rev);
        }
        let heads = sqlx::query_as::<_, Head>(
            "SELECT id, rev, state_rev, name, topic, kind, is_private FROM rooms ORDER BY id",
        );
        let counts = sqlx::query_as::<_, Counts>(
            "SELECT id, member_count, last_seq, last_message_at, deleted_at FROM rooms ORDER BY id",
        );
        let heads = heads.fetch_all(&mut *tx).await?;
        for (head, counts) in heads.into_iter().zip(counts.fetch_all(&mut *tx).await?) {
            let (id, rev, state_rev, name, topic, kind, is_private) = head;
            let (_, member_count, last_seq, last_message_at, deleted_at) = counts;
            let fields = Fields {
                state_rev,
                name,
                topic,
                kind,
                is_private,
                member_count,
                last_seq,
                last_message_at,
            };
            let room = ServerRoom {
                fields,
                rev,
                is_deleted: deleted_at.is_some(),
                members: BTreeMap::new(),
                places: BTreeMap::new(),
                messages: BTreeMap::new(),
            };
            truth.rooms.insert(id, room);
        }
        let seats = sqlx::query_as::<_, Seat>(
            "SELECT m.room_id, m.user_id, u.username, u.display_name, m.role, m.state, m.rev,
                    m.joined_at, m.read_seq, m.first_visible_seq, m.user_rev
             FROM members m JOIN users u ON u.id = m.user_id",
        );
        for seat in seats.fetch_all(&mut *tx).await? {
            let (room, user, username, display_name, role, state, rev, joined_at, read, first, own) =
                seat;
            let Some(room) = truth.rooms.get_mut(&room) else {
                anyhow::bail!("a member of no room");
            };
            room.places.insert(
                user,
                PlaceRow {
                    state: state.clone(),
                    role: role.clone(),
                    read_seq: read,
                    first_visible_seq: first,
                    user_rev: own,
                    level: String::new(),
                    hushed_until: None,
                    request: String::new(),
                },
            );
            room.members.insert(
                user,
                MemberRow {
                    username,
                    display_name,
                    role,
                    state,
                    rev,
                    joined_at,
                },
            );
        }
        let own = sqlx::query_as::<_, Own>(
            "SELECT room_id, user_id, level, hushed_until, request FROM members",
        );
        for (room, user, level, hushed_until, request) in own.fetch_all(&mut *tx).await? {
            let room = truth.rooms.get_mut(&room);
            let Some(place) = room.and_then(|room| room.places.get_mut(&user)) else {
                anyhow::bail!("a member of no room");
            };
            (place.level, place.hushed_until) = (level, hushed_until);
            place.request = request;
        }
        let unsent = sqlx::query_as::<_, Unsent>(
            "SELECT user_id, room_id, thread_id, content, reply_to, aside FROM drafts",
        );
        for (user, room, thread, content, reply_to, aside) in unsent.fetch_all(&mut *tx).await? {
            let row = DraftRow::read((content, reply_to, aside));
            truth.drafts.insert((user, room, thread), row);
        }
        let rings =
            sqlx::query_as::<_, (i64, String)>("SELECT user_id, settings FROM attention");
        for (user, settings) in rings.fetch_all(&mut *tx).await? {
            truth
                .attention
                .insert(user, written(&settings).unwrap_or_default());
        }
        let said = sqlx::query_as::<_, Said>(
            "SELECT room_id, id, seq, rev, sender_id, client_id, content, reply_to, created_at,
                    edited_at, deleted_at
             FROM messages",
        );
        for row in said.fetch_all(&mut *tx).await? {
            let (room, id, seq, rev, sender, client_id, content, reply_to, at, edited, deleted) =
                row;
            let Some(room) = truth.rooms.get_mut(&room) else {
                anyhow::bail!("a message in no room");
            };
            let row = MessageRow {
                id,
                seq,
                rev,
                sender,
                client_id: client_id.to_string(),
                content,
                reply_to,
                created_at: at,
                edited_at: edited,
                deleted_at: deleted,
                reactions: Vec::new(),
                pinned: None,
                forwarded_from: None,
                expires_at: None,
                after_read_s: None,
                thread: None,
                also_in_room: false,
                replies: None,
                deleted_rev: None,
                poll: None,
            };
            room.messages.insert(seq, row);
        }
        let going = sqlx::query_as::<_, Going>(
            "SELECT room_id, seq, expires_at, expire_after_read_s FROM messages
             WHERE expires_at IS NOT NULL OR expire_after_read_s IS NOT NULL",
        );
        for (room, seq, at, after_read_s) in going.fetch_all(&mut *tx).await? {
            let room = truth.rooms.get_mut(&room);
            if let Some(row) = room.and_then(|room| room.messages.get_mut(&seq)) {
                (row.expires_at, row.after_read_s) = (at, after_read_s);
            }
        }
        let about = sqlx::query_as::<_, About>(
            "SELECT room_id, seq, reactions, pinned_by, pinned_at, forwarded, poll FROM messages
             WHERE reactions <> '' OR pinned_at IS NOT NULL OR forwarded <> '' OR poll <> ''",
        );
        for (room, seq, reactions, by, at, forwarded, poll) in about.fetch_all(&mut *tx).await? {
            let room = truth.rooms.get_mut(&room);
            let Some(row) = room.and_then(|room| room.messages.get_mut(&seq)) else {
                anyhow::bail!("a message in no room");
            };
            row.reactions = written(&reactions).unwrap_or_default();
            row.pinned = by.zip(at);
            row.forwarded_from = origin(&forwarded);
            row.poll = written(&poll);
        }
        let threaded = sqlx::query_as::<_, Threaded>(
            "SELECT room_id, seq, thread_id, also_in_room, thread_replies, thread_last_seq,
                    deleted_rev FROM messages
             WHERE thread_id IS NOT NULL OR thread_replies > 0 OR deleted_rev IS NOT NULL",
        );
        for row in threaded.fetch_all(&mut *tx).await? {
            let (room, seq, thread, also_in_room, replies, last, deleted_rev) = row;
            let room = truth.rooms.get_mut(&room);
            let Some(row) = room.and_then(|room| room.messages.get_mut(&seq)) else {
                anyhow::bail!("a message in no room");
            };
            row.thread = thread;
            row.also_in_room = also_in_room;
            row.replies = last.filter(|_| replies > 0).map(|last| (replies, last));
            row.deleted_rev = deleted_rev;
        }
        let followed = sqlx::query_as::<_, Followed>(
            "SELECT user_id, thread_id, room_id, following, read_seq, user_rev FROM user_threads",
        );
        for row in followed.fetch_all(&mut *tx).await? {
            let (user, thread, room, following, read_seq, user_rev) = row;
            let row = ThreadRow {
                room,
                following,
                read_seq,
                user_rev,
            };
            truth.threads.insert((user, thread), row);
        }
        let reacted = sqlx::query_as("SELECT message_id, emoji, user_id FROM reactions");
        truth.reactions = reacted.fetch_all(&mut *tx).await?.into_iter().collect();
        let blocks = sqlx::query_as(
            "SELECT user_id, blocked_id FROM blocks WHERE blocked_at IS NOT NULL",
        );
        truth.blocks = blocks.fetch_all(&mut *tx).await?.into_iter().collect();
        let emoji = sqlx::query_as::<_, (String, Uuid)>(
            "SELECT name, id FROM custom_emoji WHERE removed_at IS NULL",
        );
        for (name, id) in emoji.fetch_all(&mut *tx).await? {
            truth.emoji.insert(name, id.to_string());
        }
        truth.emoji_rev = sqlx::query_scalar("SELECT value FROM counters WHERE name = 'emoji'")
            .fetch_one(&mut *tx)
            .await?;
        let reports = sqlx::query_as("SELECT user_id, room_id FROM reports WHERE state <> 'closed'");
        truth.reports = reports.fetch_all(&mut *tx).await?;
        let voted = sqlx::query_as::<_, (i64, i64, i64, i64)>(
            "SELECT message_id, user_id, options, rev FROM poll_votes",
        );
        for (message, user, options, rev) in voted.fetch_all(&mut *tx).await? {
            truth.votes.insert((message, user), (options, rev));
        }
        tx.rollback().await?;
        truth
    }};
}

impl Truth {
    /// Reads the server's database at one moment.
    pub async fn read(url: &str) -> anyhow::Result<Self> {
        Ok(if let Some(path) = url.strip_prefix("sqlite:") {
            let options = SqliteConnectOptions::from_str(path)?.read_only(true);
            let mut conn = SqliteConnection::connect_with(&options).await?;
            let truth = read_truth!(conn);
            conn.close().await?;
            truth
        } else {
            let mut conn = PgConnection::connect(url).await?;
            // Or each statement sees a moment of its own.
            sqlx::query(
                "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            )
            .execute(&mut conn)
            .await?;
            let truth = read_truth!(conn);
            conn.close().await?;
            truth
        })
    }
}

impl Cache {
    /// Reads a client's store at one moment; its program may run meanwhile.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        Self::query(path).with_context(|| path.display().to_string())
    }

    fn query(path: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = rusqlite::Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(std::time::Duration::from_secs(10))?;
        let tx = conn.transaction()?;
        let meta = |key: &str| {
            tx.query_row("SELECT max(value) FROM meta WHERE key = ?1", [key], |row| {
                row.get::<_, Option<String>>(0)
            })
        };
        let mut cache = Self {
            instance: meta("instance")?,
            user_rev: meta("user_rev")?
                .and_then(|text| text.parse().ok())
                .unwrap_or(0),
            reports_waiting: meta("reports_waiting")?
                .and_then(|text| text.parse().ok())
                .unwrap_or(0),
            raw: tx.query_row("SELECT count(*) FROM raw", [], |row| row.get(0))?,
            blocks: {
                let mut blocks = tx.prepare("SELECT user_id FROM blocks")?;
                let ids = blocks.query_map([], |row| row.get(0))?;
                ids.collect::<rusqlite::Result<_>>()?
            },
            emoji: {
                let mut emoji = tx.prepare("SELECT name, id FROM custom_emoji")?;
                let rows = emoji.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
                rows.collect::<rusqlite::Result<_>>()?
            },
            emoji_rev: meta("emoji_rev")?
                .and_then(|text| text.parse().ok())
                .unwrap_or(0),
            rooms: rooms(&tx)?,
            outbox: Vec::new(),
            threads: threads(&tx)?,
            drafts: drafts(&tx)?,
            attention: meta("attention")?
                .and_then(|json| written(&json))
                .unwrap_or_default(),
            votes: votes(&tx)?,
        };
        let mut waiting = tx.prepare(
            "SELECT room_id, kind, client_id, content, state, reason FROM outbox ORDER BY id",
        )?;
        let rows = waiting.query_map([], |row| {
            Ok(Waiting {
                room: row.get(0)?,
                kind: row.get(1)?,
                client_id: row.get(2)?,
                content: row.get(3)?,
                state: row.get(4)?,
                reason: row.get(5)?,
            })
        })?;
        cache.outbox = rows.collect::<rusqlite::Result<_>>()?;
        Ok(cache)
    }

    /// What is refused or on its way there.
    pub fn waiting_in(&self, room: i64) -> impl Iterator<Item = &Waiting> {
        self.outbox.iter().filter(move |entry| entry.room == room)
    }
}

fn votes(conn: &rusqlite::Connection) -> rusqlite::Result<BTreeMap<i64, i64>> {
    let mut statement = conn.prepare("SELECT message_id, options FROM votes")?;
    let rows = statement.query_map([], |row| {
        let options: String = row.get(1)?;
        let bits = options
            .split(' ')
            .filter_map(|word| word.parse::<u32>().ok());
        Ok((row.get(0)?, bits.fold(0, |bits, one| bits | (1 << one))))
    })?;
    rows.collect()
}

fn rooms(conn: &rusqlite::Connection) -> rusqlite::Result<BTreeMap<i64, CachedRoom>> {
    let mut statement = conn.prepare(
        "SELECT room_id, state, role, read_seq, first_visible_seq, user_rev, room_rev, name, topic,
                kind, is_private, member_count, last_seq, last_message_at, members_complete, rev, seq,
                level, hushed_until, request
         FROM rooms",
    )?;
    let rows = statement.query_map([], |row| {
        let state_rev: Option<i64> = row.get(6)?;
        let fields = Fields {
            state_rev: state_rev.unwrap_or(0),
            name: row.get(7)?,
            topic: row.get(8)?,
            kind: row.get(9)?,
            is_private: row.get(10)?,
            member_count: row.get(11)?,
            last_seq: row.get(12)?,
            last_message_at: row.get(13)?,
        };
        let room = CachedRoom {
            place: PlaceRow {
                state: row.get(1)?,
                role: row.get(2)?,
                read_seq: row.get(3)?,
                first_visible_seq: row.get(4)?,
                user_rev: row.get(5)?,
                level: row.get(17)?,
                hushed_until: row.get(18)?,
                request: row.get(19)?,
            },
            fields: state_rev.map(|_| fields),
            has_all_members: row.get(14)?,
            rev: row.get(15)?,
            seq: row.get(16)?,
            members: BTreeMap::new(),
            messages: BTreeMap::new(),
            holes: Vec::new(),
        };
        Ok((row.get::<_, i64>(0)?, room))
    })?;
    let mut rooms: BTreeMap<i64, CachedRoom> = rows.collect::<rusqlite::Result<_>>()?;
    for (id, room) in &mut rooms {
        room.members = members(conn, *id)?;
        room.messages = messages(conn, *id)?;
        let mut holes = conn.prepare("SELECT lo, hi FROM holes WHERE room_id = ?1 ORDER BY lo")?;
        let rows = holes.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
        room.holes = rows.collect::<rusqlite::Result<_>>()?;
    }
    Ok(rooms)
}

fn threads(conn: &rusqlite::Connection) -> rusqlite::Result<BTreeMap<i64, ThreadRow>> {
    let mut statement =
        conn.prepare("SELECT thread_id, room_id, following, read_seq, user_rev FROM threads")?;
    let rows = statement.query_map([], |row| {
        let thread = ThreadRow {
            room: row.get(1)?,
            following: row.get(2)?,
            read_seq: row.get(3)?,
            user_rev: row.get(4)?,
        };
        Ok((row.get(0)?, thread))
    })?;
    rows.collect()
}

fn drafts(conn: &rusqlite::Connection) -> rusqlite::Result<BTreeMap<(i64, i64), DraftRow>> {
    let mut statement =
        conn.prepare("SELECT room_id, thread_id, content, reply_to, aside FROM drafts")?;
    let rows = statement.query_map([], |row| {
        let draft = DraftRow::read((row.get(2)?, row.get(3)?, row.get(4)?));
        Ok(((row.get(0)?, row.get(1)?), draft))
    })?;
    rows.collect()
}

fn members(conn: &rusqlite::Connection, room: i64) -> rusqlite::Result<BTreeMap<i64, MemberRow>> {
    let mut statement = conn.prepare(
        "SELECT user_id, username, display_name, role, state, rev, joined_at
         FROM members WHERE room_id = ?1",
    )?;
    let rows = statement.query_map([room], |row| {
        let member = MemberRow {
            username: row.get(1)?,
            display_name: row.get(2)?,
            role: row.get(3)?,
            state: row.get(4)?,
            rev: row.get(5)?,
            joined_at: row.get(6)?,
        };
        Ok((row.get(0)?, member))
    })?;
    rows.collect()
}

fn messages(conn: &rusqlite::Connection, room: i64) -> rusqlite::Result<BTreeMap<i64, MessageRow>> {
    let mut statement = conn.prepare(
        "SELECT message_id, seq, rev, sender_id, client_id, content, reply_to, created_at,
                edited_at, deleted_at, reactions, pinned, forwarded, expires_at,
                expire_after_read_s, thread_id, also_in_room, thread, deleted_rev, poll
         FROM messages WHERE room_id = ?1",
    )?;
    let rows = statement.query_map([room], |row| {
        let (reactions, pinned, forwarded): (String, String, String) =
            (row.get(10)?, row.get(11)?, row.get(12)?);
        let message = MessageRow {
            id: row.get(0)?,
            seq: row.get(1)?,
            rev: row.get(2)?,
            sender: row.get(3)?,
            client_id: row.get(4)?,
            content: row.get(5)?,
            reply_to: row.get(6)?,
            created_at: row.get(7)?,
            edited_at: row.get(8)?,
            deleted_at: row.get(9)?,
            reactions: written(&reactions).unwrap_or_default(),
            pinned: written::<Pinned>(&pinned).map(|pinned| (pinned.by.0, pinned.at.0)),
            forwarded_from: origin(&forwarded),
            expires_at: row.get(13)?,
            after_read_s: row.get(14)?,
            thread: row.get(15)?,
            also_in_room: row.get(16)?,
            replies: written::<ThreadSummary>(&row.get::<_, String>(17)?)
                .map(|thread| (thread.replies, thread.last_seq.0)),
            deleted_rev: row.get(18)?,
            poll: written(&row.get::<_, String>(19)?),
        };
        Ok((message.seq, message))
    })?;
    rows.collect()
}
