//! The community's own emoji: known from the sync, their pictures fetched when they are shown.

use std::sync::Arc;

use erc_protocol::{CustomEmoji, EmojiId, emoji, limit};
use reqwest::Method;

use super::{Account, remote::send};
use crate::{
    SafeText,
    cache::{self, meta},
    complete::{self, Completion},
    emoji::{Custom, Picture},
    error::{Error, Result},
    transport::rest::NOTHING,
    view::{EmojiList, EmojiView},
};

const PATH: &str = "/server/emoji";
/// What a picture may be; anything else is not shown.
const TYPES: [&str; 3] = ["image/png", "image/gif", "image/webp"];

impl Account {
    /// All there are, by name, and whether this user adds and removes them.
    pub fn emoji(&self) -> Result<EmojiList> {
        self.shared.store.read(|conn| {
            let me = meta::me(conn)?;
            let emoji = cache::emoji::all(conn)?;
            Ok(EmojiList {
                can_manage: me.is_some_and(|me| emoji::may_manage(me.role)),
                emoji: emoji.iter().map(view).collect(),
            })
        })
    }

    /// Their names.
    pub fn custom_emoji(&self) -> Result<Custom> {
        self.shared.store.read(cache::emoji::names)
    }

    /// Emoji for a reaction, for which the letters of a short code may be given.
    pub fn reaction_choices(&self, letters: &str) -> Result<Vec<Completion>> {
        Ok(complete::reactions(letters, &self.custom_emoji()?))
    }

    /// Adds one: its name, and the bytes of a PNG, a GIF or a WebP.
    pub async fn add_emoji(&self, name: &str, picture: Vec<u8>) -> Result<()> {
        let name = emoji::new_name(name).map_err(Error::Invalid)?;
        if picture.len() > limit::EMOJI_BYTES {
            let most = limit::EMOJI_BYTES / 1024;
            return Err(Error::Invalid(format!(
                "the picture has more than {most} KiB"
            )));
        }
        let _: CustomEmoji = self
            .shared
            .api
            .upload(PATH, &[("name", name)], picture)
            .await?;
        Ok(())
    }

    /// Takes one away. Reactions with it stay, as text.
    pub async fn remove_emoji(&self, id: EmojiId) -> Result<()> {
        let path = format!("{PATH}/{id}");
        send(&self.shared, Method::DELETE, &path, NOTHING).await
    }

    /// The picture of one that is there: kept on this machine once it was fetched.
    pub async fn emoji_picture(&self, id: EmojiId) -> Result<Arc<Picture>> {
        let store = &self.shared.store;
        if let Some(picture) = store.read(|conn| cache::emoji::picture(conn, id))? {
            return Ok(Arc::new(picture));
        }
        let path = format!("{PATH}/{id}/picture");
        let (content_type, bytes) = self.shared.api.bytes(&path, limit::EMOJI_BYTES).await?;
        if !TYPES.contains(&content_type.as_str()) {
            return Err(Error::Protocol(format!("{content_type} is no picture")));
        }
        let picture = Arc::new(Picture {
            content_type,
            bytes,
        });
        let kept = picture.clone();
        store
            .write(move |tx| cache::emoji::keep_picture(tx, id, &kept))
            .await?;
        Ok(picture)
    }
}

fn view(row: &CustomEmoji) -> EmojiView {
    EmojiView {
        id: row.id,
        name: SafeText::line(&row.name),
        size: row.size,
        width: row.width,
        height: row.height,
        is_animated: row.is_animated,
        by: row.created_by_name.as_deref().map(SafeText::line),
    }
}
