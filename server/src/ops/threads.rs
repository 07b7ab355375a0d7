//! Threads: who follows them, how far they have read, and what is in them.

use std::collections::HashMap;

use erc_protocol::{
    Message, MessageId, Rev, RoomId, Seq, UserId, UserThread, limit,
    sync::Unread,
    thread::{FollowedThread, FollowedThreads, ThreadList, ThreadPage, ThreadQuery, ThreadUnread},
};

use super::Actor;
use super::access::Access;
use super::change::Change;
use super::committer::{Done, Lane, Receipt};
use super::error::{Error, Result};
use crate::app::App;
use crate::rules::permission::Action;
use crate::rules::visibility::Visibility;
use crate::store::{self, MessageRow, Tx, UserThreadRow};

/// A root and what decides about its thread. Somebody sees a thread if they see the root or one of
/// the replies.
pub(super) async fn thread_of(
    tx: &mut Tx,
    actor: Actor,
    id: MessageId,
) -> Result<(MessageRow, Access)> {
    let unknown = || Error::not_found("message");
    let row = tx.message(id).await?.ok_or_else(unknown)?;
    let access = Access::load(tx, row.room_id, actor.user).await;
    let access = access.map_err(|error| match error {
        Error::Refused(_) => unknown(),
        failure => failure,
    })?;
    let newest = row.thread_last_seq.map(Seq);
    let is_seen = access.visibility().is_some_and(|visible| {
        visible.allows(row.seq) || newest.is_some_and(|seq| visible.allows(seq))
    });
    if !is_seen {
        return Err(unknown());
    }
    if row.thread_id.is_some() {
        let why = "this is a reply in a thread: name the message that began it";
        return Err(Error::invalid("thread_id", why));
    }
    access.check(Action::Read)?;
    Ok((row, access))
}

/// A user's row with what is unread, as of the room's moment.
async fn seen(tx: &mut Tx, row: &UserThreadRow, access: &Access) -> Result<UserThread> {
    Ok(UserThread {
        thread_id: row.thread_id,
        room_id: row.room_id,
        following: row.following,
        read_seq: row.read_seq,
        unread: unread(tx, row, access).await?,
        user_rev: row.user_rev,
    })
}

async fn unread(tx: &mut Tx, row: &UserThreadRow, access: &Access) -> Result<Unread> {
    let (last, rev) = (access.room.last_seq, access.room.rev);
    let mut unread = Unread {
        count: 0,
        mentions: 0,
        read_seq: row.read_seq,
        at_seq: last,
        at_rev: rev,
    };
    let Some(visible) = access.visibility().filter(|_| row.following) else {
        return Ok(unread);
    };
    let after = visible.unread_after(row.read_seq);
    if after < last {
        let (top, user) = (row.thread_id, row.user_id);
        unread.count = tx
            .count_unread_replies(top, user, after, (last, rev))
            .await?;
        unread.mentions = tx
            .count_mentions_in_thread((row.room_id, top), user, after, last)
            .await?;
    }
    Ok(unread)
}

fn blank(user: UserId, row: &MessageRow) -> UserThreadRow {
    UserThreadRow {
        user_id: user,
        thread_id: row.id,
        room_id: row.room_id,
        following: false,
        read_seq: Seq::ZERO,
        user_rev: erc_protocol::UserRev::ZERO,
    }
}

/// Follows a thread from now on, or no longer. What is so already is no change.
pub async fn follow(
    app: &App,
    actor: Actor,
    id: MessageId,
    on: bool,
) -> Result<Receipt<UserThread>> {
    app.committer
        .submit(Lane::User(actor.user), move |tx, _| {
            Box::pin(async move {
                tx.users_for_update(&[actor.user]).await?;
                let (message, access) = thread_of(tx, actor, id).await?;
                let held = tx.user_thread(actor.user, id).await?;
                let mut row = held.unwrap_or_else(|| blank(actor.user, &message));
                if row.following == on {
                    return Ok(Done::unchanged(seen(tx, &row, &access).await?));
                }
                row.following = on;
                if on {
                    row.read_seq = row.read_seq.max(access.room.last_seq);
                }
                put(tx, &mut row).await?;
                if on {
                    let_go(tx, actor.user).await?;
                }
                let row = seen(tx, &row, &access).await?;
                Ok(Done::new(row, vec![Change::User(actor.user)]))
            })
        })
        .await
}

