//! Many raw sockets on one thread: the load generator.
//!
//! Non-blocking sockets under one `epoll`, one read buffer for all, and of what comes only frame
//! headers are read, so that it stays cheaper than what it measures. More than a few ten thousand
//! ports of one address are not to be had, so connections come from several loopback addresses.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use super::frames::{self, Reader};

/// Connections from one source address.
const PER_ADDRESS: usize = 4_000;
/// Bytes read at a time.
const BUFFER: usize = 256 * 1_024;
/// Connections that are being made at a time by [`Swarm::connect_all`].
const ABREAST: usize = 64;

/// A connection of the swarm.
pub type LinkId = usize;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes with frame headers, without an upgrade: the floor's.
    Raw,
    /// A client that says no `hello`: live frames from now on.
    Plain,
    /// A client that says `hello` and is live after the last `sync`.
    Synced,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Upgrading,
    Greeting,
    Live,
    Closed,
}

/// How one is to connect.
#[derive(Debug, Clone)]
pub struct Dial {
    pub server: SocketAddr,
    pub kind: Kind,
    pub token: String,
    /// The `data` of `hello`, for [`Kind::Synced`].
    pub hello: String,
    /// Bytes of the socket's receive buffer, if not the system's default: one that doesn't read
    /// shows at once.
    pub receive_buffer: Option<usize>,
}

struct Link {
    stream: TcpStream,
    kind: Kind,
    state: State,
    hello: String,
    reader: Reader,
    /// The upgrade's answer so far.
    head: Vec<u8>,
    out: Vec<u8>,
    keep: bool,
    deaf: bool,
    frames: u64,
    /// Seconds after which it may come again, as the refusal said.
    retry_after: Option<u64>,
}

/// What [`Swarm::turn`] tells of one frame.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    pub link: LinkId,
    /// Empty unless [`Swarm::keep`] was asked for.
    pub payload: &'a [u8],
}

/// The sockets.
pub struct Swarm {
    poll: Poll,
    events: Events,
    links: Vec<Link>,
    buffer: Vec<u8>,
    /// Text frames on live links, ever.
    pub frames: u64,
    /// Bytes read, ever.
    pub bytes: u64,
    /// Links that are live now.
    pub live: usize,
    /// Links that ended, ever.
    pub closed: usize,
    /// Those that ended before they were live.
    pub failed: usize,
}

