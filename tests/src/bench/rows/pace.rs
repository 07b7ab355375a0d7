//! Messages into one room at a steady pace, and how long each took to be acknowledged and to be
//! heard by somebody else.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use erc_protocol::RoomId;

use super::real;
use crate::bench::frames::SendFrames;
use crate::bench::report::percentile;
use crate::bench::swarm::{LinkId, Swarm, find};

/// Milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency {
    pub(super) ack: Spread,
    pub(super) delivery: Spread,
}

/// Milliseconds: the middle, and what 99 of 100 stay below.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl Spread {
    fn of(mut numbers: Vec<f64>) -> Self {
        Self {
            p50: percentile(&mut numbers, 0.5),
            p99: percentile(&mut numbers, 0.99),
        }
    }
}

/// Who writes, who listens, and how fast.
pub(super) struct Pace<'a> {
    pub(super) writers: &'a [LinkId],
    pub(super) observer: LinkId,
    pub(super) room: RoomId,
    /// Messages a second.
    pub(super) rate: f64,
    pub(super) messages: usize,
}

/// Writes and watches. The payloads of the writers and of the observer are kept while it lasts.
pub(super) fn at_a_pace(swarm: &mut Swarm, pace: &Pace<'_>) -> Result<Latency> {
    for link in pace.writers.iter().chain([&pace.observer]) {
        swarm.keep(*link, true);
    }
    let mut sent: Vec<Instant> = Vec::with_capacity(pace.messages);
    let (mut acks, mut deliveries, mut refused) = (vec![], vec![], false);
    let (mut frames, mut bytes) = (SendFrames::default(), Vec::new());
    let begun = Instant::now();
    let mut last = begun;
    while acks.len() < pace.messages || deliveries.len() < pace.messages {
        while sent.len() < pace.messages
            && begun.elapsed().as_secs_f64() * pace.rate >= real(sent.len())
        {
            let number = sent.len();
            bytes.clear();
            frames.push(&mut bytes, pace.room, number as u64, &format!("@{number}@"));
            sent.push(Instant::now());
            swarm.send(pace.writers[number % pace.writers.len()], &bytes)?;
        }
        let came = swarm.turn(Duration::from_millis(1), |heard| {
            let since = |number: Option<usize>| {
                let at = sent.get(number?)?;
                Some(at.elapsed().as_secs_f64() * 1e3)
            };
            if heard.payload.starts_with(br#"{"type":"ack""#) {
                acks.extend(since(number_after(heard.payload, br#"},"id":"#)));
            } else if heard.payload.starts_with(br#"{"type":"error""#) {
                refused = true;
            } else if heard.link == pace.observer {
                deliveries.extend(since(number_after(heard.payload, br#""content":"@"#)));
            }
        })?;
        ensure!(!refused, "a message was refused");
        if came {
            last = Instant::now();
        }
        ensure!(
            last.elapsed() < Duration::from_secs(30),
            "{} acknowledged and {} heard of {}, then nothing",
            acks.len(),
            deliveries.len(),
            pace.messages
        );
    }
    for link in pace.writers.iter().chain([&pace.observer]) {
        swarm.keep(*link, false);
    }
    Ok(Latency {
        ack: Spread::of(acks),
        delivery: Spread::of(deliveries),
    })
}

/// The number that stands behind the last of these marks.
fn number_after(payload: &[u8], mark: &[u8]) -> Option<usize> {
    let mut from = find(payload, mark)? + mark.len();
    while let Some(next) = find(&payload[from..], mark) {
        from += next + mark.len();
    }
    let digits = payload[from..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    std::str::from_utf8(&payload[from..from + digits.count()])
        .ok()?
        .parse()
        .ok()
}
