//! Has what is asked for by request: holes, lists of members, quoted messages. Run by the
//! supervisor beside the sessions; a few requests at a time; what fails for want of a link waits
//! for the next one, what is refused is dropped (the view shows the hole and may ask again).

use std::{sync::Arc, time::Duration};

use erc_protocol::{
    Member, Message, MessageId, RoomId, Row, Seq, UserThread, api::rooms::MemberList, limit,
};
use serde::Deserialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{intent::Want, shared::Shared};
use crate::{
    cache::{holes, rooms},
    error::{Error, Result},
    sync::apply::{self, Paging},
    view::{Connection, Update},
};

const AT_A_TIME: usize = 4;
/// Pause after a request that failed though the link stands.
const BREATH: Duration = Duration::from_secs(2);

/// As `MessagePage`, but one odd row doesn't cost the page.
#[derive(Deserialize)]
struct Page {
    messages: Vec<Row<Message>>,
    has_more: bool,
}

pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let mut connection = shared.connection();
    let mut asking: JoinSet<()> = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            live = connection.wait_for(|now| matches!(now, Connection::Live { .. })) => {
                if live.is_err() {
                    break;
                }
            }
        }
        while asking.len() < AT_A_TIME {
            let Some(want) = shared.intent().next_want() else {
                break;
            };
            asking.spawn(ask(Arc::clone(&shared), want, stop.clone()));
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = shared.wants_changed.notified(), if asking.len() < AT_A_TIME => {}
            Some(_) = asking.join_next() => {}
        }
    }
    asking.shutdown().await;
}

async fn ask(shared: Arc<Shared>, want: Want, stop: CancellationToken) {
    let result = match want {
        Want::Hole { room, from, to } => hole(&shared, room, from, to).await,
        Want::Members(room) => members(&shared, room).await,
        Want::Quote { room, id } => quote(&shared, room, id).await,
        Want::Thread { room, top } => thread(&shared, room, top).await,
    };
    match result {
        Ok(()) => shared.intent().answered(want),
        Err(Error::Offline(reason)) => {
            tracing::info!(?want, reason, "will be asked for again");
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(shared.clock.pace(BREATH)) => {}
            }
            shared.intent().again(want);
        }
        Err(error) => {
            tracing::warn!(?want, %error, "can't be had");
            let mut intent = shared.intent();
            intent.answered(want);
            if let Want::Quote { id, .. } = want {
                intent.quote_is_gone(id);
            }
        }
    }
}

/// A page from each end of a hole: the newest end for who scrolls up, the oldest for who reads on.
async fn hole(shared: &Shared, room: RoomId, from: Seq, to: Seq) -> Result<()> {
    let (missing, covered) = shared.store.read(|conn| {
        let covered = rooms::get(conn, room)?
            .map(|row| row.cursor.seq)
            .unwrap_or_default();
        Ok((holes::list(conn, room, from, to)?, covered))
    })?;
    for hole in missing.iter().rev() {
        let (lo, hi) = (*hole.start(), *hole.end());
        page(
            shared,
            room,
            Paging::Before(Seq(hi + 1)),
            hi - lo + 1,
            covered,
        )
        .await?;
        if hi - lo + 1 > 2 * limit::PAGE_MESSAGES {
            page(
                shared,
                room,
                Paging::After(Seq(lo - 1)),
                limit::PAGE_MESSAGES,
                covered,
            )
            .await?;
        }
    }
    Ok(())
}

async fn page(
    shared: &Shared,
    room: RoomId,
    paging: Paging,
    wanted: i64,
    covered: Seq,
) -> Result<()> {
    let limit = wanted.clamp(1, limit::PAGE_MESSAGES);
    let side = match paging {
        Paging::Before(seq) => ("before_seq", seq.to_string()),
        Paging::After(seq) => ("after_seq", seq.to_string()),
    };
    let path = format!("/chat/rooms/{room}/messages");
    let page: Page = shared
        .api
        .get(&path, &[("limit", limit.to_string()), side])
        .await?;
    let me = shared.my_id();
    let write = move |tx: &rusqlite::Transaction<'_>| {
        apply::page(tx, me, room, paging, covered, &page.messages, page.has_more)
    };
    shared.store.write(write).await?;
    shared.tell(Update::Timeline(room));
    Ok(())
}

async fn members(shared: &Shared, room: RoomId) -> Result<()> {
    let path = format!("/chat/rooms/{room}/members");
    let mut after = None;
    loop {
        let mut query = vec![("limit", limit::BATCH_MEMBERS.to_string())];
        query.extend(after.map(|id: i64| ("after", id.to_string())));
        let MemberList {
            members: page,
            has_more,
        } = shared.api.get(&path, &query).await?;
        let last = page.last().map(|member: &Member| member.user_id.0);
        let is_last = !has_more || last.is_none() || last == after;
        let me = shared.my_id();
        shared
            .store
            .write(move |tx| apply::member_page(tx, me, room, &page, is_last))
            .await?;
        shared.tell(Update::Members(room));
        if is_last {
            return Ok(());
        }
        after = last;
    }
}

/// As [`erc_protocol::thread::ThreadPage`], but one odd row doesn't cost the page.
#[derive(Deserialize)]
struct Replies {
    #[serde(default)]
    root: Option<Row<Message>>,
    messages: Vec<Row<Message>>,
    has_more: bool,
    mine: UserThread,
}

/// All replies of a thread, the newest first: islands in the room's holes.
async fn thread(shared: &Shared, room: RoomId, top: MessageId) -> Result<()> {
    let covered = shared
        .store
        .read(|conn| Ok(rooms::get(conn, room)?.map(|row| row.cursor.seq)))?
        .unwrap_or_default();
    let path = format!("/chat/messages/{top}/thread");
    let mut before: Option<Seq> = None;
    loop {
        let mut query = vec![("limit", limit::PAGE_MESSAGES.to_string())];
        query.extend(before.map(|seq| ("before_seq", seq.to_string())));
        let page: Replies = shared.api.get(&path, &query).await?;
        let rows: Vec<Row<Message>> = page.root.into_iter().chain(page.messages).collect();
        let lowest = rows.iter().filter_map(|row| match row {
            Row::Known(row) if row.message_id != top => Some(row.seq),
            _ => None,
        });
        let lowest = lowest.min();
        let mine = page.mine;
        shared
            .store
            .write(move |tx| apply::thread_page(tx, room, top, covered, &rows, &mine))
            .await?;
        shared.tell(Update::Timeline(room));
        if !page.has_more || lowest.is_none() || lowest == before {
            return Ok(());
        }
        before = lowest;
    }
}

async fn quote(shared: &Shared, room: RoomId, id: MessageId) -> Result<()> {
    let covered = shared
        .store
        .read(|conn| Ok(rooms::get(conn, room)?.map(|row| row.cursor.seq)))?
        .unwrap_or_default();
    let row: Message = shared.api.get(&format!("/chat/messages/{id}"), &[]).await?;
    if row.seq > covered || row.chat_room_id != room {
        // The live stream brings it, or it is none of this room's: either way don't ask again.
        shared.intent().quote_is_gone(id);
        return Ok(());
    }
    shared
        .store
        .write(move |tx| apply::island(tx, id, covered, &row))
        .await?;
    shared.tell(Update::Timeline(room));
    Ok(())
}
