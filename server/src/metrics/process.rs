//! What the system says of this process. Where there is no `/proc`, nothing.

use std::fs;

use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use rustix::process::{Resource, getrlimit};

/// Fields of `/proc/self/stat` after the program's name (proc(5) counts from 1, the name is 2).
const USER_TIME: usize = 14 - 3;
const SYSTEM_TIME: usize = 15 - 3;
const START: usize = 22 - 3;

pub(super) fn register(registry: &mut Registry) {
    if let Some(pages) = resident_pages() {
        let bytes = pages * rustix::param::page_size() as u64;
        let gauge = ConstGauge::new(bytes);
        registry.register(
            "process_resident_memory_bytes",
            "Memory that the process holds",
            gauge,
        );
    }
    if let Some(times) = times() {
        registry.register(
            "process_cpu_seconds",
            "Processor time used, of all threads",
            ConstCounter::new(times.cpu),
        );
        registry.register(
            "process_start_time_seconds",
            "When the process began, in seconds since 1970",
            ConstGauge::new(times.start),
        );
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        registry.register(
            "process_open_fds",
            "File descriptors in use; a socket is one",
            ConstGauge::new(open.count() as u64),
        );
    }
    if let Some(most) = getrlimit(Resource::Nofile).current {
        registry.register(
            "process_max_fds",
            "File descriptors that the process may use",
            ConstGauge::new(most),
        );
    }
}

fn resident_pages() -> Option<u64> {
    let sizes = fs::read_to_string("/proc/self/statm").ok()?;
    sizes.split(' ').nth(1)?.parse().ok()
}

struct Times {
    /// Seconds.
    cpu: f64,
    /// Seconds since 1970.
    start: f64,
}

fn times() -> Option<Times> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name is in brackets and may hold anything.
    let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = f64::from(u32::try_from(rustix::param::clock_ticks_per_second()).ok()?);
    let seconds = |field: usize| {
        let value: f64 = fields.get(field)?.parse().ok()?;
        Some(value / ticks)
    };
    let boot: f64 = fs::read_to_string("/proc/stat")
        .ok()?
        .lines()
        .find_map(|line| line.strip_prefix("btime "))?
        .parse()
        .ok()?;
    Some(Times {
        cpu: seconds(USER_TIME)? + seconds(SYSTEM_TIME)?,
        start: boot + seconds(START)?,
    })
}
