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

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
        body: Option<&(impl Serialize + Sync + ?Sized)>,
    ) -> Result<T> {
        let token = self.keys.access(&self.rest).await?;
        match self
            .rest
            .call(method.clone(), path, query, Some(&token), body)
            .await
        {
            Err(Error::Refused(error)) if error.code == ErrorCode::InvalidToken => {
                let token = self.keys.refresh(&self.rest, &token).await?;
                self.rest
                    .call(method, path, query, Some(&token), body)
                    .await
            }
            other => other,
        }
    }
}
