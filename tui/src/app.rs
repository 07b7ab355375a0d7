//! The loop: wait for one event, take the rest, let them happen, draw once.
//!
//! Owns the terminal and the worker. Draws only after something happened, at most 30 times a
//! second; while nothing happens it sleeps.

use std::{
    collections::VecDeque,
    io::{self, Write as _},
    task::Poll,
    time::Duration,
};

use crossterm::{
    QueueableCommand as _,
    clipboard::CopyToClipboard,
    event::{Event as TerminalEvent, EventStream, MouseEventKind},
    terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, SetTitle},
};
use erc_client_core::{Account, Home};
use futures_util::StreamExt as _;
use ratatui::{Terminal, backend::CrosstermBackend};
use tokio::{sync::mpsc, time::Instant};

use crate::{
    action,
    command::{Answer, Command},
    event::Event,
    state::{Effect, Size, State},
    terminal::Guard,
    theme::Look,
    view,
    worker::Worker,
};

/// Between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// Without a key, typing has paused.
const PAUSE: Duration = Duration::from_millis(250);
/// Without a key, nobody is there, unless [`IDLE_VARIABLE`] says otherwise.
const IDLE: Duration = Duration::from_mins(10);
/// So many minutes; 0: somebody is always there.
const IDLE_VARIABLE: &str = "ERC_IDLE_MINUTES";
/// Without a key, nobody is writing here: what was written elsewhere may be shown.
const REST: Duration = Duration::from_secs(3);
/// For the first picture to be read from disk; after that, something is drawn anyway.
const FIRST_PICTURE: Duration = Duration::from_millis(500);
/// For the account to be closed at the end.
const CLOSING: Duration = Duration::from_secs(3);
/// Commands and answers on their way; when full, the sender waits (see [`Worker`]).
const CHANNEL: usize = 256;

/// Runs the client until the user leaves.
pub async fn run(
    home: Home,
    account: Option<Account>,
    form: crate::state::SignInForm,
    look: Look,
) -> anyhow::Result<()> {
    let (commands, worker_commands) = mpsc::channel(CHANNEL);
    let (worker_answers, answers) = mpsc::channel(CHANNEL);
    let (width, height) = crossterm::terminal::size()?;
    let size = Size { width, height };
    let mut state = match &account {
        Some(account) => State::opened(size, account.info(), account.me()),
        None => State::signed_out(size, form),
    };
    let notice = account.as_ref().and_then(Account::notice);
    if let (Some(chat), Some(notice)) = (state.chat_mut(), notice) {
        chat.complain(notice.as_str());
    }
    let mut worker = tokio::spawn(Worker::new(home, account, worker_answers).run(worker_commands));

    let guard = Guard::take()?;
    let mut app = App {
        state,
        look,
        terminal: Terminal::new(CrosstermBackend::new(io::stdout()))?,
        answers,
        outgoing: VecDeque::new(),
        title: None,
    };
    let ended = app.run(&commands).await;
    // What is left to do (the draft) is done before the account is closed.
    let leftover = std::mem::take(&mut app.outgoing);
    let mut answers = app.answers;
    drop(guard);
    let closing = async {
        for command in leftover {
            if commands.send(command).await.is_err() {
                break;
            }
        }
        drop(commands);
        // Answers are taken to the end, or the worker would wait for us.
        while answers.recv().await.is_some() {}
    };
    if tokio::time::timeout(CLOSING, closing).await.is_err() {
        worker.abort();
    }
    match (&mut worker).await {
        Err(error) if error.is_panic() => anyhow::bail!("the program failed inside: {error}"),
        _ => ended,
    }
}

struct App {
    state: State,
    look: Look,
    terminal: Terminal<CrosstermBackend<io::Stdout>>,
    answers: mpsc::Receiver<Answer>,
    outgoing: VecDeque<Command>,
    /// Unread messages that the title tells of.
    title: Option<i64>,
}

impl App {
    async fn run(&mut self, commands: &mpsc::Sender<Command>) -> anyhow::Result<()> {
        let mut keys = EventStream::new();
        let mut signals = Signals::new()?;
        self.first_picture(commands).await;
        self.draw()?;
        let mut drawn = Instant::now();
        let mut dirty = false;
        let mut pause: Option<Instant> = None;
        let idle = idle_after(std::env::var(IDLE_VARIABLE).ok().as_deref());
        let mut idle_at = idle.map(|idle| Instant::now() + idle);
        let mut rest: Option<Instant> = None;
        while !self.state.quit {
            let next_frame = drawn + FRAME;
            let next_pause = pause.unwrap_or(next_frame);
            let next_idle = idle_at.unwrap_or(next_frame);
            let next_rest = rest.unwrap_or(next_frame);
            let mut happened = tokio::select! {
                () = signals.next() => Some(Event::Terminate),
                key = keys.next() => Some(match key {
                    Some(Ok(event)) => match translate(event) {
                        Some(event) => event,
                        None => continue,
                    },
                    // The terminal is gone.
                    Some(Err(_)) | None => Event::Terminate,
                }),
                answer = self.answers.recv() => match answer {
                    Some(answer) => Some(Event::Answer(Box::new(answer))),
                    None => anyhow::bail!("the part that talks to the server has ended"),
                },
                permit = commands.reserve(), if !self.outgoing.is_empty() => {
                    let Ok(permit) = permit else {
                        anyhow::bail!("the part that talks to the server has ended");
                    };
                    if let Some(command) = self.outgoing.pop_front() {
                        permit.send(command);
                    }
                    continue;
                },
                () = tokio::time::sleep_until(next_frame), if dirty => None,
                () = tokio::time::sleep_until(next_pause), if pause.is_some() => {
                    pause = None;
                    Some(Event::Pause)
                }
                () = tokio::time::sleep_until(next_idle), if idle_at.is_some() => {
                    idle_at = None;
                    Some(Event::Idle)
                }
                () = tokio::time::sleep_until(next_rest), if rest.is_some() => {
                    rest = None;
                    Some(Event::Rest)
                }
            };
            dirty |= happened.is_some();
            while let Some(event) = happened {
                if matches!(event, Event::Key(_) | Event::Paste(_)) {
                    pause = Some(Instant::now() + PAUSE);
                    rest = Some(Instant::now() + REST);
                }
                if event.is_of_user() {
                    idle_at = idle.map(|idle| Instant::now() + idle);
                }
                action::handle(&mut self.state, event);
                happened = self.waiting(&mut keys).await;
            }
            action::settle(&mut self.state);
            self.outgoing.extend(self.state.take_commands());
            self.effects()?;
            if dirty && drawn.elapsed() >= FRAME {
                self.draw()?;
                drawn = Instant::now();
                dirty = false;
            }
        }
        Ok(())
    }

