//! What was typed and not sent: no device's text may be lost to another's. A text is done with when
//! the device that shows it puts another in its place, sends it or gives it up.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{Cache, DraftRow, Truth};

/// A composer: by user, room and thread; 0 is the room's own.
type Place = (i64, i64, i64);

/// Texts that must be somewhere, with the device that typed each.
#[derive(Debug, Default)]
pub struct Typed {
    texts: BTreeMap<Place, BTreeSet<(String, usize)>>,
}

impl Typed {
    /// The text is on the device's disk.
    pub fn wrote(&mut self, place: Place, device: usize, text: String) {
        self.texts.entry(place).or_default().insert((text, device));
    }

    /// Somebody saw it and is done with it, or perhaps is.
    pub fn done(&mut self, place: Place, text: &str) {
        if let Some(texts) = self.texts.get_mut(&place) {
            texts.retain(|(held, _)| held != text);
        }
    }

    /// What waited on this device may be lost on purpose.
    pub fn forgot(&mut self, device: usize) {
        for texts in self.texts.values_mut() {
            texts.retain(|(_, by)| *by != device);
        }
    }

    /// Every text that is nowhere: neither on the server nor on a device of its writer's. `users`: whose
    /// each device is.
    pub fn lost(
        &self,
        truth: &Truth,
        caches: &BTreeMap<usize, Cache>,
        users: &[i64],
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for ((user, room, thread), texts) in &self.texts {
            let is_in = truth.rooms.get(room).is_some_and(|held| {
                let place = held.places.get(user);
                !held.is_deleted && place.is_some_and(|place| place.state == "joined")
            });
            if !is_in {
                continue;
            }
            let mine = caches.iter().filter(|(device, _)| users[**device] == *user);
            let here = mine.filter_map(|(_, cache)| cache.drafts.get(&(*room, *thread)));
            let there = truth.drafts.get(&(*user, *room, *thread));
            let held: Vec<&str> = here.chain(there).flat_map(DraftRow::texts).collect();
            for (text, device) in texts {
                if !held.iter().any(|held| held.contains(text.as_str())) {
                    wrong.push(format!(
                        "room {room}, thread {thread}: {text:?}, typed by user {user} on device {device}, is in none \
                         of {held:?}"
                    ));
                }
            }
        }
        wrong
    }
}
