//! What only this user sees, on all their devices: what they have not sent yet, and what rings.
//! Drafts work without a link; what rings is asked of the server.

use erc_protocol::{
    Attention, ClientId, Level, Lifetime, Message, MessageId, RoomId, Seq, Timestamp, UserId,
    attention::{self, AttentionRequest, Hearer, QuietHours, RoomAttentionRequest, Why},
    request::WhoWrites,
    sync::UserRoom,
};
use reqwest::Method;
use rusqlite::Connection;

use super::{Account, content, presence};
use crate::{
    SafeText,
    cache::{
        blocks,
        drafts::{self, Key},
        meta, outbox, rooms, threads,
    },
    error::{Error, Result},
    outbox::{
        compose::{self, Answer},
        draft,
    },
    quiet,
    timeline::message,
    unread,
    view::{AsideView, AttentionView, DraftView, Update, Written},
};

impl Account {
    /// What stands in the composer of a room, or of a thread in it.
    pub fn draft(&self, room: RoomId, thread: Option<MessageId>) -> Result<DraftView> {
        let now = self.shared.clock.now();
        self.shared
            .store
            .read(|conn| view(conn, (room, thread), now))
    }

    /// Keeps what stands in the composer of a room, or of a thread in it; on disk when this returns,
    /// and on the other devices soon after. Answers what it is called now: the base of what is written
    /// next.
    pub async fn save_draft(
        &self,
        room: RoomId,
        thread: Option<MessageId>,
        written: Written,
    ) -> Result<Option<ClientId>> {
        let author = self.author();
        let composer = (room, thread);
        let had = self.shared.store.read(drafts::used)?.contains(&composer);
        let (version, has_changed, has) = self
            .shared
            .store
            .write(move |tx| {
                let (version, has_changed) = draft::write(tx, author, composer, &written)?;
                let has = drafts::used(tx)?.contains(&composer);
                Ok((version, has_changed, has))
            })
            .await?;
        if has_changed {
            self.shared.outbox_changed.notify_one();
        }
        if had != has {
            self.shared.tell(match thread {
                None => Update::Rooms,
                Some(_) => Update::Threads,
            });
        }
        Ok(version)
    }

    /// Sends what stood in a room's composer; the draft is empty on all devices when the message is
    /// there.
    /// `lifetime`: how long it stays; absent, as long as is usual in the room.
    pub async fn send_draft(
        &self,
        room: RoomId,
        written: Written,
        lifetime: Option<Lifetime>,
    ) -> Result<ClientId> {
        let lifetime = lifetime.map(Lifetime::valid).transpose();
        let to = Answer {
            reply_to: written.reply_to,
            lifetime: lifetime.map_err(Error::Invalid)?,
            ..Answer::default()
        };
        self.send_written(room, written, to).await
    }

    /// Sends what stood in a thread's composer, as [`Self::send_draft`]. `also_in_room`: it is shown
    /// in the room, too.
    pub async fn send_in_thread(
        &self,
        room: RoomId,
        thread: MessageId,
        written: Written,
        also_in_room: bool,
    ) -> Result<ClientId> {
        let to = Answer {
            reply_to: written.reply_to,
            thread_id: Some(thread),
            also_in_room,
            lifetime: None,
        };
        self.send_written(room, written, to).await
    }

    async fn send_written(&self, room: RoomId, written: Written, to: Answer) -> Result<ClientId> {
        let text = content(&written.text)?;
        let author = self.author();
        self.queue(room, move |tx| {
            compose::send_draft(tx, author, room, text, to, written.base)
        })
        .await?;
        Ok(author.op_id)
    }

    /// What rings in all rooms.
    pub fn attention(&self) -> Result<AttentionView> {
        let held = self.shared.store.read(meta::attention)?;
        Ok(AttentionView {
            who_writes: held.who_writes,
            keywords: held.keywords.iter().map(|w| SafeText::line(w)).collect(),
            quiet: SafeText::line(&quiet::write(&held.quiet_hours.spans)),
            time_zone: SafeText::line(&if held.quiet_hours.is_never() {
                self.zone_name()
            } else {
                held.quiet_hours.time_zone
            }),
        })
    }

