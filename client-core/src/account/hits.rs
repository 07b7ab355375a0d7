//! Searching: what is on this machine at once, and what the server finds beside it.

use std::collections::{HashMap, HashSet};

use erc_protocol::{
    ErrorCode, Message, RoomId, UserId,
    api::search::{SearchRequest, SearchResults, Sort},
    limit,
    search::{Highlights, Named, Now, Query, is_called},
};
use reqwest::Method;
use rusqlite::Connection;

use super::{api::Api, views};
use crate::{
    SafeText,
    cache::{
        blocks,
        rooms::{self, RoomRow},
        search::{self, Sought},
    },
    clock::Clock,
    error::{Error, Result},
    view::{Found, FoundIn, Hit},
};

/// How much of a message stands in a line.
const LINE_CHARS: u32 = 200;

/// A search as somebody asks it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    written: String,
    query: Query,
    room: Option<RoomId>,
    limit: u32,
    now: Now,
}

impl Asked {
    /// Reads a query; one that makes no sense is [`Error::Invalid`], with the place.
    pub(crate) fn new(
        clock: &Clock,
        written: &str,
        room: Option<RoomId>,
        limit: u32,
    ) -> Result<Self> {
        let time = clock.now();
        let offset = clock.zone().to_offset(time.to_jiff()).seconds();
        let now = Now {
            time,
            offset_minutes: offset / 60,
        };
        let query = Query::parse(written, now).map_err(|e| Error::Invalid(e.to_string()))?;
        Ok(Self {
            written: written.to_owned(),
            query,
            room,
            limit,
            now,
        })
    }

    /// Hits among the messages that are on this machine, newest first.
    pub(crate) fn here(&self, conn: &Connection, me: UserId) -> Result<Vec<Hit>> {
        if self.query.clauses.is_empty() {
            return Ok(Vec::new());
        }
        let mut rooms = Names::default();
        let people = self.named(conn, me, &mut rooms)?;
        let sought = Sought {
            query: &self.query,
            named: &people,
            room: self.room,
            now: self.now.time,
        };
        let mut hits = Vec::new();
        for row in search::find(conn, &sought, self.limit)? {
            hits.extend(self.hit(conn, me, &row, &mut rooms, None)?);
        }
        Ok(hits)
    }

    fn named(&self, conn: &Connection, me: UserId, known: &mut Names) -> Result<Named> {
        let mut named = Named::new(me);
        for (name, _) in self.query.people() {
            named.name_people(name, search::people(conn, name)?);
        }
        for (wanted, _) in self.query.rooms() {
            let person = wanted.trim_start_matches('@');
            let mut called = Vec::new();
            for room in rooms::joined(conn)? {
                let name = known.of(conn, me, &room)?;
                if is_called(name.as_str(), wanted) || is_called(name.as_str(), person) {
                    called.push(room.id);
                }
            }
            named.name_rooms(wanted, called);
        }
        Ok(named)
    }

    /// One line around the first match, and where in it the words are. `None` in a room that this
    /// machine does not know, unless its name is given.
    fn hit(
        &self,
        conn: &Connection,
        me: UserId,
        row: &Message,
        names: &mut Names,
        told_name: Option<&str>,
    ) -> Result<Option<Hit>> {
        let room = rooms::get(conn, row.chat_room_id)?;
        let room_name = match (room, told_name) {
            (Some(room), _) => names.of(conn, me, &room)?,
            (None, Some(told)) => SafeText::line(told),
            (None, None) => return Ok(None),
        };
        let (text, matches) = excerpt(&row.content, &self.query);
        Ok(Some(Hit {
            room_id: row.chat_room_id,
            room_name,
            message_id: row.message_id,
            seq: row.seq,
            thread_id: row.thread_id.filter(|_| !row.is_in_room()),
            sender: views::sender(conn, row.chat_room_id, row)?,
            blocked: blocks::has(conn, row.sender_id)?,
            at: row.created_at,
            text,
            matches,
            found_in: FoundIn::Here,
        }))
    }

    fn request(&self) -> SearchRequest {
        SearchRequest {
            query: self.written.clone(),
            room_id: self.room,
            limit: Some(i64::from(self.limit).min(limit::SEARCH_HITS)),
            cursor: None,
            sort: Sort::Newest,
            utc_offset: self.now.offset_minutes,
        }
    }

