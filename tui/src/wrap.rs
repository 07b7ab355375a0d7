//! Breaking text into lines of a width in terminal cells: at spaces where possible, inside a word
//! where it is too long, never inside what is drawn as one sign.

use std::ops::Range;

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Cells that `text` takes.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(cells).sum()
}

/// Cells that one grapheme takes, as the terminal buffer counts them.
fn cells(grapheme: &str) -> usize {
    grapheme.cell_width().into()
}

/// The lines of `text` as byte ranges, each at most `width` cells wide (a sign wider than `width`
/// stands alone). Spaces at a break belong to no line. Never empty: empty text is one empty line.
pub fn wrap(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        wrap_line(line, start, width.max(1), &mut lines);
        start += line.len() + 1;
    }
    lines
}

fn wrap_line(line: &str, offset: usize, width: usize, lines: &mut Vec<Range<usize>>) {
    let mut start = 0;
    let mut used = 0;
    // End of the last word that fits, and where the next begins.
    let mut space: Option<(usize, usize)> = None;
    for (at, grapheme) in line.grapheme_indices(true) {
        let cells = cells(grapheme);
        if grapheme == " " {
            // A run of spaces breaks once, at its first.
            match &mut space {
                Some((_, next)) if *next == at => *next = at + 1,
                _ => space = Some((at, at + 1)),
            }
            used += 1;
            continue;
        }
        if used + cells > width && at > start {
            if let Some((end, next)) = space.filter(|(end, _)| *end > start) {
                lines.push(offset + start..offset + end);
                start = next;
                used = self::width(&line[next..at]);
            } else {
                // Indentation wider than the line is let go.
                if !line[start..at].trim_matches(' ').is_empty() {
                    lines.push(offset + start..offset + at);
                }
                start = at;
                used = 0;
            }
            space = None;
            // A word that doesn't fit in a line of its own breaks here as well.
            if used + cells > width && at > start {
                lines.push(offset + start..offset + at);
                start = at;
                used = 0;
            }
        }
        used += cells;
    }
    let end = start + line[start..].trim_end_matches(' ').len();
    lines.push(offset + start..offset + end);
}

/// The longest beginning of `text` that fits, in bytes, and the cells it takes.
pub fn prefix(text: &str, width: usize) -> (usize, usize) {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let cells = cells(grapheme);
        if used + cells > width {
            return (at, used);
        }
        used += cells;
    }
    (text.len(), used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: usize) -> Vec<&str> {
        wrap(text, width).into_iter().map(|r| &text[r]).collect()
    }

    #[test]
    fn breaks_at_spaces() {
        assert_eq!(lines("the quick brown fox", 10), ["the quick", "brown fox"]);
    }

    #[test]
    fn breaks_a_word_that_is_too_long() {
        assert_eq!(lines("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(lines("ab cdefghij", 4), ["ab", "cdef", "ghij"]);
    }

    #[test]
    fn keeps_the_writers_lines_and_their_indentation() {
        assert_eq!(lines("a\n\n  b", 10), ["a", "", "  b"]);
        assert_eq!(lines("", 10), [""]);
    }

    #[test]
    fn wide_signs_take_two_cells() {
        assert_eq!(lines("日本語テスト", 5), ["日本", "語テ", "スト"]);
    }

    #[test]
    fn a_sign_of_several_characters_is_never_cut() {
        let family = "👨‍👩‍👧";
        let text = format!("{family}{family}");
        assert_eq!(lines(&text, 3), [family, family]);
        assert_eq!(
            lines("e\u{301}e\u{301}e\u{301}", 2),
            ["e\u{301}e\u{301}", "e\u{301}"]
        );
    }

    #[test]
    fn no_line_is_wider_than_asked_and_nothing_but_spaces_is_lost() {
        let text = "Lorem ipsum 日本語 dolor   sit a👍met, consectetur-adipiscing e\u{301}lit  x";
        for cells in 2..40 {
            let lines = lines(text, cells);
            assert!(
                lines.iter().all(|l| width(l) <= cells),
                "{cells}: {lines:?}"
            );
            let strip = |t: &str| t.replace(' ', "");
            assert_eq!(strip(&lines.concat()), strip(text), "{cells}");
        }
    }

    #[test]
    fn a_prefix_stops_before_half_a_sign() {
        assert_eq!(prefix("a日b", 2), (1, 1));
        assert_eq!(prefix("a日b", 3), (4, 3));
        assert_eq!(prefix("abc", 9), (3, 3));
    }
}
