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
    /// There was no key for long.
    Idle,
    /// Nothing was typed for a good while: nobody is writing here just now.
    Rest,
    /// The system asks the program to end.
    Terminate,
}

impl Event {
    /// Whether somebody at the terminal did it.
    #[must_use]
    pub const fn is_of_user(&self) -> bool {
        matches!(
            self,
            Self::Key(_) | Self::Paste(_) | Self::Mouse(_) | Self::Focus(true)
        )
    }
}
