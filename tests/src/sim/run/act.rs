//! The steps, but for checks.

use std::{sync::atomic::Ordering, time::Duration};

use erc_client_core::{
    Account, Error,
    account::NewRoom,
    view::{Delivery, DraftView, Item, MessageView, Window, Written},
};
use erc_protocol::{
    ClientId, ExpiryFrom, Level, Lifetime, MessageId, MessageType, RoomId, RoomKind, Seq,
    Timestamp,
    api::messages::SendMessageRequest,
    filter::{FilterAction, FilterKind},
    limit,
    poll::NewPoll,
    report::{ReportKind, ReportOutcome},
};
use erc_server::{bus::shared::Fate, ops::messages};
use futures_util::future::join_all;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::{Running, START_MS, Sim, actor};
use crate::{
    ids,
    sim::{
        ledger::Promise,
        plan::{BusWeather, Step},
    },
};

/// How long something that is only written to disk may take.
const DISK: Duration = Duration::from_secs(20);
/// How long the plan waits for a request, which then goes on by itself.
const REQUEST: Duration = Duration::from_millis(120);
const MINUTE_MS: i64 = 60_000;
/// What messages are answered with.
const EMOJI: [&str; 3] = ["👍", "🎉", "❤️"];
/// What polls let choose from.
const OPTIONS: [&str; 3] = ["tea", "coffee", "water"];

fn poll_text(question: &str) -> String {
    let [one, two, three] = OPTIONS;
    format!("Poll: {question}\n1. {one}\n2. {two}\n3. {three}")
}

