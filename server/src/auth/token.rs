//! Access tokens (signed, short-lived), and the opaque ones (refresh tokens, invites) of which only
//! a hash is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use erc_protocol::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock;

/// How long an access token is good. Seconds.
pub const ACCESS_SECONDS: i64 = 15 * 60;

/// What an access token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    pub user: UserId,
    pub session: SessionId,
    /// The session's generation when it was made; tells that its owner received the refresh
    /// token of that generation.
    pub generation: i64,
    /// When the account was made.
    pub since: Timestamp,
}

/// Registered claims as RFC 7519 names them; `sid` as `OpenID` specifications do.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    sid: SessionId,
    #[serde(rename = "gen")]
    generation: i64,
    /// Milliseconds.
    #[serde(default)]
    since: i64,
    iat: i64,
    exp: i64,
}

/// Signs and checks access tokens.
#[derive(Clone)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    /// With this secret (at least 32 bytes; the configuration checks).
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        }
    }

    /// A JWT (HS256).
    #[must_use]
    pub fn sign(&self, access: Access, now: Timestamp) -> String {
        let iat = now.0.div_euclid(1_000);
        let claims = Claims {
            sub: access.user.to_string(),
            sid: access.session,
            generation: access.generation,
            since: access.since.0,
            iat,
            exp: iat + ACCESS_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .expect("an HMAC key signs any claims")
    }

    /// What a token says, if it is ours and not expired.
    #[must_use]
    pub fn check(&self, token: &str, now: Timestamp) -> Option<Access> {
        let mut validation = Validation::new(Algorithm::HS256);
        // Checked below, against our own clock.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation)
            .ok()?
            .claims;
        (claims.exp > now.0.div_euclid(1_000)).then_some(())?;
        Some(Access {
            user: UserId(claims.sub.parse().ok()?),
            session: claims.sid,
            generation: claims.generation,
            since: Timestamp(claims.since),
        })
    }
}

/// A fresh opaque token of 256 bits, and the hash to keep.
#[must_use]
pub fn opaque() -> (String, Vec<u8>) {
    let token = URL_SAFE_NO_PAD.encode(clock::secret());
    let hash = hash(&token);
    (token, hash)
}

/// A fresh code of 128 bits, short enough for a link that people pass on, and the hash to keep.
#[must_use]
pub fn code() -> (String, Vec<u8>) {
    let code = URL_SAFE_NO_PAD.encode(&clock::secret()[..16]);
    let hash = hash(&code);
    (code, hash)
}

/// The hash under which an opaque token is kept. Plain SHA-256 is enough: the token is random.
#[must_use]
pub fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A number that stands for the token with this hash where only equality matters.
#[must_use]
pub fn lane(hash: &[u8]) -> u64 {
    hash.iter()
        .take(8)
        .fold(0, |n, byte| n << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access {
            user: UserId(7),
            session: clock::new_session_id(),
            generation: 3,
            since: Timestamp(5),
        }
    }

    #[test]
    fn a_token_is_good_until_it_expires() {
        let (tokens, access, now) = (Tokens::new(&[1; 32]), access(), Timestamp(1_000_000));
        let token = tokens.sign(access, now);
        assert_eq!(tokens.check(&token, now), Some(access));
        assert_eq!(
            tokens.check(&token, now.plus_ms(ACCESS_SECONDS * 1_000 - 1)),
            Some(access)
        );
        assert_eq!(
            tokens.check(&token, now.plus_ms(ACCESS_SECONDS * 1_000)),
            None
        );
    }

    #[test]
    fn a_token_of_another_secret_or_algorithm_is_refused() {
        let (access, now) = (access(), Timestamp(1_000_000));
        let tokens = Tokens::new(&[1; 32]);
        assert_eq!(
            tokens.check(&Tokens::new(&[2; 32]).sign(access, now), now),
            None
        );
        assert_eq!(tokens.check("", now), None);
        assert_eq!(tokens.check("a.b.c", now), None);
        let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3In0.";
        assert_eq!(tokens.check(unsigned, now), None);
    }
}
