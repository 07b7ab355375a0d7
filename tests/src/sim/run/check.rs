//! Making all well again, waiting until everything has come to rest, and asking the oracle.

use std::{collections::BTreeMap, sync::atomic::Ordering, time::Duration};

use erc_client_core::view::Connection;
use erc_protocol::RoomId;
use erc_server::store::{CountKey, Counts};
use tokio::time::Instant;

use super::{Sim, act::fill};
use crate::sim::{
    node::Node,
    oracle,
    plan::Check,
    rows::{Cache, Truth},
};

/// How long agreement may take. Nothing in the simulation needs a tenth of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const PAUSE: Duration = Duration::from_millis(12);
/// How often a client is told to look whether its link stands.
const NUDGE: Duration = Duration::from_millis(700);
/// How often the server may go on by itself while a user is signed in afresh.
const MOVES: usize = 8;
/// How often it is asked whether it has.
const LOOK: Duration = Duration::from_millis(400);
/// What is told of a failure.
const LINES: usize = 24;

impl Sim<'_> {
    /// Everything that is wrong once all had the time to agree.
    pub(super) async fn check(&mut self, check: Check) -> anyhow::Result<Vec<String>> {
        self.tally.count("checks");
        self.heal(check).await?;
        let is_whole = check == Check::Whole;
        let (mut truth, caches) = match self.rest(is_whole).await? {
            Ok(agreed) => agreed,
            Err(wrong) => return Ok(wrong),
        };
        let mut wrong = self.ledger.broken(&truth, &caches);
        let users: Vec<_> = (0..self.devices.len())
            .map(|number| self.user_of(number).id.0)
            .collect();
        wrong.extend(self.typed.lost(&truth, &caches, &users));
        wrong.extend(oracle::of_server_time(&self.seen_truth, &truth));
        wrong.extend(self.figures(&truth).await?);
        let messages = truth.rooms.values().map(|room| room.messages.len() as u64);
        self.tally.add("messages compared", messages.sum());
        for mirror in 0..self.mirrors.len() {
            let mut compared = self.sign_in_afresh(mirror, &truth).await?;
            // The time of a message or of a poll comes by itself, also while one looks.
            for _ in 0..MOVES {
                if compared.is_some() {
                    break;
                }
                self.tally.count("the server moved by itself");
                truth = match self.rest(is_whole).await? {
                    Ok((truth, _)) => truth,
                    Err(wrong) => return Ok(wrong),
                };
                compared = self.sign_in_afresh(mirror, &truth).await?;
            }
            let restless = || vec!["the server never comes to rest".to_owned()];
            wrong.extend(compared.unwrap_or_else(restless));
        }
        self.seen_truth = truth;
        wrong.truncate(LINES);
        Ok(wrong)
    }

    /// Starts what doesn't run, and takes all trouble away.
    async fn heal(&mut self, check: Check) -> anyhow::Result<()> {
        for node in &mut self.nodes {
            node.disarm();
            node.start().await?;
        }
        self.look_after();
        for node in &mut self.nodes {
            // One that died before its faults were taken away.
            node.start().await?;
        }
        self.bus.calm();
        for device in &self.devices {
            device.spare();
            if check != Check::Soft || device.link.is_rough() {
                device.link.cut();
            }
            device.link.mend();
        }
        self.look_after();
        for (device, signed_in) in self.devices.iter_mut().zip(&mut self.signed_in) {
            if *signed_in {
                device.start().await?;
            } else {
                device.sign_in().await?;
                *signed_in = true;
            }
            let Some(account) = device.account() else {
                continue;
            };
            if check == Check::Soft {
                // Only open rooms are told of again without a new connection.
                for room in &self.rooms {
                    let (account, room) = (account.clone(), *room);
                    let opening = async move { account.open_room(room).await.is_ok() };
                    device.call(PATIENCE, opening).await;
                }
            }
            account.reconnect_now();
        }
        Ok(())
    }

    /// Waits until every client agrees with the server; else tells how they differ.
    async fn rest(
        &mut self,
        is_whole: bool,
    ) -> anyhow::Result<Result<(Truth, BTreeMap<usize, Cache>), Vec<String>>> {
        let begun = Instant::now();
        let mut nudged = begun;
        loop {
            let truth = Truth::read(&self.database.url).await?;
            let mut caches = BTreeMap::new();
            let mut wrong = oracle::of_server(&truth);
            let clocks = self
                .nodes
                .iter()
                .map(|node| node.clock.load(Ordering::SeqCst));
            let now = clocks.max().unwrap_or(0);
            wrong.extend(oracle::of_expiry(&truth, now));
            wrong.extend(oracle::of_ends(&truth, now));
            for number in 0..self.devices.len() {
                let cache = Cache::read(&self.devices[number].store())?;
                wrong.extend(self.differences(number, &truth, &cache, is_whole)?);
                caches.insert(number, cache);
            }
            if wrong.is_empty() {
                return Ok(Ok((truth, caches)));
            }
            if begun.elapsed() > PATIENCE {
                wrong.truncate(LINES);
                return Ok(Err(wrong));
            }
            if nudged.elapsed() > NUDGE {
                nudged = Instant::now();
                for device in &mut self.devices {
                    if let Some(account) = device.account() {
                        account.reconnect_now();
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Has everything counted by a node, and compares.
    async fn figures(&mut self, truth: &Truth) -> anyhow::Result<Vec<String>> {
        let Some(app) = self.nodes.iter().find_map(Node::app) else {
            return Ok(vec!["no node runs".to_owned()]);
        };
        app.count().await?;
        let mut counted: BTreeMap<(i64, i64), Counts> = BTreeMap::new();
        let mut tx = app.db.snapshot().await?;
        for room in truth.rooms.keys() {
            let mut add = |key: CountKey, counts: Counts| {
                *counted.entry((*room, key.user.0)).or_default() += counts;
            };
            tx.each_count(Some(RoomId(*room)), i64::MIN..i64::MAX, &mut add)
                .await?;
        }
        self.tally.count("figures compared");
        Ok(oracle::of_figures(truth, &counted))
    }

    fn differences(
        &self,
        number: usize,
        truth: &Truth,
        cache: &Cache,
        is_whole: bool,
    ) -> anyhow::Result<Vec<String>> {
        let device = &self.devices[number];
        let user = self.user_of(number).id.0;
        let mut wrong = oracle::of_cache(truth, user, cache, device.now());
        let Some(account) = device.account() else {
            wrong.push("the program doesn't run".to_owned());
            return Ok(wrong);
        };
        let connection = device.connection();
        if !matches!(connection, Some(Connection::Live { .. })) {
            wrong.push(format!("its connection is {connection:?}"));
        } else if wrong.is_empty() {
            let (shown, asked) = (account.rooms()?, account.requests()?);
            wrong.extend(oracle::of_requests(truth, user, &shown, &asked));
            wrong.extend(oracle::of_counts(truth, user, &shown));
            wrong.extend(oracle::of_threads(truth, user, &account.threads()?));
            let rooms = oracle::rooms_of(truth, user).map(|(room, _)| RoomId(*room));
            let holes = rooms.filter(|room| is_whole && fill(&account, *room));
            wrong.extend(holes.map(|room| format!("room {room} has holes")));
        }
        let name = &device.name;
        Ok(wrong
            .into_iter()
            .map(|what| format!("{name}: {what}"))
            .collect())
    }

    /// Signs a user in as on a new machine, and compares what that shows with their devices. None if
    /// the server is no longer as it is to be compared with.
    async fn sign_in_afresh(
        &mut self,
        mirror: usize,
        truth: &Truth,
    ) -> anyhow::Result<Option<Vec<String>>> {
        let fresh = &mut self.mirrors[mirror];
        fresh.link.mend();
        fresh.start_anew().await?;
        let user = self.users[mirror].id.0;
        let begun = Instant::now();
        let mut looked = begun;
        let (mut wrong, shown) = loop {
            let fresh = &self.mirrors[mirror];
            let cache = Cache::read(&fresh.store())?;
            let mut wrong = oracle::of_cache(truth, user, &cache, fresh.now());
            let (shown, asked, threads) = match fresh.account() {
                Some(account) => (account.rooms()?, account.requests()?, account.threads()?),
                None => anyhow::bail!("a fresh program doesn't run"),
            };
            if wrong.is_empty() {
                wrong.extend(oracle::of_requests(truth, user, &shown, &asked));
                wrong.extend(oracle::of_counts(truth, user, &shown));
                wrong.extend(oracle::of_threads(truth, user, &threads));
            }
            if wrong.is_empty() || begun.elapsed() > PATIENCE {
                break (wrong, shown);
            }
            if looked.elapsed() > LOOK {
                looked = Instant::now();
                if Truth::read(&self.database.url).await? != *truth {
                    self.mirrors[mirror].close().await?;
                    return Ok(None);
                }
            }
            tokio::time::sleep(PAUSE).await;
        };
        let name = self.mirrors[mirror].name.clone();
        wrong = wrong
            .into_iter()
            .map(|what| format!("{name}, fresh: {what}"))
            .collect();
        for device in self.devices.iter().filter(|device| device.user == mirror) {
            let Some(account) = device.account() else {
                continue;
            };
            let differences = oracle::of_twins(truth, &account.rooms()?, &shown);
            wrong.extend(
                differences
                    .into_iter()
                    .map(|what| format!("{}: {what}", device.name)),
            );
        }
        self.tally.count("fresh sign-ins compared");
        self.mirrors[mirror].close().await?;
        Ok(Some(wrong))
    }
}
