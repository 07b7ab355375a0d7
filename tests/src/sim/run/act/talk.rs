//! Writing, and what is done about a message that is there.

use erc_client_core::{
    Account, Error,
    view::{Delivery, MessageView, Written},
};
use erc_protocol::{ClientId, Lifetime, RoomId, Seq};

use super::emoji::is_custom;
use super::{DISK, EMOJI, begins_thread, lifetime, newest, poll_text};
use crate::sim::run::Sim;
use crate::sim::{ledger::Promise, plan::Step};

impl Sim<'_> {
    pub(super) async fn talk(&mut self, step: Step) {
        let (Step::Send { device, room, .. }
        | Step::SendFor { device, room, .. }
        | Step::Reply { device, room, .. }
        | Step::Follow { device, room, .. }
        | Step::Edit { device, room, .. }
        | Step::Delete { device, room, .. }
        | Step::React { device, room, .. }
        | Step::Pin { device, room, .. }
        | Step::Forward { device, room, .. }
        | Step::Poll { device, room, .. }
        | Step::Vote { device, room, .. }
        | Step::ClosePoll { device, room, .. }
        | Step::Read { device, room, .. }
        | Step::Discard { device, room }
        | Step::Retry { device, room }) = step
        else {
            return;
        };
        let (number, room) = (self.number(device), self.room(room));
        let Some(account) = self.devices[number].account() else {
            return;
        };
        match step {
            Step::Send { is_reply, .. } => self.send(number, account, room, is_reply, None).await,
            Step::SendFor {
                seconds,
                by_reading,
                ..
            } => {
                let lifetime = Some(lifetime(seconds, by_reading));
                self.tally.count("messages that go by themselves");
                self.send(number, account, room, false, lifetime).await;
            }
            Step::Reply {
                pick, also_in_room, ..
            } => {
                self.reply(number, account, room, (pick, also_in_room))
                    .await;
            }
            Step::Follow { pick, on, .. } => self.follow(number, account, room, (pick, on)).await,
            Step::Edit { pick, .. } => self.edit(number, account, room, pick).await,
            Step::Delete { pick, .. } => self.delete(number, account, room, pick).await,
            Step::React {
                pick, emoji, on, ..
            } => {
                let emoji = EMOJI[emoji % EMOJI.len()];
                self.react(number, account, room, pick, (emoji, on)).await;
            }
            Step::Pin { pick, on, .. } => {
                if let Some(message) = newest(&account, room, |one| one.can_pin).get(pick) {
                    let target = (message.sender_id, message.client_id);
                    self.tally.count("pins");
                    let pinning = async move { account.pin(room, target, on).await };
                    self.devices[number].call(DISK, pinning).await;
                }
            }
            Step::Forward { pick, to, .. } => {
                self.forward(number, account, room, pick, self.room(to))
                    .await;
            }
            Step::Poll { .. } | Step::Vote { .. } | Step::ClosePoll { .. } => {
                self.poll(step, number, account, room).await;
            }
            Step::Read { back, .. } => {
                let Ok(summary) = account.room(room) else {
                    return;
                };
                if summary.request.is_received() {
                    return;
                }
                let seq = summary.last_seq.0 - i64::from(back);
                let marking = async move { account.mark_read(room, Seq(seq)).await };
                if let Some(Ok(())) = self.devices[number].call(DISK, marking).await {
                    self.tally.count("read marks");
                    let user = self.user_of(number).id.0;
                    self.ledger.read(user, room.0, seq);
                }
            }
            Step::Discard { .. } | Step::Retry { .. } => {
                let is_failed =
                    |message: &MessageView| matches!(message.delivery, Delivery::Failed { .. });
                for message in newest(&account, room, is_failed) {
                    let (account, id) = (account.clone(), message.client_id);
                    if matches!(step, Step::Discard { .. }) {
                        self.ledger.discarded(number, &id.to_string());
                        let doing = async move { account.discard(room, id).await };
                        self.devices[number].call(DISK, doing).await;
                    } else {
                        let doing = async move { account.retry(room, id).await };
                        self.devices[number].call(DISK, doing).await;
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) async fn send(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        is_reply: bool,
        lifetime: Option<Lifetime>,
    ) {
        let text = self.text(number);
        let reply_to = newest(&account, room, |message| message.message_id.is_some())
            .first()
            .and_then(|message| message.message_id)
            .filter(|_| is_reply);
        let sending = {
            let text = text.clone();
            async move { account.send_for(room, &text, reply_to, lifetime).await }
        };
        let sent = self.devices[number].call(DISK, sending).await;
        self.sent(
            number,
            room,
            text,
            "messages written by clients",
            sent.as_ref(),
        );
    }

    /// What became of a message that a client was to send: promised, perhaps there, or refused.
    pub(super) fn sent(
        &mut self,
        number: usize,
        room: RoomId,
        text: String,
        what: &'static str,
        sent: Option<&Result<ClientId, Error>>,
    ) {
        let user = self.user_of(number).id.0;
        match sent {
            Some(Ok(id)) => {
                self.tally.count(what);
                let (id, place) = (id.to_string(), (user, room.0));
                self.ledger
                    .wrote(id, place, Some(number), Promise::Given, text);
            }
            Some(Err(Error::Storage(_))) | None => self.ledger.wrote_perhaps(user, text),
            Some(Err(_)) => {}
        }
    }

    pub(super) async fn follow(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        (pick, on): (usize, bool),
    ) {
        let some = newest(&account, room, |one| one.thread.is_some());
        if let Some(thread) = some.get(pick).and_then(|message| message.message_id) {
            self.tally.count("threads followed or not");
            let following = async move { account.follow_thread(room, thread, on).await };
            self.devices[number].call(DISK, following).await;
        }
    }

    pub(super) async fn reply(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        (pick, also_in_room): (usize, bool),
    ) {
        let some = newest(&account, room, begins_thread);
        let Some(thread) = some.get(pick).and_then(|message| message.message_id) else {
            return;
        };
        let text = self.text(number);
        let sending = {
            let text = text.clone();
            async move {
                let written = Written::new(text);
                account
                    .send_in_thread(room, thread, written, also_in_room)
                    .await
            }
        };
        let sent = self.devices[number].call(DISK, sending).await;
        self.sent(number, room, text, "replies in threads", sent.as_ref());
    }

    pub(super) async fn read_thread(&mut self, device: usize, pick: usize, back: u8) {
        let number = self.number(device);
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let threads = account.threads().unwrap_or_default();
        let Some(thread) = pick
            .checked_rem(threads.len())
            .and_then(|at| threads.get(at))
        else {
            return;
        };
        let (room, thread) = (thread.room_id, thread.thread_id);
        let Ok(summary) = account.room(room) else {
            return;
        };
        let seq = Seq(summary.last_seq.0 - i64::from(back));
        let marking = async move { account.mark_thread_read(room, thread, seq).await };
        if let Some(Ok(())) = self.devices[number].call(DISK, marking).await {
            self.tally.count("marks in threads");
        }
    }

    pub(super) async fn edit(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        pick: usize,
    ) {
        let some = newest(&account, room, |message| message.can_edit);
        let Some(message) = some.get(pick) else {
            return;
        };
        let id = message.client_id;
        let text = self.text(number);
        let is_poll = message.poll.is_some();
        let editing = {
            let text = text.clone();
            async move { account.edit(room, id, &text).await }
        };
        let promise = match self.devices[number].call(DISK, editing).await {
            Some(Ok(())) => Promise::Given,
            Some(Err(Error::Storage(_))) | None => Promise::Open,
            Some(Err(_)) => return,
        };
        self.tally.count("edits");
        let said = if is_poll { poll_text(&text) } else { text };
        self.ledger.edited(&id.to_string(), number, promise, &said);
    }

    pub(super) async fn delete(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        pick: usize,
    ) {
        let some = newest(&account, room, |message| message.can_delete);
        if let Some(message) = some.get(pick) {
            let (sender, id) = (message.sender_id, message.client_id);
            self.ledger.deleted(&id.to_string());
            self.tally.count("deletions");
            let deleting = async move { account.delete(room, sender, id).await };
            self.devices[number].call(DISK, deleting).await;
        }
    }

    pub(super) async fn react(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        pick: usize,
        (emoji, on): (&'static str, bool),
    ) {
        let some = newest(&account, room, |message| message.can_react);
        let Some(message) = some.get(pick) else {
            return;
        };
        let target = (message.sender_id, message.client_id);
        let reacting = async move { account.react(room, target, emoji, on).await };
        let promise = match self.devices[number].call(DISK, reacting).await {
            Some(Ok(())) => Promise::Given,
            Some(Err(Error::Storage(_))) | None => Promise::Open,
            Some(Err(_)) => return,
        };
        self.tally.count("reactions");
        let user = self.user_of(number).id.0;
        let what = (message.client_id.to_string(), user, emoji.to_owned());
        // It may have gone before the reaction came.
        let promise = if is_custom(emoji) {
            Promise::Open
        } else {
            promise
        };
        self.ledger.reacted(what, number, promise, on);
    }

    pub(super) async fn forward(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        pick: usize,
        to: RoomId,
    ) {
        let is_there = |message: &MessageView| message.message_id.is_some() && !message.deleted;
        let some = newest(&account, room, is_there);
        let Some(source) = some.get(pick).and_then(|message| message.message_id) else {
            return;
        };
        let forwarding = async move { account.forward(source, to, true).await };
        if let Some(Ok(id)) = self.devices[number].call(DISK, forwarding).await {
            self.tally.count("messages forwarded");
            let place = (self.user_of(number).id.0, to.0);
            self.ledger.forwarded(id.to_string(), place, number);
        }
    }
}
