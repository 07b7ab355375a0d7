//! Where the messages come from: the server's pages, or the cache.

use std::time::{Duration, Instant};

use erc_protocol::{
    Message, RoomId, Seq, Timestamp, UserId,
    api::rooms::{MemberList, MessagePage, MyRoom},
    error::Verdict,
    limit,
};
use serde::de::DeserializeOwned;

use super::{ExportProgress, ExportWish, ExportedPerson, ExportedRoom, Ground, Head, Missing};
use crate::{
    SafeText,
    account::views,
    cache::{self, holes, members, messages, rooms},
    error::{Error, Result},
    transport::backoff::Backoff,
};

/// How long a page is tried once the first one came.
const PATIENCE: Duration = Duration::from_mins(1);
/// Places that are read from the cache at a time.
const PLACES: i64 = 500;

pub(super) enum Source {
    Server(Pages),
    Cache(Held),
}

/// What the server is asked for.
pub(super) struct Pages {
    room: RoomId,
    /// The last place that was given.
    after: Seq,
    first: Seq,
    last: Seq,
    until: Option<Timestamp>,
    is_over: bool,
}

/// What the cache holds.
pub(super) struct Held {
    room: RoomId,
    after: Seq,
    first: Seq,
    last: Seq,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    is_over: bool,
    missing: Vec<Missing>,
}

/// Asks the server for the room, or the cache if it can't be reached.
pub(super) async fn open(
    ground: &Ground,
    room: RoomId,
    wish: ExportWish,
) -> Result<(Source, Head)> {
    if wish.here || ground.api.keys.get().tokens.is_none() {
        return held(ground, room, wish);
    }
    match pages(ground, room, wish).await {
        Err(Error::Offline(_)) => held(ground, room, wish),
        other => other,
    }
}

async fn pages(ground: &Ground, room: RoomId, wish: ExportWish) -> Result<(Source, Head)> {
    let mine: MyRoom = ground.api.get(&format!("/chat/rooms/{room}"), &[]).await?;
    let people = people(ground, room).await?;
    let me = ground.api.keys.get().user_id;
    let row = mine.room;
    let other = people.iter().find(|person| person.user_id != me);
    let title = match other {
        Some(other) if row.kind == erc_protocol::RoomKind::Direct => &other.display_name,
        _ => &row.name,
    };
    let title = SafeText::line(title);
    let after = match wish.since {
        Some(since) => before(ground, room, row.last_seq, since).await?,
        None => Seq::ZERO,
    };
    let head = head(
        ground,
        wish,
        title,
        people,
        ExportedRoom {
            id: room,
            name: row.name,
            topic: row.topic,
            kind: row.kind,
            is_private: row.is_private,
        },
    );
    let pages = Pages {
        room,
        after,
        first: after,
        last: row.last_seq,
        until: wish.until,
        is_over: false,
    };
    Ok((Source::Server(pages), head))
}

fn head(
    ground: &Ground,
    wish: ExportWish,
    title: SafeText,
    people: Vec<ExportedPerson>,
    room: ExportedRoom,
) -> Head {
    Head {
        room,
        title,
        server: ground.api.rest.base().to_string(),
        people,
        at: ground.clock.now(),
        wish,
        zone: ground.clock.zone(),
        me: ground.api.keys.get().user_id,
    }
}

async fn people(ground: &Ground, room: RoomId) -> Result<Vec<ExportedPerson>> {
    let path = format!("/chat/rooms/{room}/members");
    let mut people = Vec::new();
    let mut after = UserId(0);
    loop {
        let query = [("after", after.to_string())];
        let page: MemberList = patiently(ground, &path, &query).await?;
        let last = page.members.last().map(|member| member.user_id);
        people.extend(page.members.into_iter().map(|member| ExportedPerson {
            user_id: member.user_id,
            username: member.username,
            display_name: member.display_name,
        }));
        match last {
            Some(last) if page.has_more && last > after => after = last,
            _ => return Ok(people),
        }
    }
}

/// The last place that is older than a moment. Times go forward with places.
async fn before(ground: &Ground, room: RoomId, last: Seq, since: Timestamp) -> Result<Seq> {
    let (mut low, mut high) = (0, last.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let next = page(ground, room, Seq(middle), 1).await?.messages;
        match next.first() {
            Some(message) if message.created_at < since => low = message.seq.0,
            _ => high = middle,
        }
    }
    Ok(Seq(low))
}

async fn page(ground: &Ground, room: RoomId, after: Seq, limit: i64) -> Result<MessagePage> {
    let path = format!("/chat/rooms/{room}/messages");
    let query = [
        ("after_seq", after.to_string()),
        ("limit", limit.to_string()),
    ];
    patiently(ground, &path, &query).await
}

