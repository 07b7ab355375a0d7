//! A NATS server of a test's own.

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
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let server = Self {
            program: program?,
            port,
            process: Arc::default(),
        };
        server.start();
        Some(server)
    }

    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it (again) and waits until it listens.
    pub(super) fn start(&self) {
        let child = Command::new(&self.program)
            .args(["-a", "127.0.0.1", "-p", &self.port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        *self.process.lock().unwrap() = Some(child);
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "nats-server doesn't listen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// As a power cut would.
    pub(super) fn kill(&self) {
        if let Some(mut child) = self.process.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
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
