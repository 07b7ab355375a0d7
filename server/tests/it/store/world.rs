//! A server's parts without its edges: people and rooms, acting through the operations.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use erc_protocol::api::messages::{EditMessageRequest, SendMessageRequest};
use erc_protocol::api::rooms::CreateRoomRequest;
use erc_protocol::auth::Registration;
use erc_protocol::{
    ClientId, ErrorCode, History, Message, MessageId, MessageType, RoomId, RoomKind, ServerRole,
    Timestamp,
};
use erc_server::app::App;
use erc_server::blobs::Place;
use erc_server::clock::{self, Clock};
use erc_server::config::{BusAddress, Config, Origins};
use erc_server::lifecycle::Lifecycle;
use erc_server::ops::committer::{Done, Lane};
use erc_server::ops::{Actor, Error, Result, members, messages, rooms};
use erc_server::store::{MessageRow, NewUser};

use super::database::{System, with_url};

/// When the tests begin: 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;
/// As many rows as there are.
pub(super) const ALL: i64 = i64::MAX;

pub(super) struct World {
    pub(super) app: App,
    /// Who is there, in the order of their ids.
    pub(super) people: Vec<Actor>,
    now: Arc<AtomicI64>,
    _data: tempfile::TempDir,
}

/// Runs a test on a world with so many people, on a database of its own.
pub(super) async fn with_world(system: System, people: usize, test: impl AsyncFnOnce(&mut World)) {
    with_url(system, async |url| {
        let mut world = World::open(url, people).await;
        test(&mut world).await;
        let World { app, .. } = world;
        let (db, lifecycle) = (app.db.clone(), app.lifecycle.clone());
        drop(app);
        assert!(
            lifecycle.stopped().await,
            "the committer ends with its queue"
        );
        db.close().await;
    })
    .await;
}

/// The same with four people.
pub(super) async fn with_people(system: System, test: impl AsyncFnOnce(&mut World)) {
    with_world(system, 4, test).await;
}

/// The same for a test that is not async, such as a case of a property.
pub(super) fn block_on_world(system: System, people: usize, test: impl AsyncFnOnce(&mut World)) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(with_world(system, people, test));
}

