//! The chat: panes, composer, status.

use ratatui::layout::Position;

use super::{completion, composer, frame, members, paint::Canvas, rooms, status, timeline};
use crate::{
    layout::Panes,
    state::{Chat, State},
};

/// Paints everything but what lies over it; answers where the composer's cursor is, if it has the
/// keyboard.
pub(super) fn draw(
    canvas: &mut Canvas<'_>,
    panes: &Panes,
    state: &State,
    chat: &Chat,
) -> Option<Position> {
    frame::draw(canvas, panes, chat);
    if let Some(rect) = panes.rooms {
        rooms::draw(canvas, rect, chat);
    }
    if panes.timeline.width > 0 {
        timeline::draw(canvas, panes, chat);
    }
    if let Some(rect) = panes.members {
        members::draw(canvas, rect, chat);
    }
    status::draw(canvas, panes.status, state, chat);
    let cursor = composer::draw(canvas, panes, chat);
    let shown = chat
        .open
        .as_ref()
        .and_then(|o| o.composer.completing.as_ref());
    if let (Some(shown), Some(_)) = (shown, cursor) {
        completion::draw(canvas, panes, shown);
    }
    cursor
}
