//! Somebody who speaks the socket's frames directly.

use std::collections::VecDeque;

use erc_protocol::{
    ErrorBody, Message, RoomId,
    gateway::{
        ClientFrame, ClientPacket, SUBPROTOCOL, ServerFrame, ServerPacket,
        TOKEN_SUBPROTOCOL_PREFIX,
        client::{Hello, SendMessage},
        server::Welcome,
    },
    sync::Resume,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{self, Message as Raw, client::IntoClientRequest, http::HeaderValue},
};

use crate::{ids, rest::Person, wait::in_time};

/// A socket, with the frames that came while something else was waited for.
pub struct Wire {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: VecDeque<ServerPacket>,
    next_id: u64,
}

fn address(base: &str) -> String {
    format!("{}/chat/ws", base.replacen("http", "ws", 1))
}

impl Wire {
    /// As the brief connects: the token in the address, no `hello`.
    pub async fn brief(person: &Person) -> Self {
        Self::with_token(&person.base, &person.tokens.access_token)
            .await
            .expect("the token is good")
    }

    /// As the brief connects, with any token; the status of a refusal.
    pub async fn with_token(base: &str, token: &str) -> Result<Self, u16> {
        Self::open(format!("{}?token={token}", address(base)), None).await
    }

    /// Connects with these extra headers and no token anywhere else; the status of a refusal.
    pub async fn with_header(base: &str, name: &'static str, value: &str) -> Result<Self, u16> {
        Self::open(address(base), Some((name, value))).await
    }

    /// As our clients connect, up to the `welcome`.
    pub async fn hello(
        person: &Person,
        resume: Option<Resume>,
        open: Vec<RoomId>,
    ) -> (Self, Welcome) {
        let protocols = format!(
            "{SUBPROTOCOL}, {TOKEN_SUBPROTOCOL_PREFIX}{}",
            person.tokens.access_token
        );
        let mut wire = Self::open(
            address(&person.base),
            Some(("sec-websocket-protocol", &protocols)),
        )
        .await
        .expect("the token is good");
        wire.say(ClientFrame::Hello(Hello {
            client: "test".into(),
            resume,
            open,
            ..Hello::default()
        }))
        .await;
        let welcome = wire
            .until("welcome", |frame| match frame {
                ServerFrame::Welcome(welcome) => Some(welcome.clone()),
                _ => None,
            })
            .await;
        (wire, welcome)
    }

    async fn open(url: String, header: Option<(&'static str, &str)>) -> Result<Self, u16> {
        let mut request = url.into_client_request().expect("the address is one");
        if let Some((name, value)) = header {
            let value = HeaderValue::from_str(value).expect("a token is plain text");
            request.headers_mut().insert(name, value);
        }
        let opening = Box::pin(tokio_tungstenite::connect_async(request));
        match in_time("the socket opens", opening).await {
            Ok((socket, _)) => Ok(Self {
                socket,
                waiting: VecDeque::new(),
                next_id: 1,
            }),
            Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("neither opened nor refused: {error}"),
        }
    }

    /// Sends any text at all.
    pub async fn say_text(&mut self, text: impl Into<String>) {
        let text: String = text.into();
        self.say_raw(Raw::Text(text.into())).await;
    }

    /// Sends any frame of the socket's own kinds.
    pub async fn say_raw(&mut self, frame: Raw) {
        self.socket.send(frame).await.expect("the socket is open");
    }

    /// Sends bytes as a text frame, also what is no UTF-8.
    pub async fn say_bytes_as_text(&mut self, bytes: Vec<u8>) {
        use tungstenite::protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        };
        let frame = Frame::message(bytes, OpCode::Data(Data::Text), true);
        self.say_raw(Raw::Frame(frame)).await;
    }

    /// Sends a frame that expects no answer.
    pub async fn say(&mut self, frame: ClientFrame) {
        self.say_text(ClientPacket { id: None, frame }.encode())
            .await;
    }

