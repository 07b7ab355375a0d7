//! The composer: what is being written, and what it is for.

use erc_client_core::{
    SafeText,
    complete::Completion,
    protocol::{ClientId, MessageId},
    view::{AsideView, Written},
};

use super::Input;
use crate::keymap::Action;

/// The composer of a room.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Composer {
    pub input: Input,
    pub purpose: Purpose,
    /// What may be meant by what is being written, while something may.
    pub completing: Option<Completing>,
    /// Changed since the draft was last given away to be saved.
    pub unsaved: bool,
    /// What the draft is called that stands in it: what is written goes on from that.
    pub base: Option<ClientId>,
    /// Somebody wrote in it a moment ago: it is not changed under their hands.
    pub busy: bool,
    /// Another device wrote something that is not shown yet.
    pub behind: bool,
    /// What other devices had written when this took its place.
    pub aside: Vec<AsideView>,
    /// Of these, what was taken or given up and not said yet.
    pub forget: Vec<ClientId>,
    /// Why the other devices don't get what is written.
    pub refused: Option<SafeText>,
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

impl Default for Composer {
    fn default() -> Self {
        Self {
            input: Input::block(""),
            purpose: Purpose::New,
            completing: None,
            unsaved: false,
            base: None,
            busy: false,
            behind: false,
            aside: Vec::new(),
            forget: Vec::new(),
            refused: None,
            said_typing: false,
            also_in_room: false,
        }
    }
}

impl Composer {
    /// Whether it changes a message that was sent.
    pub fn is_editing(&self) -> bool {
        matches!(self.purpose, Purpose::Edit { .. })
    }

    /// What is to be kept, if something changed.
    pub fn take_unsaved(&mut self) -> Option<Written> {
        if !std::mem::take(&mut self.unsaved) {
            return None;
        }
        let reply_to = match &self.purpose {
            Purpose::Reply { to, .. } => Some(*to),
            Purpose::New | Purpose::Edit { .. } => None,
        };
        Some(Written {
            text: self.draft(),
            reply_to,
            base: self.base,
            forget: std::mem::take(&mut self.forget),
        })
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
