//! The bus over NATS, as it is in its core: at most once, nothing stored.
//!
//! One connection a node. Users and what concerns all come by two subscriptions; each room that is
//! listened to has one of its own. The client library reconnects and subscribes again by itself; a
//! node whose NATS is away starts and serves all the same. The account needs to publish and subscribe
//! `erc.>` and `_INBOX.>`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use bytes::Bytes;
use erc_protocol::{InstanceId, RoomId};
use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{BoxStream, FuturesUnordered, SelectAll};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use super::runner::Heard;
use super::{NodeId, Subject};

/// How long the library may keep us waiting with a message before it is left out.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long after the start an absent NATS is told as such.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);
/// Payloads of one subscription that wait for us; more are left out, and we are told.
const SUBSCRIPTION: usize = 16_384;
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Where NATS is.
#[derive(Debug)]
pub struct Nats {
    /// `nats://[user:password@]host:port`, or `tls://…`; several with commas between.
    pub url: String,
    pub instance: InstanceId,
}

/// What the library told outside of subscriptions.
#[derive(Debug, Default)]
struct Events {
    is_connected: AtomicBool,
    /// How often that changed.
    changes: AtomicU64,
    has_missed: AtomicBool,
    notify: Notify,
}

impl Events {
    fn on(&self, event: &Event) {
        match event {
            Event::Connected => self.change(true),
            Event::Disconnected | Event::Closed => self.change(false),
            Event::SlowConsumer(_) => self.has_missed.store(true, Ordering::Release),
            Event::ServerError(error) => tracing::warn!(%error, "NATS refused something"),
            Event::ClientError(error) => tracing::debug!(%error, "NATS"),
            Event::LameDuckMode | Event::Draining => {}
        }
        self.notify.notify_one();
    }

    fn change(&self, is_connected: bool) {
        self.is_connected.store(is_connected, Ordering::Release);
        self.changes.fetch_add(1, Ordering::AcqRel);
    }
}

/// One node's end.
pub(super) struct Port {
    client: Client,
    instance: InstanceId,
    /// A subject on which nobody answers.
    nobody: String,
    incoming: SelectAll<BoxStream<'static, Bytes>>,
    /// Ends a room's subscription when dropped.
    rooms: HashMap<RoomId, oneshot::Sender<()>>,
    events: Arc<Events>,
    seen: u64,
    settling: FuturesUnordered<BoxFuture<'static, Heard>>,
    /// Until when the first connection is waited for in silence.
    first: Option<Instant>,
}

/// The addresses in a setting.
pub fn addresses(url: &str) -> Result<Vec<ServerAddr>, std::io::Error> {
    url.split(',').map(|one| one.trim().parse()).collect()
}

impl Nats {
    pub(super) async fn connect(
        self,
        node: NodeId,
    ) -> Result<Port, Box<dyn std::error::Error + Send + Sync>> {
        let Self { url, instance } = self;
        let events = Arc::new(Events::default());
        let told = events.clone();
        let client = ConnectOptions::new()
            .name("erc-server")
            .no_echo()
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(|attempt| {
                let pause =
                    Duration::from_millis(100) * 2_u32.pow(attempt.min(6).try_into().unwrap_or(6));
                pause.min(LONGEST_PAUSE)
            })
            .request_timeout(Some(PATIENCE))
            .subscription_capacity(SUBSCRIPTION)
            .event_callback(move |event| {
                told.on(&event);
                std::future::ready(())
            })
            .connect(addresses(&url)?)
            .await?;
        let mut incoming = SelectAll::new();
        let everybody = format!("erc.{}.u.*", instance.0.simple());
        for subject in [Subject::All.name(instance), everybody] {
            let subscriber = client.subscribe(subject).await?;
            incoming.push(subscriber.map(|message| message.payload).boxed());
        }
        Ok(Port {
            client,
            instance,
            nobody: format!("erc.{}.nobody.{}", instance.0.simple(), node.0),
            incoming,
            rooms: HashMap::new(),
            events,
            seen: 0,
            settling: FuturesUnordered::new(),
            first: Some(Instant::now() + FIRST_PATIENCE),
        })
    }
}

impl Port {
    pub(super) async fn publish(&mut self, subject: Subject, payload: Bytes) -> bool {
        let sent = self.client.publish(subject.name(self.instance), payload);
        matches!(timeout(PATIENCE, sent).await, Ok(Ok(())))
    }

    /// Asks for the rooms; [`Heard::Listening`] comes when the server has taken note.
    pub(super) async fn listen(&mut self, rooms: Vec<RoomId>) {
        for room in &rooms {
            let name = Subject::Room(*room).name(self.instance);
            match self.client.subscribe(name).await {
                Ok(subscriber) => {
                    let (stop, stopped) = oneshot::channel();
                    let payloads = subscriber.map(|message| message.payload);
                    self.incoming.push(payloads.take_until(stopped).boxed());
                    self.rooms.insert(*room, stop);
                }
                Err(error) => tracing::warn!(%error, %room, "a room is not subscribed"),
            }
        }
        self.settle(Heard::Listening(rooms));
    }

    pub(super) fn unlisten(&mut self, room: RoomId) {
        self.rooms.remove(&room);
    }

    /// Says this when the server has seen everything that we sent it until now: it answers at once
    /// that nobody is there, and in order.
    fn settle(&self, then: Heard) {
        let (client, nobody) = (self.client.clone(), self.nobody.clone());
        self.settling.push(
            async move {
                let _ = client.request(nobody, Bytes::new()).await;
                then
            }
            .boxed(),
        );
    }

    /// What comes next. Safe to cancel.
    pub(super) async fn heard(&mut self) -> Option<Heard> {
        loop {
            if self.events.has_missed.swap(false, Ordering::AcqRel) {
                return Some(Heard::Missed);
            }
            let changes = self.events.changes.load(Ordering::Acquire);
            if changes != self.seen {
                self.seen = changes;
                self.first = None;
                if self.events.is_connected.load(Ordering::Acquire) {
                    self.settle(Heard::Connected);
                } else {
                    return Some(Heard::Away);
                }
            }
            let first = self.first;
            tokio::select! {
                payload = self.incoming.next() => return payload.map(Heard::Payload),
                Some(heard) = self.settling.next() => return Some(heard),
                () = self.events.notify.notified() => {}
                () = sleep_until(first.unwrap_or_else(Instant::now)), if first.is_some() => {
                    self.first = None;
                    return Some(Heard::Away);
                }
            }
        }
    }

    /// Sends what is left.
    pub(super) async fn close(self) {
        let _ = timeout(PATIENCE, self.client.flush()).await;
    }
}
