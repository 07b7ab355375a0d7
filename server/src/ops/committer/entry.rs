//! What waits in a lane: operations of any kind, and where their answers go.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use erc_protocol::{Message, Timestamp};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tracing::{Instrument as _, Span};

use super::super::change::Change;
use super::super::error::{Error, Result};
use super::super::send::{Accepted, Signed};
use super::shutting_down;
use crate::store::Tx;

/// What an operation did.
#[derive(Debug)]
pub struct Done<T> {
    /// The answer.
    pub value: T,
    /// What listeners learn, in order.
    pub changes: Vec<Change>,
}

impl<T> Done<T> {
    /// An answer and its changes.
    pub const fn new(value: T, changes: Vec<Change>) -> Self {
        Self { value, changes }
    }

    /// An answer that changes nothing.
    pub const fn unchanged(value: T) -> Self {
        Self {
            value,
            changes: Vec::new(),
        }
    }
}

/// The answer to come.
#[derive(Debug)]
pub struct Receipt<T>(pub(super) oneshot::Receiver<Result<T>>);

impl<T> Future for Receipt<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|answer| answer.unwrap_or_else(|_| Err(shutting_down())))
    }
}

pub(super) enum Entry {
    Send(Box<SendEntry>),
    Work(Box<dyn Work>),
}

impl Entry {
    pub(super) const fn is_send(&self) -> bool {
        matches!(self, Self::Send(_))
    }

    pub(super) fn refuse(self, error: Error) {
        match self {
            Self::Send(entry) => {
                let _ = entry.reply.send(Err(error));
            }
            Self::Work(work) => work.refuse(error),
        }
    }
}

pub(super) struct SendEntry {
    pub(super) send: Signed,
    pub(super) reply: oneshot::Sender<Result<Message>>,
}

/// An operation of any answer type.
pub(super) trait Work: Send {
    fn run(self: Box<Self>, tx: &mut Tx, now: Timestamp) -> BoxFuture<'_, Box<dyn Outcome>>;
    fn refuse(self: Box<Self>, error: Error);
}

/// An operation that was run and waits for the commit.
pub(super) trait Outcome: Send {
    fn is_ok(&self) -> bool;
    fn changes(&mut self) -> Vec<Change>;
    /// Whether it stored a message that was not there before.
    fn is_new_message(&self) -> bool {
        false
    }
    /// Tells the caller; `lost` if the transaction was.
    fn answer(self: Box<Self>, lost: Option<Error>);
}

pub(super) struct Job<T, F> {
    pub(super) work: F,
    pub(super) reply: oneshot::Sender<Result<T>>,
    /// The request or connection that asked, for lines of the log.
    pub(super) span: Span,
}

pub(super) struct Ran<T> {
    pub(super) result: Result<Done<T>>,
    pub(super) reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Work for Job<T, F>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx, Timestamp) -> BoxFuture<'t, Result<Done<T>>> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx, now: Timestamp) -> BoxFuture<'_, Box<dyn Outcome>> {
        Box::pin(async move {
            let result = (self.work)(tx, now).instrument(self.span).await;
            Box::new(Ran {
                result,
                reply: self.reply,
            }) as Box<dyn Outcome>
        })
    }

    fn refuse(self: Box<Self>, error: Error) {
        let _ = self.reply.send(Err(error));
    }
}

/// A send that was carried out.
pub(super) struct Sent {
    pub(super) result: Result<Accepted>,
    pub(super) reply: oneshot::Sender<Result<Message>>,
}

impl Outcome for Sent {
    fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    fn is_new_message(&self) -> bool {
        self.result.as_ref().is_ok_and(|accepted| accepted.is_new)
    }

    fn changes(&mut self) -> Vec<Change> {
        self.result.as_mut().map_or(Vec::new(), Accepted::changes)
    }

    fn answer(self: Box<Self>, lost: Option<Error>) {
        let result = match lost {
            Some(error) => Err(error),
            None => self.result.map(|accepted| accepted.message),
        };
        let _ = self.reply.send(result);
    }
}

impl<T: Send> Outcome for Ran<T> {
    fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    fn changes(&mut self) -> Vec<Change> {
        self.result
            .as_mut()
            .map(|done| std::mem::take(&mut done.changes))
            .unwrap_or_default()
    }

    fn answer(self: Box<Self>, lost: Option<Error>) {
        let result = match lost {
            Some(error) => Err(error),
            None => self.result.map(|done| done.value),
        };
        // The caller may have gone; what is done is done.
        let _ = self.reply.send(result);
    }
}