impl Sim<'_> {
    pub(super) async fn act(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Send { .. }
            | Step::SendFor { .. }
            | Step::Reply { .. }
            | Step::Follow { .. }
            | Step::Edit { .. }
            | Step::Delete { .. }
            | Step::React { .. }
            | Step::Pin { .. }
            | Step::Forward { .. }
            | Step::Poll { .. }
            | Step::Vote { .. }
            | Step::ClosePoll { .. }
            | Step::Read { .. }
            | Step::Discard { .. }
            | Step::Retry { .. } => self.talk(step).await,
            Step::Draft { .. } | Step::SendDraft { .. } => self.compose(step).await,
            Step::ReadThread { device, pick, back } => {
                self.read_thread(device, pick, back).await;
            }
            Step::Join { .. }
            | Step::Leave { .. }
            | Step::Add { .. }
            | Step::Remove { .. }
            | Step::NewRoom { .. }
            | Step::DirectRoom { .. }
            | Step::DeleteRoom { .. }
            | Step::Topic { .. }
            | Step::Lifetime { .. }
            | Step::Rename { .. }
            | Step::Block { .. } => self.ask(step).await,
            Step::Level { .. } | Step::Attention { .. } => self.ring(step).await,
            Step::Report { device, room, pick } => self.report(device, room, pick).await,
            Step::CloseReport { device } => self.close_report(device).await,
            Step::Filter {
                device,
                room,
                filter,
            } => self.filter(device, room, filter).await,
            Step::OpenRoom { .. } | Step::CloseRoom { .. } | Step::Fill { .. } => {
                self.look(step).await;
            }
            Step::Burst {
                node,
                user,
                room,
                count,
            } => self.burst(node, user, room, count).await,
            Step::Close { .. }
            | Step::Kill { .. }
            | Step::KillAtWrite { .. }
            | Step::Start { .. }
            | Step::SignOut { .. }
            | Step::SignIn { .. }
            | Step::DeviceClock { .. } => self.program(step).await?,
            Step::Cut { .. }
            | Step::Mend { .. }
            | Step::Weather { .. }
            | Step::Stall { .. }
            | Step::Route { .. } => self.network(step),
            Step::KillNode { .. }
            | Step::Fault { .. }
            | Step::RestartNode { .. }
            | Step::StartNode { .. }
            | Step::NodeClock { .. }
            | Step::Database
            | Step::Bus { .. } => self.server(step).await?,
            Step::Pass { minutes } => self.pass(minutes),
            Step::Wait { ms } => tokio::time::sleep(Duration::from_millis(ms.into())).await,
            Step::Check { .. } => {}
        }
        Ok(())
    }

    fn number(&self, device: usize) -> usize {
        device % self.devices.len()
    }

    fn text(&mut self, device: usize) -> String {
        self.written += 1;
        format!("device {device} writes {}", self.written)
    }

    async fn talk(&mut self, step: Step) {
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

    async fn send(
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
        let user = self.user_of(number).id.0;
        match self.devices[number].call(DISK, sending).await {
            Some(Ok(id)) => {
                self.tally.count("messages written by clients");
                let place = (user, room.0);
                let id = id.to_string();
                self.ledger
                    .wrote(id, place, Some(number), Promise::Given, text);
            }
            Some(Err(Error::Storage(_))) | None => self.ledger.wrote_perhaps(user, text),
            Some(Err(_)) => {}
        }
    }

    async fn follow(
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

    async fn reply(
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
        let user = self.user_of(number).id.0;
        match self.devices[number].call(DISK, sending).await {
            Some(Ok(id)) => {
                self.tally.count("replies in threads");
                let place = (user, room.0);
                let id = id.to_string();
                self.ledger
                    .wrote(id, place, Some(number), Promise::Given, text);
            }
            Some(Err(Error::Storage(_))) | None => self.ledger.wrote_perhaps(user, text),
            Some(Err(_)) => {}
        }
    }

    async fn read_thread(&mut self, device: usize, pick: usize, back: u8) {
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

    async fn compose(&mut self, step: Step) {
        let (Step::Draft {
            device,
            room,
            thread,
            ..
        }
        | Step::SendDraft {
            device,
            room,
            thread,
        }) = step
        else {
            return;
        };
        let (number, room) = (self.number(device), self.room(room));
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let Some(composer) = composer(&account, room, thread) else {
            return;
        };
        if let Step::Draft {
            is_empty, forget, ..
        } = step
        {
            self.draft(number, account, composer, (is_empty, forget))
                .await;
        } else {
            self.send_draft(number, account, composer).await;
        }
    }

    /// What rings, in a room or in all.
    async fn ring(&mut self, step: Step) {
        let (Step::Level { device, .. } | Step::Attention { device, .. }) = step else {
            return;
        };
        let number = self.number(device);
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let room = match step {
            Step::Level { room, .. } => self.room(room),
            _ => RoomId(0),
        };
        let asking = async move {
            match step {
                Step::Level {
                    hush_minutes: Some(minutes),
                    ..
                } => {
                    let until = Timestamp(START_MS + i64::from(minutes) * MINUTE_MS);
                    account.hush(room, until).await
                }
                Step::Level { level, .. } => {
                    let level = Level::ALL[level % Level::ALL.len()];
                    account.set_level(room, level).await
                }
                Step::Attention { number, .. } => {
                    let words = (0..number).map(|n| format!("word{n}")).collect();
                    let quiet = if number % 2 == 0 {
                        ""
                    } else {
                        "mon-fri 22:00-7:00"
                    };
                    account.set_attention(words, quiet, "Europe/Berlin").await
                }
                _ => Ok(()),
            }
        };
        if let Some(Ok(())) = self.devices[number].call(REQUEST, asking).await {
            self.tally.count("changes of what rings");
        }
    }

    /// Types in a composer, in view of what stands there.
    async fn draft(
        &mut self,
        number: usize,
        account: Account,
        (room, thread): Composer,
        (is_empty, forget): (bool, bool),
    ) {
        let Ok(shown) = account.draft(room, thread) else {
            return;
        };
        let text = if is_empty {
            String::new()
        } else {
            self.text(number)
        };
        let aside: Vec<_> = shown.aside.iter().filter(|_| forget).collect();
        let written = Written {
            text: text.clone(),
            reply_to: None,
            base: shown.version,
            forget: aside.iter().map(|one| one.version).collect(),
        };
        let saving = async move { account.save_draft(room, thread, written).await };
        let place = (self.user_of(number).id.0, room.0, thread_of(thread));
        let saved = self.devices[number].call(DISK, saving).await;
        if let Some(Err(Error::NotFound | Error::Invalid(_))) = saved {
            return;
        }
        self.tally.count("drafts");
        self.typed.done(place, &shown.text);
        for one in aside {
            self.typed.done(place, one.text.as_str());
        }
        if let (Some(Ok(_)), false) = (saved, is_empty) {
            self.typed.wrote(place, number, text);
        }
    }

    async fn send_draft(&mut self, number: usize, account: Account, (room, thread): Composer) {
        let Ok(DraftView { text, version, .. }) = account.draft(room, thread) else {
            return;
        };
        if text.is_empty() {
            return;
        }
        let written = Written {
            base: version,
            ..Written::new(text.clone())
        };
        let sending = async move {
            match thread {
                Some(thread) => account.send_in_thread(room, thread, written, false).await,
                None => account.send_draft(room, written, None).await,
            }
        };
        let user = self.user_of(number).id.0;
        let place = (user, room.0, thread_of(thread));
        match self.devices[number].call(DISK, sending).await {
            Some(Ok(id)) => {
                self.tally.count("drafts sent");
                self.typed.done(place, &text);
                let id = id.to_string();
                self.ledger
                    .wrote(id, (user, room.0), Some(number), Promise::Given, text);
            }
            Some(Err(Error::Storage(_))) | None => {
                self.typed.done(place, &text);
                self.ledger.wrote_perhaps(user, text);
            }
            Some(Err(_)) => {}
        }
    }

    async fn edit(&mut self, number: usize, account: Account, room: RoomId, pick: usize) {
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

    async fn delete(&mut self, number: usize, account: Account, room: RoomId, pick: usize) {
        let some = newest(&account, room, |message| message.can_delete);
        if let Some(message) = some.get(pick) {
            let (sender, id) = (message.sender_id, message.client_id);
            self.ledger.deleted(&id.to_string());
            self.tally.count("deletions");
            let deleting = async move { account.delete(room, sender, id).await };
            self.devices[number].call(DISK, deleting).await;
        }
    }

    async fn poll(&mut self, step: Step, number: usize, account: Account, room: RoomId) {
        match step {
            Step::Poll {
                thread,
                multiple,
                anonymous,
                hidden,
                minutes,
                ..
            } => {
                let closes_at = minutes.map(|minutes| {
                    let now = self.devices[number].time();
                    now.plus_ms(i64::from(minutes) * MINUTE_MS)
                });
                let new = NewPoll {
                    options: OPTIONS.map(str::to_owned).to_vec(),
                    multiple,
                    anonymous,
                    hidden,
                    closes_at,
                };
                self.ask_all(number, account, (room, thread), new).await;
            }
            Step::Vote { pick, options, .. } => {
                self.vote(number, account, room, pick, options).await;
            }
            Step::ClosePoll { pick, .. } => {
                let closes = |one: &MessageView| one.poll.as_ref().is_some_and(|p| p.can_close);
                if let Some(message) = one_of(&newest(&account, room, closes), pick) {
                    let target = (message.sender_id, message.client_id);
                    self.tally.count("polls closed");
                    let closing = async move { account.close_poll(room, target).await };
                    self.devices[number].call(DISK, closing).await;
                }
            }
            _ => {}
        }
    }

    async fn ask_all(
        &mut self,
        number: usize,
        account: Account,
        (room, thread): (RoomId, Option<usize>),
        new: NewPoll,
    ) {
        let begins = |one: &MessageView| one.thread_id.is_none() && one.can_answer;
        let thread = thread.and_then(|pick| {
            let some = newest(&account, room, begins);
            some.get(pick).and_then(|message| message.message_id)
        });
        let question = self.text(number);
        let text = poll_text(&question);
        let asking = async move {
            match thread {
                Some(thread) => {
                    let asking = account.send_poll_in_thread(room, thread, &question, new, true);
                    asking.await
                }
                None => account.send_poll(room, &question, new, None).await,
            }
        };
        let user = self.user_of(number).id.0;
        match self.devices[number].call(DISK, asking).await {
            Some(Ok(id)) => {
                self.tally.count("polls made");
                let place = (user, room.0);
                let id = id.to_string();
                self.ledger
                    .wrote(id, place, Some(number), Promise::Given, text);
            }
            Some(Err(Error::Storage(_))) | None => self.ledger.wrote_perhaps(user, text),
            Some(Err(_)) => {}
        }
    }

    async fn vote(&mut self, number: usize, account: Account, room: RoomId, pick: usize, bits: u8) {
        let votes = |one: &MessageView| one.poll.as_ref().is_some_and(|poll| poll.can_vote);
        let some = newest(&account, room, votes);
        let Some(message) = one_of(&some, pick) else {
            return;
        };
        let mut options: Vec<u8> = (0..3).filter(|one| bits & (1 << one) != 0).collect();
        if message.poll.as_ref().is_some_and(|poll| !poll.multiple) {
            options.truncate(1);
        }
        let chosen = options.iter().fold(0_i64, |all, one| all | (1 << one));
        let target = (message.sender_id, message.client_id);
        let voting = async move { account.vote(room, target, options).await };
        let promise = match self.devices[number].call(DISK, voting).await {
            Some(Ok(())) => Promise::Given,
            Some(Err(Error::Storage(_))) | None => Promise::Open,
            Some(Err(_)) => return,
        };
        self.tally.count("votes");
        let user = self.user_of(number).id.0;
        let what = (message.client_id.to_string(), user);
        self.ledger.voted(what, number, promise, chosen);
    }

    async fn react(
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
        self.ledger.reacted(what, number, promise, on);
    }

    async fn report(&mut self, device: usize, room: usize, pick: usize) {
        let (number, room) = (self.number(device), self.room(room));
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let is_theirs = |message: &MessageView| message.message_id.is_some() && !message.own;
        let some = newest(&account, room, is_theirs);
        let Some(id) = some.get(pick).and_then(|message| message.message_id) else {
            return;
        };
        let reporting = async move {
            account
                .report(Some(id), None, ReportKind::Spam, "look")
                .await
        };
        if let Some(Ok(())) = self.devices[number].call(REQUEST, reporting).await {
            self.tally.count("reports");
        }
    }

    async fn filter(&mut self, device: usize, room: usize, filter: Option<FilterAction>) {
        let (number, room) = (self.number(device), Some(self.room(room)));
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let filtering = async move {
            match filter {
                Some(action) => {
                    let pattern = match action {
                        FilterAction::Refuse => "7$",
                        _ => "3$",
                    };
                    account
                        .add_filter(room, FilterKind::Pattern, pattern, action)
                        .await
                }
                None => match account.filters(room).await?.first() {
                    Some(first) => account.remove_filter(room, first.id).await,
                    None => Ok(()),
                },
            }
        };
        if let Some(Ok(())) = self.devices[number].call(REQUEST, filtering).await {
            self.tally.count("filters");
        }
    }

    async fn close_report(&mut self, device: usize) {
        let number = self.number(device);
        let Some(account) = self.devices[number].account() else {
            return;
        };
        let closing = async move {
            let queue = account.reports(false).await?;
            let Some(first) = queue.first() else {
                return Ok(false);
            };
            let outcome = ReportOutcome::Nothing;
            account.close_report(first.id, outcome, None, "").await?;
            Ok::<_, Error>(true)
        };
        if let Some(Ok(true)) = self.devices[number].call(REQUEST, closing).await {
            self.tally.count("reports closed");
        }
    }

    async fn forward(
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

    /// What is asked of the server at once.
    async fn ask(&mut self, step: Step) {
        let (Step::Join { device, .. }
        | Step::Leave { device, .. }
        | Step::Add { device, .. }
        | Step::Remove { device, .. }
        | Step::NewRoom { device, .. }
        | Step::DirectRoom { device, .. }
        | Step::DeleteRoom { device, .. }
        | Step::Topic { device, .. }
        | Step::Lifetime { device, .. }
        | Step::Rename { device, .. }
        | Step::Block { device, .. }) = step
        else {
            return;
        };
        let number = self.number(device);
        let Some(account) = self.devices[number].account() else {
            return;
        };
        if let Step::Join { room, .. }
        | Step::Leave { room, .. }
        | Step::Add { room, .. }
        | Step::Remove { room, .. }
        | Step::DeleteRoom { room, .. } = step
        {
            self.ledger.moved(self.room(room).0);
            self.tally.count("comings and goings");
        }
        if let Step::Block { .. } = step {
            // What was written to a direct room may be refused now: one that came with no plan.
            for room in self.rooms.iter().skip(self.plan.world.rooms.len()) {
                self.ledger.moved(room.0);
            }
            self.tally.count("blocks");
        }
        let (room, user) = match step {
            Step::Block { user, .. } => (RoomId(0), self.user(user).id),
            Step::Add { room, user, .. } | Step::Remove { room, user, .. } => {
                (self.room(room), self.user(user).id)
            }
            Step::NewRoom { user, .. } | Step::DirectRoom { user, .. } => {
                (RoomId(0), self.user(user).id)
            }
            Step::Join { room, .. }
            | Step::Leave { room, .. }
            | Step::DeleteRoom { room, .. }
            | Step::Lifetime { room, .. }
            | Step::Topic { room, .. } => (self.room(room), self.user(0).id),
            _ => (RoomId(0), self.user(0).id),
        };
        let asking = async move {
            match step {
                Step::Join { .. } => account.join_room(room).await.map(|()| None),
                Step::Leave { .. } => account.leave_room(room).await.map(|()| None),
                Step::Add { .. } => account.add_member(room, user).await.map(|()| None),
                Step::Remove { .. } => account.remove_member(room, user).await.map(|()| None),
                Step::NewRoom { is_private, .. } => {
                    let room = NewRoom {
                        name: "a new room".into(),
                        topic: String::new(),
                        kind: RoomKind::Group,
                        is_private,
                        members: vec![user],
                    };
                    account.create_room(room).await.map(Some)
                }
                Step::DirectRoom { .. } => account.direct_room(user).await.map(Some),
                Step::DeleteRoom { .. } => account.delete_room(room).await.map(|()| None),
                Step::Topic { number, .. } => {
                    let topic = Some(format!("topic {number}"));
                    account.rename_room(room, None, topic).await.map(|()| None)
                }
                Step::Block { on: true, .. } => account.block(user, "").await.map(|()| None),
                Step::Block { .. } => account.unblock(user).await.map(|()| None),
                Step::Lifetime {
                    seconds,
                    by_reading,
                    ..
                } => {
                    let stays = seconds.map(|seconds| lifetime(seconds, by_reading));
                    account.set_lifetime(room, stays).await.map(|()| None)
                }
                Step::Rename { number, .. } => {
                    let name = format!("Name {number}");
                    account.set_display_name(&name).await.map(|()| None)
                }
                _ => Ok(None),
            }
        };
        if let Some(Ok(Some(room))) = self.devices[number].call(REQUEST, asking).await
            && !self.rooms.contains(&room)
        {
            self.tally.count("rooms made");
            self.rooms.push(room);
        }
    }

    /// What a view does.
    async fn look(&mut self, step: Step) {
        let (Step::OpenRoom { device, room }
        | Step::CloseRoom { device, room }
        | Step::Fill { device, room }) = step
        else {
            return;
        };
        let (number, room) = (self.number(device), self.room(room));
        let device = &self.devices[number];
        let Some(account) = device.account() else {
            return;
        };
        match step {
            Step::OpenRoom { .. } => {
                device
                    .call(DISK, async move { account.open_room(room).await })
                    .await;
            }
            Step::CloseRoom { .. } => {
                device
                    .call(DISK, async move { account.close_room(room).await })
                    .await;
            }
            _ => {
                fill(&account, room);
            }
        }
    }

    async fn burst(&mut self, node: usize, user: usize, room: usize, count: usize) {
        let node = node % self.nodes.len();
        let (user, room) = (self.user(user).id, self.room(room));
        let Some(app) = self.nodes[node].app() else {
            return;
        };
        let sends: Vec<(ClientId, String)> = (0..count)
            .map(|number| (ids::client_id(), format!("burst {} {number}", self.written)))
            .collect();
        self.written += 1;
        for (id, text) in &sends {
            let (id, place) = (id.to_string(), (user.0, room.0));
            self.ledger
                .wrote(id, place, None, Promise::Open, text.clone());
        }
        let sending = join_all(sends.into_iter().map(|(id, text)| {
            let app: Running = app.clone();
            async move {
                let request = SendMessageRequest {
                    content: text,
                    message_type: MessageType::Text,
                    client_id: Some(id),
                    reply_to: None,
                    expires_in: None,
                    expires_from: None,
                    thread_id: None,
                    also_in_room: false,
                    poll: None,
                };
                let sent = messages::send(&app, actor(user), room, request).await;
                match sent {
                    Ok(receipt) => receipt.await.is_ok().then_some(id),
                    Err(_) => None,
                }
            }
        }));
        let node = &self.nodes[node];
        let dies = async {
            while !node.has_died() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let given = tokio::select! {
            given = sending => given,
            () = dies => Vec::new(),
        };
        for id in given.into_iter().flatten() {
            self.tally.count("messages of bursts acknowledged");
            self.ledger.keep(&id.to_string());
        }
    }

    async fn program(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Close { device } => {
                let number = self.number(device);
                // Closing waits for the server's goodbye, which a bad link may keep from it.
                self.devices[number].close().await?;
                self.tally.count("clients closed");
            }
            Step::Kill { device } => {
                let number = self.number(device);
                self.devices[number].kill();
                self.tally.count("clients killed at any moment");
            }
            Step::KillAtWrite {
                device,
                after,
                point,
            } => self.devices[self.number(device)].kill_at(after, point),
            Step::Start { device } => {
                let number = self.number(device);
                if self.signed_in[number] {
                    self.devices[number].start().await?;
                }
            }
            Step::SignOut { device, forget } => {
                let number = self.number(device);
                self.devices[number].link.mend();
                if self.devices[number].account().is_some() && self.signed_in[number] {
                    self.devices[number].sign_out(forget).await?;
                    self.signed_in[number] = false;
                    self.tally.count("clients signed out");
                    if forget {
                        self.ledger.forgot(number);
                        self.typed.forgot(number);
                        self.seen.remove(&number);
                    }
                }
            }
            Step::SignIn { device } => {
                let number = self.number(device);
                self.devices[number].link.mend();
                if !self.signed_in[number] && self.devices[number].sign_in().await.is_ok() {
                    self.signed_in[number] = true;
                    self.tally.count("clients signed in again");
                }
            }
            Step::DeviceClock { device, minutes } => {
                let device = &self.devices[self.number(device)];
                let ms = i64::from(minutes) * MINUTE_MS;
                device.ahead.fetch_add(ms, Ordering::SeqCst);
                self.tally.count("clients' clocks set");
            }
            _ => {}
        }
        Ok(())
    }

    fn network(&mut self, step: Step) {
        match step {
            Step::Cut { device } => {
                self.devices[self.number(device)].link.cut();
                self.tally.count("links cut");
            }
            Step::Mend { device } => {
                let device = &self.devices[self.number(device)];
                device.link.mend();
                if let Some(account) = device.account() {
                    account.reconnect_now();
                }
            }
            Step::Weather { device, weather } => {
                self.devices[self.number(device)].link.set_weather(weather);
            }
            Step::Stall { device, up } => {
                self.devices[self.number(device)].link.stall(up);
                self.tally.count("links stalled");
            }
            Step::Route { device, node } => {
                let number = self.number(device);
                self.routes[number] = node % self.nodes.len();
            }
            _ => {}
        }
    }

    async fn server(&mut self, step: Step) -> anyhow::Result<()> {
        let count = self.nodes.len();
        match step {
            Step::KillNode { node } => self.nodes[node % count].kill(),
            Step::Fault {
                node,
                after,
                times,
                fault,
            } => self.nodes[node % count].arm(fault, after, times),
            Step::RestartNode { node } => {
                let node = &mut self.nodes[node % count];
                node.stop().await?;
                node.start().await?;
            }
            Step::Database => {
                self.database.trouble().await?;
                self.tally.count("databases cut off or locked");
            }
            Step::Bus { weather } => self.set_bus(weather),
            Step::StartNode { node } => self.nodes[node % count].start().await?,
            Step::NodeClock { node, minutes } => {
                let ms = i64::from(minutes) * MINUTE_MS;
                let clock = &self.nodes[node % count].clock;
                clock.fetch_add(ms, Ordering::SeqCst);
                self.tally.count("nodes' clocks set");
            }
            _ => {}
        }
        Ok(())
    }
}

fn lifetime(seconds: u16, by_reading: bool) -> Lifetime {
    Lifetime {
        after_s: u32::from(seconds).max(*limit::EXPIRE_S.start()),
        from: if by_reading {
            ExpiryFrom::Read
        } else {
            ExpiryFrom::Sent
        },
    }
}

impl Sim<'_> {
    /// Time goes by everywhere.
    fn pass(&self, minutes: u8) {
        let ms = i64::from(minutes) * MINUTE_MS;
        self.now.fetch_add(ms, Ordering::SeqCst);
        for node in &self.nodes {
            node.clock.fetch_add(ms, Ordering::SeqCst);
        }
        self.tally.count("minutes that went by for all");
    }

    /// What becomes of messages between nodes.
    fn set_bus(&self, weather: BusWeather) {
        let mut random = StdRng::seed_from_u64(self.plan.seed);
        let tally = self.tally.clone();
        self.bus.mend();
        self.bus.resume();
        self.bus.on_each(move |_| {
            let mut strikes = |percent: u8| random.random_ratio(u32::from(percent.min(100)), 100);
            let (fate, what) = if strikes(weather.drop) {
                (Fate::Lost, "messages between nodes lost")
            } else if strikes(weather.duplicate) {
                (Fate::Twice, "messages between nodes doubled")
            } else if strikes(weather.reorder) {
                (Fate::Late(2), "messages between nodes overtaken")
            } else {
                (Fate::Arrives, "messages between nodes")
            };
            tally.count(what);
            fate
        });
        if weather.is_paused {
            self.bus.pause();
            self.tally.count("pauses of the bus");
        }
        if weather.is_cut {
            self.bus.cut();
            self.tally.count("nodes cut off from each other");
        }
    }
}

/// Where one writes: in a room, or in a thread of it.
type Composer = (RoomId, Option<MessageId>);

/// The composer of a room, or of the thread of one of its newest messages, if there is one.
fn composer(account: &Account, room: RoomId, thread: Option<usize>) -> Option<Composer> {
    let Some(pick) = thread else {
        return Some((room, None));
    };
    let some = newest(account, room, begins_thread);
    let message = some.get(pick)?.message_id?;
    Some((room, Some(message)))
}

fn begins_thread(message: &MessageView) -> bool {
    message.thread_id.is_none() && message.can_answer
}

fn thread_of(thread: Option<MessageId>) -> i64 {
    thread.map_or(0, |id| id.0)
}

/// There are few polls: whatever is picked is one of them.
fn one_of(some: &[MessageView], pick: usize) -> Option<&MessageView> {
    pick.checked_rem(some.len()).and_then(|at| some.get(at))
}

/// Of the newest messages those that are wanted, newest first.
fn newest(
    account: &Account,
    room: RoomId,
    wanted: impl Fn(&MessageView) -> bool,
) -> Vec<MessageView> {
    let Ok(timeline) = account.timeline(room, Window::Newest { count: 30 }, None) else {
        return Vec::new();
    };
    let messages = timeline
        .items
        .into_iter()
        .rev()
        .filter_map(|item| match item {
            Item::Message(message) => Some(message),
            _ => None,
        });
    messages.filter(wanted).collect()
}

/// Asks for every hole of a room; returns whether there was one.
pub(super) fn fill(account: &Account, room: RoomId) -> bool {
    let Ok(timeline) = account.timeline(room, Window::Since { seq: Seq(1) }, None) else {
        return false;
    };
    let page = usize::try_from(limit::PAGE_MESSAGES).unwrap_or(usize::MAX);
    let mut is_whole = true;
    for item in timeline.items {
        if let Item::Hole { from, to } = item {
            is_whole = false;
            for first in (from.0..=to.0).step_by(page) {
                let last = to.0.min(first + limit::PAGE_MESSAGES - 1);
                account.fill(room, Seq(first), Seq(last));
            }
        }
    }
    !is_whole
}
