//! The named colours of the design language, in as many colours as the terminal has.
//!
//! Views ask for a meaning (`dim`, `accent`, `bad`, a person) and get a style. The background stays
//! the terminal's own, so the client looks at home on dark and light ones.

mod colour;
mod glyphs;

use erc_client_core::protocol::UserId;
use ratatui::style::{Color, Modifier, Style};

pub use colour::Depth;
pub use glyphs::Glyphs;

/// What a view needs to know about the terminal it paints on.
#[derive(Debug, Clone)]
pub struct Look {
    pub theme: Theme,
    pub glyphs: &'static Glyphs,
    /// Days and times are shown in this zone.
    pub zone: jiff::tz::TimeZone,
}

/// The colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    depth: Depth,
    light: bool,
}

impl Theme {
    /// `light`: the terminal's background is bright.
    pub const fn new(depth: Depth, light: bool) -> Self {
        Self { depth, light }
    }

    /// Ordinary text.
    pub fn text(self) -> Style {
        Style::new()
    }

    /// What may be overlooked: times, hints, lines.
    pub fn dim(self) -> Style {
        match self.depth {
            Depth::None => Style::new().add_modifier(Modifier::DIM),
            Depth::Sixteen => Style::new().fg(Color::DarkGray),
            _ => Style::new().fg(colour::grey(self.depth, self.light)),
        }
    }

    /// What is asked to be looked at: the open room, keys, unread counts.
    pub fn accent(self) -> Style {
        self.named(Color::Cyan, 220.0).add_modifier(Modifier::BOLD)
    }

    /// All is well: present, connected.
    pub fn good(self) -> Style {
        self.named(Color::Green, 150.0)
    }

    /// Not yet, or not quite.
    pub fn warn(self) -> Style {
        self.named(Color::Yellow, 85.0)
    }

    /// Refused, failed, irreversible.
    pub fn bad(self) -> Style {
        self.named(Color::Red, 25.0).add_modifier(Modifier::BOLD)
    }

    /// The row that keys act on.
    pub fn selected(self) -> Style {
        match self.depth {
            Depth::None | Depth::Sixteen => Style::new().add_modifier(Modifier::REVERSED),
            _ => Style::new().bg(colour::surface(self.depth, self.light)),
        }
    }

    /// The room that is open, in the list.
    pub fn open_room(self) -> Style {
        match self.depth {
            Depth::None | Depth::Sixteen => Style::new().add_modifier(Modifier::BOLD),
            _ => self.selected(),
        }
    }

    /// A field to write in.
    pub fn entry(self, focused: bool) -> Style {
        match self.depth {
            Depth::Cube | Depth::True if focused => self.selected(),
            _ => Style::new().add_modifier(Modifier::UNDERLINED),
        }
    }

    /// A match of a search.
    pub fn found(self) -> Style {
        self.warn().add_modifier(Modifier::UNDERLINED)
    }

    /// What a program says.
    pub fn code(self) -> Style {
        match self.depth {
            Depth::None => Style::new(),
            _ => self.named(Color::Magenta, 320.0),
        }
    }

    /// A person's name: a hue from the id, all equally light.
    pub fn person(self, user: UserId) -> Style {
        let style = match self.depth {
            Depth::None => Style::new(),
            depth => Style::new().fg(colour::of_user(user, depth, self.light)),
        };
        style.add_modifier(Modifier::BOLD)
    }

    fn named(self, ansi: Color, hue: f64) -> Style {
        match self.depth {
            Depth::None => Style::new(),
            Depth::Sixteen => Style::new().fg(ansi),
            depth => Style::new().fg(colour::hue(hue, depth, self.light)),
        }
    }
}
