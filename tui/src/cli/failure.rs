//! What went wrong, as an exit code.

use erc_client_core::{Error, ErrorKind};

/// Nobody is signed in.
#[derive(Debug)]
pub(super) struct NotSignedIn;

impl std::fmt::Display for NotSignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nobody is signed in here: `erc login SERVER` signs in")
    }
}

impl std::error::Error for NotSignedIn {}

/// The command line asked for something that makes no sense.
#[derive(Debug)]
pub(super) struct Usage(pub(super) &'static str);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Usage {}

/// The documented code for this error.
pub(super) fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<NotSignedIn>() {
        return 4;
    }
    if error.is::<Usage>() {
        return 2;
    }
    match error.downcast_ref::<Error>().map(Error::kind) {
        Some(ErrorKind::Offline) => 3,
        Some(ErrorKind::SignedOut) => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use erc_client_core::protocol::{ErrorBody, ErrorCode};

    use super::*;

    #[test]
    fn each_failure_has_its_documented_code() {
        let refused = |code| Error::Refused(ErrorBody::new(code, "no"));
        let code = |error: Error| exit_code(&error.into());
        assert_eq!(code(refused(ErrorCode::Forbidden)), 1);
        assert_eq!(code(refused(ErrorCode::InvalidCredentials)), 1);
        assert_eq!(code(Error::NotFound), 1);
        assert_eq!(exit_code(&Usage("what?").into()), 2);
        assert_eq!(code(Error::Offline("no route".into())), 3);
        assert_eq!(code(refused(ErrorCode::SessionEnded)), 4);
        assert_eq!(exit_code(&NotSignedIn.into()), 4);
    }
}
