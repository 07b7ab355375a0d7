//! Colours of even lightness, computed in OKLCH and brought down to what the terminal has.

use erc_client_core::protocol::UserId;
use ratatui::style::Color;

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// `NO_COLOR`: weight, underline and reverse only.
    None,
    /// The terminal's own sixteen.
    Sixteen,
    /// The 6x6x6 cube and the greys.
    Cube,
    /// 24 bits.
    True,
}

impl Depth {
    /// From `NO_COLOR`, `COLORTERM` and `TERM`, asked through `var`.
    pub fn detect(var: impl Fn(&str) -> Option<String>) -> Self {
        if var("NO_COLOR").is_some_and(|v| !v.is_empty()) {
            return Self::None;
        }
        let term = var("TERM").unwrap_or_default();
        if term == "dumb" {
            return Self::None;
        }
        if var("COLORTERM").is_some_and(|v| v.contains("truecolor") || v.contains("24bit")) {
            return Self::True;
        }
        if term.contains("256") || cfg!(windows) {
            return Self::Cube;
        }
        Self::Sixteen
    }
}

/// Chroma that sRGB holds at every hue for the lightnesses used here.
const CHROMA: f64 = 0.12;
/// Successive ids are this many degrees apart, so that neighbours differ (the golden angle).
const STEP: f64 = 137.507_764;

pub(super) fn of_user(user: UserId, depth: Depth, light: bool) -> Color {
    if depth == Depth::Sixteen {
        const NAMES: [Color; 6] = [
            Color::Green,
            Color::Yellow,
            Color::Blue,
            Color::Magenta,
            Color::Cyan,
            Color::Red,
        ];
        let index = user.0.rem_euclid(NAMES.len() as i64);
        return NAMES[usize::try_from(index).unwrap_or_default()];
    }
    // Ids stay below 2^53, where f64 is exact.
    #[expect(clippy::cast_precision_loss, reason = "ids are below 2^53")]
    let degrees = (user.0 as f64 * STEP).rem_euclid(360.0);
    hue(degrees, depth, light)
}

pub(super) fn hue(degrees: f64, depth: Depth, light: bool) -> Color {
    let lightness = if light { 0.52 } else { 0.76 };
    let [r, g, b] = oklch(lightness, CHROMA, degrees);
    fit(r, g, b, depth)
}

pub(super) fn grey(depth: Depth, light: bool) -> Color {
    let v = if light { 0x66 } else { 0x90 };
    fit(v, v, v, depth)
}

pub(super) fn surface(depth: Depth, light: bool) -> Color {
    let v = if light { 0xE4 } else { 0x30 };
    fit(v, v, v, depth)
}

fn fit(r: u8, g: u8, b: u8, depth: Depth) -> Color {
    match depth {
        Depth::True => Color::Rgb(r, g, b),
        _ if r == g && g == b => {
            // 232..=255 are the greys 8, 18, … 238.
            Color::Indexed(232 + (r.saturating_sub(8) / 10).min(23))
        }
        _ => {
            let step = |v: u8| match v {
                0..48 => 0,
                48..115 => 1,
                _ => (v - 35) / 40,
            };
            Color::Indexed(16 + 36 * step(r) + 6 * step(g) + step(b))
        }
    }
}

/// OKLCH to sRGB (Ottosson's matrices), clipped to the gamut.
fn oklch(lightness: f64, chroma: f64, degrees: f64) -> [u8; 3] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let cones = [
        lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b,
        lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b,
        lightness - 0.089_484_177_5 * a - 1.291_485_548 * b,
    ]
    .map(|cone| cone.powi(3));
    [
        [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
        [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
        [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701],
    ]
    .map(|row: [f64; 3]| gamma(row.iter().zip(cones).map(|(m, cone)| m * cone).sum()))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to 0..=255 before the cast"
)]
fn gamma(linear: f64) -> u8 {
    let v = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (v * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(color: Color) -> f64 {
        let Color::Rgb(r, g, b) = color else {
            panic!("a true colour")
        };
        0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
    }

    #[test]
    fn people_are_about_equally_light() {
        let all: Vec<f64> = (1..200)
            .map(|id| luminance(of_user(UserId(id), Depth::True, false)))
            .collect();
        let lowest = all.iter().copied().fold(f64::MAX, f64::min);
        let highest = all.iter().copied().fold(f64::MIN, f64::max);
        assert!(lowest > 140.0 && highest < 215.0, "{lowest}..{highest}");
    }

    #[test]
    fn neighbours_differ() {
        for id in 1..50 {
            assert_ne!(
                of_user(UserId(id), Depth::Cube, false),
                of_user(UserId(id + 1), Depth::Cube, false)
            );
        }
    }

    #[test]
    fn the_environment_decides_the_depth() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| {
                pairs
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            }
        };
        assert_eq!(
            Depth::detect(env(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")])),
            Depth::None
        );
        assert_eq!(
            Depth::detect(env(&[("COLORTERM", "truecolor")])),
            Depth::True
        );
        assert_eq!(
            Depth::detect(env(&[("TERM", "tmux-256color")])),
            Depth::Cube
        );
        assert_eq!(Depth::detect(env(&[("TERM", "xterm")])), Depth::Sixteen);
        assert_eq!(Depth::detect(env(&[("TERM", "dumb")])), Depth::None);
    }
}
