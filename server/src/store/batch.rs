//! Statements over many rows, in few shapes: a prepared statement is kept for each text, so that the
//! number of texts must be small.
//!
//! Keys of several columns are joined, not compared by `IN`: SQLite would build a set of them first, and
//! older versions walked the whole table.

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

/// How many rows a statement for so many takes: the rest of its places repeat a row. That is
/// cheaper than a second statement, as long as a repeated row changes nothing.
pub(super) const fn roomy(rows: usize) -> usize {
    match rows {
        0..=4 => rows.next_power_of_two(),
        5..=32 => rows.next_multiple_of(4),
        _ => rows.next_multiple_of(32),
    }
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
    use sqlx::{Connection as _, Row as _};

    use super::super::{
        SQLITE, members::PLACED_SENDERS, messages::SENT_BEFORE, pins::PINNED, receipts::NAMED,
        standing,
    };
    use super::*;

    async fn plan(sql: String) -> Vec<String> {
        let mut conn = sqlx::SqliteConnection::connect("sqlite::memory:")
            .await
            .unwrap();
        SQLITE.run(&mut conn).await.unwrap();
        let steps = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")))
            .fetch_all(&mut conn)
            .await
            .unwrap();
        steps.iter().map(|step| step.get("detail")).collect()
    }

    #[tokio::test]
    async fn keys_are_looked_up_and_no_table_is_walked() {
        for [head, tail] in [PLACED_SENDERS, SENT_BEFORE, NAMED] {
            let steps = plan(format!("{head}VALUES (1, 2), (3, 4){tail}")).await;
            let is_walk = |step: &String| step.starts_with("SCAN") && !step.contains("VALUES");
            assert!(!steps.iter().any(is_walk), "{steps:?}");
            assert!(steps.len() > 2, "{steps:?}");
        }
    }

    #[tokio::test]
    async fn what_is_pinned_is_found_without_walking_the_room() {
        let steps = plan(PINNED.to_owned()).await;
        let found = |step: &String| step.starts_with("SEARCH m USING INDEX messages_pinned");
        assert!(steps.iter().any(found), "{steps:?}");
    }

    #[tokio::test]
    async fn a_page_is_read_from_its_place_on_and_everything_beside_it_is_looked_up() {
        for page in [standing::BEFORE, standing::AFTER] {
            let steps = plan(page.to_owned()).await;
            // The page itself, made of lines, is the one thing that is walked.
            let is_walk = |step: &&String| step.starts_with("SCAN") || step.contains("B-TREE");
            let walks: Vec<_> = steps.iter().filter(is_walk).collect();
            assert!(walks.len() <= 1, "{steps:?}");
            let in_place = |step: &String| step.starts_with("SEARCH m") && step.contains("seq>?");
            assert!(steps.iter().any(in_place), "{steps:?}");
        }
    }

    #[test]
    fn keys_are_padded_and_rows_are_cut_to_powers_of_two() {
        assert_eq!(padded::<u8>(&[]).count(), 0);
        assert_eq!(padded(&[1]).collect::<Vec<_>>(), [1]);
        assert_eq!(padded(&[1, 2, 3]).collect::<Vec<_>>(), [1, 2, 3, 3]);
        assert_eq!(padded(&[0; 256]).count(), 256);
        let sizes: std::collections::BTreeSet<_> = (1..=256).map(roomy).collect();
        assert!(sizes.len() < 20, "{sizes:?}");
        assert!((1..=256).all(|rows| (rows..rows + 32).contains(&roomy(rows))));
        let rows: Vec<_> = (0..77).collect();
        let slices: Vec<_> = in_powers_of_two(&rows).collect();
        let lengths: Vec<_> = slices.iter().map(|slice| slice.len()).collect();
        assert_eq!(lengths, [64, 8, 4, 1]);
        assert_eq!(slices.concat(), rows);
        assert_eq!(in_powers_of_two::<u8>(&[]).count(), 0);
    }
}
