//! Printing: everything that others wrote passes [`SafeText`]; a reader that went away is no error.

use std::io::{self, Write as _};

use erc_client_core::SafeText;

/// A line on standard output, at once.
pub(super) fn line(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// A value as a line of JSON.
pub(super) fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    Ok(line(&serde_json::to_string(value)?)?)
}

/// An error on standard error, in one line.
pub(super) fn complain(error: &anyhow::Error) {
    let _ = writeln!(
        io::stderr(),
        "erc: {}",
        SafeText::line(&format!("{error:#}"))
    );
}

/// A word beside the output.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "erc: {text}");
}

/// Whether the error is that nobody reads any more (`erc tail | head -1`).
pub(super) fn is_closed(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
