//! The signs that the client draws itself, with and without Unicode.

use ratatui::symbols::border;

/// One set of signs. All are one cell wide, except `ellipsis`.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    pub online: &'static str,
    pub idle: &'static str,
    /// Of who does not want to be disturbed.
    pub quiet: &'static str,
    pub offline: &'static str,
    pub unknown: &'static str,
    pub room: &'static str,
    pub private: &'static str,
    pub announcement: &'static str,
    pub current: &'static str,
    pub reply: &'static str,
    /// A thread.
    pub thread: &'static str,
    /// Before whose text a message has.
    pub forwarded: &'static str,
    /// At a pinned message.
    pub pinned: &'static str,
    pub sent: &'static str,
    /// Read by everybody; stands twice, as `sent` does once delivered to everybody.
    pub read: &'static str,
    /// Before the number of mentions.
    pub mention: &'static str,
    pub waiting: &'static str,
    /// Before when a message goes by itself.
    pub goes: &'static str,
    pub failed: &'static str,
    pub draft: &'static str,
    pub rule: &'static str,
    pub bar: &'static str,
    pub down: &'static str,
    pub gap: &'static str,
    pub dot: &'static str,
    /// Before an item of a list.
    pub bullet: &'static str,
    /// Where two lines cross.
    pub cross: &'static str,
    /// Over what is covered.
    pub cover: &'static str,
    /// The cells of a bar: what is full, and what is not.
    pub full: &'static str,
    pub empty: &'static str,
    pub ellipsis: &'static str,
    /// Columns from nothing to full, and what bars are made of: the last.
    pub bars: [&'static str; 9],
    pub border: border::Set<'static>,
    /// Joints of lines: left, right, up, down.
    pub tees: [&'static str; 4],
}

/// For terminals that draw Unicode.
pub(super) static UNICODE: Glyphs = Glyphs {
    online: "●",
    idle: "◐",
    quiet: "⊘",
    offline: "○",
    unknown: "·",
    room: "#",
    private: "◆",
    announcement: "!",
    current: "▸",
    reply: "↪",
    thread: "≡",
    forwarded: "⇒",
    pinned: "⚑",
    sent: "✓",
    read: "✓",
    mention: "@",
    waiting: "◌",
    goes: "◔",
    failed: "✗",
    draft: "✎",
    rule: "─",
    bar: "│",
    down: "↓",
    gap: "┄",
    dot: "·",
    bullet: "•",
    cross: "┼",
    cover: "▒",
    full: "█",
    empty: "░",
    ellipsis: "…",
    bars: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    border: border::PLAIN,
    tees: ["├", "┤", "┴", "┬"],
};

/// For those that don't.
pub(super) static ASCII: Glyphs = Glyphs {
    online: "*",
    idle: "~",
    quiet: "x",
    offline: "o",
    unknown: ".",
    room: "#",
    private: "&",
    announcement: "!",
    current: ">",
    reply: "^",
    thread: "=",
    forwarded: "=>",
    pinned: "P",
    sent: "v",
    read: "V",
    mention: "@",
    waiting: ".",
    goes: "~",
    failed: "x",
    draft: "%",
    rule: "-",
    bar: "|",
    down: "v",
    gap: ".",
    dot: "-",
    bullet: "-",
    cross: "+",
    cover: "#",
    full: "#",
    empty: ".",
    ellipsis: "...",
    bars: [" ", ".", ":", "-", "=", "+", "*", "%", "#"],
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
    tees: ["+", "+", "+", "+"],
};

impl Glyphs {
    /// `ascii`: nothing beyond ASCII.
    pub fn of(ascii: bool) -> &'static Self {
        if ascii { &ASCII } else { &UNICODE }
    }

    /// Whether the locale's character set (`LC_ALL`, `LC_CTYPE`, `LANG`) is UTF-8.
    pub fn locale_is_utf8(var: impl Fn(&str) -> Option<String>) -> bool {
        if cfg!(windows) || cfg!(target_os = "macos") {
            return true;
        }
        ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| var(name).filter(|v| !v.is_empty()))
            .is_some_and(|v| {
                let v = v.to_ascii_lowercase();
                v.contains("utf-8") || v.contains("utf8")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let utf8 = |pairs: &'static [(&str, &str)]| {
            Glyphs::locale_is_utf8(|name| {
                pairs
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(utf8(&[("LANG", "en_GB.UTF-8")]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]));
        assert!(utf8(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8")]));
    }
}
