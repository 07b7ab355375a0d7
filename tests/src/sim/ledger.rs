//! What was promised: everything that a program said is on disk or acknowledged. At a check each
//! promise is looked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::rows::{Cache, MessageRow, Truth, Waiting};

/// How sure the writer may be of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// The call came back: it is on the client's disk, or acknowledged by the server.
    Given,
    /// The call failed or the program died in it: once or not at all.
    Open,
}

/// A message that somebody wrote.
#[derive(Debug)]
struct Written {
    user: i64,
    room: i64,
    /// The device in whose outbox it was put; none for what went straight to a node.
    device: Option<usize>,
    promise: Promise,
    /// Every text that it may have; of what was forwarded, any.
    texts: BTreeSet<String>,
    is_forwarded: bool,
    /// The last text, if that is certain.
    last: Option<String>,
    /// Somebody asked for its deletion, or its outbox was thrown away.
    may_be_gone: bool,
    /// Who edited it: with two devices at it, either may be the last.
    editors: BTreeSet<usize>,
}

/// Message, user, emoji.
type Reacted = (String, i64, String);
/// Rows by `client_id`, with their rooms.
type Found<'t> = HashMap<&'t str, Vec<(i64, &'t MessageRow)>>;

/// All promises of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    /// By `client_id`.
    written: BTreeMap<String, Written>,
    /// Texts of sends of which not even the id is known.
    unknown: BTreeMap<String, i64>,
    /// The last wish of somebody for an emoji on a message (by `client_id`), if it is certain, and
    /// the devices that said one.
    reacted: BTreeMap<Reacted, (BTreeSet<usize>, Option<bool>)>,
    /// The same for what somebody chooses in a poll, a bit for each option.
    voted: BTreeMap<(String, i64), (BTreeSet<usize>, Option<i64>)>,
    /// By user and room, the highest mark put on disk since they came into the room.
    read: HashMap<(i64, i64), i64>,
    /// Rooms that people came to and left: marks that wait may be dropped there.
    restless: BTreeSet<i64>,
}

impl Ledger {
    pub fn wrote(
        &mut self,
        client_id: String,
        (user, room): (i64, i64),
        device: Option<usize>,
        promise: Promise,
        text: String,
    ) {
        let written = Written {
            user,
            room,
            device,
            promise,
            texts: BTreeSet::from([text.clone()]),
            is_forwarded: false,
            last: Some(text),
            may_be_gone: false,
            editors: BTreeSet::new(),
        };
        self.written.insert(client_id, written);
    }

    /// The text is the source's at the moment in which the server has it.
    pub fn forwarded(&mut self, client_id: String, (user, room): (i64, i64), device: usize) {
        let written = Written {
            user,
            room,
            device: Some(device),
            promise: Promise::Given,
            texts: BTreeSet::new(),
            is_forwarded: true,
            last: None,
            may_be_gone: false,
            editors: BTreeSet::new(),
        };
        self.written.insert(client_id, written);
    }

    pub fn reacted(&mut self, what: Reacted, device: usize, promise: Promise, on: bool) {
        let (devices, last) = self.reacted.entry(what).or_default();
        devices.insert(device);
        let is_certain = promise == Promise::Given && devices.len() == 1;
        *last = is_certain.then_some(on);
    }

    pub fn voted(&mut self, what: (String, i64), device: usize, promise: Promise, options: i64) {
        let (devices, last) = self.voted.entry(what).or_default();
        devices.insert(device);
        let is_certain = promise == Promise::Given && devices.len() == 1;
        *last = is_certain.then_some(options);
    }

    /// An open promise was given after all.
    pub fn keep(&mut self, client_id: &str) {
        if let Some(written) = self.written.get_mut(client_id) {
            written.promise = Promise::Given;
        }
    }

    /// A send that died in the middle, before it told its id.
    pub fn wrote_perhaps(&mut self, user: i64, text: String) {
        self.unknown.insert(text, user);
    }

    pub fn edited(&mut self, client_id: &str, device: usize, promise: Promise, text: &str) {
        let Some(written) = self.written.get_mut(client_id) else {
            return;
        };
        written.texts.insert(text.to_owned());
        written.editors.insert(device);
        let is_certain = promise == Promise::Given && written.editors.len() == 1;
        written.last = is_certain.then(|| text.to_owned());
    }

    pub fn deleted(&mut self, client_id: &str) {
        if let Some(written) = self.written.get_mut(client_id) {
            written.may_be_gone = true;
            // A deletion takes edits that wait away, also if it is refused later.
            written.last = None;
        }
    }

    /// What waited on this device may be lost on purpose.
    pub fn forgot(&mut self, device: usize) {
        for written in self.written.values_mut() {
            let is_of_it = written.device == Some(device);
            written.may_be_gone |= is_of_it;
            if written.editors.contains(&device) {
                written.last = None;
            }
        }
        for (devices, last) in self.reacted.values_mut() {
            if devices.contains(&device) {
                *last = None;
            }
        }
        for (devices, last) in self.voted.values_mut() {
            if devices.contains(&device) {
                *last = None;
            }
        }
        // Marks that waited there, too.
        self.read.clear();
    }

