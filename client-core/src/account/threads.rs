//! Threads: read from the cache, written through the outbox.

use erc_protocol::{Message, MessageId, RoomId, Seq, UserId, UserThread, thread::ThreadList};
use rusqlite::Connection;

use super::{Account, intent::Want, views};
use crate::{
    SafeText,
    cache::{drafts, messages, rooms, threads},
    error::{Error, Result},
    outbox::compose,
    timeline::{load, merge, message},
    unread,
    view::{Item, OpenedRoom, ThreadLine, ThreadView, Update},
};

/// The cache's view of one user at one moment.
struct Eyes {
    me: UserId,
    now: erc_protocol::Timestamp,
    zone: jiff::tz::TimeZone,
}

impl Eyes {
    fn line(
        &self,
        conn: &Connection,
        room: &rooms::RoomRow,
        thread: MessageId,
        top: Option<&Message>,
        row: Option<&UserThread>,
    ) -> Result<ThreadLine> {
        let told = top.and_then(|top| top.thread);
        let (following, replies) = match row {
            Some(row) => (
                unread::is_followed(conn, row)?,
                unread::of_thread(conn, self.me, room, row)?,
            ),
            None => (false, unread::Replies::default()),
        };
        Ok(ThreadLine {
            room_id: room.id,
            room: views::room_name(conn, self.me, room)?,
            thread_id: thread,
            sender: top
                .map(|top| views::sender(conn, room.id, top))
                .transpose()?
                .unwrap_or_default(),
            text: match top {
                Some(top) if top.is_deleted() => SafeText::line("message deleted"),
                Some(top) => views::line(top),
                None => SafeText::default(),
            },
            replies: told.map_or(0, |told| told.replies),
            last_at: told.map(|told| told.last_at),
            last: told.map_or_else(String::new, |told| {
                message::moment(told.last_at, self.now, &self.zone)
            }),
            following,
            unread: replies.count,
            mentions: replies.mentions,
            has_draft: drafts::used(conn)?.contains(&(room.id, Some(thread))),
        })
    }
}

impl Account {
    fn eyes(&self) -> Eyes {
        Eyes {
            me: self.shared.my_id(),
            now: self.shared.clock.now(),
            zone: self.shared.clock.zone(),
        }
    }

    /// Threads that this user follows: those with something unread first, then the last answered.
    pub fn threads(&self) -> Result<Vec<ThreadLine>> {
        let eyes = self.eyes();
        let mut unknown = Vec::new();
        let mut lines = self.shared.store.read(|conn| {
            let mut lines = Vec::new();
            for row in threads::followed(conn)? {
                let Some(room) = rooms::get(conn, row.room_id)? else {
                    continue;
                };
                let top = messages::by_id(conn, row.thread_id)?;
                if top.is_none() {
                    unknown.push((room.id, row.thread_id));
                }
                let line = eyes.line(conn, &room, row.thread_id, top.as_ref(), Some(&row))?;
                lines.push(line);
            }
            Ok(lines)
        })?;
        for (room, id) in unknown {
            self.want(Want::Quote { room, id });
        }
        lines
            .sort_by_key(|line| std::cmp::Reverse((line.unread > 0, line.last_at, line.thread_id)));
        Ok(lines)
    }

    /// A room's threads, the last answered first: what the server says, or what is held here if it
    /// can't be reached.
    pub async fn threads_of_room(&self, room: RoomId) -> Result<Vec<ThreadLine>> {
        let path = format!("/chat/rooms/{room}/threads");
        let told = self.shared.api.get::<ThreadList>(&path, &[]).await;
        let eyes = self.eyes();
        self.shared.store.read(|conn| {
            let tops = match told {
                Err(Error::Offline(_)) => messages::with_threads(conn, room)?,
                told => told?.roots,
            };
            let room = rooms::get(conn, room)?.ok_or(Error::NotFound)?;
            let line = |top: &Message| {
                let row = threads::get(conn, top.message_id)?;
                eyes.line(conn, &room, top.message_id, Some(top), row.as_ref())
            };
            tops.iter().map(line).collect()
        })
    }

