//! A NATS server of a test's own.

use std::{
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
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
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
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

    /// Starts it (again) and waits until it listens.
    ///
    /// # Panics
    /// If it doesn't.
    pub fn start(&mut self) {
        let child = Command::new(&self.program)
            .args(["-a", "127.0.0.1", "-p", &self.port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        self.process = Some(child);
        eventually_sync("nats-server listens", String::new, || {
            TcpStream::connect(("127.0.0.1", self.port)).ok()
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
