//! Somebody who is signed in and speaks REST directly.

use erc_protocol::{
    ErrorBody, ErrorCode, Message, RoomId,
    api::rooms::{MyRoom, RoomList},
    auth::TokenResponse,
    error::ErrorResponse,
};
use reqwest::{Client, Method};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{ids, server::PASSWORD};

/// An HTTP client that trusts the same roots as ours.
pub fn http() -> Client {
    // Every program does this first; a second time is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// A user with tokens.
#[derive(Clone)]
pub struct Person {
    http: Client,
    pub base: String,
    pub tokens: TokenResponse,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    pub what: String,
    pub status: u16,
    pub retry_after: Option<String>,
    pub body: Value,
}

impl Answer {
    async fn of(what: String, response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let text = response.text().await.expect("the answer is text");
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        };
        Self {
            what,
            status,
            retry_after,
            body,
        }
    }

    /// The body of a success.
    ///
    /// # Panics
    /// If it was refused.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {} {}",
            self.what,
            self.status,
            self.body
        );
        self.body
    }

    /// The body of a success as what it should be.
    #[track_caller]
    pub fn read<T: DeserializeOwned>(self) -> T {
        let what = self.what.clone();
        let body = self.ok();
        serde_json::from_value(body.clone())
            .unwrap_or_else(|error| panic!("{what}: {error} in {body}"))
    }

    /// The refusal.
    ///
    /// # Panics
    /// If it was carried out, or refused with another code, or with a status that does not belong
    /// to the code.
    #[track_caller]
    pub fn refused(self, code: ErrorCode) -> ErrorBody {
        let refusal: ErrorResponse =
            serde_json::from_value(self.body.clone()).unwrap_or_else(|_| {
                panic!(
                    "{}: {} {} is no refusal with {code}",
                    self.what, self.status, self.body
                )
            });
        assert_eq!(refusal.error.code, code, "{}: {}", self.what, self.body);
        assert_eq!(self.status, code.status(), "{}: {}", self.what, self.body);
        assert!(
            !refusal.error.message.is_empty(),
            "{}: a refusal says why",
            self.what
        );
        refusal.error
    }
}

/// A request without a token.
pub async fn anonymous(base: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let mut request = http().request(method.clone(), format!("{base}{path}"));
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await.expect("the server answers");
    Answer::of(format!("{method} {path}"), response).await
}

impl Person {
    /// Signs in with the password that the harness gives everybody.
    pub async fn sign_in(base: &str, username: &str) -> Self {
        let body = json!({ "username": username, "password": PASSWORD, "device_name": "test" });
        let tokens = anonymous(base, Method::POST, "/auth/login", Some(&body))
            .await
            .read();
        Self::with_tokens(base, tokens)
    }

    /// Somebody with these tokens.
    pub fn with_tokens(base: &str, tokens: TokenResponse) -> Self {
        Self {
            http: http(),
            base: base.to_owned(),
            tokens,
        }
    }

    /// The access token.
    pub fn token(&self) -> &str {
        &self.tokens.access_token
    }

    pub async fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .bearer_auth(&self.tokens.access_token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.expect("the server answers");
        Answer::of(format!("{method} {path}"), response).await
    }

    /// A body that may be anything, JSON or not.
    pub async fn raw(&self, method: Method, path: &str, kind: &str, body: Vec<u8>) -> Answer {
        let response = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .bearer_auth(&self.tokens.access_token)
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .expect("the server answers");
        Answer::of(format!("{method} {path}"), response).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, None).await
    }

    /// Makes a public group room.
    pub async fn create_room(&self, name: &str) -> RoomId {
        self.post("/chat/rooms", &json!({ "name": name, "type": "group" }))
            .await
            .read::<MyRoom>()
            .room
            .id
    }

    pub async fn join(&self, room: RoomId) {
        self.post(&format!("/chat/rooms/{room}/join"), &json!({}))
            .await
            .ok();
    }

    /// Makes a link into a room and answers with its code.
    pub async fn make_link(&self, room: RoomId) -> String {
        let path = format!("/chat/rooms/{room}/links");
        let made = self.post(&path, &json!({})).await;
        made.read::<erc_protocol::api::links::MadeLink>().code
    }

    pub async fn rooms(&self) -> Vec<MyRoom> {
        self.get("/chat/rooms").await.read::<RoomList>().rooms
    }

    pub async fn send(&self, room: RoomId, text: &str) -> Message {
        self.post(
            &format!("/chat/rooms/{room}/messages"),
            &json!({ "content": text, "message_type": "text", "client_id": ids::client_id() }),
        )
        .await
        .read()
    }

    /// Every message of the room that this user may see, oldest first, page by page.
    pub async fn history(&self, room: RoomId) -> Vec<Message> {
        let mut all = Vec::new();
        let mut path = format!("/chat/rooms/{room}/messages?limit=100");
        loop {
            let page: erc_protocol::api::rooms::MessagePage = self.get(&path).await.read();
            let first = page.messages.first().map(|m| m.seq);
            all.splice(0..0, page.messages);
            match (page.has_more, first) {
                (true, Some(seq)) => {
                    path = format!("/chat/rooms/{room}/messages?limit=100&before_seq={seq}");
                }
                _ => return all,
            }
        }
    }
}
