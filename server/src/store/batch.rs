//! Statements over many rows, in few shapes: a prepared statement is kept for each text, so that the
//! number of texts must be small.

/// The same set of keys, the last one repeated up to the next power of two.
pub(super) fn padded<T: Copy>(keys: &[T]) -> impl Iterator<Item = T> {
    let last = keys.last().copied();
    let more = keys.len().next_power_of_two() - keys.len();
    let repeated = last
        .into_iter()
        .cycle()
        .take(if last.is_some() { more } else { 0 });
    keys.iter().copied().chain(repeated)
}

/// The rows in slices whose lengths are powers of two, the longest first.
pub(super) fn in_powers_of_two<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().checked_ilog2()?;
        let (slice, rest) = rows.split_at(length);
        rows = rest;
        Some(slice)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_padded_and_rows_are_cut_to_powers_of_two() {
        assert_eq!(padded::<u8>(&[]).count(), 0);
        assert_eq!(padded(&[1]).collect::<Vec<_>>(), [1]);
        assert_eq!(padded(&[1, 2, 3]).collect::<Vec<_>>(), [1, 2, 3, 3]);
        assert_eq!(padded(&[0; 256]).count(), 256);
        let rows: Vec<_> = (0..77).collect();
        let slices: Vec<_> = in_powers_of_two(&rows).collect();
        let lengths: Vec<_> = slices.iter().map(|slice| slice.len()).collect();
        assert_eq!(lengths, [64, 8, 4, 1]);
        assert_eq!(slices.concat(), rows);
        assert_eq!(in_powers_of_two::<u8>(&[]).count(), 0);
    }
}
