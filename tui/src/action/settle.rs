//! What follows from the state after everything that happened was handled: rows are laid, places
//! reached, what is seen is marked as read, holes in sight are filled, and what changed is read
//! again. One question of each kind is under way at a time, however often something changes.

use erc_client_core::{
    protocol::Seq,
    view::{Connection, Item, Timeline},
};

use super::requests;
use crate::{
    command::Command,
    layout,
    state::{
        Chat, Goal, Loadable, OpenRoom, Size, State, chat::hole_at, rows, scroll::Place,
        window::Span,
    },
};

/// Rows from the edge of what is loaded at which more is loaded.
const NEAR: usize = 30;
/// Rows above the first unread message when a room opens there: its day and the line.
const UNREAD_LINES: u16 = 2;
/// Messages of a large hole that are asked for at a time.
const PIECE: i64 = 100;

/// Brings everything in line. Call once before drawing.
pub fn settle(state: &mut State) {
    let (size, focused) = (state.size, state.focused);
    let mut commands = Vec::new();
    if let Some(chat) = state.chat_mut() {
        let pane = layout::panes(size, chat).timeline;
        let last = chat.open_summary().map_or(Seq::ZERO, |r| r.last_seq);
        requests::keep_reading(chat);
        // What is not accepted is not read, whatever is seen of it.
        let watching = !chat.is_asked() && focused && chat.overlay.is_none() && pane.width > 0;
        if let Some(open) = &mut chat.open {
            if open.laid_width != pane.width {
                open.lay(pane.width);
            }
            let live = matches!(chat.connection, Connection::Live { .. });
            // What is about to be read again may be where the reader is going.
            if !chat.wants.timeline {
                reach(open, pane.height, live);
            }
            arrive(open, pane.height);
            // What is about to be read anyway is not to be widened under its feet.
            if !chat.wants.timeline {
                chat.wants.timeline = extend(open, pane.height, last);
            }
            fill(open, pane.height, &mut commands);
            if watching {
                mark_read(open, pane.height, &mut commands);
            }
        }
        ask_wanted(chat, &mut commands);
    }
    for command in commands {
        state.ask(command);
    }
}

/// Puts a loaded timeline in place; the reader's place and selection stay.
pub(super) fn put_timeline(open: &mut OpenRoom, timeline: Timeline) {
    // The reader may have gone elsewhere since this was asked for, or is on the way into a hole:
    // what is loaded stays around that place until it is here.
    let under_way = open
        .going_to
        .is_some_and(|goal| hole_at(&timeline.items, goal.seq()).is_some());
    if open.asked_span == open.span && open.thread.is_none() && !under_way {
        open.span = open.span.settled(&timeline);
    }
    let before = open.selected_message().map(|m| (m.key.clone(), m.seq));
    open.timeline = Loadable::Ready(timeline);
    let width = open.laid_width;
    open.lay(width);
    if open.selected_message().is_none() {
        // The selected message is gone from the window: the one in its place.
        open.selected = before
            .and_then(|(_, seq)| rows::key_at(open.items(), seq?))
            .map(str::to_owned);
    }
}

/// On opening: the newest messages, or the unread line if it would not be seen then.
pub(super) fn show_unread_line(chat: &mut Chat, size: Size) {
    let pane = layout::panes(size, chat).timeline;
    let Some(open) = &mut chat.open else { return };
    open.lay(pane.width);
    let line = open
        .rows
        .iter()
        .position(|row| matches!(open.items().get(row.item), Some(Item::Unread { .. })));
    let newest = open.top(pane.height);
    if let Some(line) = line.filter(|line| *line < newest) {
        open.place = Place::holding(
            open.items(),
            &open.rows,
            line.saturating_sub(1),
            pane.height,
            false,
        );
    }
    // The first of what is unread may not be here yet.
    let unread = open
        .items()
        .iter()
        .position(|item| matches!(item, Item::Unread { .. }));
    let below = unread.and_then(|at| open.items().get(at + 1));
    if let (Some(Item::Hole { from, .. }), None) = (below, open.thread) {
        let first = (*from).max(open.marked.next());
        open.going_to = Some(Goal::Unread(first));
        open.span = Span::Around(first);
        chat.wants.timeline = true;
    }
}

/// Goes to where the reader is going, if that is loaded. A place that is not on this machine is
/// waited for while there is a link; without one the next message that is here has to do.
fn reach(open: &mut OpenRoom, height: u16, live: bool) {
    let Some(goal) = open.going_to else { return };
    let seq = goal.seq();
    if open.timeline_asked {
        return;
    }
    if live && open.thread.is_none() && hole_at(open.items(), seq).is_some() {
        return;
    }
    let covered = open.timeline.ready().is_some_and(|t| {
        t.from_seq.is_some_and(|from| from <= seq) && t.to_seq.is_some_and(|to| to >= seq)
    });
    open.going_to = None;
    if !covered {
        return;
    }
    if let Some(key) = rows::key_at(open.items(), seq).map(str::to_owned) {
        match goal {
            Goal::Message(_) => {
                open.place = Place::on(open.items(), &key, height / 3);
                open.selected = Some(key);
            }
            // The line itself stands above it.
            Goal::Unread(_) => open.place = Place::on(open.items(), &key, UNREAD_LINES),
        }
    }
}

