//! Requests: what is asked once.

use std::time::Duration;

use erc_protocol::{ErrorBody, ErrorCode, error::ErrorResponse};
use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::address;
use crate::error::{Error, Result};

const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// A server, without an account.
#[derive(Debug, Clone)]
pub(crate) struct Rest {
    http: reqwest::Client,
    base: Url,
}

/// A download may take so long, whatever it holds.
const LONGEST: Duration = Duration::from_hours(2);

/// A request's body, if it has one.
pub(crate) const NOTHING: Option<&()> = None;

impl Rest {
    pub(crate) fn new(base: Url) -> Result<Self> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            // A password or token is for the server that was named, not for where it points to.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(user_agent())
            .build()
            .map_err(|e| Error::Offline(format!("can't set up the network: {}", chain(&e))))?;
        Ok(Self { http, base })
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// Sends bytes as they are.
    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        token: &str,
        bytes: Vec<u8>,
    ) -> Result<T> {
        let mut url = address::below(&self.base, path);
        url.query_pairs_mut().extend_pairs(query);
        answered(self.http.post(url).bearer_auth(token).body(bytes)).await
    }

    /// Fetches something that is no JSON, with its media type; at most so many bytes.
    pub(crate) async fn bytes(
        &self,
        path: &str,
        token: &str,
        most: usize,
    ) -> Result<(String, Vec<u8>)> {
        let request = self.http.get(address::below(&self.base, path));
        let mut answer = request
            .bearer_auth(token)
            .send()
            .await
            .map_err(|e| Error::Offline(chain(&e)))?;
        if !answer.status().is_success() {
            return Err(refused(answer).await?);
        }
        let kind = answer.headers().get(reqwest::header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|e| Error::Offline(chain(&e)))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > most {
                let why = format!("the server sent more than {most} bytes");
                return Err(Error::Protocol(why));
            }
        }
        Ok((kind, bytes))
    }

    /// One request. `query` is added to the path, encoded.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        token: Option<&str>,
        body: Option<&(impl Serialize + Sync + ?Sized)>,
    ) -> Result<T> {
        let mut url = address::below(&self.base, path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.http.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        answered(request).await
    }

    /// Asks for something large, by POST.
    pub(crate) async fn download(&self, path: &str, token: &str) -> Result<Download> {
        let url = address::below(&self.base, path);
        let request = self.http.post(url).bearer_auth(token).timeout(LONGEST);
        let answer = request
            .send()
            .await
            .map_err(|e| Error::Offline(chain(&e)))?;
        if answer.status().is_success() {
            return Ok(Download(answer));
        }
        Err(refused(answer).await?)
    }
}

/// Sends a request and reads its answer.
async fn answered<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T> {
    let answer = request
        .send()
        .await
        .map_err(|e| Error::Offline(chain(&e)))?;
    if !answer.status().is_success() {
        return Err(refused(answer).await?);
    }
    let text = answer
        .bytes()
        .await
        .map_err(|e| Error::Offline(chain(&e)))?;
    // An answer without a body reads as null.
    let text: &[u8] = if text.is_empty() { b"null" } else { &text };
    serde_json::from_slice(text).map_err(|e| Error::Protocol(e.to_string()))
}

/// What an answer says that is no success.
async fn refused(answer: reqwest::Response) -> Result<Error> {
    let (status, retry_after) = (answer.status(), retry_after(&answer));
    let text = answer
        .bytes()
        .await
        .map_err(|e| Error::Offline(chain(&e)))?;
    Ok(refusal(status, retry_after, &text))
}

fn retry_after(answer: &reqwest::Response) -> Option<u64> {
    let value = answer.headers().get(reqwest::header::RETRY_AFTER)?;
    value.to_str().ok()?.parse().ok()
}

/// An answer that is taken down piece by piece.
pub(crate) struct Download(reqwest::Response);

impl Download {
    /// How many bytes it has, as far as that is said.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.content_length().unwrap_or(0)
    }

    /// The next piece; none at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>> {
        let chunk = self.0.chunk().await;
        chunk.map_err(|e| Error::Offline(chain(&e)))
    }
}

/// What an answer that is no success means.
pub(crate) fn refusal(status: StatusCode, retry_after: Option<u64>, body: &[u8]) -> Error {
    if let Ok(ErrorResponse { mut error }) = serde_json::from_slice(body) {
        error.retry_after = error.retry_after.or(retry_after);
        return Error::Refused(error);
    }
    let code = match status.as_u16() {
        401 => ErrorCode::InvalidToken,
        429 => ErrorCode::RateLimited,
        // A proxy speaks for a server that isn't there.
        502..=504 => return Error::Offline(format!("the server is not available ({status})")),
        _ => return Error::Protocol(format!("the server answered {status}")),
    };
    let mut error = ErrorBody::new(code, format!("the server answered {status}"));
    error.retry_after = retry_after;
    Error::Refused(error)
}

/// The innermost cause says what happened ("connection refused"); the outer ones say where.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// How the program calls itself.
pub(crate) fn user_agent() -> String {
    format!("erc/{}", env!("CARGO_PKG_VERSION"))
}
