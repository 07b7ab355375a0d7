//! The last messages that were written, so that a reply shows what it answers without all being
//! held.

use std::collections::{HashMap, VecDeque};

use erc_protocol::{Message, MessageId};

use crate::SafeText;

/// How many are known.
const KNOWN: usize = 2_000;
/// How much of what is answered is shown.
const EXCERPT: usize = 80;

#[derive(Default)]
pub(super) struct Recent {
    order: VecDeque<MessageId>,
    known: HashMap<MessageId, Answered>,
}

/// What somebody answered.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) who: SafeText,
    pub(super) excerpt: SafeText,
}

impl Recent {
    pub(super) fn get(&self, id: MessageId) -> Option<&Answered> {
        self.known.get(&id)
    }

    pub(super) fn note(&mut self, message: &Message) {
        let short: String = message.content.chars().take(EXCERPT + 1).collect();
        let short = if short.chars().count() > EXCERPT {
            let kept: String = short.chars().take(EXCERPT).collect();
            format!("{kept}…")
        } else {
            short
        };
        let answered = Answered {
            who: SafeText::line(&message.sender_name),
            excerpt: SafeText::line(&short),
        };
        self.known.insert(message.message_id, answered);
        self.order.push_back(message.message_id);
        if self.order.len() > KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}