    /// Sends a frame with an id and gives the id.
    pub async fn post(&mut self, frame: ClientFrame) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        let packet = ClientPacket {
            id: Some(id),
            frame,
        };
        self.say_text(packet.encode()).await;
        id
    }

    /// Sends a frame and waits for its answer; other frames wait.
    pub async fn ask(&mut self, frame: ClientFrame) -> Result<Value, ErrorBody> {
        let id = self.post(frame).await;
        self.answer(id).await
    }

    /// The answer to the frame with this id.
    pub async fn answer(&mut self, id: u64) -> Result<Value, ErrorBody> {
        self.until_packet(&format!("the answer to {id}"), |packet| {
            (packet.id == Some(id)).then(|| match &packet.frame {
                ServerFrame::Ack(data) => Ok(data.clone()),
                ServerFrame::Error(error) => Err(error.clone()),
                other => panic!("neither ack nor error: {other:?}"),
            })
        })
        .await
    }

    /// Sends a text and waits for its `ack`.
    pub async fn send(&mut self, room_id: RoomId, text: &str) -> Message {
        let data = self
            .ask(ClientFrame::SendMessage(send_frame(room_id, text)))
            .await
            .expect("a good message is taken");
        serde_json::from_value(data).expect("the ack holds the message")
    }

    /// The next `new_message`.
    pub async fn message(&mut self) -> Message {
        self.until("new_message", |frame| match frame {
            ServerFrame::NewMessage(message) => Some(message.clone()),
            _ => None,
        })
        .await
    }

    /// The next `error`.
    pub async fn error(&mut self) -> ErrorBody {
        self.until("error", |frame| match frame {
            ServerFrame::Error(error) => Some(error.clone()),
            _ => None,
        })
        .await
    }

    /// Proves that the socket still works: a ping is answered.
    pub async fn is_alive(&mut self) {
        self.say_text(r#"{"type":"ping","data":{}}"#).await;
        self.until("pong", |frame| {
            matches!(frame, ServerFrame::Pong(_)).then_some(())
        })
        .await;
    }

    /// The first frame (waiting or to come) that fits; the others keep waiting.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut fits: impl FnMut(&ServerFrame) -> Option<T>,
    ) -> T {
        self.until_packet(what, |packet| fits(&packet.frame)).await
    }

    async fn until_packet<T>(
        &mut self,
        what: &str,
        mut fits: impl FnMut(&ServerPacket) -> Option<T>,
    ) -> T {
        for at in 0..self.waiting.len() {
            if let Some(found) = fits(&self.waiting[at]) {
                self.waiting.remove(at);
                return found;
            }
        }
        loop {
            let packet = in_time(what, self.next())
                .await
                .unwrap_or_else(|| panic!("the socket closed while waiting: {what}"));
            match fits(&packet) {
                Some(found) => return found,
                None => self.waiting.push_back(packet),
            }
        }
    }

    /// Frames that came so far and were not asked for.
    pub fn waiting(&self) -> impl Iterator<Item = &ServerFrame> {
        self.waiting.iter().map(|packet| &packet.frame)
    }

    /// The next frame; none once the socket is closed.
    pub async fn next(&mut self) -> Option<ServerPacket> {
        loop {
            match self.socket.next().await {
                Some(Ok(Raw::Text(text))) => {
                    return Some(ServerPacket::decode(&text).expect("the server speaks frames"));
                }
                Some(Ok(Raw::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Waits until the server closes the socket.
    pub async fn closed(mut self) {
        in_time("the socket closes", async {
            while self.next().await.is_some() {}
        })
        .await;
    }

    /// Both halves, for sending and reading at once.
    pub fn into_socket(self) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
        self.socket
    }
}

/// A message with a fresh client id.
pub fn send_frame(room_id: RoomId, text: &str) -> SendMessage {
    SendMessage {
        room_id,
        content: text.into(),
        message_type: erc_protocol::MessageType::Text,
        client_id: Some(ids::client_id()),
        reply_to: None,
        expires_in: None,
        expires_from: None,
        thread_id: None,
        also_in_room: false,
        drafts: Vec::new(),
        poll: None,
    }
}
