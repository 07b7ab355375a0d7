//! Word filters: who makes them, and what a node knows of them when somebody writes.
//!
//! Each node keeps all filters ready in memory and reads them again when one was changed here, and
//! otherwise after [`FRESH`]: so what was changed on another node holds here some seconds later. What
//! they say is decided with the message, not before: a message that was taken once is never refused
//! because it is sent again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use erc_protocol::{
    ErrorCode, Filter, FilterId, RoomId, Timestamp, UserId,
    filter::{FilterList, FilterRequest},
    limit, validate,
};
use serde_json::json;
use tokio::time::Instant;

use super::access::{Access, existing_user};
use super::committer::{Done, Lane};
use super::error::{Error, Result};
use super::{Actor, audit};
use crate::app::App;
use crate::clock;
use crate::rules::filter::{self, Verdict};
use crate::rules::permission::{Action, ServerAction, check_on_server};
use crate::store::{self, Db, FilterRow, Tx};

/// How long what a node knows may be old.
const FRESH: Duration = Duration::from_secs(5);

/// Filters of one place, ready.
type Ready = Arc<Vec<filter::Filter>>;

/// Those that hold in a room: the server's, and its own.
#[derive(Debug, Clone, Default)]
pub struct Filters([Ready; 2]);

impl Filters {
    /// What they say of a text.
    #[must_use]
    pub fn judge(&self, text: &str) -> Verdict {
        filter::judge(self.0.iter().flat_map(|some| some.iter()), text)
    }

    /// What is taken of a message's text, and whether those who moderate are told; or why nothing is.
    /// A poll is taken as it is written or not at all: its text is made from its parts.
    pub(super) fn pass(&self, text: &str, is_poll: bool) -> Result<Passed> {
        let verdict = self.judge(text);
        let unfit = |text: &String| is_poll || text.len() > limit::MESSAGE_BYTES;
        if verdict.refused || verdict.masked.as_ref().is_some_and(unfit) {
            return Err(Error::refused(
                ErrorCode::Forbidden,
                "there are words in it that aren't taken here: change it and send it again",
            ));
        }
        Ok(Passed {
            masked: verdict.masked,
            flagged: verdict.flagged,
        })
    }

    /// Refuses a name, or what else is no message, in which one finds something: there is nobody to
    /// tell, and a masked name is none.
    pub(super) fn check(&self, field: &str, text: &str) -> Result<()> {
        let verdict = self.judge(text);
        if verdict.refused || verdict.masked.is_some() {
            let why = "there are words in it that aren't taken here";
            return Err(Error::invalid(field, why));
        }
        Ok(())
    }
}

/// A text that is taken.
#[derive(Debug, Default)]
pub(super) struct Passed {
    /// How it is taken, if not as it was written.
    pub(super) masked: Option<String>,
    pub(super) flagged: Option<Flagged>,
}

/// Who tells those who moderate, and what was looked for.
pub(super) type Flagged = (UserId, String);

/// What a node knows.
#[derive(Debug, Default)]
pub struct Known(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    read_at: Option<Instant>,
    rows: Vec<FilterRow>,
    /// Made ready once: that takes longer than all that is done with them.
    ready: HashMap<FilterId, filter::Filter>,
    server: Ready,
    rooms: HashMap<RoomId, Ready>,
}

impl State {
    fn learn(&mut self, rows: Vec<FilterRow>) {
        self.read_at = Some(Instant::now());
        if rows == self.rows {
            return;
        }
        let mut rooms: HashMap<RoomId, Vec<filter::Filter>> = HashMap::new();
        let mut server = Vec::new();
        let mut before = std::mem::take(&mut self.ready);
        for row in &rows {
            let held = before.remove(&row.id).filter(|held| held.is_of(row));
            let Some(ready) = held.or_else(|| ready(row)) else {
                continue;
            };
            self.ready.insert(row.id, ready.clone());
            match row.room_id {
                Some(room) => rooms.entry(RoomId(room)).or_default().push(ready),
                None => server.push(ready),
            }
        }
        self.server = Arc::new(server);
        self.rooms = rooms
            .into_iter()
            .map(|(room, filters)| (room, Arc::new(filters)))
            .collect();
        self.rows = rows;
    }
}

impl filter::Filter {
    /// Whether it is this row's, as it is now. Its kind never changes.
    fn is_of(&self, row: &FilterRow) -> bool {
        (self.id, self.action, self.made_by) == (row.id, row.action, row.created_by)
            && self.text == row.text
    }
}

/// A filter that this version can't use finds nothing.
fn ready(row: &FilterRow) -> Option<filter::Filter> {
    let by = (row.id, row.created_by);
    filter::Filter::new(by, row.kind, &row.text, row.action)
        .inspect_err(|why| tracing::warn!(filter = %row.id, why, "a filter can't be used"))
        .ok()
}

impl Known {
    /// Those that hold in a room; without one, the server's.
    pub async fn of(&self, db: &Db, room: Option<RoomId>) -> store::Result<Filters> {
        if let Some(filters) = self.held(room) {
            return Ok(filters);
        }
        // On the heap, because it happens rarely: the future of every message would be as large.
        Box::pin(self.read(db)).await?;
        Ok(self.held(room).unwrap_or_default())
    }

