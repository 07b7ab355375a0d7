//! Requests of a signed-in account: with its token, refreshed when the server no longer takes it.

use erc_protocol::ErrorCode;
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use super::credentials::Keys;
use crate::{
    error::{Error, Result},
    transport::rest::{NOTHING, Rest},
};

#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) rest: Rest,
    pub(crate) keys: Keys,
}

impl Api {
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T> {
        self.call(Method::GET, path, query, NOTHING).await
    }

    /// With a body, or [`NOTHING`].
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + Sync + ?Sized)>,
    ) -> Result<T> {
        self.call(method, path, &[], body).await
    }

    /// Bytes as they are, by POST.
    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        bytes: Vec<u8>,
    ) -> Result<T> {
        self.signed(|token| {
            let bytes = bytes.clone();
            async move { self.rest.upload(path, query, &token, bytes).await }
        })
        .await
    }

    /// What is no JSON, with its media type.
    pub(crate) async fn bytes(&self, path: &str, most: usize) -> Result<(String, Vec<u8>)> {
        self.signed(|token| async move { self.rest.bytes(path, &token, most).await })
            .await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&(impl Serialize + Sync + ?Sized)>,
    ) -> Result<T> {
        self.signed(|token| {
            let method = method.clone();
            async move {
                self.rest
                    .call(method, path, query, Some(&token), body)
                    .await
            }
        })
        .await
    }

    /// With a token, and once more with a fresh one.
    async fn signed<T, F>(&self, ask: impl Fn(String) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let token = self.keys.access(&self.rest).await?;
        match ask(token.clone()).await {
            Err(Error::Refused(error)) if error.code == ErrorCode::InvalidToken => {
                ask(self.keys.refresh(&self.rest, &token).await?).await
            }
            other => other,
        }
    }
}
