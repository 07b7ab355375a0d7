//! A whole server in the test's own process, people with tokens, and sockets.
//!
//! ```ignore
//! let server = Server::start().await;
//! let ada = server.user("ada").await;
//! let room = ada.room("general", &[]).await;
//! let mut socket = ada.socket().await;          // says hello, is caught up
//! ada.send(room, "hello").await;
//! socket.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
//! ```

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use erc_protocol::auth::{Registration, TokenResponse};
use erc_protocol::gateway::client::Hello;
use erc_protocol::gateway::{ClientFrame, ClientPacket, ServerFrame, ServerPacket};
use erc_protocol::{Message, RoomId, ServerRole, UserId};
use erc_server::app::{App, Parts};
use erc_server::blobs::Place;
use erc_server::clock::Clock;
use erc_server::config::{BusAddress, Config, Origins};
use erc_server::lifecycle::Lifecycle;
use erc_server::ops::accounts;
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message as WsMessage, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::openapi;
use crate::store::database::{administer, with_database};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// Small, so that a socket that is not read soon keeps the server waiting. Bytes.
const RECEIVE_BUFFER: u32 = 32 * 1024;
/// When the tests begin: 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;

/// A server on a free port, with a clock that a test moves.
pub(crate) struct Server {
    pub(crate) app: Arc<App>,
    pub(crate) url: String,
    pub(crate) now: Arc<AtomicI64>,
    _data: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_as(change, Parts::default()).await
    }

    pub(crate) async fn start_as(change: impl FnOnce(&mut Config), parts: Parts) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let data = tempfile::tempdir().unwrap();
        let database_url = match postgres().await {
            Some(url) => url,
            None => format!("sqlite:{}", data.path().join("erc.db").display()),
        };
        let mut config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            data_dir: data.path().to_owned(),
            database_url,
            bus: BusAddress::InProcess,
            registration: Registration::Open,
            rate_limits: false,
            connects_per_second: Some(1_000),
            secret_key: None,
            server_name: "test".into(),
            allowed_origins: Origins::List(vec!["https://app.example.org".into()]),
            trust_proxy: false,
            blobs: Place::Folder(data.path().join("files")),
            ..Config::default()
        };
        change(&mut config);
        let now = Arc::new(AtomicI64::new(START_MS));
        let clock = Clock::Manual(now.clone());
        let app = Arc::new(
            App::open_with(config, clock, Lifecycle::default(), parts)
                .await
                .unwrap(),
        );
        let listener = TcpListener::bind(app.config.listen).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        app.lifecycle
            .spawn("http", erc_server::http::serve(app.clone(), listener));
        Self {
            app,
            url,
            now,
            _data: data,
        }
    }

    /// Waits until there are so many connections.
    pub(crate) async fn connections(&self, count: usize) {
        let waiting = async {
            while self.app.hub.connections() != count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .expect("connections come and go");
    }

    /// Time passes.
    pub(crate) fn pass(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.now.fetch_add(ms, std::sync::atomic::Ordering::Relaxed);
    }

    /// A new user, signed in; the password is `password-NAME`.
    pub(crate) async fn user(&self, name: &str) -> Person {
        self.user_with(name, ServerRole::Member).await
    }

    pub(crate) async fn user_with(&self, name: &str, role: ServerRole) -> Person {
        let password = format!("password-{name}");
        accounts::add_user(&self.app, name, None, &password, role)
            .await
            .unwrap();
        self.sign_in(name).await
    }

    /// One more session of a user.
    pub(crate) async fn sign_in(&self, name: &str) -> Person {
        let body = json!({ "username": name, "password": format!("password-{name}") });
        let (status, tokens) =
            request(&self.url, Method::POST, "/auth/login", None, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        let tokens: TokenResponse = serde_json::from_value(tokens).unwrap();
        Person {
            url: self.url.clone(),
            id: tokens.user.id,
            tokens,
        }
    }
}

/// The URL of a fresh database, if this run is on PostgreSQL (`ERC_TEST_ON=postgres`, at the server
/// that `ERC_TEST_POSTGRES_URL` names). It goes with the throw-away server.
async fn postgres() -> Option<String> {
    if !on_postgres() {
        return None;
    }
    let admin = std::env::var("ERC_TEST_POSTGRES_URL").expect("ERC_TEST_POSTGRES_URL is set");
    let name = format!("erc_{}", erc_server::clock::new_session_id().0.simple());
    administer(&admin, format!("CREATE DATABASE {name}")).await;
    Some(with_database(&admin, &name))
}

/// Whether this run is on PostgreSQL.
pub(crate) fn on_postgres() -> bool {
    std::env::var("ERC_TEST_ON").is_ok_and(|database| database == "postgres")
}

/// Sends a request; the answer's body is null if it is empty.
pub(crate) async fn request(
    url: &str,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let client = reqwest::Client::new();
    let mut request = client
        .request(method.clone(), format!("{url}{path}"))
        .timeout(PATIENCE);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    let value = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap()
    };
    openapi::is_told(&method, path, status, &value);
    (status, value)
}

/// The code of an error answer.
pub(crate) fn code(body: &Value) -> &str {
    body["error"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("no error in {body}"))
}

impl Person {
    /// The same person, who speaks to another server from now on.
    pub(crate) fn at(&self, server: &Server) -> Self {
        let url = server.url.clone();
        Self {
            url,
            ..self.clone()
        }
    }
}

/// Somebody with a session.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) tokens: TokenResponse,
    url: String,
}