    pub fn read(&mut self, user: i64, room: i64, seq: i64) {
        if self.restless.contains(&room) {
            return;
        }
        let mark = self.read.entry((user, room)).or_default();
        *mark = (*mark).max(seq);
    }

    /// Somebody comes, goes, or is sent away: marks that wait are dropped.
    pub fn moved(&mut self, room: i64) {
        self.restless.insert(room);
        self.read.retain(|(_, of), _| *of != room);
    }

    /// Refusals were given up: what waited there may be gone.
    pub fn discarded(&mut self, device: usize, client_id: &str) {
        if let Some(written) = self.written.get_mut(client_id) {
            written.may_be_gone |= written.device == Some(device);
            written.last = None;
        }
    }

    /// Every promise that isn't kept. `caches`: of all devices, by number.
    pub fn broken(&self, truth: &Truth, caches: &BTreeMap<usize, Cache>) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut found: Found<'_> = HashMap::new();
        for (room, held) in &truth.rooms {
            for row in held.messages.values() {
                found.entry(&row.client_id).or_default().push((*room, row));
            }
        }
        for (id, written) in &self.written {
            let held = found.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            let parked = |entry: &&Waiting| entry.client_id.as_ref() == Some(id);
            let mut waiting = caches.values().flat_map(|c| c.outbox.iter()).filter(parked);
            let waits = waiting.next().is_some();
            match held {
                [] => {
                    let room = truth.rooms.get(&written.room);
                    let may_miss = written.promise == Promise::Open
                        || written.may_be_gone
                        || waits
                        || room.is_none_or(|room| room.is_deleted);
                    if !may_miss {
                        wrong.push(format!("lost: {id} {written:?}"));
                    }
                }
                [(room, row)] => {
                    if (*room, row.sender) != (written.room, written.user) {
                        wrong.push(format!("elsewhere: {id} {written:?} is {row:?} in {room}"));
                    }
                    if row.deleted_at.is_some() {
                        let has_expired = row.expires_at.is_some();
                        if !written.may_be_gone && !has_expired {
                            wrong.push(format!("deleted by nobody: {id} {written:?}"));
                        }
                        continue;
                    }
                    if !written.is_forwarded && !written.texts.contains(&row.content) {
                        wrong.push(format!("nobody wrote that: {row:?} of {written:?}"));
                    }
                    // What waited for a message goes with it, by the clock of who wrote it.
                    let goes = row.expires_at.is_some() || row.after_read_s.is_some();
                    let last = written.last.as_ref().filter(|_| !waits && !goes);
                    if last.is_some_and(|last| *last != row.content) {
                        wrong.push(format!("an edit is lost: {row:?} of {written:?}"));
                    }
                }
                _ => wrong.push(format!("more than once: {id} {held:?}")),
            }
        }
        let mut texts: HashMap<&str, u32> = HashMap::new();
        let rows = truth.rooms.values().flat_map(|room| room.messages.values());
        for row in rows.filter(|row| row.forwarded_from.is_none()) {
            *texts.entry(&row.content).or_default() += 1;
        }
        for text in self.unknown.keys() {
            if texts.get(text.as_str()).is_some_and(|times| *times > 1) {
                wrong.push(format!("more than once: {text:?}"));
            }
        }
        for ((id, user, emoji), (_, last)) in &self.reacted {
            let (Some(last), Some([(room, row)])) =
                (last, found.get(id.as_str()).map(Vec::as_slice))
            else {
                continue;
            };
            // What waits is dropped where people go.
            let goes = row.expires_at.is_some() || row.after_read_s.is_some();
            if row.deleted_at.is_some() || goes || self.restless.contains(room) {
                continue;
            }
            let is_on = truth.reactions.contains(&(row.id, emoji.clone(), *user));
            if is_on != *last {
                wrong.push(format!(
                    "{user} wanted {emoji} {last} on {row:?}, it is {is_on}"
                ));
            }
        }
        wrong.extend(self.wrong_votes(truth, &found));
        for ((user, room), seq) in &self.read {
            let place = truth.rooms.get(room).and_then(|room| room.places.get(user));
            if place.is_some_and(|place| place.state == "joined" && place.read_seq < *seq) {
                wrong.push(format!(
                    "room {room}: user {user} read up to {seq}, the server has {place:?}"
                ));
            }
        }
        wrong
    }

    fn wrong_votes(&self, truth: &Truth, found: &Found<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        for ((id, user), (_, last)) in &self.voted {
            let (Some(last), Some([(room, row)])) =
                (last, found.get(id.as_str()).map(Vec::as_slice))
            else {
                continue;
            };
            // A vote that comes too late is dropped, as is what waits where people go, and what waits
            // for a message that goes.
            let goes = row.expires_at.is_some() || row.after_read_s.is_some();
            let poll = row.poll.as_ref().filter(|poll| poll.closed_at.is_none());
            if poll.is_none() || goes || self.restless.contains(room) {
                continue;
            }
            let chose = truth.votes.get(&(row.id, *user));
            let chose = chose.map_or(0, |(options, _)| *options);
            if chose != *last {
                wrong.push(format!("{user} chose {last} in {row:?}, it is {chose}"));
            }
        }
        wrong
    }
}
