//! The folder of this machine's accounts.

use std::path::{Path, PathBuf};

use erc_protocol::{
    auth::{AuthSettings, LoginRequest, RegisterRequest, TokenResponse},
    validate,
};
use reqwest::Method;

use crate::{
    Account, Quick, SafeText,
    account::{
        api::Api,
        credentials::{self, Credentials, Keys, Tokens},
        hits::Asked,
        lock::Lock,
        shared::Shared,
    },
    cache::{self, Store},
    clock::Clock,
    error::{Error, Result},
    export::{self, ExportWish, Exported, Ground, Hearing, Target},
    failpoints::Failpoints,
    link,
    transport::{
        address,
        rest::{NOTHING, Rest},
    },
    view::{AccountInfo, Found, Hit, ServerInfo},
};

/// Where accounts, caches and settings of this user of this machine live.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
    clock: Clock,
    failpoints: Failpoints,
}

/// What signing in needs.
#[derive(Clone)]
pub struct SignIn {
    /// As typed: `chat.example.org`, `http://127.0.0.1:8000`.
    pub server: String,
    pub username: String,
    pub password: String,
    /// What the session is called in the list of sessions.
    pub device_name: String,
}

/// What signing up needs besides.
#[derive(Clone, Default)]
pub struct SignUp {
    pub display_name: Option<String>,
    pub invite: Option<String>,
}

