//! Single values: which server database the cache belongs to, how far the user's own changes are
//! known, who is signed in.

use erc_protocol::{Attention, EmojiRev, InstanceId, MyPresence, Timestamp, User, UserRev};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::error::{Error, Result};

const INSTANCE: &str = "instance";
const USER_REV: &str = "user_rev";
const EMOJI_REV: &str = "emoji_rev";
const ME: &str = "me";
const PRESENCE: &str = "presence";
const ATTENTION: &str = "attention";
const REPORTS: &str = "reports_waiting";
const RAID: &str = "raid_until";

fn get(conn: &Connection, key: &str) -> Result<Option<String>> {
    Ok(conn
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?)
}

fn set(conn: &Connection, key: &str, value: &str) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO meta (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![key, value])?;
    Ok(())
}

pub(crate) fn instance(conn: &Connection) -> Result<Option<InstanceId>> {
    Ok(get(conn, INSTANCE)?.and_then(|text| text.parse().ok()))
}

pub(crate) fn set_instance(conn: &Connection, instance: InstanceId) -> Result<()> {
    set(conn, INSTANCE, &instance.to_string())
}

pub(crate) fn user_rev(conn: &Connection) -> Result<UserRev> {
    Ok(get(conn, USER_REV)?
        .and_then(|text| text.parse().ok())
        .unwrap_or_default())
}

pub(crate) fn set_user_rev(conn: &Connection, rev: UserRev) -> Result<()> {
    set(conn, USER_REV, &rev.to_string())
}

/// How far the custom emoji are known.
pub(crate) fn emoji_rev(conn: &Connection) -> Result<EmojiRev> {
    Ok(get(conn, EMOJI_REV)?
        .and_then(|text| text.parse().ok())
        .unwrap_or_default())
}

pub(crate) fn set_emoji_rev(conn: &Connection, rev: EmojiRev) -> Result<()> {
    set(conn, EMOJI_REV, &rev.to_string())
}

pub(crate) fn me(conn: &Connection) -> Result<Option<User>> {
    Ok(get(conn, ME)?.and_then(|json| serde_json::from_str(&json).ok()))
}

pub(crate) fn set_me(conn: &Connection, me: &User) -> Result<()> {
    let json = serde_json::to_string(me).map_err(|e| Error::Storage(e.to_string()))?;
    set(conn, ME, &json)
}

/// What this user decided of their presence, as it was when the server told it.
pub(crate) fn presence(conn: &Connection) -> Result<MyPresence> {
    let text = get(conn, PRESENCE)?.unwrap_or_default();
    Ok(MyPresence::try_from(text).unwrap_or_default())
}

pub(crate) fn set_presence(conn: &Connection, presence: &MyPresence) -> Result<()> {
    set(conn, PRESENCE, &presence.to_text())
}

/// What rings for this user in all rooms.
pub(crate) fn attention(conn: &Connection) -> Result<Attention> {
    let held = get(conn, ATTENTION)?.and_then(|json| serde_json::from_str(&json).ok());
    Ok(held.unwrap_or_default())
}

/// An older one than is held changes nothing.
pub(crate) fn set_attention(conn: &Connection, told: &Attention) -> Result<()> {
    if attention(conn)?.user_rev > told.user_rev {
        return Ok(());
    }
    let json = serde_json::to_string(told).map_err(|e| Error::Storage(e.to_string()))?;
    set(conn, ATTENTION, &json)
}

/// How many reports wait that this user may look after.
pub(crate) fn reports_waiting(conn: &Connection) -> Result<i64> {
    Ok(get(conn, REPORTS)?
        .and_then(|text| text.parse().ok())
        .unwrap_or_default())
}

/// Answers whether it changed.
pub(crate) fn set_reports_waiting(conn: &Connection, count: i64) -> Result<bool> {
    if reports_waiting(conn)? == count {
        return Ok(false);
    }
    set(conn, REPORTS, &count.to_string())?;
    Ok(true)
}

/// Until when the doors of the server are closed; absent if they are open, or it is not for this
/// user to know.
pub(crate) fn raid_until(conn: &Connection) -> Result<Option<Timestamp>> {
    let text = get(conn, RAID)?;
    Ok(text.and_then(|text| text.parse().ok()).map(Timestamp))
}

/// Answers whether it changed.
pub(crate) fn set_raid_until(conn: &Connection, until: Option<Timestamp>) -> Result<bool> {
    if raid_until(conn)? == until {
        return Ok(false);
    }
    let text = until.map_or_else(String::new, |until| until.0.to_string());
    set(conn, RAID, &text)?;
    Ok(true)
}

/// Everything that the server can give again; the user's own words stay.
pub(crate) fn drop_cached(conn: &Connection) -> Result<()> {
    conn.execute_batch(
        "DELETE FROM messages; DELETE FROM members; DELETE FROM holes; DELETE FROM rooms;
         DELETE FROM raw; DELETE FROM receipts; DELETE FROM scheduled; DELETE FROM blocks;
         DELETE FROM threads; DELETE FROM votes; DELETE FROM custom_emoji;
         DELETE FROM emoji_pictures;
         DELETE FROM meta WHERE key IN
           ('instance', 'user_rev', 'emoji_rev', 'presence', 'attention', 'reports_waiting', 'raid_until');",
    )?;
    Ok(())
}
