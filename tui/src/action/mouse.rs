//! The mouse: clicks on what one sees, the wheel over the timeline.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::{lists, polls, reading, requests, rooms};
use crate::{
    layout::{self, LIST_LINES, hits},
    state::{
        Focus, Overlay, Screen, State,
        room_list::{self, ListRow},
        rows::{self, Part},
    },
};

/// Rows that one notch of the wheel moves.
const NOTCH: isize = 3;

pub(super) fn handle(state: &mut State, event: MouseEvent) {
    let (column, row) = (event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollUp => wheel(state, -1),
        MouseEventKind::ScrollDown => wheel(state, 1),
        MouseEventKind::Down(MouseButton::Left) => {
            if state.help.take().is_some() {
                return;
            }
            if matches!(state.screen, Screen::Chat(_)) {
                click(state, column, row);
            }
        }
        _ => {}
    }
}

fn wheel(state: &mut State, direction: isize) {
    if let Some(help) = &mut state.help {
        let by = if direction < 0 { -3 } else { 3 };
        help.scroll = help.scroll.saturating_add_signed(by);
        return;
    }
    let Some(chat) = state.chat_mut() else { return };
    match chat.overlay.as_mut() {
        Some(overlay) => overlay.select(direction),
        None => reading::scroll(state, direction * NOTCH),
    }
}

fn click(state: &mut State, column: u16, row: u16) {
    let size = state.size;
    let Some(chat) = state.chat_mut() else { return };
    if chat.overlay.is_some() {
        click_overlay(state, column, row);
        return;
    }
    let panes = layout::panes(size, chat);
    if let Some(rect) = panes.rooms.filter(|r| hits(*r, column, row)) {
        let open = chat.open.as_ref().map(|o| o.id);
        let lines = room_list::lines(chat.room_list(), chat.requests.len());
        let first = room_list::first_line(&lines, open, rect.height);
        match lines.get(first + usize::from(row - rect.y)) {
            Some(ListRow::Room(room)) => {
                let room = room.id;
                rooms::open(state, room);
            }
            Some(ListRow::Requests(_)) => requests::list(state),
            Some(ListRow::Title(_)) | None => {}
        }
    } else if panes.members.is_some_and(|r| hits(r, column, row)) {
        let rect = panes.members.unwrap_or_default();
        chat.focus = Focus::Members;
        if let Some(open) = &mut chat.open {
            let fit = usize::from(rect.height);
            let first = layout::first_shown(open.member, fit);
            let count = open.members.ready().map_or(0, Vec::len);
            open.member = (first + usize::from(row - rect.y)).min(count.saturating_sub(1));
        }
    } else if hits(panes.timeline, column, row) {
        chat.focus = Focus::Timeline;
        let Some(open) = &mut chat.open else { return };
        let height = panes.timeline.height;
        let top = open.top(height);
        // Few messages stand at the bottom of the pane.
        let blank = usize::from(height).saturating_sub(open.rows.len());
        let at = (top + usize::from(row - panes.timeline.y)).checked_sub(blank);
        let row = at.and_then(|at| open.rows.get(at));
        let message = row
            .and_then(|row| rows::message(open.items(), row))
            .cloned();
        let option = row.and_then(|row| match &row.part {
            Part::Poll(part) => part.option(),
            _ => None,
        });
        let key = message.as_ref().map(|message| message.key.clone());
        // The first click selects, so that nobody votes by coming back to the window.
        let was_selected = key.is_some() && open.selected == key;
        open.selected = key;
        if let (Some(message), Some(option), true) = (message, option, was_selected) {
            polls::clicked(state, &message, option);
        }
    } else if hits(panes.below, column, row) {
        reading::bottom(state);
    } else if hits(panes.composer, column, row) {
        chat.focus = Focus::Composer;
        if let Some(open) = &mut chat.open {
            open.composer
                .input
                .click(row - panes.composer.y, column - panes.composer.x);
        }
    }
}

fn click_overlay(state: &mut State, column: u16, row: u16) {
    let size = state.size;
    let Some(chat) = state.chat_mut() else { return };
    let over = layout::over(size, LIST_LINES);
    let (selected, lines) = match &chat.overlay {
        Some(Overlay::Switcher(o)) => (o.selected, 1),
        Some(Overlay::Directory(o)) => (o.selected, 1),
        Some(Overlay::People(o)) => (o.selected, 1),
        Some(Overlay::Picker(o)) => (o.selected, 1),
        Some(Overlay::Search(o)) => (o.selected, 2),
        _ => return,
    };
    if !hits(over.frame, column, row) {
        chat.overlay = None;
    } else if hits(over.list, column, row) {
        let fit = usize::from(over.list.height) / lines;
        let first = layout::first_shown(selected, fit);
        lists::click(state, first + usize::from(row - over.list.y) / lines);
    }
}
