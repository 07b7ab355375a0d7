//! What a client's frame does. Operations end in the same functions as REST; they are submitted in
//! the order of their frames, and answered when they are done.

use erc_protocol::{
    ErrorBody, ErrorCode, Presence, PresenceState, RoomId,
    api::messages::{EditMessageRequest, SendMessageRequest},
    gateway::{
        ClientFrame, ClientPacket, ServerFrame, ServerPacket,
        client::{MarkDelivered, SendMessage, SetPresence, SetTyping, SyncRoom},
        server::{Pong, RoomJoined},
    },
    limit,
    presence::Typing,
};
use serde::Serialize;
use tracing::Instrument as _;

use super::connection::{Connection, End, Mode};
use super::seat::Seat;
use crate::app::App;
use crate::frame::Frame;
use crate::http::ApiError;
use crate::hub::Viewing;
use crate::limits::Kind;
use crate::ops::catch_up::{self, Position};
use crate::ops::committer::Receipt;
use crate::ops::{
    Error, drafts, forward, messages, pins, polls, presence, reactions, reads, requests, threads,
};

impl Connection {
    /// One text frame.
    pub(super) async fn handle(&mut self, text: &str) -> Result<(), End> {
        let ClientPacket { id, frame } = match ClientPacket::decode(text) {
            Ok(packet) => packet,
            Err(refused) => return self.send_error(refused.id, refused.error).await,
        };
        if self.seat.mode == Mode::Silent && !matches!(frame, ClientFrame::Hello(_)) {
            let message = "the first frame is hello";
            return self
                .send_error(id, ErrorBody::new(ErrorCode::MalformedRequest, message))
                .await;
        }
        let (app, actor) = (self.seat.app.clone(), self.seat.actor);
        if let Err(refused) = app.limits.user(actor, counted_as(&frame)) {
            return self.refuse(id, refused).await;
        }
        match frame {
            // It has no span: that would cost as much as reading the frame, and what is logged of it
            // is logged when its answer comes.
            ClientFrame::SendMessage(send) => self.send_message(id, send).await,
            // Apart: the future of all the others is large, and a message is not to carry it.
            frame => {
                let span = self.seat.span();
                Box::pin(self.act(id, frame)).instrument(span).await
            }
        }
    }

    async fn send_message(&mut self, id: Option<u64>, send: SendMessage) -> Result<(), End> {
        let (app, actor) = (self.seat.app.clone(), self.seat.actor);
        let request = SendMessageRequest {
            content: send.content,
            message_type: send.message_type,
            client_id: send.client_id,
            reply_to: send.reply_to,
            expires_in: send.expires_in,
            expires_from: send.expires_from,
            thread_id: send.thread_id,
            also_in_room: send.also_in_room,
            poll: send.poll,
        };
        let (room, drafts) = (send.room_id, send.drafts);
        let receipt = messages::send_draft(&app, actor, room, request, drafts).await;
        self.answer_later(id, receipt).await
    }

