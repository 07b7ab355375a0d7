//! The socket: text frames both ways.

use std::time::Duration;

use erc_protocol::gateway::{ClientPacket, SUBPROTOCOL, ServerPacket, TOKEN_SUBPROTOCOL_PREFIX};
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use reqwest::StatusCode;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{
        self, Message,
        client::IntoClientRequest as _,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};
use url::Url;

use super::{address, rest};
use crate::error::{Error, Result};

const CONNECT: Duration = Duration::from_secs(15);
/// A server that takes nothing for so long is gone.
const WRITE: Duration = Duration::from_secs(20);
/// The largest batch is some hundred rows of the largest messages.
const LARGEST: usize = 32 << 20;

/// How a connection introduces itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Says `hello` and catches up.
    Synced,
    /// Gets live frames at once; never closes another connection of the account.
    Plain,
}

/// An open socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What came in.
#[derive(Debug)]
pub(crate) enum Incoming {
    Frame(Box<ServerPacket>),
    /// A sign of life without content.
    Alive,
}

impl Socket {
    /// Opens one. A refusal by the server is [`Error::Refused`].
    pub(crate) async fn open(base: &Url, token: &str, manner: Manner) -> Result<Self> {
        let url = address::socket(base);
        let mut request = url
            .as_str()
            .into_client_request()
            .map_err(|e| Error::Invalid(format!("{url}: {e}")))?;
        let (name, value) = match manner {
            Manner::Synced => (
                header::SEC_WEBSOCKET_PROTOCOL,
                format!("{SUBPROTOCOL}, {TOKEN_SUBPROTOCOL_PREFIX}{token}"),
            ),
            Manner::Plain => (header::AUTHORIZATION, format!("Bearer {token}")),
        };
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| Error::Protocol("the access token is no header".to_owned()))?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
        let agent = HeaderValue::from_str(&rest::user_agent())
            .map_err(|_| Error::Protocol("the program's name is no header".to_owned()))?;
        request.headers_mut().insert(header::USER_AGENT, agent);
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST))
            .max_frame_size(Some(LARGEST));
        let opening = tokio_tungstenite::connect_async_with_config(request, Some(config), true);
        match tokio::time::timeout(CONNECT, opening).await {
            Ok(Ok((stream, _))) => Ok(Self { stream }),
            Ok(Err(error)) => Err(sort(error)),
            Err(_) => Err(Error::Offline("the server doesn't answer".to_owned())),
        }
    }

    pub(crate) async fn send(&mut self, packet: &ClientPacket) -> Result<()> {
        let sending = self.stream.send(Message::text(packet.encode()));
        match tokio::time::timeout(WRITE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(sort(error)),
            Err(_) => Err(Error::Offline("the link is stuck".to_owned())),
        }
    }

    /// The next thing; `None` once the socket is closed. Cancelling loses nothing.
    pub(crate) async fn next(&mut self) -> Option<Result<Incoming>> {
        Some(read(self.stream.next().await?))
    }

    /// What is there already.
    pub(crate) fn next_now(&mut self) -> Option<Result<Incoming>> {
        self.stream.next().now_or_never().flatten().map(read)
    }

    /// Says goodbye, if that is quickly done.
    pub(crate) async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.stream.close(None)).await;
    }
}

fn read(message: std::result::Result<Message, tungstenite::Error>) -> Result<Incoming> {
    match message.map_err(sort)? {
        Message::Text(text) => match ServerPacket::decode(&text) {
            Ok(packet) => Ok(Incoming::Frame(Box::new(packet))),
            Err(error) => {
                tracing::warn!(%error, "a frame that is none");
                Ok(Incoming::Alive)
            }
        },
        _ => Ok(Incoming::Alive),
    }
}

fn sort(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::Http(answer) => {
            let status =
                StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
            let retry_after = answer
                .headers()
                .get(header::RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.parse().ok());
            let body = answer.body().clone().unwrap_or_default();
            rest::refusal(status, retry_after, &body)
        }
        other => Error::Offline(rest::chain(&other)),
    }
}