/// Whoever has come down to the newest message stays there as more arrive.
fn arrive(open: &mut OpenRoom, height: u16) {
    let most = open.rows.len().saturating_sub(usize::from(height));
    let at_end = open.timeline.ready().is_some_and(|t| t.at_end);
    if open.place != Place::Newest && at_end && open.top(height) >= most {
        open.place = Place::Newest;
    }
}

/// Widens what is loaded where the reader comes near its edge.
fn extend(open: &mut OpenRoom, height: u16, last: Seq) -> bool {
    if open.timeline_asked || open.going_to.is_some() {
        return false;
    }
    let Some(timeline) = open.timeline.ready() else {
        return false;
    };
    let top = open.top(height);
    let bottom = top + usize::from(height);
    let wider = if open.thread.is_some() {
        let more = super::threads::count(open.span).saturating_mul(2);
        (top < NEAR && !timeline.at_start).then_some(Span::Newest(more))
    } else if top < NEAR && !timeline.at_start {
        Span::older(timeline)
    } else if bottom + NEAR >= open.rows.len() && !timeline.at_end {
        Span::newer(timeline, last)
    } else {
        None
    };
    match wider {
        Some(span) if span != open.span => {
            // At the newest loaded row and not at the newest message: the place is a message, or
            // the view would run along with what is loaded.
            if open.place == Place::Newest && !timeline.at_end {
                open.place = Place::holding(open.items(), &open.rows, top, height, false);
            }
            open.span = span;
            true
        }
        _ => false,
    }
}

/// Asks for the holes in sight, and those about to come into it; on the way to a place, for what is
/// missing around that place and nothing else.
fn fill(open: &mut OpenRoom, height: u16, commands: &mut Vec<Command>) {
    if let (Some(goal), None) = (open.going_to, open.thread) {
        if let Some((from, to)) = hole_at(open.items(), goal.seq()) {
            let from = Seq(goal.seq().0 - PIECE / 4).max(from);
            let piece = (from, Seq(from.0 + PIECE - 1).min(to));
            ask_for(open, vec![piece], commands);
        }
        return;
    }
    let lines = usize::from(height);
    let top = open.top(height);
    let near = top.saturating_sub(lines)..(top + 2 * lines).min(open.rows.len());
    let mut wanted = Vec::new();
    for at in near {
        let Some(Item::Hole { from, to }) = open.items().get(open.rows[at].item) else {
            continue;
        };
        // Of a large hole, the side that the reader comes from.
        let piece = if to.0 - from.0 < PIECE {
            (*from, *to)
        } else if at < top + lines / 2 {
            (Seq(to.0 - PIECE + 1), *to)
        } else {
            (*from, Seq(from.0 + PIECE - 1))
        };
        wanted.push(piece);
    }
    ask_for(open, wanted, commands);
}

/// Asks once for each piece of what is missing.
fn ask_for(open: &mut OpenRoom, mut wanted: Vec<(Seq, Seq)>, commands: &mut Vec<Command>) {
    wanted.retain(|piece| !open.filling.contains(piece));
    for (from, to) in wanted {
        open.filling.push((from, to));
        let room = open.id;
        commands.push(match open.thread {
            Some(thread) => Command::FillThread { room, thread },
            None => Command::Fill { room, from, to },
        });
    }
}

/// What is on the screen is read, and so is what stands before it unless it is not here yet; the
/// newest message reads all.
fn mark_read(open: &mut OpenRoom, height: u16, commands: &mut Vec<Command>) {
    if open.opened.is_none() || open.going_to.is_some() {
        return;
    }
    let Some(last) = open.last_visible(height) else {
        return;
    };
    let is_newest = open.place == Place::Newest || open.thread.is_some();
    let missing = open.items().iter().find_map(|item| match item {
        Item::Hole { from, to } if *to > open.marked && *from <= last => Some(*from),
        _ => None,
    });
    let read = missing.filter(|_| !is_newest).map_or(last, Seq::prev);
    if let Some(seq) = Some(read).filter(|seq| *seq > open.marked) {
        open.marked = seq;
        let room = open.id;
        commands.push(match open.thread {
            Some(thread) => Command::MarkThreadRead { room, thread, seq },
            None => Command::MarkRead { room, seq },
        });
    }
}

fn ask_wanted(chat: &mut Chat, commands: &mut Vec<Command>) {
    if chat.wants.rooms && !chat.rooms_asked {
        chat.wants.rooms = false;
        chat.rooms_asked = true;
        commands.push(Command::LoadRooms);
    }
    let Some(open) = &mut chat.open else { return };
    if chat.wants.timeline
        && !open.timeline_asked
        && let Some(opened) = open.opened
    {
        chat.wants.timeline = false;
        open.timeline_asked = true;
        open.asked_span = open.span;
        let room = open.id;
        // Who had read everything sees no line above what arrives under their eyes.
        let unread_after = (opened.unread > 0).then_some(opened.read_seq);
        commands.push(match open.thread {
            Some(thread) => Command::LoadThread {
                room,
                thread,
                count: super::threads::count(open.span),
                unread_after,
            },
            None => Command::LoadTimeline {
                room,
                window: open.span.window(),
                unread_after,
            },
        });
    }
    if chat.wants.members && !open.members_asked {
        chat.wants.members = false;
        open.members_asked = true;
        commands.push(Command::LoadMembers { room: open.id });
    }
}
