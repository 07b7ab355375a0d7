//! Argon2id, off the async threads and a few at a time.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::Semaphore;

/// Hashes and checks passwords. Each costs 19 MiB and some ten milliseconds of a core (OWASP's
/// parameters for Argon2id, the library's defaults), so only a few run at a time.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// Nobody's password, hashed with the parameters of all others. Checked when there is no such user, so
/// that the answer takes as long.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$vgxr+I4Fm6T2HIfFNdIscg$GSR1Y45L5WeXDd3yW1SvguGuVasxZCuvt4IWt8FrG7U";

impl Passwords {
    /// As many at a time as there are cores, but at least one.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
        }
    }

    /// The hash in PHC form, with a fresh salt.
    pub async fn hash(&self, password: &str) -> String {
        let password = password.to_owned();
        self.in_turn(move || {
            Argon2::default()
                .hash_password(password.as_bytes())
                .expect("the default parameters and a fresh salt are valid")
                .to_string()
        })
        .await
    }

    /// Whether the password is the one that was hashed. Without a hash it takes as long, and is
    /// not.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let password = password.to_owned();
        let known = hash.is_some();
        let hash = hash.unwrap_or(DECOY).to_owned();
        self.in_turn(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            })
        })
        .await
            && known
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _turn = self
            .turns
            .acquire()
            .await
            .expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work)
            .await
            .expect("hashing does not panic")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_passes_and_nobody_passes_as_an_unknown_user() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse").await;
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.verify("correct horse", Some(&hash)).await);
        assert!(!passwords.verify("wrong horse", Some(&hash)).await);
        assert!(!passwords.verify("decoy", None).await);
        assert!(!passwords.verify("x", Some("not a hash")).await);
    }

    #[tokio::test]
    async fn nobodys_hash_costs_what_all_others_cost() {
        let fresh = Passwords::new().hash("decoy").await;
        let cost = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        let parts = |hash: &str| hash.split('$').map(str::len).collect::<Vec<_>>();
        assert_eq!(cost(DECOY), cost(&fresh));
        assert_eq!(parts(DECOY), parts(&fresh), "{fresh}");
    }
}
