//! Which links may leave the app.

use tauri::Url;

use crate::error::CommandError;

/// The link, if it is one that a browser or mail program opens. Everything else (files, programs,
/// scripts, schemes that other software registered) is refused.
pub(crate) fn external(text: &str) -> Result<Url, CommandError> {
    let url = Url::parse(text)
        .map_err(|error| CommandError::invalid(format!("this is not a link: {error}")))?;
    match url.scheme() {
        "http" | "https" | "mailto" => Ok(url),
        other => Err(CommandError::invalid(format!(
            "links that begin with {other}: are not opened"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_and_mail_links_are_opened() {
        for link in [
            "https://example.org/a?b#c",
            "http://127.0.0.1:8000",
            "mailto:ada@example.org",
        ] {
            assert!(external(link).is_ok(), "{link} should open");
        }
    }

    #[test]
    fn links_to_files_programs_and_scripts_are_refused() {
        for link in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "ssh://host",
            " JaVaScRiPt:1",
            "/etc/passwd",
            "",
        ] {
            assert!(external(link).is_err(), "{link:?} should be refused");
        }
    }
}
