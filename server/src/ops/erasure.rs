//! Taking away all that is left of somebody. What makes the account unusable and what only they saw
//! goes at once, with the request. The rest goes in steps of one transaction each, done by whichever
//! node comes first: a step says in the row how far it came, under the lock of its user, so that
//! every step happens once, and a stop in between is no more than a pause. Every change takes the
//! next revision of its room, so that clients learn it as they learn of any edit or deletion.

use std::collections::BTreeSet;

use erc_protocol::{
    ErrorCode, MemberState, Message, MessageId, ReportId, RoomId, RoomKind, UserId,
    auth::{EraseRequest, ErasedMessages},
};
use serde_json::json;

use super::access::{existing_user, member_change};
use super::change::Change;
use super::committer::{Committer, Done, Lane};
use super::error::{Error, Result};
use super::{Actor, audit, deactivation, members, polls, reports, sessions, threads};
use crate::app::App;
use crate::store::reactions::summary;
use crate::store::{Db, ErasureRow, Phase, Tx};

/// Rooms, or messages, of one step.
const STEP: i64 = 64;

/// Erases the actor's account.
pub async fn erase_me(app: &App, actor: Actor, request: EraseRequest) -> Result<()> {
    deactivation::prove(app, actor, &request.password).await?;
    begin(app, Some(actor), actor.user, request.messages).await
}

/// Begins to erase an account; asking again changes nothing.
pub async fn begin(
    app: &App,
    actor: Option<Actor>,
    user: UserId,
    messages: ErasedMessages,
) -> Result<()> {
    let keeps_messages = messages == ErasedMessages::Keep;
    let begun = app
        .committer
        .submit(Lane::User(user), move |tx, now| {
            Box::pin(async move {
                tx.users_for_update(&[user]).await?;
                let row = existing_user(tx, user).await?;
                if row.erased_at.is_some() {
                    return Err(Error::refused(
                        ErrorCode::Forbidden,
                        "this account is erased already",
                    ));
                }
                deactivation::leaves_an_owner(tx, &row).await?;
                let why = "the account is erased";
                let changes = sessions::end_all(tx, user, why, now).await?;
                let details = json!({ "messages": messages });
                audit::add(tx, actor, "user.erase", None, Some(user), details, now).await?;
                tx.blank_user(user, now).await?;
                tx.put_erasure(&ErasureRow {
                    user_id: user,
                    keeps_messages,
                    asked_at: now,
                    phase: Phase::Rooms,
                    after_id: 0,
                    after_name: None,
                    done_at: None,
                })
                .await?;
                Ok(Done::new((), changes))
            })
        })
        .await?
        .await;
    app.timer.wake();
    begun
}

/// What a step is about: read beforehand, so that its rooms can be locked before its user.
enum Piece {
    Rooms(Vec<RoomId>),
    Messages(Vec<(RoomId, MessageId)>),
    Named(Vec<(RoomId, MessageId, erc_protocol::ClientId)>),
    Reports(Vec<(ReportId, String)>),
}

impl Piece {
    async fn find(tx: &mut Tx, row: &ErasureRow) -> Result<Self> {
        let user = row.user_id;
        Ok(match row.phase {
            Phase::Rooms => Self::Rooms(tx.rooms_ever(user, row.after_id, STEP).await?),
            Phase::Reactions => Self::Messages(tx.reacted_by(user, STEP).await?),
            Phase::Forwards => Self::Messages(tx.forwarded_from(user, row.after_id, STEP).await?),
            Phase::Messages => Self::Named(tx.sent_by(user, row.after_name, STEP).await?),
            Phase::Reports => Self::Reports(tx.reports_quoting(user, row.after_name, STEP).await?),
        })
    }

    fn rooms(&self) -> Vec<RoomId> {
        let rooms: BTreeSet<RoomId> = match self {
            Self::Rooms(rooms) => rooms.iter().copied().collect(),
            Self::Messages(messages) => messages.iter().map(|(room, _)| *room).collect(),
            Self::Named(messages) => messages.iter().map(|(room, ..)| *room).collect(),
            Self::Reports(_) => BTreeSet::new(),
        };
        rooms.into_iter().collect()
    }
}

