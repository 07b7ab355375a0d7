//! Settings that are valid and yet unwise, and whether the address can be had.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use erc_protocol::auth::Registration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::check::Check;
use crate::config::{Config, Origins};

const PATIENCE: Duration = Duration::from_secs(3);
/// Fewer different characters than this are a word, not a secret.
const DIFFERENT: usize = 10;

pub(super) fn sense(config: &Config) -> Check {
    let mut unwise = Vec::new();
    if !config.rate_limits {
        unwise
            .push("rate_limits is off, so passwords can be guessed as fast as the server answers");
    }
    if config.allowed_origins == Origins::Any {
        unwise.push("allowed_origins is *, so any web page may use the server in a visitor's name");
    }
    if config.registration == Registration::Open && !config.listen.ip().is_loopback() {
        unwise.push("registration is open on a public address, so anybody may come in");
    }
    if unwise.is_empty() {
        Check::ok("settings", "they make sense")
    } else {
        Check::warn(
            "settings",
            unwise.join("; "),
            "set them back unless this is a test",
        )
    }
}

pub(super) async fn listen(config: &Config) -> Check {
    const NAME: &str = "listen";
    let address = config.listen;
    match TcpListener::bind(address).await {
        Ok(_) if address.ip().is_loopback() => Check::ok(NAME, format!("{address} is free")),
        Ok(_) if config.trust_proxy => Check::ok(NAME, format!("{address} is free, for a proxy")),
        Ok(_) => Check::warn(
            NAME,
            format!("{address} is free, and not only for this machine"),
            "the server speaks plain HTTP: put a proxy with TLS in front, and listen on 127.0.0.1",
        ),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            if answers(address).await {
                Check::ok(NAME, format!("a server answers at {address}"))
            } else {
                Check::fail(
                    NAME,
                    format!("another program has {address}"),
                    "stop it, or set ERC_LISTEN to another port",
                )
            }
        }
        Err(error) => Check::fail(
            NAME,
            format!("{address} can't be had: {error}"),
            "set ERC_LISTEN to an address of this machine and a port that you may use",
        ),
    }
}

/// Whether something there says that it is alive, as our servers do.
async fn answers(address: SocketAddr) -> bool {
    let ask = async {
        let mut socket = TcpStream::connect(address).await?;
        let request = b"GET /healthz HTTP/1.1\r\nHost: doctor\r\nConnection: close\r\n\r\n";
        socket.write_all(request).await?;
        let mut answer = String::new();
        socket.take(16 * 1024).read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = timeout(PATIENCE, ask).await;
    answer.is_ok_and(|answer| answer.is_ok_and(|text| text.contains("\"status\":\"ok\"")))
}

pub(super) fn metrics(config: &Config) -> Option<Check> {
    let address = config.metrics_listen?;
    Some(if address.ip().is_loopback() {
        Check::ok(
            "metrics",
            format!("served on {address}, for this machine only"),
        )
    } else {
        Check::warn(
            "metrics",
            format!("served on {address} without a password"),
            "make sure that only your monitoring reaches it",
        )
    })
}

pub(super) fn secret(config: &Config) -> Check {
    const NAME: &str = "secret";
    let Some(secret) = &config.secret_key else {
        return own_secret(config);
    };
    let different: BTreeSet<char> = secret.0.chars().collect();
    if different.len() < DIFFERENT {
        return Check::warn(
            NAME,
            format!(
                "secret_key has only {} different characters",
                different.len()
            ),
            "make one with: openssl rand -base64 33 (everybody has to sign in again)",
        );
    }
    Check::ok(NAME, "secret_key is set")
}

fn own_secret(config: &Config) -> Check {
    const NAME: &str = "secret";
    let path = config.data_dir.join("secret.key");
    let meta = match std::fs::metadata(&path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Check::ok(NAME, "the first start makes one");
        }
        Err(error) => {
            return Check::fail(
                NAME,
                format!("{} can't be read: {error}", path.display()),
                "run this as the user that the server runs as",
            );
        }
    };
    let mode = meta.permissions().mode() & 0o777;
    if meta.len() < 32 {
        Check::fail(
            NAME,
            format!("{} is too short", path.display()),
            "delete it: the next start makes a new one, and everybody has to sign in again",
        )
    } else if mode & 0o077 != 0 {
        Check::warn(
            NAME,
            format!("others may read {} (mode {mode:o})", path.display()),
            format!("chmod 600 {}", path.display()),
        )
    } else {
        Check::ok(NAME, format!("{} is private", path.display()))
    }
}
