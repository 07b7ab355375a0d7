//! A real S3 server on a free port, with its buckets in a folder.

use std::path::PathBuf;

use erc_server::blobs::{Blobs, Keys};
use erc_server::config::Secret;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;

const ID: &str = "test";
const SECRET: &str = "not-much-of-a-secret";

pub(super) struct S3 {
    folder: tempfile::TempDir,
    url: String,
    bucket: &'static str,
}

impl S3 {
    /// Runs until the test's runtime ends.
    pub(super) async fn start(bucket: &'static str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(bucket)).unwrap();
        let files = s3s_fs::FileSystem::new(folder.path()).unwrap();
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ID, SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let builder = Builder::new(TokioExecutor::new());
                    let _ = builder
                        .serve_connection(TokioIo::new(socket), service)
                        .await;
                });
            }
        });
        Self {
            folder,
            url,
            bucket,
        }
    }

    /// The bucket's own folder.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.path().join(self.bucket).join("prefix")
    }

    pub(super) fn blobs(&self, prefix: &str) -> Blobs {
        self.open(prefix, ID, SECRET)
    }

    pub(super) fn blobs_as(&self, id: &str, secret: &str) -> Blobs {
        self.open("", id, secret)
    }

    fn open(&self, prefix: &str, id: &str, secret: &str) -> Blobs {
        let place = format!(
            "s3://{}/{prefix}?endpoint={}&region=test",
            self.bucket, self.url
        );
        let keys = Keys {
            id: id.into(),
            secret: Secret(secret.into()),
        };
        Blobs::open_with(&place.parse().unwrap(), Some(&keys)).unwrap()
    }
}
