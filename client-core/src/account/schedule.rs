//! What is to be done later: messages to send, reminders. Read from the cache, changed by the server.

use erc_protocol::{
    ClientId, MessageId, RoomId, Scheduled,
    schedule::{RemindRequest, RescheduleRequest, ScheduleRequest, ScheduledKind, When},
    validate,
};
use reqwest::Method;
use rusqlite::Connection;

use super::{Account, views};
use crate::{
    SafeText,
    cache::{messages, rooms, scheduled},
    error::{Error, Result},
    timeline::message,
    transport::rest::NOTHING,
    view::ScheduledView,
    when,
};

impl Account {
    /// What this user waits for, what asks for a decision first.
    pub fn scheduled(&self) -> Result<Vec<ScheduledView>> {
        let me = self.shared.my_id();
        self.shared.store.read(|conn| {
            let rows = scheduled::all(conn)?;
            rows.iter().map(|row| view(conn, me, row)).collect()
        })
    }

    /// What a text means as a moment to come, and what stands behind it: `9:00 tea`, `in 2h tea`.
    pub fn read_when<'a>(&self, text: &'a str) -> Result<(When, &'a str)> {
        when::leading(text, self.shared.clock.now(), &self.shared.clock.zone())
    }

    /// What a whole text means as a moment to come.
    pub fn read_whole_when(&self, text: &str) -> Result<When> {
        when::whole(text, self.shared.clock.now(), &self.shared.clock.zone())
    }

    /// The server sends this message when the time comes. It has it when this returns.
    pub async fn schedule(
        &self,
        room: RoomId,
        text: &str,
        reply_to: Option<MessageId>,
        when: When,
    ) -> Result<()> {
        let request = ScheduleRequest {
            content: validate::content(text).map_err(|e| Error::Invalid(e.to_string()))?,
            client_id: Some(ClientId(self.shared.clock.operation_id())),
            reply_to,
            when,
        };
        let path = format!("/chat/rooms/{room}/scheduled");
        self.ask_later(Method::POST, &path, Some(&request)).await
    }

    /// The server reminds this user of a message when the time comes.
    pub async fn remind(&self, message: MessageId, note: &str, when: When) -> Result<()> {
        let request = RemindRequest {
            note: validate::note(note).map_err(Error::Invalid)?,
            client_id: Some(ClientId(self.shared.clock.operation_id())),
            when,
        };
        let path = format!("/chat/messages/{message}/reminders");
        self.ask_later(Method::POST, &path, Some(&request)).await
    }

    /// Another text, another time; what is absent stays.
    pub async fn reschedule(
        &self,
        id: ClientId,
        text: Option<String>,
        when: Option<When>,
    ) -> Result<()> {
        let request = RescheduleRequest {
            content: text,
            when: when.unwrap_or_default(),
        };
        let path = format!("/chat/scheduled/{id}");
        self.ask_later(Method::PUT, &path, Some(&request)).await
    }

    /// Cancels it, or puts a reminder away.
    pub async fn cancel_scheduled(&self, id: ClientId) -> Result<()> {
        let path = format!("/chat/scheduled/{id}");
        self.ask_later(Method::DELETE, &path, NOTHING).await
    }

    /// The row comes down the link, as to every device.
    async fn ask_later(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl serde::Serialize + Sync + ?Sized)>,
    ) -> Result<()> {
        let _: Scheduled = self.shared.api.send(method, path, body).await?;
        Ok(())
    }
}

/// A row with the names that the cache knows.
pub(crate) fn view(
    conn: &Connection,
    me: erc_protocol::UserId,
    row: &Scheduled,
) -> Result<ScheduledView> {
    let room = rooms::get(conn, row.room_id)?;
    let room_name = match &room {
        Some(room) => views::room_name(conn, me, room)?,
        None => SafeText::default(),
    };
    let about = match (row.kind, row.message_id) {
        (ScheduledKind::Reminder, Some(id)) => messages::by_id(conn, id)?,
        _ => None,
    };
    Ok(ScheduledView {
        client_id: row.client_id,
        kind: row.kind,
        room_id: row.room_id,
        room: room_name,
        text: SafeText::block(&row.content),
        about: about.as_ref().map(message::summary),
        about_seq: about.as_ref().map(|row| row.seq),
        due_at: row.due_at,
        local_time: row.local_time.as_deref().map(SafeText::line),
        time_zone: row.time_zone.as_deref().map(SafeText::line),
        state: row.state,
        error: row
            .error
            .as_ref()
            .map(|error| SafeText::line(&error.message)),
    })
}