impl Person {
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        request(
            &self.url,
            method,
            path,
            Some(&self.tokens.access_token),
            body,
        )
        .await
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Makes a room with these members.
    pub(crate) async fn room(&self, name: &str, members: &[&Person]) -> RoomId {
        self.room_with(json!({
            "name": name,
            "member_ids": members.iter().map(|person| person.id).collect::<Vec<_>>(),
        }))
        .await
    }

    pub(crate) async fn room_with(&self, body: Value) -> RoomId {
        let (status, room) = self.post("/chat/rooms", body).await;
        assert_eq!(status, StatusCode::CREATED, "{room}");
        RoomId(room["id"].as_i64().unwrap())
    }

    pub(crate) async fn send(&self, room: RoomId, text: &str) -> Message {
        let path = format!("/chat/rooms/{room}/messages");
        let (status, message) = self.post(&path, json!({ "content": text })).await;
        assert_eq!(status, StatusCode::CREATED, "{message}");
        serde_json::from_value(message).unwrap()
    }

    /// A socket that has said hello from nothing and is caught up.
    pub(crate) async fn socket(&self) -> Socket {
        let mut socket = self.silent_socket().await;
        socket.say(ClientFrame::Hello(Hello::default())).await;
        socket.until(is_done).await;
        socket
    }

    /// A socket that announces a hello.
    pub(crate) async fn silent_socket(&self) -> Socket {
        let protocols = format!("erc.v1, bearer.{}", self.tokens.access_token);
        Socket::open(
            &self.url,
            "/chat/ws",
            &[("sec-websocket-protocol", &protocols)],
        )
        .await
        .unwrap()
    }

    /// A socket as the brief's client opens it.
    pub(crate) async fn plain_socket(&self) -> Socket {
        let path = format!("/chat/ws?token={}", self.tokens.access_token);
        Socket::open(&self.url, &path, &[]).await.unwrap()
    }
}

/// Whether a frame is the last batch that answers a hello.
pub(crate) fn is_done(frame: &ServerFrame) -> bool {
    matches!(frame, ServerFrame::Sync(sync) if sync.done)
}

/// How a socket ended.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Box<ServerPacket>),
    Closed(Option<CloseFrame>),
}

/// A socket that speaks packets.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// The HTTP status if the upgrade is refused.
    pub(crate) async fn open(
        url: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, StatusCode> {
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.set_recv_buffer_size(RECEIVE_BUFFER).unwrap();
        let tcp = MaybeTlsStream::Plain(tcp.connect(address).await.unwrap());
        let url = format!("{}{path}", url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match tokio_tungstenite::client_async(request, tcp).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("no socket: {error}"),
        }
    }

    /// Says goodbye.
    pub(crate) async fn close(mut self) {
        self.0.close(None).await.unwrap();
        while let Some(Ok(_)) = self.0.next().await {}
    }

    pub(crate) async fn say(&mut self, frame: ClientFrame) {
        self.say_with_id(None, frame).await;
    }

    pub(crate) async fn say_with_id(&mut self, id: Option<u64>, frame: ClientFrame) {
        self.text(&ClientPacket { id, frame }.encode()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.raw(WsMessage::Text(Utf8Bytes::from(text))).await;
    }

    pub(crate) async fn raw(&mut self, message: WsMessage) {
        self.0.send(message).await.unwrap();
    }

    /// The same to a server that may have closed the socket, or closes it meanwhile.
    pub(crate) async fn try_text(&mut self, text: &str) {
        let _ = self.0.send(WsMessage::Text(Utf8Bytes::from(text))).await;
    }

    /// The next frame, or the end.
    pub(crate) async fn next(&mut self) -> Heard {
        loop {
            let heard = tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("the server says nothing");
            match heard {
                Some(Ok(WsMessage::Text(text))) => {
                    return Heard::Frame(Box::new(ServerPacket::decode(&text).unwrap()));
                }
                Some(Ok(WsMessage::Close(frame))) => return Heard::Closed(frame),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => return Heard::Closed(None),
            }
        }
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> ServerFrame {
        self.packet().await.frame
    }

    pub(crate) async fn packet(&mut self) -> ServerPacket {
        match self.next().await {
            Heard::Frame(packet) => *packet,
            Heard::Closed(frame) => panic!("the socket was closed: {frame:?}"),
        }
    }

    /// Frames up to and with the first that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&ServerFrame) -> bool) -> Vec<ServerFrame> {
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().await;
            let found = fits(&frame);
            frames.push(frame);
            if found {
                return frames;
            }
        }
    }

    /// The answer to the frame with this number.
    pub(crate) async fn answer(&mut self, id: u64) -> ServerFrame {
        loop {
            let packet = self.packet().await;
            if packet.id == Some(id) {
                return packet.frame;
            }
        }
    }

    /// Everything that is on its way: the frames before the answer to a ping.
    pub(crate) async fn drain(&mut self) -> Vec<ServerFrame> {
        self.text(r#"{"type":"ping","id":4242}"#).await;
        let mut frames = Vec::new();
        loop {
            let packet = self.packet().await;
            if packet.id == Some(4242) {
                return frames;
            }
            frames.push(packet.frame);
        }
    }

    /// Frames until the socket is closed, and how it was.
    pub(crate) async fn until_closed(&mut self) -> (Vec<ServerFrame>, Option<CloseFrame>) {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Heard::Frame(packet) => frames.push(packet.frame),
                Heard::Closed(close) => return (frames, close),
            }
        }
    }
}