    /// A thread with its newest replies. `unread_after`: where the unread line stands
    /// ([`Self::open_thread`]). What is not here is asked for when a view wants it
    /// ([`Self::fill_thread`]).
    pub fn thread(
        &self,
        room: RoomId,
        thread: MessageId,
        count: u32,
        unread_after: Option<Seq>,
    ) -> Result<ThreadView> {
        let me = self.shared.me();
        let (now, zone) = (self.shared.clock.now(), self.shared.clock.zone());
        let view = self.shared.store.read(|conn| {
            let held = rooms::get(conn, room)?.ok_or(Error::NotFound)?;
            let source = load::thread(conn, &held, thread, count, now)?;
            let mut setting = load::setting(conn, &held, &source, &me, unread_after, (now, zone))?;
            // The thread is all there is to see here, up to its end.
            setting.unread_beyond = 0;
            let top = messages::by_id(conn, thread)?.filter(|row| row.chat_room_id == room);
            let row = threads::get(conn, thread)?;
            let (following, replies) = match &row {
                Some(row) => (
                    unread::is_followed(conn, row)?,
                    unread::of_thread(conn, me.id, &held, row)?,
                ),
                None => (false, unread::Replies::default()),
            };
            let can = held.can(me.role, now);
            Ok(ThreadView {
                room_id: room,
                thread_id: thread,
                timeline: merge::build(&source, &setting),
                has_root: top.is_some(),
                replies: top
                    .and_then(|top| top.thread)
                    .map_or(0, |told| told.replies),
                following,
                unread: replies.count,
                mentions: replies.mentions,
                can_send: can.contains(&erc_protocol::Capability::Send),
            })
        })?;
        self.want_quotes(room, &view.timeline);
        Ok(view)
    }

    /// The view shows this thread: where its unread line stands, and how much is unread. What is
    /// missing of it is asked for.
    pub fn open_thread(&self, room: RoomId, thread: MessageId) -> Result<Option<OpenedRoom>> {
        let me = self.shared.my_id();
        let (opened, is_whole) = self.shared.store.read(|conn| {
            let held = rooms::get(conn, room)?.ok_or(Error::NotFound)?;
            let row = threads::get(conn, thread)?.filter(|row| row.following);
            let opened = match &row {
                Some(row) => Some(OpenedRoom {
                    read_seq: unread::thread_mark(conn, row)?,
                    unread: unread::of_thread(conn, me, &held, row)?.count,
                }),
                None => None,
            };
            Ok((opened, unread::is_whole(conn, thread)?))
        })?;
        if !is_whole {
            self.fill_thread(room, thread);
        }
        Ok(opened)
    }

    /// Ask for what of a thread is not here; it arrives as an update. Asking twice is one question.
    pub fn fill_thread(&self, room: RoomId, thread: MessageId) {
        self.want(Want::Thread { room, top: thread });
    }

    /// Follows a thread or no longer, through the outbox.
    pub async fn follow_thread(&self, room: RoomId, thread: MessageId, on: bool) -> Result<()> {
        let author = self.author();
        self.queue(room, move |tx| {
            compose::follow(tx, author, room, thread, on)
        })
        .await?;
        self.shared.tell(Update::Threads);
        Ok(())
    }

    /// A followed thread was read up to and including this place. Never goes back.
    pub async fn mark_thread_read(&self, room: RoomId, thread: MessageId, seq: Seq) -> Result<()> {
        let author = self.author();
        let has_moved = self
            .shared
            .store
            .write(move |tx| compose::read_thread(tx, author, room, thread, seq))
            .await?;
        if has_moved {
            self.shared.outbox_changed.notify_one();
            self.shared.tell(Update::Timeline(room));
            self.shared.tell(Update::Threads);
        }
        Ok(())
    }
}

/// The newest place that a view of a thread shows.
impl ThreadView {
    #[must_use]
    pub fn newest(&self) -> Option<Seq> {
        let seqs = self.timeline.items.iter().filter_map(|item| match item {
            Item::Message(message) => message.seq,
            _ => None,
        });
        seqs.max()
    }
}
