//! Programs, links, servers and clocks.

use std::sync::atomic::Ordering;

use erc_server::bus::shared::Fate;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::MINUTE_MS;
use crate::sim::plan::{BusWeather, Step};
use crate::sim::run::Sim;

impl Sim<'_> {
    pub(super) async fn program(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Close { device } => {
                let number = self.number(device);
                // Closing waits for the server's goodbye, which a bad link may keep from it.
                self.devices[number].close().await?;
                self.tally.count("clients closed");
            }
            Step::Kill { device } => {
                let number = self.number(device);
                self.devices[number].kill();
                self.tally.count("clients killed at any moment");
            }
            Step::KillAtWrite {
                device,
                after,
                point,
            } => self.devices[self.number(device)].kill_at(after, point),
            Step::Start { device } => {
                let number = self.number(device);
                if self.signed_in[number] {
                    self.devices[number].start().await?;
                }
            }
            Step::SignOut { device, forget } => {
                let number = self.number(device);
                self.devices[number].link.mend();
                if self.devices[number].account().is_some() && self.signed_in[number] {
                    self.devices[number].sign_out(forget).await?;
                    self.signed_in[number] = false;
                    self.tally.count("clients signed out");
                    if forget {
                        self.ledger.forgot(number);
                        self.typed.forgot(number);
                        self.seen.remove(&number);
                    }
                }
            }
            Step::SignIn { device } => {
                let number = self.number(device);
                self.devices[number].link.mend();
                if !self.signed_in[number] && self.devices[number].sign_in().await.is_ok() {
                    self.signed_in[number] = true;
                    self.tally.count("clients signed in again");
                }
            }
            Step::DeviceClock { device, minutes } => {
                let device = &self.devices[self.number(device)];
                let ms = i64::from(minutes) * MINUTE_MS;
                device.ahead.fetch_add(ms, Ordering::SeqCst);
                self.tally.count("clients' clocks set");
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn network(&mut self, step: Step) {
        match step {
            Step::Cut { device } => {
                self.devices[self.number(device)].link.cut();
                self.tally.count("links cut");
            }
            Step::Mend { device } => {
                let device = &self.devices[self.number(device)];
                device.link.mend();
                if let Some(account) = device.account() {
                    account.reconnect_now();
                }
            }
            Step::Weather { device, weather } => {
                self.devices[self.number(device)].link.set_weather(weather);
            }
            Step::Stall { device, up } => {
                self.devices[self.number(device)].link.stall(up);
                self.tally.count("links stalled");
            }
            Step::Route { device, node } => {
                let number = self.number(device);
                self.routes[number] = node % self.nodes.len();
            }
            _ => {}
        }
    }

    pub(super) async fn server(&mut self, step: Step) -> anyhow::Result<()> {
        let count = self.nodes.len();
        match step {
            Step::KillNode { node } => self.nodes[node % count].kill(),
            Step::Fault {
                node,
                after,
                times,
                fault,
            } => self.nodes[node % count].arm(fault, after, times),
            Step::RestartNode { node } => {
                let node = &mut self.nodes[node % count];
                node.stop().await?;
                node.start().await?;
            }
            Step::Database => {
                self.database.trouble().await?;
                self.tally.count("databases cut off or locked");
            }
            Step::Bus { weather } => self.set_bus(weather),
            Step::StartNode { node } => self.nodes[node % count].start().await?,
            Step::NodeClock { node, minutes } => {
                let ms = i64::from(minutes) * MINUTE_MS;
                let clock = &self.nodes[node % count].clock;
                clock.fetch_add(ms, Ordering::SeqCst);
                self.tally.count("nodes' clocks set");
            }
            _ => {}
        }
        Ok(())
    }

    /// Time goes by everywhere.
    pub(super) fn pass(&self, minutes: u8) {
        let ms = i64::from(minutes) * MINUTE_MS;
        self.now.fetch_add(ms, Ordering::SeqCst);
        for node in &self.nodes {
            node.clock.fetch_add(ms, Ordering::SeqCst);
        }
        self.tally.count("minutes that went by for all");
    }

    /// What becomes of messages between nodes.
    pub(super) fn set_bus(&self, weather: BusWeather) {
        let mut random = StdRng::seed_from_u64(self.plan.seed);
        let tally = self.tally.clone();
        self.bus.mend();
        self.bus.resume();
        self.bus.on_each(move |_| {
            let mut strikes = |percent: u8| random.random_ratio(u32::from(percent.min(100)), 100);
            let (fate, what) = if strikes(weather.drop) {
                (Fate::Lost, "messages between nodes lost")
            } else if strikes(weather.duplicate) {
                (Fate::Twice, "messages between nodes doubled")
            } else if strikes(weather.reorder) {
                (Fate::Late(2), "messages between nodes overtaken")
            } else {
                (Fate::Arrives, "messages between nodes")
            };
            tally.count(what);
            fate
        });
        if weather.is_paused {
            self.bus.pause();
            self.tally.count("pauses of the bus");
        }
        if weather.is_cut {
            self.bus.cut();
            self.tally.count("nodes cut off from each other");
        }
    }
}
