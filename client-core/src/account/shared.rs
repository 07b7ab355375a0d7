//! What the handle, the connection and the fetcher have in common.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use erc_protocol::{RoomId, User, UserId};
use tokio::{
    sync::{Notify, broadcast, watch},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use super::{api::Api, intent::Intent, live::Live, lock::Lock};
use crate::{
    cache::{Store, meta},
    clock::Clock,
    error::Result,
    sync::change::Touched,
    view::{Connection, Update},
};

/// Updates that a slow view may be behind; then it gets `Lagged` and reads everything again.
const UPDATES: usize = 1024;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) key: String,
    pub(crate) folder: PathBuf,
    pub(crate) store: Store,
    pub(crate) api: Api,
    pub(crate) clock: Clock,
    me: Mutex<User>,
    lock: Mutex<Option<Lock>>,
    intent: Mutex<Intent>,
    live: Mutex<Live>,
    running: Mutex<Option<Running>>,
    connection: watch::Sender<Connection>,
    updates: broadcast::Sender<Update>,
    /// The intent changed (other than its wants).
    pub(crate) intent_changed: Notify,
    pub(crate) wants_changed: Notify,
    pub(crate) outbox_changed: Notify,
    /// Rows of messages changed.
    pub(crate) rows_changed: Notify,
    pub(crate) reconnect: Notify,
}

/// The tasks of a started account.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<()>,
}

impl Shared {
    pub(crate) fn new(
        key: String,
        folder: PathBuf,
        lock: Lock,
        store: Store,
        api: Api,
        clock: Clock,
    ) -> Result<Self> {
        let credentials = api.keys.get();
        let stored = store
            .read(meta::me)?
            .filter(|user| user.id == credentials.user_id);
        let me = stored.unwrap_or_else(|| credentials.user());
        Ok(Self {
            key,
            folder,
            store,
            api,
            clock,
            me: Mutex::new(me),
            lock: Mutex::new(Some(lock)),
            intent: Mutex::default(),
            live: Mutex::default(),
            running: Mutex::new(None),
            connection: watch::Sender::new(Connection::Idle),
            updates: broadcast::Sender::new(UPDATES),
            intent_changed: Notify::new(),
            wants_changed: Notify::new(),
            outbox_changed: Notify::new(),
            rows_changed: Notify::new(),
            reconnect: Notify::new(),
        })
    }

    pub(crate) fn me(&self) -> User {
        guard(&self.me).clone()
    }

    pub(crate) fn my_id(&self) -> UserId {
        guard(&self.me).id
    }

    /// The server tells who is signed in.
    pub(crate) fn set_me(&self, user: &User) {
        let mut me = guard(&self.me);
        if *me == *user {
            return;
        }
        me.clone_from(user);
        drop(me);
        if let Err(error) = self.api.keys.note_user(user) {
            tracing::warn!(%error, "can't note who is signed in");
        }
    }

    pub(crate) fn intent(&self) -> MutexGuard<'_, Intent> {
        guard(&self.intent)
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, Live> {
        guard(&self.live)
    }

    pub(crate) fn running(&self) -> MutexGuard<'_, Option<Running>> {
        guard(&self.running)
    }

    pub(crate) fn unlock(&self) {
        if let Some(lock) = guard(&self.lock).take() {
            lock.release();
        }
    }

    pub(crate) fn connection(&self) -> watch::Receiver<Connection> {
        self.connection.subscribe()
    }

    pub(crate) fn set_connection(&self, connection: Connection) {
        let changed = self.connection.send_if_modified(|held| {
            let is_new = *held != connection;
            held.clone_from(&connection);
            is_new
        });
        if changed {
            self.tell(Update::Connection(connection));
        }
    }

    pub(crate) fn updates(&self) -> broadcast::Receiver<Update> {
        self.updates.subscribe()
    }

    /// Without a listener there is nobody to tell.
    pub(crate) fn tell(&self, update: Update) {
        if matches!(update, Update::Timeline(_) | Update::Everything) {
            self.rows_changed.notify_one();
        }
        let _ = self.updates.send(update);
    }

    pub(crate) fn tell_room(&self, room: RoomId) {
        self.tell(Update::Timeline(room));
        self.tell(Update::Rooms);
    }

    pub(crate) fn tell_typing(&self, room: RoomId) {
        let names = self.live().typing(room);
        self.tell(Update::Typing {
            room_id: room,
            names,
        });
    }

    pub(crate) fn tell_touched(&self, touched: Touched) {
        if touched.everything {
            self.tell(Update::Everything);
        }
        for room in touched.timelines {
            self.tell(Update::Timeline(room));
        }
        for room in touched.members {
            self.tell(Update::Members(room));
        }
        if touched.presence {
            self.tell(Update::MyPresence);
        }
        if touched.threads {
            self.tell(Update::Threads);
        }
        if touched.attention {
            self.tell(Update::Attention);
        }
        if touched.scheduled {
            self.tell(Update::Scheduled);
        }
        if touched.rooms {
            self.tell(Update::Rooms);
        }
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