    /// What a frame that may be acted on asks for.
    async fn act(&mut self, id: Option<u64>, frame: ClientFrame) -> Result<(), End> {
        let (app, actor) = (self.seat.app.clone(), self.seat.actor);
        match frame {
            ClientFrame::Hello(hello) => Box::pin(self.hello(id, hello)).await,
            ClientFrame::Ping(_) => self.pong(id).await,
            ClientFrame::JoinRoom(room) => Box::pin(self.join_room(id, room.room_id)).await,
            ClientFrame::LeaveRoom(room) => self.leave_room(id, room.room_id).await,
            ClientFrame::Typing(typing) => Box::pin(self.typing(id, &typing)).await,
            ClientFrame::SetPresence(set) => self.set_presence(id, &set).await,
            ClientFrame::SyncRoom(sync) => Box::pin(self.sync_room(id, &sync)).await,
            ClientFrame::SendMessage(send) => self.send_message(id, send).await,
            ClientFrame::EditMessage(edit) => {
                let request = EditMessageRequest {
                    content: edit.content,
                    client_id: edit.client_id,
                    base_rev: edit.base_rev,
                    options: edit.options,
                };
                let receipt = Box::pin(messages::edit(&app, actor, edit.message_id, request)).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::DeleteMessage(delete) => {
                let receipt = messages::delete(&app, actor, delete.message_id).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::React(react) => {
                let on = Some(react.on);
                let receipt =
                    reactions::react(&app, actor, react.message_id, &react.emoji, on).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::PinMessage(pin) => {
                let receipt = pins::pin(&app, actor, pin.message_id, pin.on).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::ForwardMessage(it) => {
                let (message, room, name) = (it.message_id, it.room_id, it.client_id);
                let receipt = Box::pin(forward::one(
                    &app,
                    actor,
                    message,
                    room,
                    name,
                    it.with_author,
                ))
                .await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::Vote(vote) => {
                let (message, options) = (vote.message_id, vote.options);
                let receipt =
                    Box::pin(polls::vote(&app, actor, message, options, vote.client_id)).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::ClosePoll(close) => {
                let receipt = polls::close(&app, actor, close.message_id).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::MarkRead(mark) => {
                let receipt = reads::mark(&app, actor, mark.room_id, mark.seq, mark.unread).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::FollowThread(it) => {
                let receipt = threads::follow(&app, actor, it.thread_id, it.on).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::ReadThread(mark) => {
                let receipt = threads::read(&app, actor, mark.thread_id, mark.seq).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::SaveDraft(save) => {
                let receipt = Box::pin(drafts::save(&app, actor, save.room_id, save.draft)).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::AnswerRequest(it) => {
                let receipt = requests::answer(&app, actor, it.room_id, it.accept).await;
                self.answer_later(id, receipt).await
            }
            ClientFrame::MarkDelivered(mark) => self.delivered(id, mark).await,
        }
    }

    /// Answers when all of it is durable.
    async fn delivered(&mut self, id: Option<u64>, mark: MarkDelivered) -> Result<(), End> {
        if mark.rooms.len() > limit::DELIVERED_ROOMS {
            let message = format!("at most {} rooms at a time", limit::DELIVERED_ROOMS);
            return self.refuse(id, Error::invalid("rooms", message)).await;
        }
        let mut receipts = Vec::with_capacity(mark.rooms.len());
        for (room, seq) in mark.rooms {
            match reads::delivered(&self.seat.app, self.seat.actor, room, seq).await {
                Ok(receipt) => receipts.push(receipt),
                Err(error) => return self.refuse(id, error).await,
            }
        }
        let app = self.seat.app.clone();
        self.reply_later(Box::pin(async move {
            let all = futures_util::future::try_join_all(receipts).await;
            reply(&app, id, all.map(|_| serde_json::Value::Null))
        }));
        Ok(())
    }

    /// Answers when the operation is durable; meanwhile the connection goes on.
    async fn answer_later<T: Serialize + Send + 'static>(
        &mut self,
        id: Option<u64>,
        receipt: Result<Receipt<T>, Error>,
    ) -> Result<(), End> {
        match receipt {
            Ok(receipt) => {
                let app = self.seat.app.clone();
                self.reply_later(Box::pin(async move { reply(&app, id, receipt.await) }));
                Ok(())
            }
            Err(error) => self.send_error(id, ApiError::from(error).into_body()).await,
        }
    }

    async fn ack(&mut self, id: Option<u64>, data: impl Serialize) -> Result<(), End> {
        match reply(&self.seat.app, id, Ok(data)) {
            Some(frame) => self.feed(frame.bytes().clone()).await,
            None => Ok(()),
        }
    }

    async fn refuse(&mut self, id: Option<u64>, error: Error) -> Result<(), End> {
        self.send_error(id, ApiError::from(error).into_body()).await
    }

    async fn pong(&mut self, id: Option<u64>) -> Result<(), End> {
        let pong = Pong {
            server_time: self.seat.app.clock.now(),
            heads: self.heads(),
        };
        self.send(ServerPacket {
            id,
            frame: ServerFrame::Pong(pong),
        })
        .await
    }

    /// Opens a room: its state and who is there now; from now on its typing and presence.
    async fn join_room(&mut self, id: Option<u64>, room: RoomId) -> Result<(), End> {
        let head = match catch_up::head(&self.seat.app, self.seat.actor.user, room).await {
            Ok(head) => head,
            Err(error) => return self.refuse(id, error).await,
        };
        self.meet(room).await?;
        if !self.open.contains(&room) {
            if self.open.len() >= limit::OPEN_ROOMS {
                let oldest = self.open.remove(0);
                self.seat
                    .app
                    .hub
                    .set_viewing(oldest, &self.seat.ear.listener, Viewing::No);
            }
            self.open.push(room);
        }
        let presence = match self.seat.look_at(room).await {
            Ok(presence) => presence,
            Err(error) => return self.refuse(id, error).await,
        };
        let receipts = match reads::of_room(&self.seat.app, self.seat.actor, room).await {
            Ok(all) => all.receipts,
            Err(error) => return self.refuse(id, error).await,
        };
        let joined = RoomJoined {
            room_id: room,
            head,
            presence,
            receipts,
        };
        self.send(ServerPacket {
            id,
            frame: ServerFrame::RoomJoined(joined),
        })
        .await
    }
}

impl Seat {
    /// Who is there in a room that is on screen from now on.
    pub(super) async fn look_at(&self, room: RoomId) -> Result<Vec<Presence>, Error> {
        let Self { app, ear, .. } = self;
        if presence::is_told(app, room).await? {
            // What changes after this is told, so that nothing is missed.
            app.hub.set_viewing(room, &ear.listener, Viewing::All);
            presence::present_members(app, room).await
        } else {
            app.hub.set_viewing(room, &ear.listener, Viewing::Typing);
            Ok(Vec::new())
        }
    }
}

impl Connection {
    async fn leave_room(&mut self, id: Option<u64>, room: RoomId) -> Result<(), End> {
        self.open.retain(|open| *open != room);
        self.seat
            .app
            .hub
            .set_viewing(room, &self.seat.ear.listener, Viewing::No);
        self.ack(id, serde_json::Value::Null).await
    }

    async fn typing(&mut self, id: Option<u64>, typing: &SetTyping) -> Result<(), End> {
        if !self.meet(typing.room_id).await? {
            return self.refuse(id, Error::not_found("room")).await;
        }
        let state = self.seat.rooms.get(typing.room_id);
        // Who asks learns nothing of who is asked.
        if state.is_some_and(|state| !state.is_request) {
            self.seat.app.hub.typing(&Typing {
                user_id: self.seat.actor.user,
                user_name: self.seat.name.as_ref().to_owned(),
                room_id: typing.room_id,
                is_typing: typing.is_typing,
                timestamp: self.seat.app.clock.now(),
            });
        }
        self.ack(id, serde_json::Value::Null).await
    }

    /// Of this device; others of the same user may still be there.
    async fn set_presence(&mut self, id: Option<u64>, set: &SetPresence) -> Result<(), End> {
        // Who is connected is there: offline is said by leaving.
        // What holds for all devices is chosen by REST.
        let state = set.state.clamp(PresenceState::Idle, PresenceState::Online);
        if self.seat.ear.listener.set_presence(state) {
            presence::announce(&self.seat.app, self.seat.actor.user, &self.room_ids(), None);
        }
        self.ack(id, serde_json::Value::Null).await
    }

    /// Whether the user is in the room. A frame may speak of one before the news of having come
    /// into it was looked at.
    async fn meet(&mut self, room: RoomId) -> Result<bool, End> {
        if !self.seat.rooms.contains(room) {
            self.deliver_user().await?;
        }
        Ok(self.seat.rooms.contains(room))
    }

    async fn sync_room(&mut self, id: Option<u64>, sync: &SyncRoom) -> Result<(), End> {
        self.meet(sync.room_id).await?;
        let Some(state) = self.seat.rooms.get_mut(sync.room_id) else {
            return self.refuse(id, Error::not_found("room")).await;
        };
        state.position = match self.seat.mode {
            Mode::Plain => Position::whole(sync.cursor),
            Mode::Silent | Mode::Synced => Position::from(sync.cursor),
        };
        state.behind = true;
        state.lazy = false;
        self.deliver_room(sync.room_id).await?;
        self.flush().await?;
        self.ack(id, serde_json::Value::Null).await
    }
}

/// The same as of the REST routes that do the same.
const fn counted_as(frame: &ClientFrame) -> Kind {
    match frame {
        ClientFrame::SendMessage(_)
        | ClientFrame::EditMessage(_)
        | ClientFrame::DeleteMessage(_)
        | ClientFrame::React(_)
        | ClientFrame::PinMessage(_)
        | ClientFrame::ForwardMessage(_)
        | ClientFrame::Vote(_)
        | ClientFrame::ClosePoll(_) => Kind::Send,
        ClientFrame::Typing(_) => Kind::Typing,
        _ => Kind::Frame,
    }
}

/// An `ack` if the client gave the frame a number, or the `error`.
fn reply<T: Serialize>(app: &App, id: Option<u64>, result: Result<T, Error>) -> Option<Frame> {
    match result {
        Ok(data) => Some(ServerPacket::encode_ack(id?, &data).into()),
        Err(error) => {
            let body = ApiError::from(error).into_body();
            app.metrics.error(body.code);
            let frame = ServerFrame::Error(body);
            Some(ServerPacket { id, frame }.encode().into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an operation's future takes: it is moved several times before it is asked for the first
    /// time, so that its size is paid with each frame.
    const fn size<A, B, C, F>(_: &impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_message_does_not_carry_the_futures_of_other_frames() {
        let of_message = size(&|connection: &'static mut Connection, id, send| {
            connection.send_message(id, send)
        });
        assert!(of_message < 4 * 1_024, "{of_message}");
        let of_any = size(
            &|connection: &'static mut Connection, text: &'static str, ()| connection.handle(text),
        );
        assert!(of_any < 6 * 1_024, "{of_any}");
    }
}
