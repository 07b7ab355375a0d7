//! Voting in polls and closing them.
//!
//! A vote changes two things in one transaction: the message's row, which tells all what may be told,
//! under the room's counter; and what oneself chose, under one's own. Who chose what leaves the store
//! by [`of_message`], [`Poll::tally`] and [`Poll::recast`] alone, and they know what an anonymous poll is.

use erc_protocol::poll::{OwnVote, Poll, VoteList, Voted};
use erc_protocol::{
    ClientId, ErrorCode, Message, MessageId, Rev, Timestamp, UserId, UserRev, limit,
};

use super::Actor;
use super::change::Change;
use super::committer::{Committer, Done, Lane, Receipt};
use super::error::{Error, Result};
use super::messages::{changed, visible};
use crate::app::App;
use crate::clock;
use crate::rules::permission::Action;
use crate::store::Tx;
use crate::store::polls::NewVote;

fn wrong((field, reason): erc_protocol::poll::Wrong) -> Error {
    Error::invalid(field, reason)
}

fn closed() -> Error {
    Error::refused(ErrorCode::PollClosed, "the poll is over")
}

/// The poll that a message is.
fn poll_of(message: &Message) -> Result<Poll> {
    if message.is_deleted() {
        let why = "the message was deleted";
        return Err(Error::refused(ErrorCode::MessageDeleted, why));
    }
    let no_poll = || Error::invalid("message_id", "the message is no poll");
    message.poll.clone().ok_or_else(no_poll)
}

/// Whether a new poll's end lies within what is allowed.
pub(super) fn check_end(poll: &Poll, now: Timestamp) -> Result<()> {
    let Some(end) = poll.closes_at else {
        return Ok(());
    };
    if end <= now {
        return Err(Error::invalid("poll", "the poll would be over already"));
    }
    if end.0 - now.0 > limit::POLL_AHEAD_MS {
        return Err(Error::invalid("poll", "a poll ends within a year"));
    }
    Ok(())
}

/// What a poll asks, in other words: its row and its text, and whether its options changed.
pub(super) fn reworded(
    poll: &Poll,
    question: &str,
    options: Option<&[String]>,
) -> Result<(Poll, bool)> {
    let mut poll = poll.clone();
    poll.question = erc_protocol::validate::poll_question(question)
        .map_err(|reason| Error::invalid("content", reason))?;
    let Some(options) = options else {
        return Ok((poll, false));
    };
    let options = erc_protocol::poll::valid_options(options).map_err(wrong)?;
    let is_other = poll.options.iter().map(|one| &one.text).ne(&options);
    if is_other {
        poll.set_options(options);
    }
    Ok((poll, is_other))
}

/// Whether a poll may still be put into other words.
pub(super) fn check_edit(poll: &Poll, other_options: bool, now: Timestamp) -> Result<()> {
    if !poll.is_open(now) {
        return Err(closed());
    }
    if other_options && poll.voters > 0 {
        let why = "somebody has voted: the options stay as they are";
        return Err(Error::invalid("options", why));
    }
    Ok(())
}

/// Chooses: all that the actor chooses from now on. The same `client_id` again changes nothing,
/// whatever was chosen since.
pub async fn vote(
    app: &App,
    actor: Actor,
    id: MessageId,
    options: Vec<u8>,
    client_id: Option<ClientId>,
) -> Result<Receipt<Voted>> {
    let client_id = client_id.unwrap_or_else(clock::new_client_id);
    app.committer
        .submit(Lane::Message(id), move |tx, now| {
            Box::pin(async move {
                let (message, access) = visible(tx, actor, id, true).await?;
                let mut poll = poll_of(&message)?;
                let choice = poll.valid_choice(&options).map_err(wrong)?;
                tx.users_for_update(&[actor.user]).await?;
                let before = tx.vote_of(id, actor.user).await?;
                if let Some(first) = tx.ballot(actor.user, client_id).await? {
                    return if first == (id, choice) {
                        Ok(Done::unchanged(voted(message, before)))
                    } else {
                        let why = "this client_id was used for another vote";
                        Err(Error::refused(ErrorCode::ClientIdReused, why))
                    };
                }
                access.check_at(Action::React, now)?;
                if !poll.is_open(now) {
                    return Err(closed());
                }
                let most = limit::BALLOTS;
                if tx.count_ballots(id, actor.user).await? >= most {
                    let why = format!("one votes {most} times at most in a poll");
                    return Err(Error::refused(ErrorCode::LimitReached, why));
                }
                // Kept whatever it changes: repeated after another vote, it must not undo that one.
                tx.keep_ballot(id, actor.user, client_id, &choice).await?;
                let held = before.as_ref().map_or(&[][..], |(held, _)| held);
                if held == choice {
                    return Ok(Done::unchanged(voted(message, before)));
                }
                let vote = NewVote {
                    message: id,
                    user: actor.user,
                    options: choice,
                    at: now,
                    rev: tx.next_rev(message.chat_room_id).await?,
                    user_rev: tx.next_user_rev(actor.user).await?,
                };
                tx.put_vote(&vote).await?;
                if poll.recast(actor.user, held, &vote.options) {
                    tx.write_poll(id, &poll, vote.rev).await?;
                } else {
                    count(tx, id, &mut poll, vote.rev).await?;
                }
                let done = changed(tx, id).await?;
                let own = Some((vote.options, vote.user_rev));
                let mut changes = done.changes;
                changes.push(Change::User(actor.user));
                Ok(Done::new(voted(done.value, own), changes))
            })
        })
        .await
}

