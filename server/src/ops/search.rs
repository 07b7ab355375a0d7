//! Searching messages: the index narrows down, the messages as they are now decide, and nothing
//! comes out that the user may not see.

mod names;
mod pages;

use std::collections::HashMap;

use erc_protocol::api::search::{Coverage, SearchHit, SearchRequest, SearchResults};
use erc_protocol::search::{Highlights, Named, Now, Query, grams};
use erc_protocol::{MemberState, Message, RoomId, Timestamp, limit};

use super::Actor;
use super::error::{Error, Result};
use crate::app::App;
use crate::rules::visibility::Visibility;
use crate::store::{HitPlace, Sought, Tx};
use pages::Cursor;

/// Candidates that are read at a time: some more than are wanted, within these bounds.
const BATCH: std::ops::RangeInclusive<usize> = 100..=500;
/// Candidates that one request looks at; the next page goes on behind them.
const CANDIDATES: usize = 3_000;
/// The same in bytes of their texts, so that a page costs a bounded time.
const BYTES: usize = 2 * 1024 * 1024;
/// The newest hits among which the best are chosen.
const POOL: usize = 500;

/// A message that fits.
struct Hit {
    message: Message,
    score: f64,
    place: HitPlace,
}

/// Hits, and where to go on.
struct Gathered {
    hits: Vec<Hit>,
    /// Behind the last candidate that was looked at, if there are more.
    next: Option<HitPlace>,
}

/// Answers a search.
pub async fn find(app: &App, actor: Actor, request: SearchRequest) -> Result<SearchResults> {
    let wanted = request.limit.unwrap_or(limit::SEARCH_HITS_DEFAULT);
    if !(1..=limit::SEARCH_HITS).contains(&wanted) {
        let reason = format!("from 1 to {}", limit::SEARCH_HITS);
        return Err(Error::invalid("limit", reason));
    }
    if request.utc_offset.unsigned_abs() > limit::UTC_OFFSET_MINUTES.unsigned_abs() {
        let reason = format!("at most {} minutes", limit::UTC_OFFSET_MINUTES);
        return Err(Error::invalid("utc_offset", reason));
    }
    let now = Now {
        time: app.clock.now(),
        offset_minutes: request.utc_offset,
    };
    let query = Query::parse(&request.query, now)
        .map_err(|error| Error::invalid("query", error.to_string()))?;
    if query.clauses.is_empty() {
        return Err(Error::invalid("query", "what is searched for?"));
    }
    let cursor = pages::read(request.cursor.as_deref(), request.sort)?;
    let mut tx = app.db.snapshot().await?;
    let rooms = visible_rooms(&mut tx, actor).await?;
    if let Some(room) = request.room_id
        && !rooms.contains_key(&room)
    {
        return Err(Error::not_found("room"));
    }
    let named = names::look_up(&mut tx, actor, &query, &rooms).await?;
    let behind = tx.index_behind(actor.user).await?;
    let searched = Search {
        sought: sought(&query, &named, &rooms, request.room_id),
        query,
        named,
        rooms,
        now: now.time,
    };
    let wanted = usize::try_from(wanted).unwrap_or(0);
    let (hits, next, is_whole) = match cursor {
        Cursor::Behind(place) => {
            let Gathered { hits, next } = searched.gather(&mut tx, place, wanted).await?;
            (hits, next.map(Cursor::Behind), true)
        }
        Cursor::From(first) => {
            let Gathered { mut hits, next } =
                searched.gather(&mut tx, HitPlace::NEWEST, POOL).await?;
            hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.place.cmp(&a.place)));
            let more = hits.len() > first + wanted;
            let page = hits.into_iter().skip(first).take(wanted).collect();
            let next_page = more.then_some(Cursor::From(first + wanted));
            (page, next_page, next.is_none())
        }
    };
    Ok(SearchResults {
        hits: hits.into_iter().map(|hit| searched.shown(hit)).collect(),
        cursor: next.map(|next| next.to_string()),
        coverage: Coverage {
            complete: behind == 0 && is_whole,
            behind,
        },
    })
}

/// What somebody may see of each room that they are in, and what it is called.
type Rooms = HashMap<RoomId, (Visibility, String)>;

async fn visible_rooms(tx: &mut Tx, actor: Actor) -> Result<Rooms> {
    let rooms = tx.rooms_of(actor.user).await?;
    let rooms = rooms.into_iter().filter_map(|row| {
        let visible = Visibility::of(MemberState::Joined, row.first_visible_seq)?;
        Some((row.room.id, (visible, row.room.name)))
    });
    Ok(rooms.collect())
}

fn sought(query: &Query, named: &Named, rooms: &Rooms, only: Option<RoomId>) -> Sought {
    let chosen = query.in_rooms(named);
    let mut rooms: Vec<RoomId> = rooms
        .keys()
        .copied()
        .filter(|room| only.is_none_or(|only| only == *room))
        .filter(|room| chosen.as_ref().is_none_or(|chosen| chosen.contains(room)))
        .collect();
    rooms.sort_unstable();
    Sought {
        grams: grams::wanted(query, named),
        rooms,
        span: query.span(),
    }
}

/// A search under way.
struct Search {
    sought: Sought,
    query: Query,
    named: Named,
    rooms: Rooms,
    now: Timestamp,
}

impl Search {
    /// The newest hits behind a place, at most so many.
    async fn gather(&self, tx: &mut Tx, mut behind: HitPlace, wanted: usize) -> Result<Gathered> {
        let (mut hits, mut looked_at, mut bytes) = (Vec::new(), 0, 0);
        let batch = (2 * wanted).clamp(*BATCH.start(), *BATCH.end());
        while looked_at < CANDIDATES && bytes < BYTES {
            let places = tx
                .search_candidates(&self.sought, behind, batch as i64)
                .await?;
            let ids: Vec<_> = places.iter().map(|place| place.id).collect();
            let rows = tx.messages_by_id(&ids).await?;
            let mut rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
            for place in &places {
                behind = *place;
                looked_at += 1;
                let Some(row) = rows.remove(&place.id) else {
                    continue;
                };
                bytes += row.content.len();
                hits.extend(self.hit(row.into(), *place));
                if hits.len() == wanted {
                    let next = Some(behind);
                    return Ok(Gathered { hits, next });
                }
            }
            if places.len() < batch {
                return Ok(Gathered { hits, next: None });
            }
            tokio::task::yield_now().await;
        }
        let next = Some(behind);
        Ok(Gathered { hits, next })
    }

    /// The message as a hit, if it fits and may be seen.
    fn hit(&self, message: Message, place: HitPlace) -> Option<Hit> {
        let (visible, _) = self.rooms.get(&message.chat_room_id)?;
        if !self.sought.rooms.contains(&message.chat_room_id) || !visible.allows(message.seq) {
            return None;
        }
        let found = self.query.matches(&message, &self.named, self.now)?;
        Some(Hit {
            message,
            score: found.score,
            place,
        })
    }

    fn shown(&self, hit: Hit) -> SearchHit {
        let marks = Highlights::of(self.query.texts(), &hit.message.content);
        let room = self.rooms.get(&hit.message.chat_room_id);
        SearchHit {
            room_name: room.map(|(_, name)| name.clone()).unwrap_or_default(),
            highlights: marks.ranges,
            snippet: marks.snippet,
            message: hit.message,
        }
    }
}
