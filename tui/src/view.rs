//! The screen: pure functions from the state to a frame.
//!
//! All text goes through [`paint`], which takes only our own literals, numbers and
//! [`erc_client_core::SafeText`]: there is no way to draw a string that somebody else wrote.

mod analytics;
mod body;
mod chat;
mod completion;
mod composer;
mod confirm;
mod date;
mod directory;
mod form;
mod frame;
mod help;
mod links;
mod members;
mod message;
mod overlay;
mod paint;
mod people;
mod picker;
mod poll;
mod rooms;
mod search;
mod sessions;
mod sign_in;
mod status;
mod switcher;
mod timeline;

use ratatui::Frame;

use crate::{
    layout,
    state::{Screen, State},
    theme::Look,
};
use paint::{Canvas, Piece};

/// Paints the state.
pub fn draw(frame: &mut Frame<'_>, state: &State, look: &Look) {
    let area = frame.area();
    if area.width < layout::LEAST.width || area.height < layout::LEAST.height {
        let mut canvas = Canvas::new(frame.buffer_mut(), look);
        let words = Piece::own("make this window larger", look.theme.warn());
        canvas.line(
            ratatui::layout::Rect {
                height: area.height.min(1),
                ..area
            },
            &[words],
            &[],
        );
        return;
    }
    let mut canvas = Canvas::new(frame.buffer_mut(), look);
    let mut cursor = match &state.screen {
        Screen::SignIn(form) => sign_in::draw(&mut canvas, area, form, state.quit_armed),
        Screen::Chat(chat) => {
            let panes = layout::panes(state.size, chat);
            let composer = chat::draw(&mut canvas, &panes, state, chat);
            match &chat.overlay {
                Some(overlay) => {
                    let over = layout::over(state.size, overlay::lines(overlay));
                    overlay::draw(&mut canvas, over, chat, overlay)
                }
                None => composer,
            }
        }
    };
    if let Some(help) = state.help {
        help::draw(&mut canvas, state.size, help);
        cursor = None;
    }
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}

/// The unread messages of all rooms that aren't silent, for the terminal's title.
pub fn unread(state: &State) -> i64 {
    state.chat().map_or(0, |chat| {
        let rooms = chat.room_list().iter().filter(|room| !room.is_silent);
        rooms.map(|room| room.unread).sum()
    })
}
