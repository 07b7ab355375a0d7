//! Writes [`super::RoomExport`] piece by piece.

use erc_protocol::Message;
use serde::Serialize;

use super::{FORMAT, Head, Missing, VERSION};
use crate::error::{Error, Result};

#[derive(Default)]
pub(super) struct Json {
    has_one: bool,
}

fn text(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Storage(error.to_string()))
}

pub(super) fn begin(head: &Head) -> Result<String> {
    let mut lines = vec![
        ("format", text(FORMAT)?),
        ("version", text(&VERSION)?),
        ("exported_at", text(&head.at)?),
        ("server", text(&head.server)?),
        ("exported_by", text(&head.me)?),
        ("room", text(&head.room)?),
        ("people", text(&head.people)?),
    ];
    if let Some(since) = head.wish.since {
        lines.push(("since", text(&since)?));
    }
    if let Some(until) = head.wish.until {
        lines.push(("until", text(&until)?));
    }
    let lines: Vec<_> = lines
        .iter()
        .map(|(name, value)| format!("  \"{name}\": {value}"))
        .collect();
    Ok(format!("{{\n{},\n  \"messages\": [", lines.join(",\n")))
}

impl Json {
    pub(super) fn message(&mut self, message: &Message) -> Result<String> {
        let comma = if self.has_one { "," } else { "" };
        self.has_one = true;
        Ok(format!("{comma}\n    {}", text(message)?))
    }
}

pub(super) fn end(from_server: bool, missing: &[Missing]) -> Result<String> {
    let complete = from_server || missing.is_empty();
    let missing = text(missing)?;
    Ok(format!(
        "\n  ],\n  \"complete\": {complete},\n  \"missing\": {missing}\n}}\n"
    ))
}
