//! Rows of words under each other, for people.

/// Columns as wide as they need to be, two spaces between; the last one ends where it ends.
pub(super) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let head = head.map(str::to_owned);
    let mut widths = [0; N];
    for row in std::iter::once(&head).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    let lines: Vec<_> = std::iter::once(&head).chain(rows).map(line).collect();
    lines.join("\n")
}

/// What people wrote, for a terminal: nothing in it moves the cursor or turns the text round.
pub(super) fn safe(text: &str) -> String {
    text.chars()
        .map(|c| {
            if erc_protocol::validate::is_deceptive(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = [["1", "häuser", "x"], ["200", "b", "yy"]].map(|row| row.map(str::to_owned));
        assert_eq!(
            table(["id", "name", "end"], &rows),
            "id   name    end\n1    häuser  x\n200  b       yy"
        );
    }

    #[test]
    fn nothing_that_people_wrote_drives_the_terminal() {
        assert!(!safe("a\u{1b}[2Jb\u{202e}c\nd").contains(['\u{1b}', '\u{202e}', '\n']));
        assert_eq!(safe("häuser 🦀"), "häuser 🦀");
    }
}
