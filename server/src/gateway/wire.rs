//! The socket itself, after the upgrade: whole messages in, ready frames out.
//!
//! It owns the TCP stream. What is read is held only until a message is complete; what is written
//! are the shared bytes of frames, several a call. Nothing is copied and, while the peer takes what
//! comes, nothing is allocated for a frame.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use erc_protocol::limit;
use tokio::net::TcpStream;

use super::incoming::{Incoming, Reader, Violation};
use crate::frame::put_header;
use crate::metrics::Sockets;

/// Bytes read in one go.
const READ: usize = 16 * 1_024;
/// Frames written in one go.
const SLICES: usize = 64;
/// Frames that may wait to be written before more are fetched.
const WAITING: usize = 64;
/// Places for waiting frames that an idle connection keeps.
const KEPT: usize = 4;

thread_local! {
    /// Where bytes are read to; shared by all connections of a thread.
    static SCRATCH: RefCell<Box<[u8; READ]>> = RefCell::new(Box::new([0; READ]));
}

/// Why nothing more is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The link broke, or the peer closed it without a word.
    Gone,
    /// The peer broke the rules.
    Violation(Violation),
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    reader: Reader,
    unsent: VecDeque<Bytes>,
}

impl Wire {
    /// Takes over a stream; `read` is what was read from it already.
    pub(super) fn new(stream: TcpStream, read: &[u8]) -> Self {
        let mut reader = Reader::new(limit::FRAME_BYTES_HARD);
        reader.push(read);
        Self {
            stream,
            reader,
            unsent: VecDeque::new(),
        }
    }

    /// The next message.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Incoming, Ended>> {
        loop {
            match self.reader.take() {
                Ok(Some(incoming)) => return Poll::Ready(Ok(incoming)),
                Ok(None) => {}
                Err(violation) => return Poll::Ready(Err(Ended::Violation(violation))),
            }
            ready!(self.stream.poll_read_ready(cx))?;
            let (stream, reader) = (&self.stream, &mut self.reader);
            let read = SCRATCH.with_borrow_mut(|scratch| {
                let read = stream.try_read(&mut scratch[..])?;
                reader.push(&scratch[..read]);
                Ok::<_, io::Error>(read)
            });
            match read {
                Ok(0) => return Poll::Ready(Err(Ended::Gone)),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    /// Puts a frame behind those that wait.
    pub(super) fn feed(&mut self, frame: Bytes) {
        self.unsent.push_back(frame);
    }

    /// Whether nothing waits to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.unsent.is_empty()
    }

    /// Whether so many frames wait that they should be written before more come.
    pub(super) fn is_full(&self) -> bool {
        self.unsent.len() >= WAITING
    }

    /// Writes what waits.
    pub(super) fn poll_flush(
        &mut self,
        cx: &mut Context<'_>,
        sockets: &Sockets,
    ) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            match self.write() {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(written) => sockets.wrote(self.advance(written), written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.stream.poll_write_ready(cx))?;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        if self.unsent.capacity() > KEPT {
            self.unsent = VecDeque::new();
        }
        Poll::Ready(Ok(()))
    }

    fn write(&self) -> io::Result<usize> {
        if let [one] = self.unsent.as_slices().0
            && self.unsent.len() == 1
        {
            return self.stream.try_write(one);
        }
        let mut slices = [IoSlice::new(&[]); SLICES];
        let mut count = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.unsent) {
            *slice = IoSlice::new(frame);
            count += 1;
        }
        self.stream.try_write_vectored(&slices[..count])
    }

    /// Forgets what was written; says how many frames are done.
    fn advance(&mut self, mut written: usize) -> u64 {
        let mut done = 0;
        while let Some(first) = self.unsent.front_mut() {
            if written < first.len() {
                first.advance(written);
                break;
            }
            written -= first.len();
            self.unsent.pop_front();
            done += 1;
        }
        done
    }
}

/// A control frame (RFC 6455, section 5.5) with at most 125 bytes.
pub(super) fn control(opcode: u8, payload: &[u8]) -> Bytes {
    let mut bytes = BytesMut::with_capacity(2 + payload.len());
    put_header(&mut bytes, 0x80 | opcode, payload.len());
    bytes.extend_from_slice(payload);
    bytes.freeze()
}

pub(super) const CLOSE: u8 = 8;
pub(super) const PONG: u8 = 10;
/// A ping that carries nothing.
pub(super) const PING: Bytes = Bytes::from_static(&[0x89, 0]);
