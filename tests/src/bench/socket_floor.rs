//! The limit: a program that writes the same bytes to the same number of sockets, without blocking,
//! and does nothing else. It runs as a child process (`erc-bench socket-floor`), so that what it
//! uses is counted as the server's is.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::frames;

/// The child: accepts `sockets`, then obeys lines `MESSAGES PAYLOAD BATCH`: writes that many frames
/// with payloads of that many bytes to each socket, at most `BATCH` frames a write, and says `done`.
pub fn run(sockets: usize) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let mut poll = Poll::new()?;
    let mut streams = Vec::with_capacity(sockets);
    for n in 0..sockets {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        // One descriptor each: twice ten thousand is more than many systems allow.
        let mut stream = TcpStream::from_std(stream);
        poll.registry()
            .register(&mut stream, Token(n), Interest::WRITABLE)?;
        streams.push(stream);
    }
    println!("ready");
    for line in std::io::stdin().lines() {
        let line = line?;
        let mut numbers = line.split_whitespace().map(str::parse::<usize>);
        let mut next = || numbers.next().context("three numbers");
        let (messages, payload, batch) = (next()??, next()??, next()??);
        write_all(
            &mut poll,
            &streams,
            messages,
            &frames::filler(payload),
            batch,
        )?;
        println!("done");
    }
    Ok(())
}

fn write_all(
    poll: &mut Poll,
    streams: &[TcpStream],
    messages: usize,
    frame: &[u8],
    batch: usize,
) -> Result<()> {
    let bytes = frame.repeat(batch);
    let whole = messages * frame.len();
    let mut sent = vec![0; streams.len()];
    let mut events = Events::with_capacity(4_096);
    let mut due = 0;
    while sent.iter().any(|sent| *sent < whole) {
        due = whole.min(due + bytes.len());
        let mut moved = false;
        for (stream, sent) in streams.iter().zip(&mut sent) {
            while *sent < due {
                // Where this socket stands in the frame, it goes on.
                let from = *sent % frame.len();
                let until = bytes.len().min(from + due - *sent);
                match (&*stream).write(&bytes[from..until]) {
                    Ok(count) => {
                        *sent += count;
                        moved = true;
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        if !moved {
            poll.poll(&mut events, None)?;
        }
    }
    Ok(())
}

/// The child as its parent holds it. Dropping it ends it.
#[derive(Debug)]
pub struct SocketFloor {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Where it takes its sockets.
    pub address: SocketAddr,
}

impl SocketFloor {
    /// Starts one that waits for this many sockets.
    pub fn start(sockets: usize) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["socket-floor", &sockets.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = child.stdin.take().context("stdin is piped")?;
        let mut answers = BufReader::new(child.stdout.take().context("stdout is piped")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        Ok(Self {
            child,
            commands,
            answers,
            address: line.trim().parse()?,
        })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has all its sockets.
    pub fn wait(&mut self) -> Result<()> {
        self.answers.read_line(&mut String::new())?;
        Ok(())
    }

    /// Lets it write.
    pub fn go(&mut self, messages: usize, payload: usize, batch: usize) -> Result<()> {
        Ok(writeln!(self.commands, "{messages} {payload} {batch}")?)
    }
}

impl Drop for SocketFloor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