    /// Says what holds in all rooms: who may begin to write to this user, and what rings: words, and hours of quiet ([`quiet::EXAMPLES`]) on the clock of
    /// this place, or where that is.
    pub async fn set_attention(
        &self,
        keywords: Vec<String>,
        quiet: &str,
        time_zone: &str,
        who_writes: WhoWrites,
    ) -> Result<()> {
        let spans = quiet::read(quiet)?;
        let time_zone = match time_zone.trim() {
            "" => self.zone_name(),
            named => named.to_owned(),
        };
        let hours = QuietHours { time_zone, spans };
        let request = AttentionRequest {
            keywords: Some(attention::keywords(&keywords).map_err(Error::Invalid)?),
            quiet_hours: Some(hours.checked().map_err(Error::Invalid)?),
            who_writes: Some(who_writes),
        };
        let _: Attention = self
            .shared
            .api
            .send(Method::PUT, "/users/me/attention", Some(&request))
            .await?;
        Ok(())
    }

    fn zone_name(&self) -> String {
        let zone = self.shared.clock.zone();
        zone.iana_name().unwrap_or("UTC").to_owned()
    }

    /// Says which messages of a room ring.
    pub async fn set_level(&self, room: RoomId, level: Level) -> Result<()> {
        let request = RoomAttentionRequest {
            level: Some(level),
            hushed_until: None,
        };
        self.set_in_room(room, request).await
    }

    /// Nothing of a room rings until then; a moment that is past ends it.
    pub async fn hush(&self, room: RoomId, until: Timestamp) -> Result<()> {
        let request = RoomAttentionRequest {
            level: None,
            hushed_until: Some(until),
        };
        self.set_in_room(room, request).await
    }

    /// Until when a text means, `in 2h`, `tomorrow 9:00`; nothing means for ever.
    pub fn read_until(&self, text: &str) -> Result<Timestamp> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Timestamp::NEVER);
        }
        let text = text.strip_prefix("until ").unwrap_or(text);
        // A while may be said without a word before it.
        let when = match self.read_whole_when(text) {
            Err(_) => self.read_whole_when(&format!("in {text}")),
            read => read,
        }?;
        let wrong = |error: erc_protocol::schedule::WhenError| Error::Invalid(error.reason);
        when.resolve(self.shared.clock.now()).map_err(wrong)
    }

    /// The row comes down the link, as to every device.
    async fn set_in_room(&self, room: RoomId, request: RoomAttentionRequest) -> Result<()> {
        let path = format!("/chat/rooms/{room}/attention");
        let _: UserRoom = self
            .shared
            .api
            .send(Method::PUT, &path, Some(&request))
            .await?;
        Ok(())
    }
}

fn view(conn: &Connection, (room, thread): Key, now: Timestamp) -> Result<DraftView> {
    let Some(row) = drafts::get(conn, (room, thread))? else {
        return Ok(DraftView::default());
    };
    let reply = match row.reply_to {
        Some(id) => Some(message::quoted(conn, room, id, now)?),
        None => None,
    };
    let entries = outbox::of_room(conn, room)?;
    let refused = entries
        .iter()
        .filter(|entry| entry.kind == outbox::Kind::Draft && entry.thread_id == thread)
        .find_map(|entry| entry.reason.as_deref());
    Ok(DraftView {
        text: row.content,
        reply,
        version: Some(row.version),
        aside: row
            .aside
            .iter()
            .map(|text| AsideView {
                version: text.version,
                text: SafeText::block(&text.content),
                at: text.at,
            })
            .collect(),
        refused: refused.map(SafeText::line),
    })
}

/// Whether a message that just came rings for this user.
pub(crate) fn rings(
    conn: &Connection,
    me: UserId,
    row: &Message,
    now: Timestamp,
) -> Result<Option<Why>> {
    let Some(room) = rooms::get(conn, row.chat_room_id)? else {
        return Ok(None);
    };
    let thread = match row.thread_id {
        Some(id) => threads::get(conn, id)?,
        None => None,
    };
    let follows = match &thread {
        Some(thread) => unread::is_followed(conn, thread)?,
        None => false,
    };
    let read_seq = match &thread {
        Some(thread) if !row.is_in_room() => unread::thread_mark(conn, thread)?,
        None if !row.is_in_room() => Seq::ZERO,
        _ => unread::read_mark(conn, &room)?,
    };
    let hearer = Hearer {
        me,
        kind: room.kind,
        level: room.level,
        hushed_until: room.hushed_until,
        read_seq,
        is_request: room.request.is_received(),
        is_blocked: blocks::users(conn)?.contains(&row.sender_id),
        is_quiet: presence::is_quiet(conn, now)?,
        follows,
        attention: &meta::attention(conn)?,
    };
    Ok(attention::rings(row, hearer, now))
}

#[cfg(test)]
mod tests;
