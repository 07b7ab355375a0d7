//! A NATS server of a test's own.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::harness::PATIENCE;

/// `nats-server` on a port of its own, running or not. Clones are the same one.
#[derive(Clone)]
pub(super) struct NatsServer {
    program: PathBuf,
    port: u16,
    process: Arc<Mutex<Option<Child>>>,
}

impl NatsServer {
    /// Starts one; `None` if the program isn't there and nobody insists.
    pub(super) fn begin() -> Option<Self> {
        if std::env::var("ERC_TEST_NO_NATS").is_ok_and(|no| no == "1") {
            return None;
        }
        let program = program();
        if program.is_none() {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "there is no nats-server, and in CI nothing may be skipped"
            );
        }
        let server = Self {
            program: program?,
            port: free_port(),
            process: Arc::default(),
        };
        server.start();
        Some(server)
    }

    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it (again) and waits until it answers; once more if somebody else had its port.
    pub(super) fn start(&self) {
        let mut running = self.process.lock().unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "nats-server doesn't answer");
            let child = running.get_or_insert_with(|| self.spawn());
            if child.try_wait().unwrap().is_some() {
                *running = None;
            } else if self.answers() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn spawn(&self) -> Child {
        Command::new(&self.program)
            .args(["-a", "127.0.0.1", "-p", &self.port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Whether what listens there is a NATS server: it speaks first.
    fn answers(&self) -> bool {
        let greeting = || {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            let mut word = [0; 4];
            stream.read_exact(&mut word).map(|()| word)
        };
        greeting().is_ok_and(|word| word == *b"INFO")
    }

    /// As a power cut would.
    pub(super) fn kill(&self) {
        if let Some(mut child) = self.process.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// Below those that the system gives to whoever asks for any: other tests' servers ask all the time.
fn free_port() -> u16 {
    loop {
        let port = 10_000 + rand::random::<u16>() % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("nats-server"))
        .find(|program| program.is_file())
}
