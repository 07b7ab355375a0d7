//! A NATS server of a test's own.

use std::{
    io::Read as _,
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::wait::eventually_sync;

/// `nats-server` on a port of its own, running or not. Dropping it ends the process.
#[derive(Debug)]
pub struct NatsServer {
    program: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl NatsServer {
    /// Starts one. `None` if the program isn't there (in `PATH` or `/usr/sbin`), or if
    /// `ERC_TEST_NO_NATS=1` says that it is missed on purpose; in CI it must be there.
    ///
    /// # Panics
    /// If it doesn't start.
    pub fn begin() -> Option<Self> {
        if std::env::var("ERC_TEST_NO_NATS").is_ok_and(|no| no == "1") {
            return None;
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program = std::env::split_paths(&path)
            .chain([PathBuf::from("/usr/sbin")])
            .map(|folder| folder.join("nats-server"))
            .find(|program| program.is_file());
        assert!(
            program.is_some() || std::env::var("CI").as_deref() != Ok("true"),
            "there is no nats-server, and in CI nothing may be skipped"
        );
        // Below those that the system gives to whoever asks for any: other tests' servers ask all the
        // time.
        let port = std::iter::repeat_with(|| 10_000 + rand::random::<u16>() % 20_000)
            .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())?;
        let mut server = Self {
            program: program?,
            port,
            process: None,
        };
        server.start();
        Some(server)
    }

    /// Where it listens; the same after each start.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Starts it (again) and waits until it answers; once more if somebody else had its port.
    ///
    /// # Panics
    /// If it doesn't.
    pub fn start(&mut self) {
        eventually_sync("nats-server answers", String::new, || {
            let spawn = || {
                Command::new(&self.program)
                    .args(["-a", "127.0.0.1", "-p", &self.port.to_string()])
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("the program starts")
            };
            let child = self.process.get_or_insert_with(spawn);
            if !matches!(child.try_wait(), Ok(None)) {
                self.process = None;
                return None;
            }
            // What listens there is a NATS server: it speaks first.
            let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
            let mut word = [0; 4];
            stream.read_exact(&mut word).ok()?;
            (word == *b"INFO").then_some(())
        });
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.process.take() {
            child.kill().expect("our own child can be killed");
            child.wait().expect("our own child can be waited for");
        }
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}
