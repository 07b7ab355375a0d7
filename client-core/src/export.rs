//! A room's messages, or all that the server holds of oneself, into a file.
//!
//! A room is read page by page from the server, who decides what this user may see; where it can't
//! be reached, from the cache, and what is missing there is told. Pages are written as they come: what
//! is held does not grow with the room. A file takes its name only when it is whole.

mod document;
mod file;
mod html;
mod json;
mod markdown;
mod personal;
mod recent;
mod shown;
mod source;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use erc_protocol::{RoomId, RoomKind, Timestamp, UserId};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    SafeText,
    account::{api::Api, views},
    cache::{self, members, rooms},
    clock::Clock,
    error::{Error, Result},
};
pub use document::{ExportedPerson, ExportedRoom, FORMAT, Missing, RoomExport, VERSION};
use file::NewFile;
use source::Source;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Everything, to be read back: [`RoomExport`].
    Json,
    Markdown,
    /// One page without scripts, to be read and printed.
    Html,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Html, Self::Markdown, Self::Json];

    /// What it is called.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }

    /// How its files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "md",
            Self::Html => "html",
        }
    }
}

impl std::str::FromStr for ExportFormat {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Self, String> {
        let word = word.trim().to_lowercase();
        let fits = |format: &&Self| format.as_str() == word || format.extension() == word;
        let found = Self::ALL.iter().find(fits).copied();
        found.ok_or_else(|| "a format is html, markdown or json".to_owned())
    }
}

/// Which messages, and how they are written.
#[derive(Debug, Clone, Copy)]
pub struct ExportWish {
    pub format: ExportFormat,
    /// Sent then or later.
    pub since: Option<Timestamp>,
    /// Sent before.
    pub until: Option<Timestamp>,
    /// Only what is on this machine: asks no server.
    pub here: bool,
}

impl ExportWish {
    /// Everything, in this format.
    #[must_use]
    pub const fn all(format: ExportFormat) -> Self {
        Self {
            format,
            since: None,
            until: None,
            here: false,
        }
    }
}

/// Where it goes.
pub enum Target {
    /// A file that takes its name when it is whole; one that is there is replaced only with `force`.
    File { path: PathBuf, force: bool },
    /// Standard output.
    Stream(Box<dyn Write + Send>),
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// Absent for a stream.
    pub path: Option<SafeText>,
    #[ts(type = "number")]
    pub messages: u64,
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether the server was asked; if not, it is what was on this machine.
    pub from_server: bool,
    /// Places that are not on this machine.
    pub missing: Vec<Missing>,
}

/// How far it is: done, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct ExportProgress {
    #[ts(type = "number")]
    pub done: u64,
    #[ts(type = "number")]
    pub of: u64,
}

/// Who hears how far it is.
pub type Hearing<'h> = &'h (dyn Fn(ExportProgress) + Send + Sync);

/// What an export needs of an account.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) api: Api,
    pub(crate) clock: Clock,
    /// The cache.
    pub(crate) store: PathBuf,
}

/// What stands before the messages.
pub(crate) struct Head {
    pub(crate) room: ExportedRoom,
    /// What the room is called; of a direct room, the other person.
    pub(crate) title: SafeText,
    pub(crate) server: String,
    pub(crate) people: Vec<ExportedPerson>,
    pub(crate) at: Timestamp,
    pub(crate) wish: ExportWish,
    pub(crate) zone: TimeZone,
    pub(crate) me: UserId,
}

/// Where bytes go.
enum Sink {
    File(NewFile),
    Stream(Box<dyn Write + Send>),
}

impl Sink {
    fn open(target: Target) -> Result<(Self, Option<SafeText>)> {
        Ok(match target {
            Target::File { path, force } => {
                let shown = SafeText::line(&path.to_string_lossy());
                (Self::File(NewFile::create(&path, force)?), Some(shown))
            }
            Target::Stream(out) => (Self::Stream(out), None),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream(out) => out.write_all(bytes).map_err(|error| lost(&error)),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::File(file) => file.finish(),
            Self::Stream(mut out) => out.flush().map_err(|error| lost(&error)),
        }
    }
}

fn lost(error: &std::io::Error) -> Error {
    Error::Storage(format!("can't write: {error}"))
}

/// Writers of the formats.
enum Writer {
    Json(json::Json),
    Markdown(markdown::Markdown),
    Html(html::Html),
}

impl Writer {
    fn new(format: ExportFormat, head: &Head) -> Self {
        match format {
            ExportFormat::Json => Self::Json(json::Json::default()),
            ExportFormat::Markdown => Self::Markdown(markdown::Markdown::new(head)),
            ExportFormat::Html => Self::Html(html::Html::new(head)),
        }
    }

