//! The community's own emoji, and the pictures of some of them.

use erc_protocol::{CustomEmoji, EmojiId};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{
    emoji::{Custom, Picture},
    error::{Error, Result},
};

/// What all pictures that are kept have together, at most. Bytes.
pub(crate) const PICTURES: i64 = 32 * 1024 * 1024;

/// Keeps a row in its current state; one that was taken away goes, with its picture.
pub(crate) fn put(conn: &Connection, row: &CustomEmoji) -> Result<()> {
    conn.prepare_cached(
        "DELETE FROM emoji_pictures WHERE id IN (SELECT id FROM custom_emoji WHERE name = ?1
         AND (?3 OR id <> ?2))",
    )?
    .execute(params![row.name, row.id.to_string(), row.is_removed])?;
    if row.is_removed {
        conn.prepare_cached("DELETE FROM custom_emoji WHERE name = ?1")?
            .execute([&row.name])?;
        return Ok(());
    }
    let json = serde_json::to_string(row).map_err(|e| Error::Storage(e.to_string()))?;
    conn.prepare_cached(
        "INSERT INTO custom_emoji (name, id, row) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET id = excluded.id, row = excluded.row",
    )?
    .execute(params![row.name, row.id.to_string(), json])?;
    Ok(())
}

/// All of it goes: it is told afresh. Pictures stay that turn out to be somebody's.
pub(crate) fn clear(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM custom_emoji", [])?;
    Ok(())
}

/// Pictures of nobody's go.
pub(crate) fn forget_pictures(conn: &Connection) -> Result<()> {
    conn.execute(
        "DELETE FROM emoji_pictures WHERE id NOT IN (SELECT id FROM custom_emoji)",
        [],
    )?;
    Ok(())
}

/// All there are, by name.
pub(crate) fn all(conn: &Connection) -> Result<Vec<CustomEmoji>> {
    let mut statement = conn.prepare_cached("SELECT row FROM custom_emoji ORDER BY name")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(rows
        .iter()
        .filter_map(|json| serde_json::from_str(json).ok())
        .collect())
}

/// Their names.
pub(crate) fn names(conn: &Connection) -> Result<Custom> {
    let mut statement = conn.prepare_cached("SELECT name, id FROM custom_emoji")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter();
    Ok(rows
        .filter_map(|(name, id)| Some((name, id.parse().ok()?)))
        .collect())
}

/// A picture, if it is kept.
pub(crate) fn picture(conn: &Connection, id: EmojiId) -> Result<Option<Picture>> {
    Ok(conn
        .prepare_cached("SELECT content_type, bytes FROM emoji_pictures WHERE id = ?1")?
        .query_row([id.to_string()], |row| {
            Ok(Picture {
                content_type: row.get(0)?,
                bytes: row.get(1)?,
            })
        })
        .optional()?)
}

/// Keeps the picture of an emoji that is there; those that have been here longest go for it.
pub(crate) fn keep_picture(conn: &Connection, id: EmojiId, picture: &Picture) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO emoji_pictures (id, content_type, bytes, place)
         SELECT e.id, ?2, ?3, (SELECT coalesce(max(place), 0) + 1 FROM emoji_pictures)
         FROM custom_emoji e WHERE e.id = ?1 ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![id.to_string(), picture.content_type, picture.bytes])?;
    conn.prepare_cached(
        "DELETE FROM emoji_pictures WHERE place IN (SELECT place FROM (
             SELECT place, sum(length(bytes)) OVER (ORDER BY place DESC) AS held
             FROM emoji_pictures) WHERE held > ?1)",
    )?
    .execute([PICTURES])?;
    Ok(())
}
