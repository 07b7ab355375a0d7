//! Polls: made, voted in, closed; who chose what.

use erc_client_core::{
    SafeText,
    protocol::{Lifetime, Poll, RoomId, poll::NewPoll},
    view::{MessageView, PollView},
};

use super::{compose, forms};
use crate::{
    command::{Command, PollPlace},
    keymap::Action,
    state::{
        Chat, Loadable, Overlay, State,
        overlay::{Confirm, Doubt, Form, FormPurpose},
        picker::{Ballot, Entry, Pick, Picker, Purpose, Target},
        why::why_not,
    },
};

/// What stands between two options in a field of one line.
const BETWEEN: char = '|';

/// Asks for a poll in what is open, a room or a thread.
pub(super) fn make(state: &mut State, question: &str, new: &NewPoll, lifetime: Option<Lifetime>) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(room) = chat.open_summary() else {
        return chat.say("no room is open");
    };
    if !room.can_send {
        let why = why_not(room);
        return chat.say(why);
    }
    let Some(place) = place(chat, lifetime) else {
        return;
    };
    let fields = vec![
        forms::text("Question", question),
        forms::text(
            "Options, with | between them",
            &new.options.join(&format!(" {BETWEEN} ")),
        ),
        forms::text(
            "Ends: 18:00, tomorrow 9:00, in 2h; empty: when you close it",
            "",
        ),
        forms::switched("Several may be chosen", new.multiple),
        forms::switched("Nobody learns who chose what", new.anonymous),
        forms::switched("Votes are told at the end", new.hidden),
    ];
    chat.overlay = Some(Overlay::Form(Form::new(FormPurpose::Poll(place), fields)));
}

/// What is open. That an answer is shown in the room, too, holds for one.
fn place(chat: &mut Chat, lifetime: Option<Lifetime>) -> Option<PollPlace> {
    let open = chat.open.as_mut()?;
    Some(PollPlace {
        room: open.id,
        thread: open.thread,
        also_in_room: std::mem::take(&mut open.composer.also_in_room),
        lifetime,
    })
}

/// Why nobody can be called by what the form asks, if it is a poll's and calls everybody.
pub(super) fn refused(state: &State) -> Option<String> {
    let chat = state.chat()?;
    let Some(Overlay::Form(form)) = &chat.overlay else {
        return None;
    };
    matches!(form.purpose, FormPurpose::Poll(_)).then_some(())?;
    let said = format!("{}\n{}", form.text(0), form.text(1));
    compose::check_call(chat, &said).err()
}

/// What the form asks for, or why it can't.
pub(super) fn request(form: &Form, place: PollPlace) -> Result<Command, String> {
    let options = form.text(1);
    let options = options.split(BETWEEN).map(str::trim);
    let new = NewPoll {
        options: options
            .filter(|option| !option.is_empty())
            .map(str::to_owned)
            .collect(),
        multiple: form.is_on(3),
        anonymous: form.is_on(4),
        hidden: form.is_on(5),
        closes_at: None,
    };
    let question = form.text(0);
    Poll::new(&question, &new).map_err(|(_, reason)| reason)?;
    Ok(Command::SendPoll {
        place,
        question,
        poll: Box::new(new),
        ends: form.text(2),
    })
}

/// A poll that was typed: it is sent, or the form asks for what is missing.
pub(super) fn typed(state: &mut State, question: String, new: NewPoll, lifetime: Option<Lifetime>) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(open) = chat.open.as_mut() else {
        return;
    };
    open.composer.input.set("");
    if Poll::new(&question, &new).is_err() {
        make(state, &question, &new, lifetime);
    } else if let Some(place) = place(chat, lifetime) {
        compose::to_newest(chat);
        state.ask(Command::SendPoll {
            place,
            question,
            poll: Box::new(new),
            ends: String::new(),
        });
    }
    compose::changed(state);
}

/// Something about the selected message. False if the action is none of these.
pub(super) fn about(state: &mut State, action: Action, message: &MessageView) -> bool {
    let Some(poll) = &message.poll else {
        if let Some(chat) = state.chat_mut() {
            chat.say("this message is no poll");
        }
        return true;
    };
    if is_folded(state, message) {
        if let Some(chat) = state.chat_mut() {
            chat.say("somebody you blocked wrote this: s shows it");
        }
        return true;
    }
    match action {
        Action::Vote => open(state, message, poll),
        Action::Voted => voted(state, message, poll),
        Action::ClosePoll => close(state, message, poll),
        _ => return false,
    }
    true
}

fn is_folded(state: &State, message: &MessageView) -> bool {
    let open = state.chat().and_then(|chat| chat.open.as_ref());
    message.blocked && open.is_some_and(|open| !open.revealed.contains(&message.key))
}