/// Asks again for a while where the link is cut or the server asks for a rest.
async fn patiently<T: DeserializeOwned>(
    ground: &Ground,
    path: &str,
    query: &[(&str, String)],
) -> Result<T> {
    let until = Instant::now() + PATIENCE;
    let mut backoff = Backoff::default();
    loop {
        let error = match ground.api.get(path, query).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let at_least = match &error {
            Error::Offline(_) => Duration::ZERO,
            Error::Refused(body) if body.code.verdict() == Verdict::Retry => {
                Duration::from_secs(body.retry_after.unwrap_or(0))
            }
            _ => return Err(error),
        };
        let wait = backoff.next(&mut rand::rng()).max(at_least);
        if Instant::now() + wait > until {
            return Err(error);
        }
        tokio::time::sleep(ground.clock.pace(wait)).await;
    }
}

fn held(ground: &Ground, room: RoomId, wish: ExportWish) -> Result<(Source, Head)> {
    let me = ground.api.keys.get().user_id;
    cache::peek(&ground.store, |conn| {
        let row = rooms::get(conn, room)?
            .filter(|row| row.is_known && row.state == erc_protocol::MemberState::Joined)
            .ok_or(Error::NotFound)?;
        let first = row.first_visible_seq.max(Seq(1));
        let last = row.last_seq.max(row.cursor.seq);
        let missing = holes::list(conn, room, first, last)?;
        let missing = missing.into_iter().map(|hole| Missing {
            from: (*hole.start()).max(first.0),
            to: (*hole.end()).min(last.0),
        });
        let mut missing: Vec<_> = missing.collect();
        if row.cursor.seq < last {
            missing.push(Missing {
                from: row.cursor.seq.0 + 1,
                to: last.0,
            });
        }
        let people = members::joined(conn, room)?.into_iter();
        let people = people.map(|member| ExportedPerson {
            user_id: member.user_id,
            username: member.username,
            display_name: member.display_name,
        });
        let title = views::room_name(conn, me, &row)?;
        let source = Held {
            room,
            after: first.prev(),
            first: first.prev(),
            last,
            since: wish.since,
            until: wish.until,
            is_over: false,
            missing,
        };
        let room = ExportedRoom {
            id: room,
            name: row.name.clone(),
            topic: row.topic.clone(),
            kind: row.kind,
            is_private: row.is_private,
        };
        let head = head(ground, wish, title, people.collect(), room);
        Ok((Source::Cache(source), head))
    })
}

impl Source {
    /// The next messages, oldest first; none once all were given. A page may be empty.
    pub(super) async fn next(&mut self, ground: &Ground) -> Result<Option<Vec<Message>>> {
        match self {
            Self::Server(pages) => pages.next(ground).await,
            Self::Cache(held) => held.next(ground),
        }
    }

    pub(super) fn progress(&self) -> ExportProgress {
        let (after, first, last) = match self {
            Self::Server(it) => (it.after, it.first, it.last),
            Self::Cache(it) => (it.after, it.first, it.last),
        };
        let count = |from: Seq, to: Seq| u64::try_from(to.0 - from.0).unwrap_or(0);
        let done = count(first, after);
        ExportProgress {
            done,
            of: count(first, last).max(done),
        }
    }

    pub(super) fn missing(self) -> Vec<Missing> {
        match self {
            Self::Server(_) => Vec::new(),
            Self::Cache(held) => held.missing,
        }
    }
}

impl Pages {
    async fn next(&mut self, ground: &Ground) -> Result<Option<Vec<Message>>> {
        if self.is_over {
            return Ok(None);
        }
        let mut page = page(ground, self.room, self.after, limit::PAGE_MESSAGES).await?;
        // An answer that doesn't move forward would be asked for without end.
        page.messages.retain(|message| message.seq > self.after);
        self.is_over = !page.has_more || page.messages.is_empty();
        if let Some(last) = page.messages.last() {
            self.after = last.seq;
        }
        self.is_over |= cut(&mut page.messages, self.until);
        Ok(Some(page.messages))
    }
}

impl Held {
    fn next(&mut self, ground: &Ground) -> Result<Option<Vec<Message>>> {
        if self.is_over {
            return Ok(None);
        }
        let from = Seq(self.after.0 + 1);
        let to = Seq((self.after.0 + PLACES).min(self.last.0));
        let mut rows = cache::peek(&ground.store, |conn| {
            messages::between(conn, self.room, from, to)
        })?;
        self.after = self.after.max(to);
        self.is_over = to >= self.last;
        self.is_over |= cut(&mut rows, self.until);
        // Here it may lie a moment longer than it is to be seen.
        let now = ground.clock.now();
        let is_over = |row: &Message| {
            let at = row.expiry.as_ref().and_then(|expiry| expiry.at);
            !row.is_deleted() && at.is_some_and(|at| at <= now)
        };
        rows.retain(|row| !is_over(row));
        rows.retain(|row| self.since.is_none_or(|since| row.created_at >= since));
        Ok(Some(rows))
    }
}

/// Takes out what was sent later; whether there was something.
fn cut(messages: &mut Vec<Message>, until: Option<Timestamp>) -> bool {
    let before = messages.len();
    messages.retain(|message| until.is_none_or(|until| message.created_at < until));
    messages.len() < before
}
