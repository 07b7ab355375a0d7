//! Who is signed in, with the tokens: one small file, readable by its owner only.
//!
//! Several programs may use an account at once (a client and a script), so the file is written
//! whole (rename) and refreshing happens under a lock file, after reading again: a refresh token
//! is good for one use. Tokens never reach a log: `Debug` leaves them out.

use std::{
    fmt, fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use erc_protocol::{
    ErrorBody, ErrorCode, ServerRole, SessionId, Timestamp, User, UserId,
    auth::{RefreshRequest, TokenResponse},
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::Clock,
    error::{Error, Result},
    transport::rest::Rest,
};

const FILE: &str = "credentials.json";
const LOCK: &str = "credentials.lock";
/// A token that ends this soon is refreshed before it is used. Milliseconds.
const MARGIN_MS: i64 = 30_000;
/// How long another program may take to refresh.
const LOCK_WAIT: Duration = Duration::from_secs(40);

/// What the file holds.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) server_url: String,
    pub(crate) user_id: UserId,
    pub(crate) username: String,
    pub(crate) display_name: String,
    pub(crate) role: ServerRole,
    pub(crate) created_at: Timestamp,
    /// Names this installation to the server; stays through signing in again.
    pub(crate) device_id: Uuid,
    /// Orders the list of accounts.
    pub(crate) last_used_at: Timestamp,
    /// Absent once signed out.
    pub(crate) tokens: Option<Tokens>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tokens {
    access: String,
    refresh: String,
    expires_at: Timestamp,
    session_id: SessionId,
}

impl Tokens {
    pub(crate) fn new(answer: &TokenResponse, now: Timestamp) -> Self {
        let lifetime = i64::try_from(answer.expires_in)
            .unwrap_or(i64::MAX)
            .saturating_mul(1000);
        Self {
            access: answer.access_token.clone(),
            refresh: answer.refresh_token.clone(),
            expires_at: now.plus_ms(lifetime),
            session_id: answer.session_id,
        }
    }
}

impl Credentials {
    pub(crate) fn user(&self) -> User {
        User {
            id: self.user_id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            role: self.role,
            created_at: self.created_at,
        }
    }

    pub(crate) fn set_user(&mut self, user: &User) {
        self.user_id = user.id;
        self.username.clone_from(&user.username);
        self.display_name.clone_from(&user.display_name);
        self.role = user.role;
        self.created_at = user.created_at;
    }

    /// `None` if the account's folder has no such file.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>> {
        let text = match fs::read(folder.join(FILE)) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(storage(folder, &e)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|e| Error::Storage(format!("{}: {e}", folder.join(FILE).display())))
    }

    /// Replaces the file; what was there stays if this fails.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(|e| Error::Storage(e.to_string()))?;
        let temporary = folder.join(format!("{FILE}.{}", std::process::id()));
        let write = || -> std::io::Result<()> {
            let mut file = private(&temporary)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&temporary, folder.join(FILE))?;
            // The name is durable once the folder is.
            #[cfg(unix)]
            fs::File::open(folder)?.sync_all()?;
            Ok(())
        };
        write().map_err(|e| storage(folder, &e))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("server_url", &self.server_url)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("session_id", &self.session_id)
            .finish_non_exhaustive()
    }
}

fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn storage(folder: &Path, error: &std::io::Error) -> Error {
    Error::Storage(format!("{}: {error}", folder.display()))
}

/// The credentials in use, kept fresh. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    folder: PathBuf,
    clock: Clock,
    current: Arc<Mutex<Credentials>>,
}

impl Keys {
    pub(crate) fn new(folder: PathBuf, credentials: Credentials, clock: Clock) -> Self {
        Self {
            folder,
            clock,
            current: Arc::new(Mutex::new(credentials)),
        }
    }

