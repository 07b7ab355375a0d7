//! Settings: a TOML file, then environment variables (`ERC_…`), which win. Every fault is told at
//! once, at the start.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use erc_protocol::auth::Registration;
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::blobs::Place;
use crate::limits::Quotas;
use crate::slow::Slow;

/// What the operator sets, as written. Unknown keys in the file are refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Address and port to listen on.
    listen: String,
    /// Folder for the database, the secret and (later) files; made if need be.
    data_dir: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; SQLite in the data folder if absent.
    database_url: Option<String>,
    /// How several nodes on one database hear of each other: `nats://[user:password@]host:port` (or
    /// `tls://…`; several servers with commas between). Absent: this node is alone. It needs
    /// PostgreSQL and a `secret_key`, the same on all nodes.
    bus: Option<String>,
    /// Where files are: a folder, or `s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME]` with
    /// credentials in `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. `files` in the data folder if
    /// absent.
    blobs: Option<String>,
    /// Address and port where `/metrics` is served, without a password: keep it on a loopback or
    /// private address. Absent: nowhere.
    metrics_listen: Option<String>,
    /// Milliseconds after which a request, a transaction or a catch-up is logged as slow; 0 for
    /// never.
    slow_ms: u64,
    /// Who may sign up: `open`, `invite` or `closed`.
    registration: String,
    /// `on`, or `off` for load tests.
    rate_limits: String,
    /// Other quotas than the usual: `send=600/100, search=20/5` is 600 messages a minute and 100 at
    /// once, and so on. The kinds and what is usual stand in the operator's guide.
    rate_quotas: String,
    /// Sockets that are opened a second, twice as many after a quiet time; who is one too many is told
    /// when to come again. 500 if absent; not counted if that and `rate_limits` is off.
    connects_per_second: Option<u32>,
    /// Signs access tokens; at least 32 characters. Made and kept in the data folder if absent;
    /// several nodes need the same.
    secret_key: Option<String>,
    /// What the server calls itself.
    server_name: String,
    /// Origins of web pages that may use the server, separated by commas; `*` for all.
    allowed_origins: String,
    /// Whether a proxy in front sets `X-Forwarded-For`.
    trust_proxy: bool,
}

/// Settings that a server takes along to another machine.
const PORTABLE: [&str; 8] = [
    "slow_ms",
    "registration",
    "rate_limits",
    "rate_quotas",
    "connects_per_second",
    "server_name",
    "allowed_origins",
    "trust_proxy",
];

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8000".into(),
            data_dir: "./data".into(),
            database_url: None,
            bus: None,
            blobs: None,
            metrics_listen: None,
            slow_ms: 250,
            registration: "invite".into(),
            rate_limits: "on".into(),
            rate_quotas: String::new(),
            connects_per_second: None,
            secret_key: None,
            server_name: "ERC Chat".into(),
            allowed_origins: String::new(),
            trust_proxy: false,
        }
    }
}

/// Sockets let in a second, if nothing else is said.
const CONNECTS_PER_SECOND: u32 = 500;

/// Settings that make sense.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    pub database_url: String,
    pub bus: BusAddress,
    pub blobs: Place,
    pub metrics_listen: Option<SocketAddr>,
    pub slow: Slow,
    pub registration: Registration,
    pub rate_limits: bool,
    pub rate_quotas: Quotas,
    /// Sockets a second; not counted without.
    pub connects_per_second: Option<u32>,
    pub secret_key: Option<Secret>,
    pub server_name: String,
    pub allowed_origins: Origins,
    pub trust_proxy: bool,
}

/// How a node hears of others.
#[derive(Debug, Clone, Default)]
pub enum BusAddress {
    /// There are none.
    #[default]
    InProcess,
    /// Through NATS; the address may hold a password.
    Nats(Secret),
}

/// A secret that no log shows.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Which web pages may talk to the server, besides its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// All.
    Any,
    /// These, exactly.
    List(Vec<String>),
}

impl Origins {
    /// Whether a page of this origin may, at a server that was addressed as `host`.
    #[must_use]
    pub fn allow(&self, origin: &str, host: Option<&str>) -> bool {
        let own = host.is_some_and(|host| {
            origin
                .split_once("://")
                .is_some_and(|(_, authority)| authority == host)
        });
        own || match self {
            Self::Any => true,
            Self::List(list) => list.iter().any(|allowed| allowed == origin),
        }
    }
}

/// What holds where nothing is set.
impl Default for Config {
    fn default() -> Self {
        Self::check(Settings::default()).expect("the defaults make sense")
    }
}

