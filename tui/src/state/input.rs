//! A field for the user's own text, of one line or several.
//!
//! The one place where state holds a widget's model: the editor is ratatui-textarea's. What enters
//! by paste is cleaned of characters that could not be sent and would not be seen.

use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use erc_client_core::protocol::validate::is_deceptive;
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

/// The field.
#[derive(Debug, Clone)]
pub struct Input {
    area: TextArea<'static>,
    multiline: bool,
    secret: bool,
    /// Set by every change of the text; see [`Self::take_changed`].
    changed: Cell<bool>,
}

impl Input {
    /// A field of one line.
    pub fn line(text: &str) -> Self {
        Self::with(text, false)
    }

    /// A field of several lines, wrapped.
    pub fn block(text: &str) -> Self {
        Self::with(text, true)
    }

    /// A field that doesn't show what is typed.
    pub fn secret() -> Self {
        Self::with("", false).hidden()
    }

    fn hidden(mut self) -> Self {
        self.area.set_mask_char('*');
        self.secret = true;
        self
    }

    fn with(text: &str, multiline: bool) -> Self {
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_wrap_mode(if multiline {
            WrapMode::WordOrGlyph
        } else {
            WrapMode::None
        });
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        area.set_cursor_line_style(ratatui::style::Style::new());
        area.set_cursor_style(ratatui::style::Style::new());
        Self {
            area,
            multiline,
            secret: false,
            changed: Cell::new(false),
        }
    }

    /// What was typed.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// What stands before the cursor.
    pub fn before_cursor(&self) -> String {
        let cursor = self.area.cursor();
        let (row, column) = (cursor.0, cursor.1);
        let lines = self.area.lines();
        let mut before = String::new();
        for line in &lines[..row] {
            before.push_str(line);
            before.push('\n');
        }
        before.extend(lines[row].chars().take(column));
        before
    }

    /// Puts something in the place of what stands before the cursor.
    pub fn replace_before(&mut self, typed: &str, with: &str) {
        for _ in typed.chars() {
            self.area.delete_char();
        }
        self.area.insert_str(with);
        self.changed.set(true);
    }

    /// The editor, for the view.
    pub fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// Whether the cursor is in the first line, so that "up" may mean something else.
    pub fn at_first_line(&self) -> bool {
        self.area.cursor().0 == 0
    }

    /// Replaces the text; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        let mut input = Self::with(text, self.multiline);
        if self.secret {
            input = input.hidden();
        }
        *self = input;
        self.changed.set(true);
    }

    /// A key, with the editor's own meaning; Ctrl-U and Ctrl-Z mean what they mean in a shell and
    /// elsewhere (delete to the beginning of the line, undo).
    pub fn key(&mut self, key: KeyEvent) {
        let changed = match (key.code, key.modifiers) {
            (KeyCode::Char('u'), KeyModifiers::CONTROL) => self.area.delete_line_by_head(),
            (KeyCode::Char('z'), KeyModifiers::CONTROL) => self.area.undo(),
            (KeyCode::Enter, _) => false,
            _ => self.area.input(key),
        };
        if changed {
            self.changed.set(true);
        }
    }

    /// Begins a new line (in a field of several).
    pub fn break_line(&mut self) {
        if self.multiline {
            self.area.insert_newline();
            self.changed.set(true);
        }
    }

    /// Inserts what the terminal pasted. Line ends become `\n` (spaces, in a field of one line).
    /// Answers how many characters were left out because nobody could see or send them.
    pub fn paste(&mut self, pasted: &str) -> usize {
        let pasted = pasted.replace("\r\n", "\n").replace('\r', "\n");
        let mut dropped = 0;
        let clean: String = pasted
            .chars()
            .filter_map(|c| match c {
                '\n' | '\t' if self.multiline => Some(c),
                '\n' | '\t' => Some(' '),
                c if is_deceptive(c) => {
                    dropped += 1;
                    None
                }
                c => Some(c),
            })
            .collect();
        let clean = if self.multiline {
            clean.as_str()
        } else {
            clean.trim()
        };
        if self.area.insert_str(clean) {
            self.changed.set(true);
        }
        dropped
    }

    /// Puts the cursor where a click was, `row` and `column` counted from the field's corner.
    pub fn click(&mut self, row: u16, column: u16) {
        let (top, left) = self.area.scroll_offset();
        let at = self
            .area
            .screen_to_data(usize::from(row + top), usize::from(column + left));
        let clamp = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        self.area
            .move_cursor(CursorMove::Jump(clamp(at.0), clamp(at.1)));
    }

    /// Whether the text changed since the last time this was asked.
    pub fn take_changed(&self) -> bool {
        self.changed.replace(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_keeps_its_lines_whatever_ends_them() {
        let mut input = Input::block("");
        assert_eq!(input.paste("a\r\nb\rc\nd"), 0);
        assert_eq!(input.text(), "a\nb\nc\nd");
    }

    #[test]
    fn a_paste_leaves_out_what_can_not_be_seen() {
        let mut input = Input::block("");
        assert_eq!(input.paste("a\u{1b}[31mb\u{202e}c\0"), 3);
        assert_eq!(input.text(), "a[31mbc");
    }

    #[test]
    fn a_field_of_one_line_stays_one() {
        let mut input = Input::line("");
        input.paste("secret\r\n");
        assert_eq!(input.text(), "secret");
        input.break_line();
        assert_eq!(input.text(), "secret");
    }
}
