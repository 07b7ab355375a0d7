//! What must hold for any bytes that come from outside, one check for each decoder.
//!
//! `scripts/fuzz` lets libFuzzer look for bytes that break a check; the tests put every file of
//! `corpus/` through its check, so that what was found once is never missed again. It is one program
//! for all, built with the stable compiler: our code is safe Rust, so no sanitizer is missing, and
//! the marks by which libFuzzer finds its way are an option of the compiler's code generation.

mod client;
mod protocol;
mod server;

/// A decoder, and what must hold for it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its folder in `corpus/`, and its name on the command line.
    pub name: &'static str,
    /// Panics if the bytes break what must hold.
    pub check: fn(&[u8]),
}

/// Every decoder of bytes from outside.
pub const TARGETS: [Target; 15] = [
    target("client_packet", |bytes| {
        protocol::client_packet(&text(bytes));
    }),
    target("server_packet", |bytes| {
        protocol::server_packet(&text(bytes));
    }),
    target("request", protocol::request),
    target("search_query", |bytes| {
        protocol::search_query(&text(bytes));
    }),
    target("id", |bytes| protocol::id(&text(bytes))),
    target("field", |bytes| protocol::field(&text(bytes))),
    target("socket", server::socket),
    target("bus_message", server::bus_message),
    target("access_token", server::access_token),
    target("settings", |bytes| server::settings(&text(bytes))),
    target("blob_name", |bytes| server::blob_name(&text(bytes))),
    target("picture", server::picture),
    target("markdown", |bytes| client::markdown(&text(bytes))),
    target("safe_text", |bytes| client::safe_text(&text(bytes))),
    target("link", |bytes| client::link(&text(bytes))),
];

/// The decoder of this name.
#[must_use]
pub fn named(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

const fn target(name: &'static str, check: fn(&[u8])) -> Target {
    Target { name, check }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
