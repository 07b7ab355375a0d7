//! The steps, but for checks.

mod ask;
mod drafts;
mod emoji;
mod polls;
mod safety;
mod talk;
mod world;

use std::time::Duration;

use erc_client_core::{
    Account,
    view::{Item, MessageView, Window},
};
use erc_protocol::{ExpiryFrom, Lifetime, MessageId, RoomId, Seq, limit};

use super::Sim;
use crate::sim::plan::Step;

/// How long something that is only written to disk may take.
const DISK: Duration = Duration::from_secs(20);
/// How long the plan waits for a request, which then goes on by itself.
const REQUEST: Duration = Duration::from_millis(120);
const MINUTE_MS: i64 = 60_000;
/// What messages are answered with.
const EMOJI: [&str; 5] = ["👍", "🎉", "❤️", ":parrot_0:", ":parrot_1:"];
/// What polls let choose from.
const OPTIONS: [&str; 3] = ["tea", "coffee", "water"];

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
            Step::Answer {
                device,
                pick,
                accept,
            } => self.answer(device, pick, accept).await,
            Step::Level { .. } | Step::Attention { .. } => self.ring(step).await,
            Step::Report { device, room, pick } => self.report(device, room, pick).await,
            Step::CloseReport { device } => self.close_report(device).await,
            Step::Filter {
                device,
                room,
                filter,
            } => self.filter(device, room, filter).await,
            Step::Emoji {
                node,
                number,
                picture,
            } => self.emoji(node, number, picture).await,
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

fn poll_text(question: &str) -> String {
    let [one, two, three] = OPTIONS;
    format!("Poll: {question}\n1. {one}\n2. {two}\n3. {three}")
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
