//! What is remembered of whom: those who came lately, and no more than a fixed number.
//!
//! Two generations: whoever comes is in the young one. When that is full it becomes the old one, and
//! those who were in the old one and did not come again are forgotten. So each step costs the same,
//! however many there are, and nothing has to be swept.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;

/// How many a generation holds.
pub(super) const GENERATION: usize = 20_000;

/// When the bucket of each will be full again.
#[derive(Debug)]
pub(super) struct Recent<K>(Mutex<Generations<K>>);

#[derive(Debug)]
struct Generations<K> {
    young: HashMap<K, Nanos>,
    old: HashMap<K, Nanos>,
}

impl<K> Default for Recent<K> {
    fn default() -> Self {
        Self(Mutex::new(Generations {
            young: HashMap::new(),
            old: HashMap::new(),
        }))
    }
}

impl<K: Hash + Eq + Clone> StateStore for Recent<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = inner.young.get_mut(key) {
            let (answer, next) = measure(Some(*known))?;
            *known = next;
            return Ok(answer);
        }
        let (answer, next) = measure(inner.old.get(key).copied())?;
        if inner.young.len() >= GENERATION {
            inner.old = std::mem::take(&mut inner.young);
        }
        inner.young.insert(key.clone(), next);
        Ok(answer)
    }
}

#[cfg(test)]
impl<K> Recent<K> {
    pub(super) fn len(&self) -> usize {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.young.len() + inner.old.len()
    }
}
