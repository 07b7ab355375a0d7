//! What an older build of this program kept raw, read by this one: looked at whenever a store is
//! opened, before anything else is done with it. What still can't be read stays.
//!
//! The cursor has passed all of it long ago, so nothing here moves one; a row counts only where no
//! newer one is held.

use erc_protocol::{
    Attention, Block, CustomEmoji, Draft, EmojiRev, Member, MemberState, Message, Room, RoomId,
    Scheduled, UserId, UserRev, UserThread, gateway::server::MemberUpdated, poll::OwnVote,
    sync::UserRoom,
};
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::apply::{self, Outcome};
use crate::{
    cache::{
        meta,
        raw::{self, Raw},
        rooms, votes,
    },
    error::Result,
};

/// Reads what can be read by now.
pub(crate) fn all(conn: &mut Connection) -> Result<()> {
    let kept = raw::all(conn)?;
    let Some(me) = meta::me(conn)? else {
        return Ok(());
    };
    if kept.is_empty() {
        return Ok(());
    }
    let tx = conn.transaction()?;
    let mut read = 0;
    for row in kept {
        if one(&tx, me.id, &row)? {
            raw::forget(&tx, row.id)?;
            read += 1;
        }
    }
    tx.commit()?;
    tracing::info!(read, "rows that an older version could not read");
    Ok(())
}

/// Whether this build can read it.
fn one(conn: &Connection, me: UserId, row: &Raw) -> Result<bool> {
    let known = match (row.kind.as_str(), row.room) {
        (raw::USER_ROOM, _) => {
            let Some(mine) = parse::<UserRoom>(&row.data) else {
                return Ok(false);
            };
            apply::place(conn, me, &mine, &mut Outcome::default())?;
            true
        }
        (raw::SCHEDULED | raw::USER_THREAD, _) => {
            let is_read = if row.kind == raw::SCHEDULED {
                parse::<Scheduled>(&row.data).is_some()
            } else {
                parse::<UserThread>(&row.data).is_some()
            };
            if !is_read {
                return Ok(false);
            }
            // It may be done by now, which leaves no trace here: all is told from the beginning.
            meta::set_user_rev(conn, UserRev::ZERO)?;
            true
        }
        (raw::BLOCK, _) => {
            if parse::<Block>(&row.data).is_none() {
                return Ok(false);
            }
            // It may be taken back by now, as above.
            meta::set_user_rev(conn, UserRev::ZERO)?;
            true
        }
        (raw::DRAFT, _) => {
            if parse::<Draft>(&row.data).is_none() {
                return Ok(false);
            }
            meta::set_user_rev(conn, UserRev::ZERO)?;
            true
        }
        (raw::EMOJI, _) => {
            if parse::<CustomEmoji>(&row.data).is_none() {
                return Ok(false);
            }
            meta::set_emoji_rev(conn, EmojiRev::ZERO)?;
            true
        }
        (raw::ATTENTION, _) => {
            let Some(told) = parse::<Attention>(&row.data) else {
                return Ok(false);
            };
            meta::set_attention(conn, &told)?;
            true
        }
        (raw::VOTE, _) => {
            let Some(vote) = parse::<OwnVote>(&row.data) else {
                return Ok(false);
            };
            votes::put(conn, &vote)?;
            true
        }
        (raw::MESSAGE | "new_message" | "message_updated", Some(room)) => {
            let Some(message) = parse::<Message>(&row.data) else {
                return Ok(false);
            };
            message.chat_room_id != room || self::message(conn, me, room, &message)?
        }
        (raw::MEMBER, Some(room)) => {
            let Some(member) = parse::<Member>(&row.data) else {
                return Ok(false);
            };
            apply::member(conn, me, room, &member)?;
            true
        }
        ("member_updated", Some(room)) => {
            let Some(update) = parse::<MemberUpdated>(&row.data) else {
                return Ok(false);
            };
            apply::member(conn, me, room, &update.member)?;
            true
        }
        ("room_updated", Some(id)) => {
            let Some(room) = parse::<Room>(&row.data) else {
                return Ok(false);
            };
            if let Some(held) = rooms::get(conn, id)? {
                let member_count = held.member_count;
                rooms::put_room(
                    conn,
                    &Room {
                        member_count,
                        ..room
                    },
                )?;
            }
            true
        }
        _ => false,
    };
    Ok(known)
}

/// A room that was left, and what may no longer be seen, stay as they are.
fn message(conn: &Connection, me: UserId, room: RoomId, message: &Message) -> Result<bool> {
    let held = rooms::get(conn, room)?.filter(|held| held.state == MemberState::Joined);
    if let Some(held) = held {
        apply::row(conn, me, held.first_visible_seq, message)?;
    }
    Ok(true)
}

fn parse<T: DeserializeOwned>(data: &Value) -> Option<T> {
    T::deserialize(data).ok()
}
