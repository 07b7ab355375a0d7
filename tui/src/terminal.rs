//! The terminal, taken and given back.
//!
//! Whatever ends the program (its own end, an error, a panic, a signal), the terminal is left as it
//! was found: [`Guard`] restores it when dropped, the panic hook before the message is printed.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    QueueableCommand as _, cursor,
    event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange},
    terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
};

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Clicks and the wheel, reported as SGR; no movements, which would wake an idle program.
const CLICKS_ON: &str = "\x1b[?1000h\x1b[?1006h";
const CLICKS_OFF: &str = "\x1b[?1006l\x1b[?1000l";
/// The title is put aside and taken back (xterm; others ignore it).
const TITLE_ASIDE: &str = "\x1b[22;2t";
const TITLE_BACK: &str = "\x1b[23;2t";

/// The terminal is ours while this lives.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal.
    pub fn take() -> io::Result<Self> {
        static HOOK: std::sync::Once = std::sync::Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                before(panic);
            }));
        });
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let guard = Self(());
        enter(&mut io::stdout())?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back; once, however often it is called.
fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // If the terminal is gone there is nobody to tell.
        let _ = leave(&mut io::stdout());
        let _ = terminal::disable_raw_mode();
    }
}

/// Writes what takes the terminal.
pub fn enter(out: &mut impl Write) -> io::Result<()> {
    out.write_all(TITLE_ASIDE.as_bytes())?;
    out.queue(EnterAlternateScreen)?
        .queue(EnableBracketedPaste)?
        .queue(EnableFocusChange)?;
    if cfg!(windows) {
        out.queue(crossterm::event::EnableMouseCapture)?;
    } else {
        out.write_all(CLICKS_ON.as_bytes())?;
    }
    out.flush()
}

/// Writes what gives it back.
pub fn leave(out: &mut impl Write) -> io::Result<()> {
    if cfg!(windows) {
        out.queue(crossterm::event::DisableMouseCapture)?;
    } else {
        out.write_all(CLICKS_OFF.as_bytes())?;
    }
    out.queue(DisableFocusChange)?
        .queue(DisableBracketedPaste)?
        .queue(LeaveAlternateScreen)?
        .queue(cursor::Show)?;
    out.write_all(TITLE_BACK.as_bytes())?;
    out.flush()
}