impl World {
    async fn open(database_url: String, people: usize) -> Self {
        let data = tempfile::tempdir().unwrap();
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: data.path().to_owned(),
            database_url,
            bus: BusAddress::InProcess,
            registration: Registration::Closed,
            rate_limits: false,
            connects_per_second: Some(1_000),
            secret_key: None,
            server_name: "test".into(),
            allowed_origins: Origins::List(Vec::new()),
            trust_proxy: false,
            blobs: Place::Folder(data.path().join("files")),
            ..Config::default()
        };
        let now = Arc::new(AtomicI64::new(START_MS));
        let clock = Clock::Manual(now.clone());
        let app = App::open(config, clock, Lifecycle::default())
            .await
            .unwrap();
        let mut world = Self {
            app,
            people: Vec::new(),
            now,
            _data: data,
        };
        for number in 0..people {
            world.add_person(number).await;
        }
        world
    }

    /// The next life of the server on the same database.
    pub(super) async fn restart(&mut self) {
        let url = self.app.config.database_url.clone();
        self.move_to(&url).await;
    }

    /// The next life of the server, on another database.
    pub(super) async fn move_to(&mut self, database_url: &str) {
        let clock = Clock::Manual(self.now.clone());
        let config = Config {
            database_url: database_url.to_owned(),
            ..self.app.config.clone()
        };
        let next = App::open(config, clock, Lifecycle::default()).await;
        let last = std::mem::replace(&mut self.app, next.unwrap());
        let (db, lifecycle) = (last.db.clone(), last.lifecycle.clone());
        drop(last);
        assert!(lifecycle.stopped().await);
        db.close().await;
    }

    async fn add_person(&mut self, number: usize) {
        let new = NewUser {
            username: format!("user{number}"),
            display_name: format!("User {number}"),
            role: ServerRole::Member,
            password_hash: None,
        };
        let receipt = self.app.committer.submit(Lane::New, move |tx, now| {
            Box::pin(async move { Ok(Done::unchanged(tx.insert_user(&new, now).await?.id)) })
        });
        let user = receipt.await.unwrap().await.unwrap();
        let session = clock::new_session_id();
        let since = Timestamp(0);
        self.people.push(Actor {
            user,
            session,
            since,
        });
    }

    /// Time passes, or is set back.
    pub(super) fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    /// The first person makes a room with others.
    pub(super) async fn room(
        &self,
        is_private: bool,
        history: History,
        others: &[usize],
    ) -> RoomId {
        let request = CreateRoomRequest {
            name: "room".into(),
            topic: String::new(),
            kind: RoomKind::Group,
            is_private,
            history: Some(history),
            member_ids: others.iter().map(|n| self.people[*n].user).collect(),
            client_id: None,
        };
        let receipt = rooms::create(&self.app, self.people[0], request).await;
        receipt.unwrap().await.unwrap().room.id
    }

    pub(super) async fn send(
        &self,
        who: usize,
        room: RoomId,
        request: SendMessageRequest,
    ) -> Result<Message> {
        messages::send(&self.app, self.people[who], room, request)
            .await?
            .await
    }

    /// Sends without a name; it must succeed.
    pub(super) async fn say(&self, who: usize, room: RoomId, content: &str) -> Message {
        self.send(who, room, text(content)).await.unwrap()
    }

    /// Answers in the thread of a message.
    pub(super) async fn reply(
        &self,
        who: usize,
        room: RoomId,
        top: MessageId,
        content: &str,
    ) -> Message {
        let request = SendMessageRequest {
            thread_id: Some(top),
            ..text(content)
        };
        self.send(who, room, request).await.unwrap()
    }

    /// A text that mentions these people.
    pub(super) async fn named(&self, who: &[usize]) -> String {
        let mut tx = self.app.db.snapshot().await.unwrap();
        let mut text = String::from("look,");
        for person in who {
            let user = tx.user(self.people[*person].user).await.unwrap().unwrap();
            text.extend([" @", &user.username]);
        }
        text
    }

    pub(super) async fn join(&self, who: usize, room: RoomId) {
        let joined = members::join(&self.app, self.people[who], room).await;
        joined.unwrap().await.unwrap();
    }

    pub(super) async fn leave(&self, who: usize, room: RoomId) {
        let left = members::leave(&self.app, self.people[who], room).await;
        left.unwrap().await.unwrap();
    }

    /// Gives these messages of one person new texts, all at once.
    pub(super) async fn edit_all(&self, who: usize, messages: &[Message], content: &str) {
        let edits = messages.iter().map(|message| {
            self.edit(
                who,
                message.message_id,
                edit(content, clock::new_client_id()),
            )
        });
        for edited in futures_util::future::join_all(edits).await {
            edited.unwrap();
        }
    }

    /// Sends so many at once.
    pub(super) async fn send_many(&self, who: usize, room: RoomId, count: usize) -> Vec<Message> {
        let sends = (0..count).map(|n| self.send(who, room, text(&format!("many {n}"))));
        let sent = futures_util::future::join_all(sends).await;
        sent.into_iter().map(Result::unwrap).collect()
    }

    pub(super) async fn edit(
        &self,
        who: usize,
        id: MessageId,
        request: EditMessageRequest,
    ) -> Result<Message> {
        messages::edit(&self.app, self.people[who], id, request)
            .await?
            .await
    }

    pub(super) async fn delete(&self, who: usize, id: MessageId) -> Result<Message> {
        messages::delete(&self.app, self.people[who], id)
            .await?
            .await
    }

    /// All message rows of a room, visible or not, as the database has them.
    pub(super) async fn rows(&self, room: RoomId) -> Vec<MessageRow> {
        let mut tx = self.app.db.snapshot().await.unwrap();
        let [first, before] = [1, 0].map(erc_protocol::Seq);
        tx.messages_after(room, first, before, ALL).await.unwrap()
    }
}

/// A message to be sent, without a name.
pub(super) fn text(content: &str) -> SendMessageRequest {
    SendMessageRequest {
        content: content.to_owned(),
        message_type: MessageType::Text,
        client_id: None,
        reply_to: None,
        expires_in: None,
        expires_from: None,
        thread_id: None,
        also_in_room: false,
        poll: None,
    }
}

/// The same under a name.
pub(super) fn named(content: &str, client_id: ClientId) -> SendMessageRequest {
    SendMessageRequest {
        client_id: Some(client_id),
        ..text(content)
    }
}

/// An edit under a name.
pub(super) fn edit(content: &str, client_id: ClientId) -> EditMessageRequest {
    EditMessageRequest {
        content: content.to_owned(),
        client_id: Some(client_id),
        base_rev: None,
        options: None,
    }
}

/// What was done; `None` if it was refused. Anything else fails the test.
pub(super) fn unless_refused<T>(result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(Error::Refused(_)) => None,
        Err(error) => panic!("neither done nor refused: {error:?}"),
    }
}

/// Why it was refused.
pub(super) fn code<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    match result {
        Err(Error::Refused(body)) => body.code,
        other => panic!("not refused: {other:?}"),
    }
}
