//! A real `erc-server` process, on SQLite or (`ERC_TEST_ON=postgres`) a PostgreSQL database of its
//! own.
//!
//! It owns its data directory and keeps its port over restarts. Dropping it kills the process; if
//! the test failed, the end of its log is printed.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{postgres, programs::program};

/// The password of everybody whom [`TestServer::add_user`] makes.
pub const PASSWORD: &str = "correct horse battery";

/// A server, running or killed.
pub struct TestServer {
    data: TempDir,
    port: u16,
    settings: Vec<(String, String)>,
    process: Option<Child>,
    /// Held for the server, as a service manager would.
    socket: Option<TcpListener>,
}

impl TestServer {
    /// Starts one on a fresh data directory and a free port, without rate limits.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// As [`Self::start`], with these settings (`ERC_…`) over the defaults.
    pub fn start_with(settings: &[(&str, &str)]) -> Self {
        let mut settings: Vec<_> = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        if postgres::is_wanted() && !settings.iter().any(|(key, _)| key == "ERC_DATABASE_URL") {
            settings.push(("ERC_DATABASE_URL".to_owned(), postgres::fresh_database()));
        }
        let mut server = Self {
            data: tempfile::tempdir().expect("the temporary folder takes one more"),
            port: 0,
            settings,
            process: None,
            socket: None,
        };
        server.restart();
        server
    }

    /// The listening socket outlives the process from the next start on, as under systemd's socket
    /// activation: nobody is refused while the server restarts.
    ///
    /// # Panics
    /// If the server runs.
    pub fn hold_socket(&mut self) {
        assert!(self.process.is_none(), "the running server has the socket");
        let socket = TcpListener::bind(("127.0.0.1", self.port)).expect("the port is ours");
        self.socket = Some(socket);
    }

    /// Changes a setting (`ERC_…`) for the next start and for commands.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.retain(|(other, _)| other != key);
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// The address: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port; the same after each restart.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where it keeps everything.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Starts the process (again) and waits until it listens.
    ///
    /// # Panics
    /// If it ends instead.
    pub fn restart(&mut self) {
        assert!(self.process.is_none(), "the server runs already");
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .expect("the data directory is ours");
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = self.command("serve");
        if let Some(socket) = &self.socket {
            let socket = socket.try_clone().expect("a socket can be shared");
            command = activated(&command, socket);
        } else {
            command.stdin(Stdio::null());
        }
        let mut process = command
            .env("ERC_LISTEN", listen)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server program starts");
        let mut lines = BufReader::new(process.stdout.take().expect("stdout is piped")).lines();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                let _ = process.kill();
                panic!(
                    "the server ended before it listened ({:?}):\n{}",
                    process.wait(),
                    self.log_end()
                );
            };
            if let Some((_, address)) = line.split_once("listening on http://") {
                break address.trim().to_owned();
            }
        };
        self.port = address
            .rsplit(':')
            .next()
            .and_then(|port| port.trim_end_matches('/').parse().ok())
            .expect("the address ends with a port");
        // Keeps the pipe open, so that a later line does not kill the server.
        let mut keep = self.log_path();
        keep.set_extension("out");
        std::thread::spawn(move || {
            let mut out = File::create(keep).ok();
            for line in lines.map_while(Result::ok) {
                if let Some(out) = &mut out {
                    let _ = writeln!(out, "{line}");
                }
            }
        });
        self.process = Some(process);
    }

    /// Ends it as a power cut would: no drain, no goodbye.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("our own child can be killed");
            process.wait().expect("our own child can be waited for");
        }
    }

    /// Asks it to end (SIGTERM) and gives its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let mut process = self.process.take()?;
        let asked = Command::new("kill")
            .arg(process.id().to_string())
            .status()
            .expect("kill is a program of every system");
        assert!(asked.success(), "the server was gone already");
        process
            .wait()
            .expect("our own child can be waited for")
            .code()
    }

    /// Makes a user with [`PASSWORD`], also while the server runs.
    pub fn add_user(&self, name: &str) {
        self.add_user_as(name, "member");
    }

    /// As [`Self::add_user`], with a role.
    pub fn add_user_as(&self, name: &str, role: &str) {
        let output = self.run(
            &["user", "add", name, "--password-stdin", "--role", role],
            PASSWORD,
        );
        assert!(
            output.status.success(),
            "user add {name}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Runs a command of the server program on this data directory.
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments[0]);
        command.args(&arguments[1..]);
        run_with_input(command, input)
    }

    /// Everything that it has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// What it printed since it listened, and logged.
    pub fn log_end(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }

    fn log_path(&self) -> PathBuf {
        self.data.path().join("test-server.log")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program("erc-server"));
        command
            .arg(name)
            .current_dir(self.data.path())
            .env("ERC_DATA_DIR", self.data.path().join("data"))
            .env("ERC_RATE_LIMITS", "off")
            .envs(self.settings.iter().map(|(k, v)| (k, v)));
        command
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- the server's log ends:\n{}\n---", self.log_end());
        }
    }
}

/// The same command, started with this socket as its descriptor 3.
fn activated(command: &Command, socket: TcpListener) -> Command {
    const START: &str = "exec 3<&0 0</dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell
        .args(["-c", START])
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().expect("it was set"))
        .stdin(Stdio::from(OwnedFd::from(socket)));
    for (key, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(key, value);
        }
    }
    shell
}

/// Runs a program to its end with this text as its input.
pub fn run_with_input(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = input.to_owned();
    // A program that ends without reading breaks the pipe; its own words tell why.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("writing does not panic");
    output
}