    fn begin(&mut self, head: &Head) -> Result<String> {
        match self {
            Self::Json(_) => json::begin(head),
            Self::Markdown(_) => Ok(markdown::begin(head)),
            Self::Html(_) => Ok(html::begin(head)),
        }
    }

    fn message(&mut self, message: &erc_protocol::Message) -> Result<String> {
        match self {
            Self::Json(writer) => writer.message(message),
            Self::Markdown(writer) => Ok(writer.message(message)),
            Self::Html(writer) => Ok(writer.message(message)),
        }
    }

    fn end(&self, from_server: bool, missing: &[Missing]) -> Result<String> {
        match self {
            Self::Json(_) => json::end(from_server, missing),
            Self::Markdown(_) => Ok(markdown::end(from_server, missing)),
            Self::Html(_) => Ok(html::end(from_server, missing)),
        }
    }
}

/// Writes a room's messages, oldest first. Dropped before it is done, it leaves no file.
pub(crate) async fn room(
    ground: &Ground,
    room: RoomId,
    wish: ExportWish,
    target: Target,
    hear: Hearing<'_>,
) -> Result<Exported> {
    if let (Some(since), Some(until)) = (wish.since, wish.until)
        && since >= until
    {
        return Err(Error::Invalid("it ends before it begins".to_owned()));
    }
    // Before anything is asked: a name that is taken is told at once.
    let (mut sink, path) = Sink::open(target)?;
    let (mut source, top) = source::open(ground, room, wish).await?;
    let mut writer = Writer::new(wish.format, &top);
    let mut bytes = 0;
    let mut put = |sink: &mut Sink, text: String| {
        bytes += text.len() as u64;
        sink.write(text.as_bytes())
    };
    put(&mut sink, writer.begin(&top)?)?;
    let mut messages = 0;
    hear(source.progress());
    while let Some(page) = source.next(ground).await? {
        for message in &page {
            put(&mut sink, writer.message(message)?)?;
        }
        messages += page.len() as u64;
        hear(source.progress());
    }
    let from_server = matches!(source, Source::Server(_));
    let missing = source.missing();
    put(&mut sink, writer.end(from_server, &missing)?)?;
    sink.finish()?;
    Ok(Exported {
        path,
        messages,
        bytes,
        from_server,
        missing,
    })
}

/// The room of this id, name or other person (`@ada`), on this machine.
pub(crate) fn find_here(ground: &Ground, name: &str) -> Result<(RoomId, SafeText)> {
    let me = ground.api.keys.get().user_id;
    let wanted = name.strip_prefix('#').unwrap_or(name).trim().to_lowercase();
    cache::peek(&ground.store, |conn| {
        let mut fitting = Vec::new();
        for row in rooms::joined(conn)? {
            let other = match row.kind {
                RoomKind::Direct => members::other(conn, row.id, me)?,
                RoomKind::Group | RoomKind::Announcement => None,
            };
            let fits = match (wanted.strip_prefix('@'), &other) {
                (Some(username), Some(other)) => other.username.to_lowercase() == username,
                (None, None) => row.name.to_lowercase() == wanted,
                _ => false,
            };
            if fits || row.id.to_string() == wanted {
                fitting.push((row.id, views::room_name(conn, me, &row)?));
            }
        }
        let shown = SafeText::line(name);
        match fitting.len() {
            0 => Err(Error::Invalid(format!(
                "no room on this machine is called {shown}"
            ))),
            1 => Ok(fitting.swap_remove(0)),
            _ => Err(Error::Invalid(format!(
                "several rooms are called {shown}; take an id"
            ))),
        }
    })
}

/// Has everything that the server holds of this user, as it sends it.
pub(crate) async fn personal(
    ground: &Ground,
    target: Target,
    hear: Hearing<'_>,
) -> Result<Exported> {
    let (mut sink, path) = Sink::open(target)?;
    let bytes = personal::download(ground, &mut sink, hear).await?;
    sink.finish()?;
    Ok(Exported {
        path,
        messages: 0,
        bytes,
        from_server: true,
        missing: Vec::new(),
    })
}

/// A name for a file that nobody is surprised by: letters, digits, and lines between them.
#[must_use]
pub fn file_name(title: &SafeText, date: &str, extension: &str) -> String {
    let mut name = String::new();
    for c in title.as_str().chars().take(60) {
        if c.is_alphanumeric() {
            name.extend(c.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_matches('-');
    let name = if name.is_empty() { "room" } else { name };
    format!("{name}-{date}.{extension}")
}

/// The path that was typed: `~` is the user's folder.
#[must_use]
pub fn typed_path(typed: &str) -> PathBuf {
    let typed = typed.trim();
    match (typed.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => Path::new(typed).to_owned(),
    }
}

#[cfg(test)]
mod tests;
