//! People, rooms and messages, written with the server's own store before it starts: ten thousand
//! sign-ins over REST would measure Argon2.

use std::path::Path;

use anyhow::{Context as _, Result};
use erc_protocol::{
    History, MemberState, Message, MessageType, Rev, RoomId, RoomKind, RoomRole, Seq, ServerRole,
    SessionId, Timestamp, UserId,
};
use erc_server::auth::password::Passwords;
use erc_server::auth::token::{Access, Tokens, opaque};
use erc_server::clock::{self, Clock};
use erc_server::store::{Db, Kind, NewMessage, NewRoom, NewSession, NewUser, Place, Tx};

use super::frames::WORDS;
use super::process::SECRET;

/// Rows in one transaction or statement.
const BATCH: usize = 256;

/// Everybody who was made, each with a session.
pub struct Population {
    pub people: Vec<(UserId, SessionId)>,
    /// In the order of the sizes that were asked for.
    pub rooms: Vec<RoomId>,
    tokens: Tokens,
}

impl Population {
    /// A fresh access token of a person.
    #[must_use]
    pub fn token(&self, person: usize) -> String {
        let (user, session) = self.people[person];
        let access = Access {
            user,
            session,
            generation: 1,
            // Old: the bench is about no newcomers.
            since: Timestamp(0),
        };
        self.tokens.sign(access, Clock::System.now())
    }
}

/// Where a server on this folder keeps its database.
#[must_use]
pub fn sqlite_url(data: &Path) -> String {
    format!("sqlite:{}", data.join("erc.db").display())
}

/// Makes `people`, and a room for each range of them (places in the list of people).
pub async fn furnish(
    url: &str,
    people: usize,
    rooms: &[std::ops::Range<usize>],
) -> Result<Population> {
    let db = Db::open(url).await?;
    let now = Clock::System.now();
    let mut made = Vec::with_capacity(people);
    let mut tx = db.begin().await?;
    for number in 0..people {
        made.push(person(&mut tx, number, now).await?);
    }
    tx.commit().await?;
    let mut ids = Vec::with_capacity(rooms.len());
    for some in rooms.chunks(BATCH) {
        let mut tx = db.begin().await?;
        for range in some {
            ids.push(room(&mut tx, &made, range.clone(), now).await?);
        }
        tx.commit().await?;
    }
    db.close().await;
    Ok(Population {
        people: made,
        rooms: ids,
        tokens: Tokens::new(SECRET.as_bytes()),
    })
}

async fn person(tx: &mut Tx, number: usize, now: Timestamp) -> Result<(UserId, SessionId)> {
    let user = NewUser {
        username: format!("person{number}"),
        display_name: format!("Person {number}"),
        role: ServerRole::Member,
        password_hash: None,
    };
    let user = tx.insert_user(&user, now).await?.id;
    let session = NewSession {
        id: clock::new_session_id(),
        user_id: user,
        device_name: "bench".into(),
        refresh_hash: opaque().1,
    };
    tx.insert_session(&session, now).await?;
    tx.confirm_generation(session.id, 1, now).await?;
    Ok((user, session.id))
}

async fn room(
    tx: &mut Tx,
    people: &[(UserId, SessionId)],
    members: std::ops::Range<usize>,
    now: Timestamp,
) -> Result<RoomId> {
    let new = NewRoom {
        name: format!("Room of {}", members.len()),
        topic: String::new(),
        kind: RoomKind::Group,
        is_private: false,
        history: History::Shared,
        created_by: people[members.start].0,
        client_id: clock::new_client_id(),
        direct_key: None,
    };
    let room = tx.insert_room(&new, now).await?.id;
    for (user, _) in &people[members] {
        let place = Place {
            room_id: room,
            user_id: *user,
            role: RoomRole::Member,
            state: MemberState::Joined,
            rev: tx.next_rev(room).await?,
            joined_at: now,
            read_seq: Seq::ZERO,
            first_visible_seq: Seq(1),
            user_rev: tx.next_user_rev(*user).await?,
            marked_unread: false,
            muted_until: None,
            level: erc_protocol::Level::Usual,
            hushed_until: None,
            request: erc_protocol::RequestState::None,
        };
        tx.put_place(&place).await?;
    }
    tx.recount_members(room).await?;
    Ok(room)
}

/// Adds messages of one sender to each of these rooms, as if they had been sent.
pub async fn write_history(
    url: &str,
    rooms: &[RoomId],
    sender: UserId,
    count: usize,
) -> Result<()> {
    let db = Db::open(url).await?;
    for some in rooms.chunks(BATCH) {
        let mut left = count;
        while left > 0 {
            let now = left.min(16 * BATCH / some.len()).max(1);
            let mut tx = db.begin().await?;
            for room in some {
                add_messages(&mut tx, *room, sender, now).await?;
            }
            tx.commit().await?;
            left -= now;
        }
    }
    db.close().await;
    Ok(())
}

async fn add_messages(tx: &mut Tx, room: RoomId, sender: UserId, count: usize) -> Result<()> {
    let mut head = tx.room_for_update(room).await?.context("no such room")?;
    let first = tx.take_ids(Kind::Message, count as i64).await?;
    let messages: Vec<_> = (0..count as i64)
        .map(|n| {
            message(
                (room, sender),
                first + n,
                head.last_seq.0 + n + 1,
                head.rev.0 + n + 1,
            )
        })
        .collect();
    for some in messages.chunks(BATCH) {
        tx.insert_messages(some).await?;
    }
    head.last_seq = Seq(head.last_seq.0 + count as i64);
    head.rev = Rev(head.rev.0 + count as i64);
    Ok(tx.advance_rooms(&[&head.into()]).await?)
}

/// Lets somebody sign in by password.
pub async fn set_password(url: &str, user: UserId, password: &str) -> Result<()> {
    let hash = Passwords::new().hash(password).await;
    let db = Db::open(url).await?;
    let mut tx = db.begin().await?;
    tx.set_password(user, &hash).await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}

fn message((room, sender): (RoomId, UserId), id: i64, seq: i64, rev: i64) -> NewMessage {
    NewMessage {
        message: Message {
            message_id: id.into(),
            chat_room_id: room,
            sender_id: sender,
            sender_name: String::new(),
            content: format!("{seq} {WORDS}"),
            message_type: MessageType::Text,
            created_at: Timestamp(1_700_000_000_000 + seq * 1_000),
            seq: Seq(seq),
            rev: Rev(rev),
            client_id: clock::new_client_id(),
            reply_to: None,
            thread_id: None,
            also_in_room: false,
            thread: None,
            deleted_rev: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            pinned: None,
            poll: None,
            forwarded: None,
            expiry: None,
            edited_at: None,
            deleted_at: None,
        },
        fingerprint: vec![0; 16],
    }
}
