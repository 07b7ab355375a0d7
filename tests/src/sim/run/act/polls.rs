//! Polls: asked, voted in, ended.

use erc_client_core::{Account, Error, view::MessageView};
use erc_protocol::{RoomId, poll::NewPoll};

use super::{DISK, MINUTE_MS, OPTIONS, newest, one_of, poll_text};
use crate::sim::run::Sim;
use crate::sim::{ledger::Promise, plan::Step};

impl Sim<'_> {
    pub(super) async fn poll(&mut self, step: Step, number: usize, account: Account, room: RoomId) {
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

    pub(super) async fn ask_all(
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
        let sent = self.devices[number].call(DISK, asking).await;
        self.sent(number, room, text, "polls made", sent.as_ref());
    }

    pub(super) async fn vote(
        &mut self,
        number: usize,
        account: Account,
        room: RoomId,
        pick: usize,
        bits: u8,
    ) {
        let votes = |one: &MessageView| one.poll.as_ref().is_some_and(|poll| poll.can_vote);
        let some = newest(&account, room, votes);
        let Some(message) = one_of(&some, pick) else {
            // Rooms are many and polls few: so that there is one for those who vote next.
            let new = NewPoll {
                options: OPTIONS.map(str::to_owned).to_vec(),
                multiple: bits & 1 == 0,
                ..NewPoll::default()
            };
            return self.ask_all(number, account, (room, None), new).await;
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
}