impl Home {
    /// The folder `ERC_HOME`, or the platform's data folder (`~/.local/share/erc`).
    pub fn default_path() -> PathBuf {
        let set = |name: &str| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| !path.as_os_str().is_empty())
        };
        if let Some(path) = set("ERC_HOME") {
            return path;
        }
        let user = std::env::home_dir().unwrap_or_default();
        if cfg!(windows) {
            return set("APPDATA").unwrap_or(user).join("erc");
        }
        if cfg!(target_os = "macos") {
            return user.join("Library/Application Support/erc");
        }
        // The XDG rules: a path that is not absolute is to be ignored.
        let data = set("XDG_DATA_HOME").filter(|path| path.is_absolute());
        data.unwrap_or_else(|| user.join(".local/share"))
            .join("erc")
    }

    /// Opens the folder; makes it (readable by its owner only) if it isn't there.
    pub fn open(root: &Path) -> Result<Self> {
        Self::with_clock(root, Clock::system())
    }

    /// As [`Self::open`], with another source of time and ids.
    pub fn with_clock(root: &Path, clock: Clock) -> Result<Self> {
        Self::with_parts(root, clock, Failpoints::default())
    }

    /// As [`Self::with_clock`], with places where the program dies.
    pub fn with_parts(root: &Path, clock: Clock, failpoints: Failpoints) -> Result<Self> {
        // A program may have chosen one already; ours is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        make_private(&root.join("accounts"))?;
        let root = std::path::absolute(root).map_err(|e| storage(root, &e))?;
        Ok(Self {
            root,
            clock,
            failpoints,
        })
    }

    /// The accounts, most recently used first.
    pub fn accounts(&self) -> Result<Vec<AccountInfo>> {
        let folder = self.root.join("accounts");
        let mut accounts = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(|e| storage(&folder, &e))? {
            let path = entry.map_err(|e| storage(&folder, &e))?.path();
            match Credentials::load(&path) {
                Ok(Some(credentials)) => accounts.push(credentials),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "an account that can't be read"),
            }
        }
        accounts.sort_by_key(|credentials| std::cmp::Reverse(credentials.last_used_at));
        accounts.iter().map(info).collect()
    }

    /// Asks a server who it is and who may sign up.
    pub async fn server_info(&self, server: &str) -> Result<ServerInfo> {
        let url = address::complete(server)?;
        let rest = Rest::new(url.clone())?;
        let settings: AuthSettings = rest
            .call(Method::GET, "/auth/settings", &[], None, NOTHING)
            .await?;
        Ok(ServerInfo {
            server_url: address::shown(&url),
            server_name: SafeText::line(&settings.server_name),
            registration: settings.registration,
        })
    }

    /// Signs in and opens the account. An account of the same user and server is taken over with
    /// its cache and its outbox.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Account> {
        let request = LoginRequest {
            username: username(&sign_in)?,
            password: sign_in.password,
            device_name: Some(sign_in.device_name),
        };
        let rest = Rest::new(address::complete(&sign_in.server)?)?;
        let (folder, lock) = self.claim(&request.username, &rest)?;
        let answer = rest
            .call(Method::POST, "/auth/login", &[], None, Some(&request))
            .await?;
        self.enter(&rest, folder, lock, &answer).await
    }

    /// Signs up, then as [`Self::sign_in`].
    pub async fn sign_up(&self, sign_in: SignIn, sign_up: SignUp) -> Result<Account> {
        validate::password(&sign_in.password).map_err(Error::Invalid)?;
        let name = sign_up.display_name.filter(|name| !name.trim().is_empty());
        let request = RegisterRequest {
            username: username(&sign_in)?,
            password: sign_in.password,
            display_name: name
                .map(|name| validate::display_name(&name))
                .transpose()
                .map_err(Error::Invalid)?,
            invite: sign_up
                .invite
                .filter(|invite| !invite.trim().is_empty())
                .map(|invite| link::invite(&invite)),
            device_name: Some(sign_in.device_name),
        };
        let rest = Rest::new(address::complete(&sign_in.server)?)?;
        let (folder, lock) = self.claim(&request.username, &rest)?;
        let answer = rest
            .call(Method::POST, "/auth/register", &[], None, Some(&request))
            .await?;
        self.enter(&rest, folder, lock, &answer).await
    }

    /// Opens an account without touching the network. Only one program at a time has it.
    pub fn open_account(&self, key: &str) -> Result<Account> {
        let folder = self.folder(key)?;
        let known = Credentials::load(&folder)?;
        known.ok_or(Error::NotFound)?;
        let lock = Lock::take(&folder)?;
        let now = self.clock.now();
        credentials::try_update(&folder, |stored| stored.last_used_at = now)?;
        let credentials = Credentials::load(&folder)?.ok_or(Error::NotFound)?;
        self.account(folder, lock, credentials)
    }

    /// The account for scripts: no cache, no lock. [`crate::Error::NotFound`] if there is none of
    /// this key.
    #[expect(
        clippy::unused_async,
        reason = "it may ask the server one day; callers await it"
    )]
    pub async fn quick(&self, key: &str) -> Result<Quick> {
        let folder = self.folder(key)?;
        let credentials = Credentials::load(&folder)?.ok_or(Error::NotFound)?;
        let rest = Rest::new(address::complete(&credentials.server_url)?)?;
        let keys = Keys::new(folder, credentials, self.clock.clone());
        Ok(Quick::new(Api { rest, keys }, self.clock.clone()))
    }

    /// As [`Account::search`] over all rooms, for scripts: works while another program has the
    /// account open, and changes nothing.
    pub fn search(&self, key: &str, query: &str, limit: u32) -> Result<Vec<Hit>> {
        let asked = Asked::new(&self.clock, query, None, limit)?;
        let folder = self.folder(key)?;
        let me = Credentials::load(&folder)?.ok_or(Error::NotFound)?.user_id;
        cache::peek(&folder.join("store.db"), |conn| asked.here(conn, me))
    }

    /// As [`Account::search_everywhere`], in the same way.
    pub async fn search_everywhere(&self, key: &str, query: &str, limit: u32) -> Result<Found> {
        let asked = Asked::new(&self.clock, query, None, limit)?;
        let folder = self.folder(key)?;
        let credentials = Credentials::load(&folder)?.ok_or(Error::NotFound)?;
        let me = credentials.user_id;
        let answer = if credentials.tokens.is_some() {
            let rest = Rest::new(address::complete(&credentials.server_url)?)?;
            let keys = Keys::new(folder.clone(), credentials, self.clock.clone());
            asked.ask(&Api { rest, keys }).await?
        } else {
            None
        };
        cache::peek(&folder.join("store.db"), |conn| {
            asked.merge(conn, me, answer)
        })
    }

    /// Writes a room's messages, for scripts: works while another program has the account open. The
    /// room is named as [`Quick::find_room`] takes it; where the server can't be reached, it is
    /// looked for on this machine.
    pub async fn export_room(
        &self,
        key: &str,
        name: &str,
        wish: ExportWish,
        target: impl FnOnce(&SafeText) -> Target,
        hear: Hearing<'_>,
    ) -> Result<Exported> {
        let ground = self.ground(key)?;
        let is_signed_in = ground.api.keys.get().tokens.is_some();
        let found = if wish.here || !is_signed_in {
            None
        } else {
            let quick = Quick::new(ground.api.clone(), self.clock.clone());
            match quick.find_room(name).await {
                Ok(room) => Some((room.id, room.name)),
                Err(Error::Offline(_)) => None,
                Err(error) => return Err(error),
            }
        };
        let (room, title) = match found {
            Some(found) => found,
            None => export::find_here(&ground, name)?,
        };
        export::room(&ground, room, wish, target(&title), hear).await
    }

    /// Has everything that the server holds of a user, for scripts.
    pub async fn export_personal(
        &self,
        key: &str,
        target: Target,
        hear: Hearing<'_>,
    ) -> Result<Exported> {
        export::personal(&self.ground(key)?, target, hear).await
    }

    /// Today's date in this machine's zone, for names of files.
    #[must_use]
    pub fn today(&self) -> String {
        let now = self.clock.now().to_jiff().to_zoned(self.clock.zone());
        now.date().to_string()
    }

    fn ground(&self, key: &str) -> Result<Ground> {
        let folder = self.folder(key)?;
        let credentials = Credentials::load(&folder)?.ok_or(Error::NotFound)?;
        let rest = Rest::new(address::complete(&credentials.server_url)?)?;
        let store = folder.join("store.db");
        let keys = Keys::new(folder, credentials, self.clock.clone());
        Ok(Ground {
            api: Api { rest, keys },
            clock: self.clock.clone(),
            store,
        })
    }

    fn folder(&self, key: &str) -> Result<PathBuf> {
        let name = address::folder(key).ok_or(Error::NotFound)?;
        Ok(self.root.join("accounts").join(name))
    }

    /// The folder of an account that is to be signed in, made and locked before the password goes
    /// out: a session that can't be used is not begun.
    fn claim(&self, username: &str, rest: &Rest) -> Result<(PathBuf, Lock)> {
        let folder = self.folder(&address::account_key(username, rest.base()))?;
        make_private(&folder)?;
        let lock = Lock::take(&folder)?;
        Ok((folder, lock))
    }

    async fn enter(
        &self,
        rest: &Rest,
        folder: PathBuf,
        lock: Lock,
        answer: &TokenResponse,
    ) -> Result<Account> {
        let now = self.clock.now();
        // A program that still refreshes the old session must not write over the new one.
        let writing = credentials::lock(&folder).await?;
        let known = Credentials::load(&folder).ok().flatten();
        let mut credentials = Credentials {
            server_url: address::shown(rest.base()),
            user_id: answer.user.id,
            username: String::new(),
            display_name: String::new(),
            role: answer.user.role,
            created_at: answer.user.created_at,
            device_id: known.map_or_else(|| self.clock.random_id(), |known| known.device_id),
            last_used_at: now,
            tokens: Some(Tokens::new(answer, now)),
        };
        credentials.set_user(&answer.user);
        credentials.save(&folder)?;
        drop(writing);
        self.account(folder, lock, credentials)
    }

    fn account(&self, folder: PathBuf, lock: Lock, credentials: Credentials) -> Result<Account> {
        let url = address::complete(&credentials.server_url)?;
        let key = address::account_key(&credentials.username, &url);
        let store = Store::open(&folder.join("store.db"), &self.clock, &self.failpoints)?;
        let api = Api {
            rest: Rest::new(url)?,
            keys: Keys::new(folder.clone(), credentials, self.clock.clone()),
        };
        let shared = Shared::new(key, folder, lock, store, api, self.clock.clone())?;
        Ok(Account::from_shared(shared))
    }
}

fn username(sign_in: &SignIn) -> Result<String> {
    validate::username(&sign_in.username).map_err(Error::Invalid)
}

fn info(credentials: &Credentials) -> Result<AccountInfo> {
    let url = address::complete(&credentials.server_url)?;
    Ok(AccountInfo {
        key: address::account_key(&credentials.username, &url),
        server_url: credentials.server_url.clone(),
        username: SafeText::line(&credentials.username),
        display_name: SafeText::line(&credentials.display_name),
        user_id: credentials.user_id,
    })
}

/// A folder that only its owner may enter; folders above are made as usual.
fn make_private(path: &Path) -> Result<()> {
    let made = || -> std::io::Result<()> {
        std::fs::create_dir_all(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
        Ok(())
    };
    made().map_err(|e| storage(path, &e))
}

fn storage(path: &Path, error: &std::io::Error) -> Error {
    Error::Storage(format!("{}: {error}", path.display()))
}
