//! Processes under measurement: the server on a folder of its own, and what the kernel says of any
//! process.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::programs::program;

/// What signs the tokens of every measured server.
pub const SECRET: &str = "a secret of the benchmark, no other";

/// Ticks of a process's clock in a second: `USER_HZ`, the same on every Linux.
const TICKS: f64 = 100.0;

/// Seconds of CPU that a process has used, user and system, all its threads.
pub fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold anything; behind it the fields are counted from 3.
    let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
    let fields: Vec<_> = fields.split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / TICKS)
}

/// A field of `/proc/PID/status`, such as `VmRSS` (bytes) or `voluntary_ctxt_switches`.
pub fn status(pid: u32, field: &str) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .with_context(|| format!("no {field}"))?;
    let mut words = value.split_whitespace();
    let number: u64 = words.next().context("empty")?.parse()?;
    Ok(if words.next() == Some("kB") {
        number * 1_024
    } else {
        number
    })
}

/// Voluntary context switches of all threads: how often the process fell asleep, so woke up.
pub fn sleeps(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("status"))?;
        sum += text
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
            .and_then(|number| number.trim().parse::<u64>().ok())
            .unwrap_or(0);
    }
    Ok(sum)
}

/// Resident memory, bytes.
pub fn memory(pid: u32) -> Result<u64> {
    status(pid, "VmRSS")
}

/// The highest resident memory since [`forget_peak`], bytes.
pub fn peak_memory(pid: u32) -> Result<u64> {
    status(pid, "VmHWM")
}

/// Begins the peak anew.
pub fn forget_peak(pid: u32) -> Result<()> {
    Ok(std::fs::write(format!("/proc/{pid}/clear_refs"), "5")?)
}

/// CPU seconds of this process and of another around a window.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pid: u32,
    theirs: f64,
    mine: f64,
    begun: Instant,
}

/// What a window saw.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// CPU seconds of the measured process.
    pub cpu: f64,
    /// CPU seconds of the load generator.
    pub generator: f64,
    /// Seconds on the wall.
    pub wall: f64,
}

impl Window {
    /// Begins.
    pub fn open(pid: u32) -> Result<Self> {
        Ok(Self {
            pid,
            theirs: cpu_seconds(pid)?,
            mine: cpu_seconds(std::process::id())?,
            begun: Instant::now(),
        })
    }

    /// Ends.
    pub fn close(self) -> Result<Used> {
        Ok(Used {
            cpu: cpu_seconds(self.pid)? - self.theirs,
            generator: cpu_seconds(std::process::id())? - self.mine,
            wall: self.begun.elapsed().as_secs_f64(),
        })
    }
}

/// A server process on its folder. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    data: PathBuf,
    address: SocketAddr,
    settings: Vec<(String, String)>,
    child: Option<Child>,
    /// From `exec` to `listening on`.
    pub start_took: Duration,
}

impl Server {
    /// Starts one on this folder, on a free port.
    pub fn start(data: &Path) -> Result<Self> {
        Self::start_with(data, &[])
    }

    /// As [`Self::start`], with these settings (`ERC_…`) besides.
    pub fn start_with(data: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let mut server = Self {
            data: data.to_owned(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            settings: settings
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            child: None,
            start_took: Duration::ZERO,
        };
        server.restart()?;
        Ok(server)
    }

    /// Another setting from the next start on.
    pub fn set(&mut self, key: &str, value: &str) {
        self.settings.push((key.to_owned(), value.to_owned()));
    }

    /// Starts it (again, on the same port).
    pub fn restart(&mut self) -> Result<()> {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.data.join("bench-server.log"))?;
        let begun = Instant::now();
        let mut child = Command::new(program("erc-server"))
            .arg("serve")
            .env("ERC_LISTEN", self.address.to_string())
            .env("ERC_DATA_DIR", &self.data)
            .env("ERC_RATE_LIMITS", "off")
            .env("ERC_SECRET_KEY", SECRET)
            .env("RUST_LOG", "warn")
            .envs(self.settings.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("stdout is piped")?);
        let mut line = String::new();
        while !line.contains("listening on http://") {
            line.clear();
            if out.read_line(&mut line)? == 0 {
                bail!("the server ended before it listened: {:?}", child.wait()?);
            }
        }
        self.start_took = begun.elapsed();
        let (_, address) = line.split_once("http://").context("an address")?;
        self.address = address.trim().trim_end_matches('/').parse()?;
        // Lines that come later find a reader, so that no full pipe stops the server.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        self.child = Some(child);
        Ok(())
    }

    /// Waits until it rests: what was written behind its back is indexed and counted by then.
    pub fn settle(&self) -> Result<()> {
        const LOOK: Duration = Duration::from_millis(500);
        let (begun, mut quiet) = (Instant::now(), 0);
        while quiet < 3 {
            let cpu = cpu_seconds(self.pid())?;
            std::thread::sleep(LOOK);
            let is_quiet = cpu_seconds(self.pid())? - cpu < 0.02;
            quiet = if is_quiet { quiet + 1 } else { 0 };
            if begun.elapsed() > Duration::from_mins(10) {
                bail!("the server does not come to rest");
            }
        }
        Ok(())
    }

    /// Where it listens; the same after each restart.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the server runs").id()
    }

    /// Asks it to end, or ends it as a power cut would, and waits until it has.
    pub fn stop(&mut self, gently: bool) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        if gently {
            Command::new("kill").arg(child.id().to_string()).status()?;
        } else {
            child.kill()?;
        }
        child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop(false);
    }
}