    pub(crate) fn get(&self) -> Credentials {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, credentials: Credentials) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = credentials;
    }

    /// Notes who is signed in. Left out if another program is just refreshing: that tells it too.
    pub(crate) fn note_user(&self, user: &User) -> Result<()> {
        let mut current = self.get();
        current.set_user(user);
        self.set(current);
        try_update(&self.folder, |stored| stored.set_user(user))
    }

    /// A token that is good for a while yet.
    pub(crate) async fn access(&self, rest: &Rest) -> Result<String> {
        let tokens = self.get().tokens.ok_or_else(signed_out)?;
        if tokens.expires_at.plus_ms(-MARGIN_MS) > self.clock.now() {
            return Ok(tokens.access);
        }
        self.refresh(rest, &tokens.access).await
    }

    /// A token other than `used`, which the server did not take (or is about to end).
    pub(crate) async fn refresh(&self, rest: &Rest, used: &str) -> Result<String> {
        let lock = lock(&self.folder).await?;
        let mut stored = Credentials::load(&self.folder)?.unwrap_or_else(|| self.get());
        let tokens = stored.tokens.clone().ok_or_else(signed_out)?;
        if tokens.access != used {
            // Another program was faster.
            self.set(stored);
            return Ok(tokens.access);
        }
        let body = RefreshRequest {
            refresh_token: tokens.refresh,
        };
        let answer: TokenResponse = rest
            .call(Method::POST, "/auth/refresh", &[], None, Some(&body))
            .await?;
        stored.set_user(&answer.user);
        stored.tokens = Some(Tokens::new(&answer, self.clock.now()));
        // On disk before it is used: the old refresh token is spent.
        stored.save(&self.folder)?;
        self.set(stored);
        drop(lock);
        Ok(answer.access_token)
    }

    /// The session is over.
    pub(crate) async fn forget_tokens(&self) -> Result<()> {
        let lock = lock(&self.folder).await?;
        let mut stored = Credentials::load(&self.folder)?.unwrap_or_else(|| self.get());
        stored.tokens = None;
        stored.save(&self.folder)?;
        self.set(stored);
        drop(lock);
        Ok(())
    }
}

fn lock_file(folder: &Path) -> Result<fs::File> {
    private(&folder.join(LOCK)).map_err(|e| storage(folder, &e))
}

/// The right to write the file: whoever reads, decides and writes holds it meanwhile.
pub(crate) async fn lock(folder: &Path) -> Result<fs::File> {
    let file = lock_file(folder)?;
    let deadline = tokio::time::Instant::now() + LOCK_WAIT;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if tokio::time::Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(e) => return Err(Error::Storage(format!("the credentials are locked: {e}"))),
        }
    }
}

/// A change that may be left out: it is, if another program has the lock.
pub(crate) fn try_update(folder: &Path, change: impl FnOnce(&mut Credentials)) -> Result<()> {
    let file = lock_file(folder)?;
    if file.try_lock().is_err() {
        return Ok(());
    }
    if let Some(mut stored) = Credentials::load(folder)? {
        change(&mut stored);
        stored.save(folder)?;
    }
    Ok(())
}

/// What every call gets once the session is over.
pub(crate) fn signed_out() -> Error {
    Error::Refused(ErrorBody::new(
        ErrorCode::SessionEnded,
        "you are signed out",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            server_url: "http://localhost:1".to_owned(),
            user_id: UserId(1),
            username: "ada".to_owned(),
            display_name: "Ada".to_owned(),
            role: ServerRole::Member,
            created_at: Timestamp(0),
            device_id: Uuid::nil(),
            last_used_at: Timestamp(0),
            tokens: Some(Tokens {
                access: "secret-access".to_owned(),
                refresh: "secret-refresh".to_owned(),
                expires_at: Timestamp(0),
                session_id: SessionId(Uuid::nil()),
            }),
        }
    }

    #[test]
    fn tokens_are_not_in_what_is_logged() {
        let keys = Keys::new(PathBuf::new(), credentials(), Clock::system());
        let logged = format!("{:?} {:?} {keys:?}", credentials(), credentials().tokens);
        assert!(!logged.contains("secret"), "{logged}");
    }

    #[cfg(unix)]
    #[test]
    fn only_their_owner_reads_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        credentials().save(folder.path()).unwrap();
        let mode = fs::metadata(folder.path().join(FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[tokio::test]
    async fn nobody_writes_over_a_program_that_is_refreshing() {
        let folder = tempfile::tempdir().unwrap();
        credentials().save(folder.path()).unwrap();
        let refreshing = lock(folder.path()).await.unwrap();
        try_update(folder.path(), |stored| stored.tokens = None).unwrap();
        let load = || Credentials::load(folder.path()).unwrap().unwrap();
        assert!(load().tokens.is_some());
        drop(refreshing);
        try_update(folder.path(), |stored| stored.tokens = None).unwrap();
        assert!(load().tokens.is_none());
    }

    #[tokio::test]
    async fn a_token_that_another_program_refreshed_is_taken_without_asking() {
        let folder = tempfile::tempdir().unwrap();
        let mut newer = credentials();
        newer.tokens = newer.tokens.map(|tokens| Tokens {
            access: "newer".to_owned(),
            ..tokens
        });
        newer.save(folder.path()).unwrap();
        // No program listens there: a request would fail.
        drop(crate::Home::open(folder.path()));
        let nowhere = crate::transport::address::complete("http://127.0.0.1:1").unwrap();
        let rest = Rest::new(nowhere).unwrap();
        let keys = Keys::new(folder.path().to_owned(), credentials(), Clock::system());
        assert_eq!(keys.refresh(&rest, "secret-access").await.unwrap(), "newer");
    }
}
