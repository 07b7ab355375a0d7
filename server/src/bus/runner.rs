//! The task between a node's hub and the carrier.
//!
//! Started by [`crate::app::App`], owned by the lifecycle. It sends what the hub says, in order,
//! hands over what others say, and keeps the carrier's idea of which rooms are listened to. It ends
//! when the hub is gone and all that it said is sent. A room that nobody listens to any more stays
//! subscribed for [`COLD`]: leaving and coming back costs nothing.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::Bytes;
use erc_protocol::RoomId;
use futures_util::FutureExt as _;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::shared::{self, Shared};
use super::{Inner, Message, NodeId, Note, State, Subject, Tail, nats};
use crate::hub::{Hub, News};

/// How long a room without listeners stays subscribed.
const COLD: Duration = Duration::from_secs(30);
const REAP_EVERY: Duration = Duration::from_secs(10);
/// Messages sent before others get their turn.
const TURN: usize = 256;

/// What carries messages.
#[derive(Debug)]
pub enum Carrier {
    /// Memory.
    Shared(Shared),
    /// NATS.
    Nats(nats::Nats),
}

/// What a carrier has to say.
#[derive(Debug, Clone)]
pub(super) enum Heard {
    Payload(Bytes),
    /// Messages come from now on; before that some may have been lost.
    Connected,
    Away,
    /// Some messages were left out.
    Missed,
    /// These rooms' messages come from now on.
    Listening(Vec<RoomId>),
}

enum Link {
    Shared(shared::Port),
    Nats(Box<nats::Port>),
}

impl Link {
    async fn publish(&mut self, subject: Subject, payload: Bytes) -> bool {
        match self {
            Self::Shared(port) => {
                port.publish(subject, &payload);
                true
            }
            Self::Nats(port) => port.publish(subject, payload).await,
        }
    }

    /// [`Heard::Listening`] follows when it is so.
    async fn listen(&mut self, rooms: Vec<RoomId>) -> Option<Heard> {
        match self {
            Self::Shared(port) => {
                port.listen(&rooms);
                Some(Heard::Listening(rooms))
            }
            Self::Nats(port) => {
                port.listen(rooms).await;
                None
            }
        }
    }

    fn unlisten(&mut self, room: RoomId) {
        match self {
            Self::Shared(port) => port.unlisten(room),
            Self::Nats(port) => port.unlisten(room),
        }
    }

    /// Safe to cancel.
    async fn heard(&mut self) -> Option<Heard> {
        match self {
            Self::Shared(port) => port.heard().await,
            Self::Nats(port) => port.heard().await,
        }
    }

    async fn close(self) {
        match self {
            Self::Shared(_) => {}
            Self::Nats(port) => port.close().await,
        }
    }
}

pub(crate) struct Runner {
    node: NodeId,
    shared: Arc<Inner>,
    hub: Weak<Hub>,
    link: Link,
    /// Whether the carrier has come, or was waited for long enough: what a short command says right
    /// after its start is sent too.
    knows_state: bool,
    /// Rooms that the carrier brings, and since when nobody listens.
    rooms: HashMap<RoomId, Option<Instant>>,
}

