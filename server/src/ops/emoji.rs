//! A community's own emoji: who adds them and takes them away, and how everybody learns of it.
//!
//! The server counts their changes, and each row carries the number of its last one: what a client
//! that knows them up to R has to be told is what has a higher number. What was taken away stays as a
//! row that says so. Their pictures are blobs ([`pictures`]).

mod pictures;

use std::sync::Mutex;

use bytes::Bytes;
use erc_protocol::emoji::{EmojiList, EmojiSync};
use erc_protocol::gateway::{ServerFrame, ServerPacket};
use erc_protocol::sync::Sync;
use erc_protocol::{CustomEmoji, EmojiId, EmojiRev, ErrorCode, Row, emoji, limit};
use serde_json::json;

use super::access::existing_user;
use super::change::Change;
use super::committer::{Done, Lane};
use super::error::{Error, Result};
use super::{Actor, audit};
use crate::app::App;
use crate::clock;
use crate::frame::Frame;
use crate::hub::lock;
use crate::rules::permission::{ServerAction, check_on_server};
use crate::rules::picture;
use crate::store::{EmojiRow, Tx};

pub(crate) use pictures::clear;
pub use pictures::{Picture, picture};

/// Fails unless the actor may add emoji and take them away. In the shell nobody is asked.
async fn manages(tx: &mut Tx, actor: Option<Actor>) -> Result<()> {
    let Some(actor) = actor else { return Ok(()) };
    let role = existing_user(tx, actor.user).await?.role;
    Ok(check_on_server(role, ServerAction::ManageEmoji)?)
}

/// All there are, by name.
pub async fn list(app: &App) -> Result<EmojiList> {
    let mut tx = app.db.snapshot().await?;
    let rev = tx.emoji_rev().await?;
    let rows = tx.all_emoji().await?.into_iter();
    Ok(EmojiList {
        rev,
        emoji: rows.map(CustomEmoji::from).collect(),
    })
}

/// Adds one. The same picture under the same name again is no change; under a name that is taken,
/// another one is refused.
pub async fn add(app: &App, actor: Option<Actor>, name: &str, bytes: Bytes) -> Result<CustomEmoji> {
    let name = emoji::new_name(name).map_err(|reason| Error::invalid("name", reason))?;
    let looks = picture::inspect(&bytes).map_err(|reason| Error::invalid("picture", reason))?;
    let blob = pictures::id(&bytes).to_string();
    // Before anything is stored; decided once more in the transaction.
    let mut tx = app.db.snapshot().await?;
    if let Some(there) = may_add(&mut tx, actor, &name, &blob).await? {
        return Ok(there.into());
    }
    drop(tx);
    pictures::store(&app.blobs, &bytes).await?;
    let (id, size) = (clock::new_emoji_id(), bytes.len());
    let added = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                tx.lock_emoji().await?;
                if let Some(there) = may_add(tx, actor, &name, &blob).await? {
                    return Ok(Done::unchanged(there.into()));
                }
                let by = match actor {
                    Some(actor) => Some(existing_user(tx, actor.user).await?),
                    None => None,
                };
                let rev = tx.next_emoji_rev().await?;
                let row = EmojiRow {
                    id,
                    name,
                    content_type: looks.content_type.to_owned(),
                    size: i64::try_from(size).unwrap_or(i64::MAX),
                    width: looks.width.into(),
                    height: looks.height.into(),
                    is_animated: looks.is_animated,
                    blob,
                    created_by: by.as_ref().map(|user| user.id.0),
                    created_by_name: by.map(|user| user.display_name),
                    created_at: now,
                    removed_at: None,
                    clearing_until: None,
                    rev,
                };
                tx.put_emoji(&row).await?;
                let details = json!({ "name": row.name });
                audit::add(tx, actor, "emoji.add", None, None, details, now).await?;
                Ok(Done::new(row.into(), vec![Change::Emoji(rev)]))
            })
        })
        .await?
        .await?;
    pictures::is_stored(&app.blobs, &bytes).await?;
    Ok(added)
}

