//! Drafts, and what rings.

use erc_client_core::{
    Account, Error,
    view::{DraftView, Written},
};
use erc_protocol::{Level, MessageId, RoomId, Timestamp, request::WhoWrites};

use super::{DISK, MINUTE_MS, REQUEST, begins_thread, newest, thread_of};
use crate::sim::run::{START_MS, Sim};
use crate::sim::{ledger::Promise, plan::Step};

/// Where one writes: in a room, or in a thread of it.
type Composer = (RoomId, Option<MessageId>);

impl Sim<'_> {
    pub(super) async fn compose(&mut self, step: Step) {
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
    pub(super) async fn ring(&mut self, step: Step) {
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
                    let who = match number {
                        9 => WhoWrites::Acquainted,
                        _ => WhoWrites::Everybody,
                    };
                    account
                        .set_attention(words, quiet, "Europe/Berlin", who)
                        .await
                }
                _ => Ok(()),
            }
        };
        if let Some(Ok(())) = self.devices[number].call(REQUEST, asking).await {
            self.tally.count("changes of what rings");
        }
    }

    /// Types in a composer, in view of what stands there.
    pub(super) async fn draft(
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

    pub(super) async fn send_draft(
        &mut self,
        number: usize,
        account: Account,
        (room, thread): Composer,
    ) {
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
}

/// The composer of a room, or of the thread of one of its newest messages, if there is one.
fn composer(account: &Account, room: RoomId, thread: Option<usize>) -> Option<Composer> {
    let Some(pick) = thread else {
        return Some((room, None));
    };
    let some = newest(account, room, begins_thread);
    let message = some.get(pick)?.message_id?;
    Some((room, Some(message)))
}
