//! The list of rooms as it is shown: how many requests wait, rooms, then people, each newest activity first.

use erc_client_core::{
    protocol::{RoomId, RoomKind},
    view::RoomSummary,
};

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRow<'a> {
    /// How many requests wait.
    Requests(usize),
    Title(&'static str),
    Room(&'a RoomSummary),
}

/// The lines, top to bottom.
pub fn lines(rooms: &[RoomSummary], requests: usize) -> Vec<ListRow<'_>> {
    let mut lines = Vec::with_capacity(rooms.len() + 3);
    if requests > 0 {
        lines.push(ListRow::Requests(requests));
    }
    for (title, direct) in [("Rooms", false), ("Direct", true)] {
        let mut group = rooms
            .iter()
            .filter(|r| (r.kind == RoomKind::Direct) == direct)
            .peekable();
        if group.peek().is_some() {
            lines.push(ListRow::Title(title));
            lines.extend(group.map(ListRow::Room));
        }
    }
    lines
}

/// The first line on the screen, so that the open room is seen.
pub fn first_line(lines: &[ListRow<'_>], open: Option<RoomId>, height: u16) -> usize {
    let height = usize::from(height);
    let at = lines
        .iter()
        .position(|l| matches!(l, ListRow::Room(r) if Some(r.id) == open))
        .unwrap_or(0);
    let most = lines.len().saturating_sub(height);
    // A few lines of what comes next stay in sight.
    (at + 3).saturating_sub(height).min(most)
}

/// The rooms in the order of the list.
pub fn order(rooms: &[RoomSummary]) -> Vec<&RoomSummary> {
    lines(rooms, 0)
        .into_iter()
        .filter_map(|line| match line {
            ListRow::Room(room) => Some(room),
            ListRow::Requests(_) | ListRow::Title(_) => None,
        })
        .collect()
}

/// The room `step` places on from `from`, around the end.
pub fn neighbour(rooms: &[RoomSummary], from: Option<RoomId>, step: isize) -> Option<RoomId> {
    let order = order(rooms);
    let count = isize::try_from(order.len()).ok().filter(|n| *n > 0)?;
    let at = order.iter().position(|r| Some(r.id) == from);
    let at = at.map_or(if step > 0 { -1 } else { 0 }, |at| {
        isize::try_from(at).unwrap_or(0)
    });
    let to = usize::try_from((at + step).rem_euclid(count)).ok()?;
    Some(order[to].id)
}

/// The next room after `from` with something unread.
pub fn next_unread(rooms: &[RoomSummary], from: Option<RoomId>) -> Option<RoomId> {
    let order = order(rooms);
    let at = order
        .iter()
        .position(|r| Some(r.id) == from)
        .map_or(0, |at| at + 1);
    order
        .iter()
        .cycle()
        .skip(at)
        .take(order.len())
        .find(|r| r.unread > 0 && Some(r.id) != from)
        .map(|r| r.id)
}
