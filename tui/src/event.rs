//! Everything that can happen to the state.

use crossterm::event::{KeyEvent, MouseEvent};

use crate::{command::Answer, state::Size};

/// One thing that happened.
#[derive(Debug)]
pub enum Event {
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resize(Size),
    /// The terminal got (true) or lost the keyboard.
    Focus(bool),
    /// From client-core.
    Answer(Box<Answer>),
    /// Nothing was typed for a moment: time to save the draft and to ask what was typed.
    Pause,
    /// The system asks the program to end.
    Terminate,
}