/// Marks a followed thread read up to a place. Beyond the room's newest message means the newest;
/// below the mark, or for who doesn't follow, it means nothing.
pub async fn read(app: &App, actor: Actor, id: MessageId, seq: Seq) -> Result<Receipt<UserThread>> {
    app.committer
        .submit(Lane::User(actor.user), move |tx, _| {
            Box::pin(async move {
                tx.users_for_update(&[actor.user]).await?;
                let (message, access) = thread_of(tx, actor, id).await?;
                let held = tx.user_thread(actor.user, id).await?;
                let mut row = held.unwrap_or_else(|| blank(actor.user, &message));
                let seq = seq.min(access.room.last_seq);
                if !row.following || seq <= row.read_seq {
                    return Ok(Done::unchanged(seen(tx, &row, &access).await?));
                }
                row.read_seq = seq;
                put(tx, &mut row).await?;
                let row = seen(tx, &row, &access).await?;
                Ok(Done::new(row, vec![Change::User(actor.user)]))
            })
        })
        .await
}

/// Writes a row under its owner's next number.
async fn put(tx: &mut Tx, row: &mut UserThreadRow) -> store::Result<()> {
    row.user_rev = tx.next_user_rev(row.user_id).await?;
    tx.put_user_thread(row).await
}

/// One who follows more threads than may be lets go of the quietest.
async fn let_go(tx: &mut Tx, user: UserId) -> store::Result<()> {
    while let Some(mut row) = tx.quietest_thread(user, limit::FOLLOWED_THREADS).await? {
        row.following = false;
        put(tx, &mut row).await?;
    }
    Ok(())
}

/// Who takes part in a thread from a place on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Joins {
    pub(super) user: UserId,
    pub(super) thread: MessageId,
    pub(super) room: RoomId,
    pub(super) seq: Seq,
    /// Follows only if they have never decided about it.
    pub(super) unasked: bool,
}

/// Makes those follow who write in a thread, are named in it or began it: from their place on, so
/// that what names them is unread. Answers whose rows changed. The rooms are locked; users are locked
/// after them, in order.
pub(super) async fn join_all(tx: &mut Tx, mut joins: Vec<Joins>) -> store::Result<Vec<UserId>> {
    let mut tops: Vec<_> = joins.iter().map(|one| one.thread).collect();
    tops.sort_unstable();
    tops.dedup();
    if tops.is_empty() {
        return Ok(Vec::new());
    }
    let held = tx.users_of_threads(&tops).await?;
    let held: HashMap<_, _> = held
        .into_iter()
        .map(|row| ((row.user_id, row.thread_id), row))
        .collect();
    joins.retain(|one| {
        held.get(&(one.user, one.thread))
            .is_none_or(|row| !row.following && !one.unasked)
    });
    // For each the earliest place counts.
    joins.sort_unstable();
    joins.dedup_by_key(|one| (one.user, one.thread));
    let mut users: Vec<_> = joins.iter().map(|one| one.user).collect();
    users.dedup();
    tx.users_for_update(&users).await?;
    for one in joins {
        let mut row = UserThreadRow {
            user_id: one.user,
            thread_id: one.thread,
            room_id: one.room,
            following: true,
            read_seq: one.seq.prev(),
            user_rev: erc_protocol::UserRev::ZERO,
        };
        put(tx, &mut row).await?;
        let_go(tx, one.user).await?;
    }
    Ok(users)
}

/// A message was deleted: if it stood in a thread, the root tells of one reply less.
pub(super) async fn shrunk(tx: &mut Tx, message: &Message) -> Result<Option<Change>> {
    let Some(top) = message.thread_id else {
        return Ok(None);
    };
    let rev = tx.next_rev(message.chat_room_id).await?;
    tx.write_thread(top, rev).await?;
    let row = tx.message(top).await?;
    Ok(row.map(|row| Change::message_updated(&row.into())))
}

/// How many replies are unread in those threads of a room of which a batch after `from` tells.
pub(super) async fn to_tell(
    tx: &mut Tx,
    user: UserId,
    access: &Access,
    from: Rev,
) -> Result<Vec<ThreadUnread>> {
    let rows = tx.threads_to_tell(user, access.room.id, from).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push(ThreadUnread {
            thread_id: row.thread_id,
            unread: unread(tx, &row, access).await?,
        });
    }
    Ok(told)
}

