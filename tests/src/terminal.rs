//! A real program in a pseudo-terminal (`erc`, mostly), with a terminal emulator that reads its screen.

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::{programs::program, wait::eventually_sync};

/// A program in a terminal. Dropping it kills the program.
pub struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

/// Keys by name.
pub mod key {
    pub const ENTER: &str = "\r";
    pub const ESCAPE: &str = "\x1b";
    pub const CTRL_C: &str = "\x03";
    pub const CTRL_K: &str = "\x0b";
    pub const CTRL_Q: &str = "\x11";
    pub const CTRL_U: &str = "\x15";
    pub const TAB: &str = "\t";
    pub const BACK_TAB: &str = "\x1b[Z";
    pub const UP: &str = "\x1b[A";
    pub const DOWN: &str = "\x1b[B";
    pub const PAGE_UP: &str = "\x1b[5~";
    pub const END: &str = "\x1b[F";
    pub const F1: &str = "\x1bOP";
}

fn size(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a screen has a size")
}

impl Terminal {
    /// Opens `erc` with these arguments.
    pub fn erc(home: &Path, arguments: &[&str]) -> Self {
        let home = home.to_str().expect("a temporary folder has a plain name");
        Self::open("erc", arguments, &[("ERC_HOME", home)])
    }

    /// Opens one of our programs in a terminal of 100 columns and 30 rows.
    pub fn open(name: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let (rows, cols) = (30, 100);
        let pair = native_pty_system()
            .openpty(PtySize {
                rows,
                cols,
                pixel_width: 0,
                pixel_height: 0,
            })
            .expect("the system has pseudo-terminals");
        let mut command = CommandBuilder::new(program(name));
        command.args(arguments);
        for (key, value) in settings {
            command.env(key, value);
        }
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        command.env_remove("NO_COLOR");
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(size(rows), size(cols), 0)));
        let mut output = pair
            .master
            .try_clone_reader()
            .expect("a terminal can be read");
        let keyboard = pair.master.take_writer().expect("it is taken once");
        let shown = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                lock(&shown).process(&bytes[..length]);
            }
        });
        Self {
            screen,
            keyboard,
            child,
            _master: pair.master,
        }
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// What is on the screen.
    pub fn contents(&self) -> String {
        lock(&self.screen).screen().contents()
    }

    /// Waits until the screen shows this text, and gives the screen.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?} on the screen"), |screen| {
            screen.contains(text)
        })
    }

    /// Waits until the screen is as it should be, and gives it.
    #[track_caller]
    pub fn wait_until(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        eventually_sync(
            what,
            || self.contents(),
            || Some(self.contents()).filter(|screen| fits(screen)),
        )
    }

    /// Types this.
    pub fn keys(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .and_then(|()| self.keyboard.flush())
            .expect("the program reads its terminal");
    }

    /// Types this line and Enter, once the composer shows it.
    pub fn line(&mut self, text: &str) {
        self.keys(text);
        self.wait_for(text);
        self.keys(key::ENTER);
    }

    /// Ends the program as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Waits until the program has ended by itself; whether it succeeded.
    pub fn ended(&mut self) -> bool {
        let child = &mut self.child;
        let screen = &self.screen;
        eventually_sync(
            "the program ends",
            || lock(screen).screen().contents(),
            || child.try_wait().expect("our own child can be asked"),
        )
        .success()
    }
}

fn lock(screen: &Mutex<vt100::Parser>) -> MutexGuard<'_, vt100::Parser> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the screen:\n{}\n---", self.contents());
        }
        self.kill();
    }
}