    /// Asks the server; `None` if it can't be reached, or is too old to know.
    pub(crate) async fn ask(&self, api: &Api) -> Result<Option<SearchResults>> {
        if self.query.clauses.is_empty() {
            return Ok(None);
        }
        let answer = api
            .send(Method::POST, "/chat/search", Some(&self.request()))
            .await;
        match answer {
            Ok(results) => Ok(Some(results)),
            Err(Error::Offline(reason)) => {
                tracing::debug!(reason, "only this machine is searched");
                Ok(None)
            }
            Err(Error::Refused(body))
                if matches!(
                    body.code,
                    ErrorCode::MethodNotAllowed | ErrorCode::RateLimited | ErrorCode::Unavailable
                ) || (body.code == ErrorCode::NotFound && self.room.is_none()) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What is here and what the server found, each message once, newest first.
    pub(crate) fn merge(
        &self,
        conn: &Connection,
        me: UserId,
        answer: Option<SearchResults>,
    ) -> Result<Found> {
        let here = self.here(conn, me)?;
        let Some(answer) = answer else {
            let is_whole = here.len() < self.limit as usize;
            return Ok(Found {
                hits: here,
                asked_server: false,
                complete: false,
                more: !is_whole,
            });
        };
        let mut rooms = Names::default();
        let ids: HashSet<_> = here.iter().map(|hit| hit.message_id).collect();
        let theirs: HashSet<_> = answer
            .hits
            .iter()
            .map(|hit| hit.message.message_id)
            .collect();
        // What is older than the end of the server's page may follow on its next one.
        let told_from = answer.hits.last().filter(|_| answer.cursor.is_some());
        let told_from = told_from.map(|hit| hit.message.created_at);
        let mut hits = Vec::new();
        for mut hit in here {
            hit.found_in = if theirs.contains(&hit.message_id) {
                FoundIn::Everywhere
            } else if told_from.is_none_or(|from| hit.at >= from) {
                FoundIn::OnlyHere
            } else {
                FoundIn::Here
            };
            hits.push(hit);
        }
        for found in &answer.hits {
            if !ids.contains(&found.message.message_id) {
                let told = Some(found.room_name.as_str());
                let hit = self.hit(conn, me, &found.message, &mut rooms, told)?;
                hits.extend(hit.map(|hit| Hit {
                    found_in: FoundIn::OnServer,
                    ..hit
                }));
            }
        }
        hits.sort_by_key(|hit| std::cmp::Reverse((hit.at, hit.message_id)));
        let is_cut = hits.len() > self.limit as usize;
        hits.truncate(self.limit as usize);
        Ok(Found {
            hits,
            asked_server: true,
            complete: answer.coverage.complete,
            more: is_cut || answer.cursor.is_some(),
        })
    }
}

/// Names of rooms that were looked up.
#[derive(Default)]
struct Names(HashMap<RoomId, SafeText>);

impl Names {
    fn of(&mut self, conn: &Connection, me: UserId, room: &RoomRow) -> Result<SafeText> {
        if let Some(name) = self.0.get(&room.id) {
            return Ok(name.clone());
        }
        let name = views::room_name(conn, me, room)?;
        self.0.insert(room.id, name.clone());
        Ok(name)
    }
}

/// One line around the first match, and the byte ranges in it that matched.
fn excerpt(content: &str, query: &Query) -> (SafeText, Vec<(usize, usize)>) {
    let whole = SafeText::line(content);
    let (from, to) = Highlights::of(query.texts(), whole.as_str()).snippet;
    let mut line = String::new();
    if from > 0 {
        line.push('…');
    }
    let count = (to - from).min(LINE_CHARS);
    line.extend(
        whole
            .as_str()
            .chars()
            .skip(from as usize)
            .take(count as usize),
    );
    let line = SafeText::line(&line);
    let starts: Vec<usize> = line
        .as_str()
        .char_indices()
        .map(|(at, _)| at)
        .chain([line.as_str().len()])
        .collect();
    let byte = |place: u32| starts.get(place as usize).copied();
    let ranges = Highlights::of(query.texts(), line.as_str()).ranges;
    let matches = ranges
        .into_iter()
        .filter_map(|(from, to)| byte(from).zip(byte(to)));
    (line, matches.collect())
}

#[cfg(test)]
mod tests;
