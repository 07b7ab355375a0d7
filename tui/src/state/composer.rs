//! The composer: what is being written, and what it is for.

use erc_client_core::{
    SafeText,
    complete::Completion,
    protocol::{ClientId, MessageId},
};

use super::Input;
use crate::keymap::Action;

/// The composer of a room.
#[derive(Debug, Clone)]
pub struct Composer {
    pub input: Input,
    pub purpose: Purpose,
    /// What may be meant by what is being written, while something may.
    pub completing: Option<Completing>,
    /// Changed since the draft was last given away to be saved.
    pub unsaved: bool,
    /// The last thing said about typing.
    pub said_typing: bool,
    /// Of a reply in a thread: it is shown in the room, too.
    pub also_in_room: bool,
}

/// What Enter will do with the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A new message.
    New,
    /// An answer to a message.
    Reply {
        to: MessageId,
        sender: SafeText,
        text: SafeText,
    },
    /// Another text for a message of one's own. `draft` is what was in the composer before and
    /// comes back afterwards.
    Edit { message: ClientId, draft: String },
}

/// Something to choose from while one writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completing {
    /// What would be replaced.
    pub typed: String,
    pub choices: Choices,
    pub selected: usize,
    /// One moved in the list: Enter takes the choice instead of sending.
    pub moved: bool,
}

/// What one chooses from; never nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choices {
    /// Text to be written.
    Text(Vec<Completion>),
    /// Commands of the client: what they do, in words.
    Commands(Vec<(Action, &'static str)>),
}

impl Choices {
    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Text(choices) => choices.len(),
            Self::Commands(choices) => choices.len(),
        }
    }
}

impl Composer {
    /// With the text that was left in it.
    pub fn new(draft: &str) -> Self {
        Self {
            input: Input::block(draft),
            purpose: Purpose::New,
            completing: None,
            unsaved: false,
            said_typing: false,
            also_in_room: false,
        }
    }

    /// What belongs on disk as this room's draft.
    pub fn draft(&self) -> String {
        match &self.purpose {
            Purpose::Edit { draft, .. } => draft.clone(),
            _ => self.input.text(),
        }
    }

    /// Gives up the edit or the reply; what was being written for a new message comes back.
    pub fn abandon(&mut self) {
        if let Purpose::Edit { draft, .. } = &self.purpose {
            let draft = draft.clone();
            self.input.set(&draft);
        }
        self.purpose = Purpose::New;
    }
}