impl Config {
    /// From a file (if one is named, it must be there) and the environment.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        Self::check(Settings::load(file)?)
    }

    /// From the text of a settings file alone, without the environment.
    pub fn written(file: &str) -> anyhow::Result<Self> {
        let settings = Figment::from(Serialized::defaults(Settings::default()));
        Self::check(settings.merge(Toml::string(file)).extract()?)
    }

    /// What holds on any machine, as a settings file: no secrets, no places, no addresses.
    pub fn portable(file: Option<&Path>) -> anyhow::Result<String> {
        let mut settings = serde_json::to_value(Settings::load(file)?)?;
        if let Some(fields) = settings.as_object_mut() {
            fields.retain(|name, value| PORTABLE.contains(&name.as_str()) && !value.is_null());
        }
        Ok(toml::to_string(&settings)?)
    }
}

impl Settings {
    fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Settings::default()));
        if let Some(file) = file {
            anyhow::ensure!(
                file.is_file(),
                "there is no settings file {}",
                file.display()
            );
            figment = figment.merge(Toml::file(file));
        }
        let names: Vec<_> = names().collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        Ok(figment
            .merge(Env::prefixed("ERC_").only(&names))
            .extract()?)
    }
}

impl Config {
    fn check(settings: Settings) -> anyhow::Result<Self> {
        let mut faults = Vec::new();
        let listen = settings.listen.parse().unwrap_or_else(|_| {
            faults.push(format!(
                "listen: {:?} is not an address and port, such as 127.0.0.1:8000",
                settings.listen
            ));
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        let metrics_listen = settings.metrics_listen.as_deref().and_then(|address| {
            let parsed = address.parse().ok();
            if parsed.is_none() {
                faults.push(format!(
                    "metrics_listen: {address:?} is not an address and port, such as 127.0.0.1:9100"
                ));
            }
            parsed
        });
        let blobs = match &settings.blobs {
            None => Place::Folder(settings.data_dir.join("files")),
            Some(place) => place.parse().unwrap_or_else(|error| {
                faults.push(format!("blobs: {error}"));
                Place::Folder(PathBuf::new())
            }),
        };
        let registration = settings.registration.parse().unwrap_or_else(|error| {
            faults.push(format!("registration: {error}"));
            Registration::Closed
        });
        let (rate_limits, rate_quotas) = limits(&settings, &mut faults);
        if settings.connects_per_second == Some(0) {
            faults.push("connects_per_second: at least 1".into());
        }
        if settings
            .secret_key
            .as_ref()
            .is_some_and(|key| key.len() < 32)
        {
            faults.push("secret_key: at least 32 characters".into());
        }
        let database_url = settings
            .database_url
            .unwrap_or_else(|| format!("sqlite:{}", settings.data_dir.join("erc.db").display()));
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| database_url.starts_with(scheme))
        {
            faults.push("database_url: begins with sqlite: or postgres://".into());
        }
        let bus = bus_address(settings.bus.as_deref(), &mut faults);
        if matches!(bus, BusAddress::Nats(_)) {
            if database_url.starts_with("sqlite:") {
                faults.push("bus: several nodes need PostgreSQL (database_url)".into());
            }
            if settings.secret_key.is_none() {
                faults.push("secret_key: needed with a bus, the same on all nodes".into());
            }
        }
        let origins: Vec<String> = settings
            .allowed_origins
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/').to_owned())
            .filter(|origin| !origin.is_empty())
            .collect();
        let allowed_origins = if origins.iter().any(|o| o == "*") {
            Origins::Any
        } else {
            Origins::List(origins)
        };
        anyhow::ensure!(
            faults.is_empty(),
            "the settings have faults:\n  {}",
            faults.join("\n  ")
        );
        Ok(Self {
            listen,
            data_dir: settings.data_dir,
            database_url,
            bus,
            blobs,
            metrics_listen,
            slow: Slow((settings.slow_ms > 0).then(|| Duration::from_millis(settings.slow_ms))),
            registration,
            rate_limits,
            rate_quotas,
            connects_per_second: settings
                .connects_per_second
                .or(rate_limits.then_some(CONNECTS_PER_SECOND)),
            secret_key: settings.secret_key.map(Secret),
            server_name: settings.server_name,
            allowed_origins,
            trust_proxy: settings.trust_proxy,
        })
    }
}

/// What each setting is called; its variable has `ERC_` before it, and capitals.
pub fn names() -> impl Iterator<Item = String> {
    defaults().into_iter().map(|(name, _)| name)
}

/// What holds if the setting of this name is absent; `None` if that depends, or there is none.
#[must_use]
pub fn default_of(name: &str) -> Option<String> {
    match defaults().get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

fn defaults() -> Map<String, Value> {
    match serde_json::to_value(Settings::default()) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn limits(settings: &Settings, faults: &mut Vec<String>) -> (bool, Quotas) {
    let is_on = match settings.rate_limits.as_str() {
        "on" | "true" => true,
        "off" | "false" => false,
        other => {
            faults.push(format!("rate_limits: {other:?} is neither on nor off"));
            true
        }
    };
    let quotas = settings.rate_quotas.parse().unwrap_or_else(|error| {
        faults.push(format!("rate_quotas: {error}"));
        Quotas::default()
    });
    (is_on, quotas)
}

fn bus_address(setting: Option<&str>, faults: &mut Vec<String>) -> BusAddress {
    let Some(url) = setting.filter(|url| !url.trim().is_empty()) else {
        return BusAddress::InProcess;
    };
    let is_ours = url.split(',').all(|one| {
        let one = one.trim();
        one.starts_with("nats://") || one.starts_with("tls://")
    });
    if is_ours && crate::bus::addresses(url).is_ok() {
        return BusAddress::Nats(Secret(url.into()));
    }
    // Not shown: there may be a password in it.
    faults.push("bus: an address such as nats://127.0.0.1:4222".into());
    BusAddress::InProcess
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_at_once() {
        let settings = Settings {
            listen: "nowhere".into(),
            registration: "maybe".into(),
            rate_limits: "perhaps".into(),
            rate_quotas: "send=often".into(),
            connects_per_second: Some(0),
            secret_key: Some("short".into()),
            database_url: Some("mysql://x".into()),
            bus: Some("carrier pigeon".into()),
            blobs: Some("ftp://x".into()),
            metrics_listen: Some("everywhere".into()),
            ..Settings::default()
        };
        let told = Config::check(settings).unwrap_err().to_string();
        for key in [
            "listen",
            "registration",
            "rate_limits",
            "rate_quotas",
            "connects_per_second",
            "secret_key",
            "database_url",
            "bus",
            "blobs",
            "metrics_listen",
        ] {
            assert!(
                told.contains(&format!("{key}:")),
                "{key} is missing in {told}"
            );
        }
    }

    #[test]
    fn the_defaults_make_sense() {
        let config = Config::check(Settings::default()).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8000");
        assert_eq!(config.registration, Registration::Invite);
        assert!(config.database_url.starts_with("sqlite:"));
        assert_eq!(config.connects_per_second, Some(500));
    }

    #[test]
    fn a_load_test_may_have_no_limit_or_that_of_sockets_alone() {
        let mut settings = Settings {
            rate_limits: "off".into(),
            ..Settings::default()
        };
        let none = Config::check(settings.clone()).unwrap();
        assert_eq!((none.rate_limits, none.connects_per_second), (false, None));
        settings.connects_per_second = Some(7);
        let alone = Config::check(settings).unwrap();
        assert_eq!(
            (alone.rate_limits, alone.connects_per_second),
            (false, Some(7))
        );
    }

    #[test]
    fn a_bus_needs_postgresql_and_a_key_that_all_nodes_share() {
        let mut settings = Settings {
            bus: Some("nats://a:4222, nats://me:word@b:4222".into()),
            ..Settings::default()
        };
        let told = Config::check(settings.clone()).unwrap_err().to_string();
        assert!(
            told.contains("bus:") && told.contains("secret_key:"),
            "{told}"
        );
        settings.database_url = Some("postgres://localhost/erc".into());
        settings.secret_key = Some("a".repeat(32));
        let config = Config::check(settings).unwrap();
        assert!(matches!(config.bus, BusAddress::Nats(_)));
        assert!(!format!("{config:?}").contains("word"));
    }

    #[test]
    fn a_page_of_the_server_itself_is_allowed_and_a_foreign_one_only_by_name() {
        let list = Origins::List(vec!["https://app.example.org".into()]);
        assert!(list.allow("http://chat.example.org", Some("chat.example.org")));
        assert!(list.allow("https://app.example.org", Some("chat.example.org")));
        assert!(!list.allow("https://evil.example", Some("chat.example.org")));
        assert!(!list.allow("null", Some("chat.example.org")));
        assert!(!list.allow("https://app.example.org.evil.example", None));
        assert!(Origins::Any.allow("https://evil.example", None));
    }
}
