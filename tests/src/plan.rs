//! Seeded random schedules: a failure prints its seed and its steps, and replays with
//! `ERC_PLAN_SEED=…`.

use std::{fmt::Write as _, path::PathBuf};

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{ids, programs::repository};

/// A run of one seed. Its steps are kept until it is dropped, and saved if the test fails.
pub struct Plan {
    pub seed: u64,
    name: &'static str,
    random: StdRng,
    steps: Vec<String>,
}

/// The seeds to run: the one of `ERC_PLAN_SEED` alone; else these, and with `ERC_PLAN_FRESH` as
/// many fresh ones as it says.
pub fn seeds(fixed: &[u64]) -> Vec<u64> {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = variable("ERC_PLAN_SEED") {
        return vec![seed];
    }
    let fresh = variable("ERC_PLAN_FRESH").unwrap_or(0);
    fixed
        .iter()
        .copied()
        .chain((0..fresh).map(|_| ids::seed()))
        .collect()
}

impl Plan {
    pub fn new(name: &'static str, seed: u64) -> Self {
        println!("plan {name}: ERC_PLAN_SEED={seed}");
        Self {
            seed,
            name,
            random: StdRng::seed_from_u64(seed),
            steps: Vec::new(),
        }
    }

    /// Writes down what is done next.
    pub fn step(&mut self, what: impl Into<String>) {
        self.steps.push(what.into());
    }

    /// One of these.
    ///
    /// # Panics
    /// If there is none.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.random.random_range(0..choices.len())]
    }

    /// A number below this.
    pub fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }

    /// True this often.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.random.random_ratio(percent, 100)
    }

    fn save(&self) -> std::io::Result<PathBuf> {
        let folder = repository().join("tests/output");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}-{}.txt", self.name, self.seed));
        let mut text = String::new();
        for (number, step) in self.steps.iter().enumerate() {
            let _ = writeln!(text, "{:4} {step}", number + 1);
        }
        std::fs::write(&path, text)?;
        Ok(path)
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "plan {} failed after {} steps; replay with ERC_PLAN_SEED={}",
                self.name,
                self.steps.len(),
                self.seed
            );
            match self.save() {
                Ok(path) => eprintln!("its steps are in {}", path.display()),
                Err(error) => eprintln!("its steps could not be saved: {error}"),
            }
        }
    }
}
