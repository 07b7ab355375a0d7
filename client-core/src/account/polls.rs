//! Polls: made, voted in and closed through the outbox; who chose what is asked of the server.

use erc_protocol::{
    ClientId, Lifetime, MessageId, Poll, RoomId, Timestamp, UserId,
    poll::{NewPoll, Vote, VoteList},
};

use super::Account;
use crate::{
    SafeText,
    error::{Error, Result},
    outbox::{compose::Answer, polls},
    view::VoteView,
};

impl Account {
    /// Sends a poll. Absent lifetime: it stays as long as is usual in the room. Returns when it is on
    /// disk.
    pub async fn send_poll(
        &self,
        room: RoomId,
        question: &str,
        poll: NewPoll,
        lifetime: Option<Lifetime>,
    ) -> Result<ClientId> {
        let lifetime = lifetime.map(Lifetime::valid).transpose();
        let to = Answer {
            lifetime: lifetime.map_err(Error::Invalid)?,
            ..Answer::default()
        };
        self.ask_all(room, question, poll, to).await
    }

    /// Sends a poll into a thread. `also_in_room`: it is shown in the room, too.
    pub async fn send_poll_in_thread(
        &self,
        room: RoomId,
        thread: MessageId,
        question: &str,
        poll: NewPoll,
        also_in_room: bool,
    ) -> Result<ClientId> {
        let to = Answer {
            thread_id: Some(thread),
            also_in_room,
            ..Answer::default()
        };
        self.ask_all(room, question, poll, to).await
    }

    async fn ask_all(
        &self,
        room: RoomId,
        question: &str,
        poll: NewPoll,
        to: Answer,
    ) -> Result<ClientId> {
        // What the server would refuse is refused here.
        let valid = Poll::new(question, &poll).map_err(|(_, reason)| Error::Invalid(reason))?;
        let author = self.author();
        if !valid.is_open(author.now) {
            return Err(Error::Invalid("the poll would be over already".to_owned()));
        }
        self.queue(room, move |tx| {
            polls::send(tx, author, room, (valid.question, poll), to)
        })
        .await?;
        Ok(author.op_id)
    }

    /// Chooses in a sent poll (by `key` parts: whose and which): all that one chooses from now on.
    /// Returns when it is on disk.
    pub async fn vote(
        &self,
        room: RoomId,
        message: (UserId, ClientId),
        options: Vec<u8>,
    ) -> Result<()> {
        let author = self.author();
        self.queue(room, move |tx| {
            polls::vote(tx, author, room, message, &options)
        })
        .await
    }

    /// Ends a sent poll. Returns when it is on disk.
    pub async fn close_poll(&self, room: RoomId, message: (UserId, ClientId)) -> Result<()> {
        let author = self.author();
        self.queue(room, move |tx| polls::close(tx, author, room, message))
            .await
    }

    /// The end of a poll as one types it; none if nothing was typed.
    pub fn read_poll_end(&self, text: &str) -> Result<Option<Timestamp>> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let end = self.read_whole_when(text)?;
        let end = end.resolve(self.shared.clock.now());
        end.map(Some).map_err(|wrong| Error::Invalid(wrong.reason))
    }

    /// Who chose what, in the order in which they did; nobody if that isn't told. Fails while
    /// offline.
    pub async fn votes(&self, message: MessageId) -> Result<Vec<VoteView>> {
        let path = format!("/chat/messages/{message}/votes");
        let list: VoteList = self.shared.api.get(&path, &[]).await?;
        let view = |vote: Vote| VoteView {
            user_id: vote.user_id,
            name: SafeText::line(&vote.display_name),
            options: vote.options,
            at: vote.at,
        };
        Ok(list.votes.into_iter().map(view).collect())
    }
}