fn ballot(room: RoomId, message: &MessageView, poll: &PollView) -> Ballot {
    let own = (0..).zip(&poll.options).filter(|(_, option)| option.own);
    Ballot {
        target: Target {
            room,
            sender: message.sender_id,
            message: message.client_id,
            own: Vec::new(),
        },
        choice: own.map(|(place, _)| place).collect(),
        multiple: poll.multiple,
    }
}

fn open(state: &mut State, message: &MessageView, poll: &PollView) {
    let Some(chat) = state.chat_mut() else { return };
    if !poll.can_vote {
        return chat.say(if poll.closed {
            "the poll is over"
        } else {
            "you can't vote here"
        });
    }
    let Some(room) = chat.open.as_ref().map(|open| open.id) else {
        return;
    };
    let texts: Vec<_> = poll.options.iter().map(|one| one.text.clone()).collect();
    let ballot = ballot(room, message, poll);
    let entries = entries(&ballot, &texts);
    let picker = Picker::new(Purpose::Vote(ballot), Loadable::Ready(entries));
    chat.overlay = Some(Overlay::Picker(picker));
}

fn entries(ballot: &Ballot, texts: &[SafeText]) -> Vec<Entry> {
    let entry = |(place, text): (u8, &SafeText)| Entry {
        label: SafeText::line(&format!("{}. {text}", place + 1)),
        hint: SafeText::line(if ballot.choice.contains(&place) {
            "chosen"
        } else {
            ""
        }),
        at: None,
        pick: Pick::Option(place, text.clone()),
    };
    (0..).zip(texts).map(entry).collect()
}

/// Chooses an option, or takes that back. Where several may be chosen, the list stays.
pub(super) fn choose(state: &mut State, place: u8) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(Overlay::Picker(picker)) = chat.overlay.as_mut() else {
        return;
    };
    let Purpose::Vote(ballot) = &mut picker.purpose else {
        return;
    };
    ballot.toggle(place);
    let ballot = ballot.clone();
    if ballot.multiple {
        let all = picker.entries.ready().map_or(&[][..], Vec::as_slice);
        let texts = all.iter().filter_map(|entry| match &entry.pick {
            Pick::Option(_, text) => Some(text.clone()),
            _ => None,
        });
        let texts: Vec<_> = texts.collect();
        picker.entries = Loadable::Ready(entries(&ballot, &texts));
    } else {
        chat.overlay = None;
    }
    vote(state, ballot);
}

fn vote(state: &mut State, ballot: Ballot) {
    state.ask(Command::Vote {
        room: ballot.target.room,
        sender: ballot.target.sender,
        message: ballot.target.message,
        options: ballot.choice,
    });
}

/// A click on an option of the selected message.
pub(super) fn clicked(state: &mut State, message: &MessageView, place: usize) {
    let room = state
        .chat()
        .and_then(|chat| chat.open.as_ref())
        .map(|open| open.id);
    let (Some(room), Some(poll)) = (room, &message.poll) else {
        return;
    };
    let Some(place) = u8::try_from(place).ok().filter(|_| poll.can_vote) else {
        return;
    };
    let mut ballot = ballot(room, message, poll);
    ballot.toggle(place);
    vote(state, ballot);
}

fn voted(state: &mut State, message: &MessageView, poll: &PollView) {
    let Some(chat) = state.chat_mut() else { return };
    let Some(id) = message.message_id.filter(|_| poll.voters > 0) else {
        return chat.say("nobody has voted yet");
    };
    if poll.anonymous {
        return chat.say("nobody is named in this poll");
    }
    if poll.hidden {
        return chat.say("votes are told at the end of the poll");
    }
    let texts = poll.options.iter().map(|one| one.text.clone()).collect();
    let picker = Picker::new(Purpose::Voted(id, texts), Loadable::Loading);
    let Purpose::Voted(message, options) = picker.purpose.clone() else {
        return;
    };
    chat.overlay = Some(Overlay::Picker(picker));
    state.ask(Command::Votes { message, options });
}

fn close(state: &mut State, message: &MessageView, poll: &PollView) {
    let Some(chat) = state.chat_mut() else { return };
    if !poll.can_close {
        return chat.say(if poll.closed {
            "the poll is over"
        } else {
            "only its author and moderators close a poll"
        });
    }
    let Some(room) = chat.open.as_ref().map(|open| open.id) else {
        return;
    };
    chat.overlay = Some(Overlay::Confirm(Confirm {
        what: Doubt::ClosePoll {
            room,
            sender: message.sender_id,
            message: message.client_id,
        },
        question: "End this poll? Nobody votes any more.",
        about: poll.question.clone(),
        yes: "end it",
    }));
}