    /// Reads the first room from disk, before anything is drawn or asked of a server.
    async fn first_picture(&mut self, commands: &mpsc::Sender<Command>) {
        let deadline = Instant::now() + FIRST_PICTURE;
        loop {
            action::settle(&mut self.state);
            for command in self.state.take_commands() {
                // Connecting waits until the picture stands.
                if matches!(command, Command::Start) {
                    self.outgoing.push_back(command);
                } else if commands.send(command).await.is_err() {
                    return;
                }
            }
            let reading = self.state.chat().is_some_and(|chat| !chat.started);
            if !reading {
                return;
            }
            match tokio::time::timeout_at(deadline, self.answers.recv()).await {
                Ok(Some(answer)) => {
                    action::handle(&mut self.state, Event::Answer(Box::new(answer)));
                }
                _ => return,
            }
        }
    }

    /// Something that has already happened, without waiting for more.
    async fn waiting(&mut self, keys: &mut EventStream) -> Option<Event> {
        // Polled as this task: the stream wakes whoever asked it last, and would wake nobody if it
        // had been asked in passing (`now_or_never`).
        let mut ready = std::future::poll_fn(|context| {
            Poll::Ready(match keys.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(event))) => Some(event),
                _ => None,
            })
        });
        while let Some(event) = (&mut ready).await {
            if let Some(event) = translate(event) {
                return Some(event);
            }
        }
        let answer = self.answers.try_recv().ok()?;
        Some(Event::Answer(Box::new(answer)))
    }

    fn effects(&mut self) -> anyhow::Result<()> {
        let mut out = io::stdout();
        for effect in self.state.take_effects() {
            match effect {
                Effect::Copy(text) => {
                    out.queue(CopyToClipboard::to_clipboard_from(text))?;
                }
                Effect::Bell => out.write_all(b"\x07")?,
                Effect::Redraw => self.terminal.clear()?,
            }
            out.flush()?;
        }
        Ok(())
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        let mut out = io::stdout();
        out.queue(BeginSynchronizedUpdate)?;
        let unread = view::unread(&self.state);
        if self.title.replace(unread) != Some(unread) {
            // Nobody else's text: a title is read by the terminal.
            let title = if unread > 0 {
                format!("erc ({unread})")
            } else {
                "erc".to_owned()
            };
            out.queue(SetTitle(title))?;
        }
        let Self {
            terminal,
            state,
            look,
            ..
        } = self;
        terminal.draw(|frame| {
            // The size that is drawn is the size that is clicked on.
            let area = frame.area();
            state.size = Size {
                width: area.width,
                height: area.height,
            };
            action::settle(state);
            view::draw(frame, state, look);
        })?;
        out.queue(EndSynchronizedUpdate)?;
        out.flush()?;
        Ok(())
    }
}

/// After how long without a key nobody is there; `None`: never.
fn idle_after(minutes: Option<&str>) -> Option<Duration> {
    match minutes.map(|minutes| minutes.trim().parse::<u64>()) {
        Some(Ok(0)) => None,
        Some(Ok(minutes)) => Some(Duration::from_secs(minutes.saturating_mul(60))),
        Some(Err(_)) | None => Some(IDLE),
    }
}

/// What the terminal told, if it means anything.
fn translate(event: TerminalEvent) -> Option<Event> {
    Some(match event {
        TerminalEvent::Key(key) => Event::Key(key),
        TerminalEvent::Paste(text) => Event::Paste(text),
        TerminalEvent::Mouse(mouse)
            if matches!(
                mouse.kind,
                MouseEventKind::Moved | MouseEventKind::Up(_) | MouseEventKind::Drag(_)
            ) =>
        {
            return None;
        }
        TerminalEvent::Mouse(mouse) => Event::Mouse(mouse),
        TerminalEvent::Resize(width, height) => Event::Resize(Size { width, height }),
        TerminalEvent::FocusGained => Event::Focus(true),
        TerminalEvent::FocusLost => Event::Focus(false),
    })
}

/// The system's wishes that the program end.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_minutes_without_a_key_are_idle_and_none_is_never() {
        assert_eq!(idle_after(None), Some(IDLE));
        assert_eq!(idle_after(Some("soon")), Some(IDLE));
        assert_eq!(idle_after(Some(" 3 ")), Some(Duration::from_mins(3)));
        assert_eq!(idle_after(Some("0")), None);
    }
}