fn voted(message: Message, own: Option<(Vec<u8>, UserRev)>) -> Voted {
    let (options, user_rev) = own.unwrap_or((Vec::new(), UserRev::ZERO));
    let own_vote = OwnVote {
        message_id: message.message_id,
        room_id: message.chat_room_id,
        options,
        user_rev,
    };
    Voted { message, own_vote }
}

/// Writes the row with what was chosen by now.
async fn count(tx: &mut Tx, id: MessageId, poll: &mut Poll, rev: Rev) -> Result<()> {
    let votes = tx.votes(id).await?.into_iter();
    let votes: Vec<_> = votes.map(|vote| (vote.user_id, vote.options)).collect();
    poll.tally(&votes);
    Ok(tx.write_poll(id, poll, rev).await?)
}

/// Counts a message's votes afresh, if it is a poll: somebody's were taken away.
pub(super) async fn recount(tx: &mut Tx, id: MessageId, rev: Rev) -> Result<()> {
    let message = tx.message(id).await?.map(Message::from);
    match message.and_then(|message| message.poll) {
        Some(mut poll) => count(tx, id, &mut poll, rev).await,
        None => Ok(()),
    }
}

/// Ends a poll before its time. One that is over stays as it is.
pub async fn close(app: &App, actor: Actor, id: MessageId) -> Result<Receipt<Message>> {
    app.committer
        .submit(Lane::Message(id), move |tx, now| {
            Box::pin(async move {
                let (message, access) = visible(tx, actor, id, true).await?;
                let own = message.sender_id == actor.user;
                access.check(Action::ClosePoll { own })?;
                end(tx, message, now, Some(actor.user)).await
            })
        })
        .await
}

async fn end(
    tx: &mut Tx,
    message: Message,
    at: Timestamp,
    by: Option<UserId>,
) -> Result<Done<Message>> {
    let mut poll = poll_of(&message)?;
    if poll.closed_at.is_some() {
        return Ok(Done::unchanged(message));
    }
    poll.closed_at = Some(at);
    poll.closed_by = by;
    let id = message.message_id;
    let rev = tx.next_rev(message.chat_room_id).await?;
    count(tx, id, &mut poll, rev).await?;
    changed(tx, id).await
}

/// Closes a poll whose time is over, unless another node has.
pub(crate) async fn due(committer: &Committer, id: MessageId) -> Result<Receipt<()>> {
    committer
        .submit(Lane::Message(id), move |tx, now| {
            Box::pin(async move {
                let Some(row) = tx.message(id).await? else {
                    return Ok(Done::unchanged(()));
                };
                tx.room_for_update(row.room_id).await?;
                // Read again: it may have changed before the room was locked.
                let message = tx.message(id).await?.map(Message::from);
                let is_due = |poll: &Poll| poll.closed_at.is_none() && !poll.is_open(now);
                let over = message.filter(|message| message.poll.as_ref().is_some_and(is_due));
                let Some(message) = over else {
                    return Ok(Done::unchanged(()));
                };
                let at = message.poll.as_ref().and_then(|poll| poll.closes_at);
                let done = end(tx, message, at.unwrap_or(now), None).await?;
                Ok(Done::new((), done.changes))
            })
        })
        .await
}

/// Who chose what, as far as that is told, and what the actor chose.
pub async fn of_message(app: &App, actor: Actor, id: MessageId) -> Result<VoteList> {
    let mut tx = app.db.snapshot().await?;
    let (message, _) = visible(&mut tx, actor, id, false).await?;
    let poll = poll_of(&message)?;
    let votes = if poll.anonymous || poll.is_secret() {
        Vec::new()
    } else {
        tx.votes(id).await?
    };
    let own = tx.vote_of(id, actor.user).await?;
    let own = own.map_or_else(Vec::new, |(options, _)| options);
    Ok(VoteList { votes, own })
}
