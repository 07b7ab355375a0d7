//! Places that exist and are not held. Ranges of a room are disjoint and never touch.

use std::ops::RangeInclusive;

use erc_protocol::{RoomId, Seq};
use rusqlite::{Connection, params};

use crate::error::Result;

/// A range of places.
pub(crate) type Hole = RangeInclusive<i64>;

/// Those that overlap `from..=to`, lowest first.
pub(crate) fn list(conn: &Connection, room: RoomId, from: Seq, to: Seq) -> Result<Vec<Hole>> {
    let mut statement = conn.prepare_cached(
        "SELECT lo, hi FROM holes WHERE room_id = ?1 AND lo <= ?3 AND hi >= ?2 ORDER BY lo",
    )?;
    let rows = statement.query_map(params![room.0, from.0, to.0], |row| {
        Ok(row.get::<_, i64>(0)?..=row.get(1)?)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// These places are held now (or don't exist): cuts them out.
pub(crate) fn remove(conn: &Connection, room: RoomId, from: Seq, to: Seq) -> Result<()> {
    for hole in list(conn, room, from, to)? {
        delete(conn, room, &hole)?;
        if *hole.start() < from.0 {
            insert(conn, room, *hole.start(), from.0 - 1)?;
        }
        if *hole.end() > to.0 {
            insert(conn, room, to.0 + 1, *hole.end())?;
        }
    }
    Ok(())
}

/// These places are not held: joins them with what touches them.
fn add(conn: &Connection, room: RoomId, from: i64, to: i64) -> Result<()> {
    let (mut lo, mut hi) = (from, to);
    for hole in list(conn, room, Seq(from - 1), Seq(to.saturating_add(1)))? {
        delete(conn, room, &hole)?;
        lo = lo.min(*hole.start());
        hi = hi.max(*hole.end());
    }
    insert(conn, room, lo, hi)
}

/// Every place of the range that no row holds becomes part of a hole.
pub(crate) fn add_missing(conn: &Connection, room: RoomId, from: Seq, to: Seq) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT seq FROM messages WHERE room_id = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq",
    )?;
    let held = statement.query_map(params![room.0, from.0, to.0], |row| row.get::<_, i64>(0))?;
    let held = held.collect::<rusqlite::Result<Vec<_>>>()?;
    for gap in gaps(from.0, to.0, &held) {
        add(conn, room, *gap.start(), *gap.end())?;
    }
    Ok(())
}

/// What of `from..=to` is not in `held` (rising).
pub(crate) fn gaps(from: i64, to: i64, held: &[i64]) -> Vec<Hole> {
    let mut gaps = Vec::new();
    let mut next = from;
    for &seq in held {
        if seq > next {
            gaps.push(next..=seq - 1);
        }
        next = next.max(seq + 1);
    }
    if next <= to {
        gaps.push(next..=to);
    }
    gaps
}

fn insert(conn: &Connection, room: RoomId, lo: i64, hi: i64) -> Result<()> {
    conn.prepare_cached("INSERT INTO holes (room_id, lo, hi) VALUES (?1, ?2, ?3)")?
        .execute(params![room.0, lo, hi])?;
    Ok(())
}

fn delete(conn: &Connection, room: RoomId, hole: &Hole) -> Result<()> {
    conn.prepare_cached("DELETE FROM holes WHERE room_id = ?1 AND lo = ?2")?
        .execute(params![room.0, hole.start()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::schema::open_in_memory;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const ROOM: RoomId = RoomId(1);

    fn places(conn: &Connection) -> BTreeSet<i64> {
        let holes = list(conn, ROOM, Seq(0), Seq(1000)).unwrap();
        for pair in holes.windows(2) {
            assert!(
                pair[0].end() + 1 < *pair[1].start(),
                "holes touch: {holes:?}"
            );
        }
        holes.into_iter().flatten().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]
        #[test]
        fn holes_behave_like_a_set_of_places(
            steps in proptest::collection::vec((any::<bool>(), 1i64..40, 0i64..12), 1..30),
        ) {
            let conn = open_in_memory();
            let mut model = BTreeSet::new();
            for (is_added, from, length) in steps {
                let to = from + length;
                if is_added {
                    add_missing(&conn, ROOM, Seq(from), Seq(to)).unwrap();
                    model.extend(from..=to);
                } else {
                    remove(&conn, ROOM, Seq(from), Seq(to)).unwrap();
                    model.retain(|place| !(from..=to).contains(place));
                }
                prop_assert_eq!(&places(&conn), &model);
            }
        }
    }

    #[test]
    fn gaps_are_what_is_not_held() {
        assert_eq!(gaps(1, 10, &[1, 2, 5, 10]), vec![3..=4, 6..=9]);
        assert_eq!(gaps(1, 3, &[]), vec![1..=3]);
        assert!(gaps(4, 3, &[]).is_empty());
    }
}