/// Works until the hub is gone.
pub(crate) async fn run(tail: Tail, hub: Weak<Hub>, carrier: Carrier) {
    let Tail {
        node,
        mut outgoing,
        shared,
        ..
    } = tail;
    let link = match carrier {
        Carrier::Shared(bus) => Link::Shared(bus.attach(node)),
        Carrier::Nats(nats) => match nats.connect(node).await {
            Ok(port) => Link::Nats(Box::new(port)),
            Err(error) => {
                tracing::error!(%error, "the bus can't be used; other nodes are heard of by the sweep");
                return;
            }
        },
    };
    let mut runner = Runner {
        node,
        shared,
        hub,
        link,
        knows_state: false,
        rooms: HashMap::new(),
    };
    let mut reap = interval(REAP_EVERY);
    reap.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = Vec::with_capacity(TURN);
    let shared = runner.shared.clone();
    loop {
        tokio::select! {
            count = outgoing.recv_many(&mut turn, TURN), if runner.knows_state => {
                if count == 0 {
                    break;
                }
                for message in turn.drain(..) {
                    runner.send(&message).await;
                }
            }
            heard = runner.link.heard() => {
                let Some(heard) = heard else { break };
                let mut news = News::default();
                runner.hear(heard, &mut news);
                // What stands ready comes along, so that listeners wake once for all of it.
                for _ in 1..TURN {
                    match runner.link.heard().now_or_never() {
                        Some(Some(heard)) => runner.hear(heard, &mut news),
                        _ => break,
                    }
                }
                news.tell();
            }
            () = shared.touch.notified() => runner.look().await,
            _ = reap.tick() => runner.reap(),
        }
    }
    runner.send(&Message::Note(Note::Leaving)).await;
    runner.link.close().await;
}

impl Runner {
    async fn send(&mut self, message: &Message) {
        let counters = &self.shared.counters;
        if self.shared.state() == State::Away {
            counters.dropped.add();
            return;
        }
        match message.encode(self.node) {
            Ok(payload) => {
                if self.link.publish(message.subject(), payload).await {
                    counters.sent.add();
                } else {
                    counters.dropped.add();
                }
            }
            Err(error) => {
                counters.dropped.add();
                tracing::error!(%error, "a message to other nodes was left out");
            }
        }
    }

    fn hear(&mut self, heard: Heard, news: &mut News) {
        let shared = &self.shared;
        match heard {
            Heard::Payload(payload) => match Message::decode(payload) {
                Ok((from, _)) if from == self.node => {}
                Ok((from, message)) => {
                    shared.counters.heard.add();
                    if let Some(hub) = self.hub.upgrade() {
                        hub.hear(from, message, news);
                    }
                }
                Err(error) => {
                    shared.counters.broken.add();
                    tracing::debug!(%error, "a payload on the bus was left out");
                }
            },
            Heard::Connected => {
                self.knows_state = true;
                shared.set_state(State::Connected);
                shared.counters.connected.add();
                tracing::info!("connected to the bus");
                // Rooms may have been left out while it was away.
                if let Some(hub) = self.hub.upgrade() {
                    shared.touched().extend(hub.listened_rooms());
                    shared.touch.notify_one();
                }
                shared.greet();
                shared.sweep.everything();
            }
            Heard::Away => {
                self.knows_state = true;
                tracing::warn!("the bus is away; other nodes are heard of by the sweep");
                shared.set_state(State::Away);
            }
            Heard::Missed => {
                shared.counters.missed.add();
                shared.sweep.everything();
            }
            Heard::Listening(rooms) => shared.sweep.rooms(rooms),
        }
    }

    /// Rooms where somebody began or ceased to listen.
    async fn look(&mut self) {
        if self.shared.state() == State::Away {
            // All are looked at when it is back.
            return;
        }
        let touched = std::mem::take(&mut *self.shared.touched());
        let Some(hub) = self.hub.upgrade() else {
            return;
        };
        let now = Instant::now();
        let mut new = Vec::new();
        for room in touched {
            if hub.is_listened(room) {
                if self.rooms.insert(room, None).is_none() {
                    new.push(room);
                }
            } else if let Some(cold) = self.rooms.get_mut(&room) {
                cold.get_or_insert(now);
            }
        }
        drop(hub);
        if !new.is_empty()
            && let Some(heard) = self.link.listen(new).await
        {
            let mut news = News::default();
            self.hear(heard, &mut news);
            news.tell();
        }
    }

    fn reap(&mut self) {
        let now = Instant::now();
        let is_cold = |since: &Option<Instant>| since.is_some_and(|since| now - since >= COLD);
        for (room, _) in self.rooms.extract_if(|_, since| is_cold(since)) {
            self.link.unlisten(room);
        }
    }
}