/// Fails if that can't be added now; what is there already, if it is the same.
async fn may_add(
    tx: &mut Tx,
    actor: Option<Actor>,
    name: &str,
    blob: &str,
) -> Result<Option<EmojiRow>> {
    manages(tx, actor).await?;
    let being_cleared = || {
        let why = "that picture is just being deleted: try again in a moment";
        Error::refused(ErrorCode::Unavailable, why)
    };
    match tx.emoji_named(name).await? {
        Some(row) if row.is_there() && row.blob == blob => return Ok(Some(row)),
        Some(row) if row.is_there() => {
            let why = format!("{} is there already: take it away first", emoji::code(name));
            return Err(Error::invalid("name", why));
        }
        Some(row) if !row.blob.is_empty() => return Err(being_cleared()),
        _ => {}
    }
    let others = tx.emoji_of_blob(blob).await?;
    if others.iter().any(|row| !row.is_there()) {
        return Err(being_cleared());
    }
    let most = limit::CUSTOM_EMOJI;
    if tx.emoji_count().await? >= most {
        let why = format!("at most {most} emoji: take one away first");
        return Err(Error::refused(ErrorCode::LimitReached, why));
    }
    Ok(None)
}

/// Takes one away; one that isn't there is no change. Reactions with it stay, as text.
pub async fn remove(app: &App, actor: Option<Actor>, id: EmojiId) -> Result<()> {
    let removed = app
        .committer
        .submit(Lane::New, move |tx, now| {
            Box::pin(async move {
                tx.lock_emoji().await?;
                manages(tx, actor).await?;
                let Some(row) = tx.emoji(id).await?.filter(EmojiRow::is_there) else {
                    return Ok(Done::unchanged(false));
                };
                let others = tx.emoji_of_blob(&row.blob).await?;
                let is_last = others.iter().all(|other| other.id == id);
                let rev = tx.next_emoji_rev().await?;
                let details = json!({ "name": row.name });
                let row = EmojiRow {
                    removed_at: Some(now.0),
                    blob: if is_last { row.blob } else { String::new() },
                    // From now on: whoever comes first deletes the picture.
                    clearing_until: is_last.then_some(now.0),
                    rev,
                    ..row
                };
                tx.put_emoji(&row).await?;
                audit::add(tx, actor, "emoji.remove", None, None, details, now).await?;
                Ok(Done::new(is_last, vec![Change::Emoji(rev)]))
            })
        })
        .await?
        .await?;
    if removed && let Err(error) = clear(&app.committer, &app.blobs, id).await {
        // The timer tries again.
        tracing::warn!(%error, emoji = %id, "a picture was not deleted yet");
    }
    Ok(())
}

/// Fails unless somebody may react with this emoji, one of Unicode or a custom one that is there.
pub(super) async fn is_known(tx: &mut Tx, code: &str) -> Result<()> {
    let Some(name) = emoji::named(code) else {
        return Ok(());
    };
    let there = tx.emoji_named(name).await?;
    if there.is_some_and(|row| row.is_there()) {
        return Ok(());
    }
    Err(Error::invalid("emoji", format!("there is no {code} here")))
}

/// The newest news, encoded once for all who know as much.
#[derive(Debug, Default)]
pub struct News(Mutex<Option<(EmojiRev, EmojiRev, Frame)>>);

impl News {
    fn of(&self, from: EmojiRev, at_least: EmojiRev) -> Option<(EmojiRev, Frame)> {
        let kept = lock(&self.0);
        let (since, to, frame) = kept.as_ref()?;
        (*since == from && *to >= at_least).then(|| (*to, frame.clone()))
    }
}

/// What somebody has to be told who knows them up to here, and how far they know them then.
pub async fn news(app: &App, from: EmojiRev) -> Result<(EmojiRev, Frame)> {
    if let Some(news) = app.emoji.of(from, app.hub.emoji_rev()) {
        return Ok(news);
    }
    let _turn = app.catch_up_turn().await;
    if let Some(news) = app.emoji.of(from, app.hub.emoji_rev()) {
        return Ok(news);
    }
    let mut tx = app.db.snapshot().await?;
    let to = tx.emoji_rev().await?;
    let rows = tx.emoji_after(from).await?.into_iter();
    drop(tx);
    let emoji = rows.map(CustomEmoji::from).map(Row::Known).collect();
    let sync = Sync {
        emoji: Some(EmojiSync { from, to, emoji }),
        ..Sync::default()
    };
    let frame = Frame::from(ServerPacket::from(ServerFrame::Sync(sync)).encode());
    *lock(&app.emoji.0) = Some((from, to, frame.clone()));
    Ok((to, frame))
}