    fn held(&self, room: Option<RoomId>) -> Option<Filters> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.read_at.filter(|at| at.elapsed() < FRESH)?;
        let own = room.and_then(|room| state.rooms.get(&room));
        let own = own.cloned().unwrap_or_default();
        Some(Filters([state.server.clone(), own]))
    }

    /// Reads them again.
    async fn read(&self, db: &Db) -> store::Result<()> {
        let rows = db.snapshot().await?.all_filters().await?;
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.learn(rows);
        Ok(())
    }
}

/// Those that hold in a room, read in a transaction that writes a message by itself.
pub(super) async fn within(tx: &mut Tx, room: RoomId) -> store::Result<Filters> {
    let mut of = async |room| -> store::Result<Ready> {
        let rows = tx.filters(room).await?;
        Ok(Arc::new(rows.iter().filter_map(ready).collect()))
    };
    Ok(Filters([of(None).await?, of(Some(room)).await?]))
}

/// Fails unless the actor may see and change filters of a room, or of the server. The room stays
/// locked for a change.
async fn manages(tx: &mut Tx, actor: Actor, room: Option<RoomId>, changes: bool) -> Result<()> {
    let Some(room) = room else {
        let role = existing_user(tx, actor.user).await?.role;
        return Ok(check_on_server(role, ServerAction::RunFilters)?);
    };
    let access = if changes {
        Access::load_for_update(tx, room, actor.user).await?
    } else {
        Access::load(tx, room, actor.user).await?
    };
    access.check(Action::RunFilters)
}

/// Those of a room, or of the server.
pub async fn list(app: &App, actor: Actor, room: Option<RoomId>) -> Result<FilterList> {
    let mut tx = app.db.snapshot().await?;
    manages(&mut tx, actor, room, false).await?;
    let filters = tx.filters(room).await?.into_iter();
    Ok(FilterList {
        filters: filters.map(Filter::from).collect(),
    })
}

/// Adds a filter; of a text that is there already, changes what it does.
pub async fn add(
    app: &App,
    actor: Actor,
    room: Option<RoomId>,
    request: FilterRequest,
) -> Result<Filter> {
    let text = validate::filter(&request.text).map_err(|reason| Error::invalid("text", reason))?;
    let id = clock::new_filter_id();
    filter::Filter::new((id, actor.user), request.kind, &text, request.action)
        .map_err(|reason| Error::invalid("text", reason))?;
    let lane = room.map_or(Lane::New, Lane::Room);
    let made = app
        .committer
        .submit(lane, move |tx, now| {
            Box::pin(async move {
                manages(tx, actor, room, true).await?;
                if room.is_none() {
                    // One after the other.
                    tx.users_for_update(&[actor.user]).await?;
                }
                let there = tx.filters(room).await?;
                let same = there
                    .iter()
                    .find(|row| row.kind == request.kind && row.text == text);
                if let Some(row) = same.filter(|row| row.action == request.action) {
                    return Ok(Done::unchanged(Filter::from(row.clone())));
                }
                let most = room.map_or(limit::SERVER_FILTERS, |_| limit::ROOM_FILTERS);
                if same.is_none() && there.len() as i64 >= most {
                    let why = format!("at most {most} filters: take one away first");
                    return Err(Error::refused(ErrorCode::LimitReached, why));
                }
                let row = FilterRow {
                    id: same.map_or(id, |row| row.id),
                    room_id: room.map(|room| room.0),
                    kind: request.kind,
                    text,
                    action: request.action,
                    created_by: actor.user,
                    created_by_name: existing_user(tx, actor.user).await?.display_name,
                    created_at: same.map_or(now, |row| row.created_at),
                };
                tx.put_filter(&row).await?;
                written(tx, actor, "filter.add", &row, now).await?;
                Ok(Done::new(Filter::from(row), Vec::new()))
            })
        })
        .await?
        .await?;
    app.filters.read(&app.db).await?;
    Ok(made)
}

/// Takes a filter away; one that isn't there is no change.
pub async fn remove(app: &App, actor: Actor, room: Option<RoomId>, id: FilterId) -> Result<()> {
    let lane = room.map_or(Lane::New, Lane::Room);
    app.committer
        .submit(lane, move |tx, now| {
            Box::pin(async move {
                manages(tx, actor, room, true).await?;
                let there = tx.filters(room).await?;
                let Some(row) = there.into_iter().find(|row| row.id == id) else {
                    return Ok(Done::unchanged(()));
                };
                tx.drop_filter(id).await?;
                written(tx, actor, "filter.remove", &row, now).await?;
                Ok(Done::new((), Vec::new()))
            })
        })
        .await?
        .await?;
    app.filters.read(&app.db).await?;
    Ok(())
}

async fn written(
    tx: &mut Tx,
    actor: Actor,
    action: &'static str,
    row: &FilterRow,
    now: Timestamp,
) -> store::Result<()> {
    let details = json!({ "kind": row.kind, "text": row.text, "action": row.action });
    let room = row.room_id.map(RoomId);
    audit::add(tx, actor, action, room, None, details, now).await
}
