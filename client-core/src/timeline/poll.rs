//! A poll as it is shown: the row, with one's own vote and what is on its way laid over.

use erc_protocol::{
    Capability, Message, Poll,
    poll::{self, PollOption},
};

use super::Setting;
use crate::{
    SafeText,
    cache::outbox::Entry,
    view::{PollOptionView, PollView},
};

/// People whom an option names.
pub(super) const NAMED: usize = 10;

/// `None` if the message is no poll.
pub(super) fn of_row(row: &Message, setting: &Setting) -> Option<PollView> {
    let poll = row.poll.as_ref().filter(|_| !row.is_deleted())?;
    let own = setting.votes.get(&row.message_id);
    let own = own.map_or(&[][..], Vec::as_slice);
    let can = |what| setting.can.contains(&what);
    let is_open = poll.is_open(setting.now);
    let mut view = view(poll, own, setting);
    view.can_vote = is_open && can(Capability::React);
    view.can_close = is_open && (row.sender_id == setting.me || can(Capability::DeleteOthers));
    Some(view)
}

/// One that the server doesn't have yet.
pub(super) fn of_send(send: &Entry, setting: &Setting) -> Option<PollView> {
    let poll = Poll::new(&send.content, send.poll.as_ref()?).ok()?;
    Some(view(&poll, &[], setting))
}

fn view(poll: &Poll, own: &[u8], setting: &Setting) -> PollView {
    let option = |(number, option): (u8, &PollOption)| PollOptionView {
        text: SafeText::line(&option.text),
        votes: option.votes,
        percent: None,
        own: own.contains(&number),
        names: option
            .users
            .iter()
            // They count all the same: a poll's votes are the same for everybody.
            .filter(|user| !setting.blocked.contains(user))
            .filter_map(|user| setting.names.get(user))
            .take(NAMED)
            .map(|name| SafeText::line(name))
            .collect(),
    };
    let mut view = PollView {
        question: SafeText::line(&poll.question),
        options: (0..).zip(&poll.options).map(option).collect(),
        multiple: poll.multiple,
        anonymous: poll.anonymous,
        hidden: poll.is_secret(),
        voters: poll.voters,
        closes_at: poll.closes_at,
        closed: !poll.is_open(setting.now),
        can_vote: false,
        can_close: false,
    };
    count(&mut view);
    view
}

fn count(view: &mut PollView) {
    for option in &mut view.options {
        let share = |votes: i64| (votes * 100 + view.voters / 2) / view.voters.max(1);
        let percent = option.votes.map(share);
        option.percent = percent.and_then(|percent| u8::try_from(percent.clamp(0, 100)).ok());
    }
}

/// A vote of one's own, before the server has it.
pub(super) fn lay_vote(view: &mut PollView, choice: &[u8], setting: &Setting) {
    let had = view.options.iter().any(|option| option.own);
    let own_name = setting
        .names
        .get(&setting.me)
        .map(|name| SafeText::line(name));
    for (number, option) in (0_u8..).zip(&mut view.options) {
        let own = choice.contains(&number);
        if own == option.own {
            continue;
        }
        option.own = own;
        option.votes = option.votes.map(|votes| votes + if own { 1 } else { -1 });
        if own && !view.anonymous && !view.hidden {
            option.names.extend(own_name.clone());
        } else {
            option.names.retain(|name| Some(name) != own_name.as_ref());
        }
    }
    view.voters += i64::from(!choice.is_empty()) - i64::from(had);
    count(view);
}

/// It is being closed.
pub(super) fn lay_close(view: &mut PollView) {
    view.closed = true;
    view.can_vote = false;
    view.can_close = false;
}

/// Its text, after its question was put into other words.
pub(super) fn text(view: &PollView) -> String {
    let options = view.options.iter().map(|one| one.text.as_str());
    poll::text(view.question.as_str(), options)
}
