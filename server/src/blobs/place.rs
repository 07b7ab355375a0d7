//! Where blobs are: a folder or a bucket, as the settings say.

use std::fmt;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use axum::http::Uri;
use object_store::ObjectStore;
use object_store::aws::{AmazonS3, AmazonS3Builder, S3ConditionalPut};
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use serde::Deserialize;

use super::error::{Error, Result};
use crate::config::Secret;

/// A folder, or a bucket of S3. Credentials are not part of it: `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY` and the other usual variables of the environment hold them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder on disk; made if need be.
    Folder(PathBuf),
    /// `s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]`.
    S3 {
        bucket: String,
        prefix: String,
        options: Options,
    },
}

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Another server than Amazon's, such as `http://127.0.0.1:9000`.
    endpoint: Option<String>,
    /// `us-east-1` if neither this nor `AWS_REGION` says so.
    region: Option<String>,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if !text.starts_with("s3://") {
            return match text.split_once("://") {
                Some((scheme, _)) => Err(format!(
                    "{scheme}:// is no place for files; name a folder or s3://BUCKET"
                )),
                None if text.is_empty() => Err("name a folder or s3://BUCKET".into()),
                None => Ok(Self::Folder(text.into())),
            };
        }
        let uri: Uri = text.parse().map_err(|error| format!("{text}: {error}"))?;
        let bucket = uri.host().unwrap_or_default();
        if uri
            .authority()
            .is_none_or(|authority| authority.as_str() != bucket)
        {
            return Err(
                "credentials stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, \
                        and a port in ?endpoint="
                    .into(),
            );
        }
        let axum::extract::Query(options) = axum::extract::Query::<Options>::try_from_uri(&uri)
            .map_err(|error| format!("{text}: {error}"))?;
        if let Some(endpoint) = &options.endpoint {
            let is_web = endpoint.starts_with("http://") || endpoint.starts_with("https://");
            if !is_web {
                return Err(format!(
                    "endpoint {endpoint} begins with http:// or https://"
                ));
            }
        }
        Ok(Self::S3 {
            bucket: bucket.to_owned(),
            prefix: uri.path().trim_matches('/').to_owned(),
            options,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::S3 {
                bucket,
                prefix,
                options,
            } => {
                write!(f, "s3://{bucket}/{prefix}")?;
                match &options.endpoint {
                    Some(endpoint) => write!(f, " at {endpoint}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Who we are to S3.
#[derive(Debug, Clone)]
pub struct Keys {
    /// As `AWS_ACCESS_KEY_ID`.
    pub id: String,
    /// As `AWS_SECRET_ACCESS_KEY`.
    pub secret: Secret,
}

type Opened = (Arc<dyn ObjectStore>, Option<Arc<AmazonS3>>);

impl Place {
    pub(super) fn open(&self, keys: Option<&Keys>) -> Result<Opened> {
        match self {
            Self::Folder(path) => {
                std::fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(path)
                    .map_err(|error| {
                        Error::Place(format!("the folder for files, {}: {error}", path.display()))
                    })?;
                let disk = LocalFileSystem::new_with_prefix(path)?.with_fsync(true);
                Ok((Arc::new(disk), None))
            }
            Self::S3 {
                bucket,
                prefix,
                options,
            } => {
                let s3 = Arc::new(s3(bucket, options, keys)?);
                if prefix.is_empty() {
                    return Ok((s3.clone(), Some(s3)));
                }
                let store = PrefixStore::new(s3.clone(), prefix.as_str());
                Ok((Arc::new(store), Some(s3)))
            }
        }
    }

    /// What stands before every path of a bucket.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Self::Folder(_) => "",
            Self::S3 { prefix, .. } => prefix,
        }
    }
}

fn s3(bucket: &str, options: &Options, keys: Option<&Keys>) -> Result<AmazonS3> {
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    if let Some(endpoint) = &options.endpoint {
        builder = builder
            .with_endpoint(endpoint)
            .with_allow_http(endpoint.starts_with("http://"));
    }
    if let Some(keys) = keys {
        builder = builder
            .with_access_key_id(&keys.id)
            .with_secret_access_key(&keys.secret.0);
    }
    if let Some(region) = &options.region {
        builder = builder.with_region(region);
    }
    Ok(builder.build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket_and_anything_else_is_told() {
        assert_eq!("data/files".parse(), Ok(Place::Folder("data/files".into())));
        let place: Place = "s3://erc/files/?endpoint=http://127.0.0.1:9000&region=eu-1"
            .parse()
            .unwrap();
        assert_eq!(place.to_string(), "s3://erc/files at http://127.0.0.1:9000");
        assert_eq!(place.prefix(), "files");
        for wrong in [
            "",
            "ftp://host/x",
            "s3://key:secret@erc",
            "s3://erc?endpoint=host",
            "s3://erc?colour=red",
            "s3://",
        ] {
            assert!(wrong.parse::<Place>().is_err(), "{wrong}");
        }
    }
}