impl Swarm {
    pub fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(4_096),
            links: Vec::new(),
            buffer: vec![0; BUFFER],
            frames: 0,
            bytes: 0,
            live: 0,
            closed: 0,
            failed: 0,
        })
    }

    /// Begins to connect.
    pub fn open(&mut self, dial: Dial) -> Result<LinkId> {
        let id = self.links.len();
        let link = self.make(id, dial)?;
        self.links.push(link);
        Ok(id)
    }

    /// Begins to connect a link that has ended again.
    pub fn redial(&mut self, link: LinkId, dial: Dial) -> Result<()> {
        debug_assert!(self.is_closed(link), "it lives");
        self.links[link] = self.make(link, dial)?;
        Ok(())
    }

    /// Ends a link from this side.
    pub fn hang_up(&mut self, link: LinkId) {
        self.end(link);
    }

    fn make(&mut self, id: LinkId, dial: Dial) -> Result<Link> {
        let stream = self.dial(id, &dial)?;
        let mut out = Vec::new();
        if dial.kind != Kind::Raw {
            let protocol = if dial.kind == Kind::Synced {
                "Sec-WebSocket-Protocol: erc.v1\r\n"
            } else {
                ""
            };
            write!(
                out,
                "GET /chat/ws HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 {protocol}Authorization: Bearer {}\r\n\r\n",
                dial.server, dial.token
            )?;
        }
        Ok(Link {
            stream,
            kind: dial.kind,
            state: State::Connecting,
            hello: dial.hello,
            reader: Reader::default(),
            head: Vec::new(),
            out,
            keep: false,
            deaf: false,
            frames: 0,
            retry_after: None,
        })
    }

    fn dial(&mut self, id: LinkId, dial: &Dial) -> Result<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        let last = u8::try_from(2 + id / PER_ADDRESS).context("too many connections")?;
        let source = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0));
        socket.bind(&source.into())?;
        if let Some(size) = dial.receive_buffer {
            socket.set_recv_buffer_size(size)?;
        }
        match socket.connect(&dial.server.into()) {
            Ok(()) => {}
            // EINPROGRESS
            Err(error) if error.raw_os_error() == Some(115) => {}
            Err(error) => return Err(error.into()),
        }
        let mut stream = TcpStream::from_std(socket.into());
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.poll
            .registry()
            .register(&mut stream, Token(id), interest)?;
        Ok(stream)
    }

    /// Connects all of these, some at a time, and waits until each is live.
    pub fn connect_all(&mut self, dials: impl IntoIterator<Item = Dial>) -> Result<Vec<LinkId>> {
        let mut dials = dials.into_iter();
        let (before, mut ids) = (self.live, Vec::new());
        loop {
            while ids.len() - (self.live - before) < ABREAST {
                let Some(dial) = dials.next() else { break };
                ids.push(self.open(dial)?);
            }
            if self.live - before == ids.len() {
                return Ok(ids);
            }
            let ended = self.closed;
            self.turn(Duration::from_secs(20), |_| {})?;
            ensure!(self.closed == ended, "a connection was refused");
        }
    }

    /// Whether the payloads of a link's frames are told.
    pub fn keep(&mut self, link: LinkId, keep: bool) {
        self.links[link].keep = keep;
    }

    /// Stops (or begins again) to read a link: its peer's bytes stay where they are.
    pub fn set_deaf(&mut self, link: LinkId, deaf: bool) -> Result<()> {
        let it = &mut self.links[link];
        it.deaf = deaf;
        let interest = if deaf {
            Interest::WRITABLE
        } else {
            Interest::READABLE | Interest::WRITABLE
        };
        Ok(self
            .poll
            .registry()
            .reregister(&mut it.stream, Token(link), interest)?)
    }

    /// Text frames that a link got while it was live.
    pub fn frames_of(&self, link: LinkId) -> u64 {
        self.links[link].frames
    }

    /// Whether it is live.
    pub fn is_live(&self, link: LinkId) -> bool {
        self.links[link].state == State::Live
    }

    /// Why a link that ended was not let in: seconds after which it may come again.
    pub fn retry_after(&self, link: LinkId) -> Option<u64> {
        self.links[link].retry_after
    }

    /// Whether it has ended.
    pub fn is_closed(&self, link: LinkId) -> bool {
        self.links[link].state == State::Closed
    }

    /// Sends these frames.
    pub fn send(&mut self, link: LinkId, frames: &[u8]) -> Result<()> {
        let it = &mut self.links[link];
        it.out.extend_from_slice(frames);
        it.write()
    }

    /// Waits for events, at most this long, and reads what has come; `heard` learns of each text
    /// frame of a live link. Whether there was any event.
    pub fn turn(&mut self, patience: Duration, mut heard: impl FnMut(Heard<'_>)) -> Result<bool> {
        if let Err(error) = self.poll.poll(&mut self.events, Some(patience)) {
            ensure!(error.kind() == ErrorKind::Interrupted, error);
            return Ok(true);
        }
        let events: Vec<_> = self
            .events
            .iter()
            .map(|event| {
                (
                    event.token().0,
                    event.is_readable() || event.is_read_closed(),
                )
            })
            .collect();
        for (id, readable) in &events {
            self.serve(*id, *readable, &mut heard)?;
        }
        Ok(!events.is_empty())
    }

    /// Turns until `done`, or fails when nothing at all has come for a while.
    pub fn until(
        &mut self,
        what: &str,
        mut done: impl FnMut(&mut Self) -> Result<bool>,
        mut heard: impl FnMut(Heard<'_>),
    ) -> Result<()> {
        let mut quiet = Instant::now();
        while !done(self)? {
            if self.turn(Duration::from_millis(100), &mut heard)? {
                quiet = Instant::now();
            }
            if quiet.elapsed() > Duration::from_secs(30) {
                bail!("nothing came any more while waiting for {what}");
            }
        }
        Ok(())
    }

    fn serve(
        &mut self,
        id: LinkId,
        readable: bool,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> Result<()> {
        let link = &mut self.links[id];
        if link.state == State::Connecting {
            if link.stream.take_error()?.is_some() {
                self.end(id);
                return Ok(());
            }
            if link.stream.peer_addr().is_err() {
                return Ok(());
            }
            link.state = if link.kind == Kind::Raw {
                self.live += 1;
                State::Live
            } else {
                State::Upgrading
            };
        }
        if link.state == State::Closed {
            return Ok(());
        }
        if link.write().is_err() {
            self.end(id);
            return Ok(());
        }
        if readable && !link.deaf {
            self.read(id, heard);
        }
        Ok(())
    }

    fn read(&mut self, id: LinkId, heard: &mut impl FnMut(Heard<'_>)) {
        loop {
            let link = &mut self.links[id];
            match link.stream.read(&mut self.buffer) {
                Ok(0) => return self.end(id),
                Ok(count) => {
                    self.bytes += count as u64;
                    let before = link.state;
                    let ended = link.take(id, &self.buffer[..count], &mut self.frames, heard);
                    if before != State::Live && link.state == State::Live {
                        self.live += 1;
                    }
                    if ended {
                        return self.end(id);
                    }
                    if count < self.buffer.len() {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.end(id),
            }
        }
    }

    fn end(&mut self, id: LinkId) {
        let link = &mut self.links[id];
        if link.state == State::Closed {
            return;
        }
        if link.state == State::Live {
            self.live -= 1;
        } else {
            self.failed += 1;
        }
        link.state = State::Closed;
        self.closed += 1;
        let _ = self.poll.registry().deregister(&mut link.stream);
        let _ = link.stream.shutdown(std::net::Shutdown::Both);
    }
}

impl Link {
    fn write(&mut self) -> Result<()> {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::NotConnected => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whether the link ended.
    fn take(
        &mut self,
        id: LinkId,
        mut bytes: &[u8],
        count: &mut u64,
        heard: &mut impl FnMut(Heard<'_>),
    ) -> bool {
        if self.state == State::Upgrading {
            let had = self.head.len();
            self.head.extend_from_slice(bytes);
            let Some(end) = find(&self.head, b"\r\n\r\n") else {
                return false;
            };
            if !self.head.starts_with(b"HTTP/1.1 101") {
                self.retry_after = retry_after(&self.head[..end]);
                return true;
            }
            bytes = &bytes[end + 4 - had..];
            self.head = Vec::new();
            if self.kind == Kind::Synced {
                self.state = State::Greeting;
                let hello = format!(r#"{{"type":"hello","id":1,"data":{}}}"#, self.hello);
                frames::push_client(&mut self.out, frames::TEXT, hello.as_bytes());
                if self.write().is_err() {
                    return true;
                }
            } else {
                self.state = State::Live;
            }
        }
        let (mut pings, mut closed) = (0, false);
        let (mut state, keep) = (self.state, self.keep || self.state == State::Greeting);
        let mine = &mut self.frames;
        self.reader
            .take(bytes, keep, |opcode, payload| match opcode {
                frames::PING => pings += 1,
                frames::CLOSE => closed = true,
                frames::TEXT if state == State::Greeting => {
                    if payload.starts_with(br#"{"type":"sync""#)
                        && find(payload, br#""done":true"#).is_some()
                    {
                        state = State::Live;
                    }
                    // What it catches up on is news too.
                    heard(Heard { link: id, payload });
                }
                frames::TEXT => {
                    *mine += 1;
                    *count += 1;
                    heard(Heard { link: id, payload });
                }
                _ => {}
            });
        self.state = state;
        for _ in 0..pings {
            frames::push_client(&mut self.out, frames::PONG, &[]);
        }
        closed || (pings > 0 && self.write().is_err())
    }
}

/// What a refusal's head says of when to come again, seconds.
fn retry_after(head: &[u8]) -> Option<u64> {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let line = head.lines().find(|line| line.starts_with("retry-after:"))?;
    line.split_once(':')?.1.trim().parse().ok()
}

/// Where `needle` begins.
#[must_use]
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|part| part == needle)
}
