//! The last line: what the keys do now, how the connection is, what was just said.

use erc_client_core::view::Connection;
use ratatui::{layout::Rect, style::Modifier};

use super::paint::{Canvas, Piece};
use crate::{
    action,
    keymap::Context,
    state::{Chat, State, composer::Purpose},
};

pub(super) fn draw(canvas: &mut Canvas<'_>, rect: Rect, state: &State, chat: &Chat) {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let mode = theme.accent().add_modifier(Modifier::REVERSED);
    let mut left = vec![
        Piece::own(" ", mode),
        Piece::own(mode_word(state, chat), mode),
        Piece::own(" ", mode),
        Piece::own(" ", theme.text()),
    ];
    match &chat.notice {
        Some(notice) => {
            let style = if notice.is_error {
                theme.bad()
            } else {
                theme.text()
            };
            left.push(Piece::theirs(&notice.text, style));
        }
        None => left.extend(connection(canvas, &chat.connection)),
    }
    let mut right = Vec::new();
    if chat.notice.is_some() && !matches!(chat.connection, Connection::Live { .. }) {
        right.push(Piece::own(
            match chat.connection {
                Connection::Connecting | Connection::Syncing => "connecting ",
                Connection::SignedOut { .. } => "signed out ",
                _ => "offline ",
            },
            theme.warn(),
        ));
        right.push(Piece::own(glyphs.dot, theme.dim()));
        right.push(Piece::own(" ", theme.dim()));
    }
    if chat.raid_until.is_some() {
        right.push(Piece::own("doors closed ", theme.warn()));
    }
    if let Ok(waiting) = u64::try_from(chat.reports)
        && waiting > 0
    {
        right.push(Piece::number(waiting, theme.warn()));
        right.push(Piece::own(" reported ", theme.warn()));
    }
    right.push(Piece::own("F1", theme.accent()));
    right.push(Piece::own(" help ", theme.dim()));
    canvas.line(rect, &left, &right);
}

fn mode_word(state: &State, chat: &Chat) -> &'static str {
    match action::context(state) {
        Context::Composer | Context::Completing => {
            match chat.open.as_ref().map(|o| &o.composer.purpose) {
                Some(Purpose::Edit { .. }) => "EDIT",
                Some(Purpose::Reply { .. }) => "REPLY",
                _ => "WRITE",
            }
        }
        Context::Timeline | Context::Request => "NORMAL",
        Context::Members => "MEMBERS",
        Context::Help => "HELP",
        Context::Confirm => "ASK",
        _ => "CHOOSE",
    }
}

fn connection(canvas: &Canvas<'_>, connection: &Connection) -> Vec<Piece> {
    let (theme, glyphs) = (canvas.theme(), canvas.glyphs());
    let dot = |style| {
        [
            Piece::own(" ", style),
            Piece::own(glyphs.dot, style),
            Piece::own(" ", style),
        ]
    };
    match connection {
        Connection::Idle => vec![Piece::own("not connected yet", theme.dim())],
        Connection::Connecting => vec![Piece::own("connecting…", theme.warn())],
        Connection::Syncing => {
            let mut pieces = vec![Piece::own("connected", theme.good())];
            pieces.extend(dot(theme.dim()));
            pieces.push(Piece::own("catching up…", theme.warn()));
            pieces
        }
        Connection::Live { latency_ms } => {
            let mut pieces = vec![Piece::own("connected", theme.good())];
            if let Some(ms) = latency_ms {
                pieces.push(Piece::own(" ", theme.dim()));
                pieces.push(Piece::number(*ms, theme.dim()));
                pieces.push(Piece::own(" ms", theme.dim()));
            }
            pieces.extend(dot(theme.dim()));
            pieces.push(Piece::own("synced", theme.dim()));
            pieces
        }
        Connection::Offline { reason, retry_at } => {
            let mut pieces = vec![Piece::own("offline", theme.warn())];
            if retry_at.is_some() {
                pieces.extend(dot(theme.dim()));
                pieces.push(Piece::own("trying again by itself", theme.dim()));
            }
            pieces.extend(dot(theme.dim()));
            pieces.push(Piece::theirs(reason, theme.dim()));
            pieces
        }
        Connection::SignedOut { reason } => {
            let mut pieces = vec![
                Piece::own("signed out", theme.bad()),
                Piece::own(": Ctrl-K, sign in again", theme.text()),
            ];
            pieces.extend(dot(theme.dim()));
            pieces.push(Piece::theirs(reason, theme.dim()));
            pieces
        }
    }
}