/// A user's rows as only they see them. A thread of a room that they are not in has nothing unread.
pub(super) async fn mine(
    tx: &mut Tx,
    user: UserId,
    rows: &[UserThreadRow],
) -> Result<Vec<UserThread>> {
    let mut mine = Vec::with_capacity(rows.len());
    for row in rows {
        mine.push(match Access::load(tx, row.room_id, user).await {
            Ok(access) => seen(tx, row, &access).await?,
            // The room was deleted, and its threads with it.
            Err(Error::Refused(_)) => continue,
            Err(failure) => return Err(failure),
        });
    }
    Ok(mine)
}

fn valid_limit(limit: Option<i64>, usual: i64, most: i64) -> Result<i64> {
    let limit = limit.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(Error::invalid("limit", format!("from 1 to {most}")))
    }
}

fn valid_before(before: Option<Seq>) -> Result<Seq> {
    let before = before.unwrap_or(Seq(limit::MAX_SAFE_INTEGER));
    if (0..=limit::MAX_SAFE_INTEGER).contains(&before.0) {
        Ok(before)
    } else {
        let why = "a place is a number from 0 to 2^53 - 1";
        Err(Error::invalid("before_seq", why))
    }
}

fn visible(access: &Access) -> Result<Visibility> {
    access.visibility().ok_or_else(|| Error::not_found("room"))
}

/// Replies of a thread, newest last.
pub async fn page(
    app: &App,
    actor: Actor,
    id: MessageId,
    query: ThreadQuery,
) -> Result<ThreadPage> {
    let usual = limit::PAGE_MESSAGES_DEFAULT;
    let limit = valid_limit(query.limit, usual, limit::PAGE_MESSAGES)?;
    let before = valid_before(query.before_seq)?;
    let mut tx = app.db.snapshot().await?;
    let (message, access) = thread_of(&mut tx, actor, id).await?;
    let visible = visible(&access)?;
    let mut rows = tx
        .replies_before(id, visible.first(), before, limit + 1)
        .await?;
    let has_more = rows.len() as i64 > limit;
    if has_more {
        rows.remove(0);
    }
    let held = tx.user_thread(actor.user, id).await?;
    let row = held.unwrap_or_else(|| blank(actor.user, &message));
    let mine = seen(&mut tx, &row, &access).await?;
    Ok(ThreadPage {
        root: visible.allows(message.seq).then(|| message.into()),
        messages: rows.into_iter().map(Message::from).collect(),
        has_more,
        mine,
    })
}

/// A room's threads, the last answered first.
pub async fn of_room(
    app: &App,
    actor: Actor,
    room: RoomId,
    query: ThreadQuery,
) -> Result<ThreadList> {
    let limit = valid_limit(query.limit, limit::THREAD_PAGE, limit::THREAD_PAGE)?;
    let before = valid_before(query.before_seq)?;
    let mut tx = app.db.snapshot().await?;
    let access = Access::load(&mut tx, room, actor.user).await?;
    access.check(Action::Read)?;
    let first = visible(&access)?.first();
    let mut rows = tx.threads_before(room, first, before, limit + 1).await?;
    let has_more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let tops = rows.into_iter().map(Message::from).collect();
    Ok(ThreadList {
        roots: tops,
        has_more,
    })
}

/// What the actor follows, the last answered first.
pub async fn followed(app: &App, actor: Actor) -> Result<FollowedThreads> {
    let mut tx = app.db.snapshot().await?;
    let rows = tx
        .followed_threads(actor.user, 0, limit::FOLLOWED_THREADS)
        .await?;
    let mut threads = Vec::with_capacity(rows.len());
    for row in rows {
        let access = Access::load(&mut tx, row.room_id, actor.user).await?;
        let message = tx.message(row.thread_id).await?;
        let visible = visible(&access)?;
        threads.push(FollowedThread {
            root: message
                .filter(|message| visible.allows(message.seq))
                .map(Message::from),
            mine: seen(&mut tx, &row, &access).await?,
        });
    }
    Ok(FollowedThreads { threads })
}
