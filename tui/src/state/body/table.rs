//! Tables: columns as wide as what they hold, narrower where that is more than there is.

use erc_client_core::markdown::{Align, Cell};

use super::{Bit, Line, Role, of_spans};

/// Cells between two columns.
const BETWEEN: usize = 3;
/// The fewest cells of a column; a table that has more columns than fit so is shown as rows of text.
const FEWEST: usize = 3;

pub(super) fn lay(columns: &[Align], head: &[Cell], rows: &[Vec<Cell>], width: usize) -> Vec<Line> {
    let all = std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let count = columns.len().max(1);
    let between = BETWEEN * (count - 1);
    if count * FEWEST + between > width {
        return all.flat_map(|row| of_row(row, width)).collect();
    }
    let widths = widths(all, count, width - between);
    let mut lines = of_cells(head, columns, &widths, Role::Heading);
    let mut rule = Vec::new();
    for (n, width) in widths.iter().enumerate() {
        if n > 0 {
            rule.push(Bit::Crossing);
        }
        rule.push(Bit::Rule(*width));
    }
    lines.push(Line(rule));
    for row in rows {
        lines.extend(of_cells(row, columns, &widths, Role::Plain));
    }
    lines
}

/// A row where there is no place for columns: one cell below the other.
fn of_row(row: &[Cell], width: usize) -> Vec<Line> {
    row.iter()
        .flat_map(|cell| of_spans(&cell.spans, Role::Plain, width))
        .collect()
}

/// The widest column gives until all fit.
fn widths<'a>(rows: impl Iterator<Item = &'a [Cell]>, count: usize, room: usize) -> Vec<usize> {
    let mut widths = vec![FEWEST; count];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            let lines = of_spans(&cell.spans, Role::Plain, usize::MAX);
            let widest = lines.iter().map(Line::width).max().unwrap_or(0);
            *width = (*width).max(widest.min(room));
        }
    }
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > FEWEST => *widest -= 1,
            _ => break,
        }
    }
    widths
}

/// The lines of a row: as many as its highest cell has.
fn of_cells(row: &[Cell], columns: &[Align], widths: &[usize], role: Role) -> Vec<Line> {
    let cells: Vec<Vec<Line>> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| of_spans(&cell.spans, role, *width))
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    (0..height)
        .map(|n| {
            let mut bits = Vec::new();
            for (column, width) in widths.iter().enumerate() {
                if column > 0 {
                    bits.push(Bit::Column);
                }
                let line = cells.get(column).and_then(|lines| lines.get(n));
                let line = line.cloned().unwrap_or_default();
                let left = width.saturating_sub(line.width());
                let before = match columns.get(column) {
                    Some(Align::Right) => left,
                    Some(Align::Centre) => left / 2,
                    _ => 0,
                };
                bits.push(Bit::Space(before));
                bits.extend(line.0);
                bits.push(Bit::Space(left - before));
            }
            Line(bits)
        })
        .collect()
}
