//! One line a figure: what was measured, what it should be, and whether it is.

use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;

use super::machine::Machine;

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
    /// Shown for what it tells.
    None,
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub row: &'static str,
    pub what: String,
    pub value: f64,
    pub unit: &'static str,
    pub goal: Goal,
    /// What it was held against, if anything: a floor's figure in the same unit.
    pub floor: Option<f64>,
}

/// Everything that a run found.
#[derive(Debug, Default)]
pub struct Report {
    figures: Vec<Figure>,
    notes: Vec<String>,
}

impl Report {
    /// Adds a figure, and tells it at once: a run is long.
    pub fn add(
        &mut self,
        row: &'static str,
        what: impl Into<String>,
        (value, unit): (f64, &'static str),
        goal: Goal,
        floor: Option<f64>,
    ) {
        let figure = Figure {
            row,
            what: what.into(),
            value,
            unit,
            goal,
            floor,
        };
        eprintln!("{}", line(&figure));
        self.figures.push(figure);
    }

    /// A figure without goal or floor.
    pub fn tell(&mut self, row: &'static str, what: impl Into<String>, value: (f64, &'static str)) {
        self.add(row, what, value, Goal::None, None);
    }

    /// Something to be said in words.
    pub fn note(&mut self, row: &'static str, words: impl Into<String>) {
        let note = format!("{row}: {}", words.into());
        eprintln!("{note}");
        self.notes.push(note);
    }

    /// As a table for people.
    #[must_use]
    pub fn table(&self, machine: &Machine) -> String {
        let mut out = format!(
            "{} · {} cores · {} GiB · Linux {} · commit {} · {} · load {}{}\n\n",
            machine.cpu,
            machine.cores,
            machine.memory,
            machine.kernel,
            machine.commit,
            machine.date,
            machine.load,
            if machine.optimised {
                ""
            } else {
                " · NOT an optimised build"
            }
        );
        let _ = writeln!(
            out,
            "{:<14} {:<58} {:>12} {:<12} {:>10} {:>10} {:>7}  met",
            "row", "what", "measured", "unit", "goal", "floor", "ratio"
        );
        for figure in &self.figures {
            out += &line(figure);
            out.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(out, "  {note}");
        }
        out
    }

    /// As JSON for later runs to compare with.
    #[must_use]
    pub fn json(&self, machine: &Machine) -> serde_json::Value {
        let figures: Vec<_> = self
            .figures
            .iter()
            .map(|figure| {
                let mut value = json!(figure);
                value["ratio"] = json!(figure.floor.map(|floor| figure.value / floor));
                value["met"] = json!(met(figure));
                value
            })
            .collect();
        json!({ "machine": machine, "figures": figures, "notes": self.notes })
    }
}

fn met(figure: &Figure) -> Option<bool> {
    match figure.goal {
        Goal::AtMost(most) => Some(figure.value <= most),
        Goal::AtLeast(least) => Some(figure.value >= least),
        Goal::None => None,
    }
}

fn line(figure: &Figure) -> String {
    let (sign, goal) = match figure.goal {
        Goal::AtMost(most) => ("≤ ", number(most)),
        Goal::AtLeast(least) => ("≥ ", number(least)),
        Goal::None => ("", String::new()),
    };
    let floor = figure.floor.map_or_else(String::new, number);
    let ratio = figure
        .floor
        .map_or_else(String::new, |floor| format!("{:.2}", figure.value / floor));
    let met = met(figure).map_or("", |met| if met { "yes" } else { "NO" });
    format!(
        "{:<14} {:<58} {:>12} {:<12} {:>10} {floor:>10} {ratio:>7}  {met}",
        figure.row,
        figure.what,
        number(figure.value),
        figure.unit,
        format!("{sign}{goal}"),
    )
    .trim_end()
    .to_owned()
}

fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1_000.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The middle one; of two, the upper.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The number below which this share of all lies.
///
/// # Panics
/// If there is none.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "counts far below 2^52"
)]
pub fn percentile(numbers: &mut [f64], share: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let place = (numbers.len() as f64 * share) as usize;
    numbers[place.min(numbers.len() - 1)]
}