/// Does one step of the erasure that was asked for first; `false` if there is none.
pub(crate) async fn step(db: &Db, committer: &Committer) -> Result<bool> {
    let (row, piece) = {
        let mut tx = db.snapshot().await?;
        let Some(row) = tx.open_erasure().await? else {
            return Ok(false);
        };
        let piece = Piece::find(&mut tx, &row).await?;
        (row, piece)
    };
    let receipt = committer
        .submit(Lane::User(row.user_id), move |tx, now| {
            Box::pin(async move {
                // First the rooms, then the user: as everywhere.
                let rooms = piece.rooms();
                if !rooms.is_empty() {
                    tx.rooms_for_update(&rooms).await?;
                }
                tx.users_for_update(&[row.user_id]).await?;
                if tx.erasure(row.user_id).await? != Some(row) {
                    // Another node was faster.
                    return Ok(Done::unchanged(()));
                }
                let mut changes = Vec::new();
                let mut next = row;
                let is_last = match piece {
                    Piece::Rooms(rooms) => {
                        for room in &rooms {
                            leave(tx, *room, row.user_id, &mut changes).await?;
                        }
                        next.after_id = rooms.last().map_or(0, |room| room.0);
                        rooms.is_empty()
                    }
                    Piece::Messages(messages) => {
                        for (room, id) in &messages {
                            if row.phase == Phase::Reactions {
                                unreact(tx, *room, *id, row.user_id, &mut changes).await?;
                            } else {
                                forget_author(tx, *room, *id, row.user_id, &mut changes).await?;
                                next.after_id = id.0;
                            }
                        }
                        messages.is_empty()
                    }
                    Piece::Named(messages) => {
                        for (room, id, name) in &messages {
                            delete(tx, *room, *id, now, &mut changes).await?;
                            next.after_name = Some(name.0);
                        }
                        messages.is_empty()
                    }
                    Piece::Reports(quoting) => {
                        for (id, context) in &quoting {
                            let context = reports::without(context, &row);
                            tx.write_report_context(*id, &context).await?;
                            next.after_name = Some(id.0);
                        }
                        quoting.is_empty()
                    }
                };
                if is_last {
                    (next.after_id, next.after_name) = (0, None);
                    let follows = match row.phase {
                        Phase::Rooms => Some(Phase::Reactions),
                        Phase::Reactions => Some(Phase::Forwards),
                        Phase::Forwards if !row.keeps_messages => Some(Phase::Messages),
                        // After the messages: nobody can report one of them any more.
                        Phase::Forwards | Phase::Messages => Some(Phase::Reports),
                        Phase::Reports => None,
                    };
                    if let Some(phase) = follows {
                        next.phase = phase;
                    } else {
                        next.done_at = Some(now.0);
                        let whom = Some(row.user_id);
                        audit::add(tx, None, "user.erased", None, whom, json!({}), now).await?;
                    }
                }
                tx.put_erasure(&next).await?;
                Ok(Done::new((), changes))
            })
        })
        .await?;
    receipt.await?;
    Ok(true)
}

/// Out of a room, and out of its memory of names. The two of a direct room stay: it is the other's.
async fn leave(tx: &mut Tx, room: RoomId, user: UserId, changes: &mut Vec<Change>) -> Result<()> {
    let (Some(row), Some(place)) = (tx.room(room).await?, tx.place(room, user).await?) else {
        return Ok(());
    };
    tx.forget_marks(room, user).await?;
    if place.is_joined() && row.kind != RoomKind::Direct {
        return members::exit(tx, place, MemberState::Left, changes).await;
    }
    let rev = tx.next_rev(room).await?;
    tx.restamp_member(room, user, rev).await?;
    changes.push(member_change(tx, room, user).await?);
    Ok(())
}

async fn unreact(
    tx: &mut Tx,
    room: RoomId,
    id: MessageId,
    user: UserId,
    changes: &mut Vec<Change>,
) -> Result<()> {
    tx.drop_reactions(id, user).await?;
    if tx.room(room).await?.is_none() {
        return Ok(());
    }
    let all = tx.reactions(id).await?;
    let rev = tx.next_rev(room).await?;
    tx.write_reactions(id, &summary(&all), rev).await?;
    polls::recount(tx, id, rev).await?;
    told(tx, id, changes).await
}

async fn forget_author(
    tx: &mut Tx,
    room: RoomId,
    id: MessageId,
    author: UserId,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let Some(row) = tx.message(id).await? else {
        return Ok(());
    };
    let told_of = Message::from(row).forwarded;
    let Some(mut origin) = told_of.filter(|origin| origin.sender_id == author) else {
        return Ok(());
    };
    origin.sender_name = existing_user(tx, author).await?.display_name;
    let rev = tx.next_rev(room).await?;
    tx.write_forwarded(id, &origin, rev).await?;
    told(tx, id, changes).await
}

async fn delete(
    tx: &mut Tx,
    room: RoomId,
    id: MessageId,
    now: erc_protocol::Timestamp,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let Some(row) = tx.message(id).await? else {
        return Ok(());
    };
    if row.deleted_at.is_some() {
        return Ok(());
    }
    let rev = tx.next_rev(room).await?;
    tx.delete_message(id, rev, now).await?;
    tx.delete_mentions(room, row.seq).await?;
    told(tx, id, changes).await?;
    changes.extend(threads::shrunk(tx, &row.into()).await?);
    Ok(())
}

async fn told(tx: &mut Tx, id: MessageId, changes: &mut Vec<Change>) -> Result<()> {
    if let Some(row) = tx.message(id).await? {
        changes.push(Change::message_updated(&row.into()));
    }
    Ok(())
}
